"""Policies: validation, reading, running."""

from __future__ import annotations

from typing import Any

import pytest
from cloudsim_rig import Rig

from cloudsim.huawei import times

DAILY = {"launch_time": "00:00", "recurrence_type": "Daily", "end_time": "2999-01-01T00:00Z"}


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"scaling_policy_name": None}, "AS.3013"),
        ({"scaling_policy_name": "x" * 65}, "AS.3014"),
        ({"scaling_policy_name": "a b"}, "AS.3031"),
        ({"scaling_policy_type": None}, "AS.3011"),
        ({"scaling_policy_type": "NEVER"}, "AS.3002"),
        ({"scaling_resource_id": None}, "AS.3041"),
        ({"scaling_resource_id": "nobody"}, "AS.3042"),
        ({"scaling_resource_type": None}, "AS.3054"),
        ({"scaling_resource_type": "DISK"}, "AS.3037"),
        ({"alarm_id": None}, "AS.3026"),
        ({"cool_down_time": -1}, "AS.3012"),
        ({"scaling_policy_action": {"operation": "HALVE"}}, "AS.3017"),
        ({"scaling_policy_action": {"size": 0}}, "AS.3018"),
        ({"scaling_policy_action": {"percentage": 20001}}, "AS.3035"),
        ({"scaling_policy_action": {"size": 1, "percentage": 1}}, "AS.3036"),
        ({"scaling_policy_action": {"limits": 5}}, "AS.3043"),
        ({"scaling_policy_action": {"instance_number": 1}}, "AS.0022"),
        ({"scaling_policy_type": "SCHEDULED"}, "AS.3003"),
        ({"scaling_policy_type": "SCHEDULED", "scheduled_policy": {}}, "AS.3008"),
        ({"scaling_policy_type": "SCHEDULED", "scheduled_policy": {"launch_time": "soon"}}, "AS.3009"),
        ({"scaling_policy_type": "SCHEDULED", "scheduled_policy": {"launch_time": "2020-01-01T00:00Z"}}, "AS.3010"),
        ({"scaling_policy_type": "RECURRENCE", "scheduled_policy": {**DAILY, "recurrence_type": None}}, "AS.3023"),
        ({"scaling_policy_type": "RECURRENCE", "scheduled_policy": {**DAILY, "recurrence_type": "DAILY"}}, "AS.3004"),
        ({"scaling_policy_type": "RECURRENCE", "scheduled_policy": {**DAILY, "recurrence_type": "Weekly"}}, "AS.3024"),
        (
            {
                "scaling_policy_type": "RECURRENCE",
                "scheduled_policy": {**DAILY, "recurrence_type": "Weekly", "recurrence_value": "1,8"},
            },
            "AS.3025",
        ),
        ({"scaling_policy_type": "RECURRENCE", "scheduled_policy": {**DAILY, "end_time": None}}, "AS.3005"),
        ({"scaling_policy_type": "RECURRENCE", "scheduled_policy": {**DAILY, "end_time": "never"}}, "AS.3006"),
        (
            {"scaling_policy_type": "RECURRENCE", "scheduled_policy": {**DAILY, "end_time": "2020-01-01T00:00Z"}},
            "AS.3007",
        ),
        ({"scaling_policy_type": "RECURRENCE", "scheduled_policy": {**DAILY, "start_time": "x"}}, "AS.3028"),
        (
            {"scaling_policy_type": "RECURRENCE", "scheduled_policy": {**DAILY, "start_time": "2999-01-01T00:00Z"}},
            "AS.3029",
        ),
        (
            {
                "scaling_policy_type": "RECURRENCE",
                "scheduled_policy": {
                    **DAILY,
                    "start_time": "2998-01-01T01:00Z",
                    "end_time": "2998-01-01T02:00Z",
                },
            },
            "AS.3033",
        ),
    ],
)
def test_wrong_policy_is_refused_with_its_code(fields: dict[str, Any], code: str) -> None:
    """Each rule has its own code and nothing is created."""
    rig = Rig()
    body = {
        "scaling_policy_name": "p",
        "scaling_resource_id": rig.group(),
        "scaling_resource_type": "SCALING_GROUP",
        "scaling_policy_type": "ALARM",
        "alarm_id": "al1",
        **fields,
    }
    assert rig.refused("CreateScalingV2Policy", {k: v for k, v in body.items() if v is not None}) == code
    assert rig.do("ListAllScalingV2Policies")["total_number"] == 0


