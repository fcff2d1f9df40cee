"""Scenarios: InstanceOperations of every sort; each acts once, whatever is interrupted."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from tests.faults import checks, manifests
from tests.faults.scenarios_group import READY, remade, vanish
from tests.faults.stage import Scenario, Stage, Step, View, both, desired, settled

Do = Callable[[Stage], Awaitable[None]]
Choice = Callable[[View, Stage], list[str]]
PROOF_S = 120.0  # that a policy was not executed is believed a minute after the first look


def _members(count: int) -> Choice:
    """The first members of the group."""

    def choose(view: View, stage: Stage) -> list[str]:
        return sorted(row["instance_id"] for row in view.group("web")["instances"])[:count]

    return choose


def _by_hand(view: View, stage: Stage) -> list[str]:
    return [str(stage.kept["server"])]


def _held(view: View, stage: Stage) -> list[str]:
    rows = view.group("web")["instance_hanging_info"]
    return [row["instance_id"] for row in rows if row["status"] == "HANGING"]


def _ask(action: str, name: str, choose: Choice | None = None, **spec: Any) -> Do:
    async def do(stage: Stage) -> None:
        chosen = {"instanceIds": choose(await stage.view(), stage)} if choose is not None else {}
        await stage.create(manifests.operation(action, name, **chosen, **spec))

    return do


async def _four(stage: Stage) -> None:
    await stage.create(manifests.launch(), manifests.group(desiredCapacity=4))


async def _server(stage: Stage) -> None:
    answer = await stage.console("ConsoleCreateServer", body={"name": "by-hand"})
    stage.kept["server"] = answer["body"]["id"]


async def _policy(stage: Stage) -> None:
    await stage.create(manifests.alarm())


async def _simple(stage: Stage) -> None:
    await stage.create(manifests.simple())


async def _hook(stage: Stage, name: str = "warmup", kind: str = "LAUNCHING") -> None:
    group = (await stage.view()).group("web")["scaling_group_id"]
    topic = "urn:smn:sim-region-1:0123456789abcdef0123456789abcdef:ops"
    body = {
        "lifecycle_hook_name": name,
        "lifecycle_hook_type": f"INSTANCE_{kind}",
        "default_result": "ABANDON",
        "default_timeout": 3600,
        "notification_topic_urn": topic,
    }
    await stage.console("CreateLifeCycleHook", body=body, path={"scaling_group_id": group})


async def _warmup(stage: Stage) -> None:
    await _hook(stage)
    await stage.group_spec(desiredCapacity=3)


async def _drain(stage: Stage) -> None:
    await _hook(stage, "drain", "TERMINATING")


async def _suspend(stage: Stage) -> None:
    """While the hook holds the first chunk; let go at the console."""
    await stage.spec("instanceoperations", "drop", suspend=True)
    group = (await stage.view()).group("web")
    (key,) = (row["key"] for row in group["instance_hanging_info"] if row["status"] == "HANGING")
    body = {"lifecycle_action_key": key, "lifecycle_action_result": "CONTINUE"}
    path = {"scaling_group_id": group["scaling_group_id"]}
    await stage.console("AttachCallbackInstanceLifeCycleHook", body=body, path=path)


def _stands_after_one(view: View) -> str:
    status = view.objects[("instanceoperations", "drop")].get("status") or {}
    stands = (status.get("phase"), status.get("succeeded"))
    return "" if stands == ("Suspended", 1) else f"drop is {stands}"


def _one_is_held(view: View) -> str:
    rows = view.group("web").get("instance_hanging_info") or ()
    return "" if any(row["status"] == "HANGING" for row in rows) else "no instance is held"


def _ended(name: str, *reasons: str) -> Callable[[View], str]:
    """The operation has ended with one of these reasons; a group with one in standby is not Ready."""

    def goal(view: View) -> str:
        status = view.objects[("instanceoperations", name)].get("status") or {}
        ends = [c["reason"] for c in status.get("conditions", ()) if c["type"] in ("Complete", "Failed")]
        return "" if ends and ends[0] in reasons else f"{name} has ended with {ends}, not {reasons}"

    return goal


_DONE = "Succeeded"


def _executed_or_not(view: View) -> list[str]:
    """Once, or not at all and said so: a policy has no second call."""
    status = view.objects[("instanceoperations", "go")]["status"]
    number = view.group("web")["desire_instance_number"]
    right = {"Succeeded": 3, "Failed": 2}.get(status["phase"])
    return [] if number == right else [f"the operation is {status['phase']}, the group desires {number}"]


SCENARIOS = (
    Scenario(
        "operation-remove",
        (
            Step("a group of 4", _four, settled, setup=True),
            Step(
                "take 3 out, two at a time",
                _ask("Remove", "drop", _members(3), batchSize=2),
                both(settled, desired(1), _ended("drop", _DONE)),
            ),
        ),
        checks.servers(members=1, released=3),
        wishes=(4,),
    ),
    Scenario(
        "operation-attach",
        (
            READY,
            Step("a server by hand", _server, lambda view: "", setup=True),
            Step("attach it", _ask("Add", "join", _by_hand), both(settled, desired(3), _ended("join", _DONE))),
            Step("detach it", _ask("Detach", "leave", _by_hand), both(settled, desired(2), _ended("leave", _DONE))),
        ),
        checks.servers(members=2, by_hand=1),
        wishes=(2,),
    ),
    Scenario(
        "operation-replace",
        (
            READY,
            Step(
                "take 1 out and have it replaced",
                _ask("Remove", "renew", _members(1), decrementDesiredCapacity=False),
                both(settled, desired(2), _ended("renew", _DONE)),
            ),
        ),
        checks.servers(members=2, released=1),
        wishes=(2,),
    ),
    Scenario(
        "operation-protect",
        (
            READY,
            Step("protect both", _ask("Protect", "keep", _members(2)), both(settled, _ended("keep", _DONE))),
            Step("release one", _ask("Unprotect", "free", _members(1)), both(settled, _ended("free", _DONE))),
        ),
        checks.servers(members=2),
        wishes=(2,),
    ),
    Scenario(
        "operation-standby",
        (
            READY,
            Step("one goes into standby", _ask("EnterStandby", "out", _members(1)), _ended("out", _DONE)),
            Step("and back", _ask("ExitStandby", "back", _members(1)), both(settled, _ended("back", _DONE))),
        ),
        checks.servers(members=2),
        wishes=(2,),
        needs=frozenset({"standby"}),
    ),
    Scenario(
        "operation-scale",
        (
            READY,
            Step("two more", _ask("ScaleOut", "more", count=2), both(settled, desired(4), _ended("more", _DONE))),
            Step("one less", _ask("ScaleIn", "less", count=1), both(settled, desired(3), _ended("less", _DONE))),
        ),
        checks.servers(members=3, released=1),
        wishes=(2, 4, 3),
    ),
    Scenario(
        "operation-execute",
        (
            READY,
            Step("a policy", _policy, settled, setup=True),
            Step(
                "execute it",
                _ask("ExecutePolicy", "go", policyRef={"name": "on-alarm"}),
                both(settled, _ended("go", _DONE, "OutcomeUnknown")),
                patience_s=PROOF_S,
            ),
        ),
        _executed_or_not,
        wishes=(2,),
        loose=True,
    ),
    Scenario(
        "operation-hook",
        (
            READY,
            Step("an instance waits in a hook", _warmup, _one_is_held, setup=True),
            Step(
                "let it go on",
                _ask(
                    "CompleteLifecycleAction",
                    "go-on",
                    _held,
                    lifecycleAction={"hookName": "warmup", "result": "Continue"},
                ),
                both(settled, desired(3), _ended("go-on", _DONE)),
            ),
        ),
        checks.servers(members=3),
        wishes=(2, 3),
    ),
    Scenario(
        "operation-simple",
        (
            READY,
            Step("a policy that is only executed by hand", _simple, settled, setup=True),
            Step(
                "execute it",
                _ask("ExecutePolicy", "go", policyRef={"name": "more"}),
                both(settled, desired(3), _ended("go", _DONE)),
            ),
        ),
        checks.servers(members=3),
        wishes=(2, 3),
    ),
    Scenario(
        "operation-drain",
        (
            READY,
            Step("a hook for what leaves", _drain, lambda view: "", setup=True),
            Step("take one out; the hook holds it", _ask("Remove", "drop", _members(1)), _one_is_held),
            Step(
                "let it go",
                _ask(
                    "CompleteLifecycleAction",
                    "go-on",
                    _held,
                    lifecycleAction={"hookName": "drain", "result": "Continue"},
                ),
                both(settled, desired(1), _ended("go-on", _DONE), _ended("drop", _DONE)),
            ),
        ),
        checks.servers(members=1, released=1),
        wishes=(2,),
    ),
    Scenario(
        "operation-regroup",
        (
            Step("a group of 4", _four, settled, setup=True),
            Step("a hook for what leaves", _drain, lambda view: "", setup=True),
            Step(
                "take two out, one at a time; the hook holds the first",
                _ask("Remove", "drop", _members(2), batchSize=1),
                _one_is_held,
            ),
            Step("stop after it", _suspend, _stands_after_one),
            Step(
                "delete the group at the console",
                vanish,
                both(settled, remade, desired(4), _ended("drop", "GroupDeleted")),
            ),
        ),
        checks.servers(members=4, released=4),
        wishes=(4,),
        loose=True,  # it ends before or after the group is made anew, and says so of its reference
    ),
    Scenario(
        "operation-partial",
        (
            Step("a group of 4", _four, settled, setup=True),
            Step("protect one", _ask("Protect", "keep", _members(1)), both(settled, _ended("keep", _DONE)), setup=True),
            Step(
                "take two out; the protected one stays",
                _ask("Remove", "drop", _members(2)),
                both(settled, desired(3), _ended("drop", "SomeInstancesFailed")),
            ),
        ),
        checks.servers(members=3, released=1),
        wishes=(4,),
    ),
)
