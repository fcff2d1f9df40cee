"""Scenarios: a ScalingGroup is created, changed, switched off and on, lost and made again."""

from __future__ import annotations

from tests.faults import checks, manifests
from tests.faults.stage import Scenario, Stage, Step, View, both, desired, settled

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
        **{stage.vendor.name: {"description": "web tier", "deleteVolume": True}},
        healthCheck={"type": "Instance", "intervalSeconds": 300},
    )


async def _tags(stage: Stage) -> None:
    await stage.group_spec(tags={"team": "web", "stage": "prod"})


async def _other_tags(stage: Stage) -> None:
    await stage.group_spec(tags={"team": "shop", "stage": None})


async def _create_disabled(stage: Stage) -> None:
    await stage.create(manifests.launch(), manifests.group(enabled=False))


async def _disable(stage: Stage) -> None:
    await stage.group_spec(enabled=False)


async def _enable(stage: Stage) -> None:
    await stage.group_spec(enabled=True)


async def vanish(stage: Stage) -> None:
    group = (await stage.view()).group("web")["scaling_group_id"]
    stage.kept["lost"] = group
    await stage.console("DeleteScalingGroup", path={"scaling_group_id": group}, query={"force_delete": "yes"})
    await stage.annotate(*GROUP, "cloudscaling.dev/reconcile-requested-at", "lost")


def remade(view: View) -> str:
    seen = (view.objects[GROUP].get("status") or {}).get("externalId")
    return "" if seen in view.tenant["groups"] else "the group is not made again"


def _is(view: View, status: str) -> str:
    seen = view.group("web").get("scaling_group_status")
    return "" if seen == status else f"the cloud group is {seen}"


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
        "made-again",
        (READY, Step("deleted in the console, made again", vanish, both(remade, settled, desired(2)))),
        checks.all_of(checks.group(desire_instance_number=2), checks.servers(members=2, released=2)),
        wishes=(2,),
    ),
)
