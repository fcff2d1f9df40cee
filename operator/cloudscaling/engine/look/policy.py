"""Facts of a ScalingPolicy. Called by engine.reconcile."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from cloudscaling import errors
from cloudscaling.api.v1alpha1.scalingpolicy import ScalingPolicySpec
from cloudscaling.core import model
from cloudscaling.core.accept import BLOCKS
from cloudscaling.core.facts import Absent, Lookup, Observed, Unresolved, Untrusted
from cloudscaling.core.intent import open_create
from cloudscaling.core.policy import forms
from cloudscaling.core.policy.facts import (
    BandwidthTarget,
    GroupTarget,
    PolicyFacts,
    is_here,
    is_ours,
    sent_name,
    wanted_name,
)
from cloudscaling.core.policy.schedule import LATE
from cloudscaling.engine.look.base import Looker, attempt, reconcile_requested
from cloudscaling.engine.memory import Memory
from cloudscaling.engine.queue import Key
from cloudscaling.engine.sessions import Session
from cloudscaling.engine.store import GROUPS, Stored
from cloudscaling.engine.table import Table

_NEWEST = 10  # executions
Target = GroupTarget | BandwidthTarget | Unresolved


async def look_at_policy(looker: Looker, stored: Stored) -> PolicyFacts:
    resource, memory = stored.resource, looker.memories.of(stored.key, stored.uid)
    session, target = looker.session(stored), _target(looker, stored)
    blank = resource.status.observed_generation is None
    memory.newborn = memory.newborn and blank
    restored = blank and not memory.newborn
    common = looker.common(stored, session) | {"target": target, "restored": restored}
    held = resource.spec.paused or (isinstance(target, GroupTarget) and target.paused)
    if isinstance(session, Unresolved) or held:
        return PolicyFacts(blind=looker.in_the_dark(stored, session, memory), **common)
    if forms.wanted(resource.spec) is None:
        return PolicyFacts(**common)
    known = resource.status.external_id or resource.spec.external_id
    if known is None or (resource.status.external_id is None and open_create(resource.status) is not None):
        lookup = await _look_up(looker, stored, session, common)
        return PolicyFacts(lookup=lookup, blind=looker.blind(memory, session.timing), **common)
    seen = await _find(looker, stored, session, target, known)
    executing = isinstance(seen, Observed) and seen.value.executing
    memory.executing_since = (memory.executing_since or looker.clock.now()) if executing else None
    return PolicyFacts(
        seen=seen,
        twins=_twins(looker, stored, session, target, seen),
        executing_since=memory.executing_since,
        executions=await _executions(looker, stored, session, memory, seen),
        blind=looker.blind(memory, session.timing),
        **common,
    )


async def _look_up(
    looker: Looker, stored: Stored, session: Session, common: dict[str, Any]
) -> Lookup[model.Policy] | Untrusted | None:
    """What bears the name: of the wanted form, and of any while it is open what was made before the spec changed."""
    spec, operation, target = stored.resource.spec, stored.resource.status.operation, common["target"]
    in_doubt = common["restored"] or stored.deleting or operation is not None
    if isinstance(target, Unresolved) and not in_doubt:
        return None
    fleet, memory = session.fleet, looker.memories.of(stored.key, stored.uid)
    may_be_task = spec.type in ("Scheduled", "Recurring") and "ScheduledTasks" in session.identity.capabilities
    group_id = _group_id(looker, stored)
    is_task = may_be_task and forms.wanted(spec) is forms.TASK
    tables: list[Table[model.Policy]] = [fleet.policies_of(group_id)] if in_doubt or not is_task else []
    if is_task or (in_doubt and may_be_task):
        tables.append(fleet.tasks.of(group_id))
    resource, owner = stored.resource, common["owner"]
    names = {sent_name(resource, owner), wanted_name(resource, owner)}  # where it may be, and what may be in the way

    def sought(row: model.Policy) -> bool:
        return is_ours(resource, owner, row) and is_here(target, owner, row)

    return await fleet.look_up(tables[0], sorted(names), memory, attempt(stored), sought, also=tables[1:])


async def _find(
    looker: Looker, stored: Stored, session: Session, target: object, known: str
) -> Observed[model.Policy] | Absent | Untrusted:
    fleet, memory, status = session.fleet, looker.memories.of(stored.key, stored.uid), stored.resource.status
    table, get = _source(looker, stored, session)
    row = table.rows.get(known)
    executing, orphaned = row is not None and row.executing, isinstance(target, Unresolved)
    fresh = stored.deleting or executing or orphaned or reconcile_requested(stored)
    if table is not fleet.policies:  # no sweep keeps it young: it must be younger than the one that saw the group move
        moved = memory.details_due and not table.is_newer_than(fleet.groups.at)
        fresh = fresh or moved or status.observed_generation != stored.resource.metadata.generation
        # A policy has a log beside its row, which is still to be read.
        memory.details_due = memory.details_due and _form(stored) is not forms.TASK
    return await fleet.find(table, get, known, memory, fresh=fresh)


def _twins(looker: Looker, stored: Stored, session: Session, target: Target, seen: object) -> tuple[str, ...]:
    """Others of the same form with our mark, from a list that knows of our last write; an explicit name is no mark."""
    table, _ = _source(looker, stored, session)
    written = looker.memories.of(stored.key, stored.uid).last_write
    if not isinstance(seen, Observed) or isinstance(target, Unresolved) or not table.is_newer_than(written):
        return ()
    named = table.bearing(looker.owner(stored).cloud_name)
    return tuple(sorted(row.id for row in named if row.id != seen.value.id and target.has(row)))


def _source(
    looker: Looker, stored: Stored, session: Session
) -> tuple[Table[model.Policy], Callable[[str], Awaitable[model.Policy]]]:
    """Where the cloud object is listed, and how it is read alone."""
    fleet, group_id = session.fleet, _group_id(looker, stored)
    if _form(stored) is not forms.TASK:
        return fleet.policies_of(group_id), lambda policy_id: fleet.get_policy(group_id, policy_id)
    return fleet.tasks.of(group_id), lambda task_id: fleet.tasks.get(group_id, task_id)


def _form(stored: Stored) -> forms.Form | None:
    """What the cloud object is, else what it is to be."""
    spec, status = stored.resource.spec, stored.resource.status
    return forms.known(status.cloud_object) if status.external_id is not None else forms.wanted(spec)


async def _executions(
    looker: Looker, stored: Stored, session: Session, memory: Memory, seen: object
) -> tuple[model.Execution, ...] | None:
    """The log, after something has happened or a firing is due to be in it; only policies have one."""
    if not isinstance(seen, Observed) or forms.of(seen.value) is not forms.POLICY:
        return None
    shown = stored.resource.status.schedule
    due = shown.next_time if shown is not None else None
    if not memory.details_due and (due is None or looker.clock.now() < due + LATE):
        return None
    try:
        found = await session.cloud.policies.executions(seen.value.id, _NEWEST)
    except (errors.CloudError, errors.ReadUntrusted):
        return None
    memory.details_due = False
    return found


def _group_id(looker: Looker, stored: Stored) -> str | None:
    """The cloud group, as long as its object exists, be it on its way out."""
    reference = stored.resource.spec.scaling_group_ref
    found = looker.store.get(Key(GROUPS, stored.key.namespace, reference.name)) if reference is not None else None
    return found.resource.status.external_id if found is not None else None


def _target(looker: Looker, stored: Stored) -> Target:
    spec = stored.resource.spec
    if spec.scaling_group_ref is None:
        return _bandwidth(spec) or Unresolved("ScalingGroupNotFound", "no scaling group is named")
    name = spec.scaling_group_ref.name
    found = looker.store.get(Key(GROUPS, stored.key.namespace, name))
    if found is None or found.deleting:
        gone = "is being deleted" if found is not None else "does not exist"
        return Unresolved("ScalingGroupNotFound", f"ScalingGroup {name} {gone}")
    if found.resource.status.external_id is None:
        return Unresolved("ScalingGroupNotCreated", f"ScalingGroup {name} is not created yet")
    group = found.resource.spec
    return GroupTarget(found.resource.status.external_id, name, group.capacity_management == "Enforced", group.paused)


def _bandwidth(spec: ScalingPolicySpec) -> BandwidthTarget | None:
    """The bandwidth that a vendor's block names."""
    for block in BLOCKS:
        named = getattr(getattr(spec, block, None), "bandwidth", None)
        if named is not None:
            return BandwidthTarget(named.id, f"{block}.bandwidth.id")
    return None
