"""Policies of a cloud that lists them group by group: no sweep does, and nothing is believed that was not read."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest
from operator_rig import Rig
from policy_rig import PLAIN, edit, make, play, says, status
from virtual_time import VirtualClock, run

from cloudscaling import errors
from cloudscaling.core.model import Group, GroupState, Policy
from cloudscaling.engine.by_group import ByGroup
from cloudscaling.engine.store import GROUPS, POLICIES
from cloudscaling.engine.table import Table

OLD = {"options": {"v2": "false"}}
READS = ("ListScalingPolicies", "ShowScalingPolicy")


def reads(rig: Rig, since: int) -> int:
    found = Counter(rig.simulator.calls[since:])
    return sum(found[name] for name in READS)


def test_an_idle_sweep_reads_no_policies_however_many_groups_there_are() -> None:
    """W10: at most 0.03 reads per group and sweep, here of 8 groups in 40 sweeps, and one list of groups per sweep."""

    async def scenario() -> None:
        rig = Rig({"v2": "false"})
        rig.launch()
        names = [f"g{number}" for number in range(8)]
        for name in names:
            rig.group(name, desiredCapacity=0)
        rig.account()
        await rig.start()
        await rig.until(lambda: all(rig.synced(GROUPS, name) for name in names), 300)
        await asyncio.sleep(120)
        begin = len(rig.simulator.calls)
        await asyncio.sleep(40 * 30)
        assert reads(rig, begin) <= 0.03 * 8 * 40
        assert Counter(rig.simulator.calls[begin:])["ListScalingGroups"] <= 44
        await rig.kill()

    run(scenario())


def test_an_idle_policy_costs_next_to_nothing() -> None:
    """Its row is kept; only the group's moves bring a read."""

    async def scenario(rig: Rig) -> None:
        await make(rig, PLAIN)
        await asyncio.sleep(120)
        begin = len(rig.simulator.calls)
        await asyncio.sleep(3600)
        assert reads(rig, begin) <= 5
        assert says(rig, "Ready") == ("True", "Active")

    play(scenario, **OLD)


def test_a_change_of_the_spec_is_written_and_read_back() -> None:
    """By its id, since the list is older than the write."""

    async def scenario(rig: Rig) -> None:
        await make(rig, PLAIN)
        await edit(rig, cooldownSeconds=77)
        shown = rig.simulator.do("ShowScalingPolicy", scaling_policy_id=status(rig)["externalId"])["scaling_policy"]
        assert shown["cool_down_time"] == 77
        begin = len(rig.simulator.writes)
        await asyncio.sleep(600)
        assert rig.simulator.writes[begin:] == []

    play(scenario, **OLD)


def test_what_somebody_does_to_a_policy_is_found_when_asked_for_and_in_time_by_itself() -> None:
    """A pause is undone; a policy that is gone by list and by id is made again."""

    async def scenario(rig: Rig) -> None:
        await make(rig, PLAIN)
        first = status(rig)["externalId"]
        rig.simulator.do("ActionScalingPolicy", {"action": "pause"}, scaling_policy_id=first)
        rig.kube.annotate(POLICIES, "one", "cloudscaling.dev/reconcile-requested-at", "now")
        await rig.until(lambda: status(rig).get("lastHandledReconcileAt") == "now", 60)
        await rig.until(
            lambda: (
                rig.simulator.do("ShowScalingPolicy", scaling_policy_id=first)["scaling_policy"]["policy_status"]
                == "INSERVICE"
            ),
            60,
        )
        rig.simulator.do("DeleteScalingPolicy", scaling_policy_id=first)
        await rig.until(lambda: status(rig).get("externalId") not in (None, first), 45 * 30)
        await rig.until(lambda: says(rig, "Ready") == ("True", "Active"), 120)

    play(scenario, **OLD)


def test_a_policy_that_somebody_hung_on_a_group_is_shown() -> None:
    """As unmanaged, when asked for."""

    async def scenario(rig: Rig) -> None:
        group_id = rig.kube.status(GROUPS, "web")["externalId"]
        body = {
            "scaling_policy_name": "theirs",
            "scaling_group_id": group_id,
            "scaling_policy_type": "ALARM",
            "alarm_id": "al1",
            "scaling_policy_action": {"operation": "ADD", "instance_number": 1},
        }
        assert rig.simulator.do("CreateScalingPolicy", body)
        rig.kube.annotate(GROUPS, "web", "cloudscaling.dev/reconcile-requested-at", "now")
        await rig.until(lambda: "unmanaged" in rig.kube.status(GROUPS, "web"), 60)
        assert rig.kube.status(GROUPS, "web")["unmanaged"]["scalingPolicies"] == ["theirs"]

    play(scenario, **OLD)


# --- the tables ------------------------------------------------------------------------------------------------------


def policy(cooldown: int) -> Policy:
    return Policy("p-1", "one", "g-1", "Alarm", True, False, "INSERVICE", {"cooldownSeconds": cooldown})


async def groups() -> tuple[Group, ...]:
    return (Group("g-1", "web", GroupState.ACTIVE, "INSERVICE", 0, 9, 3, 3, False),)


def test_a_row_that_was_read_alone_is_younger_than_its_list_and_older_than_the_next_one() -> None:
    """Also when that list began before it and ends after it."""

    async def scenario() -> None:
        listed = [policy(1)]

        async def read(group_id: str) -> list[Policy]:
            found = list(listed)
            await asyncio.sleep(5)
            return found

        async def alone(policy_id: str) -> Policy:
            return policy(2)

        clock = VirtualClock()
        found = ByGroup(read, Table(groups, clock), clock, alone)
        table = found.of("g-1")
        await table.refresh()
        listing = asyncio.create_task(table.refresh())
        await asyncio.sleep(1)
        assert await found.get("g-1", "p-1") == policy(2)
        await listing
        assert table.rows["p-1"] == table.bearing("one")[0] == policy(2)
        alone_at = table.read_at("p-1")
        assert alone_at is not None
        assert table.is_newer_than(None)
        assert not table.is_newer_than(alone_at)
        listed[:] = [policy(3)]
        await table.refresh()
        assert (table.rows["p-1"], table.read_at("p-1")) == (policy(3), table.at)

    run(scenario())


def test_a_row_that_is_gone_by_its_id_stays_a_matter_of_the_list() -> None:
    """NotFound is passed on; the list decides whether it is believed."""

    async def scenario() -> None:
        async def read(group_id: str) -> list[Policy]:
            return [policy(1)]

        async def alone(policy_id: str) -> Policy:
            raise errors.NotFound("gone")

        clock = VirtualClock()
        found = ByGroup(read, Table(groups, clock), clock, alone)
        await found.of("g-1").refresh()
        with pytest.raises(errors.NotFound):
            await found.get("g-1", "p-1")
        assert found.of("g-1").rows["p-1"] == policy(1)

    run(scenario())