def test_alarm_policy_reads_differently_in_both_versions() -> None:
    """Version 1 leaves the timer out and says REMOVE; version 2 shows an empty one and says REDUCE."""
    rig = Rig()
    policy = rig.policy(rig.group(), scaling_policy_action={"operation": "REMOVE", "percentage": 50})
    old = rig.do("ShowScalingPolicy", scaling_policy_id=policy)["scaling_policy"]
    new = rig.do("ShowScalingV2Policy", scaling_policy_id=policy)["scaling_policy"]
    assert old["scaling_policy_action"] == {"operation": "REMOVE", "instance_percentage": 50}
    assert "scheduled_policy" not in old
    assert new["scaling_policy_action"] == {"operation": "REDUCE", "percentage": 50}
    assert new["scheduled_policy"] == {}
    assert new["policy_status"] == "INSERVICE"


def test_timer_policy_shows_only_what_its_type_has() -> None:
    """One-off timers keep the launch time only; daily ones have no value."""
    rig = Rig()
    group = rig.group()
    once = rig.policy(group, "SCHEDULED", scheduled_policy={"launch_time": "2998-01-01T00:00Z", "end_time": "x"})
    daily = rig.policy(group, "RECURRENCE", scheduled_policy={**DAILY, "recurrence_value": "7"})
    shown = rig.do("ShowScalingPolicy", scaling_policy_id=once)["scaling_policy"]
    assert shown["scheduled_policy"] == {"launch_time": "2998-01-01T00:00Z"}
    assert "alarm_id" not in shown
    shown = rig.do("ShowScalingPolicy", scaling_policy_id=daily)["scaling_policy"]["scheduled_policy"]
    assert set(shown) == {"launch_time", "recurrence_type", "start_time", "end_time"}


def test_update_keeps_what_is_absent_and_wants_what_a_new_type_needs() -> None:
    """A refused update leaves nothing behind."""
    rig = Rig()
    group = rig.group()
    policy = rig.policy(group, scaling_policy_action={"size": 3})
    update = "UpdateScalingV2Policy"
    assert rig.refused(update, {"scaling_policy_type": "SCHEDULED"}, scaling_policy_id=policy) == "AS.3003"
    rig.do(update, {"cool_down_time": 9}, scaling_policy_id=policy)
    shown = rig.do("ShowScalingV2Policy", scaling_policy_id=policy)["scaling_policy"]
    assert (shown["scaling_policy_type"], shown["cool_down_time"]) == ("ALARM", 9)
    assert shown["scaling_policy_action"] == {"operation": "ADD", "size": 3}
    rig.do(update, {"scaling_policy_type": "RECURRENCE", "scheduled_policy": DAILY}, scaling_policy_id=policy)
    shown = rig.do("ShowScalingV2Policy", scaling_policy_id=policy)["scaling_policy"]
    assert "alarm_id" not in shown


def test_alarm_belongs_to_one_group_at_a_time() -> None:
    """A second group is refused, a second policy of the same group is not."""
    rig = Rig()
    group, other = rig.group(), rig.group()
    rig.policy(group)
    rig.policy(group)
    body = {
        "scaling_policy_name": "p",
        "scaling_group_id": other,
        "scaling_policy_type": "ALARM",
        "alarm_id": "al1",
    }
    assert rig.refused("CreateScalingPolicy", body) == "AS.3034"


@pytest.mark.parametrize(
    ("action", "start", "expected"),
    [
        ({}, 2, 3),
        ({"operation": "ADD", "size": 100}, 2, 10),
        ({"operation": "REDUCE", "size": 1}, 2, 1),
        ({"operation": "REMOVE", "size": 100}, 2, 0),
        ({"operation": "SET", "size": 5}, 2, 5),
        ({"operation": "ADD", "percentage": 50}, 5, 7),
        ({"operation": "ADD", "percentage": 1}, 5, 6),
        ({"operation": "SET", "percentage": 100}, 5, 5),
        ({"operation": "REDUCE", "percentage": 60}, 5, 2),
    ],
    ids=str,
)
def test_execution_moves_the_desired_number_within_the_bounds(
    action: dict[str, Any], start: int, expected: int
) -> None:
    """Below one counts as one, the rest is rounded down, the bounds cut."""
    rig = Rig()
    group = rig.group(desire_instance_number=start)
    policy = rig.policy(group, scaling_policy_action=action)
    rig.do("ActionScalingPolicy", {"action": "execute"}, scaling_policy_id=policy)
    rig.later()
    assert rig.show(group)["current_instance_number"] == expected
    run = rig.runs(policy)[0]
    assert (run["status"], run["execute_type"]) == ("SUCCESS", "MANUAL")
    assert (run["old_value"], run["desire_value"]) == (str(start), str(expected))


