"""The field tables of all vendors: complete, without strangers, and free of other vendors' blocks."""

from __future__ import annotations

from collections.abc import Iterator
from types import UnionType
from typing import Any, Union, get_args, get_origin

import pytest
from pydantic import BaseModel
from vendors_rig import KEY, FixedClock, OpenGate

from cloudscaling.api.v1alpha1 import LaunchConfiguration, ScalingGroup, ScalingPolicy
from cloudscaling.core.accept import BLOCKS, check
from cloudscaling.core.capabilities import Capabilities
from cloudscaling.core.diff import managed
from cloudscaling.core.fields import Support, Table
from cloudscaling.core.model import InstanceAction
from cloudscaling.ports import AccountConfig
from cloudscaling.vendors import VENDORS


def capabilities(vendor: str, **limits: int) -> Capabilities:
    config = AccountConfig(vendor, "region-1", KEY, **limits)  # type: ignore[arg-type]  # limits only
    return VENDORS[vendor].build(config, OpenGate(), FixedClock()).capabilities


def tables(vendor: str) -> list[tuple[str, Table, type[BaseModel]]]:
    found = capabilities(vendor)
    return [
        ("group", found.group_fields, ScalingGroup),
        ("configuration", found.launch_configuration_fields, LaunchConfiguration),
        ("policy", found.policy_fields, ScalingPolicy),
    ]


def spec_of(resource: type[BaseModel]) -> type[BaseModel]:
    spec = resource.model_fields["spec"].annotation
    assert isinstance(spec, type)
    assert issubclass(spec, BaseModel)
    return spec


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    elif get_origin(annotation) in (Union, UnionType) or hasattr(annotation, "__metadata__"):
        for part in get_args(annotation):
            yield from models_in(part)


