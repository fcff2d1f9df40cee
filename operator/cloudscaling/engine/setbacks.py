"""What a failed call means for the object: how long to wait, with what, and what is said. Used by engine.reconcile."""

from __future__ import annotations

import random
from datetime import datetime
from typing import Any, assert_never

from cloudscaling import errors
from cloudscaling.core.calls import Call, name_of, part_of
from cloudscaling.core.facts import Setback, Timing
from cloudscaling.core.holding import SLOW_RETRY_S
from cloudscaling.core.plan import Notice, Plan
from cloudscaling.engine.memory import Memory

_LONGEST_BACKOFF_S = 300.0


def setback(exc: errors.CloudError, call: Call, *, generation: int, until: datetime) -> Setback:
    """The failure as the planners see it."""
    return Setback(
        reason=exc.reason,
        message=str(exc),
        generation=generation,
        until=until,
        blocks=exc.blocks,
        throttled=isinstance(exc, errors.Throttled),
        call=name_of(call) if _concerns_only(call, exc) else "",
        error=type(exc),
        code=exc.code,
        failures=exc.failures,
    )


def _concerns_only(call: Call, exc: errors.CloudError) -> bool:
    """The refusal is about this call, and no reason to wait with others."""
    about_a_part = bool(part_of(call)) and isinstance(exc, (errors.Busy, errors.DependencyNotReady))
    return exc.retry is errors.Retry.SLOW or about_a_part


def remember(memory: Memory, found: Setback, call: Call) -> None:
    """What is refused for a part of the object stands beside the others, until its own time is over."""
    if found.call and part_of(call):
        memory.refusals[found.call] = found
    else:
        memory.setback = found


def forget(memory: Memory, facts: Any, plan: Plan) -> None:
    """A spec change or a settled object ends the row of failures."""
    settled = plan.synced is not None and plan.synced.status == "True"
    lasting = {name: s for name, s in memory.refusals.items() if s.generation == facts.generation and not settled}
    memory.refusals = lasting
    if settled or (memory.setback is not None and memory.setback.generation != facts.generation):
        memory.setback, memory.failures = None, 0
    if settled:
        memory.written = type(memory.written)()


def delay(exc: errors.CloudError, failures: int, timing: Timing) -> float:
    match exc.retry:
        case errors.Retry.SOON | errors.Retry.DONE:
            return timing.active_s
        case errors.Retry.BACKOFF:
            wait = min(2.0 ** min(failures, 16), _LONGEST_BACKOFF_S)  # a higher power is too large a number
            return max(exc.retry_after or 0.0, wait * random.uniform(0.8, 1.2))  # noqa: S311  jitter
        case errors.Retry.SLOW:
            return SLOW_RETRY_S
        case errors.Retry.ACCOUNT:
            return timing.idle_s
        case _:
            assert_never(exc.retry)


# Waiting is no error, and the next batch is smaller.
_QUIET = (errors.Busy, errors.InUse, errors.Throttled, errors.NotFound, errors.BatchTooLarge)
_NOTICE_REASONS = {"OutcomeUnknown": "OutcomeUnknown", "QuotaExceeded": "QuotaExceeded"}


def notices(exc: errors.CloudError) -> tuple[Notice, ...]:
    if isinstance(exc, _QUIET):
        return ()
    return (Notice(_NOTICE_REASONS.get(exc.reason, "Rejected"), str(exc), warning=True),)
