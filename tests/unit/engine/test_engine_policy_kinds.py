"""Steps, bandwidths and Simple on the whole engine; and deletions without an account."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from operator_rig import Rig
from policy_rig import BROAD, PLAIN, SIMPLE, STEPS, TASK, edit, make, play, says, status, tasks, writes

from cloudscaling.engine.store import ACCOUNTS, POLICIES


def test_steps_are_made_changed_and_become_one_adjustment() -> None:
    """In place; numbers are compared as numbers."""

    async def scenario(rig: Rig) -> None:
        await make(rig, STEPS)
        (policy,) = rig.simulator.policies().values()
        assert policy["scaling_policy_type"] == "INTERVAL_ALARM"
        first = policy["interval_alarm_actions"][0]
        assert (first["lower_bound"], first["size"]) == (0, 1)
        before = len(rig.simulator.writes)
        await asyncio.sleep(700)
        assert len(rig.simulator.writes) == before
        step = {"upperBound": "0", "adjustment": {"type": "ExactCapacity", "value": 1}}
        await edit(rig, alarm={"alarmId": "al1", "steps": [step]}, enabled=False)
        (policy,) = rig.simulator.policies().values()
        assert len(policy["interval_alarm_actions"]) == 1
        await rig.until(lambda: says(rig, "Ready") == ("True", "Disabled"), 60)
        await edit(rig, alarm={"alarmId": "al1"}, adjustment={"type": "ChangeInCapacity", "value": 1})
        (policy,) = rig.simulator.policies().values()
        assert policy["scaling_policy_type"] == "ALARM"
        rig.kube.remove(POLICIES, "one")
        await rig.until(lambda: not rig.kube.exists(POLICIES, "one"), 200)
        assert not rig.simulator.policies()

    play(scenario)


@pytest.mark.parametrize("vendor", ["Huawei", "OTC"])
def test_a_bandwidth_has_a_policy_without_a_group(vendor: str) -> None:
    """Its account is named directly; made, changed, switched off, executed, deleted."""

    async def scenario(rig: Rig) -> None:
        spec = {**{k: v for k, v in BROAD.items() if k != "huawei"}, vendor.lower(): BROAD["huawei"]}
        await make(rig, spec)
        (policy,) = rig.simulator.policies().values()
        assert (policy["scaling_resource_type"], policy["scaling_resource_id"]) == ("BANDWIDTH", "bw-1")
        assert policy["scaling_policy_action"]["limits"] == 100
        await edit(rig, adjustment={"type": "ChangeInCapacity", "value": -3}, enabled=False)
        await rig.until(lambda: says(rig, "Ready") == ("True", "Disabled"), 60)
        (policy,) = rig.simulator.policies().values()
        assert (policy["scaling_policy_action"]["size"], policy["policy_status"]) == (3, "PAUSED")
        await edit(rig, enabled=True)
        await asyncio.sleep(40)  # a sweep has seen it
        rig.simulator.do("DeleteScalingPolicy", scaling_policy_id=policy["scaling_policy_id"])
        await rig.until(lambda: status(rig).get("externalId") not in (None, policy["scaling_policy_id"]), 300)
        rig.kube.lose_status(POLICIES, "one")
        rig.kube.remove(POLICIES, "one")
        await rig.until(lambda: not rig.kube.exists(POLICIES, "one"), 300)
        assert not rig.simulator.policies()

    play(scenario, vendor=vendor)


def test_without_version_two_what_needs_it_is_refused_by_name() -> None:
    """Before anything is sent."""

    async def scenario(rig: Rig) -> None:
        for spec in (STEPS, BROAD, {**PLAIN, "huawei": {"description": "why"}}):
            rig.kube.apply(POLICIES, "one", spec)
            await rig.until(lambda: says(rig, "Accepted") == ("False", "Unsupported"), 60)
            rig.kube.remove(POLICIES, "one")
            await rig.until(lambda: not rig.kube.exists(POLICIES, "one"), 200)
        await make(rig, PLAIN)
        assert says(rig, "Ready") == ("True", "Active")

    play(scenario, options={"v2": "false"})


def test_the_bandwidth_of_an_adopted_policy_is_not_changed() -> None:
    """A value that the vendor cannot change is said to be one, and the object is not called up to date."""

    async def scenario(rig: Rig) -> None:
        body = {
            "scaling_policy_name": "by-hand",
            "scaling_policy_type": "ALARM",
            "scaling_resource_id": "bw-other",
            "scaling_resource_type": "BANDWIDTH",
            "alarm_id": "al9",
            "scaling_policy_action": {"operation": "ADD", "size": 1},
        }
        policy_id = rig.simulator.do("CreateScalingV2Policy", body)["scaling_policy_id"]
        rig.kube.apply(POLICIES, "one", {**BROAD, "externalId": policy_id})
        await rig.until(lambda: says(rig, "Adopted") == ("False", "OwnedByOther"), 60)
        assert says(rig, "Synced")[0] == "False"
        assert "UpdateScalingV2Policy" not in writes(rig)

    play(scenario)


def test_a_simple_policy_is_nothing_in_the_cloud() -> None:
    """Emulated, until it is disabled; no call is made for it, nor for its deletion."""

    async def scenario(rig: Rig) -> None:
        before = len(rig.simulator.writes)
        await make(rig, SIMPLE)
        assert says(rig, "Ready") == ("True", "Emulated")
        assert (status(rig)["cloudObject"], status(rig).get("externalId")) == ("None", None)
        await edit(rig, enabled=False)
        await rig.until(lambda: says(rig, "Ready") == ("True", "Disabled"), 60)
        rig.kube.edit(POLICIES, "one", lambda spec: spec["adjustment"].update(value=301))
        await rig.until(lambda: says(rig, "Accepted") == ("False", "InvalidValue"), 60)
        rig.kube.remove(POLICIES, "one")
        await rig.until(lambda: not rig.kube.exists(POLICIES, "one"), 60)
        assert len(rig.simulator.writes) == before

    play(scenario)


# --- lost and deleted while the account is not to be had --------------------------------------------------------------


@pytest.mark.parametrize("spec", [TASK, PLAIN], ids=["task", "policy"])
@pytest.mark.parametrize(
    ("looked", "killed"),
    [(False, True), (True, True), (True, False)],
    ids=["at once", "after a look", "in the same process"],
)
def test_a_lost_status_without_an_account_holds_the_deletion_until_somebody_looked(
    spec: dict[str, Any], looked: bool, killed: bool
) -> None:
    """The finalizer never goes while the cloud may still hold something with our mark."""

    async def scenario(rig: Rig) -> None:
        await make(rig, spec)
        await (rig.kill() if killed else asyncio.sleep(1))
        key = dict(rig.kube.secrets["web", "key"][0])
        rig.kube.put_secret("key", {**key, "accessKeyId": b"AKWRONG"})
        await asyncio.sleep(1 if killed else 120)
        rig.kube.lose_status(ACCOUNTS, "acme")
        rig.kube.lose_status(POLICIES, "one")
        if not looked:
            rig.kube.remove(POLICIES, "one")
        if killed:
            await rig.start()
        await asyncio.sleep(60)
        rig.kube.remove(POLICIES, "one")
        await asyncio.sleep(60)
        rig.kube.annotate(POLICIES, "one", "cloudscaling.dev/reconcile-requested-at", "now")
        await asyncio.sleep(60)
        assert says(rig, "Deleting") == ("True", "BlockedByCredentials")
        rig.kube.put_secret("key", key)
        await rig.until(lambda: not rig.kube.exists(POLICIES, "one"), 600)
        assert (tasks(rig), rig.simulator.policies()) == ([], {})

    play(scenario)


def test_an_object_that_never_had_an_account_goes_at_once() -> None:
    """A slip in a name must not hold a namespace."""

    async def scenario(rig: Rig) -> None:
        for spec in ({**TASK, "scalingGroupRef": {"name": "wbe"}}, {**BROAD, "accountRef": {"name": "amce"}}):
            rig.kube.apply(POLICIES, "one", spec)
            await rig.until(lambda: says(rig, "ReferencesResolved")[0] == "False", 60)
            rig.kube.remove(POLICIES, "one")
            await rig.until(lambda: not rig.kube.exists(POLICIES, "one"), 60)

    play(scenario)
