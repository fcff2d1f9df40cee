"""InstanceOperations on the whole engine: actions on the group, hooks, lost answers, limits of time."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from operation_rig import BATCH, EXECUTE, UPDATE, Bench, on
from sim_transport import Simulator
from test_engine_policies import POLICY

from cloudscaling.engine.store import ACCOUNTS, GROUPS, OPERATIONS, POLICIES

CALLBACK = "AttachCallbackInstanceLifeCycleHook"
HOOK = {
    "lifecycle_hook_name": "warmup",
    "lifecycle_hook_type": "INSTANCE_LAUNCHING",
    "default_result": "ABANDON",
    "default_timeout": 3600,
    "notification_topic_urn": "urn:smn:sim-region-1:0123456789abcdef0123456789abcdef:ops",
}
TROUBLES = ["drop-before", "drop-after", "throttle", "500", "AS.0034"]


def once(simulator: Simulator, operation: str, kind: str, times: int = 1) -> None:
    """The next writes of this operation go wrong."""
    left = [times]

    def trouble(called: str, write: bool) -> str:
        if called != operation or not write or left[0] == 0:
            return ""
        left[0] -= 1
        return kind

    simulator.trouble = trouble


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


async def held(bench: Bench) -> list[str]:
    """An instance of a scale-out waits in a hook."""
    simulator = bench.rig.simulator
    simulator.do("CreateLifeCycleHook", HOOK, scaling_group_id=bench.group_id)
    bench.rig.kube.edit(GROUPS, "web", lambda spec: spec.update(desiredCapacity=3))

    def waiting() -> list[str]:
        rows = simulator.do("ListHookInstances", scaling_group_id=bench.group_id)["instance_hanging_info"]
        return [row["instance_id"] for row in rows if row["lifecycle_hook_status"] == "HANGING"]

    await bench.rig.until(lambda: bool(waiting()), 300)
    return waiting()


@pytest.mark.parametrize("by", ["instance", "token", "selector"])
def test_an_instance_that_a_hook_holds_is_let_go(by: str) -> None:
    """By its id, its token or its state; the group goes on."""

    async def scenario(bench: Bench) -> None:
        (instance_id,) = await held(bench)
        action: dict[str, Any] = {"hookName": "warmup", "result": "Continue"}
        more: dict[str, Any] = {"lifecycleAction": action}
        if by == "token":
            rows = bench.rig.simulator.do("ListHookInstances", scaling_group_id=bench.group_id)
            action["tokens"] = [rows["instance_hanging_info"][0]["lifecycle_action_key"]]
        elif by == "selector":
            more["instanceSelector"] = {"states": ["PendingHook"]}
        else:
            more["instanceIds"] = [instance_id]
        bench.ask("CompleteLifecycleAction", **more)
        status = await bench.end()
        assert (bench.says("Complete"), status["instanceIds"]) == (("True", "Succeeded"), [instance_id])
        assert len(bench.writes(CALLBACK)) == 1
        await bench.rig.until(lambda: bench.at_rest(3), 300)
        assert instance_id in bench.ids()

    on(2, scenario)


def test_the_answer_to_a_hook_does_not_wait_for_the_removal_that_the_hook_holds_up() -> None:
    """Each would wait for the other until a deadline."""

    async def scenario(bench: Bench) -> None:
        rig, drain = bench.rig, {**HOOK, "lifecycle_hook_name": "drain", "lifecycle_hook_type": "INSTANCE_TERMINATING"}
        rig.simulator.do("CreateLifeCycleHook", drain, scaling_group_id=bench.group_id)
        bench.ask("Remove", instanceIds=bench.first[:1])

        def waiting() -> list[Any]:
            shown = rig.simulator.do("ListHookInstances", scaling_group_id=bench.group_id)
            return [row for row in shown["instance_hanging_info"] if row["lifecycle_hook_status"] == "HANGING"]

        await rig.until(lambda: bool(waiting()), 300)
        action = {"hookName": "drain", "result": "Continue"}
        bench.ask("CompleteLifecycleAction", "answer", instanceIds=bench.first[:1], lifecycleAction=action)
        await bench.end("answer", limit_s=60)
        await bench.end(limit_s=600)
        assert (bench.says("Complete", "answer"), bench.says("Complete")) == (("True", "Succeeded"),) * 2
        assert bench.batches() == [bench.first[:1]]

    on(3, scenario)


def test_a_slip_in_the_name_of_a_hook_is_told() -> None:
    """With the hooks that there are; a hook that holds nobody now is no slip."""

    async def scenario(bench: Bench) -> None:
        ids = await held(bench)
        action = {"hookName": "wramup", "result": "Continue"}
        bench.ask("CompleteLifecycleAction", instanceIds=ids, lifecycleAction=action)
        status = await bench.end()
        condition = next(c for c in status["conditions"] if c["type"] == "Failed")
        assert condition["message"] == "the group has no lifecycle hook wramup; it has warmup"
        bench.rig.simulator.do(
            "CreateLifeCycleHook", {**HOOK, "lifecycle_hook_name": "idle"}, scaling_group_id=bench.group_id
        )
        action = {"hookName": "idle", "result": "Continue"}
        bench.ask("CompleteLifecycleAction", "other", instanceIds=ids, lifecycleAction=action)
        await bench.end("other")
        assert bench.says("Complete", "other") == ("True", "NothingToDo")

    on(2, scenario)


def test_an_extension_whose_answer_was_lost_is_not_asked_for_again() -> None:
    """It would extend twice."""

    async def scenario(bench: Bench) -> None:
        ids = await held(bench)
        once(bench.rig.simulator, CALLBACK, "drop-after")
        bench.ask("ExtendLifecycleAction", instanceIds=ids, lifecycleAction={"hookName": "warmup"})
        await bench.end()
        assert (bench.reasons(), len(bench.writes(CALLBACK))) == ({ids[0]: "NotVerified"}, 1)
        bench.ask("ExtendLifecycleAction", "again", instanceIds=ids, lifecycleAction={"hookName": "warmup"})
        await bench.end("again")
        assert bench.says("Complete", "again") == ("True", "Succeeded")

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
