"""Status of ScalingGroup: what was seen, and what the operator keeps in mind.

Built by the status computation, read by the reconcilers.
"""

from enum import StrEnum
from typing import Annotated

from cloudscaling.api.base import ApiModel, Listing, Time, atomic, keyed, one_of, text, unordered
from cloudscaling.api.v1alpha1.common import CloudObjectStatus, Quota
from cloudscaling.api.v1alpha1.scalinggroup_observed import (
    Activity,
    Advice,
    GroupState,
    HookStatus,
    InstanceCounts,
    LaunchSource,
    NotificationStatus,
    PendingLifecycleAction,
    Unmanaged,
    WarmPoolStatus,
)


class DeletionPhase(StrEnum):
    """Phases of a deletion; the same words are reasons of the condition Deleting."""

    ORPHANING = "Orphaning"
    DELETING_POLICIES = "DeletingPolicies"
    DRAINING = "Draining"
    DETACHING = "Detaching"
    DELETING_CHILDREN = "DeletingChildren"
    DELETING_CLOUD_OBJECT = "DeletingCloudObject"
    FORCING = "Forcing"
    CONFIRMING = "Confirming"


class Managed(ApiModel):
    """Children of the cloud group that the operator made; only these are ever removed."""

    lifecycle_hooks: Annotated[Listing[str], unordered(20)] = ()
    """Names of lifecycle hooks."""
    notifications: Annotated[Listing[Annotated[str, text(512)]], unordered(20)] = ()
    """Targets of notifications."""
    load_balancer_targets: Annotated[Listing[str], unordered(200)] = ()
    """Load balancer targets, as the vendor tells them apart."""
    classic_ids: Annotated[Listing[str], unordered(40)] = ()
    """Classic load balancers."""
    db_instance_ids: Annotated[Listing[str], unordered(20)] = ()
    """Databases."""
    tag_keys: Annotated[Listing[str], unordered(60)] = ()
    """Keys of tags."""
    warm_pool: bool | None = None
    """Whether there is a warm pool of ours."""


class Bounds(ApiModel):
    """A lower and an upper bound."""

    min_size: int
    """Fewest instances."""
    max_size: int
    """Most instances."""


class RecentOperation(ApiModel):
    """An InstanceOperation or InstanceRefresh that made a call; the same one never runs again."""

    name: str
    """Its name."""
    spec_hash: str
    """Hash of its spec."""
    finished_at: Time | None = None
    """When it ended."""


class Deletion(ApiModel):
    """How far the deletion got."""

    phase: Annotated[str, one_of(of=DeletionPhase)]
    """What is done now."""
    started_at: Time | None = None
    """When it started, with deletionProtection off."""
    blocked_since: Time | None = None
    """Since when a pause or missing credentials stop the clock."""
    deadline: Time | None = None
    """When force is used; absent: never."""
    original_min_size: int | None = None
    """minSize before the first write."""
    original_max_size: int | None = None
    """maxSize before the first write."""
    original_desired_capacity: int | None = None
    """Desired capacity before the first write."""
    leftover_instance_ids: Annotated[Listing[str], unordered(100)] = ()
    """Instances that may be left in the cloud."""


class ScalingGroupStatus(CloudObjectStatus):
    """The group as it was last seen in the cloud, and what the operator keeps in mind about it."""

    managed: Managed | None = None
    """Children of the cloud group that the operator made."""
    state: Annotated[str, one_of(of=GroupState)] | None = None
    """State of the cloud group."""
    vendor_state: str | None = None
    """State in the vendor's words."""
    min_size: int | None = None
    """Lower bound in the cloud."""
    max_size: int | None = None
    """Upper bound in the cloud."""
    desired_capacity: int | None = None
    """Desired capacity in the cloud."""
    current_capacity: int | None = None
    """Instances in the group."""
    in_service_capacity: int | None = None
    """Instances that serve."""
    selector: str | None = None
    """Label selector for autoscalers; nothing carries the label."""
    last_applied_desired_capacity: int | None = None
    """spec.desiredCapacity as it was last applied; -1: none was asked for."""
    last_applied_desired_capacity_token: str | None = None
    """Value of the annotation cloudscaling.dev/reapply-desired-capacity that was obeyed last."""
    last_applied_bounds: Bounds | None = None
    """Bounds as they were last applied, while a schedule moves them."""
    last_applied_enabled: bool | None = None
    """spec.enabled as it was last applied."""
    capacity_held: bool | None = None
    """The desired capacity is not written until spec.desiredCapacity changes, because the group was taken
    over with another one."""
    instances: InstanceCounts | None = None
    """Instances by state."""
    launch_configuration: LaunchSource | None = None
    """What the cloud makes new instances from."""
    recent_operations: Annotated[Listing[RecentOperation], atomic(20)] = ()
    """InstanceOperations and InstanceRefreshes that made a call, newest first."""
    recent_activities: Annotated[Listing[Activity], atomic(10)] = ()
    """Activities of the cloud group, newest first."""
    lifecycle_hooks: Annotated[Listing[HookStatus], keyed(20, "name")] = ()
    """Lifecycle hooks of the spec, as they are in the cloud."""
    notifications: Annotated[Listing[NotificationStatus], keyed(20, "name")] = ()
    """Notifications of the spec, as they are in the cloud."""
    pending_lifecycle_actions: Annotated[Listing[PendingLifecycleAction], atomic(20)] = ()
    """Instances that a hook holds (Huawei, OTC)."""
    warm_pool: WarmPoolStatus | None = None
    """The warm pool (Huawei)."""
    quotas: Annotated[Listing[Quota], keyed(10, "name")] = ()
    """Quotas of the group (Huawei, OTC)."""
    advices: Annotated[Listing[Advice], atomic(5)] = ()
    """Advice of the vendor (Tencent)."""
    active_refresh: str | None = None
    """The InstanceRefresh that runs now."""
    unmanaged: Unmanaged | None = None
    """Children of the cloud group without an entry here."""
    deletion: Deletion | None = None
    """How far the deletion got."""
