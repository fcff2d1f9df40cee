"""Actions on members, one by one and in batches."""

from __future__ import annotations

import pytest
from cloudsim_rig import Rig


def test_added_server_has_no_configuration_and_moves_the_desired_number() -> None:
    """Otherwise the group would send it away again."""
    rig = Rig()
    group = rig.group()
    rig.batch(group, "ADD", "server-1", "server-2")
    assert rig.show(group)["activity_type"] == "MANNUAL_ADD"
    rig.later()
    assert rig.show(group)["desire_instance_number"] == 2
    assert {m["scaling_configuration_id"] for m in rig.members(group)} == {""}


def test_added_server_is_sent_away_again_when_the_desired_number_stays() -> None:
    """The other reading of the documents, by switch; the server is kept."""
    rig = Rig(options={"manual-moves-desired": "false"})
    group = rig.group()
    rig.batch(group, "ADD", "server-1")
    rig.later()
    assert rig.show(group)["activity_type"] == "DIFF"
    rig.later()
    assert rig.members(group) == []
    assert rig.server("server-1")["status"] == "ACTIVE"


def test_add_is_refused_where_the_documents_say_so() -> None:
    """Disabled, busy, full, taken, inactive, in another zone or VPC."""
    rig = Rig(quotas={"groups": 10})
    group, other = rig.group(available_zones=["a"]), rig.group()
    paused = rig.group(enabled=False)
    for name, fields in (("off", {"status": "SHUTOFF"}), ("far", {"zone": "z"}), ("out", {"vpc_id": "vpc-9"})):
        rig.cloud.console("ConsoleCreateServer", {"body": {"id": name, **fields}}, rig.world.clock.now())
    assert rig.batch_refused(paused, "ADD", "s1") == "AS.2033"
    assert rig.batch_refused(group, "ADD", "off") == "AS.4024"
    assert rig.batch_refused(group, "ADD", "far") == "AS.4020"
    assert rig.batch_refused(group, "ADD", "out") == "AS.4021"
    rig.batch(other, "ADD", "s1")
    assert rig.batch_refused(other, "ADD", "s2") == "AS.2033"
    assert rig.batch_refused(group, "ADD", "s1") == "AS.4027"
    rig.later()
    assert rig.batch_refused(other, "ADD", "s1") == "AS.4023"
    rig.update(group, max_instance_number=1)
    assert rig.batch_refused(group, "ADD", "s2", "s3") == "AS.2035"


def test_remove_keeps_or_deletes_and_never_deletes_added_servers() -> None:
    """The ledger tells which."""
    rig = Rig()
    group = rig.group(desire_instance_number=2)
    first, second = rig.ids(group)
    rig.batch(group, "ADD", "server-1")
    rig.later()
    rig.batch(group, "REMOVE", first)
    assert rig.show(group)["activity_type"] == "MANNUAL_REMOVE"
    rig.later()
    rig.batch(group, "REMOVE", second, "server-1", instance_delete="yes")
    rig.later()
    assert [rig.server(i)["status"] for i in (first, second, "server-1")] == ["ACTIVE", "DELETED", "ACTIVE"]
    log = rig.activities(group)[0]
    assert log["type"] == "MANNUAL_DELETE"
    assert [e["instance_id"] for e in log["instance_removed_list"]] == ["server-1"]
    assert [e["instance_id"] for e in log["instance_deleted_list"]] == [second]
    assert rig.show(group)["desire_instance_number"] == 0


def test_remove_respects_the_minimum_and_the_state() -> None:
    """Below the minimum, busy, unknown, of another group."""
    rig = Rig()
    group, other = rig.group(min_instance_number=1), rig.group(desire_instance_number=1)
    member = rig.ids(group)[0]
    assert rig.batch_refused(group, "REMOVE", member) == "AS.2036"
    assert rig.refused("DeleteScalingInstance", instance_id=member) == "AS.2036"
    assert rig.batch_refused(group, "REMOVE", "nobody") == "AS.4006"
    assert rig.batch_refused(group, "REMOVE", rig.ids(other)[0]) == "AS.4014"
    rig.do("DeleteScalingInstance", query={"instance_delete": "yes"}, instance_id=rig.ids(other)[0])
    rig.later()
    assert rig.members(other) == []


