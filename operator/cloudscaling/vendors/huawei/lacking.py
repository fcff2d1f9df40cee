"""Stand-ins for what a cloud of the family does not have. Chosen by adapter; they never call the cloud.

A field table refuses such things before they get here; reads find nothing, so nothing is ever to be deleted.
"""

from __future__ import annotations

from cloudscaling import errors
from cloudscaling.core.model import Change, Fields, Json, NewPolicy, Notification, Policy, WarmPool


def _lacks(what: str) -> errors.Rejected:
    return errors.Rejected(f"{what}: this cloud has none")


class NoNotifications:
    def canonical(self, want: Fields) -> dict[str, Json]:
        return dict(want)

    async def list(self, group_id: str) -> tuple[Notification, ...]:
        return ()

    async def create(self, group_id: str, notification: Notification) -> None:
        raise _lacks("notifications")

    async def delete(self, group_id: str, notification_id: str) -> None:
        raise errors.NotFound("this cloud has no notifications")


class NoScheduledTasks:
    async def list(self, group_id: str) -> tuple[Policy, ...]:
        return ()

    async def create(self, new: NewPolicy, token: str) -> str:
        raise _lacks("capacity")

    async def update(self, group_id: str, task_id: str, change: Change) -> None:
        raise errors.NotFound("this cloud has no scheduled tasks")

    async def delete(self, group_id: str, task_id: str) -> None:
        raise errors.NotFound("this cloud has no scheduled tasks")


class NoWarmPools:
    async def get(self, group_id: str) -> WarmPool | None:
        return None

    async def put(self, group_id: str, capacity: int | None, instance_init_wait_s: int | None) -> None:
        raise _lacks("warmPool")

    async def close(self, group_id: str) -> None:
        raise errors.NotFound("this cloud has no warm pools")
