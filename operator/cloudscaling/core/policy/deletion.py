"""Deletion of a ScalingPolicy. Called by the planner for objects that are being deleted."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from cloudscaling.api.v1alpha1.scalingpolicy import ScalingPolicy
from cloudscaling.core.deletion import before_any_question, blocked, effective_policy, release, unreachable
from cloudscaling.core.facts import Absent, Account, Lookup, Observed, Unresolved, Untrusted
from cloudscaling.core.intent import may_repeat_create, open_create
from cloudscaling.core.plan import Do, Notice, Plan, seconds_until
from cloudscaling.core.policy import forms
from cloudscaling.core.policy.facts import PolicyFacts, doubt, is_here, is_ours
from cloudscaling.core.verdict import true

EXECUTING_LIMIT = timedelta(minutes=5)


def plan(facts: PolicyFacts) -> Plan:
    """The next step of the deletion."""
    status, spec, first = facts.resource.status, facts.resource.spec, before_any_question(facts)
    if first is not None:
        return first
    if forms.wanted(spec) is None:
        return release(Notice("Deleted", "there was no cloud object"))
    kept = facts.observe_only or facts.older_owner or policy_of(facts.resource) == "Orphan"
    if kept and (status.external_id is not None or open_create(status) is None):
        return release(Notice("Deleted", "the cloud object was left as it is (Orphan)"))
    if status.external_id is None and spec.external_id is not None and open_create(status) is None:
        return release()  # it was never adopted
    if isinstance(facts.account, Unresolved):
        in_doubt = doubt(facts)
        if status.external_id is None and status.operation is None and not in_doubt:
            return release()  # nothing was ever begun
        return replace(blocked("BlockedByCredentials", unreachable(facts.account)), record=in_doubt)
    if status.external_id is None:
        return _settle_create(facts, facts.account)
    return _delete_policy(facts, facts.account)


def policy_of(resource: ScalingPolicy) -> str:
    """Delete or Orphan; what an open create had made before spec.externalId was given was not adopted."""
    named, made = resource.spec.external_id, resource.status.external_id
    return effective_policy(resource.spec, adopted=named is not None and made in (None, named))


def _settle_create(facts: PolicyFacts, account: Account) -> Plan:
    """No id: our name decides, and an unknown create has to be settled first."""
    operation, lookup = facts.resource.status.operation, facts.lookup
    if not isinstance(lookup, Lookup):
        return Plan(wait_s=lookup.retry_s if isinstance(lookup, Untrusted) else 1.0)
    resource, owner = facts.resource, facts.owner
    hits = [p for p in lookup.candidates if is_ours(resource, owner, p) and is_here(facts.target, owner, p)]
    if hits:
        record = {"external_id": hits[0].id, "external_name": hits[0].name, "operation": None}
        return Plan(record={**record, "cloud_object": forms.of(hits[0]).cloud_object}, wait_s=0.0)
    not_before = may_repeat_create(operation, lookup, account.timing) if operation is not None else None
    if not_before is not None:
        wait = min(seconds_until(not_before, facts.now), account.timing.active_s)
        verdict = true(
            "Deleting", "Confirming", "a create call may have been made; looking for what it made by its name"
        )
        return Plan(wait_s=wait, verdicts=(verdict,))
    return release()


def _delete_policy(facts: PolicyFacts, account: Account) -> Plan:
    status = facts.resource.status
    noun = forms.known(status.cloud_object).noun
    if isinstance(facts.seen, Absent):
        return release(Notice("Deleted", f"the {noun} {status.external_id} is gone"))
    if not isinstance(facts.seen, Observed):
        wait = facts.seen.retry_s if isinstance(facts.seen, Untrusted) else 1.0
        verdict = true("Deleting", "Confirming", f"waiting for a trusted read of the {noun}")
        return Plan(wait_s=wait, verdicts=(verdict,))
    policy = facts.seen.value
    overdue = facts.executing_since is not None and facts.now - facts.executing_since > EXECUTING_LIMIT
    if policy.executing and not overdue:
        return blocked("BlockedByActivity", "the policy is being executed", wait_s=account.timing.active_s)
    spec = facts.resource.spec
    delete_alarm = spec.type == "Alarm" and bool(getattr(account.own(spec), "delete_alarm", None))
    verdict = true("Deleting", "Forcing" if policy.executing else "DeletingCloudObject", f"deleting the {noun}")
    step = Do(forms.of(policy).delete(policy, policy.executing, delete_alarm))
    return Plan(step=step, wait_s=0.0, verdicts=(verdict,))
