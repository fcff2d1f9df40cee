"""Scenarios: policies of the three kinds, and what is adopted by its id."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from tests.faults import checks, manifests
from tests.faults.scenarios_group import GROUP, READY
from tests.faults.stage import Scenario, Stage, Step, View, both, desired, gone, settled

ALARM = ("scalingpolicies", "on-alarm")
_EVERY = (ALARM, ("scalingpolicies", "once"), ("scalingpolicies", "daily"))
Do = Callable[[Stage], Awaitable[None]]


async def _create(stage: Stage) -> None:
    await stage.create(manifests.alarm(), manifests.scheduled(), manifests.recurring())


async def _create_named(stage: Stage) -> None:
    await stage.create(manifests.alarm(externalName="explicit-alarm"))


async def _rename_impatiently(stage: Stage) -> None:
    await stage.create(manifests.recurring())
    await stage.write_seen("CreateScalingPolicy")
    await stage.spec("scalingpolicies", "daily", externalName="renamed")


async def _update(stage: Stage) -> None:
    await stage.spec(*ALARM, adjustment={"type": "PercentChangeInCapacity", "value": 50}, cooldownSeconds=300)
    await stage.spec("scalingpolicies", "once", schedule={"at": "2091-01-01T00:00:00Z"})
    await stage.spec("scalingpolicies", "daily", schedule={"cron": "15 6 * * 1,5", "timeZone": "Etc/UTC"})


def _switch(enabled: bool) -> Do:
    async def do(stage: Stage) -> None:
        await stage.spec(*ALARM, enabled=enabled)

    return do


def _all_policies(view: View) -> str:
    """The cloud shows what the specs say; a status may be older than a spec for a moment."""
    wanted = {"on-alarm", "once", "daily"}
    seen = {key[1] for key, item in view.objects.items() if (item.get("status") or {}).get("externalId")}
    return "" if wanted <= seen else f"not created yet: {wanted - seen}"


async def _delete_each(stage: Stage) -> None:
    for key in _EVERY:
        await stage.delete(*key)


_MADE = Step("three policies", _create, both(_all_policies, settled), setup=True)


# --- adoption ---------------------------------------------------------------------------------------------------------


async def _stand_by_hand(stage: Stage) -> None:
    made = await stage.seed(configurations=[manifests.cloud_configuration()])
    stage.kept["lc"] = made["configurations"][0]
    made = await stage.seed(groups=[manifests.cloud_group(stage.kept["lc"])])
    stage.kept["group"] = made["groups"][0]
    made = await stage.seed(policies=[manifests.cloud_policy(stage.kept["group"])])
    stage.kept["policy"] = made["policies"][0]


def _adopt(**changes: Any) -> Do:
    async def do(stage: Stage) -> None:
        launch = manifests.launch(externalId=stage.kept["lc"])
        group = manifests.group(externalId=stage.kept["group"], desiredCapacity=2, tags={"team": "web"}, **changes)
        await stage.create(launch, group, manifests.alarm(externalId=stage.kept["policy"]))

    return do


async def _scale_adopted(stage: Stage) -> None:
    await stage.group_spec(desiredCapacity=3)


async def _delete_all(stage: Stage) -> None:
    for key in (ALARM, GROUP, ("launchconfigurations", "lc")):
        await stage.delete(*key)


_BY_HAND = Step("everything exists in the cloud", _stand_by_hand, lambda view: "", setup=True)
_GONE = gone(ALARM, GROUP, ("launchconfigurations", "lc"))
_KEPT = checks.all_of(
    checks.group("by-hand", desire_instance_number=3, min_instance_number=1, max_instance_number=6),
    checks.configurations("by-hand-lc"),
    checks.policies("by-hand-policy"),
    checks.no_objects,
)

SCENARIOS = (
    Scenario(
        "policy-create",
        (READY, Step("three policies", _create, both(_all_policies, settled))),
        checks.policies("on-alarm", "once", "daily"),
        wishes=(2,),
    ),
    Scenario(
        "policy-create-explicit-name",
        (READY, Step("a policy with externalName", _create_named, settled)),
        checks.policies("explicit-alarm"),
        wishes=(2,),
    ),
    Scenario(
        "policy-rename-while-creating",
        (READY, Step("a policy, and another name before the answer", _rename_impatiently, settled)),
        checks.policies("renamed"),
        wishes=(2,),
        loose=True,
    ),
    Scenario(
        "policy-update",
        (
            READY,
            _MADE,
            Step("change all three", _update, settled),
            Step("disable one", _switch(False), settled),
            Step("enable it", _switch(True), settled),
        ),
        checks.policies("on-alarm", "once", "daily"),
        wishes=(2,),
    ),
    Scenario(
        "policy-delete",
        (READY, _MADE, Step("delete all three", _delete_each, gone(*_EVERY))),
        checks.all_of(checks.policies(), checks.group(desire_instance_number=2)),
        wishes=(2,),
    ),
    Scenario(
        "adopt",
        (
            _BY_HAND,
            Step("adopt by externalId", _adopt(), settled),
            Step("scale the adopted group to 3", _scale_adopted, both(settled, desired(3, "by-hand"))),
            Step("delete the objects, keep the cloud's", _delete_all, _GONE),
        ),
        checks.all_of(_KEPT, checks.tags("by-hand", "team=web"), checks.servers(members=3)),
        wishes=(3,),
    ),
    Scenario(
        "adopt-and-delete",
        (
            _BY_HAND,
            Step("adopt by externalId", _adopt(deletionPolicy="Delete"), settled, setup=True),
            Step("delete with deletionPolicy Delete", _delete_all, _GONE),
        ),
        checks.all_of(checks.no_groups, checks.no_objects, checks.servers(released=2)),
        wishes=(0,),
    ),
)
