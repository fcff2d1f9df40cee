"""InstanceOperations on the whole engine: how many calls, what is counted, what survives a kill."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from fake_kube import NAMESPACE
from operation_rig import BATCH, UPDATE, Bench, on

from cloudscaling.engine.store import ACCOUNTS, GROUPS, OPERATIONS

LIMITS = pytest.mark.parametrize(("vendor", "limit", "calls"), [("Huawei", 50, 3), ("OTC", 10, 12)])


@LIMITS
def test_120_instances_leave_in_chunks_of_the_vendors_limit(vendor: str, limit: int, calls: int) -> None:
    """One call after the other, nobody twice, the desired capacity follows."""

    async def scenario(bench: Bench) -> None:
        bench.ask("Remove", instanceIds=bench.first)
        status = await bench.end()
        batches = bench.batches()
        assert (len(batches), max(map(len, batches))) == (calls, limit)
        acted = [one for batch in batches for one in batch]
        assert len(acted) == len(set(acted)) == 120
        assert (bench.says("Complete"), status["phase"]) == (("True", "Succeeded"), "Succeeded")
        assert (status["total"], status["succeeded"], status["remaining"]) == (120, 120, 0)
        assert (bench.ids(), bench.group()["desire_instance_number"]) == (set(), 0)
        assert bench.recorded() == ["op"]
        assert not bench.writes(UPDATE)

    on(120, scenario, vendor)


@pytest.mark.parametrize("vendor", ["Huawei", "OTC"])
def test_the_activity_of_each_chunk_is_named(vendor: str) -> None:
    """While it runs and afterwards."""

    async def scenario(bench: Bench) -> None:
        rig, seen = bench.rig, set()
        bench.ask("Remove", instanceIds=bench.first[:3], batchSize=1)
        while not bench.ended():
            seen.add((bench.status().get("currentBatch") or {}).get("activityId"))
            await asyncio.sleep(0.2)
        names = [row["activityId"] for row in bench.status()["batches"]]
        assert (len(set(names)), set(names) <= seen) == (3, True)
        log = rig.simulator.do("ListScalingActivityV2Logs", scaling_group_id=bench.group_id)["scaling_activity_log"]
        assert names == [row["id"] for row in log[2::-1]]

    on(4, scenario, vendor)


@LIMITS
def test_killed_in_the_middle_of_120_no_chunk_is_repeated(vendor: str, limit: int, calls: int) -> None:
    """With -9, in the middle of each call; the instance list says what is left."""

    async def scenario(bench: Bench) -> None:
        rig = bench.rig
        bench.ask("Remove", instanceIds=bench.first)
        for n in range(1, calls + 1):
            await rig.until(lambda n=n: len(bench.batches()) >= n, 3000, step_s=0.01)  # type: ignore[misc]
            await rig.kill()
            await asyncio.sleep(3)
            await rig.start()
        status = await bench.end()
        acted = [one for batch in bench.batches() for one in batch]
        assert (len(bench.writes(BATCH)), len(acted), len(set(acted))) == (calls, 120, 120)
        assert (status["succeeded"], bench.ids()) == (120, set())

    on(120, scenario, vendor)


def test_a_list_that_would_break_the_minimum_is_refused_as_a_whole() -> None:
    """Before the first chunk; nothing is called."""

    async def scenario(bench: Bench) -> None:
        bench.ask("Remove", instanceIds=bench.first)
        status = await bench.end()
        assert (bench.says("Failed"), status["phase"]) == (("True", "WouldFallBelowMinSize"), "Failed")
        condition = next(c for c in status["conditions"] if c["type"] == "Failed")
        assert condition["message"] == "120 - 120 instances would fall below the group's minimum of 1"
        assert (bench.writes(), len(bench.ids()), bench.recorded()) == ([], 120, [])

    on(120, scenario, minSize=1)


def test_instances_that_must_stay_are_named_and_stay() -> None:
    """Protected, in standby, unknown: each with its reason; the others leave."""

    async def scenario(bench: Bench) -> None:
        a, b, c, d, *_ = bench.first
        bench.by_hand("PROTECT", a)
        bench.by_hand("ENTER_STANDBY", b)
        await bench.rig.until(lambda: not bench.group()["is_scaling"], 300)
        bench.ask("Remove", instanceIds=[a, b, c, d, "nobody"])
        status = await bench.end()
        assert bench.says("Failed") == ("True", "SomeInstancesFailed")
        assert status["phase"] == "PartiallyFailed"
        assert bench.reasons() == {a: "InstanceProtected", b: "InstanceNotInService"}
        assert (status["succeeded"], status["skipped"], status["failed"]) == (2, 1, 2)
        assert bench.ids() == set(bench.first) - {c, d}
        assert bench.batches() == [[c, d]]

    on(6, scenario)


def test_servers_that_do_not_fit_are_named_and_nothing_else_changes() -> None:
    """Another zone, stopped, unknown: the vendor's code for each."""

    async def scenario(bench: Bench) -> None:
        simulator = bench.rig.simulator
        elsewhere = simulator.console("ConsoleCreateServer", name="b", zone="sim-az-9")["id"]
        stopped = simulator.console("ConsoleCreateServer", name="c", status="SHUTOFF")["id"]
        good = simulator.console("ConsoleCreateServer", name="d")["id"]
        bench.since = len(simulator.writes)
        bench.ask("Add", instanceIds=[elsewhere, stopped, good])
        status = await bench.end()
        assert (status["succeeded"], status["failed"]) == (1, 2)
        assert bench.reasons() == {elsewhere: "PlacementMismatch", stopped: "InstanceNotInService"}
        assert bench.ids() == {*bench.first, good}
        assert not bench.writes(UPDATE)

    on(2, scenario)


