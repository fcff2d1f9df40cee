"""Scenarios: everything that moves the desired capacity of a group, by the user or by others."""

from __future__ import annotations

from tests.faults import checks, manifests
from tests.faults.scenarios_group import GROUP, READY
from tests.faults.stage import REAPPLY, Scenario, Stage, Step, View, both, desired, settled


async def _bounds_up(stage: Stage) -> None:
    await stage.group_spec(minSize=3, maxSize=8, desiredCapacity=3)


async def _bounds_down(stage: Stage) -> None:
    await stage.group_spec(minSize=0, maxSize=2, desiredCapacity=2)


async def _out(stage: Stage) -> None:
    await stage.group_spec(desiredCapacity=4)


async def _in(stage: Stage) -> None:
    await stage.group_spec(desiredCapacity=1)


async def _move_in_console(stage: Stage) -> None:
    group = (await stage.view()).group("web")["scaling_group_id"]
    body = {"scaling_group_id": group, "desire_instance_number": 5}
    await stage.console("ConsoleSetDesire", body=body)
    await stage.annotate(*GROUP, "cloudscaling.dev/reconcile-requested-at", "moved")


async def _reapply(stage: Stage) -> None:
    await stage.annotate(*GROUP, REAPPLY, "again")


async def _move_and_raise_minimum(stage: Stage) -> None:
    """The bound is changed before any poll can have seen the move."""
    await stage.restart()
    group = (await stage.view()).group("web")["scaling_group_id"]
    await stage.console("ConsoleSetDesire", body={"scaling_group_id": group, "desire_instance_number": 5})
    await stage.group_spec(minSize=3, desiredCapacity=None)


async def _change_mind(stage: Stage) -> None:
    """A wish that is replaced while the write for it is on its way."""
    await stage.group_spec(desiredCapacity=4)
    await stage.write_seen("UpdateScalingGroup")
    await stage.group_spec(desiredCapacity=3)


async def _take_back(stage: Stage) -> None:
    """A scale-in that the cloud does not carry out, and that is taken back while nobody knows what became of it."""
    await stage.fault(kind="error", operation="UpdateScalingGroup", status=500, times=1)
    await stage.group_spec(desiredCapacity=1)
    await stage.write_seen("UpdateScalingGroup")
    await stage.group_spec(desiredCapacity=4)


async def _four(stage: Stage) -> None:
    await stage.create(manifests.launch(), manifests.group(desiredCapacity=4))


async def _enforced(stage: Stage) -> None:
    await stage.create(manifests.launch(), manifests.group(capacityManagement="Enforced"))


async def _seeded(stage: Stage) -> None:
    group = manifests.group(capacityManagement="Enforced", desiredCapacity=None, minSize=2)
    await stage.create(manifests.launch(), group)


def _drift_reported(view: View) -> str:
    status = view.objects[GROUP].get("status") or {}
    drifted = any(c["type"] == "CapacityDrifted" and c["status"] == "True" for c in status["conditions"])
    return "" if drifted else "the move in the console is not reported"


def _spec_seeded(view: View) -> str:
    return "" if view.objects[GROUP]["spec"].get("desiredCapacity") == 2 else "spec.desiredCapacity is not seeded"


def _moved(view: View) -> str:
    """The write-back has happened: three servers came and went."""
    left = sum(row["status"] == "DELETED" for row in view.tenant["servers"].values())
    return "" if left >= 3 else "the servers of the console's scale-out are still there"


SCENARIOS = (
    Scenario(
        "bounds",
        (
            READY,
            Step("raise the bounds above the desired capacity", _bounds_up, both(settled, desired(3))),
            Step("lower the bounds below it", _bounds_down, both(settled, desired(2))),
        ),
        checks.all_of(
            checks.group(min_instance_number=0, max_instance_number=2), checks.servers(members=2, released=1)
        ),
        wishes=(2, 3, 2),
    ),
    Scenario(
        "scale",
        (
            READY,
            Step("scale out to 4", _out, both(settled, desired(4))),
            Step("scale in to 1", _in, both(settled, desired(1))),
        ),
        checks.all_of(checks.group(desire_instance_number=1), checks.servers(members=1, released=3)),
        wishes=(2, 4, 1),
    ),
    Scenario(
        "scale-moved-outside",
        (
            READY,
            Step("somebody scales to 5 in the console", _move_in_console, both(settled, desired(5), _drift_reported)),
            Step("apply the 2 of the spec again", _reapply, both(settled, desired(2))),
        ),
        checks.servers(members=2, released=3),
        wishes=(2,),
    ),
    Scenario(
        "bounds-after-move",
        (
            READY,
            Step("moved to 5 in the console, then minSize 3", _move_and_raise_minimum, both(settled, desired(5))),
        ),
        checks.all_of(checks.group(min_instance_number=3, desire_instance_number=5), checks.servers(members=5)),
        wishes=(2,),
    ),
    Scenario(
        "scale-mind-changed",
        (READY, Step("ask for 4, then for 3 before the answer", _change_mind, both(settled, desired(3)))),
        checks.group(desire_instance_number=3),
        wishes=(2, 4, 3),
        may_skip=frozenset({4}),
        loose=True,
    ),
    Scenario(
        "scale-in-taken-back",
        (
            Step("a launch configuration and a group of 4", _four, settled, setup=True),
            Step("ask for 1, which is lost, then for 4 again", _take_back, both(settled, desired(4))),
        ),
        checks.all_of(checks.group(desire_instance_number=4), checks.servers(members=4)),
        wishes=(4,),
    ),
    Scenario(
        "enforced",
        (
            Step("an Enforced group of 2", _enforced, settled, setup=True),
            Step("the console's 5 is written back", _move_in_console, both(settled, desired(2), _moved)),
        ),
        checks.servers(members=2, released=3),
        wishes=(2,),
    ),
    Scenario(
        "enforced-seeded",
        (
            Step("an Enforced group without desiredCapacity", _seeded, both(settled, _spec_seeded)),
            Step("the console's 5 is written back", _move_in_console, both(settled, desired(2), _moved)),
        ),
        checks.servers(members=2, released=3),
        wishes=(2,),
    ),
)
