"""What is sent: only what was asked for, whole where the vendor replaces wholes, zero included."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from vendors_rig import ONLY_V1, Rig, answer

from cloudscaling import errors
from cloudscaling.core.model import Change, InstanceAction, NewGroup, NewLaunchConfiguration, NewPolicy

V1, V2 = "/autoscaling-api/v1/P/", "/autoscaling-api/v2/P/"
GROUP = {f"PUT {V1}scaling_group/g": answer({"scaling_group_id": "g"})}
SEEN = {
    "network.subnetIds": ["net-a"],
    "huawei.primaryNetwork": {"ipv6Enabled": True, "ipv6BandwidthId": "bw-a", "sourceDestCheck": False},
    "huawei.secondaryNetworks": [
        {"subnetId": "net-z", "ipv6Enabled": False, "ipv6BandwidthId": "", "sourceDestCheck": True}
    ],
}


async def update(want: dict[str, Any], *, mark: str = "", desired: int | None = None) -> Any:
    rig = Rig(dict(GROUP))
    await rig.cloud.groups.update("g", Change(want, SEEN, frozenset(want), mark, desired))
    return rig.sent if rig.requests else None


@pytest.mark.parametrize(
    ("want", "body"),
    [
        ({"minSize": 0}, {"min_instance_number": 0}),
        ({"cooldownSeconds": 0}, {"cool_down_time": 0}),
        ({"healthCheck.intervalSeconds": 10}, {"health_periodic_audit_time": 0}),
        ({"huawei.deleteVolume": False}, {"delete_volume": False}),
        ({"huawei.iamAgencyName": ""}, {"iam_agency_name": ""}),
        (
            {"terminationPolicies": ["OldestLaunchConfiguration"]},
            {"instance_terminate_policy": "OLD_CONFIG_OLD_INSTANCE"},
        ),
        ({"terminationPolicies": ["OldestInstance"]}, {"instance_terminate_policy": "OLD_INSTANCE"}),
        ({"huawei.securityGroupId": "sg-b"}, {"security_groups": [{"id": "sg-b"}]}),
        ({"huawei.description": ""}, {"description": ""}),
    ],
    ids=lambda value: next(iter(value)),
)
async def test_an_update_holds_the_changed_fields_and_nothing_else(want: dict[str, Any], body: dict[str, Any]) -> None:
    """Zero, false and "" are values."""
    assert await update(want) == body


async def test_the_description_keeps_our_mark() -> None:
    """With an empty description the mark stands alone; somebody else's group gets none."""
    assert await update({"huawei.description": "new"}, mark="abcdefghij") == {"description": "new [cso:abcdefghij]"}
    assert await update({"huawei.description": ""}, mark="abcdefghij") == {"description": "[cso:abcdefghij]"}


async def test_network_cards_go_whole_with_what_nobody_manages() -> None:
    """The vendor replaces the list, so the second card goes back as it was seen."""
    second = {"id": "net-z"}
    assert await update({"network.subnetIds": ["net-b"]}) == {
        "networks": [
            {
                "id": "net-b",
                "ipv6_enable": True,
                "ipv6_bandwidth": {"id": "bw-a"},
                "allowed_address_pairs": [{"ip_address": "1.1.1.1/0"}],
            },
            second,
        ]
    }
    primary = {"ipv6Enabled": False, "ipv6BandwidthId": "", "sourceDestCheck": True}
    assert await update({"huawei.primaryNetwork": primary}) == {"networks": [{"id": "net-a"}, second]}


async def test_an_update_of_nothing_is_no_call() -> None:
    """Tags and unknown paths have their own calls or none."""
    assert await update({"tags": {"a": "b"}}) is None


async def test_bounds_take_the_desired_capacity_along() -> None:
    """Only then."""
    assert await update({"minSize": 5}, desired=5) == {"min_instance_number": 5, "desire_instance_number": 5}


