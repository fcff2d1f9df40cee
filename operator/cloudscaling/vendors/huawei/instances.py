"""Instances of a group behind ports.Instances. Called by the engine through adapter."""

from __future__ import annotations

from collections.abc import Sequence

from cloudscaling import errors
from cloudscaling.core.model import Health, Instance, InstanceAction, InstanceState
from cloudscaling.vendors._times import instant
from cloudscaling.vendors.huawei import wire
from cloudscaling.vendors.huawei.client import Client

STATES = {
    "PENDING": InstanceState.PENDING,
    "PENDING_WAIT": InstanceState.PENDING_HOOK,
    "INSERVICE": InstanceState.IN_SERVICE,
    "STANDBY": InstanceState.STANDBY,
    "ENTERING_STANDBY": InstanceState.STANDBY,
    "REMOVING": InstanceState.REMOVING,
    "REMOVING_WAIT": InstanceState.REMOVING_HOOK,
}
HEALTH = {
    "NORMAL": Health.HEALTHY,
    "ERROR": Health.UNHEALTHY,
    "INITIALIZING": Health.INITIALIZING,
    "INITAILIZING": Health.INITIALIZING,  # the vendor's spelling in answers
}
REMOVALS = frozenset({InstanceAction.REMOVE, InstanceAction.DETACH})
# action -> (vendor's word, instance_delete)
ACTIONS: dict[InstanceAction, tuple[str, str | None]] = {
    InstanceAction.ADD: ("ADD", None),
    InstanceAction.REMOVE: ("REMOVE", "yes"),
    InstanceAction.DETACH: ("REMOVE", "no"),
    InstanceAction.PROTECT: ("PROTECT", None),
    InstanceAction.UNPROTECT: ("UNPROTECT", None),
    InstanceAction.ENTER_STANDBY: ("ENTER_STANDBY", None),
    InstanceAction.EXIT_STANDBY: ("EXIT_STANDBY", None),
}


class Instances:
    """The instance list, and the batch call for everything that is done to instances."""

    def __init__(self, client: Client, actions: frozenset[InstanceAction]) -> None:
        self._client = client
        self._actions = actions

    async def list(self, group_id: str) -> tuple[Instance, ...]:
        return tuple(_instance(row) for row in await self._client.list_scaling_instances(group_id))

    async def act(
        self, group_id: str, action: InstanceAction, instance_ids: Sequence[str], *, replace: bool = False
    ) -> None:
        """A batch that fails in part tells its instances only in a text: the caller looks at the list again."""
        if action not in self._actions:
            raise errors.Rejected(f"action: {action} does not exist in this cloud")
        if replace and action is not InstanceAction.ENTER_STANDBY:
            raise errors.Rejected(f"action: {action} takes no replacements")
        try:
            await self._batch(group_id, action, instance_ids, replace=replace)
        except errors.NoOp as failure:
            if await self._is_so(group_id, action, instance_ids):
                raise
            raise errors.Rejected(failure.message, code=failure.code, failures=failure.failures) from failure
        except errors.PermissionDenied:
            if not await self._may_go_alone(group_id, action, instance_ids):
                raise
            delete = action is InstanceAction.REMOVE
            await self._client.delete_scaling_instance(instance_ids[0], delete=delete)

    async def _batch(
        self, group_id: str, action: InstanceAction, instance_ids: Sequence[str], *, replace: bool
    ) -> None:
        word, instance_delete = ACTIONS[action]
        body = wire.InstancesActionBody(
            instances_id=[*instance_ids],
            action=word,
            instance_delete=instance_delete,
            instance_append="yes" if replace else None,
        )
        await self._client.batch_action_scaling_instances(group_id, body)

    async def _may_go_alone(self, group_id: str, action: InstanceAction, instance_ids: Sequence[str]) -> bool:
        """The call for one instance has a permission of its own, but its path names no group.

        So it is used only where the batch is forbidden, and only for an instance that the list shows right now in
        this group.
        """
        if action not in REMOVALS or len(instance_ids) != 1:
            return False
        return instance_ids[0] in {row.instance_id for row in await self._client.list_scaling_instances(group_id)}

    async def _is_so(self, group_id: str, action: InstanceAction, instance_ids: Sequence[str]) -> bool:
        """The vendor says "already in" or "already out" for a whole batch as soon as it is true of one."""
        members = {row.instance_id for row in await self._client.list_scaling_instances(group_id)}
        wanted = set(instance_ids)
        return wanted <= members if action is InstanceAction.ADD else not wanted & members


def _instance(row: wire.GroupInstance) -> Instance:
    return Instance(
        id=row.instance_id or "",
        name=row.instance_name or "",
        state=STATES.get(row.life_cycle_state, InstanceState.UNKNOWN),
        health=HEALTH.get(row.health_status or "", Health.INITIALIZING),
        protected=bool(row.protect_from_scaling_down),
        attached=not row.scaling_configuration_id,
        launch_configuration_id=row.scaling_configuration_id or "",
        joined_at=instant(row.create_time),
    )
