"""What became of a chunk: verified, tried again, failed. Called by the planner.

The list of instances decides, after an answer, a lost answer and a crash alike, so nothing is done twice. What a
refusal in memory adds is only whether trying again may help, and the vendor's words.
"""

from __future__ import annotations

from cloudscaling import errors
from cloudscaling.api.v1alpha1.instanceoperation_parts import Action
from cloudscaling.api.v1alpha1.instanceoperation_status import CurrentBatch
from cloudscaling.core.facts import Setback
from cloudscaling.core.model import Group
from cloudscaling.core.operation.batch import count, issue
from cloudscaling.core.operation.case import ELSEWHERE, Case, Waits, held, is_a, passes, settled
from cloudscaling.core.operation.progress import EXHAUSTED, TOO_LARGE, Progress
from cloudscaling.core.operation.rules import GROWS, SHRINKS, Judged, Standing, bench, needs_idle
from cloudscaling.core.plan import Notice, Plan


def verify(case: Case, group: Group, batch: CurrentBatch) -> Plan:
    """Look for the effect of the chunk in work; what it did not reach is tried again, or fails."""
    facts = case.facts
    refusal = facts.setback if batch.state == "Verifying" else None
    if is_a(refusal, (errors.BatchTooLarge,)) and len(batch.instance_ids) > 1:
        return _take_back(case, batch)
    if group.busy and needs_idle(facts.action) and not facts.overdue:
        return Waits("Verifying", f"chunk {batch.index}: an activity runs").plan(case.pace_s)
    judge = bench(facts)
    if judge is None:
        return Waits("Verifying", "waiting for a fresh list of instances").plan(1.0)
    judged = {i: judge.judge(i) for i in batch.instance_ids}
    done = [i for i, found in judged.items() if found.standing is Standing.DONE]
    progress = Progress.of(facts.resource.status).succeed(done)
    missed = {i: found for i, found in judged.items() if found.standing is not Standing.DONE}
    if not missed:
        return _close(case, batch, progress, "Succeeded" if done else "Failed")
    return _missed(case, group, batch, progress, missed, refusal)


def _missed(
    case: Case,
    group: Group,
    batch: CurrentBatch,
    progress: Progress,
    missed: dict[str, Judged],
    refusal: Setback | None,
) -> Plan:
    facts = case.facts
    if facts.overdue:
        return _give_up(case, batch, progress, missed, "the deadline passed before it was seen")
    moving = any(found.standing is Standing.MOVING for found in missed.values())
    if moving or not (passes(refusal) or settled(case)):
        return Waits("Verifying", f"chunk {batch.index}: {count(tuple(missed))} on the way").plan(case.pace_s)
    if refusal is not None:
        told = {i: reason for i in missed if (reason := _told(refusal, batch, i))}
        for instance_id, reason in told.items():
            progress = progress.fail(instance_id, reason, refusal.message, refusal.code)
        missed = {i: found for i, found in missed.items() if i not in told}
        if missed and not passes(refusal):
            return _refused(case, batch, progress, missed, refusal)
    return _again(case, group, batch, progress, missed, refusal)


def _again(
    case: Case,
    group: Group,
    batch: CurrentBatch,
    progress: Progress,
    missed: dict[str, Judged],
    refusal: Setback | None,
) -> Plan:
    """What may still be called for is called for once more, as often as the spec allows."""
    facts = case.facts
    for instance_id, found in missed.items():
        if found.standing is Standing.BARRED:
            progress = progress.fail(instance_id, found.reason, found.message)
    ready = {i: found for i, found in missed.items() if found.standing is Standing.READY}
    if not ready or case.must_stop:
        return _close(case, batch, progress, _word(progress, batch))
    if facts.action is Action.EXTEND_LIFECYCLE_ACTION and batch.state == "Issued":
        return _give_up(case, batch, progress, ready, "the answer was lost, and a second call would extend twice")
    attempts = batch.attempts - 1 if is_a(refusal, ELSEWHERE) else batch.attempts
    if attempts > facts.resource.spec.backoff_limit:
        text = "it did not reach the wanted state" if refusal is None else refusal.message
        return _give_up(case, batch, progress, ready, text, code=refusal.code if refusal else "", word=EXHAUSTED)
    return held(case) or issue(case, group, progress, tuple(ready), index=batch.index, attempts=attempts)


def _told(refusal: Setback, batch: CurrentBatch, instance_id: str) -> str:
    """The vendor's reason for this very instance, in our words."""
    alone = refusal.failures.get("", "") if len(batch.instance_ids) == 1 else ""
    return refusal.failures.get(instance_id, alone)


def _take_back(case: Case, batch: CurrentBatch) -> Plan:
    """The refused call did nothing: its instances go into smaller chunks."""
    size = len(batch.instance_ids)
    progress = Progress.of(case.facts.resource.status).ended(batch, TOO_LARGE, case.facts.now)
    notice = Notice("BatchSizeReduced", f"the vendor refused a chunk of {size}; using smaller ones", warning=True)
    record = {**progress.record(), "current_batch": None}
    return Waits("RunningBatch", notice.message, record, (notice,)).plan(0.0)


def _refused(case: Case, batch: CurrentBatch, progress: Progress, missed: dict[str, Judged], refusal: Setback) -> Plan:
    """What the list does not show as done was refused; the vendor's words say why."""
    reason = "Rejected"
    if is_a(refusal, (errors.Bounds,)) and case.facts.action in GROWS | SHRINKS:
        reason = "WouldExceedMaxSize" if case.facts.action in GROWS else "WouldFallBelowMinSize"
    for instance_id, found in missed.items():
        if found.standing is Standing.BARRED:
            progress = progress.fail(instance_id, found.reason, found.message)
        else:
            progress = progress.fail(instance_id, reason, refusal.message, refusal.code)
    return _close(case, batch, progress, _word(progress, batch))


def _give_up(
    case: Case,
    batch: CurrentBatch,
    progress: Progress,
    missed: dict[str, Judged],
    text: str,
    *,
    code: str = "",
    word: str = "",
) -> Plan:
    for instance_id in missed:
        progress = progress.fail(instance_id, "NotVerified", text, code)
    return _close(case, batch, progress, word or _word(progress, batch))


def _word(progress: Progress, batch: CurrentBatch) -> str:
    """How a chunk ended that did not succeed as a whole."""
    failed = {failure.instance_id for failure in progress.failures}
    return "Failed" if failed.issuperset(batch.instance_ids) else "PartiallyFailed"


def _close(case: Case, batch: CurrentBatch, progress: Progress, word: str) -> Plan:
    progress = progress.ended(batch, word, case.facts.now)
    text = f"chunk {batch.index}: {count(batch.instance_ids)}, {len(progress.pending)} left"
    good = word == "Succeeded"
    notice = Notice("BatchSucceeded" if good else "BatchFailed", text, warning=not good)
    record = {**progress.record(), "current_batch": None}
    return Waits("Verifying", text, record, (*progress.notices, notice)).plan(0.0)