@pytest.mark.parametrize(
    "want",
    [
        {"terminationPolicies": ["NewestInstance", "OldestInstance"]},
        {"network.distribution": "CostOptimized"},
        {"network.subnetIds": ["net-a", "net-b"]},
        {"minSize": "many"},
    ],
    ids=lambda value: next(iter(value)),
)
async def test_what_the_vendor_cannot_hold_is_refused_before_it_is_sent(want: dict[str, Any]) -> None:
    """Nothing leaves."""
    rig = Rig({})
    with pytest.raises(errors.Rejected):
        await rig.cloud.groups.update("g", Change(want, SEEN, frozenset(want)))
    assert rig.requests == []


async def test_a_new_group_brings_mark_name_and_size_in_one_call() -> None:
    """From its first moment it can be found again."""
    rig = Rig({f"POST {V1}scaling_group": answer({"scaling_group_id": "g"})})
    fields = {"externalName": "web", "minSize": 0, "maxSize": 0, "huawei.iamAgencyName": "", "tags": {"a": ""}}
    assert await rig.cloud.groups.create(NewGroup(fields, 0, "abcdefghij"), "token") == "g"
    assert rig.sent == {
        "scaling_group_name": "web",
        "min_instance_number": 0,
        "max_instance_number": 0,
        "desire_instance_number": 0,
        "description": "[cso:abcdefghij]",
        "tags": [{"key": "a", "value": ""}],
    }


