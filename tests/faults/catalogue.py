"""All scenarios, and which of their writes the short form interrupts. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from tests.faults import (
    scenarios_delete,
    scenarios_group,
    scenarios_launch,
    scenarios_operation,
    scenarios_policy,
    scenarios_return,
    scenarios_scale,
)
from tests.faults.points import GENTLE, KILLS, Point, Shot, WriteKey
from tests.faults.stage import Scenario

SCENARIOS: tuple[Scenario, ...] = (
    *scenarios_group.SCENARIOS,
    *scenarios_scale.SCENARIOS,
    *scenarios_launch.SCENARIOS,
    *scenarios_policy.SCENARIOS,
    *scenarios_operation.SCENARIOS,
    *scenarios_delete.SCENARIOS,
    *scenarios_return.SCENARIOS,
)


def named(names: Iterable[str]) -> tuple[Scenario, ...]:
    """The scenarios of these names, all without any; an unknown name is a ValueError."""
    wanted = list(names)
    unknown = set(wanted) - {scenario.name for scenario in SCENARIOS}
    if unknown:
        known = ", ".join(scenario.name for scenario in SCENARIOS)
        raise ValueError(f"no scenario {', '.join(sorted(unknown))}; there are: {known}")
    return tuple(s for s in SCENARIOS if not wanted or s.name in wanted)


def full(targets: Iterable[WriteKey], points: Iterable[Point]) -> list[frozenset[Shot]]:
    """Each kill in a run of its own; the gentle points at all writes in one run each."""
    keys, asked = list(dict.fromkeys(targets)), set(points)
    alone = [frozenset({Shot(key, point)}) for key in keys for point in KILLS if point in asked]
    return alone + [frozenset(Shot(key, point) for key in keys) for point in GENTLE if point in asked and keys]


def dangerous(key: WriteKey, index: int) -> Point | None:
    """The short form, asked at every write as it comes: creates at c and d by turns, capacity and deletes at c."""
    if key.ordinal > 1:
        return None
    if key.text.startswith("Create"):
        return Point.STATUS if index % 2 else Point.REPLY
    deadly = "desire_instance_number" in key.text or key.text.startswith(("Delete", "Batch"))
    return Point.REPLY if deadly or index == 0 else None
