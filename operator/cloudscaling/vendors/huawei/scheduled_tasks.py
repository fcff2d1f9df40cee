"""Scheduled tasks of a group, which set sizes, behind ports.ScheduledTasks. Called by the engine through adapter.

They are policies to the core. Here they have no state (always enabled), no cooldown, no description and no read by id;
the list has no total.
"""

from __future__ import annotations

from typing import Any

from cloudscaling import errors
from cloudscaling.core.model import Change, Fields, Json, NewPolicy, Policy
from cloudscaling.vendors._bodies import checked
from cloudscaling.vendors._times import instant
from cloudscaling.vendors.huawei import policy_fields
from cloudscaling.vendors.huawei import wire_policies as wire
from cloudscaling.vendors.huawei.client import Client

_TYPES = ("Scheduled", "Recurring")
_SENT = policy_fields.SCHEDULE | {"externalName", "capacity"}


class ScheduledTasks:
    """Reads and writes of scheduled tasks; the client token of the port is unknown to this vendor."""

    def __init__(self, client: Client, block: str) -> None:
        self._client = client
        self._block = block

    async def list(self, group_id: str) -> tuple[Policy, ...]:
        rows = await self._client.list_group_scheduled_tasks(group_id)
        return tuple(self._task(row, group_id) for row in rows)

    async def create(self, new: NewPolicy, token: str) -> str:
        if new.type not in _TYPES or not new.fields.get("capacity"):
            raise errors.Rejected("capacity: a scheduled task needs a schedule and at least one size")
        return await self._client.create_group_scheduled_task(new.group_id, _body(new.fields, new.fields))

    async def update(self, group_id: str, task_id: str, change: Change) -> None:
        body = _body(change.changed, {**change.seen, **change.want})
        if body.model_fields_set:
            await self._client.update_group_scheduled_task(group_id, task_id, body)

    async def delete(self, group_id: str, task_id: str) -> None:
        await self._client.delete_group_scheduled_task(group_id, task_id)

    def _task(self, row: wire.ScheduledTask, group_id: str) -> Policy:
        kind = "Recurring" if row.scheduled_policy.recurrence_type else "Scheduled"
        return Policy(
            id=row.task_id,
            name=row.name,
            group_id=group_id,
            type=kind,
            enabled=True,
            executing=False,
            vendor_state="",
            fields=policy_fields.canonical(_read(row, kind), self._block),
            created_at=instant(row.create_time),
        )


def _read(row: wire.ScheduledTask, kind: str) -> dict[str, Json]:
    numbers = row.instance_number or wire.Numbers()
    found: dict[str, Json] = {
        "externalName": row.name,
        "capacity": {name: getattr(numbers, word) for name, word in policy_fields.SIZES.items()},
    }
    schedule = row.scheduled_policy
    if kind == "Scheduled":
        return found | {"schedule.at": schedule.launch_time}
    # The table of the documents has capitals, its examples have not.
    plain = schedule.model_copy(update={"recurrence_type": (schedule.recurrence_type or "").capitalize()})
    return found | policy_fields.read_recurrence(plain)


def _body(changed: Fields, known: Fields) -> wire.TaskBody:
    unknown = sorted(changed.keys() - _SENT)
    if unknown:
        raise errors.Rejected(f"{unknown[0]}: a scheduled task has no such setting")
    body: dict[str, Any] = {}
    if "externalName" in changed:
        body["name"] = changed["externalName"]
    if "capacity" in changed:
        sizes: Fields = changed["capacity"]
        body["instance_number"] = {word: sizes[name] for name, word in policy_fields.SIZES.items() if name in sizes}
    if policy_fields.SCHEDULE & changed.keys():
        schedule = policy_fields.write_schedule(known)
        if schedule.get("recurrence_type"):
            schedule["recurrence_type"] = schedule["recurrence_type"].upper()
        body["scheduled_policy"] = schedule
    return checked(wire.TaskBody, body)