def leaves(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """Paths of a spec as they stand in YAML; lists and maps are leaves."""
    for name, info in model.model_fields.items():
        path = f"{prefix}{info.alias or name}"
        inner = list(models_in(info.annotation))
        if inner:
            yield from leaves(inner[0], f"{path}.")
        else:
            yield path


CASES = [(vendor, *case) for vendor in VENDORS for case in tables(vendor)]


@pytest.mark.parametrize(("vendor", "kind", "table", "resource"), CASES, ids=lambda v: v if isinstance(v, str) else "")
def test_every_field_of_the_api_is_in_the_table(
    vendor: str, kind: str, table: Table, resource: type[BaseModel]
) -> None:
    """A new field is decided on for every vendor, on purpose."""
    block = capabilities(vendor).block
    others = tuple(f"{other}." for other in BLOCKS if other != block)
    unknown = [
        path
        for path in leaves(spec_of(resource))
        if not path.startswith(others)
        and path not in others
        and not any(path == known or path.startswith(f"{known}.") for known in table)
    ]
    assert unknown == []


@pytest.mark.parametrize(("vendor", "kind", "table", "resource"), CASES, ids=lambda v: v if isinstance(v, str) else "")
def test_every_row_of_the_table_is_a_field_of_the_api(
    vendor: str, kind: str, table: Table, resource: type[BaseModel]
) -> None:
    """A misspelt path would serve nothing."""
    known = set(leaves(spec_of(resource)))
    inner = {path.rsplit(".", 1)[0] for path in known}
    ancestors = known | inner | {path.split(".", 1)[0] for path in known}
    assert [path for path in table if "[]" not in path and path not in ancestors] == []


def items_of(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """Paths below the items of a spec's lists, such as lifecycleHooks[].name."""
    for name, info in model.model_fields.items():
        path = f"{prefix}{info.alias or name}"
        for inner in models_in(info.annotation):
            yield from items_of(inner, f"{path}.")
        for inner in listed_in(info.annotation):
            yield from leaves(inner, f"{path}[].")
            yield from items_of(inner, f"{path}[].")


def listed_in(annotation: Any) -> Iterator[type[BaseModel]]:
    """Models of the items of a list."""
    if get_origin(annotation) is tuple:
        yield from models_in(get_args(annotation)[0])
    else:
        for part in get_args(annotation):
            yield from listed_in(part)


@pytest.mark.parametrize(("vendor", "kind", "table", "resource"), CASES, ids=lambda v: v if isinstance(v, str) else "")
def test_rules_of_list_items_name_every_field_and_no_other(
    vendor: str, kind: str, table: Table, resource: type[BaseModel]
) -> None:
    """Of the lists whose items have rules at all; a block of another vendor counts as one field."""
    known = set(items_of(spec_of(resource)))
    ruled = {path.rpartition("[].")[0] for path in table if "[]." in path}
    assert ruled
    strangers = [
        path
        for path in table
        if "[]." in path and not any(field == path or field.startswith(f"{path}.") for field in known)
    ]
    missing = [
        field
        for field in known
        if field.rpartition("[].")[0] in ruled
        and not any(field == path or field.startswith(f"{path}.") for path in table)
        and not any(f"[].{other}." in field for other in BLOCKS)
    ]
    assert (strangers, missing) == ([], [])


EVERYTHING = frozenset({"PolicyV2", "StepPolicies"})  # what an account of today offers


def problems(vendor: str, spec: dict[str, Any], kind: str = "group") -> dict[str, str]:
    can = capabilities(vendor)
    table = {"group": can.group_fields, "policy": can.policy_fields}[kind]
    given = tuple(spec)  # what the spec lacks elsewhere is not the test's matter
    found = check(spec, table, vendor=vendor, block=can.block, features=EVERYTHING)
    return {p.path: p.reason for p in found if p.path.startswith(given)}


@pytest.mark.parametrize("vendor", VENDORS)
def test_items_are_judged_one_by_one(vendor: str) -> None:
    """A hook without a topic, one with too short a time, a target without its pool."""
    good = {"name": "a", "transition": "Launching", "timeoutSeconds": 60, "target": {"topic": "t"}}
    assert problems(vendor, {"lifecycleHooks": [good]}) == {}
    hooks = [good, {**good, "timeoutSeconds": 59, "metadata": "a<b"}, {"name": "b", "target": {"queue": "q"}}]
    assert problems(vendor, {"lifecycleHooks": hooks}) == {
        "lifecycleHooks[1].timeoutSeconds": "InvalidValue",
        "lifecycleHooks[1].metadata": "InvalidValue",
        "lifecycleHooks[2].target.queue": "Unsupported",
        "lifecycleHooks[2].target.topic": "MissingValue",
    }
    assert problems(vendor, {"lifecycleHooks": [good] * 6}) == {"lifecycleHooks": "InvalidValue"}
    targets = [{"name": "a", "port": 1, "weight": 1, "listenerId": "x"}]
    assert problems(vendor, {"loadBalancers": {"targets": targets}}) == {
        "loadBalancers.targets[0].listenerId": "Unsupported",
        "loadBalancers.targets[0].poolId": "MissingValue",
    }


def test_notifications_know_five_events_and_a_topic_once() -> None:
    """Elsewhere they are not known at all."""
    one = {"name": "a", "events": ["ScaleOutFailed"], "target": {"topic": "t"}}
    assert problems("Huawei", {"notifications": [one]}) == {}
    assert problems("Huawei", {"notifications": [one, {**one, "name": "b"}]}) == {"notifications": "InvalidValue"}
    late = {**one, "events": ["ScaleOutStarted"]}
    assert problems("Huawei", {"notifications": [late]}) == {"notifications[0].events": "Unsupported"}
    assert problems("OTC", {"notifications": [one]}) == {"notifications": "Unsupported"}


@pytest.mark.parametrize(
    ("ranges", "fine"),
    [
        ([("0", "10"), ("10", None)], True),
        ([("10", None), (None, "-5"), ("0", "10")], True),
        ([("0", "10"), ("9.5", None)], False),
        ([(None, "-1"), (None, "-2")], False),
        ([("0", None), ("10", "20")], False),
        ([("-1", "1")], False),
        ([(None, "1")], False),
        ([("-1", None)], False),
    ],
    ids=str,
)
def test_ranges_of_steps_lie_on_one_side_and_apart(ranges: list[tuple[str | None, str | None]], fine: bool) -> None:
    """As the vendor demands; the cloud would only say that something is wrong."""
    adjustment = {"type": "ChangeInCapacity", "value": 1}
    bounds = [{"lowerBound": low, "upperBound": high} for low, high in ranges]
    steps = [{k: v for k, v in one.items() if v is not None} | {"adjustment": adjustment} for one in bounds]
    found = problems("Huawei", {"alarm": {"steps": steps}}, "policy")
    assert found == ({} if fine else {"alarm.steps": "InvalidValue"})
    assert problems("OTC", {"alarm": {"steps": steps}}, "policy") == {"alarm.steps": "Unsupported"}


@pytest.mark.parametrize("vendor", VENDORS)
def test_children_are_no_property_of_their_group(vendor: str) -> None:
    """Each has calls of its own; and one bad item keeps its whole list from the cloud."""
    table = capabilities(vendor).group_fields
    target = {"name": "a", "poolId": "p", "port": 1, "weight": 1}
    spec = {"minSize": 1, "lifecycleHooks": [{}], "notifications": [{}], "loadBalancers": {"targets": [target]}}
    assert managed(spec, table).keys() == {"minSize", "loadBalancers.targets"}
    assert managed(spec, table, frozenset({"loadBalancers.targets[0].port"})).keys() == {"minSize"}


@pytest.mark.parametrize("vendor", VENDORS)
def test_hints_name_the_vendors_own_block(vendor: str) -> None:
    """Never the stand-in for it, never another's."""
    block = capabilities(vendor).block
    for _, table, _ in tables(vendor):
        for path, rule in table.items():
            for text in (path, rule.hint, rule.required_unless, rule.required_with):
                assert "+." not in text, path
                assert not any(f"{other}." in text for other in BLOCKS if other != block), path


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_refusal_names_an_alternative(vendor: str) -> None:
    """ "The vendor lacks it" alone helps nobody."""
    for _, table, _ in tables(vendor):
        for path, rule in table.items():
            if rule.support is Support.UNSUPPORTED:
                assert rule.hint, path


@pytest.mark.parametrize("vendor", VENDORS)
def test_limits_of_the_account_win(vendor: str) -> None:
    """A raised quota and a smaller batch are known to the planner."""
    found = capabilities(vendor, max_group_size=1000, instance_batch_size=5, instance_remove_batch_size=7)
    assert found.max_group_size == 1000
    assert found.batch_sizes[InstanceAction.ADD] == 5
    assert found.batch_sizes[InstanceAction.DETACH] == found.batch_sizes[InstanceAction.REMOVE] == 7


@pytest.mark.parametrize("vendor", VENDORS)
def test_the_public_endpoint_holds_the_region(vendor: str) -> None:
    """Unless the account names its own, which loses a closing slash."""
    assert ".region-1." in VENDORS[vendor].endpoint(AccountConfig(vendor, "region-1", KEY))
    own = AccountConfig(vendor, "region-1", KEY, autoscaling_endpoint="https://as.example.com/")
    assert VENDORS[vendor].endpoint(own) == "https://as.example.com"


@pytest.mark.parametrize("vendor", VENDORS)
def test_the_name_of_a_launch_configuration_leaves_room_for_the_number_of_its_revision(vendor: str) -> None:
    """40 is the shortest limit, and `-r` with a number is appended."""
    found = capabilities(vendor)
    spec = {"accountRef": {"name": "acme"}, "externalName": "a" * 35}
    told = check(spec, found.launch_configuration_fields, vendor=vendor, block=found.block)
    assert [p.message for p in told if p.reason == "InvalidValue"] == ["externalName: is longer than 34 characters"]


FAST = {"type": "GPSSD2", "sizeGiB": 40, "iops": 4000, "throughputMiBps": 125}
PUBLIC = {"chargeMode": "Traffic", "bandwidthMbps": 300}


def refused(vendor: str, **spec: Any) -> list[str]:
    """Paths of what is wrong with these values of a launch configuration, "path reason"."""
    found = capabilities(vendor)
    told = check(spec, found.launch_configuration_fields, vendor=vendor, block=found.block)
    ours = [p for p in told if p.path.partition(".")[0].partition("[")[0] in spec]
    assert all(p.message.startswith(f"{p.path}: ") for p in ours)
    return [f"{p.path} {p.reason}" for p in ours]


@pytest.mark.parametrize(
    ("vendor", "spec", "wrong"),
    [
        ("Huawei", {"publicIp": PUBLIC}, []),
        ("Huawei", {"publicIp": PUBLIC | {"bandwidthMbps": 301}}, ["publicIp.bandwidthMbps InvalidValue"]),
        ("Huawei", {"publicIp": {"chargeMode": "Bandwidth", "bandwidthMbps": 301}}, []),
        ("OTC", {"publicIp": PUBLIC | {"bandwidthMbps": 500}}, []),
        ("OTC", {"publicIp": PUBLIC | {"bandwidthMbps": 501}}, ["publicIp.bandwidthMbps InvalidValue"]),
        ("Huawei", {"systemDisk": FAST}, []),
        (
            "Huawei",
            {"systemDisk": {"type": "GPSSD2", "sizeGiB": 40}},
            ["systemDisk.iops MissingValue", "systemDisk.throughputMiBps MissingValue"],
        ),
        ("Huawei", {"systemDisk": {"type": "ESSD2", "sizeGiB": 40}}, ["systemDisk.iops MissingValue"]),
        ("Huawei", {"systemDisk": {"type": "SSD", "sizeGiB": 1025}}, ["systemDisk.sizeGiB InvalidValue"]),
        ("OTC", {"systemDisk": {"type": "SSD", "sizeGiB": 1025}}, ["systemDisk.sizeGiB InvalidValue"]),
        ("Huawei", {"dataDisks": [FAST, {"type": "ESSD2", "sizeGiB": 40}]}, ["dataDisks[1].iops MissingValue"]),
        ("Huawei", {"dataDisks": [{"type": "SSD", "sizeGiB": 9}]}, ["dataDisks[0].sizeGiB InvalidValue"]),
        ("OTC", {"dataDisks": [{"type": "SSD", "sizeGiB": 9}]}, ["dataDisks[0].sizeGiB InvalidValue"]),
        ("Huawei", {"userData": {"inline": "ü" * 16385}}, ["userData InvalidValue"]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_ranges_of_a_launch_configuration_are_checked_before_any_write(
    vendor: str, spec: dict[str, Any], wrong: list[str]
) -> None:
    """Also those that depend on another field; the message starts with the path."""
    assert refused(vendor, **spec) == wrong


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize(
    ("kind", "low", "high"),
    [
        ("ChangeInCapacity", 1, 300),
        ("PercentChangeInCapacity", 1, 20000),
        ("ExactPercent", 1, 20000),
    ],
)
def test_ranges_of_an_adjustment_are_checked_before_any_write(vendor: str, kind: str, low: int, high: int) -> None:
    """An exact capacity of 0 is one, an exact percentage of 0 is none."""
    found = capabilities(vendor)
    for value, fits in ((low - 1, False), (low, True), (high, True), (high + 1, False)):
        spec = {"type": "Alarm", "adjustment": {"type": kind, "value": value}}
        told = check(spec, found.policy_fields, vendor=vendor, block=found.block)
        assert (told == ()) is fits
