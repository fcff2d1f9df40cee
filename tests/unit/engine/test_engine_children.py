"""What hangs on a group, on the whole engine: made before the first instance, changed, removed, left to others."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from operator_rig import Rig
from virtual_time import run

from cloudscaling.engine.store import GROUPS

TOPIC = "urn:smn:sim-region-1:acme:alerts"
OTHER_TOPIC = "urn:smn:sim-region-1:acme:more"


def hook(name: str = "warmup", **changes: Any) -> dict[str, Any]:
    return {"name": name, "transition": "Launching", "timeoutSeconds": 600, "target": {"topic": TOPIC}, **changes}


def notification(name: str = "oncall", *events: str, topic: str = TOPIC) -> dict[str, Any]:
    return {"name": name, "events": list(events or ("ScaleOutFailed", "GroupAbnormal")), "target": {"topic": topic}}


def target(name: str, pool: str, port: int = 80, **changes: Any) -> dict[str, Any]:
    return {"name": name, "poolId": pool, "port": port, **changes}


async def ready(vendor: str = "Huawei", **spec: Any) -> Rig:
    """A group that is as wanted, and idle."""
    rig = Rig(vendor=vendor)
    rig.launch()
    rig.group(**spec)
    rig.account()
    await rig.start()
    await settled(rig)
    await asyncio.sleep(20)
    return rig


async def settled(rig: Rig, limit_s: float = 300) -> None:
    await rig.until(lambda: rig.synced(GROUPS, "web"), limit_s)


async def edited(rig: Rig, **changes: Any) -> None:
    """Change the spec and wait until it is carried out; None takes a field out."""

    def edit(spec: dict[str, Any]) -> None:
        for name, value in changes.items():
            spec.pop(name, None)
            if value is not None:
                spec[name] = value

    rig.kube.edit(GROUPS, "web", edit)
    await settled(rig)


def group_id(rig: Rig) -> str:
    return str(rig.kube.status(GROUPS, "web")["externalId"])


def hooks(rig: Rig) -> dict[str, dict[str, Any]]:
    rows = rig.simulator.do("ListLifeCycleHooks", scaling_group_id=group_id(rig))["lifecycle_hooks"]
    return {row["lifecycle_hook_name"]: row for row in rows}


def topics(rig: Rig) -> dict[str, list[str]]:
    rows = rig.simulator.do("ListScalingNotifications", scaling_group_id=group_id(rig))["topics"]
    return {row["topic_urn"]: row["topic_scene"] for row in rows}


def listeners(rig: Rig) -> dict[str, int]:
    rows = rig.simulator.groups()[group_id(rig)]["lbaas_listeners"]
    return {f"{row['pool_id']}:{row['protocol_port']}": row["weight"] for row in rows}


def managed(rig: Rig) -> dict[str, Any]:
    return dict(rig.kube.status(GROUPS, "web").get("managed") or {})


def written(rig: Rig) -> list[str]:
    return [write.operation for write in rig.simulator.writes]


async def quiet(rig: Rig, seconds: float = 900) -> None:
    """Nothing more is written."""
    before = len(rig.simulator.writes)
    await asyncio.sleep(seconds)
    assert written(rig)[before:] == []


async def finish(rig: Rig) -> None:
    assert not rig.kube.complaints, rig.kube.complaints
    await rig.kill()


def test_hooks_and_notifications_are_there_before_the_first_instance() -> None:
    """The group is enabled last."""

    async def scenario() -> None:
        rig = await ready(
            lifecycleHooks=[hook(), hook("drain", transition="Terminating")], notifications=[notification()]
        )
        order = [name for name in written(rig) if "Config" not in name]
        assert order == [
            "CreateScalingGroup",
            "ActionScalingTags",
            "CreateLifeCycleHook",
            "CreateLifeCycleHook",
            "CreateScalingNotification",
            "ActionScalingGroup",
        ]
        assert hooks(rig).keys() == {"warmup", "drain"}
        assert managed(rig) == {"lifecycleHooks": ["drain", "warmup"], "notifications": [TOPIC]}
        await finish(rig)

    run(scenario())


def test_a_hook_is_changed_in_place_and_removed_and_one_by_hand_stays() -> None:
    """Only what status.managed names is ever removed."""

    async def scenario() -> None:
        rig = await ready(lifecycleHooks=[hook()], desiredCapacity=0)
        by_hand = {
            "lifecycle_hook_name": "by-hand",
            "lifecycle_hook_type": "INSTANCE_LAUNCHING",
            "notification_topic_urn": TOPIC,
        }
        rig.simulator.do("CreateLifeCycleHook", by_hand, scaling_group_id=group_id(rig))
        await edited(rig, lifecycleHooks=[hook(timeoutSeconds=900, metadata="web")])
        assert hooks(rig)["warmup"]["default_timeout"] == 900
        assert hooks(rig)["warmup"]["notification_metadata"] == "web"
        assert rig.kube.status(GROUPS, "web")["unmanaged"] == {"lifecycleHooks": ["by-hand"]}
        await edited(rig, lifecycleHooks=None)
        assert hooks(rig).keys() == {"by-hand"}
        assert managed(rig) == {}
        assert rig.kube.status(GROUPS, "web").get("lifecycleHooks", []) == []
        await quiet(rig)
        await finish(rig)

    run(scenario())


def test_other_events_are_a_deletion_and_a_new_notification() -> None:
    """The vendor cannot change them in place; another topic and one by hand are not touched."""

    async def scenario() -> None:
        rig = await ready(notifications=[notification()])
        by_hand = {"topic_urn": OTHER_TOPIC, "topic_scene": ["SCALING_UP"]}
        rig.simulator.do("CreateScalingNotification", by_hand, scaling_group_id=group_id(rig))
        await edited(rig, notifications=[notification("oncall", "ScaleInFailed")])
        assert topics(rig) == {TOPIC: ["SCALING_DOWN_FAIL"], OTHER_TOPIC: ["SCALING_UP"]}
        assert rig.kube.status(GROUPS, "web")["notifications"] == [{"name": "oncall", "externalId": TOPIC}]
        await edited(rig, notifications=None)
        assert topics(rig).keys() == {OTHER_TOPIC}
        await quiet(rig)
        await finish(rig)

    run(scenario())


def test_load_balancers_come_with_the_group_and_are_changed_one_by_one() -> None:
    """What others have in the list goes back as it was."""

    async def scenario() -> None:
        rig = await ready(loadBalancers={"targets": [target("a", "pool-a")]})
        assert listeners(rig) == {"pool-a:80": 50}
        assert managed(rig) == {"loadBalancerTargets": ["pool-a:80:IPv4"]}
        rows = [*rig.simulator.groups()[group_id(rig)]["lbaas_listeners"]]
        foreign = {"pool_id": "pool-x", "protocol_port": 90, "weight": 7}
        rig.simulator.do("UpdateScalingGroup", {"lbaas_listeners": [*rows, foreign]}, scaling_group_id=group_id(rig))
        await asyncio.sleep(60)
        await edited(rig, loadBalancers={"targets": [target("a", "pool-a", weight=90), target("b", "pool-b", 81)]})
        assert listeners(rig) == {"pool-a:80": 90, "pool-b:81": 50, "pool-x:90": 7}
        await edited(rig, loadBalancers={"targets": [target("b", "pool-b", 81)]})
        assert listeners(rig) == {"pool-b:81": 50, "pool-x:90": 7}
        await edited(rig, loadBalancers=None)
        assert listeners(rig) == {"pool-x:90": 7}
        assert managed(rig) == {}
        await quiet(rig)
        await finish(rig)

    run(scenario())


def test_a_switch_from_classic_listeners_to_targets_is_one_call() -> None:
    """The vendor refuses both kinds at a time."""

    async def scenario() -> None:
        rig = await ready(loadBalancers={"classicIds": ["listener-a"]})
        await edited(rig, loadBalancers={"targets": [target("a", "pool-a")]})
        group = rig.simulator.groups()[group_id(rig)]
        assert (group["lb_listener_id"], listeners(rig)) == (None, {"pool-a:80": 50})
        assert managed(rig) == {"loadBalancerTargets": ["pool-a:80:IPv4"]}
        await finish(rig)

    run(scenario())


def test_a_warm_pool_is_opened_resized_and_closed() -> None:
    """Taking the block out closes it."""

    async def scenario() -> None:
        rig = await ready(huawei={"warmPool": {"capacity": 2}})
        pool = rig.kube.status(GROUPS, "web")["warmPool"]
        assert (pool["state"], pool["capacity"], pool["instances"]) == ("ACTIVE", 2, 2)
        assert managed(rig) == {"warmPool": True}
        await edited(rig, huawei={"warmPool": {"capacity": 3, "instanceInitWaitSeconds": 60}})
        assert rig.kube.status(GROUPS, "web")["warmPool"]["capacity"] == 3
        await edited(rig, huawei=None)
        await rig.until(lambda: managed(rig) == {}, 300)
        assert "warmPool" not in rig.kube.status(GROUPS, "web")
        await quiet(rig)
        await finish(rig)

    run(scenario())


def test_a_refused_child_is_said_and_holds_nothing_else_up() -> None:
    """Neither another hook, nor a notification, nor the size."""

    async def scenario() -> None:
        rig = await ready()
        refused = {"on": True}

        def trouble(operation: str, write: bool) -> str:
            return "AS.7035" if refused["on"] and operation == "CreateScalingNotification" else ""

        rig.simulator.trouble = trouble
        rig.kube.edit(
            GROUPS,
            "web",
            lambda spec: spec.update(notifications=[notification()], lifecycleHooks=[hook()], desiredCapacity=4),
        )
        await rig.until(lambda: rig.kube.status(GROUPS, "web")["desiredCapacity"] == 4, 120)
        await rig.until(lambda: rig.kube.condition(GROUPS, "web", "Synced") == ("False", "Rejected"), 120)
        assert hooks(rig).keys() == {"warmup"}
        assert managed(rig) == {"lifecycleHooks": ["warmup"]}
        await asyncio.sleep(600)
        assert written(rig).count("CreateScalingNotification") == 1
        assert rig.kube.condition(GROUPS, "web", "Synced") == ("False", "Rejected")
        refused["on"] = False
        await rig.until(lambda: rig.synced(GROUPS, "web"), 3600)
        assert topics(rig).keys() == {TOPIC}
        await finish(rig)

    run(scenario())


def test_two_refused_children_are_each_tried_once_in_half_an_hour() -> None:
    """The one refusal is not forgotten for the other."""

    async def scenario() -> None:
        rig = await ready()
        rig.simulator.trouble = lambda operation, write: "AS.7035" if operation == "CreateLifeCycleHook" else ""
        rig.kube.edit(GROUPS, "web", lambda spec: spec.update(lifecycleHooks=[hook("one"), hook("two")]))
        await asyncio.sleep(1500)
        assert written(rig).count("CreateLifeCycleHook") == 2
        await finish(rig)

    run(scenario())


def test_a_refused_hook_keeps_a_new_group_disabled() -> None:
    """No instance starts without it."""

    async def scenario() -> None:
        rig = Rig()
        rig.simulator.trouble = lambda operation, write: "AS.7043" if operation == "CreateLifeCycleHook" else ""
        rig.launch()
        rig.group(lifecycleHooks=[hook()])
        rig.account()
        await rig.start()
        await rig.until(lambda: rig.kube.condition(GROUPS, "web", "Synced") == ("False", "Rejected"), 300)
        await asyncio.sleep(300)
        assert rig.simulator.groups()[group_id(rig)]["scaling_group_status"] == "PAUSED"
        rig.simulator.trouble = lambda operation, write: ""
        await edited(rig, lifecycleHooks=[hook(timeoutSeconds=700)])
        assert rig.simulator.groups()[group_id(rig)]["scaling_group_status"] == "INSERVICE"
        await finish(rig)

    run(scenario())


@pytest.mark.parametrize("policy", ["Release", "Detach"])
def test_children_go_when_the_group_has_lost_its_last_instance(policy: str) -> None:
    """Terminating hooks still hold what leaves; nobody answers, so the time has to pass."""

    async def scenario() -> None:
        rig = await ready(
            instanceDeletionPolicy=policy,
            lifecycleHooks=[hook("drain", transition="Terminating", timeoutSeconds=60)],
            notifications=[notification()],
            huawei={"warmPool": {"capacity": 1}},
        )
        rig.kube.remove(GROUPS, "web")
        await rig.until(lambda: not rig.kube.exists(GROUPS, "web"), 1200)
        assert rig.simulator.groups() == {}
        order = written(rig)
        assert order.index("CloseWarmPool") < order.index("DeleteLifeCycleHook") < order.index("DeleteScalingGroup")
        assert "DeleteScalingNotification" in order
        await finish(rig)

    run(scenario())


def test_who_waits_in_a_hook_is_shown_while_it_waits() -> None:
    """With the deadline, and the number at the hook."""

    async def scenario() -> None:
        rig = await ready(lifecycleHooks=[hook(timeoutSeconds=600)], desiredCapacity=0)
        rig.kube.edit(GROUPS, "web", lambda spec: spec.update(desiredCapacity=1))
        await rig.until(lambda: bool(rig.kube.status(GROUPS, "web").get("pendingLifecycleActions")), 200)
        (waiting,) = rig.kube.status(GROUPS, "web")["pendingLifecycleActions"]
        assert (waiting["hookName"], waiting["defaultResult"]) == ("warmup", "Continue")
        assert waiting["deadline"]
        assert rig.kube.status(GROUPS, "web")["lifecycleHooks"] == [{"name": "warmup", "waitingInstances": 1}]
        await rig.until(lambda: rig.kube.status(GROUPS, "web").get("inServiceCapacity") == 1, 900)
        await rig.until(lambda: not rig.kube.status(GROUPS, "web").get("pendingLifecycleActions"), 200)
        await finish(rig)

    run(scenario())
