"""Scenarios: policies that are scheduled tasks, of a bandwidth, or have steps; and one that becomes the other."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from tests.faults import checks, manifests
from tests.faults.scenarios_group import READY
from tests.faults.stage import Goal, Scenario, Stage, Step, View, both, gone, settled

TASK = ("scalingpolicies", "sizes")
STEPS = ("scalingpolicies", "steps")
BROAD = ("scalingpolicies", "broad")
_NEEDS_TASKS = frozenset({"scheduled tasks"})


def _made(*keys: tuple[str, str]) -> Goal:
    """A status may be older than a spec for a moment: the ids have to be there."""

    def goal(view: View) -> str:
        seen = {key for key, item in view.objects.items() if (item.get("status") or {}).get("externalId")}
        return "" if set(keys) <= seen else f"not created yet: {set(keys) - seen}"

    return both(goal, settled)


def _is_a(kind: str) -> Goal:
    def goal(view: View) -> str:
        status = view.objects[TASK].get("status") or {}
        found = status.get("cloudObject") if status.get("externalId") else None
        return "" if found == kind else f"is a {found}, not a {kind}"

    return both(goal, settled)


def _off(view: View) -> str:
    status = view.objects[TASK].get("status") or {}
    return "the scheduled task is still there" if status.get("externalId") else settled(view)


async def _create_task(stage: Stage) -> None:
    await stage.create(manifests.sizes())


async def _change_task(stage: Stage) -> None:
    schedule = {"cron": "15 6 * * 1,5", "timeZone": "Etc/UTC"}
    await stage.spec(*TASK, capacity={"minSize": None, "maxSize": 5}, schedule=schedule)


async def _disable(stage: Stage) -> None:
    await stage.spec(*TASK, enabled=False)


async def _enable(stage: Stage) -> None:
    await stage.spec(*TASK, enabled=True)


async def _to_policy(stage: Stage) -> None:
    await stage.spec(*TASK, capacity=None, adjustment={"type": "ExactCapacity", "value": 3})


async def _to_task(stage: Stage) -> None:
    await stage.spec(*TASK, capacity={"desiredCapacity": 3}, adjustment=None)


async def _create_steps(stage: Stage) -> None:
    await stage.create(manifests.steps())


async def _change_steps(stage: Stage) -> None:
    step = {"lowerBound": "5", "adjustment": {"type": "PercentChangeInCapacity", "value": 50}}
    await stage.spec(*STEPS, alarm={"steps": [step]})


async def _create_bandwidth(stage: Stage) -> None:
    await stage.create(manifests.bandwidth(stage.vendor.name))


async def _change_bandwidth(stage: Stage) -> None:
    await stage.spec(*BROAD, adjustment={"type": "ChangeInCapacity", "value": -2}, enabled=False)


def _delete(key: tuple[str, str]) -> Callable[[Stage], Awaitable[None]]:
    async def do(stage: Stage) -> None:
        await stage.delete(*key)

    return do


_TASK_MADE = Step("a schedule that sets sizes", _create_task, _made(TASK))
_TASK_READY = Step("a schedule that sets sizes", _create_task, _made(TASK), setup=True)

SCENARIOS = (
    Scenario(
        "task-life",
        (
            READY,
            _TASK_MADE,
            Step("change sizes and time", _change_task, settled),
            Step("delete it", _delete(TASK), gone(TASK)),
        ),
        checks.all_of(checks.tasks(), checks.group(desire_instance_number=2)),
        wishes=(2,),
        needs=_NEEDS_TASKS,
    ),
    Scenario(
        "task-switch",
        (READY, _TASK_READY, Step("disable it", _disable, _off), Step("enable it", _enable, _made(TASK))),
        checks.tasks("sizes"),
        wishes=(2,),
        needs=_NEEDS_TASKS,
    ),
    Scenario(
        "task-replace",
        (
            READY,
            _TASK_READY,
            Step("it becomes a policy", _to_policy, _is_a("Policy")),
            Step("it becomes a task again", _to_task, _is_a("ScheduledTask")),
        ),
        checks.all_of(checks.tasks("sizes"), checks.policies()),
        wishes=(2,),
        needs=_NEEDS_TASKS,
    ),
    Scenario(
        "steps",
        (
            READY,
            Step("an alarm with steps", _create_steps, _made(STEPS)),
            Step("other steps", _change_steps, settled),
            Step("delete it", _delete(STEPS), gone(STEPS)),
        ),
        checks.all_of(checks.policies(), checks.group(desire_instance_number=2)),
        wishes=(2,),
        needs=frozenset({"steps"}),
    ),
    Scenario(
        "bandwidth",
        (
            READY,
            Step("a policy of a bandwidth", _create_bandwidth, _made(BROAD)),
            Step("less instead of more, and disabled", _change_bandwidth, settled),
            Step("delete it", _delete(BROAD), gone(BROAD)),
        ),
        checks.all_of(checks.policies(), checks.group(desire_instance_number=2)),
        wishes=(2,),
    ),
)
