"""Status of an InstanceOperation from facts and plan. Called by engine.reconcile. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cloudscaling.api.conditions import Condition
from cloudscaling.api.meta import RECONCILE_REQUESTED_AT
from cloudscaling.api.v1alpha1.instanceoperation_status import InstanceOperationStatus, OperationPhase
from cloudscaling.core import status
from cloudscaling.core.facts import Account, Observed
from cloudscaling.core.operation.facts import OperationFacts
from cloudscaling.core.plan import Plan
from cloudscaling.core.resource import evolve
from cloudscaling.core.verdict import Verdict, false, find, flag, is_true, settle, true

# Conditions of kinds that stand for a cloud object; holding.failed states them for all kinds.
_NOT_OURS = frozenset({"Ready", "Synced", "Deleting"})
_WAITING = frozenset({"WaitingForGroup", "WaitingForActivity"})


def project(facts: OperationFacts, plan: Plan) -> InstanceOperationStatus:
    """The status to be stored: record, counters, conditions, phase."""
    old, metadata = facts.resource.status, facts.resource.metadata
    fields = status.common(plan, generation=facts.generation, annotation=None)
    asked = metadata.annotations.get(RECONCILE_REQUESTED_AT)
    if asked is not None and _looked(facts, plan):
        fields["last_handled_reconcile_at"] = asked
    if isinstance(facts.account, Account):
        fields["vendor"] = facts.account.vendor
    new = evolve(old, fields)
    if new.total is not None:
        done = (new.succeeded or 0) + (new.skipped or 0) + (new.failed or 0)
        new = evolve(new, {"remaining": new.total - done})
    conditions = _conditions(facts, plan)
    return evolve(new, {"conditions": conditions, "phase": phase(conditions, new)})


def _looked(facts: OperationFacts, plan: Plan) -> bool:
    """Everything was seen that there is to see; what is refused, or may not begin, needs no look at the cloud."""
    refused = any(verdict.type == "Accepted" and verdict.status == "False" for verdict in plan.verdicts)
    return refused or facts.needs_no_read or isinstance(facts.seen, Observed)


def _conditions(facts: OperationFacts, plan: Plan) -> tuple[Condition, ...]:
    old: Sequence[Condition] = facts.resource.status.conditions
    verdicts = [v for v in plan.verdicts if v.type not in _NOT_OURS]
    known = {c.type for c in old} | {v.type for v in verdicts}
    if "Accepted" not in known:
        verdicts.append(true("Accepted", "Valid"))
    if "ReferencesResolved" not in known:
        verdicts.append(false("ReferencesResolved", "AccountNotVerified", "not looked at yet"))
    if "Progressing" not in known:
        verdicts.append(true("Progressing", "WaitingForGroup", "no trusted read yet"))
    settled = settle(old, verdicts, generation=facts.generation, now=facts.now)
    return settle(settled, _kstatus(settled), generation=facts.generation, now=facts.now)


def _kstatus(settled: Sequence[Condition]) -> tuple[Verdict, Verdict]:
    """Reconciling and Stalled, which kubectl wait and deployment tools look for."""
    accepted, failed = find(settled, "Accepted"), find(settled, "Failed")
    refused = accepted if accepted is not None and accepted.status == "False" else None
    stalled = failed or refused
    running = find(settled, "Progressing")
    return (
        flag("Reconciling", running if running is not None and running.status == "True" and not stalled else None),
        flag("Stalled", stalled),
    )


def phase(conditions: Sequence[Condition], new: InstanceOperationStatus) -> str:
    """One word for people."""
    if is_true(conditions, "Complete"):
        return OperationPhase.SUCCEEDED
    if is_true(conditions, "Failed"):
        partly = bool(new.succeeded or new.skipped)
        return OperationPhase.PARTIALLY_FAILED if partly else OperationPhase.FAILED
    progressing: Any = find(conditions, "Progressing")
    if is_true(conditions, "Suspended") and progressing is not None and progressing.reason == "Suspended":
        return OperationPhase.SUSPENDED
    if progressing is None or progressing.status == "False":
        return OperationPhase.PENDING
    return OperationPhase.WAITING if progressing.reason in _WAITING else OperationPhase.RUNNING
