"""Sizes on the whole engine: a wish that is taken back, a correction that does not stick."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from operator_rig import Rig
from virtual_time import run

from cloudscaling.engine.store import GROUPS


async def ready(**spec: Any) -> Rig:
    """A group that is as wanted, and has been for a while."""
    rig = Rig()
    rig.launch()
    rig.group(**spec)
    rig.account()
    await rig.start()
    await rig.until(lambda: rig.synced(GROUPS, "web"), 120)
    await asyncio.sleep(60)
    return rig


def asks(rig: Rig, **changes: Any) -> None:
    def edit(spec: dict[str, Any]) -> None:
        spec.update(changes)
        for name in [name for name, value in changes.items() if value is None]:
            del spec[name]

    rig.kube.edit(GROUPS, "web", edit)


async def _refused(rig: Rig) -> None:
    """The cloud answers 500, and the wish is taken back while it is to be tried again."""
    rig.simulator.trouble = lambda operation, write: "500" if write else ""
    asks(rig, desiredCapacity=2)
    await asyncio.sleep(20)


async def _killed(rig: Rig) -> None:
    """The intent is stored, the request never leaves; the operator is away for an hour."""
    rig.simulator.trouble = lambda operation, write: "drop-before" if write else ""
    asks(rig, desiredCapacity=2)
    await rig.until(lambda: rig.kube.status(GROUPS, "web").get("operation") is not None, 60, 0.05)
    await rig.kill()
    await asyncio.sleep(3600)


@pytest.mark.parametrize("lost", [_refused, _killed])
@pytest.mark.parametrize(
    "instead", [{"desiredCapacity": 8}, {"desiredCapacity": None}, {"desiredCapacity": 2, "minSize": 8}]
)
def test_a_scale_in_that_was_taken_back_destroys_nothing(
    lost: Callable[[Rig], Any], instead: dict[str, int | None]
) -> None:
    """However its request was lost, and whatever takes it back."""

    async def scenario() -> None:
        rig = await ready(desiredCapacity=8)
        await lost(rig)
        asks(rig, **instead)
        await asyncio.sleep(5)
        if rig.running is None:
            await rig.start()
        rig.simulator.trouble = lambda operation, write: ""
        await rig.until(lambda: rig.synced(GROUPS, "web"), 600)
        await asyncio.sleep(300)
        assert Counter(rig.simulator.servers().values()) == {"ACTIVE": 8}
        assert "operation" not in rig.kube.status(GROUPS, "web")
        assert not rig.kube.complaints, rig.kube.complaints
        await rig.kill()

    run(scenario())


@pytest.mark.parametrize("wish", [{"desiredCapacity": 4}, {"desiredCapacity": None, "minSize": 1}])
def test_a_group_that_was_deleted_outside_leaves_nothing_in_the_status_and_comes_back_as_the_spec_says(
    wish: dict[str, int | None],
) -> None:
    """Here it cannot be made at once, because its launch configuration is missing."""

    async def scenario() -> None:
        rig = await ready(desiredCapacity=2)
        group_id = rig.kube.status(GROUPS, "web")["externalId"]
        asks(rig, launchConfigurationRef={"name": "later"})
        rig.simulator.do("DeleteScalingGroup", scaling_group_id=group_id, query={"force_delete": "yes"})
        await rig.until(lambda: "externalId" not in rig.kube.status(GROUPS, "web"), 300)
        await asyncio.sleep(60)
        gone = ("state", "minSize", "desiredCapacity", "currentCapacity", "instances", "launchConfiguration")
        assert not set(gone) & rig.kube.status(GROUPS, "web").keys()
        asks(rig, **wish)
        rig.launch("later")
        await rig.until(lambda: rig.synced(GROUPS, "web"), 300)
        await asyncio.sleep(60)
        assert rig.kube.status(GROUPS, "web")["desiredCapacity"] == (wish["desiredCapacity"] or 1)
        await rig.kill()

    run(scenario())


def test_a_correction_that_does_not_stick_is_made_three_times_and_then_every_half_hour() -> None:
    """The cloud says success and does nothing; the user may still ask for another size at once."""

    async def scenario() -> None:
        rig = await ready(capacityManagement="Enforced")
        group_id = rig.kube.status(GROUPS, "web")["externalId"]
        rig.simulator.console("ConsoleSetDesire", scaling_group_id=group_id, desire_instance_number=5)
        rig.simulator.deaf = frozenset({"UpdateScalingGroup"})
        before = len(rig.simulator.writes)
        await asyncio.sleep(300)
        assert len(rig.simulator.writes) - before == 3
        assert rig.kube.condition(GROUPS, "web", "Synced") == ("False", "UpdateLoop")
        assert rig.kube.condition(GROUPS, "web", "CapacityDrifted") == ("True", "ExternallyScaled")
        await asyncio.sleep(1800)
        assert len(rig.simulator.writes) - before in (4, 5)
        rig.simulator.deaf = frozenset()
        asks(rig, desiredCapacity=3)
        await rig.until(lambda: rig.synced(GROUPS, "web"), 60)
        assert rig.kube.status(GROUPS, "web")["desiredCapacity"] == 3
        await rig.kill()

    run(scenario())
