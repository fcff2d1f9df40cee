"""Deletion of a ScalingGroup as resumable phases. Called by the planner for objects that are being deleted.

Every phase is derived from what is observed; only the sizes before the first write, the start and the instance
ids that a forced deletion may leave are remembered. Release never touches attached instances, Detach never
releases any, and force never turns the one into the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from cloudscaling.api.v1alpha1.scalinggroup_status import Deletion
from cloudscaling.core.calls import ActOnInstances, DeleteGroup, DeletePolicies, DisableGroup, SetTags, UpdateGroup
from cloudscaling.core.deletion import effective_policy, release, unreachable
from cloudscaling.core.facts import Absent, Account, Lookup, Observed, Unresolved, Untrusted
from cloudscaling.core.group import clearing
from cloudscaling.core.group.facts import GroupFacts
from cloudscaling.core.intent import may_repeat_create
from cloudscaling.core.model import Change, Group, GroupState, Instance, InstanceAction, InstanceState
from cloudscaling.core.naming import OWNER_TAG
from cloudscaling.core.plan import Do, Notice, Plan, seconds_until
from cloudscaling.core.verdict import true

POLICY_BATCH = 20
_ACCEPTED_S = 2.0  # until a deletion that the vendor has only accepted shows
_NAMED = 5  # so many instance ids are spelled out in a message


def plan(facts: GroupFacts) -> Plan:
    """The next step of the deletion."""
    if not facts.finalizer_stored:
        return Plan()
    if facts.resource.spec.deletion_protection:
        return _blocked(facts, "BlockedByDeletionProtection", "spec.deletionProtection is true")
    return _with_account(facts)


def _with_account(facts: GroupFacts) -> Plan:
    status = facts.resource.status
    if isinstance(facts.account, Unresolved):
        nothing_to_send = facts.observe_only or (_keeps_cloud_object(facts) and not facts.adopted_by_id)
        never_made = status.external_id is None and (status.account is not None or facts.untouched)
        if status.operation is None and (never_made or nothing_to_send):
            return release()
        return _blocked(facts, "BlockedByCredentials", unreachable(facts.account), freeze=True)
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
        return _in_phase(facts, "Confirming", text, wait_s=wait)
    return release()


def _orphan(facts: GroupFacts) -> Plan:
    """Created by us: the mark stays, so the same object finds the group again. Adopted by id: our tag goes."""
    group = facts.seen.value if isinstance(facts.seen, Observed) else None
    tagged = group is not None and group.owner_tag == facts.owner.mark
    if facts.adopted_by_id and not facts.observe_only and isinstance(facts.seen, Untrusted):
        return _in_phase(facts, "Orphaning", facts.seen.why, wait_s=facts.seen.retry_s)
    if group is not None and tagged and facts.adopted_by_id and not facts.observe_only:
        step = Do(SetTags(group.id, {}, (OWNER_TAG,)))
        return _in_phase(facts, "Orphaning", "taking our tag off the cloud group", step)
    return release(Notice("Deleted", "the cloud group was left as it is (Orphan)"))


def _delete(facts: GroupFacts, account: Account) -> Plan:
    if isinstance(facts.seen, Absent):
        left = _deletion(facts).leftover_instance_ids
        text = f"the forced deletion may have left instances behind: {_named(left)}"
        warned = (Notice("LeftoverInstances", text, True),) if left else ()
        return release(*warned, Notice("Deleted", f"the cloud group {facts.resource.status.external_id} is gone"))
    if not isinstance(facts.seen, Observed):
        wait = facts.seen.retry_s if isinstance(facts.seen, Untrusted) else 1.0
        return _in_phase(facts, _phase_before(facts), "waiting for a trusted read of the cloud group", wait_s=wait)
    group = facts.seen.value
    begun = _begin(facts, group)
    if begun is not None:
        return begun
    if group.state is GroupState.DELETING:
        return _in_phase(facts, "Confirming", "the vendor is deleting the group", wait_s=account.timing.active_s)
    if facts.policies is None or facts.instances is None:
        return _in_phase(
            facts, _phase_before(facts), "waiting for a trusted list of instances and policies", wait_s=1.0
        )
    stages = _FORCED if _is_due(facts) else _GRACEFUL
    return next(found for stage in stages if (found := stage(facts, account, group)) is not None)


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
        due = _deadline(facts, deletion)
        if deletion.deadline == due:
            return None
        return Plan(record={"deletion": deletion.model_copy(update={"deadline": due})}, wait_s=0.0)
    shifted = deletion.started_at + (facts.now - deletion.blocked_since)
    moved = deletion.model_copy(update={"started_at": shifted, "blocked_since": None})
    return Plan(record={"deletion": moved}, wait_s=0.0)


def _deadline(facts: GroupFacts, deletion: Deletion) -> datetime | None:
    seconds = facts.resource.spec.force_delete_after_seconds
    if seconds < 0 or deletion.started_at is None:
        return None
    return deletion.started_at + timedelta(seconds=seconds)


def frozen(facts: GroupFacts) -> dict[str, Any]:
    """What makes the deadline stand still while the deletion waits for a pause or for credentials."""
    deletion = facts.resource.status.deletion
    if deletion is None or deletion.started_at is None or deletion.blocked_since is not None:
        return {}
    return {"deletion": deletion.model_copy(update={"blocked_since": facts.now})}


def _is_due(facts: GroupFacts) -> bool:
    due = _deadline(facts, _deletion(facts))
    return due is not None and facts.now >= due


# --- phases -------------------------------------------------------------------------------------------------------

Stage = Callable[[GroupFacts, Account, Group], Plan | None]


def _policies(facts: GroupFacts, account: Account, group: Group) -> Plan | None:
    """Whatever could move the capacity goes first."""
    ids = tuple(policy.id for policy in facts.policies.value) if facts.policies is not None else ()
    if not ids:
        return None
    call = DeletePolicies(ids[:POLICY_BATCH], force=_is_due(facts))
    return _in_phase(facts, "DeletingPolicies", f"deleting {len(ids)} policies of the group", Do(call))


def _movers(facts: GroupFacts, account: Account, group: Group) -> Plan | None:
    return _cleared(facts, "DeletingPolicies", clearing.movers(facts, account, group))


def _children(facts: GroupFacts, account: Account, group: Group) -> Plan | None:
    return _cleared(facts, "DeletingChildren", clearing.leftovers(facts, account, group))


def _cleared(facts: GroupFacts, phase: str, due: clearing.Clearing | None) -> Plan | None:
    if due is None:
        return None
    return _in_phase(facts, phase, due.text, Do(due.call) if due.call is not None else None, due.wait_s)


def _protected(facts: GroupFacts, account: Account, group: Group) -> Plan | None:
    held = [i.id for i in _instances(facts) if i.protected]
    return _held_by(facts, account, "BlockedByProtection", "protected from scale-in", held)


def _standby(facts: GroupFacts, account: Account, group: Group) -> Plan | None:
    held = [i.id for i in _instances(facts) if i.state is InstanceState.STANDBY]
    return _held_by(facts, account, "BlockedByStandby", "in standby", held)


def _unprotect(facts: GroupFacts, account: Account, group: Group) -> Plan | None:
    held = [i.id for i in _instances(facts) if i.protected and i.state is InstanceState.IN_SERVICE]
    return _batch(facts, account, group, "Forcing", InstanceAction.UNPROTECT, held)


def _exit_standby(facts: GroupFacts, account: Account, group: Group) -> Plan | None:
    held = [i.id for i in _instances(facts) if i.state is InstanceState.STANDBY]
    return _batch(facts, account, group, "Forcing", InstanceAction.EXIT_STANDBY, held)


def _attached(facts: GroupFacts, account: Account, group: Group) -> Plan | None:
    """Release: instances that joined by hand are detached first, never released."""
    if not _releases(facts):
        return None
    ids = [i.id for i in _instances(facts) if i.attached and i.state is InstanceState.IN_SERVICE]
    if ids and group.min_size > 0:
        return _bounds(facts, account, group, "Draining", desired=None)
    return _batch(facts, account, group, "Draining", InstanceAction.DETACH, ids)


def _drain(facts: GroupFacts, account: Account, group: Group) -> Plan | None:
    """Release: an enabled group is scaled to nothing, a disabled one is emptied instance by instance."""
    if not _releases(facts):
        return None
    if group.state is not GroupState.DISABLED:
        if group.min_size > 0 or group.desired > 0:
            return _bounds(facts, account, group, "Draining", desired=0)
        return None
    if group.min_size > 0:
        return _bounds(facts, account, group, "Draining", desired=None)
    ids = [i.id for i in _instances(facts) if i.state is InstanceState.IN_SERVICE and not i.attached]
    return _batch(facts, account, group, "Draining", InstanceAction.REMOVE, ids)


def _detach(facts: GroupFacts, account: Account, group: Group) -> Plan | None:
    """Detach: disabled first, so that nothing is replaced while instances leave."""
    if _releases(facts):
        return None
    if group.state is not GroupState.DISABLED:
        return _in_phase(facts, "Detaching", "disabling the group", Do(DisableGroup(group.id)))
    if group.min_size > 0:
        return _bounds(facts, account, group, "Detaching", desired=None)
    ids = [i.id for i in _instances(facts) if i.state is InstanceState.IN_SERVICE]
    return _batch(facts, account, group, "Detaching", InstanceAction.DETACH, ids)


def _empty(facts: GroupFacts, account: Account, group: Group) -> Plan | None:
    """Wait until the last instance has left and no activity runs."""
    if group.current == 0 and not _instances(facts) and not group.busy:
        return None
    phase = "Draining" if _releases(facts) else "Detaching"
    if group.busy or not _instances(facts):
        return _in_phase(facts, phase, f"{group.current} instances left", wait_s=account.timing.active_s)
    names = _named(f"{i.id} ({i.state})" for i in _instances(facts))
    return _blocked(facts, "BlockedByInstanceState", f"waiting for instances: {names}", wait_s=account.timing.active_s)


def _group(facts: GroupFacts, account: Account, group: Group) -> Plan:
    step = _deletion_call(group, _deletion(facts), force=False)
    # Asked for again while the vendor shows no sign of it, it is still being confirmed.
    phase = "Confirming" if _phase_before(facts) == "Confirming" else "DeletingCloudObject"
    return replace(_in_phase(facts, phase, "deleting the cloud group", step), wait_s=_ACCEPTED_S)


def _deletion_call(group: Group, deletion: Deletion, *notices: Notice, force: bool) -> Do:
    """The vendor only accepts it: its end begins the phase that waits until the group is gone."""
    after = {"deletion": deletion.model_copy(update={"phase": "Confirming"})}
    told = Notice("DeletionPhase", "Confirming: waiting until the cloud group is gone")
    return Do(DeleteGroup(group.id, force=force), after, notices=(*notices, told))


def _force(facts: GroupFacts, account: Account, group: Group) -> Plan | None:
    """Release past its deadline: the vendor takes everything down; what it may leave behind is written down first."""
    if not _releases(facts):
        return None
    known = _deletion(facts).leftover_instance_ids  # of the last time, when it is repeated
    seen = (i.id for i in _instances(facts) if i.id and not i.attached)
    left = tuple(dict.fromkeys((*known, *seen)))[:100]
    deletion = _deletion(facts).model_copy(update={"leftover_instance_ids": left})
    notice = Notice("ForcedDeletion", f"the deadline passed; forcing the deletion of {group.id}", True)
    step = _deletion_call(group, deletion, notice, force=True)
    plan = _in_phase(facts, "Forcing", "forcing the deletion", step)
    forced = deletion.model_copy(update={"phase": "Forcing"})
    return replace(plan, record={**plan.record, "deletion": forced}, wait_s=_ACCEPTED_S)


_GRACEFUL: tuple[Stage, ...] = (
    *(_policies, _movers, _protected, _standby, _attached, _drain, _detach, _empty, _children, _group),
)
_FORCED: tuple[Stage, ...] = (_policies, _force, _unprotect, _exit_standby, _detach, _empty, _group)


# --- building blocks ----------------------------------------------------------------------------------------------


def _releases(facts: GroupFacts) -> bool:
    return facts.resource.spec.instance_deletion_policy == "Release"


def _instances(facts: GroupFacts) -> tuple[Instance, ...]:
    return facts.instances.value if facts.instances is not None else ()


def _named(ids: Iterable[str]) -> str:
    names = list(ids)
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def _bounds(facts: GroupFacts, account: Account, group: Group, phase: str, desired: int | None) -> Plan:
    """minSize 0, so that instances may leave; together with the desired capacity when the group drains itself."""
    if desired is not None and group.busy:
        return _in_phase(facts, phase, "waiting for the running activity", wait_s=account.timing.active_s)
    change = Change({"minSize": 0}, group.fields, frozenset({"minSize"}), facts.owner.mark, desired)
    return _in_phase(facts, phase, "lowering the bounds of the group", Do(UpdateGroup(group.id, change)))


def _batch(
    facts: GroupFacts, account: Account, group: Group, phase: str, action: InstanceAction, ids: list[str]
) -> Plan | None:
    if not ids:
        return None
    if group.busy:
        return _in_phase(facts, phase, "waiting for the running activity", wait_s=account.timing.active_s)
    chunk = tuple(ids[: account.batch_sizes.get(action, len(ids))])
    return _in_phase(facts, phase, f"{action}: {len(ids)} instances left", Do(ActOnInstances(group.id, action, chunk)))


def _held_by(facts: GroupFacts, account: Account, reason: str, how: str, ids: list[str]) -> Plan | None:
    if not ids:
        return None
    return _blocked(facts, reason, f"instances {how}: {_named(ids)}", wait_s=account.timing.active_s)


def _phase_before(facts: GroupFacts) -> str:
    return _deletion(facts).phase


def _deletion(facts: GroupFacts) -> Deletion:
    return facts.resource.status.deletion or Deletion(phase="DeletingPolicies")


def _in_phase(facts: GroupFacts, phase: str, message: str, step: Do | None = None, wait_s: float | None = None) -> Plan:
    deletion = facts.resource.status.deletion
    record: dict[str, Any] = {}
    notices: tuple[Notice, ...] = ()
    if deletion is None or deletion.phase != phase:
        record["deletion"] = _deletion(facts).model_copy(update={"phase": phase})
        notices = (Notice("DeletionPhase", f"{phase}: {message}"),)
    wait = 0.0 if step is not None else wait_s
    return Plan(step=step, record=record, wait_s=wait, verdicts=(true("Deleting", phase, message),), notices=notices)


def _blocked(
    facts: GroupFacts, reason: str, message: str, *, freeze: bool = False, wait_s: float | None = None
) -> Plan:
    """Why the deletion does not move; `freeze` makes the deadline stand still."""
    record = frozen(facts) if freeze else {}
    return Plan(
        record=record,
        wait_s=wait_s,
        verdicts=(true("Deleting", reason, message),),
        notices=(Notice("DeletionBlocked", f"{reason}: {message}", True),),
    )
