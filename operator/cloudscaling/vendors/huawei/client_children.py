"""One method per endpoint of what hangs on a group: tags, hooks, notifications, warm pool. Part of client."""

from __future__ import annotations

from cloudscaling.vendors._paging import Marked, Page, collect
from cloudscaling.vendors.huawei import errors as codes
from cloudscaling.vendors.huawei import wire, wire_children
from cloudscaling.vendors.huawei.calls import Calls

TAG_TYPE = "scaling_group_tag"  # the only type of resource that has tags
SEARCH_ROWS = "1000"  # text in this one call


class ChildCalls(Calls):
    """What belongs to one group, and the search by tag."""

    # --- tags ---------------------------------------------------------------------------------------------------

    async def action_scaling_tags(self, group_id: str, body: wire.TagsBody) -> None:
        url = await self._url(TAG_TYPE, group_id, "tags", "action")
        await self._write("ActionScalingTags", "POST", url, body, codes.GROUP)

    async def list_scaling_tag_infos_by_resource_id(self, group_id: str) -> list[wire.Tag]:
        url = await self._url(TAG_TYPE, group_id, "tags")
        found = await self._get("ListScalingTagInfosByResourceId", url, wire_children.TagsOfGroup, codes.GROUP)
        return found.tags or []

    async def list_scaling_tag_infos_by_tenant_id(self) -> list[wire_children.TagValues]:
        url = await self._url(TAG_TYPE, "tags")
        found = await self._get("ListScalingTagInfosByTenantId", url, wire_children.TagsOfProject, codes.NOTHING)
        return found.tags or []

    async def filter_resource_instances(self, tag: wire_children.TagFilter) -> tuple[wire_children.Tagged, ...]:
        """Groups that have the tag; paged by offset, with a total."""

        async def fetch(start: int) -> Page[wire_children.Tagged]:
            body = wire_children.SearchBody(action="filter", tags=[tag], offset=str(start), limit=SEARCH_ROWS)
            found = await self._search(body)
            return Page(found.resources or (), found.total_count)

        return await collect("ListResourceInstances", fetch, lambda row: row.resource_id)

    async def count_resource_instances(self, tag: wire_children.TagFilter) -> int:
        return (await self._search(wire_children.SearchBody(action="count", tags=[tag]))).total_count

    async def _search(self, body: wire_children.SearchBody) -> wire_children.Search:
        """A read, although it is sent as a POST."""
        url = await self._url(TAG_TYPE, "resource_instances", "action")
        return await self._ask("ListResourceInstances", url, body, wire_children.Search)

    # --- lifecycle hooks ----------------------------------------------------------------------------------------

    async def list_life_cycle_hooks(self, group_id: str) -> list[wire_children.LifeCycleHook]:
        url = await self._url("scaling_lifecycle_hook", group_id, "list")
        found = await self._get("ListLifeCycleHooks", url, wire_children.LifeCycleHooks, codes.GROUP)
        return found.lifecycle_hooks or []

    async def show_life_cycle_hook(self, group_id: str, name: str) -> wire_children.LifeCycleHook:
        url = await self._url("scaling_lifecycle_hook", group_id, name)
        return await self._get("ShowLifeCycleHook", url, wire_children.LifeCycleHook, codes.HOOK)

    async def create_life_cycle_hook(self, group_id: str, body: wire_children.HookBody) -> None:
        url = await self._url("scaling_lifecycle_hook", group_id)
        await self._write("CreateLifeCycleHook", "POST", url, body, codes.GROUP)

    async def update_life_cycle_hook(self, group_id: str, name: str, body: wire_children.HookBody) -> None:
        url = await self._url("scaling_lifecycle_hook", group_id, name)
        await self._write("UpdateLifeCycleHook", "PUT", url, body, codes.HOOK)

    async def delete_life_cycle_hook(self, group_id: str, name: str) -> None:
        url = await self._url("scaling_lifecycle_hook", group_id, name)
        await self._write("DeleteLifeCycleHook", "DELETE", url, None, codes.HOOK)

    async def list_hook_instances(self, group_id: str) -> list[wire_children.HangingInstance]:
        url = await self._url("scaling_instance_hook", group_id, "list")
        found = await self._get("ListHookInstances", url, wire_children.HangingInstances, codes.GROUP)
        return found.instance_hanging_info or []

    async def attach_callback_instance_life_cycle_hook(self, group_id: str, body: wire_children.CallbackBody) -> None:
        url = await self._url("scaling_instance_hook", group_id, "callback")
        await self._write("AttachCallbackInstanceLifeCycleHook", "PUT", url, body, codes.HOOK)

    # --- notifications ------------------------------------------------------------------------------------------

    async def list_scaling_notifications(self, group_id: str) -> list[wire_children.Topic]:
        url = await self._url("scaling_notification", group_id)
        found = await self._get("ListScalingNotifications", url, wire_children.Topics, codes.GROUP)
        return found.topics or []

    async def create_scaling_notification(self, group_id: str, body: wire_children.TopicBody) -> None:
        url = await self._url("scaling_notification", group_id)
        await self._write("CreateScalingNotification", "PUT", url, body, codes.GROUP)

    async def delete_scaling_notification(self, group_id: str, topic_urn: str) -> None:
        url = await self._url("scaling_notification", group_id, topic_urn)
        await self._write("DeleteScalingNotification", "DELETE", url, None, codes.GROUP)

    # --- warm pool: the one part without a version in its paths ---------------------------------------------------

    async def show_warm_pool(self, group_id: str) -> wire_children.WarmPool:
        url = await self._url("scaling-groups", group_id, "warm-pool", version="")
        return (await self._get("ShowWarmPool", url, wire_children.OneWarmPool, codes.GROUP)).warm_pool

    async def put_warm_pool(self, group_id: str, body: wire_children.WarmPoolBody) -> None:
        url = await self._url("scaling-groups", group_id, "warm-pool", version="")
        await self._write("PutWarmPool", "PUT", url, body, codes.GROUP)

    async def close_warm_pool(self, group_id: str) -> None:
        url = await self._url("scaling-groups", group_id, "warm-pool", version="")
        await self._write("CloseWarmPool", "DELETE", url, None, codes.GROUP)

    async def list_warm_pool_instances(self, group_id: str) -> tuple[wire_children.WarmPoolInstance, ...]:
        return await self._marked_pages(
            "ListWarmPoolInstances",
            await self._url("scaling-groups", group_id, "warm-pool-instances", version=""),
            wire_children.WarmPoolInstances,
            lambda page: Marked(page.warm_pool_instances or (), page.marker),
            lambda row: row.id or row.instance_id or "",
            own=codes.GROUP,
        )
