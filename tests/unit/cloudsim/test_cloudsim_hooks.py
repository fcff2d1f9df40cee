"""Lifecycle hooks, topics, scheduled tasks and warm pools."""

from __future__ import annotations

from typing import Any

import pytest
from cloudsim_rig import Rig

from cloudsim.huawei import times

URN = "urn:smn:region:project:topic"


def hook(rig: Rig, group: str, kind: str = "INSTANCE_LAUNCHING", name: str = "hook", **fields: Any) -> None:
    """Create a hook."""
    body = {"lifecycle_hook_name": name, "lifecycle_hook_type": kind, "notification_topic_urn": URN, **fields}
    rig.do("CreateLifeCycleHook", body, scaling_group_id=group)


def waiting(rig: Rig, group: str) -> list[dict[str, Any]]:
    """Return who waits in hooks."""
    return list(rig.do("ListHookInstances", scaling_group_id=group)["instance_hanging_info"])


def call_back(rig: Rig, group: str, result: str, **who: str) -> None:
    """Answer for a waiting member."""
    body = {"lifecycle_action_result": result, **who}
    rig.do("AttachCallbackInstanceLifeCycleHook", body, scaling_group_id=group)


def test_launching_member_waits_until_it_may_continue() -> None:
    """The activity runs as long as anyone waits."""
    rig = Rig()
    group = rig.group(desire_instance_number=0)
    hook(rig, group)
    rig.update(group, desire_instance_number=1)
    rig.later()
    assert rig.members(group)[0]["life_cycle_state"] == "PENDING_WAIT"
    assert rig.show(group)["is_scaling"] is True
    row = waiting(rig, group)[0]
    assert (row["lifecycle_hook_status"], row["default_result"]) == ("HANGING", "ABANDON")
    call_back(rig, group, "CONTINUE", lifecycle_action_key=row["lifecycle_action_key"])
    assert rig.members(group)[0]["life_cycle_state"] == "INSERVICE"
    assert rig.activities(group)[0]["status"] == "SUCCESS"


def test_abandoned_launch_fails_the_activity_and_starts_another_server() -> None:
    """An always abandoning hook therefore loops."""
    rig = Rig()
    group = rig.group(desire_instance_number=0)
    hook(rig, group, default_timeout=60)
    rig.update(group, desire_instance_number=1)
    rig.later()
    first = rig.ids(group)[0]
    rig.later(60)
    assert rig.activities(group)[1]["status"] == "FAIL"
    assert rig.server(first)["status"] == "DELETED"
    second = rig.ids(group)[0]
    assert second != first
    rig.later()
    call_back(rig, group, "CONTINUE", instance_id=second, lifecycle_hook_name="hook")
    assert rig.show(group)["current_instance_number"] == 1


def test_two_launching_hooks_must_both_continue() -> None:
    """One callback is not enough."""
    rig = Rig()
    group = rig.group(desire_instance_number=0)
    hook(rig, group, name="one")
    hook(rig, group, name="two")
    rig.update(group, desire_instance_number=1)
    rig.later()
    member = rig.ids(group)[0]
    call_back(rig, group, "CONTINUE", instance_id=member, lifecycle_hook_name="one")
    assert rig.members(group)[0]["life_cycle_state"] == "PENDING_WAIT"
    call_back(rig, group, "CONTINUE", instance_id=member, lifecycle_hook_name="two")
    assert rig.members(group)[0]["life_cycle_state"] == "INSERVICE"


@pytest.mark.parametrize("result", ["CONTINUE", "ABANDON"])
def test_terminating_member_leaves_with_either_result(result: str) -> None:
    """ABANDON only skips the other hooks."""
    rig = Rig()
    group = rig.group(desire_instance_number=1)
    hook(rig, group, "INSTANCE_TERMINATING", "one")
    hook(rig, group, "INSTANCE_TERMINATING", "two")
    member = rig.ids(group)[0]
    rig.update(group, desire_instance_number=0)
    rig.later()
    assert rig.members(group)[0]["life_cycle_state"] == "REMOVING_WAIT"
    call_back(rig, group, result, instance_id=member, lifecycle_hook_name="one")
    assert bool(rig.members(group)) is (result == "CONTINUE")
    rig.later(3600)
    assert rig.members(group) == []


