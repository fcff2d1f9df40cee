"""How far the deletion of a group is: its phase, its deadline, what is remembered. Used by deletion and teardown.

Only the sizes before the first write, the start and the instance ids that a forced deletion may leave are remembered.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from cloudscaling.api.v1alpha1.scalinggroup_status import Deletion
from cloudscaling.core.group.facts import GroupFacts
from cloudscaling.core.plan import Do, Notice, Plan
from cloudscaling.core.verdict import true

_NAMED = 5  # so many instance ids are spelled out in a message


def of(facts: GroupFacts) -> Deletion:
    """What status.deletion says, or will say first."""
    return facts.resource.status.deletion or Deletion(phase="DeletingPolicies")


def before(facts: GroupFacts) -> str:
    """The phase at the last look."""
    return of(facts).phase


def enter(facts: GroupFacts, phase: str, message: str, step: Do | None = None, wait_s: float | None = None) -> Plan:
    """A step of `phase`, or a wait in it; the first one of a phase tells of it."""
    deletion = facts.resource.status.deletion
    record: dict[str, Any] = {}
    notices: tuple[Notice, ...] = ()
    if deletion is None or deletion.phase != phase:
        record["deletion"] = of(facts).model_copy(update={"phase": phase})
        notices = (Notice("DeletionPhase", f"{phase}: {message}"),)
    wait = 0.0 if step is not None else wait_s
    return Plan(step=step, record=record, wait_s=wait, verdicts=(true("Deleting", phase, message),), notices=notices)


def deadline(facts: GroupFacts, deletion: Deletion) -> datetime | None:
    """From when on the deletion is forced; None: never."""
    seconds = facts.resource.spec.force_delete_after_seconds
    if seconds < 0 or deletion.started_at is None:
        return None
    return deletion.started_at + timedelta(seconds=seconds)


def is_due(facts: GroupFacts) -> bool:
    due = deadline(facts, of(facts))
    return due is not None and facts.now >= due


def frozen(facts: GroupFacts) -> dict[str, Any]:
    """What makes the deadline stand still while the deletion waits for a pause or for credentials."""
    deletion = facts.resource.status.deletion
    if deletion is None or deletion.started_at is None or deletion.blocked_since is not None:
        return {}
    return {"deletion": deletion.model_copy(update={"blocked_since": facts.now})}


def named(ids: Iterable[str]) -> str:
    """The first few, and how many more."""
    names = list(ids)
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
