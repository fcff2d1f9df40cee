"""Who may move the desired capacity, and when. Called by the planner.

The rules D1 to D6 and D9 of the API document: spec.desiredCapacity is applied once per change of its value, an
external move is reported and left alone unless the group is Enforced, and a lost status never scales in.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from cloudscaling.core.plan import Notice
from cloudscaling.core.verdict import Verdict, false, true

NONE_ASKED = -1
POLICY, OPERATION = "a policy", "an InstanceOperation"  # who may move it and is known


@dataclass(frozen=True, slots=True)
class View:
    """All that the decision depends on; sizes in instances."""

    want: int | None  # spec.desiredCapacity
    applied: int | None  # status.lastAppliedDesiredCapacity; None: never recorded
    seen: int  # trusted observed desired capacity
    min_size: int  # bounds in force
    max_size: int
    enforced: bool
    held: bool  # status.capacityHeld
    token: str = ""  # annotation reapply-desired-capacity
    applied_token: str = ""  # status.lastAppliedDesiredCapacityToken
    moved_by: str = ""  # who explains `seen`: POLICY or OPERATION
    may_write: bool = True  # False: ObserveOnly

    @property
    def fits(self) -> bool:
        """The observed desired capacity lies within the bounds in force."""
        return self.min_size <= self.seen <= self.max_size


@dataclass(frozen=True, slots=True)
class Decision:
    drifted: Verdict
    write: int | None = None  # value to set, clamped; None: nothing
    corrects: bool = False  # the write undoes a move by others, D6
    record: dict[str, Any] = field(default_factory=dict)  # status fields to store
    seed: int | None = None  # value to write into spec through /scale
    clamped_from: int | None = None  # the wish that did not fit into the bounds
    newly_external: bool = False


def clamp(value: int, low: int, high: int) -> int:
    return max(low, min(value, high))


def clamped_notice(wish: int | None, low: int, high: int) -> tuple[Notice, ...]:
    """The Event of a wish that did not fit into the bounds; `wish` is None when it did."""
    if wish is None:
        return ()
    return (Notice("DesiredClamped", f"desiredCapacity {wish} does not fit into {low}..{high} and was clamped"),)


def decide(view: View) -> Decision:
    """What to write, record and report about the desired capacity."""
    if view.applied is None:
        return _first_sight(view)
    if view.want is None:
        return _not_asked(view)
    new_token = bool(view.token) and view.token != view.applied_token
    if view.want != view.applied or new_token:
        return _asked_anew(view, view.want)
    return _settled(view, view.want)


def _target(view: View, want: int) -> int:
    return clamp(want, view.min_size, view.max_size)


def _first_sight(view: View) -> Decision:
    """D1: an existing cloud object without a record: the wish counts as applied, nothing is written."""
    record: dict[str, Any] = {
        "last_applied_desired_capacity": NONE_ASKED if view.want is None else view.want,
        "last_applied_desired_capacity_token": view.token or None,
    }
    if not view.fits:
        record["capacity_held"] = True
    if view.want is None:
        return Decision(_not_managed(), record=record)
    if view.seen == _target(view, view.want):
        return Decision(_as_applied(), record=record)
    record["capacity_held"] = True
    return Decision(_external(view), record=record, newly_external=True)


def _not_asked(view: View) -> Decision:
    """D3, D6: no wish. An Enforced group gets one, once, from what is observed."""
    record: dict[str, Any] = {}
    if view.applied != NONE_ASKED:
        record["last_applied_desired_capacity"] = NONE_ASKED
    if view.held and view.fits:
        record["capacity_held"] = None
    wants_seed = view.enforced and view.may_write and view.fits
    seed = view.seen if wants_seed else None
    return Decision(_not_managed(), record=record, seed=seed)


def _asked_anew(view: View, want: int) -> Decision:
    """D2: a new value or a new token: written once, or recorded when it is so already."""
    target = _target(view, want)
    clamped = want if target != want else None
    done = {
        "last_applied_desired_capacity": want,
        "last_applied_desired_capacity_token": view.token or None,
        "capacity_held": None,
    }
    if view.seen == target:
        return Decision(_as_applied(), record=done, clamped_from=clamped)
    if not view.may_write:
        return Decision(_external(view))
    return Decision(_as_applied(), write=target, clamped_from=clamped)


def _settled(view: View, want: int) -> Decision:
    """D5, D6: nothing was asked since; a move by others is reported, and corrected only when Enforced."""
    target = _target(view, want)
    if view.seen == target:
        return Decision(_as_applied(), record={"capacity_held": None} if view.held else {})
    if view.enforced and not view.held and view.may_write:
        return Decision(_external(view), write=target, corrects=True)
    if view.moved_by and not view.held:
        return Decision(
            false("CapacityDrifted", "ScaledByPolicy", f"{view.moved_by} moved the desired capacity to {view.seen}")
        )
    return Decision(_external(view), newly_external=True)


def without_group(want: int | None) -> Verdict:
    """What is said while there is no cloud group that could have drifted."""
    return _not_managed() if want is None else _as_applied()


def _as_applied() -> Verdict:
    return false("CapacityDrifted", "AsApplied")


def _not_managed() -> Verdict:
    return false("CapacityDrifted", "NotManaged", "spec.desiredCapacity is not set")


def _external(view: View) -> Verdict:
    held = "; held until spec.desiredCapacity changes or is applied again" if view.held or view.applied is None else ""
    return true(
        "CapacityDrifted",
        "ExternallyScaled",
        f"the cloud has {view.seen}, spec.desiredCapacity is {view.want}{held}",
    )
