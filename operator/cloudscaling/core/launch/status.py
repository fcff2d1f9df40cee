"""Status of a LaunchConfiguration from facts and plan. Called by engine.reconcile. Pure."""

from __future__ import annotations

from cloudscaling.api.meta import RECONCILE_REQUESTED_AT
from cloudscaling.api.v1alpha1.launchconfiguration import LaunchConfigurationStatus
from cloudscaling.core import status
from cloudscaling.core.deletion import effective_policy
from cloudscaling.core.facts import Account, is_trusted
from cloudscaling.core.launch.facts import LaunchFacts
from cloudscaling.core.plan import Plan
from cloudscaling.core.resource import evolve
from cloudscaling.core.verdict import Verdict, false, true

_NAMED_USERS = 20


def project(facts: LaunchFacts, plan: Plan) -> LaunchConfigurationStatus:
    """The status to be stored: record, revisions, users, conditions."""
    old = facts.resource.status
    annotation = facts.resource.metadata.annotations.get(RECONCILE_REQUESTED_AT)
    fields = status.common(plan, generation=facts.generation, annotation=annotation)
    fields |= {
        "deletion_policy": effective_policy(facts.resource.spec),
        "used_by": tuple(sorted(facts.users)[:_NAMED_USERS]),
        "used_by_count": len(facts.users),
    }
    if isinstance(facts.account, Account):
        fields["vendor"] = facts.account.vendor
        if is_trusted(facts.lookup):  # the deletion takes it as the proof that our name was looked for
            fields["account"] = facts.account.name
    new = evolve(old, fields)
    settled = status.conditions(
        old.conditions,
        plan,
        _ready(facts, plan, new),
        generation=facts.generation,
        now=facts.now,
        blind=facts.blind,
    )
    return evolve(new, {"conditions": settled})


def _ready(facts: LaunchFacts, plan: Plan, new: LaunchConfigurationStatus) -> Verdict:
    if facts.deleting:
        return false("Ready", "Deleting", next((v.message for v in plan.verdicts if v.type == "Deleting"), ""))
    if any(notice.reason == "DeletedExternally" for notice in plan.notices):
        return false("Ready", "DeletedExternally", plan.notices[0].message)
    if new.external_id is None:
        return status.not_ready_before_creation(new.conditions, plan)
    if new.operation is not None:
        return false("Ready", "Replacing", "a new revision is being made")
    return true("Ready", "Available", f"revision {new.current_revision}")
