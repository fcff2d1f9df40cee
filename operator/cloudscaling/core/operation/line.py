"""Whose turn it is among the operations of one group. Called by engine.look.

One at a time, by creation: who has begun goes before who has not, and a call that is open before everything. Who cannot
go on holds nobody up. Answers to hooks stand in no line: what they let go is what the others wait for. Their call is
still the only one of the group at its moment; the lock of the group sees to that.
"""

from __future__ import annotations

from collections.abc import Iterable

from cloudscaling.api.v1alpha1.instanceoperation import InstanceOperation
from cloudscaling.core.operation.facts import HOOK_ACTIONS
from cloudscaling.core.verdict import find, is_true

_ENDS = ("Complete", "Failed")
_NEEDED = ("Accepted", "ReferencesResolved")


def comes_first(mine: InstanceOperation, others: Iterable[InstanceOperation]) -> str:
    """Name of the operation that `mine` has to wait for, "" when it is its turn."""
    if mine.spec.action in HOOK_ACTIONS:
        return ""
    before = [one for one in others if _stands_in_line(one) and _place(one) < _place(mine)]
    return min(before, key=_place).metadata.name if before else ""


def _place(one: InstanceOperation) -> tuple[bool, bool, str, str]:
    status, metadata = one.status, one.metadata
    created = metadata.creation_timestamp
    at = created.isoformat() if created is not None else ""
    return (status.current_batch is None, status.start_time is None, at, metadata.uid)


def _stands_in_line(one: InstanceOperation) -> bool:
    conditions, deleting = one.status.conditions, one.metadata.deletion_timestamp is not None
    if one.spec.action in HOOK_ACTIONS or any(is_true(conditions, type_) for type_ in _ENDS):
        return False
    if one.status.current_batch is not None:
        return True
    if one.spec.suspend or (deleting and one.status.start_time is None):
        return False
    said = (find(conditions, type_) for type_ in _NEEDED)
    return not any(condition is not None and condition.status == "False" for condition in said)
