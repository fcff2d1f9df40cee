"""Children of a group when something goes wrong in the middle, and what they cost when nothing happens."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest
from operator_rig import Rig
from sim_transport import Write
from test_engine_children import (
    OTHER_TOPIC,
    TOPIC,
    edited,
    finish,
    group_id,
    hook,
    hooks,
    listeners,
    managed,
    notification,
    quiet,
    ready,
    settled,
    target,
    topics,
)
from virtual_time import run

from cloudscaling.engine.store import GROUPS, POLICIES

FULL: dict[str, Any] = {
    "lifecycleHooks": [hook(transition="Terminating")],
    "notifications": [notification()],
    "loadBalancers": {"targets": [target("a", "pool-a")]},
    "huawei": {"warmPool": {"capacity": 1}},
}
CHANGED: dict[str, Any] = {
    "lifecycleHooks": [hook(transition="Terminating", timeoutSeconds=900)],
    "notifications": [notification("oncall", "ScaleInFailed")],
    "loadBalancers": {"targets": [target("a", "pool-a", weight=9)]},
    "huawei": {"warmPool": {"capacity": 2}},
}
NONE = dict.fromkeys(FULL)
WRITES = (
    *("CreateLifeCycleHook", "UpdateLifeCycleHook", "DeleteLifeCycleHook"),
    *("CreateScalingNotification", "DeleteScalingNotification"),
    *("PutWarmPool", "CloseWarmPool", "UpdateScalingGroup"),
)


class Killer:
    """Ends the operator at each write of one operation, on the chosen side of the network, and starts another."""

    def __init__(self, rig: Rig, operation: str, trouble: str) -> None:
        self.rig, self.operation, self.kind = rig, operation, trouble
        self.struck = 0
        self.due = asyncio.Event()
        rig.simulator.trouble = self.trouble
        rig.simulator.watchers.append(self.written)

    async def begin(self) -> None:
        """The task has to be there before the operator that it ends."""
        self.task = asyncio.create_task(self._strike())
        await self.rig.kill()
        await self.rig.start()

    async def end(self) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)

    def trouble(self, operation: str, write: bool) -> str:
        if operation != self.operation or self.kind == "kill":
            return ""
        self.struck += 1
        return self.kind if self.struck % 2 else ""  # the next try gets through

    def written(self, write: Write, groups: dict[str, Any]) -> None:
        if write.operation == self.operation and self.kind == "kill" and self.struck < 5:
            self.struck += 1
            self.due.set()

    async def _strike(self) -> None:
        while True:
            await self.due.wait()
            self.due.clear()
            await self.rig.kill()
            await self.rig.start()


@pytest.mark.parametrize("trouble", ["drop-before", "drop-after", "kill"])
@pytest.mark.parametrize("operation", WRITES)
def test_a_lost_call_or_a_death_at_any_write_of_a_child_leaves_nothing_wrong(operation: str, trouble: str) -> None:
    """Made once, changed, removed; what is ours is known all the time."""

    async def scenario() -> None:
        rig = await ready(desiredCapacity=0)
        by_hand = {"topic_urn": OTHER_TOPIC, "topic_scene": ["SCALING_UP"]}
        rig.simulator.do("CreateScalingNotification", by_hand, scaling_group_id=group_id(rig))
        killer = Killer(rig, operation, trouble)
        await killer.begin()
        await edited(rig, **FULL)
        assert (hooks(rig).keys(), topics(rig).keys()) == ({"warmup"}, {TOPIC, OTHER_TOPIC})
        assert managed(rig) == {
            "lifecycleHooks": ["warmup"],
            "loadBalancerTargets": ["pool-a:80:IPv4"],
            "notifications": [TOPIC],
            "warmPool": True,
        }
        await edited(rig, **CHANGED)
        assert hooks(rig)["warmup"]["default_timeout"] == 900
        assert topics(rig)[TOPIC] == ["SCALING_DOWN_FAIL"]
        assert listeners(rig) == {"pool-a:80": 9}
        await edited(rig, **NONE)
        assert (hooks(rig), topics(rig).keys(), listeners(rig)) == ({}, {OTHER_TOPIC}, {})
        assert managed(rig) == {}
        assert killer.struck
        await quiet(rig, 300)
        await killer.end()
        await finish(rig)

    run(scenario())


@pytest.mark.parametrize("trouble", ["throttle", "500", "AS.0001"])
def test_children_that_cannot_be_read_are_not_written(trouble: str) -> None:
    """And nothing is said to be as wanted meanwhile; the size goes on."""

    async def scenario() -> None:
        rig = await ready()
        reads = ("ListLifeCycleHooks", "ListScalingNotifications")
        rig.simulator.trouble = lambda operation, write: trouble if operation in reads else ""
        rig.kube.edit(GROUPS, "web", lambda spec: spec.update(lifecycleHooks=[hook()], desiredCapacity=4))
        await asyncio.sleep(300)
        assert not rig.synced(GROUPS, "web")
        assert hooks(rig) == {}
        rig.simulator.trouble = lambda operation, write: ""
        await settled(rig, 600)
        assert hooks(rig).keys() == {"warmup"}
        assert rig.kube.status(GROUPS, "web")["desiredCapacity"] == 4
        await finish(rig)

    run(scenario())


def test_a_cloud_with_fewer_kinds_takes_the_others() -> None:
    """Hooks and load balancers; what it lacks is refused by name, and never asked for."""

    async def scenario() -> None:
        rig = await ready("OTC", lifecycleHooks=FULL["lifecycleHooks"], loadBalancers=FULL["loadBalancers"])
        assert hooks(rig).keys() == {"warmup"}
        await edited(rig, lifecycleHooks=CHANGED["lifecycleHooks"], loadBalancers=CHANGED["loadBalancers"])
        assert (hooks(rig)["warmup"]["default_timeout"], listeners(rig)) == (900, {"pool-a:80": 9})
        # made with a listener, the group has health checks by it, and the vendor does not take the last one away
        await edited(rig, lifecycleHooks=None, loadBalancers=None, healthCheck={"type": "Instance"})
        assert (hooks(rig), listeners(rig), managed(rig)) == ({}, {}, {})
        rig.kube.edit(GROUPS, "web", lambda spec: spec.update(notifications=[notification()], desiredCapacity=3))
        await rig.until(lambda: rig.kube.status(GROUPS, "web")["desiredCapacity"] == 3, 120)
        assert rig.kube.condition(GROUPS, "web", "Accepted") == ("False", "Unsupported")
        asked = {"ListScalingNotifications", "ShowWarmPool", "ListGroupScheduledTasks"}
        assert not asked & set(rig.simulator.calls)
        await finish(rig)

    run(scenario())


def test_who_may_not_see_schedules_can_still_change_bounds_and_delete() -> None:
    """A permission that is missing for something nobody asked for blocks nothing."""

    async def scenario() -> None:
        rig = await ready()
        rig.simulator.trouble = lambda operation, write: "AS.0031" if operation == "ListGroupScheduledTasks" else ""
        await edited(rig, maxSize=7)
        assert rig.simulator.groups()[group_id(rig)]["max_instance_number"] == 7
        rig.kube.remove(GROUPS, "web")
        await rig.until(lambda: not rig.kube.exists(GROUPS, "web"), 600)
        await finish(rig)

    run(scenario())


def test_an_idle_group_with_children_costs_no_more_calls_than_one_without() -> None:
    """The background share reads one thing at a time, by turns; a hook changed by hand is found in the end."""

    async def calls(**spec: Any) -> Counter[str]:
        rig = await ready(desiredCapacity=0, **spec)
        await asyncio.sleep(60)
        rig.simulator.calls.clear()
        await asyncio.sleep(12 * 3600)
        counted = Counter(rig.simulator.calls)
        if spec:
            change = {"default_timeout": 999}
            where = {"scaling_group_id": group_id(rig), "lifecycle_hook_name": "warmup"}
            rig.simulator.do("UpdateLifeCycleHook", change, **where)
            await rig.until(lambda: hooks(rig)["warmup"]["default_timeout"] == 600, 24 * 3600, 60)
        await finish(rig)
        return counted

    async def scenario() -> None:
        plain = await calls()
        full = await calls(**{name: FULL[name] for name in ("lifecycleHooks", "notifications")})
        assert abs(full.total() - plain.total()) <= 0.01 * plain.total(), (plain, full)
        assert full["ListLifeCycleHooks"] > 0
        assert "ListLifeCycleHooks" not in plain
        assert plain["ShowPolicyAndInstanceQuota"] > 0

    run(scenario())


def test_bounds_that_a_task_of_the_cloud_moves_are_left_to_it() -> None:
    """A change of the spec is written once; without the task the spec holds again."""

    async def scenario() -> None:
        rig = await ready(minSize=1, maxSize=5, desiredCapacity=2)
        task = {
            "name": "night",
            "scheduled_policy": {"launch_time": "2030-01-01T00:00Z"},
            "instance_number": {"min": 0, "max": 9},
        }
        where = {"scaling_group_id": group_id(rig)}
        made = rig.simulator.do("CreateGroupScheduledTask", task, **where)
        moved = {"min_instance_number": 0, "max_instance_number": 9}
        rig.simulator.do("UpdateScalingGroup", moved, **where)
        await rig.until(
            lambda: rig.kube.condition(GROUPS, "web", "CapacityDrifted") == ("False", "BoundsChangedBySchedule"), 120
        )
        await quiet(rig, 600)
        assert rig.synced(GROUPS, "web")
        status = rig.kube.status(GROUPS, "web")
        assert status["lastAppliedBounds"] == {"minSize": 1, "maxSize": 5}
        assert status["unmanaged"] == {"schedules": ["night"]}
        await edited(rig, maxSize=6)
        assert rig.simulator.groups()[group_id(rig)]["max_instance_number"] == 6
        rig.simulator.do("UpdateScalingGroup", moved, **where)
        await quiet(rig, 600)
        gone = {**where, "scheduled_task_id": made["task_id"]}
        rig.simulator.do("DeleteGroupScheduledTask", **gone)
        rig.kube.annotate(GROUPS, "web", "cloudscaling.dev/reconcile-requested-at", "now")
        await rig.until(lambda: rig.simulator.groups()[group_id(rig)]["max_instance_number"] == 6, 300)
        await rig.until(lambda: "lastAppliedBounds" not in rig.kube.status(GROUPS, "web"), 300)
        await finish(rig)

    run(scenario())


def test_a_schedule_of_others_goes_before_the_drain() -> None:
    """It could start instances while the last ones leave."""

    async def scenario() -> None:
        rig = await ready()
        task = {
            "name": "night",
            "scheduled_policy": {"launch_time": "2030-01-01T00:00Z"},
            "instance_number": {"desire": 3},
        }
        rig.simulator.do("CreateGroupScheduledTask", task, scaling_group_id=group_id(rig))
        rig.kube.remove(GROUPS, "web")
        await rig.until(lambda: not rig.kube.exists(GROUPS, "web"), 600)
        order = [w.operation for w in rig.simulator.writes]
        assert order.index("DeleteGroupScheduledTask") < order.index("DeleteScalingGroup")
        assert not rig.kube.exists(POLICIES, "night")
        await finish(rig)

    run(scenario())
