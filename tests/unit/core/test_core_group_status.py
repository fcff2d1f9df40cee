"""Status of a group: numbers, Ready, ScalingInProgress; and the Events that follow from two statuses."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from core_samples import (
    SETTLED,
    Decided,
    cloud_group,
    cloud_policy,
    decide_group,
    group_facts,
    instance,
    later,
    observed,
    scaling_group,
)

from cloudscaling.api.v1alpha1.scalinggroup_status import ScalingGroupStatus
from cloudscaling.core import transitions
from cloudscaling.core.facts import Absent, LaunchTarget
from cloudscaling.core.group.status import count
from cloudscaling.core.model import Activity, ActivityStatus, ActivityType, GroupState, Health, InstanceState


def decide(
    seen: Any = None, status: dict[str, Any] | None = None, facts: dict[str, Any] | None = None, **spec: Any
) -> Decided:
    resource = scaling_group({**SETTLED, **(status or {})}, **spec)
    return decide_group(group_facts(resource, seen=observed(seen or cloud_group()), **(facts or {})))


def test_what_is_seen_is_shown() -> None:
    """Numbers as the cloud has them."""
    found = decide().status
    assert (found.state, found.vendor_state) == ("Active", "INSERVICE")
    assert (found.min_size, found.max_size, found.desired_capacity, found.current_capacity) == (1, 10, 3, 3)
    assert found.selector == "cloudscaling.dev/scaling-group-uid=uid-1"
    assert found.launch_configuration.name == "lc"
    assert (found.vendor, found.account, found.deletion_policy) == ("Huawei", "acme", "Delete")


def test_instances_are_counted_by_state() -> None:
    """Outdated: made by the group from another configuration than the current one."""
    rows = [
        instance("a"),
        instance("b", launch_configuration_id="old"),
        instance("c", attached=True, launch_configuration_id="", protected=True),
        instance("d", InstanceState.PENDING_HOOK, health=Health.INITIALIZING),
        instance("e", InstanceState.STANDBY, health=Health.UNHEALTHY),
        instance("f", InstanceState.REMOVING_HOOK),
    ]
    found = count(rows, "lc-1")
    assert (found.total, found.in_service, found.pending, found.removing, found.standby) == (6, 3, 1, 1, 1)
    assert (found.protected, found.unhealthy, found.attached, found.outdated) == (1, 1, 1, 1)
    assert count(rows, "").outdated == 0


OFF = {"state": GroupState.DISABLED}
OBSERVE_ONLY = {"managementPolicy": "ObserveOnly"}


@pytest.mark.parametrize(
    ("seen", "status", "spec", "ready"),
    [
        ({}, {}, {}, ("True", "Available")),
        ({"state": GroupState.DISABLED}, {"lastAppliedEnabled": False}, {"enabled": False}, ("True", "Disabled")),
        ({"state": GroupState.DISABLED}, {}, {}, ("False", "DisabledExternally")),
        ({"state": GroupState.DISABLED}, {"lastAppliedEnabled": False}, {}, ("False", "Enabling")),
        ({}, {"lastAppliedEnabled": False}, {"enabled": False}, ("False", "EnabledExternally")),
        ({}, {}, {"enabled": False}, ("True", "Available")),  # asked for, and not done yet
        ({}, {"lastAppliedEnabled": None}, {"enabled": False, **OBSERVE_ONLY}, ("True", "Available")),
        (OFF, {"lastAppliedEnabled": None}, OBSERVE_ONLY, ("False", "DisabledExternally")),
        ({"state": GroupState.ABNORMAL}, {}, {}, ("False", "GroupAbnormal")),
        ({"state": GroupState.DELETING}, {}, {}, ("False", "GroupAbnormal")),
        ({"min_size": 5, "fields": {"minSize": 5}}, {}, {"minSize": 5}, ("False", "BelowMinSize")),
        ({}, {"inServiceCapacity": 0}, {}, ("False", "BelowMinSize")),
    ],
)
def test_ready_says_whether_the_group_does_what_the_spec_asks(
    seen: dict[str, Any], status: dict[str, Any], spec: dict[str, Any], ready: tuple[str, str]
) -> None:
    """One reason each."""
    assert decide(cloud_group(**seen), status, **spec).says("Ready") == ready


def test_a_size_that_is_not_reached_is_told_after_two_idle_polls_or_a_failure() -> None:
    """Not while an activity runs."""
    short = cloud_group(desired=5)
    status = {"inServiceCapacity": 3}
    assert decide(short, status).says("Ready") == ("True", "Available")
    assert decide(short, status, {"short_since": later(-121)}).says("Ready") == ("False", "CapacityNotReached")
    busy = replace(short, busy=True)
    assert decide(busy, status, {"short_since": later(-121)}).says("Ready") == ("True", "Available")
    failed = (Activity("a", ActivityType.SCALE_OUT, ActivityStatus.FAILED),)
    assert decide(short, status, {"activities": failed}).says("Ready") == ("False", "CapacityNotReached")


def test_a_vanished_group_says_so_once() -> None:
    """Then it is created again."""
    found = decide_group(group_facts(scaling_group(SETTLED), seen=Absent(later(0))))
    assert found.status.external_id is None
    assert found.says("Ready") == ("False", "DeletedExternally")
    assert found.events == ["DeletedExternally"]
    adopted = decide_group(group_facts(scaling_group(SETTLED, externalId="g-1"), seen=Absent(later(0))))
    assert adopted.says("Adopted") == ("False", "ExternalIdNotFound")
    assert adopted.says("Synced") == ("False", "Rejected")


def test_nothing_of_a_vanished_group_is_shown_any_more() -> None:
    """Sizes are served to autoscalers; what was obeyed and what ran once is kept."""
    once = {"name": "iop", "specHash": "h", "finishedAt": "2026-03-02T05:00:00Z"}
    bounds, failed = {"minSize": 1, "maxSize": 10}, activity("Failed")
    status = {
        "lastAppliedDesiredCapacityToken": "t1",
        "lastAppliedBounds": bounds,
        "recentOperations": [once],
        **failed,
    }
    before = decide(cloud_group(busy=True), status, {"instances": observed((instance("a"),))}, desiredCapacity=5)
    resource = scaling_group(desiredCapacity=5).model_copy(update={"status": before.status})
    found = decide_group(group_facts(resource, seen=Absent(later(0))))
    shown = found.status.model_dump(by_alias=True, exclude_none=True, exclude_defaults=True, mode="json")
    kept = {"observedGeneration", "conditions", "vendor", "account", "deletionPolicy", "selector"}
    assert shown.keys() == kept | {"lastAppliedDesiredCapacityToken", "recentOperations"}
    assert found.says("ScalingInProgress") == ("False", "Idle")
    assert found.says("CapacityDrifted") == ("False", "AsApplied")


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (ActivityType.SCALE_OUT, "ScalingOut"),
        (ActivityType.SCALE_IN, "ScalingIn"),
        (ActivityType.ATTACH, "AttachingInstances"),
        (ActivityType.DETACH, "RemovingInstances"),
        (ActivityType.REPLACE_UNHEALTHY, "ReplacingUnhealthy"),
        (ActivityType.EXIT_STANDBY, "StandbyChange"),
        (ActivityType.OTHER, "OtherActivity"),
        (None, "OtherActivity"),
    ],
)
def test_a_running_activity_is_named(kind: ActivityType | None, reason: str) -> None:
    """ScalingInProgress."""
    assert decide(cloud_group(busy=True, activity=kind)).says("ScalingInProgress") == ("True", reason)


@pytest.mark.parametrize(("desired", "reason"), [(5, "ScalingOut"), (1, "ScalingIn")])
def test_an_unnamed_activity_is_told_by_the_gap(desired: int, reason: str) -> None:
    """Where the vendor does not say what it is."""
    assert decide(cloud_group(busy=True, desired=desired)).says("ScalingInProgress") == ("True", reason)


def test_a_policy_that_moved_the_size_is_believed_from_the_activity_log() -> None:
    """And remembered until the size moves again."""
    moved = Activity("a", ActivityType.SCALE_OUT, ActivityStatus.SUCCEEDED, policy_id="p", new_capacity=5)
    status = {"lastAppliedDesiredCapacity": 3}
    seen = cloud_group(desired=5)
    first = decide(seen, status, {"activities": (moved,)}, desiredCapacity=3)
    assert first.says("CapacityDrifted") == ("False", "ScaledByPolicy")
    resource = scaling_group(desiredCapacity=3).model_copy(update={"status": first.status})
    again = decide_group(group_facts(resource, seen=observed(seen)))
    assert again.says("CapacityDrifted") == ("False", "ScaledByPolicy")
    later_on = decide_group(group_facts(resource, seen=observed(cloud_group(desired=6))))
    assert later_on.says("CapacityDrifted") == ("True", "ExternallyScaled")


def test_policies_without_an_object_are_listed() -> None:
    """Never touched."""
    rows = (cloud_policy(id="a", name="ours"), cloud_policy(id="b", name="theirs"))
    found = decide(facts={"cloud_policies": rows, "managed_policy_ids": frozenset({"a"})})
    assert found.status.unmanaged.scaling_policies == ("theirs",)


def test_a_configuration_of_another_object_is_shown_by_its_id() -> None:
    """Until the group has switched."""
    found = decide(
        cloud_group(fields={"launchConfigurationRef": "other"}), facts={"launch": LaunchTarget("lc-2", "lc", 2)}
    )
    assert (found.status.launch_configuration.name, found.status.launch_configuration.external_id) == (None, "other")


# --- Events from two statuses ----------------------------------------------------------------------------------------


def events(old: dict[str, Any], new: dict[str, Any]) -> list[tuple[str, bool]]:
    base = {"externalId": "g-1"}
    before = ScalingGroupStatus.model_validate({**base, **old})
    after = ScalingGroupStatus.model_validate({**base, **new})
    found = (*transitions.of_object(before, after), *transitions.of_group(before, after))
    return [(n.reason, n.warning) for n in found]


def ready(reason: str) -> dict[str, Any]:
    return {
        "conditions": [
            {
                "type": "Ready",
                "status": "False",
                "reason": reason,
                "message": "",
                "lastTransitionTime": "2026-01-01T00:00:00Z",
            }
        ]
    }


def activity(status: str, id_: str = "a") -> dict[str, Any]:
    return {"recentActivities": [{"id": id_, "type": "ScaleOut", "status": status, "oldCapacity": 1, "newCapacity": 2}]}


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ({}, activity("InProgress"), [("ActivityStarted", False)]),
        (activity("InProgress"), activity("InProgress"), []),
        (activity("InProgress"), activity("Succeeded"), [("ActivitySucceeded", False)]),
        (activity("InProgress"), activity("Failed"), [("ActivityFailed", True)]),
        ({}, activity("PartiallySucceeded"), [("ActivityFailed", True)]),
        (ready("Creating"), ready("GroupAbnormal"), [("GroupAbnormal", True)]),
        (ready("GroupAbnormal"), ready("GroupAbnormal"), []),
        (ready("Creating"), ready("BelowMinSize"), []),
    ],
)
def test_a_change_is_told_once(old: dict[str, Any], new: dict[str, Any], told: list[tuple[str, bool]]) -> None:
    """Equal statuses tell nothing."""
    assert events(old, new) == told


def test_a_group_that_was_just_found_tells_no_history() -> None:
    """Its activities are older than the object."""
    new = ScalingGroupStatus.model_validate({"externalId": "g-1", **activity("Failed")})
    assert transitions.of_group(ScalingGroupStatus(), new) == ()


def test_a_size_that_an_operation_brought_about_is_not_external() -> None:
    """Remembered until the size moves again, told by the operation itself."""
    status, seen = {"lastAppliedDesiredCapacity": 3, "desiredCapacity": 3}, cloud_group(desired=5)
    first = decide(seen, status, {"operated_sizes": frozenset({4, 5})}, desiredCapacity=3)
    assert first.says("CapacityDrifted") == ("False", "ScaledByPolicy")
    assert first.message("CapacityDrifted") == "an InstanceOperation moved the desired capacity to 5"
    resource = scaling_group(desiredCapacity=3).model_copy(update={"status": first.status})
    again = decide_group(group_facts(resource, seen=observed(seen)))
    assert again.message("CapacityDrifted") == first.message("CapacityDrifted")
    assert transitions.of_group(scaling_group(status={**status, "externalId": "g"}).status, first.status) == ()
    moved = decide_group(group_facts(resource, seen=observed(cloud_group(desired=6))))
    assert moved.says("CapacityDrifted") == ("True", "ExternallyScaled")


@pytest.mark.parametrize("reason", ["ExternallyScaled", "ScaledByPolicy"])
def test_a_size_that_others_moved_is_told_with_both_values(reason: str) -> None:
    """From and to."""
    drifted = {
        "type": "CapacityDrifted",
        "status": "True",
        "reason": reason,
        "message": "",
        "lastTransitionTime": "2026-01-01T00:00:00Z",
    }
    found = events({"desiredCapacity": 3}, {"desiredCapacity": 5, "conditions": [drifted]})
    assert found == [("ExternallyScaled", False)]
