"""Reading the vendor's answers: odd spellings, nulls, unknown words, v1 beside v2."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from vendors_rig import ONLY_V1, Rig, answer, wire

from cloudscaling.core.model import ActivityStatus, ActivityType, GroupState, Health, InstanceState
from cloudscaling.errors import NotFound, Transient

V1, V2 = "GET /autoscaling-api/v1/P/", "GET /autoscaling-api/v2/P/"
MARK = "abcdefghij"


async def groups() -> Any:
    return await Rig({f"{V1}scaling_group": answer(wire("list_scaling_groups"))}).cloud.groups.list()


async def test_a_full_group_is_read_in_neutral_words() -> None:
    """Minutes become seconds, 0 minutes ten seconds, an address pair a switch."""
    web = (await groups())[0]
    assert (web.id, web.name) == ("6f1c0c52-0001-4a6e-9a7e-000000000001", "web-abcdefghij")
    assert (web.state, web.vendor_state) == (GroupState.ACTIVE, "INSERVICE")
    assert (web.min_size, web.max_size, web.desired, web.current) == (2, 20, 8, 7)
    assert (web.busy, web.activity, web.detail) == (True, ActivityType.SCALE_OUT, "flavor sold out")
    assert (web.marker, web.owner_tag) == (MARK, MARK)
    assert web.created_at == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert web.fields == {
        "externalName": "web-abcdefghij",
        "minSize": 2,
        "maxSize": 20,
        "cooldownSeconds": 0,
        "launchConfigurationRef": "7a000000-0000-4000-8000-000000000001",
        "network.vpcId": "vpc-a",
        "network.subnetIds": ["net-a"],
        "network.zones": ["region-1b", "region-1a"],
        "network.distribution": "Priority",
        "loadBalancers.targets": [
            {"key": "pool-a:8443:IPv4", "poolId": "pool-a", "port": 8443, "weight": 80, "ipVersion": "IPv4"}
        ],
        "loadBalancers.classicIds": [],
        "healthCheck.type": "LoadBalancer",
        "healthCheck.intervalSeconds": 10,
        "healthCheck.gracePeriodSeconds": 600,
        "terminationPolicies": ["OldestLaunchConfiguration", "NewestInstance"],
        "tags": {"team": "web", "bare": ""},
        "huawei.description": "web tier",
        "huawei.enterpriseProjectId": "0",
        "huawei.deletePublicIp": True,
        "huawei.deleteVolume": False,
        "huawei.securityGroupId": "sg-a",
        "huawei.iamAgencyName": "",
        "huawei.primaryNetwork": {"ipv6Enabled": False, "ipv6BandwidthId": "", "sourceDestCheck": False},
        "huawei.secondaryNetworks": [
            {"subnetId": "net-b", "ipv6Enabled": True, "ipv6BandwidthId": "bw-a", "sourceDestCheck": True}
        ],
    }


async def test_unknown_words_and_nulls_are_kept_and_never_crash() -> None:
    """They show as differences, not as errors; an unknown state is abnormal."""
    odd = (await groups())[1]
    assert (odd.state, odd.vendor_state) == (GroupState.ABNORMAL, "RESTING")
    assert (odd.created_at, odd.marker, odd.activity) == (None, "", None)
    assert odd.fields["terminationPolicies"] == ["BY_AGE"]
    assert odd.fields["healthCheck.type"] == "TWIN_AUDIT"
    assert odd.fields["healthCheck.intervalSeconds"] == 7
    assert odd.fields["huawei.enterpriseProjectId"] == "ep-a"
    assert odd.fields["network.subnetIds"] == []
    assert odd.fields["tags"] == {}


async def test_the_running_activity_of_a_group_is_named() -> None:
    """A frozen group is abnormal; its load balancer change is still an activity."""
    frozen = (await groups())[2]
    assert (frozen.state, frozen.activity) == (GroupState.ABNORMAL, ActivityType.LOAD_BALANCER_CHANGE)


async def test_launch_configurations_are_read_without_secrets() -> None:
    """Reserved, unknown and null members leave no trace."""
    rig = Rig({f"{V1}scaling_configuration": answer(wire("list_scaling_configs"))})
    web, twin = await rig.cloud.launch_configurations.list()
    assert web.content == {
        "image": {"id": "image-a"},
        "instanceTypes": ["s6.large.2", "s6.xlarge.2"],
        "instanceTypePolicy": "LowestPrice",
        "systemDisk": {"type": "SSD", "sizeGiB": 40},
        "dataDisks": [
            {
                "type": "GPSSD2",
                "sizeGiB": 100,
                "iops": 4000,
                "throughputMiBps": 125,
                "encrypted": True,
                "kmsKeyId": "key-a",
            },
            {"type": "SAS", "sizeGiB": 10},
        ],
        "securityGroupIds": ["sg-a"],
        "login": {"keyPair": "ops"},
        "publicIp": {"chargeMode": "Shared", "sharedBandwidthId": "bw-a"},
        "huawei": {
            "files": [{"path": "/etc/role"}],
            "eipType": "5_bgp",
            "tenancy": "Dedicated",
            "dedicatedHostId": "host-a",
        },
    }
    assert twin.content == {"purchaseModel": "Spot", "huawei": {"templateInstanceId": "server-a"}}
    assert "c2VjcmV0" not in repr((web, twin))


async def test_policies_of_version_two_are_read() -> None:
    """REDUCE is REMOVE, Daily has no days, a bandwidth's policy has no group, steps take the adjustment's place."""
    rig = Rig({f"{V2}scaling_policy": answer(wire("list_all_scaling_v2_policies"))})
    less, daily, broad, steps = await rig.cloud.policies.list()
    assert less.fields == {
        "externalName": "less",
        "cooldownSeconds": 0,
        "adjustment": {"type": "ChangeInCapacity", "value": -2},
        "alarm.alarmId": "al15",
        "alarm.steps": [],
        "huawei.description": "",
    }
    assert daily.fields == {
        "externalName": "daily",
        "cooldownSeconds": 900,
        "adjustment": {"type": "ExactPercent", "value": 0},
        "huawei.description": "evening",
        "schedule.time": "16:00",
        "schedule.recurrence": "Daily",
        "schedule.days": [],
        "schedule.start": "2026-01-01T00:00Z",
        "schedule.end": "2027-01-01T00:00Z",
    }
    assert (daily.type, daily.enabled, daily.vendor_state) == ("Recurring", False, "RESTING")
    assert (broad.type, broad.group_id) == ("Alarm", "")
    assert (broad.fields["huawei.bandwidth.id"], broad.fields["huawei.bandwidth.limitMbps"]) == ("bandwidth-a", 100)
    assert (steps.type, steps.group_id) == ("Alarm", "6f1c0c52-0001-4a6e-9a7e-000000000001")
    step = {"lowerBound": "0", "upperBound": None, "adjustment": {"type": "ChangeInCapacity", "value": 1}}
    assert (steps.fields["adjustment"], steps.fields["alarm.steps"]) == (None, [step])


def only_v1(**more: Any) -> Rig:
    return Rig({"GET /": answer(ONLY_V1), **more})


async def test_without_version_two_the_policies_of_every_group_are_listed() -> None:
    """One call per group; a group that vanished meanwhile has no policies."""
    rig = only_v1()
    gone = {"error": {"code": "AS.2007", "message": "gone"}}
    first, second, third = (row["scaling_group_id"] for row in wire("list_scaling_groups")["scaling_groups"])
    empty = {"total_number": 0, "scaling_policies": []}
    rig.answers |= {
        f"{V1}scaling_group": answer(wire("list_scaling_groups")),
        f"{V1}scaling_policy/{first}/list": answer(wire("list_scaling_policies_v1")),
        f"{V1}scaling_policy/{second}/list": answer(gone, 400),
        f"{V1}scaling_policy/{third}/list": answer(empty),
    }
    half, once, bare = await rig.cloud.policies.list()
    assert (half.type, half.enabled, half.executing, half.group_id) == ("Recurring", True, True, first)
    assert half.fields == {
        "externalName": "half",
        "cooldownSeconds": 300,
        "adjustment": {"type": "PercentChangeInCapacity", "value": -50},
        "schedule.time": "23:30",
        "schedule.recurrence": "Weekly",
        "schedule.days": [0, 1, 6],
        "schedule.start": "2026-01-01T00:00Z",
        "schedule.end": "2027-01-01T00:00Z",
    }
    assert once.fields["schedule.at"] == "2026-03-02T23:30Z"
    assert once.fields["adjustment"] == {"type": "ExactCapacity", "value": 0}
    assert not once.enabled
    assert bare.fields["adjustment"] == {"type": "ChangeInCapacity", "value": 1}


async def test_without_version_two_a_failed_group_fails_the_whole_list() -> None:
    """All of them or none."""
    rig = only_v1()
    ids = [row["scaling_group_id"] for row in wire("list_scaling_groups")["scaling_groups"]]
    rig.answers |= {
        f"{V1}scaling_group": answer(wire("list_scaling_groups")),
        f"{V1}scaling_policy/{ids[0]}/list": answer(wire("list_scaling_policies_v1")),
        f"{V1}scaling_policy/{ids[1]}/list": answer("", 502),
    }
    with pytest.raises(Transient):
        await rig.cloud.policies.list()


async def test_the_versions_are_asked_for_once() -> None:
    """Every policy call needs to know them."""
    rig = Rig({f"{V2}scaling_policy/p": answer({"error": {"code": "AS.3020", "message": "gone"}}, 400)})
    for _ in range(3):
        with pytest.raises(NotFound):
            await rig.cloud.policies.get("p")
    assert [request.url.path for request in rig.requests].count("/") == 1


async def test_instances_are_read_in_neutral_words() -> None:
    """Both spellings of initialising, standby on its way, and a state of tomorrow."""
    rig = Rig({f"{V1}scaling_group_instance/g/list": answer(wire("list_scaling_instances"))})
    first, second, third, fourth = await rig.cloud.instances.list("g")
    assert (first.state, first.health, first.protected) == (InstanceState.IN_SERVICE, Health.HEALTHY, True)
    assert (second.id, second.state, second.health) == ("", InstanceState.PENDING, Health.INITIALIZING)
    assert (third.state, third.health, third.attached) == (InstanceState.STANDBY, Health.UNHEALTHY, True)
    assert (fourth.state, fourth.health) == (InstanceState.UNKNOWN, Health.INITIALIZING)
    assert [instance.attached for instance in (first, second, fourth)] == [False, False, True]


async def test_the_log_of_version_two_is_read() -> None:
    """Reasons once, with the first victim; a status of tomorrow is not a success."""
    rig = Rig({f"{V2}scaling_activity_log/g": answer(wire("list_activity_logs_v2"))})
    failed, moved, replaced, odd = await rig.cloud.groups.activities("g", 10)
    assert (failed.type, failed.status) == (ActivityType.SCALE_OUT, ActivityStatus.FAILED)
    assert (failed.failed_instances, failed.message) == (2, "web-8: AS.2038 sold out")
    assert (failed.cause, failed.policy_id) == ("DIFF", "")
    assert (moved.type, moved.message) == (ActivityType.LOAD_BALANCER_CHANGE, "AS.7051 pool gone")
    assert (replaced.type, replaced.cause) == (ActivityType.REPLACE_UNHEALTHY, '{"reason":null}')
    assert (odd.type, odd.status) == (ActivityType.OTHER, ActivityStatus.FAILED)


async def test_the_log_of_version_one_is_read_whatever_its_order() -> None:
    """There are no types: the sign tells; an unreadable description is the cause as it stands."""
    rig = only_v1(**{f"{V1}scaling_activity_log/g": answer(wire("list_activity_logs_v1"))})
    newest, older = await rig.cloud.groups.activities("g", 10)
    assert (newest.id, newest.status, newest.cause) == ("act-2", ActivityStatus.IN_PROGRESS, "not JSON")
    assert (newest.type, newest.old_capacity, newest.new_capacity) == (ActivityType.SCALE_OUT, 3, 4)
    assert (older.type, older.cause, older.policy_id) == (ActivityType.SCALE_IN, "RECURRENCE (half)", "8b-1")


async def test_the_newest_activity_is_found_in_a_log_that_begins_with_the_oldest() -> None:
    """The vendor does not say how the list is ordered."""
    rows = [{"id": f"a{n}", "status": "SUCCESS", "start_time": f"2026-01-0{n}T00:00:00Z"} for n in range(1, 8)]

    def page(request: Any) -> Any:
        start, limit = (int(request.url.params[name]) for name in ("start_number", "limit"))
        return answer({"total_number": len(rows), "scaling_activity_log": rows[start : start + limit]})

    rig = Rig({f"{V2}scaling_activity_log/g": page})
    assert [found.id for found in await rig.cloud.groups.activities("g", 3)] == ["a7", "a6", "a5"]
    rows.reverse()
    assert [found.id for found in await rig.cloud.groups.activities("g", 1)] == ["a7"]


async def test_the_runs_of_a_policy_are_read() -> None:
    """Numbers come as text, and not always as numbers."""
    rig = Rig({f"{V1}scaling_policy_execute_log/p": answer(wire("list_execute_logs"))})
    failed, manual = await rig.cloud.policies.executions("p", 5)
    assert (failed.trigger, failed.status, failed.message) == (
        "Scheduled",
        ActivityStatus.FAILED,
        "the group cools down",
    )
    assert (failed.old_value, failed.new_value, failed.limit_value) == (1, 0, None)
    assert (manual.trigger, manual.old_value, manual.new_value) == ("Manual", None, None)
