"""What hangs on a group, through kubectl: hooks, notifications, load balancers, warm pool."""

from __future__ import annotations

from typing import Any

import pytest
from e2e_stage import Namespace
from kubectl import condition

pytestmark = pytest.mark.e2e

TOPIC = "urn:smn:sim-region-1:acme:alerts"
BY_HAND = "urn:smn:sim-region-1:acme:by-hand"


def hook(name: str = "drain", **changes: Any) -> dict[str, Any]:
    return {"name": name, "transition": "Terminating", "timeoutSeconds": 60, "target": {"topic": TOPIC}, **changes}


def notification(*events: str) -> dict[str, Any]:
    return {"name": "oncall", "events": list(events), "target": {"topic": TOPIC}}


def hooks(namespace: Namespace) -> dict[str, int]:
    """Name -> timeout of the hooks in the cloud."""
    return {row["name"]: row["default_timeout"] for row in namespace.cloud.group()["lifecycle_hooks"]}


def pools(namespace: Namespace) -> dict[str, int]:
    return {row["pool_id"]: row["weight"] for row in namespace.cloud.group()["lbaas_listeners"]}


def settled(namespace: Namespace, why: str, **spec: Any) -> dict[str, Any]:
    """Change the group and wait until the change is carried out; its status."""
    kubectl = namespace.kubectl
    if spec:
        kubectl.set_spec("scalinggroup", "web", **spec)
    kubectl.until("scalinggroup", "web", as_wanted, why)
    return kubectl.status("scalinggroup", "web")


def as_wanted(found: dict[str, Any]) -> bool:
    current = found["status"].get("observedGeneration") == found["metadata"]["generation"]
    return bool(current and condition(found, "Synced").get("status") == "True")


def test_children_are_made_changed_and_removed(namespace: Namespace) -> None:
    """Hooks and notifications stand before the group is enabled; what is taken out of the spec goes."""
    namespace.ready_group(lifecycleHooks=[hook()], notifications=[notification("ScaleOutFailed")])
    order = [call["operation"] for call in namespace.cloud.writes()]
    assert order.index("CreateLifeCycleHook") < order.index("ActionScalingGroup")
    assert order.index("CreateScalingNotification") < order.index("ActionScalingGroup")
    status = settled(namespace, "settled")
    assert status["managed"] == {"lifecycleHooks": ["drain"], "notifications": [TOPIC]}
    settled(
        namespace,
        "changed",
        lifecycleHooks=[hook(timeoutSeconds=120), hook("log")],
        notifications=[notification("GroupAbnormal")],
    )
    assert hooks(namespace) == {"drain": 120, "log": 60}
    assert namespace.cloud.group()["topics"] == {TOPIC: ["SCALING_GROUP_ABNORMAL"]}
    status = settled(namespace, "removed", lifecycleHooks=None, notifications=None)
    assert (hooks(namespace), namespace.cloud.group()["topics"]) == ({}, {})
    assert not status.get("managed")


def test_children_of_others_are_shown_and_never_touched(namespace: Namespace) -> None:
    """Not when ours go, not when the lists that hold them are written."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    namespace.ready_group()
    where = {"scaling_group_id": cloud.group()["scaling_group_id"]}
    listener = {"pool_id": "pool-x", "protocol_port": 9, "weight": 3}
    cloud.console("UpdateScalingGroup", {"lbaas_listeners": [listener]}, **where)
    by_hand = {
        "lifecycle_hook_name": "by-hand",
        "lifecycle_hook_type": "INSTANCE_LAUNCHING",
        "notification_topic_urn": TOPIC,
    }
    cloud.console("CreateLifeCycleHook", by_hand, **where)
    cloud.console("CreateScalingNotification", {"topic_urn": BY_HAND, "topic_scene": ["SCALING_UP"]}, **where)
    kubectl.looked_at("scalinggroup", "web", "by-hand")
    unmanaged = kubectl.status("scalinggroup", "web")["unmanaged"]
    assert unmanaged == {"lifecycleHooks": ["by-hand"], "notifications": [BY_HAND]}
    ours = {"targets": [{"name": "http", "poolId": "pool-a", "port": 80}]}
    settled(namespace, "attached", loadBalancers=ours, lifecycleHooks=[hook()])
    assert pools(namespace) == {"pool-a": 50, "pool-x": 3}
    assert hooks(namespace).keys() == {"by-hand", "drain"}
    settled(namespace, "taken out", loadBalancers=None, lifecycleHooks=None)
    assert pools(namespace) == {"pool-x": 3}
    assert hooks(namespace).keys() == {"by-hand"}
    assert cloud.group()["topics"].keys() == {BY_HAND}


def test_a_warm_pool_comes_and_goes(namespace: Namespace) -> None:
    """Taking the block out closes it."""
    namespace.ready_group(huawei={"warmPool": {"capacity": 1}})
    pool = settled(namespace, "open")["warmPool"]
    assert (pool["state"], pool["capacity"]) == ("ACTIVE", 1)
    assert "warmPool" not in settled(namespace, "closed", huawei=None)
    assert namespace.cloud.group()["warm_pool"]["status"] == "CLOSED"


def test_a_refused_notification_holds_nothing_else_up(namespace: Namespace) -> None:
    """Synced says why; the size and a hook are written."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    namespace.ready_group(desiredCapacity=1)
    cloud.fault("error", "CreateScalingNotification", status=400, code="AS.7025", times=0)
    kubectl.set_spec(
        "scalinggroup",
        "web",
        notifications=[notification("ScaleOutFailed")],
        lifecycleHooks=[hook()],
        desiredCapacity=2,
    )
    kubectl.until("scalinggroup", "web", lambda o: o["status"].get("currentCapacity") == 2, "two instances")
    refused = kubectl.until_reason("scalinggroup", "web", "Synced", "Rejected")
    assert refused["message"].startswith("AS.7025")
    assert hooks(namespace).keys() == {"drain"}
    cloud.heal()


def test_a_group_with_children_is_deleted_with_them(namespace: Namespace) -> None:
    """Terminating hooks hold the last instance as long as they may; then all of ours goes, then the group."""
    namespace.ready_group(
        lifecycleHooks=[hook("log", transition="Launching", timeoutSeconds=60)],
        notifications=[notification("ScaleOutFailed")],
        huawei={"warmPool": {"capacity": 1}},
        minSize=0,
        desiredCapacity=0,
    )
    namespace.cloud.forget_calls()
    namespace.kubectl.delete("scalinggroup", "web")
    assert namespace.cloud.groups() == []
    order = [call["operation"] for call in namespace.cloud.writes()]
    assert order.index("CloseWarmPool") < order.index("DeleteLifeCycleHook") < order.index("DeleteScalingGroup")
    assert "DeleteScalingNotification" in order
