"""Everything the simulated cloud remembers. Plain values only, so that it can be saved and copied.

Times are seconds since the epoch. Field names are the vendor's where the vendor has the field.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

JsonObject = dict[str, Any]

JOINED = frozenset({"INSERVICE", "REMOVING", "REMOVING_WAIT", "ENTERING_STANDBY", "STANDBY"})
STANDBY = frozenset({"ENTERING_STANDBY", "STANDBY"})


@dataclass(slots=True)
class Server:
    """A cloud server; it stays in the ledger after it left its group or was deleted."""

    id: str
    name: str
    status: str = "ACTIVE"
    created_by: str = "manual"
    zone: str = ""
    vpc_id: str = ""
    left_groups: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Instance:
    """A server as member of a group; an empty configuration id marks a manually added one."""

    id: str
    name: str
    scaling_configuration_id: str
    scaling_configuration_name: str
    configuration_created: float
    life_cycle_state: str
    joined: float
    health_status: str = "INITIALIZING"
    protected: bool = False
    zone: str = ""


@dataclass(slots=True)
class Activity:
    """One scaling activity; `waiting` holds the members that have not settled yet."""

    id: str
    type: str
    reason: JsonObject
    start: float
    instance_value: int
    desire_value: int
    scaling_value: int
    status: str = "DOING"
    end: float | None = None
    policy_id: str = ""
    cool_down_s: int = 0
    leave_deletes: bool = True
    waiting: dict[str, str] = field(default_factory=dict)
    added: list[JsonObject] = field(default_factory=list)
    removed: list[JsonObject] = field(default_factory=list)
    deleted: list[JsonObject] = field(default_factory=list)
    failed: list[JsonObject] = field(default_factory=list)
    standby: list[JsonObject] = field(default_factory=list)
    bound: list[JsonObject] = field(default_factory=list)
    unbound: list[JsonObject] = field(default_factory=list)


@dataclass(slots=True)
class Hook:
    """A lifecycle hook of a group."""

    name: str
    type: str
    default_result: str
    default_timeout: int
    topic_urn: str
    metadata: str | None
    created: float


@dataclass(slots=True)
class Hanging:
    """A member that waits in a hook until a callback or the deadline."""

    key: str
    hook: str
    hook_type: str
    instance_id: str
    default_result: str
    deadline: float
    status: str = "HANGING"


@dataclass(slots=True)
class Task:
    """A scheduled task: when it runs and the numbers that it sets."""

    id: str
    name: str
    schedule: JsonObject
    numbers: dict[str, int]
    created: float
    updated: float
    revision: int = 0


@dataclass(slots=True)
class WarmPool:
    """The warm pool of a group; a pool that was closed is still readable."""

    capacity: int | None
    wait_s: int | None
    status: str
    instances: dict[str, JsonObject] = field(default_factory=dict)


@dataclass(slots=True)
class Group:
    """A scaling group; `fields` holds what the caller may set, under the vendor's names."""

    id: str
    created: float
    fields: JsonObject
    status: str = "PAUSED"
    detail: str | None = None
    tags: dict[str, str | None] = field(default_factory=dict)
    members: dict[str, Instance] = field(default_factory=dict)
    activity: Activity | None = None
    past: list[Activity] = field(default_factory=list)
    cool_until: float = 0.0
    failures: int = 0
    retry_at: float = 0.0
    next_reason: JsonObject | None = None
    hooks: dict[str, Hook] = field(default_factory=dict)
    hangings: dict[str, Hanging] = field(default_factory=dict)
    topics: dict[str, list[str]] = field(default_factory=dict)
    tasks: dict[str, Task] = field(default_factory=dict)
    warm_pool: WarmPool | None = None

    @property
    def desire(self) -> int:
        """Return the desired number of instances."""
        return int(self.fields["desire_instance_number"])

    @property
    def minimum(self) -> int:
        """Return the lower bound."""
        return int(self.fields["min_instance_number"])

    @property
    def maximum(self) -> int:
        """Return the upper bound."""
        return int(self.fields["max_instance_number"])

    @property
    def name(self) -> str:
        """Return the group's name."""
        return str(self.fields["scaling_group_name"])

    @property
    def protected(self) -> int:
        """Return how many members are protected and not in standby."""
        return sum(1 for i in self.members.values() if i.protected and i.life_cycle_state not in STANDBY)

    @property
    def standby(self) -> int:
        """Return how many members are in standby or on the way there."""
        return sum(1 for i in self.members.values() if i.life_cycle_state in STANDBY)


@dataclass(slots=True)
class Configuration:
    """A launch template."""

    id: str
    name: str
    instance_config: JsonObject
    created: float


@dataclass(slots=True)
class Policy:
    """A scaling policy; `operation` is ADD, REMOVE or SET whatever the caller wrote."""

    id: str
    name: str
    resource_id: str
    resource_type: str
    type: str
    created: float
    status: str = "INSERVICE"
    alarm_id: str = ""
    schedule: JsonObject = field(default_factory=dict)
    action: JsonObject = field(default_factory=dict)
    intervals: list[JsonObject] = field(default_factory=list)
    cool_down_time: int = 300
    description: str | None = None
    revision: int = 0
    last_run: float = 0.0
    logs: list[JsonObject] = field(default_factory=list)


@dataclass(slots=True)
class Tenant:
    """What one project owns."""

    groups: dict[str, Group] = field(default_factory=dict)
    configurations: dict[str, Configuration] = field(default_factory=dict)
    policies: dict[str, Policy] = field(default_factory=dict)
    servers: dict[str, Server] = field(default_factory=dict)
    membership: dict[str, str] = field(default_factory=dict)
    policies_of: dict[str, list[str]] = field(default_factory=dict)
    configuration_users: dict[str, int] = field(default_factory=dict)
    bandwidths: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Token:
    """A Keystone token; it expires by real time."""

    account: str
    user: str
    project_id: str
    expires: float


@dataclass(slots=True)
class State:
    """All projects of one cloud, the tokens given out and what is due."""

    tenants: dict[str, Tenant] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    references: dict[str, set[str]] = field(default_factory=dict)
    due: list[tuple[float, int, str, str, str, str]] = field(default_factory=list)
    due_number: int = 0
