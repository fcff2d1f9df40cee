"""When minSize and maxSize are written. Called by update.

Whenever they differ, with two exceptions: while a schedule moves them they are written once per change of the spec,
and after a lost status they never take instances away by themselves.
"""

from __future__ import annotations

from typing import Any

from cloudscaling.api.v1alpha1.scalinggroup_status import Bounds
from cloudscaling.core.group.facts import Case
from cloudscaling.core.model import Group

PATHS = frozenset({"minSize", "maxSize"})


def scheduled(case: Case) -> bool:
    """A schedule moves the bounds of this group, of ours or seen in the cloud, now or when it was last read."""
    if case.facts.bounds_scheduled or case.facts.children.schedules is not None:
        return case.facts.bounds_scheduled or bool(case.facts.children.schedules)
    others = case.facts.resource.status.unmanaged
    return others is not None and bool(others.schedules)


def left_to_schedule(case: Case, group: Group) -> bool:
    """The cloud has other bounds than the spec, and that is the schedule's doing or cannot be told yet."""
    if (group.min_size, group.max_size) == wanted(case):
        return False
    if not scheduled(case):
        return case.facts.children.missed and case.facts.children.schedules is None
    return _applied_before(case, group) == wanted(case)


def held_after_loss(case: Case, group: Group) -> bool:
    """Lost state never scales in: bounds below an unexplained desired capacity wait for a wish of the user."""
    spec, known = case.facts.resource.spec, case.facts.resource.status.last_applied_bounds
    changed = known is not None and (known.min_size, known.max_size) != wanted(case)
    return _unexplained(case) and not changed and group.desired > spec.max_size


def record(case: Case, group: Group) -> dict[str, Any]:
    """What the status is to remember of the bounds, besides a write of them."""
    known = case.facts.resource.status.last_applied_bounds
    if not scheduled(case):
        return {} if known is None or _unexplained(case) else {"last_applied_bounds": None}
    in_force = (group.min_size, group.max_size) == wanted(case)
    now = wanted(case) if in_force else _applied_before(case, group)
    return {} if known is not None and (known.min_size, known.max_size) == now else _as_record(now)


def applied(case: Case) -> dict[str, Any]:
    """The bounds of the spec count as written."""
    return _as_record(wanted(case))


def _as_record(sizes: tuple[int, int]) -> dict[str, Any]:
    return {"last_applied_bounds": Bounds(min_size=sizes[0], max_size=sizes[1])}


def _applied_before(case: Case, group: Group) -> tuple[int, int]:
    """The bounds that were written last; without a record those of the spec, unless it has just been changed."""
    status, metadata = case.facts.resource.status, case.facts.resource.metadata
    if status.last_applied_bounds is not None:
        return status.last_applied_bounds.min_size, status.last_applied_bounds.max_size
    seen = (group.min_size, group.max_size)
    unmoved = (status.min_size, status.max_size) == seen and status.observed_generation != metadata.generation
    return seen if unmoved else wanted(case)


def in_force(case: Case, group: Group) -> tuple[int, int]:
    """What a wish is clamped into: the bounds of the spec, unless the cloud's stand."""
    refused = any(problem.path in PATHS for problem in case.problems)
    stand = refused or left_to_schedule(case, group)
    return (group.min_size, group.max_size) if stand else wanted(case)


def wanted(case: Case) -> tuple[int, int]:
    spec = case.facts.resource.spec
    return spec.min_size, spec.max_size


def _unexplained(case: Case) -> bool:
    status = case.facts.resource.status
    return status.last_applied_desired_capacity is None or bool(status.capacity_held)
