"""The administrator's calls with bodies that cannot be meant: 400, the field and the reason, and nothing done."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest

from cloudsim import admin
from cloudsim.settings import Settings
from cloudsim.world import World

PATHS = {"fire": "/alarms/huawei/nobody/fire", "console": "/console/huawei", "advance": "/clock/advance"}


def send(world: World, call: str, body: Any) -> httpx.Response:
    """POST to the administrator's application; text goes as it is, anything else as JSON."""

    async def scenario() -> httpx.Response:
        transport = httpx.ASGITransport(app=admin.build(world))
        async with httpx.AsyncClient(transport=transport, base_url="http://admin") as client:
            content = body if isinstance(body, str) else json.dumps(body)
            return await client.post(PATHS.get(call, f"/{call}"), content=content)

    return asyncio.run(scenario())


@pytest.fixture
def world() -> World:
    """Two clouds in which nothing is."""
    return World(Settings(vendors={"huawei": 0, "otc": 0}, clock="manual"))


@pytest.mark.parametrize(
    ("call", "body", "said"),
    [
        ("seed", "{", "the body is not JSON"),
        ("seed", "[]", "the body must be a JSON object"),
        ("seed", {"moon": {}}, "no vendor 'moon' here"),
        ("seed", {"huawei": "x"}, 'huawei: must be an object, not "x"'),
        ("seed", {"huawei": {"gruops": []}}, "huawei.gruops: there is no such field"),
        ("seed", {"huawei": {"images": "abc"}}, "huawei.images: must be a list"),
        ("seed", {"huawei": {"images": [1]}}, "huawei.images[0]: must be a text, not 1"),
        ("seed", {"huawei": {"groups": ["x"]}}, "huawei.groups[0]: must be an object"),
        ("seed", {"huawei": {"groups": [{"count": "many"}]}}, "huawei.groups[0].count: must be a whole number from 0"),
        ("seed", {"huawei": {"account": "nobody"}}, "huawei.account: must be one that exists: sim-account"),
        ("seed", {"huawei": {"project_id": "none"}}, "huawei.project_id: must be one that exists"),
        ("faults", {}, "kind: is missing"),
        ("faults", {"kind": "odd"}, "kind: must be a kind of fault: activity-slow, delay"),
        ("faults", {"kind": ["error"]}, "kind: must be a kind of fault"),
        ("faults", {"kind": "error", "odd": 1}, "odd: there is no such field"),
        ("faults", {"kind": "error", "vendor": "moon"}, "vendor: must be * or a vendor: huawei, otc"),
        ("faults", {"kind": "error", "vendor": 1}, "vendor: must be a text, not 1"),
        ("faults", {"kind": "error", "operation": "ListGruops"}, "operation: 'ListGruops' is none of *"),
        ("faults", {"kind": "error", "operation": "ListScalingGroups, ShowScalingGroup"}, "' ShowScalingGroup'"),
        ("faults", {"kind": "error", "vendor": "otc", "operation": "PutWarmPool"}, "'PutWarmPool' is none of otc"),
        ("faults", {"kind": "error", "status": "abc"}, 'status: must be a whole number from 400 to 599, not "abc"'),
        ("faults", {"kind": "error", "status": 200}, "status: must be a whole number from 400 to 599, not 200"),
        ("faults", {"kind": "error", "times": "2"}, 'times: must be a whole number from 0, not "2"'),
        ("faults", {"kind": "error", "times": True}, "times: must be a whole number from 0, not true"),
        ("faults", {"kind": "error", "skip": -1}, "skip: must be a whole number from 0, not -1"),
        ("faults", {"kind": "delay", "seconds": "1"}, "seconds: must be a number from 0"),
        ("faults", '{"kind": "delay", "seconds": NaN}', "the body is not JSON: NaN"),
        ("faults", {"kind": "throttle", "retry_after": 1.5}, "retry_after: must be a whole number from 0"),
        ("faults", {"kind": "stale-read"}, "vendor: a stale read needs one"),
        ("advance", "", "seconds: is missing"),
        ("advance", {"seconds": -1}, "seconds: must be a number from 0"),
        ("advance", {"seconds": "60"}, "seconds: must be a number from 0"),
        ("advance", '{"seconds": Infinity}', "the body is not JSON: Infinity"),
        ("advance", {"seconds": 10**400}, "seconds: must be a number from 0"),
        ("advance", {"seconds": 253_000_000_000}, "seconds: that is after the year 9998"),
        ("advance", {"seconds": 1, "minutes": 1}, "minutes: there is no such field"),
        ("fire", {"value": "high"}, "value: must be a number"),
        ("console", {"operation": 5}, "operation: must be a text, not 5"),
        ("console", {"operation": "ShowScalingGroup", "path": "x"}, "path: must be an object"),
        ("console", {"operation": "ShowScalingGroup", "path": {"scaling_group_id": []}}, "path.scaling_group_id: must"),
        ("console", {"operation": "ShowScalingGroup", "query": 1}, "query: must be an object"),
        ("console", {"account": "nobody"}, "account: must be one that exists: sim-account"),
        ("console", {"project_id": "none"}, "project_id: must be one that exists"),
        ("console", {"odd": 1}, "odd: there is no such field"),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else "",
)
def test_what_cannot_be_meant_is_refused(world: World, call: str, body: Any, said: str) -> None:
    """The answer names the field and the reason; the clouds are as before."""
    before = world.describe()
    answer = send(world, call, body)
    assert answer.status_code == 400, answer.text
    assert said in answer.json()["error"]
    assert world.describe() == before
    assert world.faults.armed == []


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"operation": "Odd"}, "no operation 'Odd'"),
        ({"operation": "ShowScalingGroup"}, "path.scaling_group_id: is missing, ShowScalingGroup needs it"),
        ({"operation": "ConsoleSetDesire", "body": "x"}, "body: must be an object"),
        ({"operation": "ConsoleSetDesire", "body": {"scaling_group_id": "none"}}, "none"),
    ],
)
def test_the_console_answers_as_the_cloud_does(world: World, body: dict[str, Any], said: str) -> None:
    """A status and a body, whatever was asked."""
    answer = send(world, "console", body)
    assert answer.status_code == 200
    assert answer.json()["status"] >= 400
    assert said in json.dumps(answer.json()["body"])


def test_an_unknown_policy_is_the_clouds_to_refuse(world: World) -> None:
    """As an alarm would find it."""
    answer = send(world, "fire", {})
    assert answer.status_code == 200
    assert answer.json()["body"]["error"]["code"] == "AS.3020"


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "error", "status": 599, "times": 0},
        {"kind": "throttle", "vendor": "otc", "operation": "ListScalingGroups,ShowScalingGroup", "retry_after": None},
        {"kind": "truncated-page", "total": 9, "skip": 2},
        {"kind": "instance-fail", "operation": "any-group-id"},
        {"kind": "activity-slow", "target": "any-group-id", "seconds": 3},
        {"kind": "error", "operation": "KeystoneCreateUserTokenByPassword"},
    ],
    ids=lambda fault: fault["kind"],
)
def test_what_is_documented_is_armed(world: World, fault: dict[str, Any]) -> None:
    """Faults of answers wait for operations, the others for groups."""
    answer = send(world, "faults", fault)
    assert answer.status_code == 200, answer.text
    (armed,) = world.faults.armed
    assert armed.kind == fault["kind"]
    assert armed.left == (fault.get("times", 1) or None)
