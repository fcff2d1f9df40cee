"""Verdicts and how they become conditions. Called by the planners and by core.status."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from cloudscaling.api.conditions import Condition

MESSAGE_LIMIT = 512
# Types that exist only while True (kstatus).
_WHILE_TRUE = frozenset({"Reconciling", "Stalled"})


@dataclass(frozen=True, slots=True)
class Verdict:
    """One statement about an object, without time."""

    type: str
    status: str  # "True", "False", "Unknown"
    reason: str
    message: str = ""


def true(type_: str, reason: str, message: str = "") -> Verdict:
    return Verdict(type_, "True", reason, message)


def false(type_: str, reason: str, message: str = "") -> Verdict:
    return Verdict(type_, "False", reason, message)


def unknown(type_: str, reason: str, message: str = "") -> Verdict:
    return Verdict(type_, "Unknown", reason, message)


def settle(
    old: Sequence[Condition], verdicts: Iterable[Verdict], *, generation: int, now: datetime
) -> tuple[Condition, ...]:
    """Conditions after `verdicts`: the last verdict of a type wins, types without one keep their condition.

    lastTransitionTime moves only with the status; Reconciling and Stalled vanish when they are not True.
    """
    known = {condition.type: condition for condition in old}
    stated = {verdict.type: verdict for verdict in verdicts}
    for verdict in stated.values():
        before = known.get(verdict.type)
        moved = before is None or before.status != verdict.status
        known[verdict.type] = Condition(
            type=verdict.type,
            status=verdict.status,
            reason=verdict.reason,
            message=verdict.message[:MESSAGE_LIMIT],
            last_transition_time=now if moved or before is None else before.last_transition_time,
            observed_generation=generation,
        )
    return tuple(
        condition for condition in known.values() if condition.type not in _WHILE_TRUE or condition.status == "True"
    )


def find(conditions: Iterable[Condition], type_: str) -> Condition | None:
    return next((condition for condition in conditions if condition.type == type_), None)


def is_true(conditions: Iterable[Condition], type_: str) -> bool:
    found = find(conditions, type_)
    return found is not None and found.status == "True"


def flag(type_: str, cause: Condition | None) -> Verdict:
    """Reconciling or Stalled for a cause; without one it is not there."""
    return false(type_, "NotApplicable") if cause is None else true(type_, cause.reason, cause.message)
