"""Calls that are not made for a while: after a failure, and when a difference does not go away. Called by the planners.

What is kept between two looks (Setback, Written) is kept by engine.memory.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from cloudscaling.core.calls import (
    Call,
    CloseWarmPool,
    DeleteHook,
    DeleteNotification,
    DisablePolicy,
    EnablePolicy,
    PutHook,
    PutNotification,
    ReleaseFinalizer,
    SeedDesiredCapacity,
    SetDesiredCapacity,
    SetTags,
    SetWarmPool,
    UpdateGroup,
    UpdatePolicy,
    UpdateScheduledTask,
    name_of,
)
from cloudscaling.core.facts import ObjectFacts, Setback
from cloudscaling.core.plan import Notice, Plan, seconds_until
from cloudscaling.core.verdict import Verdict, false, true

UPDATE_LOOP = 3
SLOW_RETRY_S = 1800.0  # of what only the user or the cloud's owner can mend
_CHILDREN = (PutHook, DeleteHook, PutNotification, DeleteNotification, SetWarmPool, CloseWarmPool)
_POLICIES = (UpdatePolicy, UpdateScheduledTask, EnablePolicy, DisablePolicy)
_DIFFERENCES = (UpdateGroup, SetTags, *_POLICIES, *_CHILDREN)
_REMEMBERED = 20  # writes of differences


def hold_back(plan: Plan, facts: ObjectFacts[Any]) -> Plan:
    """`plan` without its call while a failure of the same spec is too recent; its intent is not stored either."""
    now = facts.now
    for setback in facts.setbacks:
        if is_held(plan, setback, generation=facts.generation, now=now):
            plan = replace(plan, step=None, record={}, synced=None, wait_s=seconds_until(setback.until, now))
            plan = plan.with_(*failed(setback, deleting=any(v.type == "Deleting" for v in plan.verdicts)))
    return plan


def is_held(plan: Plan, setback: Setback | None, *, generation: int, now: datetime) -> bool:
    """A call of this kind, or any call, failed for the same spec too recently."""
    if plan.step is None or isinstance(plan.step.call, (ReleaseFinalizer, SeedDesiredCapacity)):
        return False
    if setback is None or setback.generation != generation or now >= setback.until:
        return False
    return setback.call in ("", name_of(plan.step.call))


def failed(setback: Setback, *, deleting: bool) -> tuple[Verdict, ...]:
    """What a failure says about the object: Synced, while deleting also Deleting, and Throttled."""
    verdicts = [false("Synced", setback.reason, setback.message)]
    if deleting:
        verdicts.append(true("Deleting", setback.blocks, setback.message))
    if setback.throttled:
        verdicts.append(true("Throttled", "RateLimited", setback.message))
    return tuple(verdicts)


@dataclass(frozen=True, slots=True)
class Written:
    """The writes of differences since the object was last as wanted, and how often each was made."""

    calls: tuple[tuple[Call, int], ...] = ()  # without the ids of their intents, the last one last
    generation: int = 0  # of the spec that they were made for
    at: datetime | None = None

    def times(self, call: Call) -> int:
        return next((times for made, times in self.calls if made == _without_token(call)), 0)

    def and_now(self, call: Call, *, generation: int, now: datetime) -> Written:
        """What is remembered once `call` was made; only writes of differences count."""
        if not _is_difference(call):
            return self
        known = self if generation == self.generation else Written()
        same = _without_token(call)
        others = tuple(made for made in known.calls if made[0] != same)
        return Written((*others, (same, known.times(call) + 1))[-_REMEMBERED:], generation, now)

    def next_try(self) -> datetime | None:
        """Until when a difference that does not go away is left alone."""
        return None if self.at is None else self.at + timedelta(seconds=SLOW_RETRY_S)


def _is_difference(call: Call) -> bool:
    """A size that the user asks for is written once; one that is put back can come again like any difference."""
    return isinstance(call, _DIFFERENCES) or (isinstance(call, SetDesiredCapacity) and call.corrects)


def _without_token(call: Call) -> Call:
    """The same call, whichever intent it was made for."""
    return replace(call, token="") if isinstance(call, SetDesiredCapacity) else call


def stop_loop(plan: Plan, written: Written, *, generation: int, now: datetime) -> Plan:
    """W6: a difference that was written three times and is still there is not written again for a while."""
    if plan.step is None or written.times(plan.step.call) < UPDATE_LOOP:
        return plan
    due = written.next_try()
    if written.generation != generation or due is None or now >= due:
        return plan
    said = plan.synced.message if plan.synced is not None else "the same difference"
    text = f"{said}: written {UPDATE_LOOP} times and still different"
    notices = (Notice("UpdateLoop", text, warning=True),)
    return replace(
        plan,
        step=None,
        record={},
        synced=false("Synced", "UpdateLoop", text),
        notices=notices,
        wait_s=seconds_until(due, now),
    )