@pytest.mark.parametrize(
    ("want", "canonical"),
    [
        ({"terminationPolicies": ["OldestLaunchConfiguration"]}, ["OldestLaunchConfiguration", "OldestInstance"]),
        ({"network.zones": ["b", "a"]}, ["b", "a"]),
        ({"huawei.enterpriseProjectId": ""}, "0"),
        (
            {"huawei.primaryNetwork": {"ipv6Enabled": True}},
            {"ipv6Enabled": True, "ipv6BandwidthId": "", "sourceDestCheck": True},
        ),
        ({"tags": {"a": None, "cso-owner": "x"}}, {"a": ""}),
        ({"network.distribution": "Priority"}, "Priority"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_equal_wishes_look_equal(want: dict[str, Any], canonical: object) -> None:
    """In the form in which they are read back; doing it twice changes nothing."""
    groups = Rig({}).cloud.groups
    once = groups.canonical(want)
    assert once == {next(iter(want)): canonical}
    assert groups.canonical(once) == once


async def test_a_launch_configuration_is_sent_encoded() -> None:
    """User data and files in base64, the password only in its own place, disks in order."""
    rig = Rig({f"POST {V1}scaling_configuration": answer({"scaling_configuration_id": "c"})})
    content = {
        "image": {"id": "image-a"},
        "instanceTypes": ["a", "b"],
        "systemDisk": {"type": "ESSD2", "sizeGiB": 40, "iops": 100},
        "dataDisks": [{"type": "SAS", "sizeGiB": 10, "encrypted": False}],
        "login": {"password": "Pa55word!"},
        "userData": "grüß\n",
        "publicIp": {"chargeMode": "Shared", "sharedBandwidthId": "bw-a", "bandwidthMbps": 5},
        "purchaseModel": "OnDemand",
        "huawei": {"eipType": "5_bgp", "dedicatedStorageId": "dss-a", "files": [{"path": "/a", "content": "b"}]},
    }
    await rig.cloud.launch_configurations.create(NewLaunchConfiguration("web-r1", content), "token")
    assert rig.sent == {
        "scaling_configuration_name": "web-r1",
        "instance_config": {
            "imageRef": "image-a",
            "flavorRef": "a,b",
            "disk": [
                {"size": 40, "volume_type": "ESSD2", "disk_type": "SYS", "iops": 100, "dedicated_storage_id": "dss-a"},
                {"size": 10, "volume_type": "SAS", "disk_type": "DATA", "dedicated_storage_id": "dss-a"},
            ],
            "metadata": {"admin_pass": "Pa55word!"},
            "user_data": base64.b64encode("grüß\n".encode()).decode(),
            "personality": [{"path": "/a", "content": "Yg=="}],
            "public_ip": {"eip": {"ip_type": "5_bgp", "bandwidth": {"share_type": "WHOLE", "id": "bw-a"}}},
        },
    }


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({}, {"instanceTypePolicy": "Priority", "purchaseModel": "OnDemand", "dataDisks": [], "securityGroupIds": []}),
        ({"securityGroupIds": ["b", "a"]}, {"securityGroupIds": ["a", "b"]}),
        (
            {"publicIp": {"chargeMode": "Shared", "sharedBandwidthId": "bw-a", "bandwidthMbps": 5}},
            {"publicIp": {"chargeMode": "Shared", "sharedBandwidthId": "bw-a"}},
        ),
        (
            {"dataDisks": [{"type": "SAS", "sizeGiB": 10, "encrypted": False}]},
            {"dataDisks": [{"type": "SAS", "sizeGiB": 10, "iops": 0, "throughputMiBps": 0}]},
        ),
        (
            {"huawei": {"files": [{"path": "/a", "secretKeyRef": {"name": "x", "key": "y"}}]}},
            {"huawei": {"files": [{"path": "/a"}]}},
        ),
    ],
    ids=["defaults", "order", "shared bandwidth", "disk", "file"],
)
def test_equal_contents_look_equal(one: dict[str, Any], other: dict[str, Any]) -> None:
    """Whether they come from a spec or from the cloud."""
    canonical = Rig({}).cloud.launch_configurations.canonical
    assert canonical(one) == canonical(other)
    assert canonical(canonical(one)) == canonical(one)


async def test_a_content_of_the_wrong_kind_is_refused_without_its_value() -> None:
    """A secret could be in the wrong place."""
    rig = Rig({})
    content = {"image": {"id": ["known-secret"]}}
    with pytest.raises(errors.Rejected, match="imageRef") as refused:
        await rig.cloud.launch_configurations.create(NewLaunchConfiguration("x", content), "token")
    assert "known-secret" not in str(refused.value)


RECURRING = {
    "externalName": "half",
    "adjustment": {"type": "PercentChangeInCapacity", "value": -50},
    "cooldownSeconds": 0,
    "huawei.description": "evening",
    "schedule.time": "23:30",
    "schedule.recurrence": "Weekly",
    "schedule.days": [6, 0],
    "schedule.start": "2026-01-01T00:00Z",
    "schedule.end": "2027-01-01T00:00Z",
}
SCHEDULE = {
    "launch_time": "23:30",
    "recurrence_type": "Weekly",
    "recurrence_value": "1,7",
    "start_time": "2026-01-01T00:00Z",
    "end_time": "2027-01-01T00:00Z",
}


async def test_a_policy_speaks_version_two_where_it_can() -> None:
    """Sunday is 1 there; other paths of the spec are not sent."""
    rig = Rig({f"POST {V2}scaling_policy": answer({"scaling_policy_id": "p"})})
    fields = {**RECURRING, "schedule.cron": "30 23 * * 0,6"}
    assert await rig.cloud.policies.create(NewPolicy("g", "Recurring", fields), "token") == "p"
    assert rig.sent == {
        "scaling_policy_name": "half",
        "scaling_policy_type": "RECURRENCE",
        "scaling_resource_id": "g",
        "scaling_resource_type": "SCALING_GROUP",
        "scheduled_policy": SCHEDULE,
        "scaling_policy_action": {"operation": "REMOVE", "percentage": 50},
        "cool_down_time": 0,
        "description": "evening",
    }


async def test_a_policy_speaks_version_one_where_it_must() -> None:
    """Other names, and no description."""
    rig = Rig({"GET /": answer(ONLY_V1), f"POST {V1}scaling_policy": answer({"scaling_policy_id": "p"})})
    await rig.cloud.policies.create(NewPolicy("g", "Recurring", RECURRING), "token")
    assert rig.sent == {
        "scaling_policy_name": "half",
        "scaling_policy_type": "RECURRENCE",
        "scaling_group_id": "g",
        "scheduled_policy": SCHEDULE,
        "scaling_policy_action": {"operation": "REMOVE", "instance_percentage": 50},
        "cool_down_time": 0,
    }


async def test_a_schedule_goes_whole_when_a_part_of_it_changed() -> None:
    """Parts that nobody manages are taken from what was seen."""
    rig = Rig({f"PUT {V2}scaling_policy/p": answer({"scaling_policy_id": "p"})})
    want = {"schedule.time": "22:00"}
    await rig.cloud.policies.update("p", Change(want, RECURRING, frozenset(want)))
    assert rig.sent == {"scheduled_policy": {**SCHEDULE, "launch_time": "22:00"}}


async def test_a_policy_of_a_kind_that_the_vendor_lacks_is_not_sent() -> None:
    """Simple policies have no cloud object here."""
    rig = Rig({})
    with pytest.raises(errors.Rejected):
        await rig.cloud.policies.create(NewPolicy("g", "Simple", {"externalName": "x"}), "token")


@pytest.mark.parametrize(
    ("action", "body"),
    [
        (InstanceAction.ADD, {"action": "ADD"}),
        (InstanceAction.REMOVE, {"action": "REMOVE", "instance_delete": "yes"}),
        (InstanceAction.DETACH, {"action": "REMOVE", "instance_delete": "no"}),
        (InstanceAction.PROTECT, {"action": "PROTECT"}),
        (InstanceAction.UNPROTECT, {"action": "UNPROTECT"}),
        (InstanceAction.ENTER_STANDBY, {"action": "ENTER_STANDBY"}),
        (InstanceAction.EXIT_STANDBY, {"action": "EXIT_STANDBY"}),
    ],
)
async def test_every_action_names_its_instances(action: InstanceAction, body: dict[str, str]) -> None:
    """Detach never says yes to a deletion."""
    rig = Rig({f"POST {V1}scaling_group_instance/g/action": answer(status=204)})
    await rig.cloud.instances.act("g", action, ["a", "b"])
    assert rig.sent == {"instances_id": ["a", "b"], **body}


async def test_ids_cannot_leave_their_place_in_the_path() -> None:
    """An id is one path segment, whatever is in it."""
    rig = Rig({})
    with pytest.raises(AssertionError):
        await rig.cloud.groups.delete("../scaling_policy/p?x=", force=False)
    assert rig.requests[0].url.raw_path == (
        b"/autoscaling-api/v1/project-a/scaling_group/..%2Fscaling_policy%2Fp%3Fx%3D?force_delete=no"
    )


async def test_force_is_only_sent_when_asked_for() -> None:
    """Never by default."""
    rig = Rig({f"DELETE {V1}scaling_group/g": answer(status=204)})
    for force, word in ((False, "no"), (True, "yes")):
        await rig.cloud.groups.delete("g", force=force)
        assert rig.requests[-1].url.params["force_delete"] == word


async def test_a_batch_that_fails_in_part_is_finished_one_by_one() -> None:
    """What is gone is skipped, what refuses is told after the others had their turn."""
    busy = {"error": {"code": "AS.3038", "message": "executing"}}
    part = {"error": {"code": "AS.3045", "message": "not all"}}
    gone = {"error": {"code": "AS.3020", "message": "gone"}}
    rig = Rig(
        {
            f"POST {V1}scaling_policies/action": answer(part, 400),
            f"DELETE {V1}scaling_policy/a": answer(busy, 400),
            f"DELETE {V1}scaling_policy/b": answer(gone, 400),
            f"DELETE {V1}scaling_policy/c": answer(status=204),
        }
    )
    with pytest.raises(errors.Busy):
        await rig.cloud.policies.delete(["a", "b", "c"], force=False, delete_alarm=False)
    assert [request.method for request in rig.requests] == ["POST", "DELETE", "DELETE", "DELETE"]
