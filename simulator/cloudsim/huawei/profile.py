"""What one cloud of the family serves and how much of it. Data only: a sibling cloud is another value here."""

from __future__ import annotations

from dataclasses import dataclass, field

ACTIONS = ("ADD", "REMOVE", "PROTECT", "UNPROTECT", "ENTER_STANDBY", "EXIT_STANDBY")

# Account quotas and their ceilings: (quota, the `max` that the quota answer shows).
QUOTAS = {
    "groups": (10, 50),
    "configurations": (100, 200),
    "policies": (50, 50),
    "instances": (300, 1000),
    "bandwidth-policies": (10, 100),
}

OPTIONS = {
    "manual-moves-desired": "true",
    "reject-unchanged-desire": "false",
    "desire-while-scaling": "accept",
    "bounds-move-desired": "false",
    "current-counts-pending": "false",
    "pending-without-id": "false",
    "require-configuration": "true",
    "list-order": "newest",
    "batch-partial": "true",
    "force-delete-leaves-servers": "false",
    "manual-runs-hooks": "true",
    "add-checks-vpc": "true",
    "versions-need-auth": "true",
    "v2": "true",
    "retry-seconds": "60",
    "start-delay-seconds": "0",
    "error-after-failures": "0",
}


@dataclass(frozen=True, slots=True)
class Profile:
    """Limits, operations and paths of one cloud."""

    name: str
    withheld: frozenset[str] = frozenset()
    batch_actions: tuple[str, ...] = ACTIONS
    batch_limits: dict[str, int] = field(default_factory=lambda: {"REMOVE": 50})
    batch_limit: int = 10
    versions: tuple[str, ...] = ("v1", "v2")
    quotas: dict[str, tuple[int, int]] = field(default_factory=lambda: QUOTAS)
    options: dict[str, str] = field(default_factory=lambda: OPTIONS)
    keystone_discovery: bool = False


HUAWEI = Profile("huawei")

OTC = Profile(
    "otc",
    withheld=frozenset(
        {
            "PutWarmPool",
            "CloseWarmPool",
            "ShowWarmPool",
            "ListWarmPoolInstances",
            "CreateGroupScheduledTask",
            "ListGroupScheduledTasks",
            "UpdateGroupScheduledTask",
            "DeleteGroupScheduledTask",
            "CreateScalingNotification",
            "ListScalingNotifications",
            "DeleteScalingNotification",
        }
    ),
    batch_actions=("ADD", "REMOVE", "PROTECT", "UNPROTECT"),
    batch_limits={},
    keystone_discovery=True,
)

PROFILES = {p.name: p for p in (HUAWEI, OTC)}
