"""What hangs on a group, on the wire: odd answers are read, and what is sent is exactly what was meant."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

import httpx
import pytest
from vendors_rig import NOW, Rig, answer, wire

from cloudscaling import errors
from cloudscaling.core.model import Change, Hook, HookResult, InstanceAction, NewPolicy, Notification
from cloudscaling.vendors.huawei.signing import sign

V1, V2 = "/autoscaling-api/v1/P/", "/autoscaling-api/v2/P/"
HOOKS, WAITING = f"{V1}scaling_lifecycle_hook/g", f"{V1}scaling_instance_hook/g"
TASKS = f"{V1}scaling-groups/g/scheduled-tasks"
POOL = "/autoscaling-api/P/scaling-groups/g/warm-pool"
URN = "urn:smn:region-1:project-a:ops"


async def test_hooks_are_read_with_their_odd_words() -> None:
    """Null metadata is none; what is unknown stays and shows as a difference."""
    rig = Rig({f"GET {HOOKS}/list": answer(wire("list_life_cycle_hooks"))})
    warmup, odd = await rig.cloud.hooks.list("g")
    assert warmup.fields == {
        "transition": "Launching",
        "defaultResult": "Abandon",
        "timeoutSeconds": 3600,
        "target.topic": URN,
        "metadata": "",
    }
    assert (odd.fields["transition"], odd.fields["defaultResult"]) == ("INSTANCE_RESTING", "PONDER")
    assert (odd.fields["timeoutSeconds"], odd.fields["target.topic"]) == (None, None)


async def test_only_what_still_waits_is_pending() -> None:
    """An answered instance stays in the vendor's list for a while."""
    rig = Rig({f"GET {WAITING}/list": answer(wire("list_hook_instances"))})
    first, odd = await rig.cloud.hooks.pending("g")
    assert (first.instance_id, first.default_result) == ("server-a", "Abandon")
    assert first.deadline == datetime(2026, 1, 2, 4, 4, 5, tzinfo=UTC)
    assert (odd.instance_id, odd.deadline, odd.default_result) == ("", None, "")


async def test_a_hook_update_always_takes_result_and_time_along() -> None:
    """Left out, the vendor might set them back to its defaults; the rest is sent only when it changed."""
    rig = Rig({f"PUT {HOOKS}/warmup": answer({})})
    fields = {"defaultResult": "Continue", "timeoutSeconds": 600, "metadata": "", "target.topic": URN}
    await rig.cloud.hooks.update("g", Hook("warmup", fields), frozenset({"metadata"}))
    assert rig.sent == {"default_result": "CONTINUE", "default_timeout": 600, "notification_metadata": ""}


@pytest.mark.parametrize(
    ("who", "body"),
    [
        ({"token": "key", "instance_id": "i"}, {"lifecycle_action_key": "key"}),
        ({"instance_id": "i"}, {"instance_id": "i", "lifecycle_hook_name": "warmup"}),
    ],
    ids=["by its token", "by hook and instance"],
)
@pytest.mark.parametrize("result", list(HookResult))
async def test_an_answer_names_one_waiting_instance(result: HookResult, who: Any, body: dict[str, str]) -> None:
    """A token says it alone."""
    rig = Rig({f"PUT {WAITING}/callback": answer(status=204)})
    await rig.cloud.hooks.answer("g", result, hook_name="warmup", **who)
    assert rig.sent == {**body, "lifecycle_action_result": result.upper()}


async def test_notifications_are_read_with_unknown_events() -> None:
    """They show as a difference."""
    rig = Rig({f"GET {V1}scaling_notification/g": answer(wire("list_scaling_notifications"))})
    ops, bare = await rig.cloud.notifications.list("g")
    assert (ops.id, ops.fields) == (URN, {"events": ["MOONRISE", "ScaleOutFailed"], "target.topic": URN})
    assert bare.fields["events"] == []


async def test_a_notification_is_put_and_its_topic_is_one_segment_of_the_path() -> None:
    """Colons are encoded on the wire, and the signature covers them in the same form."""
    rig = Rig({f"PUT {V1}scaling_notification/g": answer({}), f"DELETE {V1}scaling_notification/g/{URN}": answer()})
    fields = {"events": ["ScaleOutFailed", "GroupAbnormal"], "target.topic": URN}
    await rig.cloud.notifications.create("g", Notification("", fields))
    assert rig.sent == {"topic_urn": URN, "topic_scene": ["SCALING_UP_FAIL", "SCALING_GROUP_ABNORMAL"]}
    await rig.cloud.notifications.delete("g", URN)
    sent: httpx.Request = rig.requests[-1]
    path = sent.url.raw_path.decode()
    assert path.endswith("/scaling_notification/g/urn%3Asmn%3Aregion-1%3Aproject-a%3Aops")
    headers = {name: sent.headers[name] for name in ("Host", "Content-Type", "X-Project-Id")}
    for url in (str(sent.url), unquote(str(sent.url))):
        expected = sign("DELETE", url, headers, b"", rig.credentials, NOW)["Authorization"]
        assert sent.headers["Authorization"] == expected


