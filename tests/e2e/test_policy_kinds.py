"""Policies that are no ordinary cloud policy: scheduled tasks, bandwidths, steps, Simple; and time zones."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from e2e_stage import Namespace
from manifests import ACCOUNT, alarm_policy, recurring_policy, resource, scheduled_policy

pytestmark = pytest.mark.e2e


def tasks(namespace: Namespace) -> list[dict[str, Any]]:
    return [task for group in namespace.cloud.groups() for task in group["scheduled_tasks"]]


def sizes(**spec: Any) -> dict[str, Any]:
    """Sizes by the clock instead of an adjustment."""
    return recurring_policy(**{"adjustment": None, "capacity": {"minSize": 2, "desiredCapacity": 3}, **spec})


def bandwidth(**spec: Any) -> dict[str, Any]:
    content = {
        "accountRef": {"name": ACCOUNT},
        "type": "Alarm",
        "alarm": {"alarmId": "al1234567890"},
        "adjustment": {"type": "ChangeInCapacity", "value": 5},
        "huawei": {"bandwidth": {"id": "bw-1", "limitMbps": 50}},
    }
    return resource("ScalingPolicy", "broad", {**content, **spec})


def test_scheduled_task_lives_and_dies(namespace: Namespace) -> None:
    """Create, change in place, disable (which deletes it), enable, delete."""
    kubectl = namespace.kubectl
    namespace.ready_group()
    kubectl.apply(sizes())
    kubectl.until_reason("scalingpolicy", "morning", "Ready", "Active")
    (made,) = tasks(namespace)
    assert made["numbers"] == {"min": 2, "desire": 3}
    assert (made["schedule"]["launch_time"], made["schedule"]["recurrence_type"]) == ("23:30", "WEEKLY")
    assert kubectl.status("scalingpolicy", "morning")["cloudObject"] == "ScheduledTask"
    kubectl.set_spec("scalingpolicy", "morning", capacity={"maxSize": 5})
    full = {"min": 2, "desire": 3, "max": 5}
    kubectl.until("scalingpolicy", "morning", lambda _: tasks(namespace)[0]["numbers"] == full, "a maximum")
    kubectl.set_spec("scalingpolicy", "morning", enabled=False)
    kubectl.until("scalingpolicy", "morning", lambda o: "externalId" not in o["status"], "no task")
    kubectl.until_reason("scalingpolicy", "morning", "Ready", "Disabled")
    assert tasks(namespace) == []
    kubectl.set_spec("scalingpolicy", "morning", enabled=True)
    kubectl.until_reason("scalingpolicy", "morning", "Ready", "Active")
    assert len(tasks(namespace)) == 1
    kubectl.delete("scalingpolicy", "morning")
    assert tasks(namespace) == []


def test_policy_becomes_a_task_and_back(namespace: Namespace) -> None:
    """One after the other; the object keeps its name and its place."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    namespace.ready_group()
    kubectl.apply(recurring_policy())
    kubectl.ready("scalingpolicy/morning")
    kubectl.set_spec("scalingpolicy", "morning", adjustment=None, capacity={"desiredCapacity": 3})
    kubectl.until("scalingpolicy", "morning", lambda o: o["status"]["cloudObject"] == "ScheduledTask", "a task")
    kubectl.until_reason("scalingpolicy", "morning", "Ready", "Active")
    assert (len(tasks(namespace)), cloud.policies()) == (1, [])
    kubectl.set_spec("scalingpolicy", "morning", capacity=None, adjustment={"type": "ExactCapacity", "value": 3})
    kubectl.until("scalingpolicy", "morning", lambda o: o["status"]["cloudObject"] == "Policy", "a policy")
    kubectl.until_reason("scalingpolicy", "morning", "Ready", "Active")
    assert (tasks(namespace), len(cloud.policies())) == ([], 1)


def test_task_adopted_by_its_id_is_kept(namespace: Namespace) -> None:
    """As everything that was adopted."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    namespace.ready_group()
    body = {
        "name": "by-hand",
        "scheduled_policy": {"launch_time": "2099-01-01T00:00Z"},
        "instance_number": {"desire": 1},
    }
    group_id = cloud.group()["scaling_group_id"]
    task_id = cloud.console("CreateGroupScheduledTask", body, scaling_group_id=group_id)["task_id"]
    spec = {"adjustment": None, "capacity": {"desiredCapacity": 1}, "externalId": task_id}
    kubectl.apply(scheduled_policy(**spec))
    kubectl.until_reason("scalingpolicy", "launch-day", "Adopted", "AdoptedById")
    kubectl.until_reason("scalingpolicy", "launch-day", "Ready", "Active")
    kubectl.delete("scalingpolicy", "launch-day")
    assert [task["name"] for task in tasks(namespace)] == ["by-hand"]


def test_bandwidth_policy_needs_no_group(namespace: Namespace) -> None:
    """Its account is named directly; create, change, disable, delete."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    kubectl.apply(bandwidth())
    kubectl.until_reason("scalingpolicy", "broad", "Ready", "Active")
    (made,) = cloud.policies()
    assert (made["scaling_resource_type"], made["scaling_resource_id"]) == ("BANDWIDTH", "bw-1")
    kubectl.set_spec("scalingpolicy", "broad", adjustment={"type": "ChangeInCapacity", "value": -5}, enabled=False)
    kubectl.until("scalingpolicy", "broad", lambda _: cloud.policies()[0]["policy_status"] == "PAUSED", "paused")
    assert cloud.policies()[0]["scaling_policy_action"] == {"operation": "REDUCE", "size": 5, "limits": 50}
    kubectl.delete("scalingpolicy", "broad")
    assert cloud.policies() == []


