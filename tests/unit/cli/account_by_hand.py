"""An account as people make it at the console: groups of many kinds, with policies of several kinds. Data only.

Shared by the tests of the import at every level; the caller gives the documents to the simulator's /seed.
"""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]
GROUPS = 25
ALARM = "al1500000000000abcdefgh"
TOPIC = "urn:smn:sim-region-1:0123456789abcdef0123456789abcdef:ops"


def configurations(*, older: bool = False) -> list[Json]:
    """Five, of which the first is used by many groups; `older` keeps to what every cloud of the family knows."""
    disk = {"disk_type": "SYS", "size": 40, "volume_type": "SSD"}
    plain = {"flavorRef": "s6.large.2", "imageRef": "image-1", "disk": [disk], "key_name": "ops"}
    data = {"disk_type": "DATA", "size": 100, "volume_type": "SAS"}
    secret = {"disk_type": "DATA", "size": 10, "volume_type": "SAS", "metadata": {"__system__encrypted": "1"}}
    secret["metadata"]["__system__cmkid"] = "key-a"
    address = {"eip": {"ip_type": "5_bgp", "bandwidth": {"share_type": "PER", "charging_mode": "traffic", "size": 10}}}
    rows = [
        {**plain, "security_groups": [{"id": "sg-1"}]},
        {**plain, "flavorRef": "s6.large.2,s6.xlarge.2", "disk": [disk, data, secret]},
        {**plain, "public_ip": address, "user_data": "IyEvYmluL3No"},
        {**plain, "personality": [{"path": "/etc/role", "content": "d2Vi"}]},
        plain if older else {**plain, "market_type": "spot", "multi_flavor_priority_policy": "COST_FIRST"},
    ]
    return [{"scaling_configuration_name": f"Config_{n}", "instance_config": row} for n, row in enumerate(rows)]


def groups(configuration_ids: list[str], *, older: bool = False) -> list[Json]:
    """25: names with capitals, twins and another script; every second one runs, each differs in some field."""
    return [_group(number, configuration_ids, older=older) for number in range(GROUPS)]


def _group(number: int, configuration_ids: list[str], *, older: bool) -> Json:
    names = {3: "Web_Tier", 4: "Web_Tier", 5: "前端"}
    body: Json = {
        "scaling_group_name": names.get(number, f"Group_{number:02}"),
        "scaling_configuration_id": configuration_ids[number if number < len(configuration_ids) else 0],
        "vpc_id": "vpc-1",
        "networks": [{"id": "net-1"}],
        "min_instance_number": number % 3,
        "max_instance_number": 5 + number,
        "desire_instance_number": number % 3 + 1,
        "instances": number % 3 + 1 if number % 2 == 0 else 0,
        "enabled": number % 2 == 0,
        "cool_down_time": number * 30,
        "health_periodic_audit_time": (0, 1, 5, 15, 60, 180)[number % 6],
        "instance_terminate_policy": ("OLD_CONFIG_OLD_INSTANCE", "OLD_CONFIG_NEW_INSTANCE", "OLD_INSTANCE")[number % 3],
        "multi_az_priority_policy": ("EQUILIBRIUM_DISTRIBUTE", "PICK_FIRST")[number % 2],
    }
    if number % 2 == 1:
        del body["instances"]
        body["desire_instance_number"] = body["min_instance_number"]
    more: dict[int, Json] = {
        6: {"tags": [{"key": "team", "value": "web"}, {"key": "empty"}], "description": "the web tier"},
        7: {"networks": [{"id": "net-1"}, {"id": "net-2", "ipv6_enable": True}]},
        8: {"security_groups": [{"id": "sg-1"}], "delete_publicip": True, "delete_volume": True},
        9: {"available_zones": ["sim-region-1b", "sim-region-1a"]},
        10: {"lbaas_listeners": [{"pool_id": "pool-1", "protocol_port": 80, "weight": 20}]},
        11: {"lb_listener_id": "listener-1,listener-2"},
        12: {"enterprise_project_id": "11111111-2222-3333-4444-555555555555"},
    }
    if not older:
        more[13] = {"iam_agency_name": "agency-a"}
        more[14] = {"networks": [{"id": "net-1", "allowed_address_pairs": [{"ip_address": "1.1.1.1/0"}]}]}
    return {**body, **more.get(number, {})}


