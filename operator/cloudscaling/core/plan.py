"""A plan as data: at most one call to a cloud, what is stored before it, what is stored after it, what is said.

Made by the planners, carried out by engine.reconcile: `record` is written to the status first, then `step` runs,
then `step.after` (or `step.refused`) is written. A second look after success plans nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from cloudscaling.core.calls import Call
from cloudscaling.core.diff import Difference
from cloudscaling.core.verdict import Verdict

Record = Mapping[str, Any]  # names of status fields (as in the model) -> new value; None takes one out


class Result:
    """Stands in `Do.after` for the id that the call returns."""

    def __repr__(self) -> str:
        return "RESULT"


RESULT = Result()


@dataclass(frozen=True, slots=True)
class Notice:
    """An Event to be posted; `warning` decides its type."""

    reason: str
    message: str
    warning: bool = False


@dataclass(frozen=True, slots=True)
class Do:
    """One call and what its end means for the status.

    `after` is stored when it succeeded, `refused` when it certainly did nothing; when the outcome is unknown
    neither is, and the stored intent decides at the next look.
    """

    call: Call
    after: Record = field(default_factory=dict)
    refused: Record = field(default_factory=dict)
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do about one object now."""

    synced: Verdict | None = None  # None: keep the last one (no trusted read, or a kind without it)
    step: Do | None = None
    record: Record = field(default_factory=dict)
    wait_s: float | None = None  # look again after so many seconds; None: at the next change or sweep
    verdicts: tuple[Verdict, ...] = ()
    notices: tuple[Notice, ...] = ()
    drift: tuple[Difference, ...] | None = None  # None: keep

    def followed_by(self, decided: Plan) -> Plan:
        """`decided` with the verdicts of this plan before its own, and the notices of this one after them."""
        verdicts, notices = (*self.verdicts, *decided.verdicts), (*decided.notices, *self.notices)
        return replace(decided, verdicts=verdicts, notices=notices)

    def with_(self, *verdicts: Verdict) -> Plan:
        """The same plan with more verdicts; a later one of a type wins."""
        return replace(self, verdicts=(*self.verdicts, *verdicts))


def seconds_until(moment: datetime, now: datetime, at_least: float = 1.0) -> float:
    """`wait_s` of a plan that waits for a moment."""
    return max(at_least, (moment - now).total_seconds())
