"""The end of an operation: desired capacity, entry in the group, result, time to live. Called by the planner.

The entry in the group's recentOperations comes before the result is reported: an operation whose object is lost and
made again must find it there.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from cloudscaling.api.v1alpha1.instanceoperation_status import CurrentBatch, FailureReason, InstanceOperationStatus
from cloudscaling.core.calls import DeleteObject, RecordOperation, SetDesiredCapacity
from cloudscaling.core.deletion import release
from cloudscaling.core.facts import Unresolved
from cloudscaling.core.group.capacity import clamp
from cloudscaling.core.model import Group
from cloudscaling.core.operation.case import Case, Waits, held, passes, progressing
from cloudscaling.core.operation.facts import OperationFacts
from cloudscaling.core.operation.progress import EXHAUSTED, TOO_LARGE, Progress, next_index
from cloudscaling.core.operation.sizes import STEPS
from cloudscaling.core.plan import Do, Notice, Plan, seconds_until
from cloudscaling.core.verdict import Verdict, false, true

RESTORED, RESTORE_REFUSED = "DesiredCapacitySet", "DesiredCapacityRefused"
_RESTORE_GRACE = timedelta(minutes=10)  # how long past the deadline an idle group is waited for


def plan(case: Case) -> Plan:
    """All instances have a result, or no further chunk is to start."""
    fix = correct_desired(case)
    return finish(case.facts, outcome(case.facts)) if fix is None else fix


def outcome(facts: OperationFacts) -> Verdict:
    """The result that the counters stand for."""
    status = facts.resource.status
    total, failed = status.total or 0, status.failed or 0
    text = f"{status.succeeded or 0} of {total} done, {status.skipped or 0} skipped, {failed} failed"
    marks = {b.status for b in status.batches}
    if RESTORE_REFUSED in marks and RESTORED not in marks:  # the cloud may undo what was done
        return true("Failed", "Rejected", f"{text}; the desired capacity could not be set")
    if facts.left and facts.overdue:
        return true("Failed", "DeadlineExceeded", f"{text}, {facts.left} not started")
    if failed and _exhausted(status):
        return true("Failed", "BackoffLimitExceeded", text)
    if failed:
        return true("Failed", "AllInstancesFailed" if failed == total else "SomeInstancesFailed", text)
    return true("Complete", "Succeeded" if status.succeeded else "NothingToDo", text)


def _exhausted(status: InstanceOperationStatus) -> bool:
    """Nothing but a lack of tries ended it; of chunks older than the newest 20 the first failures and counters tell."""
    ends = {b.status for b in status.batches} - {TOO_LARGE, RESTORED, RESTORE_REFUSED}
    others = {failure.reason for failure in status.failures} - {FailureReason.NOT_VERIFIED}
    return ends == {EXHAUSTED} and not status.succeeded and not others


def finish(facts: OperationFacts, result: Verdict, record: dict[str, Any] | None = None) -> Plan:
    """The entry in the group first, then the result."""
    entry = enter(facts)
    if entry is not None:
        return entry  # `record` is found again at the next look
    failed = result.type == "Failed"
    notice = Notice("Failed" if failed else "Completed", f"{result.reason}: {result.message}", warning=failed)
    return Plan(
        record={**(record or {}), "current_batch": None, "completion_time": facts.now},
        wait_s=0.0,
        verdicts=(result, false("Progressing", "Finished")),
        notices=(notice,),
    )


def enter(facts: OperationFacts) -> Plan | None:
    """The entry that an operation owes its group once it has begun; a group that goes away keeps none."""
    gone = isinstance(facts.group, Unresolved) and facts.group.reason == "ScalingGroupNotFound"
    if not facts.started or facts.recorded or gone:
        return None
    name = facts.resource.spec.scaling_group_ref.name
    call = RecordOperation(name, facts.resource.metadata.name, facts.spec_hash, facts.now)
    text = "writing the operation down in its group"
    return Plan(step=Do(call), wait_s=0.0, verdicts=(progressing("Verifying", text),))


def leave(facts: OperationFacts, case: Case | None) -> Plan:
    """The object is being deleted and no call is open; without a case the cloud is left alone."""
    fix = correct_desired(case) if case is not None and facts.frozen else None
    return fix or enter(facts) or release()


def after_the_end(facts: OperationFacts) -> Plan:
    """A finished object does nothing but go, and nothing holds it."""
    ttl, ended = facts.resource.spec.ttl_seconds_after_finished, facts.resource.status.completion_time
    due = None if ttl is None or ended is None else ended + timedelta(seconds=ttl)
    wait_s = None if due is None else seconds_until(due, facts.now)
    if facts.finalizer_stored:
        return replace(release(), wait_s=wait_s)
    if due is not None and facts.now >= due:
        return Plan(step=Do(DeleteObject()))
    return Plan(wait_s=wait_s)


# --- the desired capacity afterwards ------------------------------------------------------------------------------


def correct_desired(case: Case) -> Plan | None:
    """Set it once, where the vendor did not move it as asked; None when nothing is to be done."""
    facts, status = case.facts, case.facts.resource.status
    group, base, step = case.group, status.desired_at_start, STEPS.get(facts.action)
    marks = [b.status for b in status.batches]
    if group is None or base is None or step is None or not facts.started or not status.succeeded or RESTORED in marks:
        return None
    keeps = facts.resource.spec.decrement_desired_capacity is False
    target = clamp(base if keeps else base + step * status.succeeded, group.min_size, group.max_size)
    unmoved = _lowered_by_us(facts, group, base) if keeps else group.desired == base
    moved = group.desired != target and unmoved and not _asked_since(case)
    refusals = marks.count(RESTORE_REFUSED)
    if not moved or (refusals and not _may_retry(facts, refusals)):
        return _noted(case) if status.current_batch is not None else None
    if group.busy:
        if _too_late(facts):
            return None
        return Waits("RestoringDesiredCapacity", "waiting until the running activity ends").plan(case.pace_s)
    return held(case) or _set(case, group, target)


def _lowered_by_us(facts: OperationFacts, group: Group, base: int) -> bool:
    """What lies above, or lower than our removals explain, is the wish of somebody else since the start."""
    return base - (facts.resource.status.total or 0) <= group.desired < base


def _asked_since(case: Case) -> bool:
    """A desired capacity was asked for after the start, applied by now or not: the younger wish."""
    before, target = case.facts.resource.status.last_applied_at_start, case.target
    now = target.applied if target.wanted is None else target.wanted
    return before is not None and now is not None and before != now


def _may_retry(facts: OperationFacts, refusals: int) -> bool:
    return refusals <= facts.resource.spec.backoff_limit and (facts.setback is None or passes(facts.setback))


def _too_late(facts: OperationFacts) -> bool:
    return facts.deadline is not None and facts.now >= facts.deadline + _RESTORE_GRACE


def _set(case: Case, group: Group, target: int) -> Plan:
    facts, progress = case.facts, Progress.of(case.facts.resource.status)
    known = facts.resource.status.current_batch
    attempts = known.attempts if known is not None else 0
    if known is not None and attempts > facts.resource.spec.backoff_limit:
        given_up = _marked(progress, known, RESTORE_REFUSED, facts.now)
        return Waits("RestoringDesiredCapacity", "the desired capacity cannot be set", given_up).plan(0.0)
    batch = CurrentBatch(
        index=next_index(progress.batches), state="Issued", started_at=facts.now, attempts=attempts + 1
    )
    notice = Notice("Updated", f"desired capacity {group.desired} -> {target}")
    return Plan(
        step=Do(
            SetDesiredCapacity(group.id, target, facts.resource.metadata.uid),
            after=_marked(progress, batch, RESTORED, facts.now),
            refused=_marked(progress, batch, RESTORE_REFUSED, facts.now),
            notices=(notice,),
        ),
        record={"current_batch": batch},
        wait_s=1.0,
        verdicts=(progressing("RestoringDesiredCapacity", notice.message),),
    )


def _marked(progress: Progress, batch: CurrentBatch, word: str, now: datetime) -> dict[str, Any]:
    return {"batches": progress.ended(batch, word, now).batches, "current_batch": None}


def _noted(case: Case) -> Plan | None:
    """The answer was lost, and the cloud shows that it is done."""
    batch = case.facts.resource.status.current_batch
    if batch is None or batch.instance_ids:
        return None
    record = _marked(Progress.of(case.facts.resource.status), batch, RESTORED, case.facts.now)
    return Waits("RestoringDesiredCapacity", "the desired capacity is as wanted", record).plan(0.0)
