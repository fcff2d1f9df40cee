"""Facts of a ScalingPolicy. Called by engine.reconcile."""

from __future__ import annotations

from cloudscaling import errors
from cloudscaling.core import model
from cloudscaling.core.facts import Observed, Unresolved
from cloudscaling.core.policy.facts import GroupTarget, PolicyFacts
from cloudscaling.engine.accounts import Session
from cloudscaling.engine.look.base import Looker, attempt, reconcile_requested
from cloudscaling.engine.memory import Memory
from cloudscaling.engine.queue import Key
from cloudscaling.engine.store import GROUPS, Stored

_NEWEST = 10  # executions


async def look_at_policy(looker: Looker, stored: Stored) -> PolicyFacts:
    resource, memory = stored.resource, looker.memories.of(stored.key, stored.uid)
    session, group = looker.session(stored), _group_target(looker, stored)
    common = looker.common(stored, session) | {"group": group}
    held = resource.spec.paused or (isinstance(group, GroupTarget) and group.paused)
    if isinstance(session, Unresolved) or held:
        return PolicyFacts(blind=looker.in_the_dark(stored, session, memory), **common)
    fleet, owner = session.fleet, common["owner"]
    known = resource.status.external_id or resource.spec.external_id
    if known is None:
        if isinstance(group, Unresolved) and resource.status.operation is None:
            return PolicyFacts(**common)
        name = resource.spec.external_name or owner.cloud_name
        group_id = group.id if isinstance(group, GroupTarget) else None
        lookup = await fleet.look_up(
            fleet.policies, [name], memory, attempt(stored), lambda row: group_id in (None, row.group_id)
        )
        return PolicyFacts(lookup=lookup, blind=looker.blind(memory, session.timing), **common)
    row = fleet.policies.rows.get(known)
    executing, orphaned = row is not None and row.executing, isinstance(group, Unresolved)
    fresh = stored.deleting or executing or orphaned or reconcile_requested(stored)
    seen = await fleet.find(fleet.policies, session.cloud.policies.get, known, memory, fresh=fresh)
    executing = isinstance(seen, Observed) and seen.value.executing
    memory.executing_since = (memory.executing_since or looker.clock.now()) if executing else None
    executions = await _executions(looker, session, memory, seen)
    return PolicyFacts(
        seen=seen,
        executing_since=memory.executing_since,
        executions=executions,
        blind=looker.blind(memory, session.timing),
        **common,
    )


async def _executions(
    looker: Looker, session: Session, memory: Memory, seen: object
) -> tuple[model.Execution, ...] | None:
    if not memory.details_due or not isinstance(seen, Observed):
        return None
    try:
        found = await session.cloud.policies.executions(seen.value.id, _NEWEST)
    except (errors.CloudError, errors.ReadUntrusted):
        return None
    memory.details_due = False
    return found


def _group_target(looker: Looker, stored: Stored) -> GroupTarget | Unresolved:
    reference = stored.resource.spec.scaling_group_ref
    if reference is None:
        return Unresolved("ScalingGroupNotFound", "no scaling group is named")
    found = looker.store.get(Key(GROUPS, stored.key.namespace, reference.name))
    if found is None or found.deleting:
        gone = "is being deleted" if found is not None else "does not exist"
        return Unresolved("ScalingGroupNotFound", f"ScalingGroup {reference.name} {gone}")
    if found.resource.status.external_id is None:
        return Unresolved("ScalingGroupNotCreated", f"ScalingGroup {reference.name} is not created yet")
    spec = found.resource.spec
    enforced = spec.capacity_management == "Enforced"
    return GroupTarget(found.resource.status.external_id, reference.name, enforced, spec.paused)
