"""The models: reading what the API server sends, writing what it takes."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from schema_examples import complete

from cloudscaling.api import meta
from cloudscaling.api.base import Json, camel
from cloudscaling.api.conditions import Condition, ConditionStatus, ConditionType, Reason
from cloudscaling.api.schema import kind_schema
from cloudscaling.api.v1alpha1 import MODELS, CloudAccount, ScalingGroup, ScalingPolicy
from cloudscaling.api.v1alpha1.common import Operation
from cloudscaling.api.v1alpha1.scalinggroup_status import Managed, ScalingGroupStatus

GROUP: Json = {
    "apiVersion": meta.API_VERSION,
    "kind": "ScalingGroup",
    "metadata": {
        "name": "web",
        "namespace": "shop",
        "uid": "0b5e",
        "generation": 4,
        "resourceVersion": "77",
        "creationTimestamp": "2026-03-02T06:00:00Z",
        "finalizers": [meta.FINALIZER],
        "annotations": {meta.RECONCILE_REQUESTED_AT: "now"},
        "managedFields": [{"manager": "kubectl"}],
    },
    "spec": {
        "accountRef": {"name": "acme"},
        "minSize": 1,
        "maxSize": 9,
        "launchConfigurationRef": {"name": "web"},
        "loadBalancers": {"targets": [{"name": "https", "port": 443}]},
    },
}


def dumped(model: Any) -> Json:
    """JSON of a model as it is sent to the API server."""
    result: Json = model.model_dump(by_alias=True, exclude_none=True, mode="json")
    return result


def test_object_is_read() -> None:
    """Metadata, spec and defaults of an object of the API server arrive typed."""
    group = ScalingGroup.model_validate(GROUP)
    assert group.metadata.finalizers == ("cloudscaling.dev/finalizer",)
    assert group.metadata.creation_timestamp == datetime(2026, 3, 2, 6, tzinfo=UTC)
    assert group.spec.account_ref.name == "acme"
    assert group.spec.load_balancers is not None
    assert group.spec.load_balancers.targets is not None
    assert group.spec.load_balancers.targets[0].weight == 50
    assert group.status == ScalingGroupStatus()


def test_left_out_is_not_empty() -> None:
    """An optional list left out is not managed, which is not the same as an empty one."""
    spec = ScalingGroup.model_validate(GROUP).spec
    assert spec.lifecycle_hooks is None
    emptied = ScalingGroup.model_validate({**GROUP, "spec": {**GROUP["spec"], "lifecycleHooks": []}}).spec
    assert emptied.lifecycle_hooks == ()


def test_empty_status_writes_nothing() -> None:
    """A fresh status is an empty object, without nulls and empty lists."""
    assert dumped(ScalingGroupStatus()) == {}


def test_status_is_written_in_camel_case() -> None:
    """A status built in Python has the names, times and enums of the API."""
    moment = datetime(2026, 3, 2, 7, 30, 15, 999, tzinfo=timezone(timedelta(hours=1)))
    status = ScalingGroupStatus(
        observed_generation=4,
        conditions=(
            Condition(
                type=ConditionType.READY,
                status=ConditionStatus.TRUE,
                reason=Reason.AVAILABLE,
                message="",
                last_transition_time=moment,
                observed_generation=4,
            ),
        ),
        operation=Operation(id="u", type="SetDesiredCapacity", from_=2, target=4, state="Issued", started_at=moment),
        managed=Managed(tag_keys=("team",)),
    )
    assert dumped(status) == {
        "observedGeneration": 4,
        "conditions": [
            {
                "type": "Ready",
                "status": "True",
                "reason": "Available",
                "message": "",
                "lastTransitionTime": "2026-03-02T06:30:15Z",
                "observedGeneration": 4,
            }
        ],
        "operation": {
            "id": "u",
            "type": "SetDesiredCapacity",
            "from": 2,
            "target": 4,
            "state": "Issued",
            "startedAt": "2026-03-02T06:30:15Z",
            "attempts": 0,
        },
        "managed": {"tagKeys": ["team"]},
    }


def test_unknown_words_in_a_status_are_kept() -> None:
    """A value of a newer version neither crashes the reader nor is lost."""
    read = ScalingGroup.model_validate({**GROUP, "status": {"state": "Dreaming", "newField": 1}})
    assert read.status.state == "Dreaming"
    assert dumped(read.status) == {"state": "Dreaming"}


def test_unknown_word_in_a_spec_is_an_error() -> None:
    """The API server lets none through, so one that arrives is a fault."""
    with pytest.raises(ValidationError):
        ScalingGroup.model_validate({**GROUP, "spec": {**GROUP["spec"], "capacityManagement": "Sometimes"}})


def test_objects_are_frozen() -> None:
    """What was read cannot be changed by accident."""
    group = ScalingGroup.model_validate(GROUP)
    with pytest.raises(ValidationError):
        group.spec.min_size = 3  # type: ignore[misc]  # what is tested


def test_objects_can_be_built_by_python_names() -> None:
    """Field names and aliases both work, and the kind is filled in."""
    account = CloudAccount.model_validate(
        {
            "metadata": {"name": "acme"},
            "spec": {"vendor": "OTC", "region": "eu-de", "credentials": {"secret_ref": {"name": "key"}}},
        }
    )
    assert (account.api_version, account.kind) == (meta.API_VERSION, "CloudAccount")
    assert account.spec.rate_limit.burst == 20


def test_time_is_utc() -> None:
    """Whatever the offset in YAML, the operator compares UTC."""
    schedule = {"cron": "0 7 * * *", "startTime": "2026-01-01T00:00:00+08:00", "endTime": "2026-02-01T00:00:00"}
    spec = {"scalingGroupRef": {"name": "web"}, "type": "Recurring", "schedule": schedule}
    read = ScalingPolicy.model_validate({"metadata": {"name": "p"}, "spec": spec}).spec.schedule
    assert read is not None
    assert read.start_time == datetime(2025, 12, 31, 16, tzinfo=UTC)
    assert read.end_time == datetime(2026, 2, 1, tzinfo=UTC)


@given(st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29), timezones=st.timezones()))
def test_written_time_is_read_back(moment: datetime) -> None:
    """Writing drops fractions of a second and nothing else."""
    condition = Condition(type="Ready", status="True", reason="Available", message="", last_transition_time=moment)
    written = dumped(condition)
    assert written["lastTransitionTime"].endswith("Z")
    assert Condition.model_validate(written).last_transition_time == moment.astimezone(UTC).replace(microsecond=0)


def test_time_beyond_the_calendar_is_an_error_of_the_object() -> None:
    """The API server takes it, so it must not end in anything but a ValidationError."""
    status = {"conditions": [{"type": "Ready", "lastTransitionTime": "0001-01-01T00:00:00+08:00"}]}
    with pytest.raises(ValidationError):
        ScalingGroup.model_validate({**GROUP, "status": status})


@pytest.mark.parametrize("part", ["spec", "status"])
@pytest.mark.parametrize("kind", MODELS)
def test_model_and_schema_name_the_same_fields(kind: str, part: str) -> None:
    """An object with every field of the schema goes through the model unchanged."""
    example = complete(kind_schema(MODELS[kind]).schema)
    example["metadata"] = {"name": "full"}
    read: Any = MODELS[kind].model_validate({**example, "kind": kind})
    assert dumped(getattr(read, part)) == example[part]


@pytest.mark.parametrize(
    ("name", "alias"),
    [
        ("size_gib", "sizeGiB"),
        ("throughput_mibps", "throughputMiBps"),
        ("from_", "from"),
        ("ipv6_enabled", "ipv6Enabled"),
    ],
)
def test_names_become_camel_case(name: str, alias: str) -> None:
    """Units keep their spelling, Python's keywords lose their underscore."""
    assert camel(name) == alias
