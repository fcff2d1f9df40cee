"""status.managed: which children of a cloud group are ours to remove. Used by the modules beside it.

A name is entered before the call that makes the child, and taken out when a trusted read shows that it is gone.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cloudscaling.api.v1alpha1.scalinggroup_status import Managed, ScalingGroupStatus

WARM_POOL = "warm_pool"  # the only child that needs no name


def names(status: ScalingGroupStatus, kind: str) -> frozenset[str]:
    """Names of our children of one kind, a field of status.managed."""
    found = getattr(status.managed, kind, None) or ()
    return frozenset({WARM_POOL}) if found is True else frozenset(found)


def record(status: ScalingGroupStatus, kind: str, add: Iterable[str]) -> dict[str, Any]:
    """The status field with more names of one kind; empty when it has them."""
    return changes(status, {kind: (frozenset(add), frozenset())})


def changes(status: ScalingGroupStatus, moves: dict[str, tuple[frozenset[str], frozenset[str]]]) -> dict[str, Any]:
    """As `record` for several kinds: kind -> (names to add, names to take out)."""
    moved: dict[str, Any] = {}
    for kind, (add, remove) in moves.items():
        known = names(status, kind)
        wanted = (known | add) - remove
        if wanted != known:
            moved[kind] = (True if wanted else None) if kind == WARM_POOL else tuple(sorted(wanted))
    if not moved:
        return {}
    managed = status.managed
    return {"managed": managed.model_copy(update=moved) if managed is not None else Managed.model_validate(moved)}
