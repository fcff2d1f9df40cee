"""InstanceOperations on the whole engine: actions on the group, lost answers, limits of time."""

from __future__ import annotations

import asyncio

import pytest
from operation_rig import BATCH, EXECUTE, HOOK, UPDATE, Bench, on, once
from test_engine_policies import POLICY

from cloudscaling.engine.store import ACCOUNTS, GROUPS, OPERATIONS, POLICIES

TROUBLES = ["drop-before", "drop-after", "throttle", "500", "AS.0034"]


@pytest.mark.parametrize("kind", TROUBLES)
@pytest.mark.parametrize(("action", "desired"), [("ScaleOut", 5), ("ScaleIn", 1)])
def test_a_scaling_happens_once_whatever_goes_wrong(kind: str, action: str, desired: int) -> None:
    """An absolute desired capacity, stored before the call."""

    async def scenario(bench: Bench) -> None:
        once(bench.rig.simulator, UPDATE, kind)
        bench.ask(action, count=2)
        status = await bench.end()
        assert (bench.says("Complete"), status["desiredAtStart"]) == (("True", "Succeeded"), 3)
        assert bench.group()["desire_instance_number"] == desired
        assert {body["desire_instance_number"] for body in bench.writes(UPDATE)} == {desired}
        await bench.rig.until(lambda: bench.at_rest(desired), 300)

    on(3, scenario)


@pytest.mark.parametrize("kind", TROUBLES)
@pytest.mark.parametrize("action", ["Remove", "Detach", "Protect", "EnterStandby"])
def test_nobody_is_acted_on_twice_whatever_goes_wrong(kind: str, action: str) -> None:
    """The list of instances decides what is left to be done."""

    async def scenario(bench: Bench) -> None:
        once(bench.rig.simulator, BATCH, kind)
        bench.ask(action, instanceIds=bench.first[:4], batchSize=2)
        status = await bench.end()
        assert (bench.says("Complete"), status["succeeded"]) == (("True", "Succeeded"), 4)
        acted = [one for batch in bench.batches() for one in batch]
        assert sorted(acted) == sorted(bench.first[:4])

    on(6, scenario)


def test_a_refusal_that_may_pass_is_tried_as_often_as_the_spec_allows() -> None:
    """Then the chunk has failed, and the next one has its chance."""

    async def scenario(bench: Bench) -> None:
        once(bench.rig.simulator, BATCH, "500", times=3)
        bench.ask("Protect", instanceIds=bench.first, batchSize=1, backoffLimit=1)
        await bench.end()
        assert bench.says("Failed") == ("True", "SomeInstancesFailed")
        assert sorted(bench.reasons().values()) == ["NotVerified"]

    on(2, scenario)


def test_a_policy_is_executed_once() -> None:
    """Its trace in the logs ends the operation."""

    async def scenario(bench: Bench) -> None:
        rig = bench.rig
        rig.kube.apply(POLICIES, "night", POLICY)
        await rig.until(lambda: rig.synced(POLICIES, "night"), 120)
        once(rig.simulator, EXECUTE, "drop-after")
        bench.ask("ExecutePolicy", policyRef={"name": "night"})
        await bench.end()
        assert bench.says("Complete") == ("True", "Succeeded")
        assert (len(bench.writes(EXECUTE)), bench.group()["desire_instance_number"]) == (1, 4)
        await rig.until(lambda: rig.kube.condition(GROUPS, "web", "CapacityDrifted")[0] != "", 300)

    on(2, scenario)


def test_a_policy_that_was_executed_a_moment_ago_by_others_counts_for_nothing() -> None:
    """The call got lost, and the log shows the run of before: OutcomeUnknown all the same."""

    async def scenario(bench: Bench) -> None:
        rig = bench.rig
        rig.kube.apply(POLICIES, "night", {**POLICY, "adjustment": {"type": "ExactCapacity", "value": 2}})
        await rig.until(lambda: rig.synced(POLICIES, "night"), 120)
        policy_id = rig.kube.status(POLICIES, "night")["externalId"]
        rig.simulator.do(EXECUTE, {"action": "execute"}, scaling_policy_id=policy_id)
        once(rig.simulator, EXECUTE, "drop-before")
        bench.ask("ExecutePolicy", policyRef={"name": "night"})
        await bench.end()
        assert bench.says("Failed") == ("True", "OutcomeUnknown")

    on(2, scenario)


