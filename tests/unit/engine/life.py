"""A life of one group: what users, the cloud's console and bad luck do to it, and what must hold all the time."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from operator_rig import CLUSTER, Rig
from sim_transport import Write

from cloudscaling.api.meta import REAPPLY_DESIRED_CAPACITY
from cloudscaling.core.naming import OWNER_TAG, Owner, add_mark
from cloudscaling.engine.store import GROUPS, LAUNCHES, POLICIES

OWNER = Owner(CLUSTER, "web", "ScalingGroup", "web")
DESIRE = "desire_instance_number"
TEMPLATE = {
    "flavorRef": "s6.large.2",
    "imageRef": "image-x",
    "disk": [{"size": 40, "volume_type": "SSD", "disk_type": "SYS"}],
    "key_name": "ops",
}
POLICY_SPEC = {
    "scalingGroupRef": {"name": "web"},
    "type": "Recurring",
    "schedule": {"cron": "0 3 * * *", "timeZone": "Europe/Berlin"},
}
POLICY_KINDS: dict[str, dict[str, Any]] = {
    "policy": {**POLICY_SPEC, "adjustment": {"type": "ChangeInCapacity", "value": 1}},
    "paused policy": {**POLICY_SPEC, "adjustment": {"type": "ChangeInCapacity", "value": 1}, "enabled": False},
    "task": {**POLICY_SPEC, "capacity": {"desiredCapacity": 3}},
    "other task": {**POLICY_SPEC, "capacity": {"desiredCapacity": 4}},
    "disabled task": {**POLICY_SPEC, "capacity": {"desiredCapacity": 3}, "enabled": False},
}


@dataclass
class Life:
    """Does things to a rig and remembers what may follow from them."""

    rig: Rig
    wishes: set[int] = field(default_factory=set)
    bounds: list[tuple[int, int]] = field(default_factory=list)
    changes: int = 0
    asked: bool = True  # since the status was lost, somebody asked for a size
    answered_until: float = 0.0  # what was asked for before the loss may still be on its way
    lost: bool = False  # and with the status, which tags are ours
    enforced: bool = False
    deleting: bool = False
    twins: int = 0
    effective: int = 0
    desire: dict[str, int] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)
    _tokens: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.rig.simulator.watchers.append(self._written)

    # --- what is there before ----------------------------------------------------------------------------------------

    def seed(self, kind: str) -> None:
        """A cloud that is not empty: groups of ours, of others, several of ours."""
        if kind == "none":
            return
        count = 2 if kind == "twins" else 1
        for number in range(count):
            mark = "" if kind == "foreign" else OWNER.mark
            tags = [{"key": OWNER_TAG, "value": OWNER.mark}] if kind == "tagged" else []
            self._seed_group(OWNER.cloud_name if mark else "web-old", add_mark("", mark), tags)
            self.twins += bool(mark) and number > 0
        self.asked = kind == "foreign"

    def _seed_group(self, name: str, description: str, tags: list[dict[str, str]]) -> None:
        config = self.rig.simulator.do(
            "CreateScalingConfig", {"scaling_configuration_name": "old", "instance_config": TEMPLATE}
        )
        body: dict[str, Any] = {
            "scaling_group_name": name,
            "scaling_configuration_id": config["scaling_configuration_id"],
            "networks": [{"id": "net-a"}],
            "vpc_id": "vpc-a",
            "min_instance_number": 1,
            "max_instance_number": 20,
            "desire_instance_number": 6,
            "tags": tags,
        }
        if description:
            body["description"] = description
        made = self.rig.simulator.do("CreateScalingGroup", body)["scaling_group_id"]
        self.rig.simulator.do("ActionScalingGroup", {"action": "resume"}, scaling_group_id=made)
        self.desire[made] = 6

    # --- the user ----------------------------------------------------------------------------------------------------

    def create(self, spec: dict[str, Any]) -> None:
        self.rig.group(**spec)
        self._noted()

    def edit(self, name: str, value: Any) -> None:
        def change(spec: dict[str, Any]) -> None:
            if value is None:
                spec.pop(name, None)
            else:
                spec[name] = value
            if spec["minSize"] > spec["maxSize"]:
                spec["maxSize"] = spec["minSize"]

        before = dict(self._spec())
        self.rig.kube.edit(GROUPS, "web", change)
        after = self._spec()
        sizes = ("desiredCapacity", "minSize", "maxSize")
        if any(before.get(size) != after.get(size) for size in sizes):
            self.asked = True
        self.changes += before.get("desiredCapacity") != after.get("desiredCapacity")
        self._noted()

    def reapply(self) -> None:
        self.rig.kube.annotate(GROUPS, "web", REAPPLY_DESIRED_CAPACITY, str(next(self._tokens)))
        self.changes += 1
        self.asked = True

    def lose_status(self) -> None:
        self.rig.kube.lose_status(GROUPS, "web")
        if self.asked:
            self.answered_until = self.rig.simulator.world.clock.now() + 1.0
        self.asked, self.lost = False, True

    def edit_launch(self, image: str) -> None:
        self.rig.kube.edit(LAUNCHES, "lc", lambda spec: spec.update(image={"id": image}))

    def policy(self, kind: str) -> None:
        """Make it, turn it into this kind of policy, take its status away or delete it."""
        kube = self.rig.kube
        if kind == "none":
            kube.remove(POLICIES, "night")
        elif kind == "lost":
            kube.lose_status(POLICIES, "night")
        elif kube.exists(POLICIES, "night"):
            kube.edit(POLICIES, "night", lambda spec: (spec.clear(), spec.update(POLICY_KINDS[kind])))
        else:
            kube.apply(POLICIES, "night", POLICY_KINDS[kind])

    def timers(self) -> tuple[int, int]:
        """How many policies and scheduled tasks the cloud has."""
        simulator = self.rig.simulator
        return len(simulator.policies()), sum(len(simulator.tasks(group_id)) for group_id in simulator.groups())

    def _spec(self) -> dict[str, Any]:
        found: dict[str, Any] = self.rig.kube.objects[GROUPS, "web", "web"]["spec"]
        return found

    def _noted(self) -> None:
        spec = self._spec()
        if spec.get("desiredCapacity") is not None:
            self.wishes.add(spec["desiredCapacity"])
        self.bounds.append((spec["minSize"], spec["maxSize"]))
        self.enforced = self.enforced or spec.get("capacityManagement") == "Enforced"

    # --- the console -------------------------------------------------------------------------------------------------

    def ours(self) -> dict[str, dict[str, Any]]:
        """Cloud groups that bear the mark of the object."""
        return {i: g for i, g in self.rig.simulator.groups().items() if OWNER.mark in (g["description"] or "")}

    def console(self, action: str, number: int) -> None:
        """Something that a person does to the group by hand."""
        for group_id, group in list(self.ours().items())[:1]:
            idle = [
                m["instance_id"] for m in self.rig.simulator.members(group_id) if m["life_cycle_state"] == "INSERVICE"
            ]
            simulator = self.rig.simulator
            if action == "desire":
                wanted = max(group["min_instance_number"], min(number, group["max_instance_number"]))
                simulator.do("UpdateScalingGroup", {DESIRE: wanted}, scaling_group_id=group_id)
            elif action in ("pause", "resume"):
                simulator.do("ActionScalingGroup", {"action": action}, scaling_group_id=group_id)
            elif action == "delete":
                simulator.do("DeleteScalingGroup", query={"force_delete": "yes"}, scaling_group_id=group_id)
            elif action == "untag":
                tags = {"action": "delete", "tags": [{"key": OWNER_TAG}]}
                simulator.do("ActionScalingTags", tags, resource_type="scaling_group_tag", resource_id=group_id)
            elif action == "attach":
                server = simulator.console("ConsoleCreateServer", vpc_id="vpc-a")["id"]
                batch = {"action": "ADD", "instances_id": [server]}
                simulator.do("BatchActionScalingInstances", batch, scaling_group_id=group_id)
            elif idle:
                batch = {"action": action, "instances_id": idle[:1]}
                simulator.do("BatchActionScalingInstances", batch, scaling_group_id=group_id)
            self.desire = {i: g[DESIRE] for i, g in simulator.groups().items()}

    # --- what must always hold ---------------------------------------------------------------------------------------

    def _written(self, write: Write, groups: dict[str, dict[str, Any]]) -> None:
        before, self.desire = self.desire, {i: g[DESIRE] for i, g in groups.items()}
        marked = [
            g
            for g in groups.values()
            if OWNER.mark in (g["description"] or "") and g["scaling_group_status"] != "DELETING"
        ]
        if len(marked) > 1 + self.twins:
            self.broken.append(f"{len(marked)} groups of one object after {write}")
        if write.operation != "UpdateScalingGroup" or write.status >= 300 or self.deleting:
            return
        self._noted()  # an Enforced group without a wish is given one by the operator
        group_id = write.path.rpartition("/")[2]
        old, new = before.get(group_id, 0), self.desire.get(group_id, 0)
        if old == new:
            return
        asked = self.asked or write.at <= self.answered_until
        if new < old and not asked and not self._enforces_what_it_knows():
            self.broken.append(f"scaled in {old} -> {new} though nobody asked since the status was lost: {write}")
        if set(write.body) == {DESIRE}:
            self.effective += 1
            allowed = {max(low, min(wish, high)) for wish in self.wishes for low, high in self.bounds}
            if new not in allowed:
                self.broken.append(f"desired {new} was never asked for: {write}")

    def _enforces_what_it_knows(self) -> bool:
        """An Enforced group may correct a move that came after it had recorded, and not held, what it found."""
        status = self.rig.kube.status(GROUPS, "web")
        known = status.get("lastAppliedDesiredCapacity") is not None and not status.get("capacityHeld")
        return known and self._spec().get("capacityManagement") == "Enforced"

    def verdict(self) -> list[str]:
        """What went wrong."""
        found = [*self.broken, *self.rig.kube.complaints]
        if not self.enforced and self.effective > self.changes:
            found.append(f"{self.effective} desired writes for {self.changes} changes")
        return found
