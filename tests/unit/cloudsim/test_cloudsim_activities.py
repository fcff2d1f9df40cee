"""Activities: capacity, removal policies, failures, health, pauses."""

from __future__ import annotations

import json

import pytest
from cloudsim_rig import Rig

from cloudsim.faults import Fault, Kind


def test_resume_starts_one_activity_that_brings_the_desired_number() -> None:
    """Members are pending first; only joined ones count."""
    rig = Rig()
    group = rig.group(settled=False, desire_instance_number=2)
    shown = rig.show(group)
    assert (shown["is_scaling"], shown["activity_type"], shown["current_instance_number"]) == (True, "DIFF", 0)
    assert {m["life_cycle_state"] for m in rig.members(group)} == {"PENDING"}
    assert rig.members(group)[0]["health_status"] == "INITAILIZING"
    rig.later(4.9)
    assert rig.show(group)["is_scaling"] is True
    rig.later(0.1)
    assert rig.show(group)["current_instance_number"] == 2
    assert {m["life_cycle_state"] for m in rig.members(group)} == {"INSERVICE"}


def test_reading_never_moves_anything() -> None:
    """Two reads at one moment are equal."""
    rig = Rig()
    group = rig.group(settled=False, desire_instance_number=2)
    before = rig.cloud.dump()
    for _ in range(5):
        rig.show(group)
        rig.members(group)
        rig.activities(group)
    assert rig.cloud.dump() == before


def test_change_while_scaling_waits_for_the_activity_to_end() -> None:
    """Activities of one group never overlap."""
    rig = Rig()
    group = rig.group(settled=False, desire_instance_number=1)
    rig.update(group, desire_instance_number=3)
    assert len(rig.members(group)) == 1
    rig.later()
    assert len(rig.members(group)) == 3
    rig.later()
    kinds = [(a["type"], a["status"]) for a in rig.activities(group)]
    assert kinds == [("NORMAL", "SUCCESS"), ("DIFF", "SUCCESS")]


def test_change_while_scaling_can_be_refused_by_switch() -> None:
    """The documents do not say; both are possible."""
    rig = Rig(options={"desire-while-scaling": "reject"})
    group = rig.group(settled=False, desire_instance_number=1)
    assert rig.refused("UpdateScalingGroup", {"desire_instance_number": 2}, scaling_group_id=group) == "AS.2033"


def test_paused_group_stores_the_desired_number_until_it_is_resumed() -> None:
    """A pause lets the running activity finish and starts no other."""
    rig = Rig()
    group = rig.group(settled=False, desire_instance_number=1)
    rig.do("ActionScalingGroup", {"action": "pause"}, scaling_group_id=group)
    rig.update(group, desire_instance_number=2)
    rig.later(60)
    assert rig.show(group)["current_instance_number"] == 1
    rig.do("ActionScalingGroup", {"action": "resume"}, scaling_group_id=group)
    rig.later()
    assert rig.show(group)["current_instance_number"] == 2
    assert rig.activities(group)[0]["type"] == "DIFF"


@pytest.mark.parametrize(
    ("policy", "survivors"),
    [
        ("OLD_CONFIG_OLD_INSTANCE", ["b1", "b2"]),
        ("OLD_CONFIG_NEW_INSTANCE", ["b1", "b2"]),
        ("OLD_INSTANCE", ["b1", "b2"]),
        ("NEW_INSTANCE", ["a1", "a2"]),
    ],
)
def test_removal_policy_chooses_who_leaves(policy: str, survivors: list[str]) -> None:
    """Two members of an old and two of a new template; two leave."""
    rig = Rig()
    old = rig.template("old")
    group = rig.group(scaling_configuration_id=old, desire_instance_number=1, instance_terminate_policy=policy)
    names = dict.fromkeys(rig.ids(group), "a1")
    rig.later()
    for number, name in ((2, "a2"), (3, "b1"), (4, "b2")):
        if name == "b1":
            rig.update(group, scaling_configuration_id=rig.template("new"))
        rig.update(group, desire_instance_number=number)
        rig.later()
        names |= {i: name for i in rig.ids(group) if i not in names}
    rig.update(group, desire_instance_number=2)
    rig.later()
    assert sorted(names[i] for i in rig.ids(group)) == survivors


