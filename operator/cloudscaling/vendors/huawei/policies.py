"""Scaling policies of one account behind ports.Policies. Called by the engine through adapter.

v2 is used where the account offers it. Without it the list costs one call per group and page, and a policy has no
description; deleting, enabling and the log of runs exist only in v1 anyway.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress

from cloudscaling import errors
from cloudscaling.core.model import Change, Execution, Fields, Json, NewPolicy, Policy
from cloudscaling.vendors._bodies import checked
from cloudscaling.vendors._redact import Redactor
from cloudscaling.vendors._times import instant
from cloudscaling.vendors.huawei import activities, policy_fields
from cloudscaling.vendors.huawei import wire_policies as wire
from cloudscaling.vendors.huawei.client import Client
from cloudscaling.vendors.huawei.group_fields import long

DELETE_BATCH = 20
_PARTLY_DELETED = "AS.3045"


class Policies:
    """Reads and writes of policies."""

    def __init__(self, client: Client, block: str, redactor: Redactor) -> None:
        self._client = client
        self._block = block
        self._redactor = redactor

    def canonical(self, want: Fields) -> dict[str, Json]:
        return policy_fields.canonical(want, self._block)

    async def list(self) -> tuple[Policy, ...]:
        if await self._client.has_v2():
            return self._policies(await self._client.list_all_scaling_v2_policies())
        found: tuple[Policy, ...] = ()
        for group in await self._client.list_scaling_groups():
            with suppress(errors.NotFound):  # deleted since it was listed, and its policies with it
                found += self._policies(await self._client.list_scaling_policies(group.scaling_group_id))
        return found

    async def of_group(self, group_id: str) -> tuple[Policy, ...]:
        if await self._client.has_v2():
            return self._policies(await self._client.list_scaling_v2_policies(group_id))
        return self._policies(await self._client.list_scaling_policies(group_id))

    async def get(self, policy_id: str) -> Policy:
        return self._policy(await self._client.show_scaling_policy(policy_id))

    async def create(self, new: NewPolicy, token: str) -> str:
        v2 = await self._client.has_v2()
        if new.type not in policy_fields.TYPES:
            raise errors.Rejected(f"type: {new.type} has no counterpart in this cloud")
        if "capacity" in new.fields:
            raise errors.Rejected("capacity: sizes are set by a scheduled task, not by a policy")
        body = {"scaling_policy_type": policy_fields.TYPES[new.type]}
        body |= policy_fields.write(new.fields, new.fields, self._block, v2=v2)
        bandwidth = new.fields.get(long(policy_fields.BANDWIDTH, self._block))
        if v2:
            kind = policy_fields.BANDWIDTH_RESOURCE if bandwidth else policy_fields.GROUP_RESOURCE
            body |= {"scaling_resource_id": bandwidth or new.group_id, "scaling_resource_type": kind}
        else:
            body["scaling_group_id"] = new.group_id
        return await self._client.create_scaling_policy(checked(wire.PolicyBody, body))

    async def update(self, policy_id: str, change: Change) -> None:
        v2 = await self._client.has_v2()
        known = {**change.seen, **change.want, "alarm.steps": change.seen.get("alarm.steps")}
        body = policy_fields.write(change.changed, known, self._block, v2=v2)
        if body:
            await self._client.update_scaling_policy(policy_id, checked(wire.PolicyBody, body))

    async def enable(self, policy_id: str) -> None:
        await self._client.action_scaling_policy(policy_id, "resume")

    async def disable(self, policy_id: str) -> None:
        await self._client.action_scaling_policy(policy_id, "pause")

    async def delete(self, policy_ids: Sequence[str], *, force: bool, delete_alarm: bool) -> None:
        for start in range(0, len(policy_ids), DELETE_BATCH):
            batch = policy_ids[start : start + DELETE_BATCH]
            await self._delete_batch(batch, force=force, delete_alarm=delete_alarm)

    async def executions(self, policy_id: str, newest: int) -> tuple[Execution, ...]:
        return await activities.newest_runs(self._client, policy_id, newest, self._redactor)

    async def execute(self, policy_id: str, token: str) -> None:
        await self._client.action_scaling_policy(policy_id, "execute")

    async def _delete_batch(self, ids: Sequence[str], *, force: bool, delete_alarm: bool) -> None:
        try:
            await self._delete_at_once(ids, force=force, delete_alarm=delete_alarm)
        except (errors.NotFound, errors.Rejected) as failure:
            if isinstance(failure, errors.Rejected) and failure.code != _PARTLY_DELETED:
                raise
            if len(ids) == 1:
                if isinstance(failure, errors.Rejected):
                    await self._client.show_scaling_policy(ids[0])  # says NotFound when that was the cause
                raise
            await self._delete_singly(ids, force=force, delete_alarm=delete_alarm)

    async def _delete_singly(self, ids: Sequence[str], *, force: bool, delete_alarm: bool) -> None:
        """After a batch that failed in part: what is gone is skipped, what refuses is told at the end."""
        refused: errors.CloudError | None = None
        for policy_id in ids:
            try:
                await self._delete_batch([policy_id], force=force, delete_alarm=delete_alarm)
            except errors.NotFound:
                continue
            except (errors.Busy, errors.Rejected) as failure:
                refused = failure
        if refused is not None:
            raise refused

    async def _delete_at_once(self, ids: Sequence[str], *, force: bool, delete_alarm: bool) -> None:
        if len(ids) == 1 and not force and not delete_alarm:
            await self._client.delete_scaling_policy(ids[0])
            return
        body = wire.PoliciesActionBody(
            scaling_policy_id=[*ids],
            action="delete",
            force_delete="yes" if force else "no",
            delete_alarm="yes" if delete_alarm else "no",
        )
        await self._client.batch_action_scaling_policies(body)

    def _policies(self, rows: Iterable[wire.ScalingPolicy]) -> tuple[Policy, ...]:
        return tuple(self._policy(row) for row in rows)

    def _policy(self, row: wire.ScalingPolicy) -> Policy:
        of_group = row.scaling_resource_type in (None, policy_fields.GROUP_RESOURCE)
        return Policy(
            id=row.scaling_policy_id,
            name=row.scaling_policy_name,
            group_id=(row.scaling_group_id or row.scaling_resource_id or "") if of_group else "",
            type=policy_fields.TYPES_READ.get(row.scaling_policy_type, ""),
            enabled=row.policy_status in ("INSERVICE", "EXECUTING"),
            executing=row.policy_status == "EXECUTING",
            vendor_state=row.policy_status,
            fields=policy_fields.read(row, self._block),
            created_at=instant(row.create_time),
        )
