"""Neutral values: what the planner knows of a cloud. Built by vendor adapters, read by core and engine.

Rule 1: nothing here knows a vendor's words; raw states are carried as text for people only.
Rule 2: every value is frozen; `Fields` are treated as frozen.
Settable properties travel as `Fields`: the path in the custom resource ("network.zones") -> JSON value. The same
paths serve the spec, the observation, the difference, the drift report and the vendor's field table, so a new
field is added in one place per vendor.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

Json = Any  # a JSON value: the only place where the core gives up on a closer type
Fields = Mapping[str, Json]


class GroupState(StrEnum):
    CREATING = "Creating"
    ACTIVE = "Active"
    DISABLED = "Disabled"
    ABNORMAL = "Abnormal"
    DELETING = "Deleting"


class InstanceState(StrEnum):
    PENDING = "Pending"
    PENDING_HOOK = "PendingHook"
    IN_SERVICE = "InService"
    STANDBY = "Standby"
    REMOVING = "Removing"
    REMOVING_HOOK = "RemovingHook"
    STARTING = "Starting"
    STOPPING = "Stopping"
    STOPPED = "Stopped"
    FAILED = "Failed"
    UNKNOWN = "Unknown"


class Health(StrEnum):
    HEALTHY = "Healthy"
    UNHEALTHY = "Unhealthy"
    INITIALIZING = "Initializing"


class ActivityStatus(StrEnum):
    IN_PROGRESS = "InProgress"
    SUCCEEDED = "Succeeded"
    PARTIALLY_SUCCEEDED = "PartiallySucceeded"
    FAILED = "Failed"
    CANCELLED = "Cancelled"
    REJECTED = "Rejected"


class ActivityType(StrEnum):
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


class InstanceAction(StrEnum):
    ADD = "Add"
    REMOVE = "Remove"  # instances made by the group are released, attached ones kept
    DETACH = "Detach"  # all are kept
    PROTECT = "Protect"
    UNPROTECT = "Unprotect"
    ENTER_STANDBY = "EnterStandby"
    EXIT_STANDBY = "ExitStandby"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the credentials are; `account_id` and `project_id` are what gets pinned."""

    account_id: str = ""
    project_id: str = ""
    domain_id: str = ""
    api_versions: tuple[tuple[str, str], ...] = ()  # (id, status)
    capabilities: frozenset[str] = frozenset()
    one_list_of_policies: bool = True  # False: to list the policies of the account costs a call for every group


@dataclass(frozen=True, slots=True)
class Quota:
    """`limit` and `used` in objects; `used` is never negative (what a vendor does not count is left out)."""

    name: str
    used: int
    limit: int


@dataclass(frozen=True, slots=True)
class Group:
    """One scaling group as the cloud shows it.

    `fields` holds every settable property that the vendor shows, None where it shows "not set"; a path that is
    missing cannot be read back. `desired` and the bounds stand apart because their rules are their own.
    """

    id: str
    name: str
    state: GroupState
    vendor_state: str
    min_size: int
    max_size: int
    desired: int
    current: int
    busy: bool  # an activity runs
    fields: Fields = field(default_factory=dict)
    marker: str = ""  # owner hash found in the group's own mark
    owner_tag: str = ""  # value of the tag cso-owner
    activity: ActivityType | None = None  # of the running activity, where the vendor tells
    detail: str = ""  # the vendor's text about the last failed activity
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LaunchConfiguration:
    """One launch configuration; `content` is spec-shaped and holds what the vendor returns, never a secret."""

    id: str
    name: str
    created_at: datetime | None = None
    content: Fields = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()  # paths of secrets that it is known to have


@dataclass(frozen=True, slots=True)
class Policy:
    """One scaling policy as the cloud shows it; fields as in Group."""

    id: str
    name: str
    group_id: str
    type: str  # a value of ScalingPolicy spec.type; "" for a kind that this release does not know
    enabled: bool
    executing: bool
    vendor_state: str
    fields: Fields = field(default_factory=dict)
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Instance:
    id: str
    name: str
    state: InstanceState
    health: Health
    protected: bool
    attached: bool  # joined by hand, not made by the group: it is never released
    launch_configuration_id: str
    joined_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Activity:
    id: str
    type: ActivityType
    status: ActivityStatus
    cause: str = ""
    policy_id: str = ""  # the policy or schedule that caused it, "" when none did
    started_at: datetime | None = None
    ended_at: datetime | None = None
    old_capacity: int | None = None
    new_capacity: int | None = None
    failed_instances: int = 0
    message: str = ""
    instance_ids: tuple[str, ...] = ()  # that took part, as far as the log tells


@dataclass(frozen=True, slots=True)
class Execution:
    """One run of a policy."""

    id: str
    trigger: str  # Manual, Alarm, Scheduled, Recurring
    status: ActivityStatus
    time: datetime | None
    old_value: int | None = None
    new_value: int | None = None
    limit_value: int | None = None
    message: str = ""


@dataclass(frozen=True, slots=True)
class Hook:
    """A lifecycle hook of a group; `fields` has the paths below lifecycleHooks[], without the name."""

    name: str
    fields: Fields = field(default_factory=dict)
    id: str = ""  # where the vendor has one beside the name


@dataclass(frozen=True, slots=True)
class Notification:
    """Who is told about events of a group; `fields`: events and the member of target, below notifications[]."""

    id: str  # what the vendor knows it by
    fields: Fields = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PendingAction:
    """An instance that a hook holds."""

    hook_name: str
    instance_id: str
    token: str
    deadline: datetime | None
    default_result: str  # Continue or Abandon


@dataclass(frozen=True, slots=True)
class WarmPool:
    state: str  # the vendor's word
    capacity: int | None  # None: as many as the group may still grow by
    instance_init_wait_s: int | None
    instances: int | None = None
    active: bool = True


class HookResult(StrEnum):
    CONTINUE = "Continue"
    ABANDON = "Abandon"
    EXTEND = "Extend"


@dataclass(frozen=True, slots=True)
class NewGroup:
    """A group to be made, disabled where the vendor can; `fields` includes externalName and launchConfigurationRef."""

    fields: Fields
    desired: int
    marker: str


@dataclass(frozen=True, slots=True)
class NewLaunchConfiguration:
    """The spec's content with Secrets resolved: login.password, userData, huawei.files[].content are plain text."""

    name: str
    content: Fields = field(repr=False)


@dataclass(frozen=True, slots=True)
class NewPolicy:
    group_id: str
    type: str
    fields: Fields  # includes externalName


@dataclass(frozen=True, slots=True)
class Change:
    """A partial update: only `paths` are to be written, taken from `want`.

    `seen` is there for properties that a vendor replaces as a whole: unmanaged parts are sent back as observed.
    In a shared list (Rule.shared) that is every seen item but the wanted ones and those named in `dropped`.
    """

    want: Fields
    seen: Fields
    paths: frozenset[str]
    marker: str = ""
    desired: int | None = None  # only with bounds that would exclude the observed desired capacity
    dropped: Mapping[str, frozenset[str]] = field(default_factory=dict)  # shared list -> keys of its items to take out

    @property
    def changed(self) -> dict[str, Json]:
        """Path -> new value, only what is to be written."""
        return {path: self.want[path] for path in sorted(self.paths)}
