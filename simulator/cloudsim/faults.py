"""Faults asked for over the admin API. Consumed by serve (answers) and by the vendors' state machines (events)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from cloudsim import bodies


class Kind(StrEnum):
    """What goes wrong."""

    ERROR = "error"
    DELAY = "delay"
    DROP_BEFORE_COMMIT = "drop-before-commit"
    DROP_AFTER_COMMIT = "drop-after-commit"
    TRUNCATED_PAGE = "truncated-page"
    EMPTY_PAGE = "empty-page"
    STALE_READ = "stale-read"
    THROTTLE = "throttle"
    INSTANCE_FAIL = "instance-fail"
    INSTANCE_UNHEALTHY = "instance-unhealthy"
    ACTIVITY_SLOW = "activity-slow"


# Faults of the answer to one call; the others act inside the simulated cloud.
ANSWER_KINDS = frozenset(Kind) - {Kind.INSTANCE_FAIL, Kind.INSTANCE_UNHEALTHY, Kind.ACTIVITY_SLOW}


@dataclass(slots=True)
class Fault:
    """One armed fault; `left` counts down at each use, None never ends."""

    id: str
    vendor: str
    operation: str
    kind: Kind
    left: int | None = 1
    skip: int = 0
    path_contains: str = ""
    status: int = 500
    code: str = ""
    message: str = ""
    seconds: float = 0.0
    retry_after: int | None = None
    total: int | None = None
    target: str = ""
    hits: int = 0
    snapshot: Any = field(default=None, repr=False)

    def matches(self, vendor: str, operation: str, path: str) -> bool:
        """Tell whether a call is one that this fault waits for."""
        return (
            self.vendor in ("*", vendor)
            and (self.operation == "*" or operation in self.operation.split(","))
            and self.path_contains in path
        )


LONGEST_S = 86_400.0  # a fault that lasts a day outlives every test
_FIELDS: bodies.Table = {
    "kind": bodies.one_of([kind.value for kind in Kind], "a kind of fault"),
    "vendor": bodies.text,
    "operation": bodies.text,
    "times": bodies.whole(0),
    "skip": bodies.whole(0),
    "path_contains": bodies.text,
    "status": bodies.whole(400, 599),
    "code": bodies.text,
    "message": bodies.text,
    "seconds": bodies.number(0, LONGEST_S),
    "retry_after": bodies.optional(bodies.whole(0)),
    "total": bodies.optional(bodies.whole(0)),
    "target": bodies.text,
}


def parse(document: Mapping[str, Any], operations: Mapping[str, Collection[str]]) -> Fault:
    """Read a fault of the administrator's; `operations` are those of each vendor. What is wrong is a ValueError."""
    bodies.check(document, _FIELDS)
    if "kind" not in document:
        raise ValueError(f"kind: is missing; one of {', '.join(kind.value for kind in Kind)}")
    rest = {name: value for name, value in document.items() if name not in ("kind", "times", "vendor", "operation")}
    kind, vendor = Kind(document["kind"]), document.get("vendor", "*")
    if vendor != "*":
        bodies.one_of(operations, "* or a vendor")("vendor", vendor)
    # Faults inside the cloud wait for a group rather than for an operation.
    operation = document.get("operation", "*" if kind in ANSWER_KINDS else document.get("target") or "*")
    if kind in ANSWER_KINDS and operation != "*":
        known = operations[vendor] if vendor != "*" else {name for names in operations.values() for name in names}
        for name in operation.split(","):
            if name not in known:
                raise ValueError(f"operation: {name!r} is none of {vendor}, so nothing would ever meet the fault")
    return Fault("", vendor, operation, kind, document.get("times", 1) or None, **rest)


@dataclass(slots=True)
class FaultBook:
    """All armed faults in the order in which they were given."""

    armed: list[Fault] = field(default_factory=list)
    number: int = 0

    def add(self, fault: Fault) -> Fault:
        """Arm a fault and number it."""
        self.number += 1
        fault.id = f"f{self.number}"
        self.armed.append(fault)
        return fault

    def take(self, vendor: str, operation: str, kinds: frozenset[Kind], path: str = "") -> Fault | None:
        """Use up one hit of the first fault that matches, or return None."""
        for fault in self.armed:
            if fault.kind not in kinds or not fault.matches(vendor, operation, path):
                continue
            if fault.skip > 0:
                fault.skip -= 1
                continue
            fault.hits += 1
            if fault.left is not None:
                fault.left -= 1
                if fault.left <= 0:
                    self.armed.remove(fault)
            return fault
        return None

    def clear(self, fault_id: str = "") -> int:
        """Disarm one fault, or all; return how many went."""
        before = len(self.armed)
        self.armed = [f for f in self.armed if fault_id and f.id != fault_id]
        return before - len(self.armed)