def test_one_of_the_old_template_leaves_by_age() -> None:
    """OLD_CONFIG_NEW_INSTANCE takes the newest of the oldest template."""
    for policy, expected in (("OLD_CONFIG_OLD_INSTANCE", 0), ("OLD_CONFIG_NEW_INSTANCE", 1)):
        rig = Rig()
        group = rig.group(desire_instance_number=1, instance_terminate_policy=policy)
        rig.later()
        rig.update(group, desire_instance_number=2)
        rig.later()
        members = rig.ids(group)
        rig.update(group, desire_instance_number=1)
        rig.later()
        assert rig.ids(group) == [members[1 - expected]]


def test_protected_and_standby_members_are_never_chosen() -> None:
    """The desired number may not go below them either."""
    rig = Rig()
    group = rig.group(desire_instance_number=4)
    kept, away = rig.ids(group)[:1], rig.ids(group)[1:2]
    rig.batch(group, "PROTECT", *kept)
    rig.batch(group, "ENTER_STANDBY", *away)
    rig.later()
    update = "UpdateScalingGroup"
    assert rig.refused(update, {"desire_instance_number": 0}, scaling_group_id=group) == "AS.2010"
    assert rig.refused(update, {"desire_instance_number": 1}, scaling_group_id=group) == "AS.2052"
    rig.update(group, desire_instance_number=2)
    rig.later()
    assert sorted(rig.ids(group)) == sorted(kept + away)


def test_failed_launch_leaves_a_detail_and_is_tried_again_later() -> None:
    """The log names the server that failed, the group the reason."""
    rig = Rig()
    group = rig.group(enabled=False, desire_instance_number=1)
    rig.world.faults.add(Fault("", "huawei", "*", Kind.INSTANCE_FAIL, code="AS.2038"))
    rig.do("ActionScalingGroup", {"action": "resume"}, scaling_group_id=group)
    rig.later()
    shown, log = rig.show(group), rig.activities(group)[0]
    assert (shown["current_instance_number"], shown["is_scaling"]) == (0, False)
    assert "sold out" in shown["detail"]
    assert (log["status"], log["instance_failed_list"][0]["failed_reason"]) == ("FAIL", "AS.2038")
    assert rig.server(log["instance_failed_list"][0]["instance_id"])["status"] == "DELETED"
    rig.later(65)
    shown = rig.show(group)
    assert (shown["current_instance_number"], shown["detail"]) == (1, None)


def test_repeated_failures_end_in_error_when_switched_on() -> None:
    """How a group gets to ERROR is not documented; by default it does not."""
    rig = Rig(options={"error-after-failures": "2", "retry-seconds": "10"})
    group = rig.group(enabled=False, desire_instance_number=1)
    rig.world.faults.add(Fault("", "huawei", "*", Kind.INSTANCE_FAIL, left=None))
    rig.do("ActionScalingGroup", {"action": "resume"}, scaling_group_id=group)
    rig.later(60)
    assert rig.show(group)["scaling_group_status"] == "ERROR"
    rig.world.faults.clear()
    rig.do("ActionScalingGroup", {"action": "resume"}, scaling_group_id=group)
    rig.later()
    assert rig.show(group)["current_instance_number"] == 1


