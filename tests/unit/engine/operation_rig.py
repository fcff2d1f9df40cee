"""A group that runs in a rig, and InstanceOperations on it. Used by the tests of operations on the whole engine."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from fake_kube import NAMESPACE
from operator_rig import Rig
from sim_transport import Simulator
from virtual_time import run

from cloudscaling.engine.store import GROUPS, OPERATIONS

HOOK = {
    "lifecycle_hook_name": "warmup",
    "lifecycle_hook_type": "INSTANCE_LAUNCHING",
    "default_result": "ABANDON",
    "default_timeout": 3600,
    "notification_topic_urn": "urn:smn:sim-region-1:0123456789abcdef0123456789abcdef:ops",
}
BATCH = "BatchActionScalingInstances"
UPDATE = "UpdateScalingGroup"
EXECUTE = "ActionScalingPolicy"


@dataclass
class Bench:
    """One group `web` in service."""

    rig: Rig
    group_id: str
    first: list[str] = field(default_factory=list)  # ids of its members at the start
    since: int = 0  # writes before the first operation

    @classmethod
    async def standing(
        cls, count: int, vendor: str = "Huawei", options: dict[str, str] | None = None, **spec: Any
    ) -> Bench:
        """A group with `count` instances that rests."""
        rig = Rig(vendor=vendor, options=options or {})
        rig.launch()
        rig.group(**{"maxSize": max(10, count), "desiredCapacity": count, **spec})
        rig.account()
        await rig.start()
        await rig.until(lambda: rig.synced(GROUPS, "web"), 300)
        group_id = rig.kube.status(GROUPS, "web")["externalId"]
        bench = cls(rig, group_id)
        await rig.until(lambda: bench.at_rest(count), 600)
        bench.first = [row["instance_id"] for row in bench.members()]
        bench.since = len(rig.simulator.writes)
        return bench

    # --- the cloud -----------------------------------------------------------------------------------------------

    def group(self) -> dict[str, Any]:
        return self.rig.simulator.groups()[self.group_id]

    def members(self) -> list[dict[str, Any]]:
        return self.rig.simulator.members(self.group_id)

    def ids(self) -> set[str]:
        return {row["instance_id"] for row in self.members()}

    def at_rest(self, count: int) -> bool:
        group = self.group()
        return (group["current_instance_number"], group["is_scaling"]) == (count, False)

    def writes(self, operation: str = "") -> list[Any]:
        """Bodies of the writes since the operation was made."""
        new = self.rig.simulator.writes[self.since :]
        return [write.body for write in new if operation in ("", write.operation)]

    def batches(self) -> list[list[str]]:
        """Instances of every batch call that the cloud carried out."""
        new = self.rig.simulator.writes[self.since :]
        return [write.body["instances_id"] for write in new if write.operation == BATCH and write.status < 300]

    def by_hand(self, action: str, *ids: str) -> None:
        """As somebody at the console."""
        self.rig.simulator.do(
            "BatchActionScalingInstances", {"action": action, "instances_id": [*ids]}, scaling_group_id=self.group_id
        )
        self.since = len(self.rig.simulator.writes)

    # --- the operation -------------------------------------------------------------------------------------------

    def ask(self, action: str, name: str = "op", **spec: Any) -> None:
        self.rig.kube.apply(
            OPERATIONS, name, {"scalingGroupRef": {"name": "web"}, "action": action, **DEFAULTS, **spec}
        )

    def status(self, name: str = "op") -> dict[str, Any]:
        return self.rig.kube.status(OPERATIONS, name)

    def says(self, type_: str, name: str = "op") -> tuple[str, str]:
        return self.rig.kube.condition(OPERATIONS, name, type_)

    def ended(self, name: str = "op") -> bool:
        return "True" in (self.says("Complete", name)[0], self.says("Failed", name)[0])

    def finalizers(self, name: str = "op") -> list[str]:
        return list(self.rig.kube.objects[OPERATIONS, NAMESPACE, name]["metadata"].get("finalizers", ()))

    async def end(self, name: str = "op", limit_s: float = 4000.0) -> dict[str, Any]:
        """The status of the operation once it has ended."""
        await self.rig.until(lambda: self.ended(name), limit_s)
        return self.status(name)

    def reasons(self, name: str = "op") -> dict[str, str]:
        """Instance -> why it was not done."""
        return {row["instanceId"]: row["reason"] for row in self.status(name).get("failures", ())}

    def recorded(self) -> list[str]:
        return [row["name"] for row in self.rig.kube.status(GROUPS, "web").get("recentOperations", ())]

    async def close(self) -> None:
        assert not self.rig.kube.complaints, self.rig.kube.complaints
        assert self.rig.running is None or not self.rig.running.counter.errors
        await self.rig.kill()


# What the API server fills in.
DEFAULTS = {"onFailure": "Continue", "activeDeadlineSeconds": 3600, "backoffLimit": 3, "suspend": False}


def on(count: int, scenario: Callable[[Bench], Awaitable[None]], vendor: str = "Huawei", **spec: Any) -> None:
    """Run a scenario on a group of `count` instances; `options` are the simulator's."""

    async def whole() -> None:
        bench = await Bench.standing(count, vendor, **spec)
        await scenario(bench)
        await bench.close()

    run(whole())


def once(simulator: Simulator, operation: str, kind: str, times: int = 1) -> None:
    """The next writes of this operation go wrong."""
    left = [times]

    def trouble(called: str, write: bool) -> str:
        if called != operation or not write or left[0] == 0:
            return ""
        left[0] -= 1
        return kind

    simulator.trouble = trouble