async def test_scheduled_tasks_are_read_in_either_spelling() -> None:
    """Sunday is 0, daily has no days, no type is a single run."""
    rig = Rig({f"GET {TASKS}": answer(wire("list_group_scheduled_tasks"))})
    daily, weekly, once = await rig.cloud.scheduled_tasks.list("g")
    assert (daily.type, daily.fields["schedule.recurrence"], daily.fields["schedule.days"]) == (
        "Recurring",
        "Daily",
        [],
    )
    assert daily.fields["capacity"] == {"minSize": 0, "desiredCapacity": 3}
    assert (weekly.fields["schedule.days"], weekly.fields["schedule.start"]) == ([0, 6], None)
    assert (weekly.fields["capacity"], weekly.created_at) == ({"maxSize": 9}, None)
    assert (once.type, once.fields["schedule.at"], once.fields["capacity"]) == ("Scheduled", "2026-03-02T23:30Z", {})


async def test_a_recurring_task_is_sent_in_capitals() -> None:
    """Zero is a size."""
    rig = Rig({f"POST {TASKS}": answer({"task_id": "t"})})
    fields = {
        "externalName": "nightly",
        "capacity": {"minSize": 0, "desiredCapacity": 0},
        "schedule.time": "23:30",
        "schedule.recurrence": "Weekly",
        "schedule.days": [5, 0],
        "schedule.end": "2027-01-01T00:00Z",
    }
    assert await rig.cloud.scheduled_tasks.create(NewPolicy("g", "Recurring", fields), "token") == "t"
    assert rig.sent == {
        "name": "nightly",
        "instance_number": {"min": 0, "desire": 0},
        "scheduled_policy": {
            "launch_time": "23:30",
            "recurrence_type": "WEEKLY",
            "recurrence_value": "1,6",
            "end_time": "2027-01-01T00:00Z",
        },
    }


async def test_a_warm_pool_has_no_version_in_its_path_and_two_equal_sizes() -> None:
    """Without a size neither is sent."""
    rig = Rig({f"PUT {POOL}": answer(status=204)})
    await rig.cloud.warm_pools.put("g", 0, 30)
    assert rig.sent == {"min_capacity": 0, "max_capacity": 0, "instance_init_wait_time": 30}
    await rig.cloud.warm_pools.put("g", None, None)
    assert rig.sent == {}


async def test_a_warm_pool_without_a_state_is_no_answer() -> None:
    """It is never taken for a closed one."""
    rig = Rig({f"GET {POOL}": answer({"warm_pool": {"min_capacity": 1}})})
    with pytest.raises(errors.Transient):
        await rig.cloud.warm_pools.get("g")


async def test_listeners_of_others_go_back_and_the_usual_address_family_is_not_named() -> None:
    """Some clouds of the family do not know the field."""
    rig = Rig({f"PUT {V1}scaling_group/g": answer({"scaling_group_id": "g"})})
    groups, path = rig.cloud.groups, "loadBalancers.targets"
    seen = groups.canonical(
        {path: [{"poolId": "z", "port": 1, "weight": 1}, {"poolId": "old", "port": 2, "weight": 2}]}
    )
    want = groups.canonical({path: [{"poolId": "a", "port": 80, "weight": 5, "ipVersion": "IPv6"}]})
    dropped = {path: frozenset({"old:2:IPv4"})}
    await groups.update("g", Change(want, seen, frozenset({path}), dropped=dropped))
    assert rig.sent == {
        "lbaas_listeners": [
            {"pool_id": "a", "protocol_port": 80, "weight": 5, "protocol_version": "ipv6"},
            {"pool_id": "z", "protocol_port": 1, "weight": 1},
        ]
    }
    classic = "loadBalancers.classicIds"
    await groups.update(
        "g", Change({classic: []}, {classic: ["x"]}, frozenset({classic}), dropped={classic: frozenset("x")})
    )
    assert rig.sent == {"lb_listener_id": ""}


