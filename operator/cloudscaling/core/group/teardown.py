"""Taking an observed cloud group down, stage by stage. Called by deletion once group, instances and policies are known.

The stages stand in two tables, in order; the first that has an answer decides. Release never touches attached
instances, Detach never releases any, and force never turns the one into the other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from cloudscaling.api.v1alpha1.scalinggroup_status import Deletion
from cloudscaling.core.calls import ActOnInstances, DeleteGroup, DeletePolicies, DisableGroup, UpdateGroup
from cloudscaling.core.deletion import blocked
from cloudscaling.core.facts import Account
from cloudscaling.core.group import clearing, phases
from cloudscaling.core.group.facts import GroupFacts
from cloudscaling.core.model import Change, Group, GroupState, Instance, InstanceAction, InstanceState
from cloudscaling.core.plan import Do, Notice, Plan

POLICY_BATCH = 20
_ACCEPTED_S = 2.0  # until a deletion that the vendor has only accepted shows

Stage = Callable[[GroupFacts, Account, Group], Plan | None]


def plan(facts: GroupFacts, account: Account, group: Group) -> Plan:
    """The next step for `group`."""
    stages = _FORCED if phases.is_due(facts) else _GRACEFUL
    return next(found for stage in stages if (found := stage(facts, account, group)) is not None)


def _policies(facts: GroupFacts, account: Account, group: Group) -> Plan | None:
    """Whatever could move the capacity goes first."""
    ids = tuple(policy.id for policy in facts.policies.value) if facts.policies is not None else ()
    if not ids:
        return None
    call = DeletePolicies(ids[:POLICY_BATCH], force=phases.is_due(facts))
    return phases.enter(facts, "DeletingPolicies", f"deleting {len(ids)} policies of the group", Do(call))


def _movers(facts: GroupFacts, account: Account, group: Group) -> Plan | None:
    return _cleared(facts, "DeletingPolicies", clearing.movers(facts, account, group))


def _children(facts: GroupFacts, account: Account, group: Group) -> Plan | None:
    return _cleared(facts, "DeletingChildren", clearing.leftovers(facts, account, group))


def _cleared(facts: GroupFacts, phase: str, due: clearing.Clearing | None) -> Plan | None:
    if due is None:
        return None
    return phases.enter(facts, phase, due.text, Do(due.call) if due.call is not None else None, due.wait_s)


def _protected(facts: GroupFacts, account: Account, group: Group) -> Plan | None:
    held = [i.id for i in _instances(facts) if i.protected]
    return _held_by(account, "BlockedByProtection", "protected from scale-in", held)


def _standby(facts: GroupFacts, account: Account, group: Group) -> Plan | None:
    held = [i.id for i in _instances(facts) if i.state is InstanceState.STANDBY]
    return _held_by(account, "BlockedByStandby", "in standby", held)


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
        return phases.enter(facts, "Detaching", "disabling the group", Do(DisableGroup(group.id)))
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
        return phases.enter(facts, phase, f"{group.current} instances left", wait_s=account.timing.active_s)
    names = phases.named(f"{i.id} ({i.state})" for i in _instances(facts))
    return blocked("BlockedByInstanceState", f"waiting for instances: {names}", account.timing.active_s)


def _group(facts: GroupFacts, account: Account, group: Group) -> Plan:
    step = _deletion_call(group, phases.of(facts), force=False)
    # Asked for again while the vendor shows no sign of it, it is still being confirmed.
    phase = "Confirming" if phases.before(facts) == "Confirming" else "DeletingCloudObject"
    return replace(phases.enter(facts, phase, "deleting the cloud group", step), wait_s=_ACCEPTED_S)


def _deletion_call(group: Group, deletion: Deletion, *notices: Notice, force: bool) -> Do:
    """The vendor only accepts it: its end begins the phase that waits until the group is gone."""
    after = {"deletion": deletion.model_copy(update={"phase": "Confirming"})}
    told = Notice("DeletionPhase", "Confirming: waiting until the cloud group is gone")
    return Do(DeleteGroup(group.id, force=force), after, notices=(*notices, told))


def _force(facts: GroupFacts, account: Account, group: Group) -> Plan | None:
    """Release past its deadline: the vendor takes everything down; what it may leave behind is written down first."""
    if not _releases(facts):
        return None
    known = phases.of(facts).leftover_instance_ids  # of the last time, when it is repeated
    seen = (i.id for i in _instances(facts) if i.id and not i.attached)
    left = tuple(dict.fromkeys((*known, *seen)))[:100]
    deletion = phases.of(facts).model_copy(update={"leftover_instance_ids": left})
    notice = Notice("ForcedDeletion", f"the deadline passed; forcing the deletion of {group.id}", True)
    step = _deletion_call(group, deletion, notice, force=True)
    plan = phases.enter(facts, "Forcing", "forcing the deletion", step)
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


def _bounds(facts: GroupFacts, account: Account, group: Group, phase: str, desired: int | None) -> Plan:
    """minSize 0, so that instances may leave; together with the desired capacity when the group drains itself."""
    if desired is not None and group.busy:
        return phases.enter(facts, phase, "waiting for the running activity", wait_s=account.timing.active_s)
    change = Change({"minSize": 0}, group.fields, frozenset({"minSize"}), facts.owner.mark, desired)
    return phases.enter(facts, phase, "lowering the bounds of the group", Do(UpdateGroup(group.id, change)))


def _batch(
    facts: GroupFacts, account: Account, group: Group, phase: str, action: InstanceAction, ids: list[str]
) -> Plan | None:
    if not ids:
        return None
    if group.busy:
        return phases.enter(facts, phase, "waiting for the running activity", wait_s=account.timing.active_s)
    chunk = tuple(ids[: account.batch_sizes.get(action, len(ids))])
    return phases.enter(
        facts, phase, f"{action}: {len(ids)} instances left", Do(ActOnInstances(group.id, action, chunk))
    )


def _held_by(account: Account, reason: str, how: str, ids: list[str]) -> Plan | None:
    if not ids:
        return None
    return blocked(reason, f"instances {how}: {phases.named(ids)}", account.timing.active_s)
