"""JSON of what hangs on a group: tags, hooks, notifications, warm pool; rules as in wire.py. Used by client."""

from __future__ import annotations

from cloudscaling.vendors.huawei.wire import Body, Count, Name, Row, Tag

# --- tags ------------------------------------------------------------------------------------------------------------


class TagsOfGroup(Row):
    tags: list[Tag] | None


class TagValues(Row):
    key: str
    values: list[str] | None = None


class TagsOfProject(Row):
    tags: list[TagValues] | None


class Tagged(Row):
    resource_id: Name
    resource_name: str | None = None


class Search(Row):
    """A count has no resources."""

    total_count: Count
    resources: list[Tagged] | None = None


class TagFilter(Body):
    key: str
    values: list[str]  # none: any value


class SearchBody(Body):
    action: str
    tags: list[TagFilter]
    limit: str | None = None  # numbers are text here
    offset: str | None = None


# --- lifecycle hooks -------------------------------------------------------------------------------------------------


class LifeCycleHook(Row):
    lifecycle_hook_name: Name
    lifecycle_hook_type: str
    default_result: str | None = None
    default_timeout: int | None = None
    notification_topic_urn: str | None = None
    notification_metadata: str | None = None


class LifeCycleHooks(Row):
    lifecycle_hooks: list[LifeCycleHook] | None


class HookBody(Body):
    lifecycle_hook_name: str | None = None
    lifecycle_hook_type: str | None = None
    default_result: str | None = None
    default_timeout: int | None = None
    notification_topic_urn: str | None = None
    notification_metadata: str | None = None


class HangingInstance(Row):
    lifecycle_hook_name: str
    lifecycle_action_key: str
    instance_id: str | None = None
    lifecycle_hook_status: str
    timeout: str | None = None
    default_result: str | None = None


class HangingInstances(Row):
    instance_hanging_info: list[HangingInstance] | None


class CallbackBody(Body):
    lifecycle_action_key: str | None = None
    instance_id: str | None = None
    lifecycle_hook_name: str | None = None
    lifecycle_action_result: str


# --- notifications ---------------------------------------------------------------------------------------------------


class Topic(Row):
    topic_urn: Name
    topic_scene: list[str] | None = None


class Topics(Row):
    topics: list[Topic] | None


class TopicBody(Body):
    topic_urn: str
    topic_scene: list[str]


# --- warm pool -------------------------------------------------------------------------------------------------------


class WarmPool(Row):
    """Every member is optional in the documents; a pool without a state is a damaged answer all the same."""

    status: Name
    min_capacity: int | None = None
    instance_init_wait_time: int | None = None


class OneWarmPool(Row):
    warm_pool: WarmPool


class WarmPoolBody(Body):
    min_capacity: int | None = None
    max_capacity: int | None = None
    instance_init_wait_time: int | None = None


class PageInfo(Row):
    next_marker: str | None = None


class MarkedRows(Row):
    """A list by markers; no marker ends it."""

    page_info: PageInfo | None = None

    @property
    def marker(self) -> str:
        return (self.page_info.next_marker or "") if self.page_info else ""


class WarmPoolInstance(Row):
    id: str | None = None
    instance_id: str | None = None


class WarmPoolInstances(MarkedRows):
    warm_pool_instances: list[WarmPoolInstance] | None