async def test_steps_take_type_and_alarm_along() -> None:
    """Bounds are numbers, an open end is left out, the lowest range comes first."""
    rig = Rig({f"PUT {V2}scaling_policy/p": answer({"scaling_policy_id": "p"})})
    steps = [
        {"lowerBound": "10.50", "adjustment": {"type": "PercentChangeInCapacity", "value": 50}},
        {"upperBound": "-0.5", "adjustment": {"type": "ChangeInCapacity", "value": -1}},
    ]
    seen = {"alarm.alarmId": "al1", "adjustment": {"type": "ChangeInCapacity", "value": 1}, "alarm.steps": []}
    await rig.cloud.policies.update("p", Change({"alarm.steps": steps}, seen, frozenset({"alarm.steps"})))
    assert rig.sent == {
        "scaling_policy_type": "INTERVAL_ALARM",
        "alarm_id": "al1",
        "interval_alarm_actions": [
            {"upper_bound": -0.5, "operation": "REMOVE", "size": 1},
            {"lower_bound": 10.5, "operation": "ADD", "percentage": 50},
        ],
    }


async def test_a_bandwidth_is_the_resource_of_its_policy() -> None:
    """Less is called otherwise, and only a change has a limit."""
    rig = Rig({f"POST {V2}scaling_policy": answer({"scaling_policy_id": "p"})})
    fields = {
        "externalName": "broad",
        "alarm.alarmId": "al1",
        "adjustment": {"type": "ChangeInCapacity", "value": -3},
        "huawei.bandwidth.id": "bandwidth-a",
        "huawei.bandwidth.limitMbps": 2,
    }
    await rig.cloud.policies.create(NewPolicy("", "Alarm", fields), "token")
    assert (rig.sent["scaling_resource_id"], rig.sent["scaling_resource_type"]) == ("bandwidth-a", "BANDWIDTH")
    assert rig.sent["scaling_policy_action"] == {"operation": "REDUCE", "size": 3, "limits": 2}
    fields["adjustment"] = {"type": "ExactCapacity", "value": 5}
    await rig.cloud.policies.create(NewPolicy("", "Alarm", fields), "token")
    assert rig.sent["scaling_policy_action"] == {"operation": "SET", "size": 5}


async def test_replacements_are_asked_for_by_word() -> None:
    """Nothing is said when none are wanted."""
    rig = Rig({f"POST {V1}scaling_group_instance/g/action": answer(status=204)})
    await rig.cloud.instances.act("g", InstanceAction.ENTER_STANDBY, ["a"], replace=True)
    assert rig.sent == {"instances_id": ["a"], "action": "ENTER_STANDBY", "instance_append": "yes"}


async def test_a_search_by_tag_counts_in_texts() -> None:
    """And stops at the total."""
    found = {"resources": [{"resource_id": "g", "resource_name": "web", "tags": []}], "total_count": 1, "marker": "1"}
    rig = Rig({f"POST {V1}scaling_group_tag/resource_instances/action": answer(found)})
    assert await rig.cloud.groups.find_by_tag("cso-owner", "abc") == ("g",)
    assert rig.sent == {
        "action": "filter",
        "tags": [{"key": "cso-owner", "values": ["abc"]}],
        "limit": "1000",
        "offset": "0",
    }
    assert len(rig.requests) == 1


def version(status: str) -> httpx.Response:
    return answer({"version": {"id": "v2", "status": status}})


@pytest.mark.parametrize(
    ("listed", "shown", "served"),
    [
        (answer({"versions": [{"id": "v2", "status": "SUPPORTED"}]}), version("SUPPORTED"), True),
        (answer({"versions": [{"id": "v2", "status": "SUPPORTED"}]}), version("DEPRECATED"), False),
        (answer({"versions": [{"id": "v2", "status": "SUPPORTED"}]}), answer({}, 404), True),
        (answer({}, 404), version("CURRENT"), True),
        (answer({"versions": [{"id": "v1", "status": "CURRENT"}]}), answer({}, 404), False),
    ],
    ids=["both agree", "the version itself says no", "only listed", "only shown", "neither"],
)
async def test_version_two_is_asked_for_itself(listed: httpx.Response, shown: httpx.Response, served: bool) -> None:
    """Its own answer wins over the list, and either is enough."""
    projects = answer({"projects": [{"id": "project-a", "name": "region-1", "domain_id": "d"}]})
    quotas = answer({"quotas": {"resources": []}})
    rig = Rig({"GET /v3/projects": projects, f"GET {V1}quotas": quotas, "GET /": listed, "GET /v2": shown})
    found = await rig.cloud.verify()
    assert ("PolicyV2" in found.capabilities) == served
    assert ("StepPolicies" in found.capabilities) == served