def test_broken_member_is_found_at_the_next_check_and_replaced() -> None:
    """Removed and deleted first, then the difference is filled."""
    rig = Rig()
    group = rig.group(desire_instance_number=2, health_periodic_audit_time=1)
    broken = rig.ids(group)[0]
    rig.cloud.apply_fault(Fault("", "huawei", "*", Kind.INSTANCE_UNHEALTHY, target=broken), rig.world.clock.now())
    assert rig.members(group, health_status="ERROR")[0]["instance_id"] == broken
    rig.later(60)
    assert rig.show(group)["activity_type"] == "AUDIT_CHECK_DELETE"
    rig.later(10)
    assert broken not in rig.ids(group)
    assert len(rig.members(group, life_cycle_state="INSERVICE")) == 2
    assert rig.server(broken)["status"] == "DELETED"


def test_grace_period_holds_back_the_listener_check() -> None:
    """It counts from joining, and only for checks by listener."""
    rig = Rig()
    group = rig.group(desire_instance_number=1, lb_listener_id="l1", health_periodic_audit_time=1)
    rig.cloud.apply_fault(Fault("", "huawei", "*", Kind.INSTANCE_UNHEALTHY), rig.world.clock.now())
    rig.later(500)
    assert rig.members(group)[0]["health_status"] == "ERROR"
    rig.later(200)
    assert rig.members(group)[0]["health_status"] != "ERROR"


def test_slow_activity_takes_longer() -> None:
    """The fault adds its seconds once."""
    rig = Rig()
    group = rig.group(enabled=False, desire_instance_number=1)
    rig.world.faults.add(Fault("", "huawei", "*", Kind.ACTIVITY_SLOW, seconds=30))
    rig.do("ActionScalingGroup", {"action": "resume"}, scaling_group_id=group)
    rig.later(34)
    assert rig.show(group)["is_scaling"] is True
    rig.later(1)
    assert rig.show(group)["is_scaling"] is False


def test_zones_are_balanced_or_taken_in_order() -> None:
    """The server ledger knows the zone."""
    for policy, expected in (("EQUILIBRIUM_DISTRIBUTE", {"a", "b"}), ("PICK_FIRST", {"a"})):
        rig = Rig()
        group = rig.group(desire_instance_number=4, available_zones=["a", "b"], multi_az_priority_policy=policy)
        assert {rig.server(i)["zone"] for i in rig.ids(group)} == expected


def test_logs_of_both_versions_tell_the_same_activity() -> None:
    """Version 1 joins names, version 2 lists objects; the description is JSON in a string."""
    rig = Rig()
    group = rig.group(desire_instance_number=0)
    rig.update(group, desire_instance_number=2)
    rig.later()
    old = rig.do("ListScalingActivityLogs", scaling_group_id=group)["scaling_activity_log"][0]
    new = rig.activities(group)[0]
    assert old["id"] == new["id"]
    assert old["instance_added_list"] == ",".join(e["instance_name"] for e in new["instance_added_list"])
    assert old["instance_removed_list"] is None
    assert new["instance_removed_list"] == []
    reason = json.loads(new["description"])["reason"][0]
    assert (reason["change_reason"], reason["old_value"], reason["new_value"]) == ("MANNUAL", 0, 2)
    assert (new["instance_value"], new["desire_value"], new["scaling_value"]) == (0, 2, 2)


def test_activity_log_is_filtered() -> None:
    """By type list, status and time; wrong values are refused."""
    rig = Rig()
    group = rig.group(desire_instance_number=1)
    log = "ListScalingActivityV2Logs"
    rows = rig.do(log, query={"type": "NORMAL,DIFF", "status": "SUCCESS"}, scaling_group_id=group)
    assert rows["total_number"] == 1
    assert rig.do(log, query={"type": "MODIFY_ELB"}, scaling_group_id=group)["total_number"] == 0
    assert rig.do(log, query={"start_time": "2999-01-01T00:00:00Z"}, scaling_group_id=group)["total_number"] == 0
    assert rig.refused(log, query={"start_time": "yesterday"}, scaling_group_id=group) == "AS.9001"
    assert rig.refused(log, query={"type": "ODD"}, scaling_group_id=group) == "AS.9012"
    assert rig.refused(log, query={"status": "ODD"}, scaling_group_id=group) == "AS.9013"
