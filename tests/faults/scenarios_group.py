"""Scenarios: life of a ScalingGroup up to its deletion."""

from __future__ import annotations

from tests.faults import checks, manifests
from tests.faults.stage import REAPPLY, Scenario, Stage, Step, View, both, desired, settled

GROUP = ("scalinggroups", "web")


async def make_all(stage: Stage) -> None:
    await stage.create(manifests.launch(), manifests.group())


READY = Step("a launch configuration and a group of 2", make_all, settled, setup=True)


async def _create(stage: Stage) -> None:
    await stage.create(manifests.group(tags={"team": "web", "stage": "prod"}), manifests.launch())


async def _create_named(stage: Stage) -> None:
    launch = manifests.launch(externalName="explicit-lc")
    await stage.create(launch, manifests.group(externalName="explicit-web", desiredCapacity=None))


async def _fields(stage: Stage) -> None:
    await stage.group_spec(
        cooldownSeconds=120,
        terminationPolicies=["NewestInstance"],
        huawei={"description": "web tier", "deleteVolume": True},
        healthCheck={"type": "Instance", "intervalSeconds": 300},
    )


async def _bounds_up(stage: Stage) -> None:
    await stage.group_spec(minSize=3, maxSize=8, desiredCapacity=3)


async def _bounds_down(stage: Stage) -> None:
    await stage.group_spec(minSize=0, maxSize=2, desiredCapacity=2)


async def _tags(stage: Stage) -> None:
    await stage.group_spec(tags={"team": "web", "stage": "prod"})


async def _other_tags(stage: Stage) -> None:
    await stage.group_spec(tags={"team": "shop", "stage": None})


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


async def _create_disabled(stage: Stage) -> None:
    await stage.create(manifests.launch(), manifests.group(enabled=False))


async def _disable(stage: Stage) -> None:
    await stage.group_spec(enabled=False)


async def _enable(stage: Stage) -> None:
    await stage.group_spec(enabled=True)


async def _enforced(stage: Stage) -> None:
    await stage.create(manifests.launch(), manifests.group(capacityManagement="Enforced"))


async def _seeded(stage: Stage) -> None:
    group = manifests.group(capacityManagement="Enforced", desiredCapacity=None, minSize=2)
    await stage.create(manifests.launch(), group)


async def _vanish(stage: Stage) -> None:
    group = (await stage.view()).group("web")["scaling_group_id"]
    stage.kept["lost"] = group
    await stage.console("DeleteScalingGroup", path={"scaling_group_id": group}, query={"force_delete": "yes"})
    await stage.annotate(*GROUP, "cloudscaling.dev/reconcile-requested-at", "lost")


def _drift_reported(view: View) -> str:
    status = view.objects[GROUP].get("status") or {}
    drifted = any(c["type"] == "CapacityDrifted" and c["status"] == "True" for c in status["conditions"])
    return "" if drifted else "the move in the console is not reported"


def _spec_seeded(view: View) -> str:
    return "" if view.objects[GROUP]["spec"].get("desiredCapacity") == 2 else "spec.desiredCapacity is not seeded"


def _remade(view: View) -> str:
    seen = (view.objects[GROUP].get("status") or {}).get("externalId")
    return "" if seen in view.tenant["groups"] else "the group is not made again"


def _is(view: View, status: str) -> str:
    seen = view.group("web").get("scaling_group_status")
    return "" if seen == status else f"the cloud group is {seen}"


def _moved(view: View) -> str:
    """The write-back has happened: three servers came and went."""
    left = sum(row["status"] == "DELETED" for row in view.tenant["servers"].values())
    return "" if left >= 3 else "the servers of the console's scale-out are still there"


_TWO = checks.all_of(
    checks.group(desire_instance_number=2, scaling_group_status="INSERVICE"), checks.servers(members=2)
)

SCENARIOS = (
    Scenario(
        "create",
        (Step("create all in one go", _create, settled),),
        checks.all_of(_TWO, checks.tags("web", "cso-owner", "stage=prod", "team=web"), checks.configurations("lc-r1")),
        wishes=(2,),
    ),
    Scenario(
        "create-explicit-names",
        (Step("create with externalName, without desiredCapacity", _create_named, settled),),
        checks.all_of(checks.group("explicit-web", desire_instance_number=1), checks.configurations("explicit-lc-r1")),
        wishes=(1,),
    ),
    Scenario(
        "update",
        (
            READY,
            Step("change fields", _fields, settled),
            Step("put tags", _tags, settled),
            Step("change a tag, take one out", _other_tags, settled),
        ),
        checks.all_of(
            _TWO,
            checks.group(cool_down_time=120, instance_terminate_policy="NEW_INSTANCE", delete_volume=True),
            checks.tags("web", "cso-owner", "team=shop"),
        ),
        wishes=(2,),
    ),
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
        "create-disabled",
        (
            Step("create a disabled group", _create_disabled, both(settled, lambda v: _is(v, "PAUSED"))),
            Step("enable", _enable, both(settled, lambda v: _is(v, "INSERVICE"))),
        ),
        _TWO,
        wishes=(2,),
    ),
    Scenario(
        "switch",
        (
            READY,
            Step("disable", _disable, both(settled, lambda v: _is(v, "PAUSED"))),
            Step("enable", _enable, both(settled, lambda v: _is(v, "INSERVICE"))),
        ),
        _TWO,
        wishes=(2,),
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
    Scenario(
        "made-again",
        (READY, Step("deleted in the console, made again", _vanish, both(_remade, settled, desired(2)))),
        checks.all_of(checks.group(desire_instance_number=2), checks.servers(members=2, released=2)),
        wishes=(2,),
    ),
)