def test_execution_is_refused_and_logged_where_it_cannot_be() -> None:
    """Disabled group, disabled policy, busy group, at the limit."""
    rig = Rig()
    group = rig.group(desire_instance_number=9)
    policy = rig.policy(group, scaling_policy_action={"size": 1})
    execute: Any = ("ActionScalingPolicy", {"action": "execute"})
    rig.do("ActionScalingPolicy", {"action": "pause"}, scaling_policy_id=policy)
    assert rig.refused(*execute, scaling_policy_id=policy) == "AS.3027"
    rig.do("ActionScalingPolicy", {"action": "resume"}, scaling_policy_id=policy)
    rig.do(*execute, scaling_policy_id=policy)
    assert rig.do("ShowScalingPolicy", scaling_policy_id=policy)["scaling_policy"]["policy_status"] == "EXECUTING"
    assert rig.refused(*execute, scaling_policy_id=policy) == "AS.3038"
    assert rig.refused("DeleteScalingPolicy", scaling_policy_id=policy) == "AS.3038"
    other = rig.policy(group)
    assert rig.refused(*execute, scaling_policy_id=other) == "AS.0034"
    rig.later()
    assert rig.refused(*execute, scaling_policy_id=policy) == "AS.0050"
    rig.do("ActionScalingGroup", {"action": "pause"}, scaling_group_id=group)
    assert rig.refused(*execute, scaling_policy_id=policy) == "AS.3027"
    assert [r["status"] for r in rig.runs(policy)] == ["FAIL", "FAIL", "FAIL", "SUCCESS", "FAIL"]


def test_alarm_is_refused_during_the_cooldown_and_manual_execution_is_not() -> None:
    """The cooldown starts when an activity ends."""
    rig = Rig()
    group = rig.group(desire_instance_number=1, cool_down_time=100)
    policy = rig.policy(group, cool_down_time=20)
    fire = rig.cloud.fire_alarm
    assert fire(policy, {}, rig.world.catch_up()).content == {"accepted": False, "code": "AS.0026"}
    rig.do("ActionScalingPolicy", {"action": "execute"}, scaling_policy_id=policy)
    rig.later()
    rig.later(19)
    assert fire(policy, {}, rig.world.catch_up()).content["code"] == "AS.0026"
    rig.later(1)
    assert fire(policy, {}, rig.world.catch_up()).content == {"accepted": True, "code": None}


def test_alarm_in_the_opposite_direction_runs_right_after_the_activity() -> None:
    """The same direction is refused while the group is busy."""
    rig = Rig()
    group = rig.group(settled=False, desire_instance_number=3)
    up = rig.policy(group, scaling_policy_action={"operation": "ADD"})
    down = rig.policy(group, scaling_policy_action={"operation": "REDUCE"})
    fire = rig.cloud.fire_alarm
    assert fire(up, {}, rig.world.catch_up()).content["code"] == "AS.0034"
    assert fire(down, {}, rig.world.catch_up()).content["accepted"] is True
    rig.later(5)
    assert rig.show(group)["is_scaling"] is True
    rig.later(5)
    assert rig.show(group)["current_instance_number"] == 2


def test_one_off_timer_fires_once_at_its_minute() -> None:
    """The log says SCHEDULE, the filter SCHEDULED."""
    rig = Rig()
    group = rig.group()
    at = times.minute(rig.world.clock.now() + 3600)
    policy = rig.policy(group, "SCHEDULED", scheduled_policy={"launch_time": at})
    rig.later(3500)
    assert rig.runs(policy) == []
    rig.later(8000)
    assert [r["execute_type"] for r in rig.runs(policy)] == ["SCHEDULE"]
    log = "ListScalingPolicyExecuteLogs"
    found = rig.do(log, query={"execute_type": "SCHEDULED"}, scaling_policy_id=policy)
    assert found["total_number"] == 1
    assert rig.show(group)["current_instance_number"] == 1


def test_daily_timer_fires_every_day_until_its_end() -> None:
    """Changed timers do not fire at their old time."""
    rig = Rig()
    group = rig.group()
    now = rig.world.clock.now()
    schedule = {
        "launch_time": "12:00",
        "recurrence_type": "Daily",
        "end_time": times.minute(now + 5 * 86400),
    }
    policy = rig.policy(group, "RECURRENCE", scheduled_policy=schedule)
    rig.later(2 * 86400)
    assert len(rig.runs(policy)) == 2
    rig.do("UpdateScalingPolicy", {"scheduled_policy": {**schedule, "launch_time": "13:00"}}, scaling_policy_id=policy)
    rig.later(20 * 86400)
    assert len(rig.runs(policy)) in (5, 6)
    assert {r["execute_time"][11:16] for r in rig.runs(policy)[:-3]} == {"13:00"}


