"""Deletion of a ScalingGroup as resumable phases. Called by the planner for objects that are being deleted.

Every phase is derived from what is observed. Here stands what comes before and after the cloud group goes: whose it is,
whether it is kept, the start and the end. How it is taken down stands in teardown, how far it is in phases.
"""

from __future__ import annotations

from dataclasses import replace

from cloudscaling.api.v1alpha1.scalinggroup_status import Deletion
from cloudscaling.core.calls import SetTags
from cloudscaling.core.deletion import before_any_question, blocked, effective_policy, release, unreachable
from cloudscaling.core.facts import Absent, Account, Lookup, Observed, Unresolved, Untrusted
from cloudscaling.core.group import phases, teardown
from cloudscaling.core.group.facts import GroupFacts
from cloudscaling.core.intent import may_repeat_create
from cloudscaling.core.model import Group, GroupState
from cloudscaling.core.naming import OWNER_TAG
from cloudscaling.core.plan import Do, Notice, Plan, seconds_until


def plan(facts: GroupFacts) -> Plan:
    """The next step of the deletion."""
    return before_any_question(facts) or _with_account(facts)


def _with_account(facts: GroupFacts) -> Plan:
    status = facts.resource.status
    if isinstance(facts.account, Unresolved):
        nothing_to_send = facts.observe_only or (_keeps_cloud_object(facts) and not facts.adopted_by_id)
        never_made = status.external_id is None and (status.account is not None or facts.untouched)
        if status.operation is None and (never_made or nothing_to_send):
            return release()
        return replace(blocked("BlockedByCredentials", unreachable(facts.account)), record=phases.frozen(facts))
    if status.external_id is None and not _may_be_ours(facts):
        return _without_id(facts, facts.account)
    if _keeps_cloud_object(facts):
        return _orphan(facts)
    return _delete(facts, facts.account)


def _may_be_ours(facts: GroupFacts) -> bool:
    """A group that spec.externalId names is ours only once it bears our mark: an adoption may never have happened."""
    if isinstance(facts.seen, Observed):
        return facts.owner.mark in (facts.seen.value.marker, facts.seen.value.owner_tag)
    return isinstance(facts.seen, Untrusted)


def _keeps_cloud_object(facts: GroupFacts) -> bool:
    policy = effective_policy(facts.resource.spec, adopted=facts.adopted_by_id)
    return facts.observe_only or bool(facts.older_owner) or facts.is_anothers or policy == "Orphan"


def _without_id(facts: GroupFacts, account: Account) -> Plan:
    """Nothing recorded: our mark decides, and an unknown create has to be settled first."""
    operation = facts.resource.status.operation
    if facts.observe_only or (facts.adopted_by_id and operation is None):
        return release()
    if not isinstance(facts.lookup, Lookup):
        wait = facts.lookup.retry_s if isinstance(facts.lookup, Untrusted) else 1.0
        return Plan(wait_s=wait)
    ours = [g for g in facts.lookup.candidates if facts.owner.mark in (g.marker, g.owner_tag)]
    if ours:
        oldest = min(ours, key=lambda g: (g.created_at is None, g.created_at, g.id))
        record = {"external_id": oldest.id, "external_name": oldest.name, "operation": None}
        return Plan(record=record, wait_s=0.0)
    not_before = may_repeat_create(operation, facts.lookup, account.timing) if operation is not None else None
    if not_before is not None:
        text = "a create call has no known end; looking for the group by its mark"
        wait = min(seconds_until(not_before, facts.now), account.timing.active_s)
        return phases.enter(facts, "Confirming", text, wait_s=wait)
    return release()


def _orphan(facts: GroupFacts) -> Plan:
    """Created by us: the mark stays, so the same object finds the group again. Adopted by id: our tag goes."""
    group = facts.seen.value if isinstance(facts.seen, Observed) else None
    tagged = group is not None and group.owner_tag == facts.owner.mark
    if facts.adopted_by_id and not facts.observe_only and isinstance(facts.seen, Untrusted):
        return phases.enter(facts, "Orphaning", facts.seen.why, wait_s=facts.seen.retry_s)
    if group is not None and tagged and facts.adopted_by_id and not facts.observe_only:
        step = Do(SetTags(group.id, {}, (OWNER_TAG,)))
        return phases.enter(facts, "Orphaning", "taking our tag off the cloud group", step)
    return release(Notice("Deleted", "the cloud group was left as it is (Orphan)"))


def _delete(facts: GroupFacts, account: Account) -> Plan:
    if isinstance(facts.seen, Absent):
        left = phases.of(facts).leftover_instance_ids
        text = f"the forced deletion may have left instances behind: {phases.named(left)}"
        warned = (Notice("LeftoverInstances", text, True),) if left else ()
        return release(*warned, Notice("Deleted", f"the cloud group {facts.resource.status.external_id} is gone"))
    if not isinstance(facts.seen, Observed):
        wait = facts.seen.retry_s if isinstance(facts.seen, Untrusted) else 1.0
        return phases.enter(facts, phases.before(facts), "waiting for a trusted read of the cloud group", wait_s=wait)
    group = facts.seen.value
    begun = _begin(facts, group)
    if begun is not None:
        return begun
    if group.state is GroupState.DELETING:
        return phases.enter(facts, "Confirming", "the vendor is deleting the group", wait_s=account.timing.active_s)
    if facts.policies is None or facts.instances is None:
        return phases.enter(
            facts, phases.before(facts), "waiting for a trusted list of instances and policies", wait_s=1.0
        )
    return teardown.plan(facts, account, group)


def _begin(facts: GroupFacts, group: Group) -> Plan | None:
    """The sizes before the first write, stored before it; a time that stood still moves the start."""
    deletion = facts.resource.status.deletion
    if deletion is None or deletion.started_at is None:
        begun = Deletion(
            phase="DeletingPolicies",
            started_at=facts.now,
            original_min_size=group.min_size,
            original_max_size=group.max_size,
            original_desired_capacity=group.desired,
        )
        return Plan(record={"deletion": begun, "operation": None}, wait_s=0.0)
    if deletion.blocked_since is None:
        due = phases.deadline(facts, deletion)
        if deletion.deadline == due:
            return None
        return Plan(record={"deletion": deletion.model_copy(update={"deadline": due})}, wait_s=0.0)
    shifted = deletion.started_at + (facts.now - deletion.blocked_since)
    moved = deletion.model_copy(update={"started_at": shifted, "blocked_since": None})
    return Plan(record={"deletion": moved}, wait_s=0.0)
