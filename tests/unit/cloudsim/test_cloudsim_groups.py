"""Groups: defaults, validation, locks, deletion."""

from __future__ import annotations

from typing import Any

import pytest
from cloudsim_rig import Rig


def test_new_group_is_paused_and_has_documented_defaults() -> None:
    """Nothing runs before a resume."""
    rig = Rig()
    shown = rig.show(rig.group(enabled=False, desire_instance_number=3))
    assert shown["scaling_group_status"] == "PAUSED"
    assert (shown["current_instance_number"], shown["desire_instance_number"]) == (0, 3)
    assert shown["instance_terminate_policy"] == "OLD_CONFIG_OLD_INSTANCE"
    assert shown["health_periodic_audit_method"] == "NOVA_AUDIT"
    assert shown["enterprise_project_id"] == "0"
    assert shown["is_scaling"] is False


def test_health_check_defaults_to_the_listener_when_there_is_one() -> None:
    """The default depends on the load balancer."""
    rig = Rig()
    shown = rig.show(rig.group(enabled=False, lb_listener_id="listener-1"))
    assert shown["health_periodic_audit_method"] == "ELB_AUDIT"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"unknown": 1}, "AS.0022"),
        ({"scaling_group_name": ""}, "AS.2002"),
        ({"scaling_group_name": "x" * 65}, "AS.2003"),
        ({"scaling_group_name": "a b"}, "AS.2022"),
        ({"networks": []}, "AS.2013"),
        ({"networks": [{"id": f"n{i}"} for i in range(6)]}, "AS.2024"),
        ({"vpc_id": None}, "AS.2017"),
        ({"security_groups": [{"id": "a"}, {"id": "b"}]}, "AS.2025"),
        ({"min_instance_number": 3, "max_instance_number": 2}, "AS.2004"),
        ({"min_instance_number": "1"}, "AS.2004"),
        ({"max_instance_number": 301}, "AS.2045"),
        ({"desire_instance_number": 11}, "AS.2005"),
        ({"cool_down_time": 86401}, "AS.2006"),
        ({"health_periodic_audit_method": "ELB_AUDIT"}, "AS.2029"),
        ({"health_periodic_audit_time": 2}, "AS.2031"),
        ({"instance_terminate_policy": "RANDOM"}, "AS.2032"),
        ({"notifications": ["SMS"]}, "AS.2034"),
        ({"multi_az_priority_policy": "BEST"}, "AS.2053"),
        ({"delete_volume": "yes"}, "AS.0022"),
        ({"lbaas_listeners": [{"pool_id": "p", "protocol_port": 0, "weight": 1}]}, "AS.2039"),
        ({"lbaas_listeners": [{"pool_id": "p", "protocol_port": 80, "weight": 101}]}, "AS.2040"),
        (
            {"lb_listener_id": "l", "lbaas_listeners": [{"pool_id": "p", "protocol_port": 80, "weight": 1}]},
            "AS.2026",
        ),
        ({"scaling_configuration_id": "nothing"}, "AS.1004"),
        ({"tags": [{"key": "a", "value": "b"}, {"key": "a"}]}, "AS.7050"),
        ({"tags": [{"key": "a" * 37}]}, "AS.7063"),
    ],
    ids=lambda v: v if isinstance(v, str) else "-".join(v),
)
def test_wrong_group_is_refused_with_its_code(fields: dict[str, Any], code: str) -> None:
    """Each rule has its own code and nothing is created."""
    rig = Rig()
    body = {k: v for k, v in rig.group_body(**fields).items() if v is not None}
    assert rig.refused("CreateScalingGroup", body) == code
    assert rig.do("ListScalingGroups")["total_number"] == 0


def test_group_quota_is_enforced() -> None:
    """The eleventh group of a default account is refused."""
    rig = Rig()
    template = rig.template()
    for _ in range(10):
        rig.group(enabled=False, settled=False, scaling_configuration_id=template)
    body = rig.group_body(scaling_configuration_id=template)
    assert rig.refused("CreateScalingGroup", body) == "AS.2023"


def test_null_field_of_an_update_changes_nothing() -> None:
    """Absent and null are the same."""
    rig = Rig()
    group = rig.group(enabled=False, description="words")
    rig.update(group, description=None, cool_down_time=7)
    shown = rig.show(group)
    assert (shown["description"], shown["cool_down_time"]) == ("words", 7)