def test_batch_deletes_pauses_and_resumes_up_to_twenty() -> None:
    """An executing policy needs force; unknown ones are named."""
    rig = Rig()
    group = rig.group()
    first, second = rig.policy(group), rig.policy(group)
    batch = "BatchActionScalingPolicies"
    rig.do(batch, {"action": "pause", "scaling_policy_id": [first, second]})
    rig.do(batch, {"action": "resume", "scaling_policy_id": [first, second]})
    rig.do("ActionScalingPolicy", {"action": "execute"}, scaling_policy_id=first)
    assert rig.refused(batch, {"action": "delete", "scaling_policy_id": [first, second, "no"]}) == "AS.3045"
    assert rig.do("ListAllScalingV2Policies")["total_number"] == 1
    rig.do(batch, {"action": "delete", "scaling_policy_id": [first], "force_delete": "yes"})
    assert rig.refused(batch, {"action": "delete", "scaling_policy_id": ["x"] * 21}) == "AS.3049"


def test_bandwidth_policy_changes_its_bandwidth_within_limits() -> None:
    """Invisible to version 1."""
    rig = Rig()
    policy = rig.policy(
        "bandwidth-1",
        scaling_resource_type="BANDWIDTH",
        scaling_policy_action={"operation": "ADD", "size": 100, "limits": 50},
    )
    rig.do("ActionScalingPolicy", {"action": "execute"}, scaling_policy_id=policy)
    assert rig.runs(policy)[0]["desire_value"] == "50"
    assert rig.refused("ShowScalingPolicy", scaling_policy_id=policy) == "AS.3020"
    shown = rig.do("ListScalingV2Policies", scaling_resource_id="bandwidth-1")["scaling_policies"][0]
    assert shown["meta_data"]["metadata_eip_id"] == "bandwidth-1"


def test_interval_alarm_takes_the_action_of_its_interval() -> None:
    """Intervals must not overlap."""
    rig = Rig()
    group = rig.group(cool_down_time=0)
    intervals = [
        {"lower_bound": 0, "upper_bound": 10, "operation": "ADD", "size": 1},
        {"lower_bound": 10, "operation": "ADD", "size": 3},
    ]
    policy = rig.policy(group, "INTERVAL_ALARM", alarm_id="al9", interval_alarm_actions=intervals)
    rig.cloud.fire_alarm(policy, {"value": 20}, rig.world.catch_up())
    rig.later()
    assert rig.show(group)["current_instance_number"] == 3
    update = {"interval_alarm_actions": [intervals[0], {"lower_bound": 5, "operation": "ADD"}]}
    assert rig.refused("UpdateScalingV2Policy", update, scaling_policy_id=policy) == "AS.0022"


def test_all_policies_can_be_sorted() -> None:
    """By name both ways; alarms before timers by trigger."""
    rig = Rig()
    group = rig.group()
    for name in ("b", "a"):
        rig.policy(group, scaling_policy_name=name)
    rig.policy(group, "RECURRENCE", scaling_policy_name="c", scheduled_policy=DAILY)

    def names(**query: str) -> list[str]:
        rows = rig.do("ListAllScalingV2Policies", query=query)["scaling_policies"]
        return [p["scaling_policy_name"] for p in rows]

    assert names() == ["b", "a", "c"]
    assert names(sort_by="POLICY_NAME", order="DESC") == ["c", "b", "a"]
    assert names(sort_by="TRIGGER_CONDITION")[-1] == "c"
    assert rig.refused("ListAllScalingV2Policies", query={"sort_by": "AGE"}) == "AS.3057"


@pytest.mark.parametrize("operation", ["UpdateScalingPolicy", "UpdateScalingV2Policy"])
def test_change_may_repeat_the_id_of_the_path(operation: str) -> None:
    """In both versions; another id is a field that is not supported."""
    rig = Rig()
    policy = rig.policy(rig.group())
    rig.do(operation, {"scaling_policy_id": policy, "cool_down_time": 7}, scaling_policy_id=policy)
    shown = rig.do("ShowScalingPolicy", scaling_policy_id=policy)["scaling_policy"]
    assert shown["cool_down_time"] == 7
    assert rig.refused(operation, {"scaling_policy_id": "other"}, scaling_policy_id=policy) == "AS.0022"
