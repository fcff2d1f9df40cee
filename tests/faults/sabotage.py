"""Deliberate mistakes put into a running operator, to prove that the harness finds them. Applied by zygote.

Each one undoes a safety of the create or capacity protocol in the forked process only; the product code has no
switch for it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any


def no_proof_of_absence() -> None:
    """A create is repeated at once, without waiting for a request that may still be on its way."""
    from cloudscaling.core.group import creation as group
    from cloudscaling.core.launch import planner as launch
    from cloudscaling.core.policy import planner as policy

    for module in (group, launch, policy):
        module.may_repeat_create = lambda *_: None  # type: ignore[attr-defined]


def no_lookup() -> None:
    """While a create is in flight the look for our mark finds nothing, however long it looks."""
    from cloudscaling.core.facts import Lookup
    from cloudscaling.engine import fleet

    whole = fleet.Fleet.look_up

    async def blind(self: Any, table: Any, handles: Any, memory: Any, operation_id: str | None, *more: Any) -> Any:
        found = await whole(self, table, handles, memory, operation_id, *more)
        if operation_id is None or not isinstance(found, Lookup):
            return found
        return Lookup((), found.taken_at, found.taken_at - timedelta(minutes=1))

    setattr(fleet.Fleet, "look_up", blind)  # noqa: B010  a method is replaced on purpose


def forgetful_capacity() -> None:
    """The applied desired capacity is never stored, so every start believes in the wish of the spec."""
    from cloudscaling.core.group import capacity

    capacity._first_sight = lambda view: capacity._asked_anew(view, view.want or 0)


def hasty_deletion() -> None:
    """The finalizer goes although a create has no known end."""
    from cloudscaling.core.deletion import release
    from cloudscaling.core.group import deletion as group_deletion

    group_deletion._without_id = lambda *_: release()


SABOTAGES: dict[str, Callable[[], None]] = {
    "no-proof-of-absence": no_proof_of_absence,
    "no-lookup": no_lookup,
    "forgetful-capacity": forgetful_capacity,
    "hasty-deletion": hasty_deletion,
}


def apply(name: str) -> None:
    """Put the named mistake in; "" is none."""
    if name:
        SABOTAGES[name]()