def test_more_than_the_group_may_hold_is_refused_as_a_whole() -> None:
    """Before any call."""

    async def scenario(bench: Bench) -> None:
        bench.ask("Add", instanceIds=["s-1", "s-2", "s-3"])
        await bench.end()
        assert (bench.says("Failed"), bench.writes()) == (("True", "WouldExceedMaxSize"), [])

    on(2, scenario, maxSize=4)


async def looked_at_for_nothing(bench: Bench) -> None:
    """Twenty looks at the operation, and no call to the cloud."""
    await asyncio.sleep(60)
    before = len(bench.rig.simulator.calls)
    for n in range(20):
        bench.rig.kube.annotate(OPERATIONS, "op", "cloudscaling.dev/reconcile-requested-at", str(n))
        await asyncio.sleep(0.05)
    assert len(bench.rig.simulator.calls) == before
    assert bench.status()["lastHandledReconcileAt"] == "19"


@pytest.mark.parametrize("action", ["Start", "Stop", "Rebalance"])
def test_an_action_that_the_vendor_lacks_is_not_accepted(action: str) -> None:
    """The condition says so, nothing is called, and it holds nobody up."""

    async def scenario(bench: Bench) -> None:
        bench.ask(action, **({} if action == "Rebalance" else {"instanceIds": bench.first}))
        await bench.rig.until(lambda: bench.says("Accepted") == ("False", "Unsupported"), 120)
        await looked_at_for_nothing(bench)
        bench.ask("Protect", "next", instanceIds=bench.first)
        await bench.end("next")
        assert (bench.says("Complete", "next"), bench.ended()) == (("True", "Succeeded"), False)

    on(2, scenario)


def test_two_operations_run_one_after_the_other() -> None:
    """By creation; the second waits without asking the cloud."""

    async def scenario(bench: Bench) -> None:
        a, b, *_ = bench.first
        bench.ask("Remove", "first", instanceIds=[a], batchSize=1)
        await asyncio.sleep(1.5)
        bench.ask("Remove", "second", instanceIds=[b])
        await bench.rig.until(lambda: bool(bench.says("Progressing", "second")[0]), 60)
        assert bench.says("Progressing", "second") == ("True", "WaitingForGroup")
        await bench.end("second")
        assert bench.batches() == [[a], [b]]
        ends = [bench.status(name)["completionTime"] for name in ("first", "second")]
        assert ends == sorted(ends)
        assert bench.recorded() == ["second", "first"]

    on(4, scenario)


def test_an_operation_that_has_ended_costs_no_call() -> None:
    """Nothing holds its object, and a restart reads nothing for it."""

    async def scenario(bench: Bench) -> None:
        rig = bench.rig
        bench.ask("Protect", instanceIds=bench.first)
        await bench.end()
        await rig.until(lambda: bench.finalizers() == [], 60)
        await looked_at_for_nothing(bench)
        rig.kube.remove(OPERATIONS, "op")
        assert not rig.kube.exists(OPERATIONS, "op")

    on(2, scenario)