def test_vpc_and_tags_cannot_be_updated() -> None:
    """Both are unsupported fields of the update."""
    rig = Rig()
    group = rig.group(enabled=False)
    fields: list[dict[str, Any]] = [{"vpc_id": "vpc-2"}, {"tags": []}]
    for field in fields:
        assert rig.refused("UpdateScalingGroup", field, scaling_group_id=group) == "AS.0022"


def test_networks_change_only_while_disabled_empty_and_idle() -> None:
    """A real change is refused, the same value is not."""
    rig = Rig()
    group = rig.group(desire_instance_number=0)
    other = {"networks": [{"id": "net-2"}]}
    assert rig.refused("UpdateScalingGroup", other, scaling_group_id=group) == "AS.2030"
    rig.update(group, networks=[{"id": "net-1"}])
    rig.do("ActionScalingGroup", {"action": "pause"}, scaling_group_id=group)
    rig.update(group, **other)
    assert rig.show(group)["networks"] == [{"id": "net-2"}]


def test_bounds_must_not_leave_the_desired_number_outside() -> None:
    """The whole update is refused, unless the switch lets the desired number follow."""
    strict, loose = Rig(), Rig(options={"bounds-move-desired": "true"})
    group = strict.group(enabled=False, desire_instance_number=4)
    body = {"max_instance_number": 3}
    assert strict.refused("UpdateScalingGroup", body, scaling_group_id=group) == "AS.2005"
    group = loose.group(enabled=False, desire_instance_number=4)
    loose.update(group, max_instance_number=3)
    assert loose.show(group)["desire_instance_number"] == 3


def test_unchanged_desired_number_is_refused_only_when_switched_on() -> None:
    """AS.2028 exists, but not every unchanged number raises it."""
    for option, expected in (("false", None), ("true", "AS.2028")):
        rig = Rig(options={"reject-unchanged-desire": option})
        group = rig.group(enabled=False, desire_instance_number=1)
        status, content = rig.cloud.call(
            "UpdateScalingGroup", {"scaling_group_id": group}, {}, {"desire_instance_number": 1}
        )
        assert (content.get("error", {}).get("code"), status) == (expected, 400 if expected else 200)


def test_listener_change_is_an_activity_that_blocks_the_next_one() -> None:
    """MODIFY_ELB runs in an enabled group and names what was bound."""
    rig = Rig()
    group = rig.group()
    pool = {"pool_id": "pool-1", "protocol_port": 80, "weight": 1}
    rig.update(group, lbaas_listeners=[pool, dict(pool)])
    shown = rig.show(group)
    assert (shown["is_scaling"], shown["activity_type"]) == (True, "MODIFY_ELB")
    assert len(shown["lbaas_listeners"]) == 1
    assert rig.refused("UpdateScalingGroup", {"lbaas_listeners": []}, scaling_group_id=group) == "AS.2047"
    assert rig.refused("UpdateScalingGroup", {"available_zones": ["b"]}, scaling_group_id=group) == "AS.2054"
    rig.later()
    assert rig.activities(group)[0]["lb_bind_success_list"][0]["lbaas_listener"]["pool_id"] == "pool-1"


def test_group_with_members_is_not_deleted_without_force() -> None:
    """AS.2021 until the last one is gone, AS.2007 afterwards."""
    rig = Rig()
    group = rig.group(desire_instance_number=1)
    assert rig.refused("DeleteScalingGroup", scaling_group_id=group) == "AS.2021"
    rig.update(group, desire_instance_number=0)
    assert rig.refused("DeleteScalingGroup", scaling_group_id=group) == "AS.2033"
    rig.later()
    rig.do("DeleteScalingGroup", scaling_group_id=group)
    assert rig.refused("ShowScalingGroup", scaling_group_id=group) == "AS.2007"


