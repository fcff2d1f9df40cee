"""Policies on the whole engine, together with their group."""

from __future__ import annotations

import asyncio

from operator_rig import Rig, drop_once
from virtual_time import run

from cloudscaling.engine.store import GROUPS, POLICIES

POLICY = {
    "scalingGroupRef": {"name": "web"},
    "type": "Alarm",
    "alarm": {"alarmId": "al1"},
    "adjustment": {"type": "ChangeInCapacity", "value": 2},
}


async def ready() -> Rig:
    """A group that is as wanted."""
    rig = Rig()
    rig.launch()
    rig.group()
    rig.account()
    await rig.start()
    await rig.until(lambda: rig.synced(GROUPS, "web"), 120)
    await asyncio.sleep(20)
    return rig


async def finish(rig: Rig) -> None:
    assert not rig.kube.complaints, rig.kube.complaints
    await rig.kill()


def test_a_policy_that_fires_is_explained_and_not_undone() -> None:
    """D5: ScaledByPolicy, no write."""

    async def scenario() -> None:
        rig = await ready()
        rig.kube.apply(POLICIES, "night", POLICY)
        await rig.until(lambda: rig.synced(POLICIES, "night"), 120)
        await asyncio.sleep(400)  # the cooldown of the first scale-out
        policy_id = rig.kube.status(POLICIES, "night")["externalId"]
        writes = len(rig.simulator.writes)
        rig.simulator.vendor.fire_alarm(policy_id, {}, rig.simulator.world.catch_up())
        await rig.until(
            lambda: rig.kube.condition(GROUPS, "web", "CapacityDrifted") == ("False", "ScaledByPolicy"), 120
        )
        await asyncio.sleep(300)
        assert rig.kube.status(GROUPS, "web")["desiredCapacity"] == 4
        assert len(rig.simulator.writes) == writes
        await finish(rig)

    run(scenario())


def test_a_policy_that_was_made_by_hand_goes_with_the_group() -> None:
    """It would survive nothing; and no policy object holds the deletion."""

    async def scenario() -> None:
        rig = await ready()
        rig.kube.apply(POLICIES, "night", POLICY)
        await rig.until(lambda: rig.synced(POLICIES, "night"), 120)
        rig.kube.remove(GROUPS, "web")
        await rig.until(lambda: not rig.kube.exists(GROUPS, "web"), 300)
        assert not rig.simulator.policies()
        await rig.until(
            lambda: rig.kube.condition(POLICIES, "night", "ReferencesResolved") == ("False", "ScalingGroupNotFound"),
            120,
        )
        await rig.until(lambda: "externalId" not in rig.kube.status(POLICIES, "night"), 300)
        rig.group()
        await rig.until(lambda: rig.synced(POLICIES, "night"), 300)
        await finish(rig)

    run(scenario())


def test_a_policy_that_is_renamed_during_a_lost_reply_is_made_once() -> None:
    """It is found by the name that it was sent with, and renamed; two of them would both fire."""

    async def scenario() -> None:
        rig = await ready()
        rig.simulator.trouble = drop_once("CreateScalingV2Policy")
        rig.kube.apply(POLICIES, "night", POLICY)
        await rig.until(lambda: "operation" in rig.kube.status(POLICIES, "night"), 60, 0.02)
        await asyncio.sleep(0.2)
        rig.kube.edit(POLICIES, "night", lambda spec: spec.update(externalName="renamed"))
        await rig.until(lambda: rig.synced(POLICIES, "night"), 300)
        assert [row["scaling_policy_name"] for row in rig.simulator.policies().values()] == ["renamed"]
        await finish(rig)

    run(scenario())


def test_a_second_policy_of_our_name_is_told_and_kept() -> None:
    """As long as it is there."""

    async def scenario() -> None:
        rig = await ready()
        rig.kube.apply(POLICIES, "night", POLICY)
        await rig.until(lambda: rig.synced(POLICIES, "night"), 120)
        (row,) = rig.simulator.policies().values()
        copy = {
            "scaling_policy_name": row["scaling_policy_name"],
            "scaling_group_id": rig.kube.status(GROUPS, "web")["externalId"],
            "scaling_policy_type": "SCHEDULED",
            "scheduled_policy": {"launch_time": "2090-03-02T23:30Z"},
        }
        twin = rig.simulator.do("CreateScalingPolicy", copy)["scaling_policy_id"]
        await rig.until(lambda: rig.kube.condition(POLICIES, "night", "Synced") == ("False", "DuplicateFound"), 120)
        assert len(rig.simulator.policies()) == 2
        rig.simulator.do("DeleteScalingPolicy", scaling_policy_id=twin)
        await rig.until(lambda: rig.synced(POLICIES, "night"), 120)
        await finish(rig)

    run(scenario())
