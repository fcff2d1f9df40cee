"""Deletion of a LaunchConfiguration with all its revisions. Called by the planner."""

from __future__ import annotations

from datetime import datetime

from cloudscaling.core.calls import DeleteLaunchConfigurations
from cloudscaling.core.deletion import before_any_question, blocked, effective_policy, release, unreachable
from cloudscaling.core.facts import Account, Lookup, Unresolved, Untrusted
from cloudscaling.core.intent import may_repeat_create, open_create
from cloudscaling.core.launch.facts import LaunchFacts, is_ours, sent_name
from cloudscaling.core.model import LaunchConfiguration
from cloudscaling.core.plan import Do, Notice, Plan, seconds_until
from cloudscaling.core.verdict import true


def plan(facts: LaunchFacts) -> Plan:
    """The next step of the deletion."""
    status, first = facts.resource.status, before_any_question(facts)
    if first is not None:
        return first
    if facts.users:
        return blocked("BlockedInUse", "used by ScalingGroups: " + ", ".join(facts.users[:10]))
    kept = facts.observe_only or facts.older_owner or effective_policy(facts.resource.spec) == "Orphan"
    left = release(Notice("Deleted", "the launch configurations were left as they are (Orphan)"))
    if kept and open_create(status) is None:
        return left
    if isinstance(facts.account, Unresolved):
        looked_for = status.account is not None or facts.untouched
        if looked_for and not status.revisions and status.operation is None:
            return release()
        return blocked("BlockedByCredentials", unreachable(facts.account))
    if kept:
        return _settle(facts, facts.account) or left
    return _delete_revisions(facts, facts.account)


def _settle(facts: LaunchFacts, account: Account) -> Plan | None:
    """Waits for the end of an open create, whatever becomes of its work: a call may still be on its way."""
    lookup, operation = facts.lookup, open_create(facts.resource.status)
    if not isinstance(lookup, Lookup):
        return Plan(wait_s=lookup.retry_s if isinstance(lookup, Untrusted) else 1.0)
    if operation is None or any(_is_its_work(facts, c) for c in lookup.candidates):
        return None
    not_before = may_repeat_create(operation, lookup, account.timing)
    return _confirming(facts, not_before, account) if not_before is not None else None


def _is_its_work(facts: LaunchFacts, hit: LaunchConfiguration) -> bool:
    sent = sent_name(facts.resource, facts.owner)
    return hit.name == sent and is_ours(facts.resource, facts.owner, hit)


def _confirming(facts: LaunchFacts, not_before: datetime, account: Account) -> Plan:
    wait = min(seconds_until(not_before, facts.now), account.timing.active_s)
    verdict = true("Deleting", "Confirming", "a create call has no known end; looking for it by its name")
    return Plan(wait_s=wait, verdicts=(verdict,))


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
        return _confirming(facts, not_before, account)
    if facts.held_ids & set(left):
        return blocked("BlockedByConfigurationInUse", "a cloud group still uses: " + ", ".join(left), wait_s=10.0)
    if left:
        text = "left behind, because cloud groups without an object here use them: " + ", ".join(left)
        return release(Notice("RevisionRetained", text, warning=True))
    return release(Notice("Deleted", "the launch configurations are gone"))
