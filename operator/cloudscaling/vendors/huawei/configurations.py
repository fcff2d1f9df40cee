"""Launch configurations of one account behind ports.LaunchConfigurations. Called by the engine through adapter.

The vendor can neither change one nor return its secrets; one in use by any group cannot be deleted.
"""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import ValidationError

from cloudscaling import errors
from cloudscaling.core.model import Fields, Json, LaunchConfiguration, NewLaunchConfiguration
from cloudscaling.vendors._times import instant
from cloudscaling.vendors.huawei import configuration_fields
from cloudscaling.vendors.huawei import wire_configurations as wire
from cloudscaling.vendors.huawei.client import Client

DELETE_BATCH = 50
_PARTLY_DELETED = "AS.1038"


class LaunchConfigurations:
    """Reads and writes of launch configurations."""

    def __init__(self, client: Client, block: str) -> None:
        self._client = client
        self._block = block

    def canonical(self, content: Fields) -> dict[str, Json]:
        return configuration_fields.canonical(content, self._block)

    async def list(self) -> tuple[LaunchConfiguration, ...]:
        return tuple(self._configuration(row) for row in await self._client.list_scaling_configs())

    async def get(self, configuration_id: str) -> LaunchConfiguration:
        return self._configuration(await self._client.show_scaling_config(configuration_id))

    async def create(self, new: NewLaunchConfiguration, token: str) -> str:
        config = configuration_fields.write(new.content, self._block)
        try:
            body = wire.ConfigurationBody(
                scaling_configuration_name=new.name,
                instance_config=wire.InstanceConfigBody.model_validate(config),
            )
        except ValidationError as failure:  # its text may quote a secret, so only the place is told
            where = ".".join(str(part) for part in failure.errors(include_input=False)[0]["loc"])
            raise errors.Rejected(f"not sent, {where} has a value of the wrong kind") from None
        return await self._client.create_scaling_config(body)

    async def delete(self, configuration_ids: Sequence[str]) -> None:
        for start in range(0, len(configuration_ids), DELETE_BATCH):
            await self._delete_batch(configuration_ids[start : start + DELETE_BATCH])

    async def _delete_batch(self, ids: Sequence[str]) -> None:
        if len(ids) == 1:
            await self._client.delete_scaling_config(ids[0])
            return
        try:
            body = wire.ConfigurationIdsBody(scaling_configuration_id=[*ids])
            await self._client.batch_delete_scaling_configs(body)
        except (errors.NotFound, errors.InUse, errors.Rejected) as failure:
            if isinstance(failure, errors.Rejected) and failure.code != _PARTLY_DELETED:
                raise
            await self._delete_singly(ids)

    async def _delete_singly(self, ids: Sequence[str]) -> None:
        """After a batch that was refused as a whole or in part: what can go goes, what is in use is told."""
        held: errors.InUse | None = None
        for configuration_id in ids:
            try:
                await self._client.delete_scaling_config(configuration_id)
            except errors.NotFound:
                continue
            except errors.InUse as failure:
                held = failure
        if held is not None:
            raise held

    def _configuration(self, row: wire.ScalingConfiguration) -> LaunchConfiguration:
        config = row.instance_config
        return LaunchConfiguration(
            id=row.scaling_configuration_id,
            name=row.scaling_configuration_name,
            created_at=instant(row.create_time),
            content=configuration_fields.read(config, self._block) if config else {},
            hidden=configuration_fields.hidden(config) if config else frozenset(),
        )
