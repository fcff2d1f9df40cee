"""What a scenario can do and see, and when a step has reached its goal. Used by the scenarios; no process in it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.faults.cluster import Cluster, Json
from tests.faults.process import Simulator
from tests.faults.vendors import HUAWEI, Vendor
from tests.faults.wire import Write, plain

REAPPLY = "cloudscaling.dev/reapply-desired-capacity"


@dataclass(frozen=True, slots=True)
class View:
    """Both sides at one moment."""

    objects: dict[tuple[str, str], Json]
    tenant: Json

    def groups(self, name: str) -> list[Json]:
        """Cloud groups of this plain name; more than one is a duplicate."""
        return [g for g in self.tenant["groups"].values() if plain(g["scaling_group_name"]) == name]

    def group(self, name: str) -> Json:
        found = self.groups(name)
        return found[0] if found else {}

    def unsettled(self) -> Iterator[tuple[tuple[str, str], str]]:
        """(object, what is missing) for everything that is not as its spec says."""
        for key, item in self.objects.items():
            missing = _missing(key[0], item)
            if missing:
                yield key, missing


def _missing(plural: str, item: Json) -> str:
    metadata, status = item["metadata"], item.get("status") or {}
    if "deletionTimestamp" in metadata:
        return "is being deleted"
    if status.get("observedGeneration") != metadata["generation"]:
        return "has a generation that is not observed"
    if "operation" in status:
        return f"has an operation: {status['operation'].get('type')}"
    found = {c["type"]: c for c in status.get("conditions", ())}
    if plural == "instanceoperations":
        ended = any(found[name]["status"] == "True" for name in ("Complete", "Failed") if name in found)
        held = metadata.get("finalizers")
        return "" if ended and not held else f"has not ended: {status.get('phase')}"
    for name in ("Ready",) if plural == "cloudaccounts" else ("Ready", "Synced"):
        condition = found.get(name)
        if condition is None or condition["status"] != "True":
            return f"{name}: {(condition or {}).get('reason')} {(condition or {}).get('message', '')[:80]}"
    return ""


@dataclass
class Stage:
    """The hands of the user, and of somebody at the cloud's console."""

    cluster: Cluster
    namespace: str
    simulator: Simulator
    vendor: Vendor
    restart: Callable[[], Awaitable[None]]  # ends and starts the operator; back when it has looked at everything
    kept: dict[str, Any] = field(default_factory=dict)  # ids that a later step needs
    _seen: set[str] = field(default_factory=set)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def create(self, *manifests: Json) -> None:
        for manifest in manifests:
            await self.cluster.create(self.namespace, manifest)

    async def spec(self, plural: str, name: str, **changes: Any) -> None:
        await self.cluster.merge(self.namespace, plural, name, {"spec": changes})

    async def group_spec(self, **changes: Any) -> None:
        await self.spec("scalinggroups", "web", **changes)

    async def annotate(self, plural: str, name: str, key: str, value: str) -> None:
        await self.cluster.merge(self.namespace, plural, name, {"metadata": {"annotations": {key: value}}})

    async def delete(self, plural: str, name: str) -> None:
        await self.cluster.delete(self.namespace, plural, name)

    async def delete_namespace(self) -> None:
        await self.cluster.delete_namespace(self.namespace)

    async def seed(self, **document: Any) -> Json:
        name = self.vendor.name
        return dict((await self.simulator.ask("POST", "/seed", {name: document}))[name])

    async def console(self, operation: str, **arguments: Any) -> Json:
        """By hand in the cloud's console."""
        answer = await self.simulator.ask("POST", f"/console/{self.vendor.name}", {"operation": operation, **arguments})
        if answer.get("status", 200) >= 300:
            raise RuntimeError(f"console {operation}: {answer}")
        return dict(answer)

    async def fault(self, **document: Any) -> None:
        """Something goes wrong inside the cloud, as often as it says."""
        await self.simulator.ask("POST", "/faults", {"vendor": self.vendor.name, **document})

    async def view(self) -> View:
        there = self.simulator.tenant(self.vendor.name)
        objects, tenant = await asyncio.gather(self.cluster.objects(self.namespace), there)
        return View(objects, tenant)

    async def noticed(self, write: Write) -> None:
        """Called for every write that leaves the operator."""
        self._seen.add(write.operation)
        self._news.set()

    async def write_seen(self, operation: str) -> None:
        """Wait until a write of this operation has left the operator."""
        while operation not in self._seen:
            self._news.clear()
            await self._news.wait()