def test_a_simple_policy_is_an_absolute_desired_capacity() -> None:
    """The operator carries it out itself, within the bounds of the group."""

    async def scenario(bench: Bench) -> None:
        rig = bench.rig
        adjustment = {"type": "PercentChangeInCapacity", "value": 75}
        rig.kube.apply(
            POLICIES, "more", {"scalingGroupRef": {"name": "web"}, "type": "Simple", "adjustment": adjustment}
        )
        once(rig.simulator, UPDATE, "drop-after")
        bench.ask("ExecutePolicy", policyRef={"name": "more"})
        await bench.end()
        assert bench.says("Complete") == ("True", "Succeeded")
        assert [body["desire_instance_number"] for body in bench.writes(UPDATE)] == [4]

    on(2, scenario)


def test_a_schedule_that_sets_sizes_cannot_be_executed() -> None:
    """It is no policy of the cloud."""

    async def scenario(bench: Bench) -> None:
        task = {
            "scalingGroupRef": {"name": "web"},
            "type": "Scheduled",
            "schedule": {"at": "2027-01-01T00:00:00Z"},
            "capacity": {"desiredCapacity": 1},
        }
        bench.rig.kube.apply(POLICIES, "night", task)
        bench.ask("ExecutePolicy", policyRef={"name": "night"})
        await bench.rig.until(lambda: bench.says("Accepted") == ("False", "Unsupported"), 120)
        assert bench.writes(EXECUTE) == []

    on(2, scenario)


def test_a_policy_that_left_no_trace_is_not_executed_again() -> None:
    """OutcomeUnknown, after two looks a minute apart."""

    async def scenario(bench: Bench) -> None:
        rig = bench.rig
        rig.kube.apply(POLICIES, "night", POLICY)
        await rig.until(lambda: rig.synced(POLICIES, "night"), 120)
        once(rig.simulator, EXECUTE, "drop-before")
        bench.ask("ExecutePolicy", policyRef={"name": "night"})
        await bench.end()
        assert bench.says("Failed") == ("True", "OutcomeUnknown")
        assert (bench.writes(EXECUTE), bench.group()["desire_instance_number"]) == ([], 2)
        assert rig.simulator.calls.count(EXECUTE) == 1

    on(2, scenario)


def test_a_policy_that_does_not_exist_is_waited_for_and_holds_nobody_up() -> None:
    """ScalingPolicyNotFound; it goes on when the policy is there."""

    async def scenario(bench: Bench) -> None:
        rig = bench.rig
        bench.ask("ExecutePolicy", policyRef={"name": "night"})
        await rig.until(lambda: bench.says("ReferencesResolved") == ("False", "ScalingPolicyNotFound"), 60)
        bench.ask("Protect", "other", instanceIds=bench.first)
        await bench.end("other")
        rig.kube.apply(POLICIES, "night", POLICY)
        await bench.end()
        assert (bench.says("Complete"), len(bench.writes(EXECUTE))) == (("True", "Succeeded"), 1)

    on(2, scenario)


def test_what_has_not_started_in_time_never_does() -> None:
    """notAfter: Expired; activeDeadlineSeconds: DeadlineExceeded, waiting included."""

    async def scenario(bench: Bench) -> None:
        rig = bench.rig
        rig.kube.edit(GROUPS, "web", lambda spec: spec.update(paused=True))
        bench.ask("Protect", "late", instanceIds=bench.first, notAfter="2026-03-02T06:02:00Z")
        bench.ask("Protect", "slow", instanceIds=bench.first, activeDeadlineSeconds=60)
        await bench.end("late")
        await bench.end("slow")
        assert bench.says("Failed", "late") == ("True", "Expired")
        assert bench.says("Failed", "slow") == ("True", "DeadlineExceeded")
        assert bench.writes() == []

    on(2, scenario)


def test_an_instance_that_joins_and_one_that_leaves_again() -> None:
    """Add and Detach of a machine that was made by hand: it is kept."""

    async def scenario(bench: Bench) -> None:
        server = bench.rig.simulator.console("ConsoleCreateServer", name="by-hand")["id"]
        bench.ask("Add", "join", instanceIds=[server])
        await bench.end("join")
        assert bench.ids() == {*bench.first, server}
        assert bench.group()["desire_instance_number"] == 3
        bench.ask("Remove", "leave", instanceIds=[server])
        await bench.end("leave")
        assert (bench.ids(), bench.rig.simulator.servers()[server]) == (set(bench.first), "ACTIVE")

    on(2, scenario)


def test_a_chunk_that_the_vendor_calls_too_large_is_sent_again_in_tens() -> None:
    """The refused call did nothing; the size that was learnt is kept for the rest."""

    async def scenario(bench: Bench) -> None:
        rig = bench.rig
        rig.kube.edit(ACCOUNTS, "acme", lambda spec: spec.update(limits={"instanceRemoveBatchSize": 30}))
        await asyncio.sleep(60)
        bench.ask("Remove", instanceIds=bench.first)
        status = await bench.end()
        assert [len(ids) for ids in bench.batches()] == [10, 10, 10, 5]
        assert [len(body["instances_id"]) for body in bench.writes(BATCH)] == [30, 10, 10, 10, 5]
        assert (bench.says("Complete"), status["succeeded"]) == (("True", "Succeeded"), 35)
        assert ("op", "Warning", "BatchSizeReduced") in [event[:3] for event in rig.kube.events]

    on(35, scenario, "OTC")