def test_batch_limits_differ_by_action() -> None:
    """Fifty to remove, ten for all others."""
    rig = Rig()
    group = rig.group()
    many = [f"s{i}" for i in range(51)]
    assert rig.batch_refused(group, "ADD", *many[:11]) == "AS.4043"
    assert rig.batch_refused(group, "REMOVE", *many) == "AS.4043"
    assert rig.batch_refused(group, "REMOVE", *many[:50]) == "AS.4030"
    assert rig.batch_refused(group, "ADD") == "AS.4019"
    assert rig.batch_refused(group, "EXPLODE", "s1") == "AS.4018"


def test_partial_failure_names_the_members_and_does_the_rest() -> None:
    """Ids and codes are in the text only."""
    rig = Rig()
    group = rig.group(desire_instance_number=2)
    member = rig.ids(group)[0]
    body = {"action": "REMOVE", "instances_id": [member, "nobody"]}
    status, content = rig.cloud.call("BatchActionScalingInstances", {"scaling_group_id": group}, {}, body)
    assert (status, content["error"]["code"]) == (400, "AS.4030")
    assert "nobody" in content["error"]["message"]
    rig.later()
    assert member not in rig.ids(group)


def test_partial_failure_does_nothing_when_switched_so() -> None:
    """All or nothing is the other plausible reading."""
    rig = Rig(options={"batch-partial": "false"})
    group = rig.group(desire_instance_number=2)
    member = rig.ids(group)[0]
    assert rig.batch_refused(group, "REMOVE", member, "nobody") == "AS.4030"
    assert rig.show(group)["is_scaling"] is False


def test_standby_goes_out_and_comes_back() -> None:
    """It counts towards the desired number and cannot be removed meanwhile."""
    rig = Rig()
    group = rig.group(desire_instance_number=2)
    member = rig.ids(group)[0]
    rig.batch(group, "ENTER_STANDBY", member)
    assert rig.members(group, life_cycle_state="ENTERING_STANDBY")[0]["instance_id"] == member
    rig.later()
    assert rig.show(group)["current_instance_number"] == 2
    assert rig.batch_refused(group, "REMOVE", member) == "AS.4015"
    assert rig.batch_refused(group, "ENTER_STANDBY", member) == "AS.4015"
    rig.batch(group, "EXIT_STANDBY", member)
    rig.later()
    assert rig.batch_refused(group, "EXIT_STANDBY", member) == "AS.4038"
    assert [a["type"] for a in rig.activities(group)[:2]] == ["EXIT_STANDBY", "ENTER_STANDBY"]


def test_standby_with_replacement_raises_the_desired_number() -> None:
    """Up to the maximum only."""
    rig = Rig()
    group = rig.group(desire_instance_number=2, max_instance_number=3)
    first, second = rig.ids(group)
    assert rig.batch_refused(group, "ENTER_STANDBY", first, second, instance_append="yes") == "AS.4039"
    rig.batch(group, "ENTER_STANDBY", first, instance_append="yes")
    rig.later(10)
    shown = rig.show(group)
    assert (shown["desire_instance_number"], shown["current_instance_number"]) == (3, 3)


@pytest.mark.parametrize("action", ["ENTER_STANDBY", "EXIT_STANDBY"])
def test_otc_has_no_standby_and_a_limit_of_ten(action: str) -> None:
    """The sibling cloud is the same code with other data."""
    rig = Rig("otc")
    group = rig.group()
    assert rig.batch_refused(group, action, "s1") == "AS.4018"
    assert rig.batch_refused(group, "REMOVE", *[f"s{i}" for i in range(11)]) == "AS.4043"
    with pytest.raises(ValueError, match="no operation"):
        rig.cloud.call("ListGroupScheduledTasks", {"scaling_group_id": group})


def test_pending_member_may_have_no_id_yet() -> None:
    """Seen in the wild; off by default."""
    rig = Rig(options={"pending-without-id": "true"})
    group = rig.group(settled=False, desire_instance_number=1)
    assert rig.ids(group) == [""]
    rig.later()
    assert rig.ids(group) != [""]
