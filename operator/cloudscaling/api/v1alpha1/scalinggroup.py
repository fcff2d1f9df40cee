"""ScalingGroup: how many instances, where, behind what, made from what.

Read by the reconcilers of ScalingGroup and of everything that refers to one. The rules of desired capacity
live in the core, not here.
"""

from enum import StrEnum
from typing import Annotated, ClassVar, Literal

from cloudscaling.api.base import Resource, Rule, atomic, between, entries, keyed
from cloudscaling.api.v1alpha1.common import FIXED_EXTERNAL_ID, ONE_VENDOR_BLOCK, AccountRef, ControlledSpec
from cloudscaling.api.v1alpha1.scalinggroup_parts import (
    HealthCheck,
    LaunchConfigurationRef,
    LifecycleHook,
    LoadBalancers,
    Network,
    Notification,
    TerminationPolicy,
)
from cloudscaling.api.v1alpha1.scalinggroup_status import ScalingGroupStatus
from cloudscaling.api.v1alpha1.scalinggroup_vendors import (
    AlibabaGroupSettings,
    HuaweiGroupSettings,
    OtcGroupSettings,
    TencentGroupSettings,
)


class InstanceDeletionPolicy(StrEnum):
    """What becomes of the instances when the cloud group is deleted."""

    RELEASE = "Release"
    DETACH = "Detach"


class CapacityManagement(StrEnum):
    """Who owns the desired capacity."""

    ON_CHANGE = "OnChange"
    ENFORCED = "Enforced"


class ScalingGroupSpec(ControlledSpec):
    """The group as it shall be. An optional field left out is not managed: the vendor's default at creation,
    later neither compared nor written."""

    rules: ClassVar = (
        ONE_VENDOR_BLOCK,
        Rule("G1", "self.minSize <= self.maxSize", "minSize must not exceed maxSize"),
        Rule(
            "G2",
            "!has(self.desiredCapacity) || "
            "(self.desiredCapacity >= self.minSize && self.desiredCapacity <= self.maxSize) || "
            "(oldSelf.hasValue() && has(oldSelf.value().desiredCapacity) && "
            "oldSelf.value().desiredCapacity == self.desiredCapacity)",
            "desiredCapacity must be between minSize and maxSize",
            optional_old_self=True,
        ),
        Rule(
            "G3",
            "!(has(self.tencent) && has(self.tencent.spotMix) && has(self.tencent.spotMix.baseCapacity)) || "
            "self.tencent.spotMix.baseCapacity <= self.maxSize",
            "spotMix.baseCapacity must not exceed maxSize",
        ),
        Rule(
            "G4",
            "[has(self.launchConfigurationRef), has(self.alibaba) && has(self.alibaba.launchTemplate), "
            "has(self.tencent) && has(self.tencent.createFrom)].filter(b, b).size() == 1 || "
            "(self.managementPolicy == 'ObserveOnly' && !has(self.launchConfigurationRef))",
            "exactly one of launchConfigurationRef, alibaba.launchTemplate, tencent.createFrom",
        ),
        Rule("G8", "!has(self.tags) || !('cso-owner' in self.tags)", "tag key cso-owner is reserved"),
        Rule(
            "G9",
            "(!has(self.terminationPolicies) || "
            "self.terminationPolicies.all(x, self.terminationPolicies.exists_one(y, y == x))) && "
            "(!has(self.network) || !has(self.network.subnetIds) || "
            "self.network.subnetIds.all(x, self.network.subnetIds.exists_one(y, y == x)))",
            "terminationPolicies and subnetIds must be unique",
        ),
    )

    account_ref: AccountRef
    """CloudAccount of this namespace to create the group with."""
    instance_deletion_policy: InstanceDeletionPolicy = InstanceDeletionPolicy.RELEASE
    """Release or keep (Detach) the instances when deletion deletes the cloud group."""
    force_delete_after_seconds: Annotated[int, between(-1, 86400)] = -1
    """Seconds after the start of deletion when protection, standby and hooks are no longer respected.
    -1: never, 0: at once."""
    enabled: bool = True
    """Whether the cloud may scale the group. Written once per change; a change made in the cloud is reported,
    not undone."""
    min_size: Annotated[int, between(0, 10000)]
    """Fewest instances the group may hold. Vendors allow up to the account's limits.maxGroupSize."""
    max_size: Annotated[int, between(0, 10000)]
    """Most instances the group may hold. Vendors allow up to the account's limits.maxGroupSize."""
    desired_capacity: int | None = None
    """Instances the group shall hold, between minSize and maxSize. Left out: minSize at creation, later not
    managed. This is what kubectl scale and autoscalers of the cluster write."""
    capacity_management: CapacityManagement = CapacityManagement.ON_CHANGE
    """OnChange: desiredCapacity is written once per change, so policies and schedules may move it. Enforced:
    every other value is written back, and policies are refused."""
    cooldown_seconds: Annotated[int, between(0, 86400)] | None = None
    """Seconds after the end of an activity in which alarms do not start another one."""
    launch_configuration_ref: LaunchConfigurationRef | None = None
    """Launch configuration of new instances."""
    network: Network | None = None
    """Where instances are placed. Huawei, OTC and Tencent demand vpcId and subnetIds."""
    health_check: HealthCheck | None = None
    """When an instance counts as unhealthy and is replaced."""
    termination_policies: Annotated[tuple[TerminationPolicy, ...], atomic(2, min_items=1)] | None = None
    """Which instance leaves first: the first entry selects, the second breaks ties."""
    load_balancers: LoadBalancers | None = None
    """Load balancers in front of the group."""
    lifecycle_hooks: Annotated[tuple[LifecycleHook, ...], keyed(6, "name")] | None = None
    """Hooks that hold an instance on its way in or out. Hooks made by others are left alone."""
    notifications: Annotated[tuple[Notification, ...], keyed(10, "name")] | None = None
    """Who is told about events of the group. Notifications made by others are left alone."""
    tags: Annotated[dict[str, str], entries(29)] | None = None
    """Tags of the group (not Alibaba; Tencent: at creation only). Tags made by others are left alone."""
    huawei: HuaweiGroupSettings | None = None
    """Settings that only Huawei has."""
    otc: OtcGroupSettings | None = None
    """Settings that only OTC has."""
    alibaba: AlibabaGroupSettings | None = None
    """Settings that only Alibaba has."""
    tencent: TencentGroupSettings | None = None
    """Settings that only Tencent has."""


class ScalingGroup(Resource):
    """A group of equal instances that the cloud keeps at a size between two bounds."""

    rules: ClassVar = (FIXED_EXTERNAL_ID,)

    kind: Literal["ScalingGroup"] = "ScalingGroup"
    """Kind of the object."""
    spec: ScalingGroupSpec
    """The group as it shall be."""
    status: ScalingGroupStatus = ScalingGroupStatus()
    """The group as it is."""
