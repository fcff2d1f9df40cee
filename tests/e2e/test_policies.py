"""Scaling policies: create, update, disable, delete, and their place under a group."""

from __future__ import annotations

from typing import Any

import pytest
from e2e_stage import Namespace
from manifests import alarm_policy, recurring_policy, scheduled_policy

pytestmark = pytest.mark.e2e

POLICIES = {"busy": alarm_policy, "launch-day": scheduled_policy, "morning": recurring_policy}
TYPES = {"busy": "ALARM", "launch-day": "SCHEDULED", "morning": "RECURRENCE"}


def in_cloud(namespace: Namespace) -> dict[str, Any]:
    """The only policy of the cloud."""
    (found,) = namespace.cloud.policies()
    return dict(found)


@pytest.mark.parametrize("name", POLICIES)
def test_policy_lives_and_dies(namespace: Namespace, name: str) -> None:
    """Create, change in place, disable, enable, delete: one cloud object all the time."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    namespace.ready_group()
    kubectl.apply(POLICIES[name]())
    kubectl.until_reason("scalingpolicy", name, "Ready", "Active")
    made = in_cloud(namespace)
    assert (made["scaling_policy_type"], made["policy_status"]) == (TYPES[name], "INSERVICE")
    kubectl.set_spec("scalingpolicy", name, adjustment={"type": "ExactCapacity", "value": 5})
    kubectl.until("scalingpolicy", name, lambda _: in_cloud(namespace)["scaling_policy_action"]["size"] == 5, "size 5")
    kubectl.set_spec("scalingpolicy", name, enabled=False)
    kubectl.until_reason("scalingpolicy", name, "Ready", "Disabled")
    kubectl.until("scalingpolicy", name, lambda _: in_cloud(namespace)["policy_status"] == "PAUSED", "paused")
    kubectl.set_spec("scalingpolicy", name, enabled=True)
    kubectl.until_reason("scalingpolicy", name, "Ready", "Active")
    kubectl.until("scalingpolicy", name, lambda _: in_cloud(namespace)["policy_status"] == "INSERVICE", "resumed")
    assert in_cloud(namespace)["scaling_policy_id"] == made["scaling_policy_id"]
    kubectl.delete("scalingpolicy", name)
    assert cloud.policies() == []
    assert len(cloud.groups()) == 1


def test_recurring_policy_is_converted_to_utc(namespace: Namespace) -> None:
    """7:30 in Shanghai is 23:30 UTC of the day before, so the weekdays move too."""
    kubectl = namespace.kubectl
    namespace.ready_group()
    kubectl.apply(recurring_policy())
    kubectl.ready("scalingpolicy/morning")
    made = in_cloud(namespace)["scheduled_policy"]
    assert (made["launch_time"], made["recurrence_type"]) == ("23:30", "Weekly")
    assert made["recurrence_value"] == "1,2,3,4,5"  # Sunday to Thursday; Sunday is 1
    status = kubectl.status("scalingpolicy", "morning")["schedule"]
    assert status["nextTime"].endswith("T23:30:00Z")


def test_second_look_writes_nothing(namespace: Namespace) -> None:
    """Read-backs are normalised before they are compared."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    namespace.ready_group()
    kubectl.apply(*[make() for make in POLICIES.values()])
    kubectl.ready(*[f"scalingpolicy/{name}" for name in POLICIES])
    cloud.forget_calls()
    for name in POLICIES:
        kubectl.looked_at("scalingpolicy", name, "again")
        kubectl.until_reason("scalingpolicy", name, "Synced", "UpToDate")
    assert cloud.writes() == []


def test_policy_deleted_in_the_console_comes_back(namespace: Namespace) -> None:
    """It is managed; the Event tells that it was missing."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    namespace.ready_group()
    kubectl.apply(alarm_policy())
    kubectl.ready("scalingpolicy/busy")
    old = in_cloud(namespace)["scaling_policy_id"]
    cloud.console("DeleteScalingPolicy", scaling_policy_id=old)
    kubectl.looked_at("scalingpolicy", "busy", "gone")
    kubectl.until("scalingpolicy", "busy", lambda o: o["status"].get("externalId") not in (None, old), "a new id")
    assert in_cloud(namespace)["scaling_policy_id"] != old
    assert "DeletedExternally" in [reason for _, reason, _ in kubectl.events("ScalingPolicy", "busy")]


def test_policies_stay_as_objects_when_their_group_goes(namespace: Namespace) -> None:
    """Their cloud objects go with the group and come back with it."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    namespace.ready_group()
    kubectl.apply(alarm_policy())
    kubectl.ready("scalingpolicy/busy")
    kubectl.delete("scalinggroup", "web")
    kubectl.until_reason("scalingpolicy", "busy", "ReferencesResolved", "ScalingGroupNotFound")
    assert (cloud.groups(), cloud.policies()) == ([], [])
    kubectl.until_reason("scalingpolicy", "busy", "Ready", "ReferencesNotResolved")
    namespace.ready_group()
    kubectl.until_reason("scalingpolicy", "busy", "Ready", "Active")
    assert in_cloud(namespace)["scaling_resource_id"] == cloud.group()["scaling_group_id"]


def test_schedule_in_the_past_is_refused(namespace: Namespace) -> None:
    """It could never fire."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    namespace.ready_group()
    kubectl.apply(scheduled_policy(schedule={"at": "2020-01-01T00:00:00Z"}))
    refused = kubectl.until_reason("scalingpolicy", "launch-day", "Accepted", "InvalidValue")
    assert refused["message"].startswith("schedule.at")
    assert cloud.policies() == []
