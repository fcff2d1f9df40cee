"""Configurations, tags, quotas and versions."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from cloudsim_rig import TEMPLATE, Rig

SYSTEM = {"size": 40, "volume_type": "SSD", "disk_type": "SYS"}
EIP = {"ip_type": "5_bgp", "bandwidth": {"size": 5, "share_type": "PER", "charging_mode": "traffic"}}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"flavorRef": None}, "AS.1016"),
        ({"flavorRef": ",".join(f"f{i}" for i in range(11))}, "AS.1087"),
        ({"imageRef": None}, "AS.1014"),
        ({"disk": None}, "AS.1028"),
        ({"disk": [SYSTEM, SYSTEM]}, "AS.1029"),
        ({"disk": [{**SYSTEM, "size": 1025}]}, "AS.1031"),
        ({"disk": [SYSTEM, *[{"size": 10, "volume_type": "SSD", "disk_type": "DATA"}] * 24]}, "AS.1032"),
        ({"disk": [{**SYSTEM, "volume_type": "TAPE"}]}, "AS.1033"),
        ({"disk": [{**SYSTEM, "disk_type": "BOOT"}]}, "AS.1034"),
        ({"disk": [{**SYSTEM, "volume_type": "GPSSD2"}]}, "AS.1097"),
        ({"disk": [{**SYSTEM, "volume_type": "GPSSD2", "iops": 3000}]}, "AS.1098"),
        ({"disk": [{**SYSTEM, "iops": 3000}]}, "AS.1097"),
        ({"key_name": None}, "AS.1026"),
        ({"metadata": {"admin_pass": "Passw0rd!"}}, "AS.1025"),
        ({"key_name": None, "metadata": {"admin_pass": "password"}}, "AS.1035"),
        ({"user_data": "not base64"}, "AS.1049"),
        ({"user_data": base64.b64encode(b"x" * 32769).decode()}, "AS.1049"),
        ({"personality": [{"path": "/etc/x", "content": "YQ=="}] * 6}, "AS.1027"),
        ({"public_ip": {}}, "AS.1041"),
        ({"public_ip": {"eip": {**EIP, "ip_type": "6_bgp"}}}, "AS.1043"),
        ({"public_ip": {"eip": {**EIP, "bandwidth": {"share_type": "WHOLE"}}}}, "AS.1048"),
        ({"public_ip": {"eip": {**EIP, "bandwidth": {"share_type": "PER", "size": 5}}}}, "AS.1047"),
        (
            {"public_ip": {"eip": {**EIP, "bandwidth": {**EIP["bandwidth"], "size": 301}}}},  # type: ignore[dict-item]  # a literal
            "AS.1042",
        ),
        ({"tenancy": "shared"}, "AS.1071"),
        ({"market_type": "reserved"}, "AS.1083"),
        ({"multi_flavor_priority_policy": "BEST"}, "AS.1085"),
        ({"color": "red"}, "AS.0022"),
    ],
)
def test_wrong_configuration_is_refused_with_its_code(change: dict[str, Any], code: str) -> None:
    """Each rule has its own code and nothing is created."""
    rig = Rig()
    config = {k: v for k, v in {**TEMPLATE, **change}.items() if v is not None}
    body: dict[str, Any] = {"scaling_configuration_name": "c", "instance_config": config}
    assert rig.refused("CreateScalingConfig", body) == code
    assert rig.do("ListScalingConfigs")["total_number"] == 0


def test_password_is_masked_on_read() -> None:
    """Neither the list nor the administrator sees it."""
    rig = Rig()
    made = rig.template(key_name=None, metadata={"admin_pass": "Passw0rd!"})
    shown = rig.do("ShowScalingConfig", scaling_configuration_id=made)["scaling_configuration"]
    assert shown["instance_config"]["adminPass"] == "***"
    assert shown["instance_config"]["metadata"] == {}
    assert "Passw0rd!" not in str(rig.do("ListScalingConfigs")) + str(rig.cloud.describe())


def test_clone_keeps_overrides_and_clears() -> None:
    """Null keeps, a value replaces, an empty value clears."""
    rig = Rig()
    source = rig.template("source", server_group_id="sg-1", market_type="spot")
    config: dict[str, Any] = {"server_group_id": "", "imageRef": "image-2", "flavorRef": None}
    body: dict[str, Any] = {"source_scaling_configuration_id": source, "instance_config": config}
    made = rig.do("CreateScalingConfig", body)["scaling_configuration_id"]
    shown = rig.do("ShowScalingConfig", scaling_configuration_id=made)["scaling_configuration"]
    assert shown["scaling_configuration_name"] == "source"
    config = shown["instance_config"]
    assert (config["imageRef"], config["flavorRef"]) == ("image-2", TEMPLATE["flavorRef"])
    assert (config["server_group_id"], config["market_type"]) == (None, "spot")


def test_configuration_in_use_stays() -> None:
    """Until the last group has another one."""
    rig = Rig()
    used, unused = rig.template("used"), rig.template("unused")
    group = rig.group(enabled=False, scaling_configuration_id=used)
    assert rig.refused("DeleteScalingConfig", scaling_configuration_id=used) == "AS.1006"
    batch: dict[str, Any] = {"scaling_configuration_id": [used, unused]}
    assert rig.refused("BatchDeleteScalingConfigs", batch) == "AS.1038"
    assert rig.refused("ShowScalingConfig", scaling_configuration_id=unused) == "AS.1004"
    assert rig.refused("BatchDeleteScalingConfigs", {"scaling_configuration_id": ["x"] * 51}) == "AS.1039"
    rig.update(group, scaling_configuration_id=rig.template("next"))
    rig.do("DeleteScalingConfig", scaling_configuration_id=used)


def test_strict_references_must_be_seeded() -> None:
    """Everything else stays the same."""
    rig = Rig(strict_references=True)
    body: dict[str, Any] = {"scaling_configuration_name": "c", "instance_config": TEMPLATE}
    assert rig.refused("CreateScalingConfig", body) == "AS.1015"
    seeds = {"images": ["image-1"], "flavors": ["s6.small.1"], "key_pairs": ["key-1"]}
    rig.cloud.seed(seeds, rig.world.clock.now())
    rig.do("CreateScalingConfig", body)
    assert rig.refused("CreateScalingGroup", rig.group_body()) == "AS.2013"


def test_tags_are_set_overwritten_and_taken_away() -> None:
    """Ten at most; deleting an unknown key is no error."""
    rig = Rig()
    group = rig.group(enabled=False, tags=[{"key": "a", "value": "1"}, {"key": "b"}])
    path: dict[str, Any] = {"resource_type": "scaling_group_tag", "resource_id": group}
    rig.do("ActionScalingTags", {"action": "create", "tags": [{"key": "a", "value": "2"}]}, **path)
    rig.do("ActionScalingTags", {"action": "delete", "tags": [{"key": "b"}, {"key": "z"}]}, **path)
    assert rig.do("ListScalingTagInfosByResourceId", **path)["tags"] == [{"key": "a", "value": "2"}]
    assert rig.show(group)["tags"] == [{"key": "a", "value": "2"}]
    many = [{"key": f"k{i}", "value": ""} for i in range(10)]
    assert rig.refused("ActionScalingTags", {"action": "create", "tags": many}, **path) == "AS.7045"
    assert rig.refused("ActionScalingTags", {"action": "Create", "tags": many[:1]}, **path) == "AS.7049"
    wrong: dict[str, Any] = {**path, "resource_type": "volume_tag"}
    assert rig.refused("ListScalingTagInfosByResourceId", **wrong) == "AS.7048"
    listed = rig.do("ListScalingTagInfosByTenantId", resource_type="scaling_group_tag")["tags"]
    assert listed == [{"key": "a", "values": ["2"]}]


def test_groups_are_found_by_tag_and_name() -> None:
    """Filter and count, with offset and marker."""
    rig = Rig()
    template = rig.template()
    for number in range(4):
        tags = [{"key": "env", "value": "dev" if number % 2 else "prod"}, {"key": "n", "value": str(number)}]
        rig.group(False, False, scaling_configuration_id=template, scaling_group_name=f"g{number}", tags=tags)

    def names(**body: Any) -> list[str]:
        full = {"action": "filter", **body}
        found = rig.do("ListResourceInstances", full, resource_type="scaling_group_tag")
        return [r["resource_name"] for r in found["resources"]]

    assert names() == ["g3", "g2", "g1", "g0"]
    assert names(tags=[{"key": "env", "values": ["dev"]}]) == ["g3", "g1"]
    assert names(tags=[{"key": "env", "values": ["*ro"]}]) == ["g2", "g0"]
    assert names(tags_any=[{"key": "n", "values": ["0", "1"]}]) == ["g1", "g0"]
    assert names(not_tags_any=[{"key": "env", "values": ["dev"]}]) == ["g2", "g0"]
    assert names(limit="2", offset="1") == ["g2", "g1"]
    assert names(matches=[{"key": "resource_name", "value": "2"}]) == ["g2"]
    count: dict[str, Any] = {"action": "count", "tags": [{"key": "env", "values": []}]}
    assert rig.do("ListResourceInstances", count, resource_type="scaling_group_tag") == {"total_count": 4}
    lone: dict[str, Any] = {"action": "filter", "tags": [{"key": "env", "values": ["*"]}]}
    assert rig.refused("ListResourceInstances", lone, resource_type="scaling_group_tag") == "AS.7046"


def test_quotas_show_use_and_overrides() -> None:
    """What is counted per group is -1 for the account."""
    rig = Rig(quotas={"groups": 77})
    group = rig.group(desire_instance_number=2)
    rig.policy(group)

    def quotas(operation: str, **path: Any) -> dict[str, tuple[int, int]]:
        rows = rig.do(operation, **path)["quotas"]["resources"]
        return {r["type"]: (r["used"], r["quota"]) for r in rows}

    account = quotas("ShowResourceQuota")
    assert account["scaling_Group"] == (1, 77)
    assert account["scaling_Instance"][0] == -1
    own = quotas("ShowPolicyAndInstanceQuota", scaling_group_id=group)
    assert own == {"scaling_Policy": (1, 50), "scaling_Instance": (2, 300)}


def test_versions_are_listed_and_unknown_ones_are_not_found() -> None:
    """Version 2 can be taken away."""
    rig = Rig()
    assert [v["id"] for v in rig.do("ListApiVersions")["versions"]] == ["v1", "v2"]
    assert rig.do("ShowApiVersion", api_version="v2")["version"]["status"] == "SUPPORTED"
    assert rig.refused("ShowApiVersion", api_version="v3") == "AS.0033"
    old = Rig("otc", options={"v2": "false"})
    assert [v["id"] for v in old.do("ListApiVersions")["versions"]] == ["v1"]
    with pytest.raises(ValueError, match="no operation"):
        old.cloud.call("ListAllScalingV2Policies")


def test_empty_ids_and_nulls_of_a_disk_stand_for_none() -> None:
    """Clients that always write every field send them so."""
    nothing = {"dedicated_storage_id": "", "data_disk_image_id": "", "snapshot_id": "", "iops": None}
    disks = [{"size": 40, "volume_type": "SSD", "disk_type": kind, **nothing} for kind in ("SYS", "DATA")]
    assert Rig().template(disk=disks)


@pytest.mark.parametrize(
    ("bandwidth", "code"),
    [
        ({"share_type": "WHOLE", "id": "shared", "size": 0, "charging_mode": ""}, None),
        ({"share_type": "WHOLE", "id": "shared", "size": 2000, "charging_mode": "other"}, None),
        ({"share_type": "PER", "size": 5, "charging_mode": "traffic", "id": ""}, None),
        ({"share_type": "WHOLE", "id": ""}, "AS.1048"),
        ({"share_type": "PER", "size": 0, "charging_mode": "traffic"}, "AS.1042"),
        ({"share_type": "PER", "size": None, "charging_mode": "traffic"}, "AS.1046"),
        ({"share_type": "PER", "size": 5, "charging_mode": ""}, "AS.1047"),
        ({"share_type": "PER", "size": 5, "charging_mode": "other"}, "AS.1044"),
    ],
)
def test_bandwidth_ignores_what_its_share_type_has_no_use_for(bandwidth: dict[str, Any], code: str | None) -> None:
    """A shared one has its size and mode elsewhere, one of its own has no id."""
    rig = Rig()
    public_ip = {"eip": {"ip_type": "5_bgp", "bandwidth": bandwidth}}
    if code is None:
        assert rig.template(public_ip=public_ip)
        return
    body = {"scaling_configuration_name": "c", "instance_config": {**TEMPLATE, "public_ip": public_ip}}
    assert rig.refused("CreateScalingConfig", body) == code
