"""InstanceOperations that answer a lifecycle hook, on the whole engine."""

from __future__ import annotations

from typing import Any

import pytest
from operation_rig import HOOK, Bench, on, once

from cloudscaling.engine.store import GROUPS

CALLBACK = "AttachCallbackInstanceLifeCycleHook"


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
