"""From manifests to running instances: order, columns, events, another way of applying."""

from __future__ import annotations

import pytest
from e2e_stage import Namespace
from manifests import alarm_policy, group, launch, recurring_policy

pytestmark = pytest.mark.e2e

# Columns of `kubectl get`, then those that `-o wide` adds, as the API reference lists them.
COLUMNS = {
    "cloudaccount": (
        "NAME VENDOR REGION READY REASON GROUPS AGE",
        "CREDENTIALS ACCOUNT-ID PROJECT THROTTLED PAUSED ENDPOINT",
    ),
    "launchconfiguration": (
        "NAME VENDOR REVISION USED-BY READY REASON AGE",
        "INSTANCE-TYPES IMAGE SYNCED DELETION ACCOUNT EXTERNAL-ID",
    ),
    "scalinggroup": (
        "NAME VENDOR MIN MAX DESIRED CURRENT READY REASON AGE",
        "IN-SERVICE APPLIED OUTDATED SCALING DRIFTED SYNCED LAUNCH-CONFIG ACCOUNT MANAGEMENT DELETION EXTERNAL-ID",
    ),
    "scalingpolicy": (
        "NAME GROUP TYPE ENABLED NEXT READY REASON AGE",
        "VENDOR ADJUST VALUE OBJECT SYNCED EXTERNAL-ID",
    ),
}


def test_objects_become_ready_in_any_order(namespace: Namespace) -> None:
    """References that do not exist yet are waited for."""
    kubectl = namespace.kubectl
    kubectl.apply(alarm_policy())
    kubectl.apply(group(desiredCapacity=2))
    kubectl.until_reason("scalinggroup", "web", "ReferencesResolved", "LaunchConfigurationNotFound")
    kubectl.apply(launch())
    kubectl.ready("cloudaccount/cloud", "launchconfiguration/web", "scalinggroup/web", "scalingpolicy/busy")
    assert namespace.cloud.desired() == 2
    assert len(namespace.cloud.servers()) == 2


def test_account_may_come_last(bare_namespace: Namespace) -> None:
    """A namespace restored from a backup has no order at all."""
    from manifests import account, secret

    kubectl, cloud = bare_namespace.kubectl, bare_namespace.cloud
    kubectl.apply(launch(), group())
    kubectl.until_reason("scalinggroup", "web", "ReferencesResolved", "AccountNotFound")
    kubectl.apply(account(cloud))
    kubectl.until_reason("cloudaccount", "cloud", "Ready", "ReferencesNotResolved")
    kubectl.apply(secret(cloud))
    kubectl.ready("cloudaccount/cloud", "launchconfiguration/web", "scalinggroup/web")


def test_get_prints_the_documented_columns(namespace: Namespace) -> None:
    """The values are those of the example in the API reference: vendor, sizes, Ready and its reason."""
    kubectl = namespace.kubectl
    kubectl.apply(launch(), group(desiredCapacity=2), recurring_policy())
    kubectl.ready("scalinggroup/web", "scalingpolicy/morning")
    for kind, (normal, wide) in COLUMNS.items():
        assert kubectl.columns(kind) == normal.split(), kind
        assert sorted(kubectl.columns(kind, wide=True)) == sorted(f"{normal} {wide}".split()), kind
    row = kubectl.do("get", "scalinggroup", "web", "--no-headers").split()
    assert row[:-1] == ["web", "Huawei", "1", "5", "2", "2", "True", "Available"]
    row = kubectl.do("get", "scalingpolicy", "morning", "--no-headers").split()
    assert row[:4] == ["morning", "web", "Recurring", "true"]
    assert row[4].endswith("T23:30:00Z")
    assert row[5:7] == ["True", "Active"]


def test_category_lists_everything(namespace: Namespace) -> None:
    """`kubectl get cloudscaling` is the first thing in the notes of the chart."""
    namespace.ready_group()
    listed = namespace.kubectl.do("get", "cloudscaling", "-o", "name").split()
    assert {name.partition(".")[0] for name in listed} == {"cloudaccount", "launchconfiguration", "scalinggroup"}


def test_describe_tells_the_story(namespace: Namespace) -> None:
    """Created, enabled, scaled: the Events of the group in their order."""
    kubectl = namespace.kubectl
    namespace.ready_group(desiredCapacity=2)
    kubectl.scale("web", 3)
    kubectl.until("scalinggroup", "web", lambda o: o["status"]["desiredCapacity"] == 3, "desired 3")
    reasons = [reason for _, reason, _ in kubectl.events("ScalingGroup", "web")]
    assert [r for r in reasons if r in ("Created", "Enabled", "DesiredCapacityApplied")] == [
        "Created",
        "Enabled",
        "DesiredCapacityApplied",
    ]
    assert all(type_ == "Normal" for type_, _, _ in kubectl.events("ScalingGroup", "web"))
    described = kubectl.do("describe", "scalinggroup", "web")
    assert "DesiredCapacityApplied" in described
    assert "cloudscaling" in described


def test_server_side_apply_owns_its_fields_only(namespace: Namespace) -> None:
    """What an autoscaler wrote is not taken away by an apply that leaves the field out."""
    kubectl = namespace.kubectl
    kubectl.apply(launch(), group(), server_side=True)
    kubectl.ready("scalinggroup/web")
    kubectl.scale("web", 3)
    kubectl.until("scalinggroup", "web", lambda o: o["status"]["desiredCapacity"] == 3, "desired 3")
    kubectl.apply(group(maxSize=6), server_side=True)
    kubectl.until("scalinggroup", "web", lambda o: o["status"]["maxSize"] == 6, "maxSize 6")
    assert kubectl.get("scalinggroup", "web")["spec"]["desiredCapacity"] == 3
    assert namespace.cloud.desired() == 3


def test_conditions_speak_of_the_generation_they_saw(namespace: Namespace) -> None:
    """Tools compare observedGeneration with metadata.generation."""
    kubectl = namespace.kubectl
    namespace.ready_group()
    kubectl.set_spec("scalinggroup", "web", maxSize=6)
    found = kubectl.until(
        "scalinggroup",
        "web",
        lambda o: o["status"]["observedGeneration"] == 2 and o["status"]["maxSize"] == 6,
        "generation 2",
    )
    present = {c["type"]: c for c in found["status"]["conditions"]}
    always = ("Ready", "Accepted", "ReferencesResolved", "Synced", "ScalingInProgress", "CapacityDrifted")
    assert set(always) <= present.keys()
    assert {present[type_]["observedGeneration"] for type_ in always} == {2}
    assert not {"Stalled", "Reconciling"} & {t for t, c in present.items() if c["status"] == "True"}