def policies(group_ids: list[str], *, older: bool = False) -> list[Json]:
    """A policy of every kind, spread over the groups; the last of them no release of ours can express."""
    once = {"launch_time": "2098-03-02T23:30Z"}
    rows: list[Json] = [
        {"scaling_policy_type": "ALARM", "alarm_id": f"{ALARM}0", "scaling_policy_action": _action("ADD", size=2)},
        {"scaling_policy_type": "ALARM", "alarm_id": f"{ALARM}1", "scaling_policy_action": _action("REMOVE", size=1)},
        {
            "scaling_policy_type": "ALARM",
            "alarm_id": f"{ALARM}2",
            "scaling_policy_action": _action("ADD", percentage=50),
            "cool_down_time": 0,
            "description": "half more",
        },
        {"scaling_policy_type": "SCHEDULED", "scheduled_policy": once, "scaling_policy_action": _action("SET", size=0)},
        {
            "scaling_policy_type": "RECURRENCE",
            "scheduled_policy": _weekly("Daily", None),
            "scaling_policy_action": _action("SET", percentage=200),
        },
        {
            "scaling_policy_type": "RECURRENCE",
            "scheduled_policy": _weekly("Weekly", "1,7"),
            "scaling_policy_action": _action("SET", size=3),
        },
        {
            "scaling_policy_type": "RECURRENCE",
            "scheduled_policy": _weekly("Monthly", "1,31"),
            "scaling_policy_action": _action("REMOVE", percentage=50),
        },
        {
            "scaling_policy_type": "ALARM",
            "alarm_id": f"{ALARM}7",
            "scaling_policy_action": _action("REMOVE", percentage=150),
        },
    ]
    if not older:
        step = {"lower_bound": 0, "operation": "ADD", "size": 1}
        rows.insert(
            7, {"scaling_policy_type": "INTERVAL_ALARM", "alarm_id": f"{ALARM}8", "interval_alarm_actions": [step]}
        )
    owner = {"scaling_resource_type": "SCALING_GROUP"}
    less = {"operation": "REDUCE", "size": 3, "limits": 5}
    bandwidth = {"scaling_resource_type": "BANDWIDTH", "scaling_resource_id": "bandwidth-a"}
    bandwidth |= {"scaling_policy_type": "ALARM", "alarm_id": f"{ALARM}9", "scaling_policy_action": less}
    return [{"scaling_policy_name": "Bandwidth", **bandwidth}] + [
        {"scaling_policy_name": f"Policy_{n}", "scaling_resource_id": group_ids[n % 6], **owner, **row}
        for n, row in enumerate(rows)
    ]


def children(group_ids: list[str], *, older: bool = False) -> list[tuple[str, str, Json]]:
    """(operation, group, body) of what hangs on some groups: hooks, and where there are any, the other kinds."""
    hook = {"lifecycle_hook_type": "INSTANCE_LAUNCHING", "default_result": "CONTINUE", "default_timeout": 600}
    hook |= {"lifecycle_hook_name": "warmup", "notification_topic_urn": TOPIC, "notification_metadata": "web"}
    other = {**hook, "lifecycle_hook_name": "Drain-1", "lifecycle_hook_type": "INSTANCE_TERMINATING"}
    rows = [("CreateLifeCycleHook", group_ids[15], hook), ("CreateLifeCycleHook", group_ids[15], other)]
    if not older:
        told = {"topic_urn": TOPIC, "topic_scene": ["SCALING_UP", "SCALING_GROUP_ABNORMAL"]}
        rows.append(("CreateScalingNotification", group_ids[16], told))
        rows.append(("PutWarmPool", group_ids[17], {"min_capacity": 1, "max_capacity": 1}))
        sizes = {"instance_number": {"min": 1, "max": 9, "desire": 4}, "scheduled_policy": {"launch_time": "23:30"}}
        sizes["scheduled_policy"] |= {"recurrence_type": "DAILY", "end_time": "2098-01-01T00:00Z"}
        rows.append(("CreateGroupScheduledTask", group_ids[18], {"name": "Night", **sizes}))
    return rows


def _action(operation: str, **amount: int) -> Json:
    return {"operation": operation, **amount}


def _weekly(kind: str, value: str | None) -> Json:
    ends = {"start_time": "2026-01-01T00:00Z", "end_time": "2098-01-01T00:00Z"}
    days = {"recurrence_value": value} if value else {}
    return {"launch_time": "23:30", "recurrence_type": kind, **days, **ends}
