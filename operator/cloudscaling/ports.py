"""The seams: what core and engine ask of a cloud, of Kubernetes and of time.

Adapters raise the errors of cloudscaling.errors and nothing else. A `list` is complete or raises; it never
returns a part. A write that got no answer raises OutcomeUnknown, never Transient.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from cloudscaling.core.capabilities import Capabilities
from cloudscaling.core.model import (
    Activity,
    Change,
    Execution,
    Fields,
    Group,
    Hook,
    HookResult,
    Identity,
    Instance,
    InstanceAction,
    Json,
    LaunchConfiguration,
    NewGroup,
    NewLaunchConfiguration,
    NewPolicy,
    Notification,
    PendingAction,
    Policy,
    Quota,
    WarmPool,
)


def as_it_is(text: str) -> str:
    """Cleans nothing: for those who send no secrets but the credentials."""
    return text


class Groups(Protocol):
    def canonical(self, want: Fields) -> dict[str, Json]:
        """`want` in the form in which the adapter reads values back, so that equal things compare equal. Pure."""

    async def list(self) -> tuple[Group, ...]: ...

    async def get(self, group_id: str) -> Group: ...

    async def create(self, new: NewGroup, token: str) -> str:
        """Make a disabled group and return its id; `token` is sent where the vendor knows client tokens."""

    async def update(self, group_id: str, change: Change) -> None: ...

    async def set_capacity(self, group_id: str, desired: int, token: str) -> None: ...

    async def enable(self, group_id: str) -> None: ...

    async def disable(self, group_id: str) -> None: ...

    async def delete(self, group_id: str, *, force: bool) -> None:
        """Ask for deletion; NotFound means done."""

    async def set_tags(self, group_id: str, put: Mapping[str, str], remove: Sequence[str]) -> None: ...

    async def tags(self, group_id: str) -> Mapping[str, str]:
        """All tags of one group, the ownership tag included, read anew."""

    async def find_by_tag(self, key: str, value: str) -> tuple[str, ...]:
        """Ids of the groups that have exactly this tag; proves presence, not absence."""

    async def count_by_tag(self, key: str, value: str | None) -> int:
        """How many groups have the tag, with None whatever its value is: one call, however many there are."""

    async def tag_keys(self) -> tuple[str, ...]:
        """Every key in use in the account."""

    async def activities(self, group_id: str, newest: int) -> tuple[Activity, ...]:
        """The newest activities, newest first."""

    async def quotas(self, group_id: str) -> tuple[Quota, ...]: ...


class LaunchConfigurations(Protocol):
    def canonical(self, content: Fields) -> dict[str, Json]:
        """A spec or a content as it would be read back, with what the vendor fills in, without secrets. Pure."""

    async def list(self) -> tuple[LaunchConfiguration, ...]: ...

    async def get(self, configuration_id: str) -> LaunchConfiguration: ...

    async def create(self, new: NewLaunchConfiguration, token: str) -> str: ...

    async def delete(self, configuration_ids: Sequence[str]) -> None:
        """Delete unused ones; NotFound means done, InUse names a group that still needs one."""


class Policies(Protocol):
    def canonical(self, want: Fields) -> dict[str, Json]:
        """As Groups.canonical; for the fields of scheduled tasks too."""

    async def list(self) -> tuple[Policy, ...]: ...

    async def of_group(self, group_id: str) -> tuple[Policy, ...]:
        """The policies of one group, read freshly; NotFound when the group is gone."""

    async def get(self, policy_id: str) -> Policy: ...

    async def create(self, new: NewPolicy, token: str) -> str: ...

    async def update(self, policy_id: str, change: Change) -> None: ...

    async def enable(self, policy_id: str) -> None: ...

    async def disable(self, policy_id: str) -> None: ...

    async def delete(self, policy_ids: Sequence[str], *, force: bool, delete_alarm: bool) -> None: ...

    async def executions(self, policy_id: str, newest: int) -> tuple[Execution, ...]: ...

    async def execute(self, policy_id: str, token: str) -> None:
        """Run it now; Busy while the group has an activity."""


class Hooks(Protocol):
    def canonical(self, want: Fields) -> dict[str, Json]:
        """Fields of a hook in the form in which they are read back. Pure."""

    async def list(self, group_id: str) -> tuple[Hook, ...]: ...

    async def get(self, group_id: str, name: str) -> Hook:
        """One hook, to be sure after a write."""

    async def create(self, group_id: str, hook: Hook) -> None: ...

    async def update(self, group_id: str, hook: Hook, paths: frozenset[str]) -> None: ...

    async def delete(self, group_id: str, name: str) -> None: ...

    async def pending(self, group_id: str) -> tuple[PendingAction, ...]:
        """Instances that a hook holds now."""

    async def answer(
        self, group_id: str, result: HookResult, *, hook_name: str, instance_id: str = "", token: str = ""
    ) -> None:
        """Let an instance go on, give it up or extend its time; by its token, else by hook and instance."""


class Notifications(Protocol):
    def canonical(self, want: Fields) -> dict[str, Json]:
        """Fields of a notification in the form in which they are read back. Pure."""

    async def list(self, group_id: str) -> tuple[Notification, ...]: ...

    async def create(self, group_id: str, notification: Notification) -> None: ...

    async def delete(self, group_id: str, notification_id: str) -> None: ...


class ScheduledTasks(Protocol):
    """Schedules that set sizes; a Policy of type Scheduled or Recurring whose fields hold `capacity`."""

    async def list(self, group_id: str) -> tuple[Policy, ...]: ...

    async def create(self, new: NewPolicy, token: str) -> str: ...

    async def update(self, group_id: str, task_id: str, change: Change) -> None: ...

    async def delete(self, group_id: str, task_id: str) -> None: ...


class WarmPools(Protocol):
    async def get(self, group_id: str) -> WarmPool | None:
        """None when the group has none."""

    async def put(self, group_id: str, capacity: int | None, instance_init_wait_s: int | None) -> None: ...

    async def close(self, group_id: str) -> None: ...


class Instances(Protocol):
    async def list(self, group_id: str) -> tuple[Instance, ...]: ...

    async def act(
        self, group_id: str, action: InstanceAction, instance_ids: Sequence[str], *, replace: bool = False
    ) -> None:
        """One batch, at most `batch_sizes[action]` ids; the vendor carries it out as an activity.

        `replace` goes with EnterStandby: new instances take the place of those in standby.
        """


class Cloud(Protocol):
    """One account of one cloud."""

    capabilities: Capabilities
    groups: Groups
    launch_configurations: LaunchConfigurations
    policies: Policies
    instances: Instances
    hooks: Hooks
    notifications: Notifications
    scheduled_tasks: ScheduledTasks
    warm_pools: WarmPools

    async def verify(self) -> Identity:
        """Prove the credentials with reads only."""

    async def quotas(self) -> tuple[Quota, ...]: ...

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Credentials:
    """Content of a credentials Secret; never logged, never in a repr."""

    access_key_id: str = ""
    secret_access_key: str = field(default="", repr=False)
    security_token: str = field(default="", repr=False)
    username: str = ""
    password: str = field(default="", repr=False)
    domain_name: str = ""

    @property
    def principal(self) -> str:
        """What tells two identities apart in the shared observation: access key id or user."""
        return self.access_key_id or f"{self.domain_name}/{self.username}"

    def values(self) -> tuple[str, ...]:
        """What must never be shown."""
        return tuple(value for value in (self.secret_access_key, self.security_token, self.password) if value)


@dataclass(frozen=True, slots=True)
class AccountConfig:
    """What a vendor folder needs to build a Cloud; endpoints "" mean the vendor's public ones."""

    vendor: str
    region: str
    credentials: Credentials
    project_id: str = ""
    project_name: str = ""
    autoscaling_endpoint: str = ""
    iam_endpoint: str = ""
    request_timeout_s: float = 30.0
    ca_pem: str = field(default="", repr=False)
    max_group_size: int | None = None
    instance_batch_size: int | None = None
    instance_remove_batch_size: int | None = None