@pytest.mark.parametrize(
    ("spec", "desired"),
    [({"action": "Remove", "batchSize": 1}, 1), ({"action": "ScaleOut", "count": 2}, 5)],
    ids=["chunks", "scale"],
)
def test_the_size_that_an_operation_leaves_is_not_called_external(spec: dict[str, Any], desired: int) -> None:
    """Nobody outside has moved it."""

    async def scenario(bench: Bench) -> None:
        rig = bench.rig
        more = {"instanceIds": bench.first[:2]} if spec["action"] == "Remove" else {}
        bench.ask(**spec, **more)
        await bench.end()
        await rig.until(lambda: bench.at_rest(desired) and rig.synced(GROUPS, "web"), 300)
        await asyncio.sleep(1000)
        assert rig.kube.condition(GROUPS, "web", "CapacityDrifted") == ("False", "ScaledByPolicy")
        assert "ExternallyScaled" not in [event[2] for event in rig.kube.events]

    on(3, scenario)


def test_a_paused_group_holds_its_operations() -> None:
    """No call; it goes on when the pause ends."""

    async def scenario(bench: Bench) -> None:
        rig = bench.rig
        rig.kube.edit(GROUPS, "web", lambda spec: spec.update(paused=True))
        bench.ask("Protect", instanceIds=bench.first)
        await rig.until(lambda: bench.says("Progressing") == ("True", "WaitingForGroup"), 120)
        await asyncio.sleep(100)
        assert bench.writes() == []
        rig.kube.edit(GROUPS, "web", lambda spec: spec.update(paused=False))
        await bench.end(limit_s=60)
        assert bench.says("Complete") == ("True", "Succeeded")

    on(2, scenario)


def test_an_enforced_group_refuses_what_would_fight_it() -> None:
    """Unless replacements are wanted: then its size is what it was."""

    async def scenario(bench: Bench) -> None:
        a, *_ = bench.first
        bench.ask("ScaleOut", "grow", count=1)
        bench.ask("Remove", "shrink", instanceIds=[a])
        refused = ("False", "CapacityOwnershipConflict")
        await bench.rig.until(lambda: [bench.says("Accepted", n) for n in ("grow", "shrink")] == [refused] * 2, 120)
        assert bench.writes() == []
        bench.ask("Remove", "replace", instanceIds=[a], decrementDesiredCapacity=False)
        await bench.end("replace")
        await bench.rig.until(lambda: bench.at_rest(3), 600)
        assert a not in bench.ids()
        assert bench.says("Complete", "replace") == ("True", "Succeeded")

    on(3, scenario, capacityManagement="Enforced")


def test_a_suspended_operation_stops_between_chunks_and_goes_on() -> None:
    """What is suspended holds nobody up."""

    async def scenario(bench: Bench) -> None:
        rig = bench.rig
        bench.ask("Remove", instanceIds=bench.first[:3], batchSize=1)
        await rig.until(lambda: len(bench.batches()) == 1, 120, step_s=0.1)
        rig.kube.edit(OPERATIONS, "op", lambda spec: spec.update(suspend=True))
        await rig.until(lambda: bench.status().get("phase") == "Suspended", 120)
        bench.ask("Protect", "other", instanceIds=bench.first[3:])
        await bench.end("other")
        assert len(bench.batches()) == 2
        rig.kube.edit(OPERATIONS, "op", lambda spec: spec.update(suspend=False))
        await bench.end()
        assert (bench.says("Complete"), bench.ids()) == (("True", "Succeeded"), set(bench.first[3:]))

    on(4, scenario)


def test_the_account_counts_an_operation_while_its_call_runs() -> None:
    """status.usedBy, and deletion of the account waits for it."""

    async def scenario(bench: Bench) -> None:
        rig = bench.rig
        bench.ask("ScaleOut", count=3)

        def counted() -> int:
            rig.kube.annotate(ACCOUNTS, "acme", "cloudscaling.dev/reconcile-requested-at", str(rig.clock.now()))
            found: int = rig.kube.status(ACCOUNTS, "acme")["usedBy"].get("instanceOperations", 0)
            return found

        await rig.until(lambda: counted() == 1, 120, step_s=0.1)
        await bench.end()
        assert bench.group()["desire_instance_number"] == 5
        await rig.until(lambda: counted() == 0, 120)
        assert rig.kube.objects[OPERATIONS, NAMESPACE, "op"]

    on(2, scenario)
