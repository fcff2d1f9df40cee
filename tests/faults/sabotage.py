"""Deliberate mistakes put into a running operator, to prove that the harness finds them. Applied by zygote.

Each one undoes a safety of the create or capacity protocol in the forked process only; the product code has no
switch for it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def no_proof_of_absence() -> None:
    """A create is repeated at once, without waiting for a request that may still be on its way."""
    from cloudscaling.core import group, launch, policy

    for module in (group, launch, policy):
        module.may_repeat_create = lambda *_: None  # type: ignore[attr-defined]


def no_lookup() -> None:
    """The look for our mark before a create finds nothing."""
    from cloudscaling.core.facts import Lookup
    from cloudscaling.engine import fleet

    whole = fleet.Fleet.look_up

    async def blind(*args: Any, **kwargs: Any) -> Any:
        found = await whole(*args, **kwargs)
        return Lookup((), found.taken_at, found.taken_at) if isinstance(found, Lookup) else found

    fleet.Fleet.look_up = blind  # type: ignore[method-assign]


def forgetful_capacity() -> None:
    """The applied desired capacity is never stored, so every start believes in the wish of the spec."""
    from cloudscaling.core import capacity

    capacity._first_sight = lambda view: capacity._asked_anew(view, view.want or 0)


def hasty_deletion() -> None:
    """The finalizer goes although a create has no known end."""
    from cloudscaling.core import group_deletion

    group_deletion.may_repeat_create = lambda *_: None  # type: ignore[attr-defined]
    group_deletion._without_id = lambda *_: group_deletion._release()


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