class Gate(Protocol):
    """Stands before every request to a vendor: rate limit, circuit, write permission."""

    async def enter(self, operation: str, *, write: bool) -> None:
        """Wait for a token; raises Throttled while the circuit is open, LeaseLost when writing is not allowed."""

    def leave(self, operation: str, *, write: bool, error: Exception | None, seconds: float) -> None:
        """Report how the request ended; a Throttled error opens the circuit."""


class Vendor(Protocol):
    """What a vendor folder exports: how to build its Cloud."""

    @property
    def environment(self) -> Mapping[str, tuple[str, ...]]:
        """Variables of the vendor's own tools: key of a credentials Secret or field of a CloudAccount -> names."""

    def endpoint(self, config: AccountConfig) -> str:
        """The effective autoscaling endpoint."""

    def build(self, config: AccountConfig, gate: Gate, clock: Clock, clean: Callable[[str], str] = as_it_is) -> Cloud:
        """`clean` takes out of a vendor's words what must not be shown; the credentials are taken out anyway."""


class Clock(Protocol):
    def now(self) -> datetime:
        """Aware UTC."""

    def monotonic(self) -> float: ...


class Kube(Protocol):
    """Objects, status, finalizers, Secrets and Events of one API server; raises KubeError's subclasses."""

    async def get(self, plural: str, namespace: str, name: str) -> dict[str, Json]: ...

    async def list_metadata(self, plural: str, namespace: str | None) -> tuple[dict[str, Json], ...]:
        """Metadata of every object of the kind, without specs (PartialObjectMetadataList)."""

    async def write_status(
        self,
        plural: str,
        namespace: str,
        name: str,
        status: Mapping[str, Json],
        *,
        uid: str,
        resource_version: str | None,
    ) -> dict[str, Json]:
        """Replace /status; with a resource_version only if it still is the current one, else only if the uid is."""

    async def set_finalizers(
        self, plural: str, namespace: str, name: str, finalizers: Sequence[str], *, resource_version: str
    ) -> dict[str, Json]: ...

    async def scale(self, plural: str, namespace: str, name: str, replicas: int) -> None:
        """PATCH /scale without reading it before."""

    async def delete(self, plural: str, namespace: str, name: str, *, uid: str) -> None: ...

    async def read_secret(self, namespace: str, name: str) -> tuple[dict[str, bytes], dict[str, Json]]:
        """(data, metadata)."""

    async def read_config_map(self, namespace: str, name: str) -> tuple[dict[str, str], dict[str, Json]]: ...

    async def set_secret_finalizers(
        self, namespace: str, name: str, finalizers: Sequence[str], *, resource_version: str
    ) -> None: ...

    async def create_secret(self, namespace: str, name: str, data: Mapping[str, bytes]) -> None:
        """Stale when it already exists."""

    async def namespace_uid(self, namespace: str) -> str: ...

    async def post_event(
        self, regarding: Mapping[str, Json], *, event_type: str, reason: str, message: str, action: str
    ) -> None:
        """An events.k8s.io/v1 Event with source `cloudscaling`; dropped silently in a terminating namespace."""
