"""The two logs: activities of a group and runs of a policy. Called by groups and policies.

The order of the vendor's lists is not documented; the newest entries are found whichever way they come.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from cloudscaling.core.model import Activity, ActivityStatus, ActivityType, Execution
from cloudscaling.vendors._paging import PAGE_ROWS, Page
from cloudscaling.vendors._redact import Redactor
from cloudscaling.vendors._times import instant
from cloudscaling.vendors.huawei import wire_policies as wire
from cloudscaling.vendors.huawei.client import Client

Row = TypeVar("Row")
_EPOCH = datetime.min.replace(tzinfo=UTC)

STATUSES = {
    "DOING": ActivityStatus.IN_PROGRESS,
    "EXECUTING": ActivityStatus.IN_PROGRESS,
    "SUCCESS": ActivityStatus.SUCCEEDED,
    "FAIL": ActivityStatus.FAILED,
}
TYPES = {
    "ELB_CHECK_DELETE": ActivityType.REPLACE_UNHEALTHY,
    "AUDIT_CHECK_DELETE": ActivityType.REPLACE_UNHEALTHY,
    "MANNUAL_ADD": ActivityType.ATTACH,
    "MANNUAL_DELETE": ActivityType.REMOVE,
    "MANNUAL_REMOVE": ActivityType.DETACH,
    "ENTER_STANDBY": ActivityType.ENTER_STANDBY,
    "EXIT_STANDBY": ActivityType.EXIT_STANDBY,
    "MODIFY_ELB": ActivityType.LOAD_BALANCER_CHANGE,
}
_BY_SIGN = frozenset({"NORMAL", "DIFF", None, ""})  # v1 names no type at all
TRIGGERS = {
    "SCHEDULE": "Scheduled",
    "SCHEDULED": "Scheduled",
    "RECURRENCE": "Recurring",
    "ALARM": "Alarm",
    "MANUAL": "Manual",
}


async def newest(client: Client, group_id: str, count: int, redactor: Redactor) -> tuple[Activity, ...]:
    async def fetch(start: int, limit: int) -> Page[wire.ActivityLog]:
        page = await client.list_activity_logs(group_id, start, limit)
        return Page(page.scaling_activity_log or (), page.total_number)

    rows = await _newest(fetch, lambda row: instant(row.start_time), count)
    return tuple(_activity(row, redactor) for row in rows)


async def newest_runs(client: Client, policy_id: str, count: int, redactor: Redactor) -> tuple[Execution, ...]:
    async def fetch(start: int, limit: int) -> Page[wire.ExecuteLog]:
        page = await client.list_execute_logs(policy_id, start, limit)
        return Page(page.scaling_policy_execute_log or (), page.total_number)

    rows = await _newest(fetch, lambda row: instant(row.execute_time), count)
    return tuple(_execution(row, redactor) for row in rows)


async def _newest(
    fetch: Callable[[int, int], Awaitable[Page[Row]]], time: Callable[[Row], datetime | None], count: int
) -> Sequence[Row]:
    count = max(1, min(count, PAGE_ROWS))
    limit = max(count, 2)  # two rows show the direction
    page = await fetch(0, limit)
    times = [found for found in map(time, page.rows) if found]
    if page.total > len(page.rows) and times and times[0] < times[-1]:
        page = await fetch(max(0, page.total - limit), limit)
    return sorted(page.rows, key=lambda row: time(row) or _EPOCH, reverse=True)[:count]


def neutral_type(word: str | None, change: int) -> ActivityType:
    """The kind of an activity; ordinary ones are told apart by the sign of the change."""
    if word not in _BY_SIGN:
        return TYPES.get(word or "", ActivityType.OTHER)
    if change == 0:
        return ActivityType.OTHER
    return ActivityType.SCALE_OUT if change > 0 else ActivityType.SCALE_IN


def _activity(row: wire.ActivityLog, redactor: Redactor) -> Activity:
    cause, policy_id = _cause(row.description)
    failed = row.instance_failed_list or []
    return Activity(
        id=row.id,
        type=neutral_type(row.type, (row.desire_value or 0) - (row.instance_value or 0)),
        status=_status(row.status, ended=bool(row.end_time)),
        cause=redactor.clean(cause),
        policy_id=policy_id,
        started_at=instant(row.start_time),
        ended_at=instant(row.end_time),
        old_capacity=row.instance_value,
        new_capacity=row.desire_value,
        failed_instances=len(failed),
        message=redactor.clean(
            _failures([*failed, *(row.lb_bind_failed_list or ()), *(row.lb_unbind_failed_list or ())])
        ),
        instance_ids=_members(row),
    )


def _members(row: wire.ActivityLog) -> tuple[str, ...]:
    """Version 1 has only names, of machines that may be gone: nothing is found by them."""
    lists = (row.instance_added_list, row.instance_removed_list, row.instance_deleted_list, row.instance_standby_list)
    rows = [one for found in lists if isinstance(found, list) for one in found if isinstance(one, dict)]
    ids = [str(one.get("instance_id") or "") for one in rows]
    failed = [one.instance_id or "" for one in row.instance_failed_list or ()]
    return tuple(dict.fromkeys(name for name in (*ids, *failed) if name))


def _status(word: str, *, ended: bool) -> ActivityStatus:
    """An unknown word is never taken for success, nor for something that still runs after its end."""
    return STATUSES.get(word, ActivityStatus.FAILED if ended else ActivityStatus.IN_PROGRESS)


def _failures(rows: Sequence[wire.Failure]) -> str:
    """Every reason once, with the first instance that it struck."""
    reasons: dict[str, str] = {}
    for row in rows:
        text = " ".join(part for part in (row.failed_reason, row.failed_details) if part)
        reasons.setdefault(text, row.instance_name or row.instance_id or "")
    return "; ".join(f"{name}: {text}" if name else text for text, name in reasons.items() if text)


def _cause(description: str | None) -> tuple[str, str]:
    """(cause for people, id of the policy behind it) from the JSON that the vendor puts into a string."""
    try:
        reasons = json.loads(description or "{}")["reason"]
        found = [reason for reason in reasons if isinstance(reason, dict)]
    except (ValueError, TypeError, KeyError):
        return (description or "").strip(), ""
    words = [_reason(reason) for reason in found]
    policy = next((str(r["scaling_policy_id"]) for r in found if r.get("scaling_policy_id")), "")
    return ", ".join(dict.fromkeys(word for word in words if word)), policy


def _reason(reason: dict[str, object]) -> str:
    word, name = str(reason.get("change_reason") or ""), reason.get("scaling_policy_name")
    return f"{word} ({name})" if name else word


def _execution(row: wire.ExecuteLog, redactor: Redactor) -> Execution:
    return Execution(
        id=row.id,
        trigger=TRIGGERS.get(row.execute_type or "", row.execute_type or ""),
        status=_status(row.status, ended=True),
        time=instant(row.execute_time),
        old_value=_number(row.old_value),
        new_value=_number(row.desire_value),
        limit_value=_number(row.limit_value),
        message=redactor.clean(row.failed_reason or ""),
    )


def _number(text: str | None) -> int | None:
    try:
        return int(text) if text else None
    except ValueError:
        return None
