"""All scenarios, where each is played, and which of their writes the short form interrupts.

A file `scenarios_*.py` with a tuple SCENARIOS registers itself by its name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path

from tests.faults.points import GENTLE, KILLS, Point, Shot, WriteKey
from tests.faults.stage import Scenario
from tests.faults.vendors import Vendor


def _found() -> Iterator[Scenario]:
    for file in sorted(Path(__file__).parent.glob("scenarios_*.py")):
        yield from import_module(f"tests.faults.{file.stem}").SCENARIOS


SCENARIOS: tuple[Scenario, ...] = tuple(_found())


def named(names: Iterable[str]) -> tuple[Scenario, ...]:
    """The scenarios of these names, all without any; an unknown name is a ValueError."""
    wanted = list(names)
    unknown = set(wanted) - {scenario.name for scenario in SCENARIOS}
    if unknown:
        known = ", ".join(scenario.name for scenario in SCENARIOS)
        raise ValueError(f"no scenario {', '.join(sorted(unknown))}; there are: {known}")
    return tuple(s for s in SCENARIOS if not wanted or s.name in wanted)


def played(scenarios: Iterable[Scenario], vendors: Sequence[Vendor], *, mixed: bool) -> tuple[Scenario, ...]:
    """Each scenario at every vendor that has what it needs; `mixed`: at the one of them that has the fewest yet."""
    found: list[Scenario] = []
    load = Counter[str]()
    for scenario in scenarios:
        able = [vendor for vendor in vendors if not scenario.needs & vendor.lacks]
        if mixed and able:
            able = [min(able, key=lambda vendor: load[vendor.name])]
        load.update(vendor.name for vendor in able)
        found += [replace(scenario, vendor=vendor) for vendor in able]
    return tuple(found)


def left_out(scenarios: Iterable[Scenario], vendors: Sequence[Vendor]) -> tuple[str, ...]:
    """What is not played at a vendor, and why."""
    return tuple(
        f"{replace(scenario, vendor=vendor).label} (no {', '.join(sorted(scenario.needs & vendor.lacks))})"
        for scenario in scenarios
        for vendor in vendors
        if scenario.needs & vendor.lacks
    )


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
