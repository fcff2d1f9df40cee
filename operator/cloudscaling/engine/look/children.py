"""Facts about what hangs on a group. Called by look.group.

Nothing of it shows in the list of groups, so each kind costs a call. It is read while the group is not settled, and
otherwise only in turn with the instances, from the background share; kinds that neither spec nor cloud have are
skipped.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from typing import Any

from cloudscaling import errors
from cloudscaling.core import model
from cloudscaling.core.calls import DeleteHook, PutHook, part_of
from cloudscaling.core.group.facts import Children
from cloudscaling.core.verdict import is_true
from cloudscaling.engine.look.base import reconcile_requested
from cloudscaling.engine.memory import Memory
from cloudscaling.engine.sessions import Session
from cloudscaling.engine.store import Stored
from cloudscaling.ports import Cloud

INSTANCES = "instances"
POLICIES = "policies"  # where no sweep lists them
_SELDOM = 8  # turns between two reads of anything else of a group that has no children


async def _warm_pools(cloud: Cloud, group_id: str) -> tuple[model.WarmPool, ...]:
    """Where the cloud has none at all it refuses the question."""
    try:
        found = await cloud.warm_pools.get(group_id)
    except errors.Rejected:
        return ()
    return () if found is None else (found,)


_READS: dict[str, Callable[[Cloud, str], Awaitable[Any]]] = {
    "hooks": lambda cloud, group_id: cloud.hooks.list(group_id),
    "notifications": lambda cloud, group_id: cloud.notifications.list(group_id),
    "warm_pools": _warm_pools,
    "schedules": lambda cloud, group_id: cloud.scheduled_tasks.list(group_id),
    "pending": lambda cloud, group_id: cloud.hooks.pending(group_id),
    "quotas": lambda cloud, group_id: cloud.groups.quotas(group_id),
}


async def look_at_children(
    stored: Stored, session: Session, memory: Memory, group: model.Group, *, in_turn: str
) -> Children:
    """What is due now; `in_turn` names the kind whose turn it is in the background share."""
    needed = frozenset(_needed(stored, session, group))
    wanted = needed | _worth_knowing(stored, session, group) | ({in_turn} & {*_READS, POLICIES})
    if POLICIES in wanted:
        with suppress(errors.CloudError, errors.ReadUntrusted):
            await session.fleet.policies_of(group.id).refresh()
    found: dict[str, Any] = {}
    for kind in _READS:
        if kind not in wanted:
            continue
        try:
            found[kind] = await _READS[kind](session.cloud, group.id)
            if kind == "hooks":
                found[kind] = await _read_back(session.cloud, group.id, memory, found[kind])
        except (errors.CloudError, errors.ReadUntrusted) as exc:
            found.pop(kind, None)
            denied = isinstance(exc, errors.PermissionDenied)
            if kind in needed and not (denied and kind == "schedules"):  # who may not see them has to do without
                found |= {"missed": True, "denied": str(exc) if denied else ""}
    return Children(**found)


async def _read_back(
    cloud: Cloud, group_id: str, memory: Memory, rows: tuple[model.Hook, ...]
) -> tuple[model.Hook, ...]:
    """The hook that was written last is read by its name: a list may lag behind."""
    call = memory.written.calls[-1][0] if memory.written.calls else None
    if not isinstance(call, (PutHook, DeleteHook)):
        return rows
    name = part_of(call)
    others = tuple(hook for hook in rows if hook.name != name)
    try:
        return (*others, await cloud.hooks.get(group_id, name))
    except errors.NotFound:
        return others


def turn(stored: Stored, session: Session, memory: Memory) -> str:
    """What the background share reads of the group now: instances, and by turns what hangs on it."""
    children, seldom = _known(stored, session), ("quotas", *_unswept(session))
    others, every = (*children, *seldom), 2 if children else _SELDOM
    count, memory.turn = memory.turn, memory.turn + 1
    return others[count // every % len(others)] if count % every == every - 1 else INSTANCES


def _needed(stored: Stored, session: Session, group: model.Group) -> Iterator[str]:
    """What a decision rests on: children of spec and ledger until all is as wanted, schedules when bounds differ."""
    spec, status = stored.resource.spec, stored.resource.status
    ours = dict(_ours(stored, session))
    if stored.deleting:
        if ours["warm_pools"]:
            yield "warm_pools"
        if status.deletion is not None and status.deletion.phase == "DeletingPolicies":
            yield "schedules"
        return
    if (spec.min_size, spec.max_size) != (group.min_size, group.max_size):
        yield "schedules"
    settled = is_true(status.conditions, "Synced") and status.observed_generation == stored.resource.metadata.generation
    if not settled:
        yield from (kind for kind, any_ in ours.items() if any_)


def _worth_knowing(stored: Stored, session: Session, group: model.Group) -> frozenset[str]:
    """What people want to see: who waits in hooks during an activity, all at first sight and when asked for.

    For an emptied group that is being deleted, what could be taken down before it; it goes with the group anyway.
    """
    status, known = stored.resource.status, frozenset(_known(stored, session))
    if stored.deleting:
        emptied = group.current == 0 and not group.busy
        return known & {"hooks", "notifications"} if emptied else frozenset()
    found = set()
    if "hooks" in known and (group.busy or status.pending_lifecycle_actions):
        found.add("pending")
    first_sight = status.last_applied_desired_capacity is None and status.operation is None
    if first_sight or reconcile_requested(stored):
        found |= known | {"hooks", "notifications", "schedules", "quotas", *_unswept(session)}
    return frozenset(found)


def _unswept(session: Session) -> tuple[str, ...]:
    return () if session.fleet.one_list_of_policies else (POLICIES,)


def _ours(stored: Stored, session: Session) -> Iterator[tuple[str, bool]]:
    """(kind, whether the spec or our ledger has any)."""
    spec, managed = stored.resource.spec, stored.resource.status.managed
    block = getattr(spec, session.cloud.capabilities.block, None)
    yield "hooks", bool(spec.lifecycle_hooks or (managed and managed.lifecycle_hooks))
    yield "notifications", bool(spec.notifications or (managed and managed.notifications))
    pool = getattr(block, "warm_pool", None) is not None
    yield "warm_pools", bool(pool or (managed and managed.warm_pool))


def _known(stored: Stored, session: Session) -> tuple[str, ...]:
    """Kinds that spec or cloud are known to have."""
    status = stored.resource.status
    others = status.unmanaged
    seen = {
        "hooks": bool(others and others.lifecycle_hooks),
        "notifications": bool(others and others.notifications),
        "warm_pools": status.warm_pool is not None,
    }
    kinds = [kind for kind, any_ in _ours(stored, session) if any_ or seen[kind]]
    return (*kinds, "schedules") if others and others.schedules else tuple(kinds)