def test_instances_that_are_just_being_made_are_left_out_of_a_selection() -> None:
    """They have no id yet; the others are protected with a call or two, and it ends."""

    async def scenario(bench: Bench) -> None:
        rig = bench.rig
        rig.kube.edit(GROUPS, "web", lambda spec: spec.update(desiredCapacity=5))
        await rig.until(lambda: bench.group()["is_scaling"], 120, step_s=0.05)
        before = len(rig.simulator.calls)
        bench.ask("Protect", instanceSelector={"protected": False})
        status = await bench.end(limit_s=60)
        assert (bench.says("Complete"), status["total"]) == (("True", "Succeeded"), 2)
        assert len(rig.simulator.calls) - before < 100

    on(2, scenario, options={"pending-without-id": "true"})


def test_ten_operations_wait_for_their_turn_without_reading_the_cloud() -> None:
    """Only the one whose turn it is asks."""

    async def scenario(bench: Bench) -> None:
        rig = bench.rig
        rig.kube.edit(GROUPS, "web", lambda spec: spec.update(desiredCapacity=3))
        bench.rig.simulator.do("CreateLifeCycleHook", HOOK, scaling_group_id=bench.group_id)
        await rig.until(lambda: bench.group()["is_scaling"], 120, step_s=0.1)
        for n in range(11):
            bench.ask("Remove", f"op-{n:02}", instanceIds=[bench.first[0]])
        await asyncio.sleep(20)
        before, began = rig.simulator.calls.count("ShowScalingGroup"), 60.0
        await asyncio.sleep(began)
        looks = rig.simulator.calls.count("ShowScalingGroup") - before
        assert looks <= 2 * began / 5 + 5  # the group and one operation, every five seconds
        assert not rig.kube.status(OPERATIONS, "op-10").get("total")

    on(2, scenario)


def test_the_group_remembers_its_operations_whatever_else_it_does() -> None:
    """Newest first, twenty of them, also after its spec has changed."""

    async def scenario(bench: Bench) -> None:
        rig = bench.rig
        for n in range(22):
            bench.ask(("Protect", "Unprotect")[n % 2], f"op-{n:02}", instanceIds=bench.first)
            await bench.end(f"op-{n:02}")
        names = [f"op-{n:02}" for n in range(21, 1, -1)]
        assert bench.recorded() == names
        rig.kube.edit(GROUPS, "web", lambda spec: spec.update(desiredCapacity=3))
        await rig.until(lambda: bench.at_rest(3) and rig.synced(GROUPS, "web"), 300)
        assert bench.recorded() == names

    on(2, scenario)


def test_a_smaller_size_that_is_asked_for_while_an_operation_runs_is_kept() -> None:
    """The user's number is the younger one: nobody is replaced beyond it."""

    async def scenario(bench: Bench) -> None:
        rig = bench.rig
        bench.ask("Remove", instanceIds=bench.first[:3], batchSize=1, decrementDesiredCapacity=False)
        await rig.until(lambda: len(bench.batches()) == 1, 120, step_s=0.1)
        rig.kube.edit(GROUPS, "web", lambda spec: spec.update(desiredCapacity=4))
        await bench.end()
        await asyncio.sleep(200)
        assert 6 not in [body.get("desire_instance_number") for body in bench.writes(UPDATE)]
        assert bench.group()["desire_instance_number"] <= 4

    on(6, scenario)


def test_a_size_that_is_asked_for_while_an_operation_runs_is_kept() -> None:
    """The replacements of a Remove do not undo a scale-out."""

    async def scenario(bench: Bench) -> None:
        rig = bench.rig
        bench.ask("Remove", instanceIds=bench.first[:3], batchSize=1, decrementDesiredCapacity=False)
        await rig.until(lambda: len(bench.batches()) == 1, 120, step_s=0.1)
        rig.kube.edit(GROUPS, "web", lambda spec: spec.update(desiredCapacity=8))
        await bench.end()
        await rig.until(lambda: not bench.group()["is_scaling"], 300)
        assert bench.group()["desire_instance_number"] >= 6
        released = [one for one, state in rig.simulator.servers().items() if state == "DELETED"]
        assert sorted(released) == sorted(bench.first[:3])

    on(4, scenario)