Goal = Callable[[View], str]  # "" when reached, else what is missing


@dataclass(frozen=True, slots=True)
class Step:
    """One wish of the user and the state in which it is fulfilled; writes of a setup are not interrupted."""

    title: str
    do: Callable[[Stage], Awaitable[None]]
    goal: Goal
    setup: bool = False
    patience_s: float = 0.0  # how long it may take, where the operator waits for a proof


@dataclass(frozen=True, slots=True)
class Scenario:
    """A sequence of wishes, with what must be true at its end and the desired capacities that were asked for."""

    name: str
    steps: tuple[Step, ...]
    end: Callable[[View], list[str]]
    wishes: tuple[int, ...] = ()  # in order, as they may reach the cloud; repeats of one value count once
    only: frozenset[str] = frozenset()  # operations to interrupt; empty: all
    may_skip: frozenset[int] = frozenset()  # wishes that a later one may have replaced before they left
    loose: bool = False  # the user acts while a write is on its way, so two runs may differ in more than time
    needs: frozenset[str] = frozenset()  # what a vendor must have for it, in words of Vendor.lacks
    vendor: Vendor = HUAWEI  # where it is played; the catalogue sets it

    @property
    def label(self) -> str:
        return f"{self.name}@{self.vendor.name}"


# --- goals ----------------------------------------------------------------------------------------------------------


_SHOWN = {
    "desiredCapacity": "desire_instance_number",
    "currentCapacity": "current_instance_number",
    "inServiceCapacity": "current_instance_number",
    "minSize": "min_instance_number",
    "maxSize": "max_instance_number",
    "vendorState": "scaling_group_status",
}


def _outdated(view: View) -> str:
    """A status that does not show the cloud yet."""
    for (plural, name), item in view.objects.items():
        status = item.get("status") or {}
        group = view.tenant["groups"].get(status.get("externalId")) if plural == "scalinggroups" else None
        for field_, vendor_field in _SHOWN.items():
            if group is not None and status.get(field_) != group[vendor_field]:
                return f"{plural}/{name} shows {field_} {status.get(field_)}, the cloud has {group[vendor_field]}"
        shown = {c["type"]: c["status"] for c in status.get("conditions", ())}.get("ScalingInProgress")
        if group is not None and (shown == "True") != group["is_scaling"]:
            return f"{plural}/{name} shows ScalingInProgress={shown}"
    return ""


def settled(view: View) -> str:
    """Every object is as its spec says and shows the cloud as it is, every cloud group has what it desires."""
    for key, missing in view.unsettled():
        return f"{key[0]}/{key[1]} {missing}"
    outdated = _outdated(view)
    if outdated:
        return outdated
    for group in view.tenant["groups"].values():
        name = plain(group["scaling_group_name"])
        if group["is_scaling"]:
            return f"cloud group {name} is scaling"
        short = group["current_instance_number"] != group["desire_instance_number"]
        if group["scaling_group_status"] == "INSERVICE" and short:
            return f"cloud group {name} has not its desired number"
    return ""


def both(*goals: Goal) -> Goal:
    return lambda view: next((missing for goal in goals if (missing := goal(view))), "")


def desired(number: int, name: str = "web") -> Goal:
    def goal(view: View) -> str:
        seen = view.group(name).get("desire_instance_number")
        return "" if seen == number else f"cloud group {name} desires {seen}, not {number}"

    return goal


def gone(*keys: tuple[str, str]) -> Goal:
    """These objects do not exist any more; the others are settled."""

    def goal(view: View) -> str:
        left = [key for key in keys if key in view.objects]
        return f"{left[0][0]}/{left[0][1]} still exists" if left else settled(view)

    return goal