def test_alarm_with_steps(namespace: Namespace) -> None:
    """The range decides what happens; the log of its runs is shown."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    namespace.ready_group(cooldownSeconds=0, maxSize=9)
    steps = [
        {"lowerBound": "0", "upperBound": "10", "adjustment": {"type": "ChangeInCapacity", "value": 1}},
        {"lowerBound": "10", "adjustment": {"type": "ChangeInCapacity", "value": 3}},
    ]
    kubectl.apply(alarm_policy(adjustment=None, alarm={"alarmId": "al1234567890", "steps": steps}))
    kubectl.until_reason("scalingpolicy", "busy", "Ready", "Active")
    (made,) = cloud.policies()
    assert made["scaling_policy_type"] == "INTERVAL_ALARM"
    before = cloud.desired()
    cloud.fire_alarm(made["scaling_policy_id"], value=20)
    assert cloud.desired() == before + 3
    kubectl.looked_at("scalingpolicy", "busy", "fired")
    shown = kubectl.until("scalingpolicy", "busy", lambda o: bool(o["status"].get("recentExecutions")), "an execution")
    assert shown["status"]["recentExecutions"][0]["newValue"] == before + 3


def test_overlapping_steps_are_refused(namespace: Namespace) -> None:
    """With the path in front; nothing is created."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    namespace.ready_group()
    step = {"lowerBound": "0", "upperBound": "10", "adjustment": {"type": "ChangeInCapacity", "value": 1}}
    steps = [step, {**step, "lowerBound": "5"}]
    kubectl.apply(alarm_policy(adjustment=None, alarm={"alarmId": "al1234567890", "steps": steps}))
    refused = kubectl.until_reason("scalingpolicy", "busy", "Accepted", "InvalidValue")
    assert refused["message"].startswith("alarm.steps")
    assert cloud.policies() == []


def test_simple_policy_has_no_cloud_object(namespace: Namespace) -> None:
    """Ready all the same; its deletion asks nobody."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    namespace.ready_group()
    cloud.forget_calls()
    spec = {
        "scalingGroupRef": {"name": "web"},
        "type": "Simple",
        "adjustment": {"type": "ChangeInCapacity", "value": 2},
    }
    kubectl.apply(resource("ScalingPolicy", "add-two", spec))
    kubectl.until_reason("scalingpolicy", "add-two", "Ready", "Emulated")
    kubectl.delete("scalingpolicy", "add-two")
    assert (cloud.policies(), cloud.writes()) == ([], [])


def test_time_zone_is_read_at_the_next_firing(namespace: Namespace) -> None:
    """Noon in Berlin and in New York, whatever the season is now."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    namespace.ready_group()
    for name, zone in (("berlin", "Europe/Berlin"), ("york", "America/New_York")):
        kubectl.apply(recurring_policy(name, schedule={"cron": "0 12 * * *", "timeZone": zone}))
        kubectl.ready(f"scalingpolicy/{name}")
        status = kubectl.status("scalingpolicy", name)["schedule"]
        moment = datetime.fromisoformat(status["nextTime"]).astimezone(ZoneInfo(zone))
        assert (moment.hour, moment.minute) == (12, 0)
    times = {row["scheduled_policy"]["launch_time"] for row in cloud.policies()}
    now = datetime.now(UTC)
    offsets = {ZoneInfo(zone).utcoffset(now.replace(tzinfo=None)) for zone in ("Europe/Berlin", "America/New_York")}
    assert len(times) == len(offsets)


def test_days_that_leave_the_month_are_refused(namespace: Namespace) -> None:
    """Half past midnight on the first in Berlin is the last day of a month in UTC, which no vendor can say."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    namespace.ready_group()
    kubectl.apply(recurring_policy(schedule={"cron": "30 0 1 * *", "timeZone": "Europe/Berlin"}))
    refused = kubectl.until_reason("scalingpolicy", "morning", "Accepted", "InvalidValue")
    assert refused["message"].startswith("schedule.cron")
    assert cloud.policies() == []