def test_extension_moves_the_deadline_by_an_hour() -> None:
    """The old deadline passes without effect."""
    rig = Rig()
    group = rig.group(desire_instance_number=0)
    hook(rig, group, default_timeout=60, default_result="CONTINUE")
    rig.update(group, desire_instance_number=1)
    rig.later()
    call_back(rig, group, "EXTEND", lifecycle_action_key=waiting(rig, group)[0]["lifecycle_action_key"])
    rig.later(100)
    assert rig.members(group)[0]["life_cycle_state"] == "PENDING_WAIT"
    rig.later(3600)
    assert rig.members(group)[0]["life_cycle_state"] == "INSERVICE"


def test_callback_is_refused_where_nothing_waits() -> None:
    """Missing result, wrong result, nobody named, nobody there."""
    rig = Rig()
    group = rig.group()
    call = "AttachCallbackInstanceLifeCycleHook"
    for body, code in (
        ({}, "AS.7039"),
        ({"lifecycle_action_result": "MAYBE"}, "AS.7034"),
        ({"lifecycle_action_result": "CONTINUE", "instance_id": "i"}, "AS.7040"),
        ({"lifecycle_action_result": "CONTINUE", "lifecycle_action_key": "k"}, "AS.7042"),
    ):
        assert rig.refused(call, body, scaling_group_id=group) == code


def test_hooks_are_validated_counted_changed_and_deleted() -> None:
    """Five per group; names are unique; no deletion during an activity."""
    rig = Rig()
    group = rig.group(desire_instance_number=0)
    for number in range(5):
        hook(rig, group, name=f"h{number}")
    create = "CreateLifeCycleHook"
    base = {"lifecycle_hook_name": "h9", "lifecycle_hook_type": "INSTANCE_LAUNCHING", "notification_topic_urn": URN}
    for change, code in (
        ({}, "AS.7038"),
        ({"lifecycle_hook_name": "h1"}, "AS.7041"),
        ({"lifecycle_hook_name": "中"}, "AS.7031"),
        ({"lifecycle_hook_type": "X"}, "AS.7033"),
        ({"default_timeout": 59}, "AS.7030"),
        ({"default_result": "X"}, "AS.7034"),
        ({"notification_topic_urn": "topic"}, "AS.7025"),
        ({"notification_metadata": "<"}, "AS.7055"),
        ({"notification_metadata": "x" * 257}, "AS.7035"),
    ):
        assert rig.refused(create, {**base, **change}, scaling_group_id=group) == code
    path: dict[str, Any] = {"scaling_group_id": group, "lifecycle_hook_name": "h0"}
    assert rig.do("UpdateLifeCycleHook", {"default_timeout": 90}, **path)["default_timeout"] == 90
    shown = rig.do("ShowLifeCycleHook", **path)
    assert (shown["default_timeout"], shown["notification_topic_name"]) == (90, "topic")
    rig.update(group, desire_instance_number=1)
    assert rig.refused("DeleteLifeCycleHook", **path) == "AS.2033"
    rig.later(10_000)
    rig.do("ActionScalingGroup", {"action": "pause"}, scaling_group_id=group)
    rig.later(10_000)
    rig.do("DeleteLifeCycleHook", **path)
    assert rig.refused("ShowLifeCycleHook", **path) == "AS.7042"
    assert len(rig.do("ListLifeCycleHooks", scaling_group_id=group)["lifecycle_hooks"]) == 4


