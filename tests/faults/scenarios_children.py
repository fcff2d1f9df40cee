"""Scenarios: what hangs on a ScalingGroup is made, changed, removed; what others have hung there stays."""

from __future__ import annotations

from typing import Any

from tests.faults import checks, manifests
from tests.faults.scenarios_group import GROUP, READY
from tests.faults.stage import Scenario, Stage, Step, View, both, gone, settled

TOPIC, FOREIGN = "urn:smn:sim:faults:alerts", "urn:smn:sim:faults:by-hand"


def _hook(name: str, seconds: int = 600) -> dict[str, Any]:
    return {"name": name, "transition": "Terminating", "timeoutSeconds": seconds, "target": {"topic": TOPIC}}


def _target(name: str, port: int, weight: int = 50) -> dict[str, Any]:
    return {"name": name, "poolId": f"pool-{name}", "port": port, "weight": weight}


def _note(*events: str) -> dict[str, Any]:
    return {"name": "oncall", "events": list(events), "target": {"topic": TOPIC}}


async def _create(stage: Stage) -> None:
    group = manifests.group(
        minSize=0,
        desiredCapacity=0,
        lifecycleHooks=[_hook("drain"), _hook("log")],
        loadBalancers={"targets": [_target("a", 80)]},
    )
    await stage.create(manifests.launch(), group)


async def _change_hooks(stage: Stage) -> None:
    await stage.group_spec(lifecycleHooks=[_hook("drain", 900), _hook("third")])


async def _no_hooks(stage: Stage) -> None:
    await stage.group_spec(lifecycleHooks=None)


async def _by_hand(stage: Stage) -> None:
    """Somebody has a hook and a listener of their own."""
    where = {"scaling_group_id": (await stage.view()).group("web")["scaling_group_id"]}
    listener = {"pool_id": "pool-by-hand", "protocol_port": 99, "weight": 1}
    await stage.console("UpdateScalingGroup", path=where, body={"lbaas_listeners": [listener]})
    hook = {
        "lifecycle_hook_name": "by-hand",
        "lifecycle_hook_type": "INSTANCE_TERMINATING",
        "notification_topic_urn": TOPIC,
    }
    await stage.console("CreateLifeCycleHook", path=where, body=hook)


async def _topic_by_hand(stage: Stage) -> None:
    where = {"scaling_group_id": (await stage.view()).group("web")["scaling_group_id"]}
    await stage.console(
        "CreateScalingNotification", path=where, body={"topic_urn": FOREIGN, "topic_scene": ["SCALING_UP"]}
    )


async def _targets(stage: Stage) -> None:
    await stage.group_spec(loadBalancers={"targets": [_target("a", 80), _target("b", 81)]})


async def _other_targets(stage: Stage) -> None:
    await stage.group_spec(loadBalancers={"targets": [_target("b", 81, 90)]})


async def _no_targets(stage: Stage) -> None:
    await stage.group_spec(loadBalancers=None)


async def _notify(stage: Stage) -> None:
    await stage.group_spec(notifications=[_note("ScaleOutFailed")])


async def _notify_of_more(stage: Stage) -> None:
    await stage.group_spec(notifications=[_note("ScaleOutFailed", "ScaleInFailed")])


async def _notify_nobody(stage: Stage) -> None:
    await stage.group_spec(notifications=None)


async def _pool(stage: Stage) -> None:
    await stage.group_spec(huawei={"warmPool": {"capacity": 1}})


async def _larger_pool(stage: Stage) -> None:
    await stage.group_spec(huawei={"warmPool": {"capacity": 2}})


async def _no_pool(stage: Stage) -> None:
    await stage.group_spec(huawei=None)


async def _all(stage: Stage) -> None:
    await stage.group_spec(
        lifecycleHooks=[_hook("drain", 60)],
        notifications=[_note("ScaleOutFailed")],
        huawei={"warmPool": {"capacity": 1}},
    )


async def _let_go(stage: Stage) -> None:
    await stage.group_spec(minSize=0, desiredCapacity=0)


async def _delete(stage: Stage) -> None:
    await stage.delete(*GROUP)


def _hooks(*names: str) -> checks.Check:
    def check(view: View) -> list[str]:
        seen = sorted(row["name"] for row in view.group("web").get("lifecycle_hooks", ()))
        return [] if seen == sorted(names) else [f"the hooks are {seen}, not {sorted(names)}"]

    return check


def _topics(*names: str) -> checks.Check:
    def check(view: View) -> list[str]:
        seen = sorted(view.group("web").get("topics", ()))
        return [] if seen == sorted(names) else [f"the topics are {seen}, not {sorted(names)}"]

    return check


def _listeners(*pools: str) -> checks.Check:
    def check(view: View) -> list[str]:
        seen = sorted(row["pool_id"] for row in view.group("web").get("lbaas_listeners") or ())
        return [] if seen == sorted(pools) else [f"the listeners are {seen}, not {sorted(pools)}"]

    return check


def _nothing_ours(view: View) -> list[str]:
    managed = (view.objects[GROUP].get("status") or {}).get("managed")
    return [f"status.managed is {managed}"] if managed else []


def _closed(view: View) -> str:
    pool = view.group("web").get("warm_pool")
    return "the warm pool is not closed" if pool and pool["status"] != "CLOSED" else ""


_HANDS = Step("somebody has children of their own", _by_hand, lambda view: "", setup=True)
_EMPTY = Step("scale to nothing", _let_go, settled, setup=True)

SCENARIOS = (
    Scenario(
        "hooks",
        (
            Step("create a group with hooks and a target", _create, settled),
            Step("change a hook, remove one, make one", _change_hooks, settled),
            Step("remove all hooks", _no_hooks, settled),
        ),
        checks.all_of(_hooks(), _listeners("pool-a")),
        wishes=(0,),
    ),
    Scenario(
        "load-balancers",
        (
            READY,
            _HANDS,
            Step("attach two", _targets, settled),
            Step("detach one, change the other", _other_targets, settled),
            Step("detach all", _no_targets, settled),
        ),
        checks.all_of(_hooks("by-hand"), _listeners("pool-by-hand"), _nothing_ours),
        wishes=(2,),
    ),
    Scenario(
        "notifications",
        (
            READY,
            Step("somebody has a topic bound", _topic_by_hand, lambda view: "", setup=True),
            Step("set a notification", _notify, settled),
            Step("with other events", _notify_of_more, settled),
            Step("take it out", _notify_nobody, settled),
        ),
        checks.all_of(_topics(FOREIGN), _nothing_ours),
        wishes=(2,),
        needs=frozenset({"notifications"}),
    ),
    Scenario(
        "warm-pool",
        (
            READY,
            Step("open a warm pool", _pool, settled),
            Step("make it larger", _larger_pool, settled),
            Step("close it", _no_pool, both(settled, _closed)),
        ),
        _nothing_ours,
        wishes=(2,),
        needs=frozenset({"warm pool"}),
    ),
    Scenario(
        "delete-with-children",
        (
            READY,
            _EMPTY,
            Step("hook, notification, warm pool", _all, settled, setup=True),
            Step("delete the group", _delete, gone(GROUP)),
        ),
        checks.all_of(checks.no_groups, checks.servers(released=2)),
        wishes=(2, 0),
        needs=frozenset({"notifications", "warm pool"}),
    ),
)
