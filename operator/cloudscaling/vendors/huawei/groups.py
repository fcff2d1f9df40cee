"""Scaling groups of one account behind ports.Groups. Called by the engine through adapter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cloudscaling import errors
from cloudscaling.core.model import (
    Activity,
    ActivityType,
    Change,
    Fields,
    Group,
    GroupState,
    Json,
    NewGroup,
    Quota,
)
from cloudscaling.core.naming import OWNER_TAG, add_mark, split_mark
from cloudscaling.vendors._bodies import checked
from cloudscaling.vendors._redact import Redactor
from cloudscaling.vendors._times import instant
from cloudscaling.vendors.huawei import activities, group_fields, load_balancers, wire
from cloudscaling.vendors.huawei.client import Client
from cloudscaling.vendors.huawei.identity import quota_entries
from cloudscaling.vendors.huawei.wire_children import TagFilter

STATES = {
    "INSERVICE": GroupState.ACTIVE,
    "PAUSED": GroupState.DISABLED,
    "ERROR": GroupState.ABNORMAL,
    "FREEZED": GroupState.ABNORMAL,
    "DELETING": GroupState.DELETING,
}


class Groups:
    """Reads and writes of groups; the client token of the port is unknown to this vendor."""

    def __init__(self, client: Client, block: str, redactor: Redactor) -> None:
        self._client = client
        self._block = block
        self._redactor = redactor

    def canonical(self, want: Fields) -> dict[str, Json]:
        return group_fields.canonical(want, self._block)

    async def list(self) -> tuple[Group, ...]:
        return tuple(self._group(row) for row in await self._client.list_scaling_groups())

    async def get(self, group_id: str) -> Group:
        return self._group(await self._client.show_scaling_group(group_id))

    async def create(self, new: NewGroup, token: str) -> str:
        wanted = dict(new.fields)
        description = wanted.get(f"{self._block}.description") or ""
        body = group_fields.write(wanted, wanted, self._block, new.marker)
        body["desire_instance_number"] = new.desired
        body["description"] = add_mark(description, new.marker) or None
        body["tags"] = group_fields.write_tags(self.canonical({"tags": wanted.get("tags")})["tags"]) or None
        body["iam_agency_name"] = body.get("iam_agency_name") or None  # only an update can clear it
        return await self._client.create_scaling_group(checked(wire.GroupBody, body))

    async def update(self, group_id: str, change: Change) -> None:
        changed = load_balancers.with_others(change)
        body = group_fields.write(changed, {**change.seen, **change.want}, self._block, change.marker)
        if change.desired is not None:
            body["desire_instance_number"] = change.desired
        if body:
            await self._client.update_scaling_group(group_id, checked(wire.GroupBody, body))

    async def set_capacity(self, group_id: str, desired: int, token: str) -> None:
        await self._client.update_scaling_group(group_id, wire.GroupBody(desire_instance_number=desired))

    async def enable(self, group_id: str) -> None:
        await self._client.action_scaling_group(group_id, "resume")

    async def disable(self, group_id: str) -> None:
        await self._client.action_scaling_group(group_id, "pause")

    async def delete(self, group_id: str, *, force: bool) -> None:
        await self._client.delete_scaling_group(group_id, force=force)

    async def set_tags(self, group_id: str, put: Mapping[str, str], remove: Sequence[str]) -> None:
        if remove:  # first, so that a group with all its tags taken has room
            tags = [wire.TagBody(key=key) for key in remove]
            await self._client.action_scaling_tags(group_id, wire.TagsBody(action="delete", tags=tags))
        if put:
            body = wire.TagsBody(action="create", tags=group_fields.write_tags(put))
            await self._client.action_scaling_tags(group_id, body)

    async def tags(self, group_id: str) -> dict[str, str]:
        rows = await self._client.list_scaling_tag_infos_by_resource_id(group_id)
        return {tag.key: tag.value or "" for tag in rows}

    async def find_by_tag(self, key: str, value: str) -> tuple[str, ...]:
        rows = await self._client.filter_resource_instances(_exactly(key, value))
        return tuple(row.resource_id for row in rows)

    async def count_by_tag(self, key: str, value: str | None) -> int:
        wanted = TagFilter(key=key, values=[]) if value is None else _exactly(key, value)
        return await self._client.count_resource_instances(wanted)

    async def tag_keys(self) -> tuple[str, ...]:
        return tuple(sorted(row.key for row in await self._client.list_scaling_tag_infos_by_tenant_id()))

    async def activities(self, group_id: str, newest: int) -> tuple[Activity, ...]:
        return await activities.newest(self._client, group_id, newest, self._redactor)

    async def quotas(self, group_id: str) -> tuple[Quota, ...]:
        return quota_entries(await self._client.show_policy_and_instance_quota(group_id))

    def _group(self, row: wire.ScalingGroup) -> Group:
        return Group(
            id=row.scaling_group_id,
            name=row.scaling_group_name,
            state=STATES.get(row.scaling_group_status, GroupState.ABNORMAL),
            vendor_state=row.scaling_group_status,
            min_size=row.min_instance_number,
            max_size=row.max_instance_number,
            desired=row.desire_instance_number,
            current=row.current_instance_number,
            busy=row.is_scaling,
            fields=group_fields.read(row, self._block),
            marker=split_mark(row.description or "")[1],
            owner_tag=next((tag.value or "" for tag in row.tags or () if tag.key == OWNER_TAG), ""),
            activity=_running(row),
            detail=self._redactor.clean(row.detail or ""),
            created_at=instant(row.create_time),
        )


def _exactly(key: str, value: str) -> TagFilter:
    if value.startswith("*"):  # would ask for whatever ends so; no tag can hold it
        raise errors.Rejected(f"tag {key}: no tag has the value {value!r}")
    return TagFilter(key=key, values=[value])


def _running(row: wire.ScalingGroup) -> ActivityType | None:
    if not row.is_scaling:
        return None
    change = row.desire_instance_number - row.current_instance_number
    return activities.neutral_type(row.activity_type, change)
