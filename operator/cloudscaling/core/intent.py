"""Calls that must not happen twice: the intent before one, and when it may be made again. Called by the planners."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from cloudscaling.api.v1alpha1.common import Operation
from cloudscaling.core.facts import Lookup, Timing


def issued(operation_id: str, now: datetime, previous: Operation | None = None, **details: Any) -> Operation:
    """The intent that is stored before a call which must not happen twice."""
    return Operation(
        id=previous.id if previous else operation_id,
        state="Issued",
        started_at=now,
        attempts=(previous.attempts if previous else 0) + 1,
        **details,
    )


def arrived_by(operation: Operation, timing: Timing) -> datetime:
    """When the last call of the operation can no longer be under way."""
    return operation.started_at + timedelta(seconds=timing.request_timeout_s + timing.create_grace_s)


def may_repeat_create(operation: Operation, lookup: Lookup[Any], timing: Timing) -> datetime | None:
    """None when the create may be called again, else when to look for its object.

    Two misses, far enough apart, the last when the call can no longer arrive.
    """
    settled = arrived_by(operation, timing)
    if lookup.first_miss_at is None:
        return max(settled, lookup.taken_at + timedelta(seconds=timing.absence_confirm_s))
    due = max(settled, lookup.first_miss_at + timedelta(seconds=timing.absence_confirm_s))
    return None if lookup.taken_at >= due else due
