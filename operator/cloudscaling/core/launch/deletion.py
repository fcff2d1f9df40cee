"""Deletion of a LaunchConfiguration with all its revisions. Called by the planner."""

from __future__ import annotations

from cloudscaling.api.meta import FORCE_ORPHAN
from cloudscaling.core.calls import DeleteLaunchConfigurations
from cloudscaling.core.deletion import blocked, effective_policy, release, unreachable
from cloudscaling.core.facts import Account, Lookup, Unresolved, Untrusted
from cloudscaling.core.intent import may_repeat_create, open_create
from cloudscaling.core.launch.facts import LaunchFacts, is_ours
from cloudscaling.core.plan import Do, Notice, Plan, seconds_until
from cloudscaling.core.verdict import true


def plan(facts: LaunchFacts) -> Plan:
    """The next step of the deletion."""
    metadata, status = facts.resource.metadata, facts.resource.status
    if not facts.finalizer_stored:
        return Plan()
    if metadata.annotations.get(FORCE_ORPHAN) == metadata.uid:
        return release(Notice("ForceOrphaned", "given up without any cloud call, as asked by annotation", True))
    if facts.resource.spec.deletion_protection:
        return blocked("BlockedByDeletionProtection", "spec.deletionProtection is true")
    if facts.users:
        return blocked("BlockedInUse", "used by ScalingGroups: " + ", ".join(facts.users[:10]))
    if facts.observe_only or facts.older_owner or effective_policy(facts.resource.spec) == "Orphan":
        return release(Notice("Deleted", "the launch configurations were left as they are (Orphan)"))
    if isinstance(facts.account, Unresolved):
        looked_for = status.account is not None or facts.untouched
        if looked_for and not status.revisions and status.operation is None:
            return release()
        return blocked("BlockedByCredentials", unreachable(facts.account))
    return _delete_revisions(facts, facts.account)


def _delete_revisions(facts: LaunchFacts, account: Account) -> Plan:
    lookup, operation = facts.lookup, open_create(facts.resource.status)
    if not isinstance(lookup, Lookup) or facts.used_ids is None:
        wait = lookup.retry_s if isinstance(lookup, Untrusted) else 1.0
        return Plan(wait_s=wait, verdicts=(true("Deleting", "DeletingCloudObject", "waiting for a trusted list"),))
    known = {r.external_id for r in facts.resource.status.revisions}
    present = tuple(c.id for c in lookup.candidates if c.id in known or is_ours(facts.resource, facts.owner, c))
    free = tuple(i for i in present if i not in facts.used_ids)
    left = tuple(i for i in present if i in facts.used_ids)
    if free:
        step = Do(DeleteLaunchConfigurations(free))
        verdict = true("Deleting", "DeletingCloudObject", f"deleting {len(free)} revisions")
        return Plan(step=step, wait_s=0.0, verdicts=(verdict,))
    not_before = may_repeat_create(operation, lookup, account.timing) if operation is not None else None
    if not_before is not None:
        wait = min(seconds_until(not_before, facts.now), account.timing.active_s)
        verdict = true("Deleting", "Confirming", "a create call has no known end; looking for it by its name")
        return Plan(wait_s=wait, verdicts=(verdict,))
    if facts.held_ids & set(left):
        return blocked("BlockedByConfigurationInUse", "a cloud group still uses: " + ", ".join(left), wait_s=10.0)
    if left:
        text = "left behind, because cloud groups without an object here use them: " + ", ".join(left)
        return release(Notice("RevisionRetained", text, warning=True))
    return release(Notice("Deleted", "the launch configurations are gone"))
