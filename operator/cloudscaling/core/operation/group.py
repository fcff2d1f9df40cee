"""Actions on the group as a whole: ScaleOut, ScaleIn, ExecutePolicy. Called by the planner.

ScaleOut, ScaleIn and Simple policies are an absolute desired capacity, stored as status.desiredAtStart before the call
and repeated only while nothing has moved. Executing a policy has no such value: its trace is looked for, and there is
never a second call whose first may have arrived.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from cloudscaling.api.v1alpha1.instanceoperation_parts import Action
from cloudscaling.api.v1alpha1.instanceoperation_status import CurrentBatch
from cloudscaling.api.v1alpha1.scalingpolicy import PolicyType
from cloudscaling.api.v1alpha1.scalingpolicy_parts import Adjustment, AdjustmentType
from cloudscaling.core.calls import Call, ExecutePolicy, SetDesiredCapacity
from cloudscaling.core.facts import Unresolved
from cloudscaling.core.group.capacity import clamp
from cloudscaling.core.model import ActivityStatus, Group, GroupState
from cloudscaling.core.operation import trace
from cloudscaling.core.operation.case import ELSEWHERE, Case, Waits, held, is_a, passes, progressing, settled
from cloudscaling.core.operation.end import finish
from cloudscaling.core.operation.facts import OperationFacts, PolicyTarget
from cloudscaling.core.operation.progress import Progress, next_index
from cloudscaling.core.plan import Do, Notice, Plan
from cloudscaling.core.verdict import true

REFUSED, NO_TRACE = "Refused", "NoTraceYet"
_SECOND_LOOK = timedelta(seconds=60)
_BAD = (ActivityStatus.FAILED, ActivityStatus.CANCELLED, ActivityStatus.REJECTED)


def start(case: Case, group: Group) -> Plan:
    """Call for the first time, or again after an answer that said no."""
    facts, status = case.facts, case.facts.resource.status
    refusals = sum(batch.status == REFUSED for batch in status.batches)
    if refusals and facts.setback is not None and not passes(facts.setback):
        return finish(facts, true("Failed", "Rejected", facts.setback.message), {"failed": 1})
    if refusals > facts.resource.spec.backoff_limit and not is_a(facts.setback, ELSEWHERE):
        text = facts.setback.message if facts.setback is not None else "the cloud refused every try"
        return finish(facts, true("Failed", "BackoffLimitExceeded", text), {"failed": 1})
    wanted = target(facts, group, group.desired)
    counted: dict[str, Any] = {"total": 1, "succeeded": 0, "skipped": 0, "failed": 0}
    counted |= {"scaling_group_id": group.id, "desired_at_start": group.desired}
    if wanted is not None and not group.min_size <= wanted <= group.max_size:
        high = wanted > group.max_size
        text = f"{wanted} is {'above' if high else 'below'} the group's {group.max_size if high else group.min_size}"
        reason = "WouldExceedMaxSize" if high else "WouldFallBelowMinSize"
        return finish(facts, true("Failed", reason, text), {**counted, "failed": 1})
    if wanted == group.desired:
        text = f"the desired capacity is {wanted} already"
        return finish(facts, true("Complete", "NothingToDo", text), {**counted, "skipped": 1})
    first = () if facts.started else (Notice("Started", f"{facts.action} on a desired capacity of {group.desired}"),)
    return held(case) or _issue(case, group, wanted, counted, first)


def target(facts: OperationFacts, group: Group, base: int) -> int | None:
    """The absolute desired capacity that is asked for; None for a policy that the cloud executes."""
    count = facts.resource.spec.count or 0
    if facts.action is Action.SCALE_OUT:
        return base + count
    if facts.action is Action.SCALE_IN:
        return base - count
    policy = facts.policy
    if not isinstance(policy, PolicyTarget) or policy.type != PolicyType.SIMPLE or policy.adjustment is None:
        return None
    return clamp(adjusted(base, policy.adjustment), group.min_size, group.max_size)


def adjusted(base: int, adjustment: Adjustment) -> int:
    """Percent changes are rounded half away from zero, and change at least one."""
    value = adjustment.value
    if adjustment.type is AdjustmentType.EXACT_CAPACITY:
        return value
    if adjustment.type is AdjustmentType.CHANGE_IN_CAPACITY:
        return base + value
    share = (abs(base * value) + 50) // 100
    if adjustment.type is AdjustmentType.EXACT_PERCENT:
        return share
    return base + max(1, share) * (1 if value > 0 else -1)


def _issue(
    case: Case, group: Group, wanted: int | None, record: dict[str, Any], notices: tuple[Notice, ...] = ()
) -> Plan:
    facts, status = case.facts, case.facts.resource.status
    progress, known = Progress.of(status), status.current_batch
    batch = CurrentBatch(
        index=known.index if known else next_index(status.batches),
        state="Issued",
        started_at=facts.now,
        attempts=(known.attempts if known else 0) + 1,
        target=wanted,
        prior_ids=trace.prior(facts),
    )
    token = facts.resource.metadata.uid
    call: Call | None = None
    if wanted is not None:
        call, text = SetDesiredCapacity(group.id, wanted, token), f"desired capacity {group.desired} -> {wanted}"
    elif isinstance(facts.policy, PolicyTarget):
        call, text = ExecutePolicy(facts.policy.id, token), f"executing policy {facts.policy.name}"
    if call is None:
        return Waits("WaitingForGroup", "the policy is not known").plan(case.pace_s)
    refused = {"current_batch": None, "batches": progress.ended(batch, REFUSED, facts.now, size=1).batches}
    return Plan(
        step=Do(call, after={"current_batch": batch.model_copy(update={"state": "Verifying"})}, refused=refused),
        record={**record, "current_batch": batch, "start_time": status.start_time or facts.now},
        wait_s=1.0,
        verdicts=(progressing("RunningBatch", text),),
        notices=notices,
    )


# --- what became of it --------------------------------------------------------------------------------------------


def verify(case: Case, group: Group, batch: CurrentBatch) -> Plan:
    """Wait until the effect is seen, and until it is over."""
    facts = case.facts
    base = facts.resource.status.desired_at_start
    base = group.desired if base is None else base
    traces = trace.ends(facts, batch)
    moved = group.desired != base
    wanted = batch.target  # as it was stored: the policy may be another one by now, or gone
    if facts.action is not Action.EXECUTE_POLICY:
        wanted = target(facts, group, base)
    if moved or (traces and wanted is None):  # an older activity is no proof that an absolute size was set
        return _over(case, group, batch, traces)
    if group.busy:
        return Waits("Verifying", "an activity runs").plan(case.pace_s)
    if wanted is None:
        return _no_trace(case, batch)
    if not settled(case):
        return Waits("Verifying", "waiting until the desired capacity moves").plan(case.pace_s)
    if facts.deleting:
        return Plan(record={"current_batch": None}, wait_s=0.0)
    if batch.attempts > facts.resource.spec.backoff_limit:
        text = f"the desired capacity is still {base}"
        return finish(facts, true("Failed", "OutcomeUnknown", text), {"failed": 1})
    return held(case) or _issue(case, group, wanted, {})


def _over(case: Case, group: Group, batch: CurrentBatch, traces: tuple[ActivityStatus, ...]) -> Plan:
    facts = case.facts
    arrived = group.current == group.desired or group.state is not GroupState.ACTIVE
    running = ActivityStatus.IN_PROGRESS in traces
    if group.busy or running or not (arrived or traces):
        return Waits("Verifying", f"{group.current} of {group.desired} instances").plan(case.pace_s)
    bad = bool(traces) and (all(t in _BAD for t in traces) or (not arrived and traces[0] in _BAD))
    progress = Progress.of(facts.resource.status).ended(batch, "Failed" if bad else "Succeeded", facts.now, size=1)
    text = f"{facts.action}: desired capacity {group.desired}, {group.current} instances"
    record: dict[str, Any] = {"batches": progress.batches, "current_batch": None, "failed" if bad else "succeeded": 1}
    notice = Notice("BatchFailed" if bad else "BatchSucceeded", text, warning=bad)
    return Waits("Verifying", text, record, (notice,)).plan(0.0)


def _no_trace(case: Case, batch: CurrentBatch) -> Plan:
    """Two reads without a trace, far enough apart, end the search; there is no second call."""
    facts, progress = case.facts, Progress.of(case.facts.resource.status)
    text = "looking for a trace of the execution"
    unread = facts.executions is None and isinstance(facts.policy, PolicyTarget)  # its log goes with a policy
    if facts.activities is None or unread or not settled(case):
        return Waits("Verifying", text).plan(case.pace_s)
    first = next((b.end_time for b in progress.batches if b.status == NO_TRACE), None)
    if first is None:
        record = {"batches": progress.ended(batch, NO_TRACE, facts.now, size=1).batches}
        return Waits("Verifying", text, record).plan(case.pace_s)
    if facts.now < first + _SECOND_LOOK:
        return Waits("Verifying", text).plan(case.pace_s)
    lost = "neither an activity nor a log entry shows that the policy was executed"
    return finish(facts, true("Failed", "OutcomeUnknown", lost), {"failed": 1})


def reference(facts: OperationFacts) -> Unresolved | None:
    """The policy as a reference of the operation."""
    return facts.policy if isinstance(facts.policy, Unresolved) else None
