"""Blocks of ScalingGroup that several vendors know: launch source, network, health, load balancers, hooks,
notifications.

Used by scalinggroup only.
"""

from enum import StrEnum
from typing import Annotated, ClassVar, Literal

from cloudscaling.api.base import ApiModel, Rule, atomic, between, entries, keyed, one_of, text, unordered


class Transition(StrEnum):
    """When a lifecycle hook holds an instance."""

    LAUNCHING = "Launching"
    TERMINATING = "Terminating"


class HookResult(StrEnum):
    """How a lifecycle hook ends."""

    CONTINUE = "Continue"
    ABANDON = "Abandon"


class TerminationPolicy(StrEnum):
    """Which instance leaves first."""

    OLDEST_LAUNCH_CONFIGURATION = "OldestLaunchConfiguration"
    OLDEST_INSTANCE = "OldestInstance"
    NEWEST_INSTANCE = "NewestInstance"


class Distribution(StrEnum):
    """How instances are spread over subnets or zones."""

    PRIORITY = "Priority"
    BALANCED = "Balanced"
    COST_OPTIMIZED = "CostOptimized"


class HealthCheckType(StrEnum):
    """Who says whether an instance is healthy."""

    INSTANCE = "Instance"
    LOAD_BALANCER = "LoadBalancer"


class NotificationEvent(StrEnum):
    """What one can be notified of; each vendor knows some."""

    SCALE_OUT_SUCCEEDED = "ScaleOutSucceeded"
    SCALE_OUT_FAILED = "ScaleOutFailed"
    SCALE_IN_SUCCEEDED = "ScaleInSucceeded"
    SCALE_IN_FAILED = "ScaleInFailed"
    GROUP_ABNORMAL = "GroupAbnormal"
    SCALE_OUT_STARTED = "ScaleOutStarted"
    SCALE_IN_STARTED = "ScaleInStarted"
    SCALING_REJECTED = "ScalingRejected"
    SCHEDULE_EXPIRING = "ScheduleExpiring"
    UNHEALTHY_REPLACED = "UnhealthyReplaced"
    UNHEALTHY_REPLACE_FAILED = "UnhealthyReplaceFailed"


class LaunchConfigurationRef(ApiModel):
    """The launch configuration of new instances; exactly one member."""

    rules: ClassVar = (Rule("G5", "has(self.name) != has(self.externalId)", "exactly one of name, externalId"),)

    name: str | None = None
    """LaunchConfiguration of this namespace."""
    external_id: str | None = None
    """Id of a launch configuration in the cloud that is not managed here."""


class Network(ApiModel):
    """Where instances are placed."""

    vpc_id: str | None = None
    """VPC. Huawei, OTC and Tencent demand it; Alibaba follows the subnets."""
    subnet_ids: Annotated[tuple[str, ...], atomic(20, min_items=1)] | None = None
    """Subnets for the primary network card of an instance, in order of preference. Huawei and OTC take
    exactly one and spread by zones."""
    zones: Annotated[tuple[str, ...], atomic(10)] | None = None
    """Zones in order of preference (Huawei, OTC; elsewhere the zones of the subnets)."""
    distribution: Distribution | None = None
    """Priority: in list order, the next one on failure. Balanced: evenly. CostOptimized: cheapest first
    (Alibaba)."""


class HealthCheck(ApiModel):
    """When an instance counts as unhealthy."""

    rules: ClassVar = (
        Rule(
            "G6",
            "!has(self.gracePeriodSeconds) || (has(self.type) && self.type == 'LoadBalancer')",
            "gracePeriodSeconds needs type: LoadBalancer",
        ),
    )

    type: HealthCheckType | None = None
    """Instance: the machine runs. LoadBalancer: every listener reports it healthy too (not Alibaba)."""
    interval_seconds: Annotated[int, one_of(10, 60, 300, 900, 3600, 10800)] | None = None
    """Seconds between two checks (Huawei, OTC)."""
    grace_period_seconds: Annotated[int, between(0, 86400)] | None = None
    """Seconds after the start of an instance in which the load balancer's verdict does not count."""


