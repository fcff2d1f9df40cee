"""Facts of a ScalingGroup. Called by engine.reconcile."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from cloudscaling import errors
from cloudscaling.api.meta import REAPPLY_DESIRED_CAPACITY
from cloudscaling.api.v1alpha1.scalingpolicy_parts import Capacity
from cloudscaling.core import model
from cloudscaling.core.facts import LaunchTarget, Observed, Unresolved
from cloudscaling.core.group.facts import GroupFacts
from cloudscaling.core.naming import OWNER_TAG
from cloudscaling.core.operation.sizes import brought_about
from cloudscaling.core.verdict import is_true
from cloudscaling.engine.look.base import Looker, attempt, reconcile_requested
from cloudscaling.engine.look.children import INSTANCES, look_at_children, turn
from cloudscaling.engine.memory import Memory
from cloudscaling.engine.queue import Key
from cloudscaling.engine.sessions import Session
from cloudscaling.engine.store import LAUNCHES, OPERATIONS, POLICIES, Stored

_NEWEST = 10  # activities


async def look_at_group(looker: Looker, stored: Stored) -> GroupFacts:
    resource, memory = stored.resource, looker.memories.of(stored.key, stored.uid)
    session = looker.session(stored)
    common = looker.common(stored, session) | {"launch": launch_target(looker, stored)}
    if isinstance(session, Unresolved) or resource.spec.paused:
        return GroupFacts(blind=looker.in_the_dark(stored, session, memory), **common)
    fleet, owner = session.fleet, common["owner"]
    handles = [owner.mark, owner.cloud_name, resource.spec.external_name or owner.cloud_name]
    making = resource.status.operation is not None  # an open create is looked for by its mark, whatever is named now
    known = resource.status.external_id or (None if making else resource.spec.external_id)
    if known is None:
        lookup = await fleet.look_up(
            fleet.groups,
            handles,
            memory,
            attempt(stored),
            lambda row: owner.mark in (row.marker, row.owner_tag) or row.name == owner.cloud_name,
        )
        blind = looker.blind(memory, session.timing)
        return GroupFacts(lookup=lookup, blind=blind, **common)
    fresh = _wants_fresh(looker, stored, session, memory)
    seen = await fleet.find(fleet.groups, session.cloud.groups.get, known, memory, fresh=fresh)
    if isinstance(seen, Observed):
        seen = replace(seen, value=await _with_tags(stored, session, seen.value))
    details = await _details(looker, stored, session, memory, seen)
    scheduled = _schedules(looker, stored)
    marked, policies = fleet.groups.bearing(owner.mark), fleet.policies_of(known)
    return GroupFacts(
        seen=seen,
        twins=tuple(sorted(g.id for g in marked if g.id != known)),
        blind=looker.blind(memory, session.timing),
        cloud_policies=policies.bearing(f"group:{known}") if policies.at else None,
        managed_policy_ids=_managed_policies(looker, stored),
        bounds_scheduled=bool(scheduled),
        scheduled_sizes=frozenset().union(*map(_sizes, scheduled)),
        operated_sizes=_operated(looker, stored),
        short_since=_short_since(memory, seen, resource, looker.clock.now()),
        **details,
        **common,
    )


def launch_target(looker: Looker, stored: Stored) -> LaunchTarget | Unresolved | None:
    reference = stored.resource.spec.launch_configuration_ref
    if reference is None:
        return None
    if reference.external_id is not None:
        return LaunchTarget(reference.external_id)
    found = looker.store.get(Key(LAUNCHES, stored.key.namespace, reference.name))
    if found is None:
        return Unresolved("LaunchConfigurationNotFound", f"LaunchConfiguration {reference.name} does not exist")
    status = found.resource.status
    if status.external_id is None or status.current_revision is None:
        text = f"LaunchConfiguration {reference.name} has no current revision yet"
        return Unresolved("LaunchConfigurationNotCreated", text)
    return LaunchTarget(status.external_id, reference.name, status.current_revision)


def _wants_fresh(looker: Looker, stored: Stored, session: Session, memory: Memory) -> bool:
    """A read by id instead of the table: while something is going on, or when it was asked for."""
    status = stored.resource.status
    known = status.external_id or stored.resource.spec.external_id
    row = session.fleet.groups.rows.get(known)
    token = stored.resource.metadata.annotations.get(REAPPLY_DESIRED_CAPACITY)
    return (
        status.operation is not None
        # sizes are decided anew: an older row could hide a move by somebody else, and undo it
        or status.observed_generation != stored.resource.metadata.generation
        or status.last_applied_desired_capacity is None
        or token != status.last_applied_desired_capacity_token
        or stored.deleting
        or is_true(status.conditions, "ScalingInProgress")
        or (row is not None and row.busy)
        or reconcile_requested(stored)
    )


async def _details(looker: Looker, stored: Stored, session: Session, memory: Memory, seen: object) -> dict[str, Any]:
    """Children; instances, activities and, for a deletion, policies; only when something says that they moved."""
    if not isinstance(seen, Observed):
        return {}
    group = seen.value
    everything = stored.deleting or memory.details_due or _moved(stored, group)
    due = turn(stored, session, memory) if memory.instances_due and not everything else ""
    hanging = {"children": await look_at_children(stored, session, memory, group, in_turn=due)}
    if not everything and due != INSTANCES:
        memory.instances_due, memory.details_at = False, looker.clock.now() if due else memory.details_at
        return hanging
    deletes = stored.deleting and stored.resource.status.deletion is not None
    cloud, now = session.cloud, looker.clock.now()
    try:
        instances = await cloud.instances.list(group.id)
        found: dict[str, Any] = {"instances": Observed(instances, now), **hanging}
        if deletes:
            found["policies"] = Observed(await cloud.policies.of_group(group.id), now)
        elif everything:
            found["activities"] = await cloud.groups.activities(group.id, _NEWEST)
    except (errors.CloudError, errors.ReadUntrusted):
        memory.details_due = True
        return hanging
    memory.details_due, memory.instances_due, memory.details_at = group.busy, False, now
    return found


async def _with_tags(stored: Stored, session: Session, group: model.Group) -> model.Group:
    """The group with its tags read anew if they are to be written: they are kept apart, and its row may lag behind."""
    spec, seen = stored.resource.spec, group.fields.get("tags")
    as_wanted = seen is not None and group.owner_tag and (spec.tags or {}).items() <= seen.items()
    if as_wanted or seen is None or stored.deleting or spec.management_policy == "ObserveOnly":
        return group
    try:
        tags = dict(await session.cloud.groups.tags(group.id))
    except (errors.CloudError, errors.ReadUntrusted):
        return group
    owner_tag = tags.pop(OWNER_TAG, "")
    return replace(group, fields={**group.fields, "tags": tags}, owner_tag=owner_tag)


def _managed_policies(looker: Looker, stored: Stored) -> frozenset[str]:
    policies = looker.store.referrers(stored.key, POLICIES)
    return frozenset(p.resource.status.external_id for p in policies if p.resource.status.external_id)


def _schedules(looker: Looker, stored: Stored) -> list[Capacity]:
    """What schedules with an object here set; those of the cloud alone are read with the children."""
    policies = (p for p in looker.store.referrers(stored.key, POLICIES) if not p.deleting)
    return [p.resource.spec.capacity for p in policies if p.resource.spec.capacity is not None]


def _sizes(scheduled: Capacity) -> set[int]:
    """Values that the desired capacity may take by it: bounds move it along."""
    sizes = (scheduled.desired_capacity, scheduled.min_size, scheduled.max_size)
    return {size for size in sizes if size is not None}


def _operated(looker: Looker, stored: Stored) -> frozenset[int]:
    operations, now = looker.store.referrers(stored.key, OPERATIONS), looker.clock.now()
    return frozenset().union(*(brought_about(one.resource, now) for one in operations))


def _moved(stored: Stored, group: model.Group) -> bool:
    """The row is not what the status says, or an activity runs or has just ended."""
    status = stored.resource.status
    shown = (status.desired_capacity, status.current_capacity, status.vendor_state)
    return (
        group.busy
        or status.instances is None
        or shown != (group.desired, group.current, group.vendor_state)
        or is_true(status.conditions, "ScalingInProgress")
        or reconcile_requested(stored)
    )


def _short_since(memory: Memory, seen: object, resource: Any, now: datetime) -> datetime | None:
    """Since when fewer instances serve than are desired, with nothing going on about it."""
    serving = resource.status.in_service_capacity
    group = seen.value if isinstance(seen, Observed) else None
    if group is None or group.busy or serving is None or serving >= group.desired:
        memory.short_since = None
    elif memory.short_since is None:
        memory.short_since = now
    return memory.short_since
