"""InstanceOperation: what to do next. Called by engine.reconcile with facts, answers with a Plan.

The stages stand in one table, in order; the first that has an answer decides. The work is chosen once, on an idle
group, and kept; every call is stored before it is made; the end is reported once and never taken back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeGuard

from cloudscaling.api.v1alpha1.instanceoperation_status import CurrentBatch
from cloudscaling.core.deletion import given_up, release
from cloudscaling.core.facts import Absent, Observed, Unresolved, Untrusted
from cloudscaling.core.introduction import accepted, not_accepted_notice, resolved
from cloudscaling.core.model import Group, GroupState
from cloudscaling.core.operation import batch as operation_batch
from cloudscaling.core.operation import end as operation_end
from cloudscaling.core.operation import freeze as operation_freeze
from cloudscaling.core.operation import group as operation_group
from cloudscaling.core.operation import trace
from cloudscaling.core.operation import verify as operation_verify
from cloudscaling.core.operation.accept import problems
from cloudscaling.core.operation.case import Case, Waits, time_is_up, until_over
from cloudscaling.core.operation.facts import GROUP_ACTIONS, OperationFacts, OperationTarget
from cloudscaling.core.operation.rules import GROWS, needs_idle
from cloudscaling.core.plan import Notice, Plan
from cloudscaling.core.verdict import Verdict, false, find, is_true, true


def plan(facts: OperationFacts) -> Plan:
    """The next step of the operation."""
    if facts.finished:
        return operation_end.after_the_end(facts)
    orphaned = given_up(facts)
    if orphaned is not None:
        return operation_end.enter(facts) or orphaned
    if facts.deleting and not facts.started:
        return release()
    if not facts.finalizer_stored and not facts.deleting:
        return Waits("WaitingForGroup", "the finalizer is not stored yet").plan(1.0)
    references = resolved(*_references(facts))
    if facts.group_lost:
        return _without_group(facts).with_(references)
    if isinstance(facts.account, Unresolved):
        gone = facts.group if _is_gone(facts.group) else facts.account
        return _unresolved(facts, gone).with_(references)
    target = facts.group if isinstance(facts.group, OperationTarget) else None
    found = problems(facts, facts.account, target)
    verdicts = (accepted(found), references, *_suspension(facts))
    if found:
        was_accepted = not any(c.type == "Accepted" and c.status == "False" for c in facts.resource.status.conditions)
        notices = not_accepted_notice(found, was_accepted)
        if found[0].reason == "AlreadyExecuted" and was_accepted:
            notices = (Notice("AlreadyExecuted", found[0].message, warning=True),)
        return Plan(verdicts=(*verdicts, false("Progressing", "NotAccepted", found[0].message)), notices=notices)
    if target is None or (references.status == "False" and not facts.frozen):
        missing = facts.group if isinstance(facts.group, Unresolved) else operation_group.reference(facts)
        return _unresolved(facts, missing or Unresolved("ScalingGroupNotFound", "")).with_(*verdicts)
    case = Case(facts, facts.account, target)
    decided = next(answer for stage in _STAGES if (answer := stage(case)) is not None)
    return replace(decided, verdicts=(*verdicts, *decided.verdicts))


def _references(facts: OperationFacts) -> tuple[object, ...]:
    """Without its group nothing is known of the account either, so the group is named first."""
    policy = operation_group.reference(facts)
    first = (facts.group, facts.account) if _is_gone(facts.group) else (facts.account, facts.group)
    return (*first, policy)


def _is_gone(group: object) -> TypeGuard[Unresolved]:
    return isinstance(group, Unresolved) and group.reason == "ScalingGroupNotFound"


def _without_group(facts: OperationFacts) -> Plan:
    """The chosen instances and sizes mean nothing to another cloud group: nothing is called for them any more."""
    if facts.deleting:
        return operation_end.leave(facts, None)
    return operation_end.finish(facts, true("Failed", "GroupDeleted", facts.group_lost))


def _unresolved(facts: OperationFacts, missing: Unresolved) -> Plan:
    """A reference offers nothing: waited for, unless the time is over."""
    if facts.deleting and missing.reason != "AccountPaused":
        return operation_end.leave(facts, None)
    over = time_is_up(facts)
    if over is not None:
        return operation_end.finish(facts, over)
    return Plan(verdicts=(false("Progressing", "ReferencesNotResolved", missing.message),), wait_s=until_over(facts))


def _suspension(facts: OperationFacts) -> tuple[Verdict, ...]:
    if facts.resource.spec.suspend:
        return ()
    known = find(facts.resource.status.conditions, "Suspended") is not None
    return (false("Suspended", "Resumed"),) if known else ()


# --- stages -------------------------------------------------------------------------------------------------------


def _readable(facts: OperationFacts) -> bool:
    return isinstance(facts.seen, Observed)


def _held(case: Case) -> Plan | None:
    """A group that must not be touched is not read either. A pause holds a deletion; being observed may never end."""
    if not case.target.paused and not case.target.observe_only:
        return None
    if case.facts.deleting:
        held = Waits("WaitingForGroup", f"ScalingGroup {case.target.name} is paused").plan(60.0)
        return held if case.target.paused else operation_end.leave(case.facts, None)
    over = time_is_up(case.facts)
    if over is not None:
        return operation_end.finish(case.facts, over)
    how = "is paused" if case.target.paused else "is only observed (managementPolicy ObserveOnly)"
    waits = Waits("WaitingForGroup", f"ScalingGroup {case.target.name} {how}")
    return waits.plan(until_over(case.facts) or 60.0)


def _unreadable(case: Case) -> Plan | None:
    facts = case.facts
    if _readable(facts) or isinstance(facts.seen, Absent) or facts.needs_no_read:
        return None
    over = None if facts.deleting else time_is_up(facts)
    if over is not None:
        return operation_end.finish(facts, over)
    return Plan(wait_s=facts.seen.retry_s if isinstance(facts.seen, Untrusted) else 1.0)


def _gone(case: Case) -> Plan | None:
    facts = case.facts
    if not isinstance(facts.seen, Absent):
        return None
    if facts.deleting:
        return operation_end.leave(facts, None)
    text = f"the cloud group {case.target.id} does not exist any more"
    if facts.frozen:
        return operation_end.finish(facts, true("Failed", "GroupDeleted", text))
    over = time_is_up(facts)
    return Waits("WaitingForGroup", text).plan(60.0) if over is None else operation_end.finish(facts, over)


def _in_work(case: Case) -> Plan | None:
    """The chunk whose call is open comes before everything else."""
    known, group = case.facts.resource.status.current_batch, case.group
    if known is None or group is None:
        return None
    batch = trace.named(case.facts, known)
    found = _verified(case, group, batch)
    if batch is known or "current_batch" in found.record:
        return found
    return replace(found, record={**found.record, "current_batch": batch})


def _verified(case: Case, group: Group, batch: CurrentBatch) -> Plan:
    if case.facts.action in GROUP_ACTIONS:
        found = operation_group.verify(case, group, batch)
        return found if found.step or found.record else _late(case) or found
    return operation_verify.verify(case, group, batch) if batch.instance_ids else operation_end.plan(case)


def _leaving(case: Case) -> Plan | None:
    return operation_end.leave(case.facts, case) if case.facts.deleting else None


def _ended(case: Case) -> Plan | None:
    facts = case.facts
    over = facts.frozen and (facts.left == 0 or facts.stopped or facts.overdue)
    return operation_end.plan(case) if over else None


def _late(case: Case) -> Plan | None:
    over = None if case.facts.deleting else time_is_up(case.facts)
    return operation_end.finish(case.facts, over) if over is not None else None


def _suspended(case: Case) -> Plan | None:
    facts = case.facts
    if not facts.resource.spec.suspend:
        return None
    was = is_true(facts.resource.status.conditions, "Suspended")
    return Plan(
        verdicts=(true("Suspended", "SuspendedByUser", "spec.suspend is true"), false("Progressing", "Suspended")),
        notices=() if was else (Notice("Suspended", "no further chunk starts until spec.suspend is unset"),),
        wait_s=until_over(facts),
    )


def _behind(case: Case) -> Plan | None:
    if not case.facts.earlier:
        return None
    text = f"InstanceOperation {case.facts.earlier} comes first"
    return Waits("WaitingForGroup", text).plan(case.pace_s)


def _state(case: Case) -> Plan | None:
    group = case.group
    if group is None or (case.facts.action not in GROWS and group.state is not GroupState.DELETING):
        return None
    if group.state is GroupState.ACTIVE:
        return None
    return Waits("WaitingForGroup", f"the vendor says {group.vendor_state}").plan(case.pace_s)


def _busy(case: Case) -> Plan | None:
    group = case.group
    if group is None or not group.busy or not needs_idle(case.facts.action):
        return None
    return Waits("WaitingForActivity", "waiting until the running activity of the group ends").plan(case.pace_s)


def _work(case: Case) -> Plan | None:
    group = case.group
    if group is None:
        return Waits("WaitingForGroup", "no trusted read yet").plan(1.0)
    if case.facts.action in GROUP_ACTIONS:
        return operation_group.start(case, group)
    if not case.facts.frozen:
        return operation_freeze.freeze(case, group)
    return operation_batch.proceed(case, group)


_STAGES: tuple[Callable[[Case], Plan | None], ...] = (
    _held,
    _unreadable,
    _gone,
    _in_work,
    _leaving,
    _ended,
    _late,
    _suspended,
    _behind,
    _state,
    _busy,
    _work,
)
