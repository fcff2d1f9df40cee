"""What has to go before a cloud group goes, besides its policies and instances. Called by teardown.

The vendor may take all of it along, but nobody says so: a pool left behind costs money.
"""

from __future__ import annotations

from dataclasses import dataclass

from cloudscaling.core.calls import CloseWarmPool, CloudCall, DeleteScheduledTask
from cloudscaling.core.facts import Account
from cloudscaling.core.group import children
from cloudscaling.core.group.facts import GroupFacts
from cloudscaling.core.holding import is_held
from cloudscaling.core.model import Group
from cloudscaling.core.plan import Do, Plan


@dataclass(frozen=True, slots=True)
class Clearing:
    """A call, or nothing but time, until something is gone."""

    text: str
    call: CloudCall | None = None
    wait_s: float | None = None


def movers(facts: GroupFacts, account: Account, group: Group) -> Clearing | None:
    """Whatever would work against the drain: schedules that set sizes, a warm pool that follows the capacity."""
    hanging = facts.children
    if hanging.missed:
        return Clearing("waiting for a trusted read of schedules and warm pool", wait_s=account.timing.active_s)
    if hanging.schedules:
        task = hanging.schedules[0]
        return Clearing(f"deleting the schedule {task.name}", DeleteScheduledTask(group.id, task.id))
    if not hanging.warm_pools:
        return None
    closing = not hanging.warm_pools[0].active
    text = "closing the warm pool"
    return Clearing(text, wait_s=account.timing.active_s) if closing else Clearing(text, CloseWarmPool(group.id))


def leftovers(facts: GroupFacts, account: Account, group: Group) -> Clearing | None:
    """Our children, once the last instance has left: hooks still ran for it. What is refused goes with the group."""
    for kind, seen in children.owned(facts):
        call = kind.delete(group.id, seen)
        held = (is_held(Plan(step=Do(call)), s, generation=facts.generation, now=facts.now) for s in facts.setbacks)
        if not any(held):
            return Clearing(f"deleting the {children.said(kind, seen.key)}", call)
    return None