def test_force_deletes_created_servers_and_keeps_added_ones() -> None:
    """The ledger tells released from detached."""
    rig = Rig()
    group = rig.group(desire_instance_number=1)
    created = rig.ids(group)[0]
    rig.batch(group, "ADD", "server-1")
    rig.later()
    policy = rig.policy(group)
    rig.do("DeleteScalingGroup", query={"force_delete": "yes"}, scaling_group_id=group)
    assert rig.show(group)["scaling_group_status"] == "DELETING"
    assert rig.refused("UpdateScalingGroup", {"cool_down_time": 1}, scaling_group_id=group) == "AS.2033"
    rig.later()
    assert rig.refused("ShowScalingGroup", scaling_group_id=group) == "AS.2007"
    assert rig.refused("ShowScalingPolicy", scaling_policy_id=policy) == "AS.3020"
    assert rig.server(created)["status"] == "DELETED"
    assert rig.server("server-1")["status"] == "ACTIVE"


def test_force_delete_may_leave_servers_behind() -> None:
    """The document warns of it; the switch makes it happen."""
    rig = Rig(options={"force-delete-leaves-servers": "true"})
    group = rig.group(desire_instance_number=1)
    created = rig.ids(group)[0]
    rig.do("DeleteScalingGroup", query={"force_delete": "yes"}, scaling_group_id=group)
    rig.later()
    assert rig.server(created)["status"] == "ACTIVE"


def test_force_delete_waits_for_the_running_activity() -> None:
    """The launch ends first, then everything goes."""
    rig = Rig()
    group = rig.group(settled=False, desire_instance_number=2)
    rig.do("DeleteScalingGroup", query={"force_delete": "yes"}, scaling_group_id=group)
    rig.later()
    assert {m["life_cycle_state"] for m in rig.members(group)} == {"REMOVING"}
    rig.later()
    assert rig.refused("ShowScalingGroup", scaling_group_id=group) == "AS.2007"


def test_group_list_is_paged_filtered_and_newest_first() -> None:
    """start_number is a row, names match in part, the total ignores the page."""
    rig = Rig(quotas={"groups": 30})
    template = rig.template()
    for number in range(25):
        rig.group(False, False, scaling_group_name=f"g-{number}", scaling_configuration_id=template)
    first = rig.do("ListScalingGroups")
    assert (first["total_number"], first["limit"], len(first["scaling_groups"])) == (25, 20, 20)
    assert first["scaling_groups"][0]["scaling_group_name"] == "g-24"
    rest = rig.do("ListScalingGroups", query={"start_number": 20, "limit": 100})
    assert [g["scaling_group_name"] for g in rest["scaling_groups"]] == ["g-4", "g-3", "g-2", "g-1", "g-0"]
    found = rig.do("ListScalingGroups", query={"scaling_group_name": "g-1", "limit": 2})
    assert (found["total_number"], len(found["scaling_groups"])) == (11, 2)
    assert rig.do("ListScalingGroups", query={"limit": 0})["total_number"] == 25
    assert rig.refused("ListScalingGroups", query={"limit": 101}) == "AS.1002"
    assert rig.refused("ListScalingGroups", query={"start_number": -1}) == "AS.1001"
    assert rig.refused("ListScalingGroups", query={"scaling_group_status": "GONE"}) == "AS.2020"


def test_resume_needs_a_configuration_when_a_group_may_lack_one() -> None:
    """AS.2018, reachable only with the switch."""
    rig = Rig(options={"require-configuration": "false"})
    body = rig.group_body(scaling_configuration_id=None)
    group = rig.do("CreateScalingGroup", {k: v for k, v in body.items() if v is not None})["scaling_group_id"]
    assert rig.refused("ActionScalingGroup", {"action": "resume"}, scaling_group_id=group) == "AS.2018"


def test_change_may_repeat_the_id_of_the_path() -> None:
    """Some clients send the whole object's id along; another id is a field that is not supported."""
    rig = Rig()
    group = rig.group(enabled=False)
    rig.update(group, scaling_group_id=group, cool_down_time=7)
    assert rig.show(group)["cool_down_time"] == 7
    for other in ("other", None, 1):
        assert rig.refused("UpdateScalingGroup", {"scaling_group_id": other}, scaling_group_id=group) == "AS.0022"


def test_empty_listener_id_beside_a_pool_stands_for_none() -> None:
    """Some clients write the answer's field into the request, empty."""
    pool = {"listener_id": "", "pool_id": "p", "protocol_port": 80, "weight": 1}
    assert Rig().group(enabled=False, lbaas_listeners=[pool])