def test_topic_is_bound_once_and_never_changed_by_put() -> None:
    """A second PUT is a duplicate."""
    rig = Rig()
    group = rig.group()
    put = "CreateScalingNotification"
    body = {"topic_urn": URN, "topic_scene": ["SCALING_UP"]}
    assert rig.do(put, body, scaling_group_id=group)["topic_name"] == "topic"
    assert rig.refused(put, body, scaling_group_id=group) == "AS.7029"
    assert rig.refused(put, {**body, "topic_scene": ["X"]}, scaling_group_id=group) == "AS.7026"
    assert len(rig.do("ListScalingNotifications", scaling_group_id=group)["topics"]) == 1
    rig.do("DeleteScalingNotification", scaling_group_id=group, topic_urn=URN)
    assert rig.refused("DeleteScalingNotification", scaling_group_id=group, topic_urn=URN) == "AS.7025"


def test_scheduled_task_sets_bounds_and_desired_number_by_time() -> None:
    """The desired number is clamped into the new bounds."""
    rig = Rig()
    group = rig.group()
    at = times.minute(rig.world.clock.now() + 120)
    body = {"name": "t", "scheduled_policy": {"launch_time": at}, "instance_number": {"min": 2, "max": 4}}
    task = rig.do("CreateGroupScheduledTask", body, scaling_group_id=group)["task_id"]
    rig.later(200)
    shown = rig.show(group)
    assert (shown["min_instance_number"], shown["max_instance_number"]) == (2, 4)
    assert shown["current_instance_number"] == 2
    path: dict[str, Any] = {"scaling_group_id": group, "scheduled_task_id": task}
    rig.do("UpdateGroupScheduledTask", {"name": "u"}, **path)
    listed = rig.do("ListGroupScheduledTasks", scaling_group_id=group)
    assert listed["page_info"] == {"next_marker": None}
    assert listed["scheduled_tasks"][0]["name"] == "u"
    rig.do("DeleteGroupScheduledTask", **path)
    assert rig.refused("DeleteGroupScheduledTask", **path) == "AS.0007"


def test_scheduled_tasks_are_paged_by_marker() -> None:
    """The marker is the last id of the page."""
    rig = Rig()
    group = rig.group()
    recurring = {"launch_time": "10:00", "recurrence_type": "DAILY", "end_time": "2999-01-01T00:00Z"}
    body = {"name": "t", "scheduled_policy": recurring, "instance_number": {"desire": 1}}
    made = [rig.do("CreateGroupScheduledTask", body, scaling_group_id=group)["task_id"] for _ in range(3)]
    listing = "ListGroupScheduledTasks"
    first = rig.do(listing, query={"limit": 2}, scaling_group_id=group)
    marker = first["page_info"]["next_marker"]
    rest = rig.do(listing, query={"limit": 2, "marker": marker}, scaling_group_id=group)
    assert [t["task_id"] for t in first["scheduled_tasks"] + rest["scheduled_tasks"]] == made
    assert rest["page_info"]["next_marker"] is None
    assert rig.refused(listing, query={"marker": "odd"}, scaling_group_id=group) == "AS.1074"


def test_warm_pool_opens_fills_and_closes() -> None:
    """Both capacities are equal or absent."""
    rig = Rig()
    group = rig.group()
    put = "PutWarmPool"
    assert rig.refused(put, {"min_capacity": 1, "max_capacity": 2}, scaling_group_id=group) == "AS.2004"
    rig.do(put, {"min_capacity": 2, "max_capacity": 2, "instance_init_wait_time": 30}, scaling_group_id=group)
    assert rig.do("ShowWarmPool", scaling_group_id=group)["warm_pool"]["status"] == "ACTIVE"
    rows = rig.do("ListWarmPoolInstances", scaling_group_id=group)["warm_pool_instances"]
    assert [r["status"] for r in rows] == ["PENDING", "PENDING"]
    rig.do("CloseWarmPool", scaling_group_id=group)
    assert rig.do("ShowWarmPool", scaling_group_id=group)["warm_pool"]["status"] == "CLOSING"
    rig.later()
    assert rig.do("ShowWarmPool", scaling_group_id=group)["warm_pool"]["status"] == "CLOSED"
