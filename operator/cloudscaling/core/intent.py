"""Calls that must not happen twice: the intent before one, and when it may be made again. Called by the planners."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from cloudscaling.api.v1alpha1.common import CloudObjectStatus, Operation
from cloudscaling.core.facts import Lookup, Timing
from cloudscaling.core.model import Group, LaunchConfiguration, Policy

Found = TypeVar("Found", Group, LaunchConfiguration, Policy)

_CLOCK_SKEW = timedelta(seconds=60)  # creation times of vendors: skew and minute precision


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


def open_create(status: CloudObjectStatus) -> Operation | None:
    """The create that has no known end; what it made is looked for by status.externalName, stored with it."""
    operation = status.operation
    return operation if operation is not None and operation.type == "Create" else None


def may_have_made(operation: Operation | None, created_at: datetime | None) -> bool:
    """Whether an object that bears the name of an open create is its work: it must not be older than the call.

    Where the vendor shows no time, the empty look-up before the call decides.
    """
    if operation is None:
        return False
    return created_at is None or created_at >= operation.started_at - _CLOCK_SKEW


def oldest_first(rows: Iterable[Found]) -> list[Found]:
    """Of several cloud objects that are ours the oldest is used; those without a time come last."""
    return sorted(rows, key=lambda row: (row.created_at is None, row.created_at, row.id))


def may_repeat_create(operation: Operation, lookup: Lookup[Any], timing: Timing) -> datetime | None:
    """None when the create may be called again, else when to look for its object.

    Two misses, far enough apart, the last when the call can no longer arrive.
    """
    settled = arrived_by(operation, timing)
    if lookup.first_miss_at is None:
        return max(settled, lookup.taken_at + timedelta(seconds=timing.absence_confirm_s))
    due = max(settled, lookup.first_miss_at + timedelta(seconds=timing.absence_confirm_s))
    return None if lookup.taken_at >= due else due
