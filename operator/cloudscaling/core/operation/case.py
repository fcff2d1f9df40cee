"""What the stages of an InstanceOperation share: the resolved facts, sentences about progress, when to hold back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from cloudscaling import errors
from cloudscaling.core.facts import Account, Observed, Setback
from cloudscaling.core.model import Group
from cloudscaling.core.operation.facts import OperationFacts, OperationTarget
from cloudscaling.core.plan import Notice, Plan, seconds_until
from cloudscaling.core.verdict import Verdict, true

# Failures that may pass and count against backoffLimit.
PASSING = (
    errors.Busy,
    errors.InUse,
    errors.Transient,
    errors.OutcomeUnknown,
    errors.DependencyNotReady,
    errors.NotFound,
)
# Failures of the account, not of the chunk: waited for until the deadline.
ELSEWHERE = (errors.Throttled, errors.AuthenticationFailed, errors.AccountSuspended)


@dataclass(frozen=True, slots=True)
class Case:
    """The facts once account and group are resolved."""

    facts: OperationFacts
    account: Account
    target: OperationTarget

    @property
    def group(self) -> Group | None:
        return self.facts.seen.value if isinstance(self.facts.seen, Observed) else None

    @property
    def pace_s(self) -> float:
        return self.account.timing.active_s

    @property
    def must_stop(self) -> bool:
        """No further call is made for the chunk in work."""
        return self.facts.resource.spec.suspend or self.facts.deleting


@dataclass(frozen=True, slots=True)
class Waits:
    """Why nothing is called now; turned into a plan by the caller."""

    reason: str
    message: str
    record: Mapping[str, Any] = field(default_factory=dict)
    notices: tuple[Notice, ...] = ()

    def plan(self, wait_s: float) -> Plan:
        return Plan(
            record=self.record, wait_s=wait_s, verdicts=(progressing(self.reason, self.message),), notices=self.notices
        )


def progressing(reason: str, message: str = "") -> Verdict:
    return true("Progressing", reason, message)


def is_a(setback: Setback | None, kinds: tuple[type[errors.CloudError], ...]) -> bool:
    """The failure is of one of these kinds; without a kind it is taken for a refusal."""
    return setback is not None and setback.error is not None and issubclass(setback.error, kinds)


def passes(setback: Setback | None) -> bool:
    """Trying the same again may help."""
    return is_a(setback, PASSING) or is_a(setback, ELSEWHERE)


def held(case: Case) -> Plan | None:
    """No call while a failure that may pass is too recent."""
    setback = case.facts.setback
    if setback is None or not passes(setback) or case.facts.now >= setback.until:
        return None
    if setback.generation != case.facts.generation:
        return None
    reason = "WaitingForActivity" if is_a(setback, (errors.Busy, errors.InUse)) else "RunningBatch"
    return Waits(reason, setback.message).plan(seconds_until(setback.until, case.facts.now))


def settled(case: Case) -> bool:
    """The last call can no longer be under way, and what it started must be visible by now."""
    batch = case.facts.resource.status.current_batch
    if batch is None or batch.started_at is None:
        return True
    return case.facts.now >= batch.started_at + timedelta(seconds=case.account.timing.request_timeout_s)


def time_is_up(facts: OperationFacts) -> Verdict | None:
    """The end of an operation that has run, or waited, for too long."""
    if facts.expired:
        return true("Failed", "Expired", "it had not started by notAfter")
    if facts.overdue:
        done = f"; {facts.left} of {facts.resource.status.total} are left" if facts.frozen else ""
        return true("Failed", "DeadlineExceeded", f"activeDeadlineSeconds passed{done}")
    return None


def until_over(facts: OperationFacts) -> float | None:
    """When to look for that end."""
    ends = [end for end in (facts.deadline, facts.resource.spec.not_after) if end is not None and end >= facts.now]
    return max(1.0, (min(ends) - facts.now).total_seconds() + 1.0) if ends else None
