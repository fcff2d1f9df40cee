"""Steps that every kind shares: what is accepted, what is resolved, when to hold back. Called by the planners."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from pydantic import BaseModel

from cloudscaling.api.conditions import Condition
from cloudscaling.api.meta import FORCE_ORPHAN
from cloudscaling.api.v1alpha1.common import ControlledSpec, Operation
from cloudscaling.core.accept import Problem
from cloudscaling.core.calls import (
    Call,
    CloseWarmPool,
    DeleteHook,
    DeleteNotification,
    DisablePolicy,
    EnablePolicy,
    PutHook,
    PutNotification,
    ReleaseFinalizer,
    SeedDesiredCapacity,
    SetTags,
    SetWarmPool,
    UpdateGroup,
    UpdatePolicy,
    UpdateScheduledTask,
    name_of,
)
from cloudscaling.core.facts import Account, Lookup, ObjectFacts, Setback, Timing, Unresolved
from cloudscaling.core.model import Json
from cloudscaling.core.plan import Do, Notice, Plan
from cloudscaling.core.verdict import Verdict, false, is_true, true

UPDATE_LOOP = 3
SLOW_RETRY_S = 1800.0
_CHILDREN = (PutHook, DeleteHook, PutNotification, DeleteNotification, SetWarmPool, CloseWarmPool)
_POLICIES = (UpdatePolicy, UpdateScheduledTask, EnablePolicy, DisablePolicy)
_DIFFERENCES = (UpdateGroup, SetTags, *_POLICIES, *_CHILDREN)
_REMEMBERED = 20  # writes of differences

M = TypeVar("M", bound=BaseModel)


def evolve(model: M, changes: dict[str, Any]) -> M:
    """`model` with other field values; an unknown field name is a bug and raises."""
    unknown_names = changes.keys() - type(model).model_fields.keys()
    if unknown_names:
        raise KeyError(f"{type(model).__name__} has no field {sorted(unknown_names)}")
    return model.model_copy(update=changes)


def spec_json(spec: BaseModel) -> dict[str, Json]:
    """The spec as it stands in YAML, without what is not given."""
    return spec.model_dump(by_alias=True, exclude_none=True, mode="json")


def accepted(problems: Sequence[Problem]) -> Verdict:
    if not problems:
        return true("Accepted", "Valid")
    first = problems[0]
    more = f" (and {len(problems) - 1} more: {', '.join(p.path for p in problems[1:6])})" if len(problems) > 1 else ""
    return false("Accepted", first.reason, first.message + more)


def resolved(*references: object) -> Verdict:
    """ReferencesResolved: the first reference that does not offer what is needed decides."""
    for reference in references:
        if isinstance(reference, Unresolved):
            return false("ReferencesResolved", reference.reason, reference.message)
    return true("ReferencesResolved", "Resolved")


def introduction(conditions: Iterable[Condition], problems: Sequence[Problem], *references: object) -> Plan:
    """What is said about every object with an account: Accepted, ReferencesResolved, the end of a pause."""
    known = tuple(conditions)
    was_accepted = not any(c.type == "Accepted" and c.status == "False" for c in known)
    return Plan(
        verdicts=(accepted(problems), resolved(*references), *resumed(is_true(known, "Paused"))),
        notices=not_accepted_notice(problems, was_accepted),
    )


def hold_back(plan: Plan, facts: ObjectFacts[Any]) -> Plan:
    """`plan` without its call while a failure of the same spec is too recent; its intent is not stored either."""
    now = facts.now
    for setback in facts.setbacks:
        if is_held(plan, setback, generation=facts.generation, now=now):
            wait_s = max(1.0, (setback.until - now).total_seconds())
            plan = replace(plan, step=None, record={}, synced=None, wait_s=wait_s)
            plan = plan.with_(*failed(setback, deleting=any(v.type == "Deleting" for v in plan.verdicts)))
    return plan


def is_held(plan: Plan, setback: Setback | None, *, generation: int, now: datetime) -> bool:
    """A call of this kind, or any call, failed for the same spec too recently."""
    if plan.step is None or isinstance(plan.step.call, (ReleaseFinalizer, SeedDesiredCapacity)):
        return False
    if setback is None or setback.generation != generation or now >= setback.until:
        return False
    return setback.call in ("", name_of(plan.step.call))


def failed(setback: Setback, *, deleting: bool) -> tuple[Verdict, ...]:
    """What a failure says about the object: Synced, while deleting also Deleting, and Throttled."""
    verdicts = [false("Synced", setback.reason, setback.message)]
    if deleting:
        verdicts.append(true("Deleting", setback.blocks, setback.message))
    if setback.throttled:
        verdicts.append(true("Throttled", "RateLimited", setback.message))
    return tuple(verdicts)


@dataclass(frozen=True, slots=True)
class Written:
    """The writes of differences since the object was last as wanted, and how often each was made."""

    calls: tuple[tuple[Call, int], ...] = ()  # the last one last
    generation: int = 0  # of the spec that they were made for
    at: datetime | None = None

    def times(self, call: Call) -> int:
        return next((times for made, times in self.calls if made == call), 0)

    def and_now(self, call: Call, *, generation: int, now: datetime) -> Written:
        """What is remembered once `call` was made; only writes of differences count."""
        if not isinstance(call, _DIFFERENCES):
            return self
        known = self if generation == self.generation else Written()
        others = tuple(made for made in known.calls if made[0] != call)
        return Written((*others, (call, known.times(call) + 1))[-_REMEMBERED:], generation, now)

    def next_try(self) -> datetime | None:
        """Until when a difference that does not go away is left alone."""
        return None if self.at is None else self.at + timedelta(seconds=SLOW_RETRY_S)


def stop_loop(plan: Plan, written: Written, *, generation: int, now: datetime) -> Plan:
    """W6: a difference that was written three times and is still there is not written again for a while."""
    if plan.step is None or written.times(plan.step.call) < UPDATE_LOOP:
        return plan
    due = written.next_try()
    if written.generation != generation or due is None or now >= due:
        return plan
    said = plan.synced.message if plan.synced is not None else "the same difference"
    text = f"{said}: written {UPDATE_LOOP} times and still different"
    notices = (Notice("UpdateLoop", text, warning=True),)
    return replace(
        plan,
        step=None,
        record={},
        synced=false("Synced", "UpdateLoop", text),
        notices=notices,
        wait_s=seconds_until(due, now),
    )


def issued(operation_id: str, now: datetime, previous: Operation | None = None, **details: Any) -> Operation:
    """The intent that is stored before a call which must not happen twice."""
    return Operation(
        id=previous.id if previous else operation_id,
        state="Issued",
        started_at=now,
        attempts=(previous.attempts if previous else 0) + 1,
        **details,
    )


def may_repeat_create(operation: Operation, lookup: Lookup[Any], timing: Timing) -> datetime | None:
    """None when the create may be called again, else when to look for its object.

    Two misses, far enough apart, the last when the call can no longer arrive.
    """
    settled = operation.started_at + timedelta(seconds=timing.request_timeout_s + timing.create_grace_s)
    if lookup.first_miss_at is None:
        return max(settled, lookup.taken_at + timedelta(seconds=timing.absence_confirm_s))
    due = max(settled, lookup.first_miss_at + timedelta(seconds=timing.absence_confirm_s))
    return None if lookup.taken_at >= due else due


def seconds_until(moment: datetime, now: datetime, at_least: float = 1.0) -> float:
    return max(at_least, (moment - now).total_seconds())


def paused(*, spec_paused: bool, account: Account | Unresolved, deleting: bool) -> Plan | None:
    """The plan of a paused object: no call at all, not even a read."""
    if isinstance(account, Unresolved) and account.reason == "AccountPaused":
        verdict = resolved(account)  # Paused is said of what the object or its group asks for itself
    elif spec_paused:
        verdict = true("Paused", "ObjectPaused", "spec.paused is true")
    else:
        return None
    plan = Plan(verdicts=(verdict,))
    if deleting:
        return plan.with_(true("Deleting", "BlockedByPause", "deletion waits until the pause ends"))
    return plan


def resumed(was_paused: bool) -> tuple[Verdict, ...]:
    """Paused=False once it has been True; the condition appears only after the first pause."""
    return (false("Paused", "NotPaused"),) if was_paused else ()


_NOT_ACCEPTED = {
    "Unsupported": "UnsupportedField",
    "NotImplemented": "UnsupportedField",
    "CapacityOwnershipConflict": "CapacityOwnershipConflict",
}


def not_accepted_notice(problems: Sequence[Problem], was_accepted: bool) -> tuple[Notice, ...]:
    """A Warning when Accepted turns False."""
    if not problems or not was_accepted:
        return ()
    first = problems[0]
    return (Notice(_NOT_ACCEPTED.get(first.reason, "InvalidSpec"), first.message, warning=True),)


def effective_policy(spec: ControlledSpec) -> str:
    """Delete or Orphan; what was adopted by its id is kept unless the spec says otherwise."""
    return spec.deletion_policy or ("Orphan" if spec.external_id is not None else "Delete")


def blocked(reason: str, message: str, wait_s: float | None = None) -> Plan:
    """A deletion that does not move, and why."""
    notice = Notice("DeletionBlocked", f"{reason}: {message}", warning=True)
    return Plan(wait_s=wait_s, verdicts=(true("Deleting", reason, message),), notices=(notice,))


def unreachable(account: Unresolved) -> str:
    """What is said of a deletion that cannot ask the cloud, with the way out."""
    return f"{account.message}; the annotation {FORCE_ORPHAN} with the uid of this object gives the cloud object up"


def release(*notices: Notice) -> Plan:
    """Nothing is left to be done for an object that is being deleted."""
    return Plan(step=Do(ReleaseFinalizer(), notices=notices))