class LoadBalancerTarget(ApiModel):
    """A port of the instances that a load balancer sends traffic to."""

    name: Annotated[str, text(63)]
    """Name of the entry here; another name is another entry."""
    load_balancer_id: str | None = None
    """Load balancer. Alibaba and Tencent demand it."""
    listener_id: str | None = None
    """Listener. Tencent demands it."""
    rule_id: str | None = None
    """Forwarding rule of a layer-7 listener (Tencent)."""
    pool_id: str | None = None
    """Backend pool or server group. Huawei, OTC and Alibaba demand it."""
    port: Annotated[int, between(1, 65535)]
    """Port of the instances."""
    weight: Annotated[int, between(0, 100)] = 50
    """Share of the traffic compared with other targets."""
    ip_version: Literal["IPv4", "IPv6"] | None = None
    """Address family towards the instances (Huawei)."""
    region: str | None = None
    """Region of the load balancer where it is another one (Tencent)."""


class LoadBalancers(ApiModel):
    """Load balancers in front of the group. Entries made by others are left alone."""

    targets: Annotated[tuple[LoadBalancerTarget, ...], keyed(100, "name")] | None = None
    """Ports that get traffic. Vendors take 6 (Huawei, OTC), 5 (Alibaba) or 100 (Tencent)."""
    classic_ids: Annotated[tuple[str, ...], unordered(20)] | None = None
    """Classic load balancers or listeners, by id. Not together with targets, except on Alibaba."""


class HookTarget(ApiModel):
    """Where a hook's messages go; exactly one member."""

    rules: ClassVar = (Rule("G12", "has(self.topic) != has(self.queue)", "exactly one of topic, queue"),)

    topic: Annotated[str, text(512)] | None = None
    """Topic, by name or by the vendor's full resource name."""
    queue: Annotated[str, text(512)] | None = None
    """Queue (Alibaba, Tencent)."""


class TencentCommand(ApiModel):
    """A command to run on the instance while the hook holds it."""

    id: str
    """Command, as stored with the vendor."""
    parameters: Annotated[dict[str, str], entries(20)] | None = None
    """Values of its parameters."""


class TencentHook(ApiModel):
    """Settings of a hook that only Tencent has."""

    include_manual_actions: bool | None = None
    """Hold instances that are attached or removed by hand, too."""
    command: TencentCommand | None = None
    """A command to run on the instance; excludes target and metadata."""


class LifecycleHook(ApiModel):
    """Holds an instance on its way in or out until somebody answers or the time is over."""

    rules: ClassVar = (
        Rule(
            "G10",
            "!(has(self.tencent) && has(self.tencent.command)) || (!has(self.target) && !has(self.metadata))",
            "command excludes target and metadata",
        ),
        Rule("G11", "self.name != 'list'", "a hook cannot be named list"),
    )

    name: Annotated[str, text(pattern="^[A-Za-z0-9][A-Za-z0-9_-]{1,31}$")]
    """Name of the hook; another name is another hook."""
    transition: Transition
    """Hold instances while Launching or while Terminating."""
    default_result: HookResult = HookResult.CONTINUE
    """What happens when nobody answers. Continue: go on. Abandon: a launching instance is given up and
    replaced, a terminating one ends without waiting for other hooks."""
    timeout_seconds: Annotated[int, between(30, 86400)] = 600
    """Seconds to wait for an answer. Vendors take 60 and more (Huawei, OTC), up to 21600 (Alibaba) or 7200
    (Tencent)."""
    target: HookTarget | None = None
    """Where the messages go. Huawei and OTC demand a topic."""
    metadata: Annotated[str, text(1024)] | None = None
    """Text that every message carries. Vendors take 256 (Huawei, OTC), 128 (Alibaba) or 1024 (Tencent)
    characters."""
    tencent: TencentHook | None = None
    """Settings that only Tencent has."""


class NotificationTarget(ApiModel):
    """Where notifications go; exactly one member."""

    rules: ClassVar = (
        Rule(
            "G7",
            "[has(self.topic), has(self.queue), has(self.userGroupIds), has(self.cloudMonitor)]"
            ".filter(b, b).size() == 1",
            "exactly one notification target",
        ),
    )

    topic: Annotated[str, text(512)] | None = None
    """Topic, by name or by the vendor's full resource name."""
    queue: Annotated[str, text(512)] | None = None
    """Queue (Alibaba, Tencent)."""
    user_group_ids: Annotated[tuple[str, ...], unordered(20)] | None = None
    """User groups that get mails and messages (Tencent)."""
    cloud_monitor: Literal[True] | None = None
    """The vendor's monitoring service (Alibaba)."""


class Notification(ApiModel):
    """Tells somebody about events of the group (not OTC)."""

    name: Annotated[str, text(63)]
    """Name of the entry here; another name is another entry."""
    events: Annotated[tuple[NotificationEvent, ...], unordered(11, min_items=1)]
    """What to tell. No vendor knows all of them."""
    target: NotificationTarget
    """Where to tell it."""
