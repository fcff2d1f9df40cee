"""Warm pool of a group behind ports.WarmPools. Called by the engine through adapter.

Few regions have it; elsewhere every call is refused. A pool has one size here: the vendor's bounds must be equal.
"""

from __future__ import annotations

from cloudscaling.core.model import WarmPool
from cloudscaling.vendors.huawei import wire_children as wire
from cloudscaling.vendors.huawei.client import Client

_CLOSED, _ACTIVE = "CLOSED", "ACTIVE"


class WarmPools:
    """Opening, changing, closing and looking."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def get(self, group_id: str) -> WarmPool | None:
        row = await self._client.show_warm_pool(group_id)
        if row.status == _CLOSED:
            return None
        instances = await self._client.list_warm_pool_instances(group_id)
        return WarmPool(
            state=row.status,
            capacity=row.min_capacity,
            instance_init_wait_s=row.instance_init_wait_time,
            instances=len(instances),
            active=row.status == _ACTIVE,
        )

    async def put(self, group_id: str, capacity: int | None, instance_init_wait_s: int | None) -> None:
        body = wire.WarmPoolBody(
            min_capacity=capacity, max_capacity=capacity, instance_init_wait_time=instance_init_wait_s
        )
        await self._client.put_warm_pool(group_id, body)

    async def close(self, group_id: str) -> None:
        await self._client.close_warm_pool(group_id)
