"""Blocks of the status of ScalingGroup that show what was seen in the cloud.

Used by scalinggroup_status only. Values the vendor may invent stay plain text.
"""

from enum import StrEnum
from typing import Annotated

from cloudscaling.api.base import ApiModel, Listing, Time, atomic, keyed, text
from cloudscaling.api.v1alpha1.common import Operation


class GroupState(StrEnum):
    """State of a group in our words."""

    CREATING = "Creating"
    ACTIVE = "Active"
    DISABLED = "Disabled"
    ABNORMAL = "Abnormal"
    DELETING = "Deleting"


class ActivityStatus(StrEnum):
    """State of an activity in our words."""

    IN_PROGRESS = "InProgress"
    SUCCEEDED = "Succeeded"
    PARTIALLY_SUCCEEDED = "PartiallySucceeded"
    FAILED = "Failed"
    CANCELLED = "Cancelled"
    REJECTED = "Rejected"


class ActivityType(StrEnum):
    """What an activity does, in our words."""

    SCALE_OUT = "ScaleOut"
    SCALE_IN = "ScaleIn"
    REPLACE_UNHEALTHY = "ReplaceUnhealthy"
    ATTACH = "Attach"
    REMOVE = "Remove"
    DETACH = "Detach"
    ENTER_STANDBY = "EnterStandby"
    EXIT_STANDBY = "ExitStandby"
    START = "Start"
    STOP = "Stop"
    LOAD_BALANCER_CHANGE = "LoadBalancerChange"
    OTHER = "Other"


class InstanceCounts(ApiModel):
    """Instances of the group by state; a count the vendor does not show is left out."""

    total: int | None = None
    """All instances."""
    in_service: int | None = None
    """Serving."""
    pending: int | None = None
    """On their way in."""
    removing: int | None = None
    """On their way out."""
    standby: int | None = None
    """In standby."""
    stopped: int | None = None
    """Stopped."""
    failed: int | None = None
    """Failed on their way in or out."""
    protected: int | None = None
    """Protected from scale-in."""
    unhealthy: int | None = None
    """Found unhealthy."""
    attached: int | None = None
    """Attached by hand, not made by the group."""
    outdated: int | None = None
    """Made from an older launch configuration than the current one."""


class ConfigurationCopy(ApiModel):
    """A copy of a LaunchConfiguration's revision inside the group (Alibaba)."""

    revision: int
    """Revision it is a copy of."""
    external_id: str | None = None
    """Id in the cloud."""
    external_name: str | None = None
    """Name in the cloud."""
    hash: str | None = None
    """Key id and HMAC of its content."""
    state: str | None = None
    """What it is used for."""


class LaunchSource(ApiModel):
    """What the cloud makes new instances from now."""

    name: str | None = None
    """LaunchConfiguration."""
    revision: int | None = None
    """Its revision."""
    external_id: str | None = None
    """Id in the cloud."""
    copies: Annotated[Listing[ConfigurationCopy], keyed(12, "revision")] = ()
    """Copies inside the group (Alibaba)."""
    operation: Operation | None = None
    """The call in flight on a copy (Alibaba); absent when there is none."""


class Activity(ApiModel):
    """One activity of the cloud group."""

    id: str
    """Id in the cloud."""
    type: str | None = None
    """What it does, for example ScaleOut or ReplaceUnhealthy."""
    status: str | None = None
    """InProgress, Succeeded, PartiallySucceeded, Failed, Cancelled or Rejected."""
    cause: Annotated[str, text(512)] | None = None
    """What started it, in the vendor's words."""
    start_time: Time | None = None
    """When it started."""
    end_time: Time | None = None
    """When it ended."""
    old_capacity: int | None = None
    """Instances before."""
    new_capacity: int | None = None
    """Instances after."""
    failed_instances: int | None = None
    """Instances that failed."""
    message: Annotated[str, text(512)] | None = None
    """The vendor's explanation."""


class HookStatus(ApiModel):
    """A lifecycle hook in the cloud."""

    name: str
    """Name of the hook."""
    external_id: str | None = None
    """Id in the cloud."""
    waiting_instances: int | None = None
    """Instances it holds now."""


class NotificationStatus(ApiModel):
    """A notification in the cloud."""

    name: str
    """Name of the entry in the spec."""
    external_id: Annotated[str, text(512)] | None = None
    """Id in the cloud."""


class PendingLifecycleAction(ApiModel):
    """An instance that a hook holds."""

    hook_name: str
    """The hook."""
    instance_id: str
    """The instance."""
    deadline: Time | None = None
    """When the default result is taken."""
    default_result: str | None = None
    """Continue or Abandon."""


class WarmPoolStatus(ApiModel):
    """The warm pool in the cloud (Huawei)."""

    state: str | None = None
    """State in the vendor's words."""
    capacity: int | None = None
    """Instances asked for."""
    instances: int | None = None
    """Instances in it."""


class Advice(ApiModel):
    """Advice of the vendor on the group (Tencent)."""

    level: str | None = None
    """How urgent it is."""
    problem: Annotated[str, text(512)] | None = None
    """What is wrong."""
    detail: Annotated[str, text(1024)] | None = None
    """The facts."""
    solution: Annotated[str, text(1024)] | None = None
    """What to do."""


class Unmanaged(ApiModel):
    """Children of the cloud group without an entry here; they are never touched."""

    lifecycle_hooks: Annotated[Listing[str], atomic(10)] = ()
    """Lifecycle hooks."""
    notifications: Annotated[Listing[Annotated[str, text(512)]], atomic(10)] = ()
    """Notifications, by their targets."""
    scaling_policies: Annotated[Listing[str], atomic(10)] = ()
    """Policies and rules."""
    schedules: Annotated[Listing[str], atomic(10)] = ()
    """Scheduled tasks and actions."""
