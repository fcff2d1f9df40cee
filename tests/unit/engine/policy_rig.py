"""A policy on the whole engine: what tests of the kinds of policies share."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from operator_rig import CLUSTER, Rig
from virtual_time import run

from cloudscaling.core.naming import Owner
from cloudscaling.engine.store import GROUPS, POLICIES

NAME = Owner(CLUSTER, "web", "ScalingPolicy", "one").cloud_name
DAILY = {"cron": "0 3 * * *", "timeZone": "Europe/Berlin"}
TASK: dict[str, Any] = {
    "scalingGroupRef": {"name": "web"},
    "type": "Recurring",
    "schedule": DAILY,
    "capacity": {"desiredCapacity": 3},
}
PLAIN = {
    **{key: value for key, value in TASK.items() if key != "capacity"},
    "adjustment": {"type": "ExactCapacity", "value": 3},
}
STEPS: dict[str, Any] = {
    "scalingGroupRef": {"name": "web"},
    "type": "Alarm",
    "alarm": {
        "alarmId": "al1",
        "steps": [
            {"lowerBound": "10.0", "adjustment": {"type": "PercentChangeInCapacity", "value": 50}},
            {"lowerBound": "0", "upperBound": "10", "adjustment": {"type": "ChangeInCapacity", "value": 1}},
        ],
    },
}
BROAD: dict[str, Any] = {
    "accountRef": {"name": "acme"},
    "type": "Alarm",
    "alarm": {"alarmId": "al1"},
    "adjustment": {"type": "ChangeInCapacity", "value": 5},
    "huawei": {"bandwidth": {"id": "bw-1", "limitMbps": 100}},
}
SIMPLE: dict[str, Any] = {
    "scalingGroupRef": {"name": "web"},
    "type": "Simple",
    "adjustment": {"type": "ChangeInCapacity", "value": 2},
}
Scenario = Callable[[Rig], Awaitable[None]]


async def ready(**options: Any) -> Rig:
    """A group that is as wanted."""
    rig = Rig(**options)
    rig.launch()
    rig.group()
    rig.account()
    await rig.start()
    await rig.until(lambda: rig.synced(GROUPS, "web"), 120)
    await asyncio.sleep(20)
    return rig


def play(scenario: Scenario, **options: Any) -> None:
    async def whole() -> None:
        rig = await ready(**options)
        await scenario(rig)
        assert not rig.kube.complaints, rig.kube.complaints
        await rig.kill()

    run(whole())


async def make(rig: Rig, spec: dict[str, Any]) -> None:
    rig.kube.apply(POLICIES, "one", spec)
    await rig.until(lambda: rig.synced(POLICIES, "one"), 200)


async def edit(rig: Rig, **changes: Any) -> None:
    """Change the spec (None takes a field out) and wait until it is so."""

    def change(spec: dict[str, Any]) -> None:
        spec.update(changes)
        for key in [key for key, value in changes.items() if value is None]:
            del spec[key]

    rig.kube.edit(POLICIES, "one", change)
    await rig.until(lambda: rig.synced(POLICIES, "one"), 300)


def status(rig: Rig) -> dict[str, Any]:
    return rig.kube.status(POLICIES, "one")


def says(rig: Rig, type_: str) -> tuple[str, str]:
    return rig.kube.condition(POLICIES, "one", type_)


def tasks(rig: Rig) -> list[dict[str, Any]]:
    return [task for group_id in rig.simulator.groups() for task in rig.simulator.tasks(group_id)]


def events(rig: Rig) -> list[str]:
    return [reason for name, _, reason, _ in rig.kube.events if name == "one"]


def writes(rig: Rig) -> list[str]:
    return [write.operation for write in rig.simulator.writes]
