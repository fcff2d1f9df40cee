"""The vendor blocks of ScalingGroup.

Used by scalinggroup only.
"""

from typing import Annotated, Literal

from cloudscaling.api.base import ApiModel, Int64, atomic, between, text, unordered


class PrimaryNetwork(ApiModel):
    """Settings of the network card in network.subnetIds."""

    ipv6_enabled: bool | None = None
    """Give the card an IPv6 address."""
    ipv6_bandwidth_id: str | None = None
    """Shared bandwidth of the IPv6 address."""
    source_dest_check: bool | None = None
    """Drop packets that are not from or to the card's own address (not OTC)."""


class SecondaryNetwork(PrimaryNetwork):
    """A further network card of every instance."""

    subnet_id: str
    """Subnet of the card."""


class WarmPool(ApiModel):
    """Stopped instances kept ready; the vendor has it in few regions. Taking the block out closes the
    pool."""

    capacity: Annotated[int, between(0)] | None = None
    """Instances kept ready."""
    instance_init_wait_seconds: Annotated[int, between(0)] | None = None
    """Seconds a new instance gets to initialise before it is stopped."""


class OtcGroupSettings(ApiModel):
    """Settings of Huawei's family of APIs."""

    description: Annotated[str, text(236)] | None = None
    """Description of the group; an ownership mark is appended."""
    enterprise_project_id: str | None = None
    """Enterprise project of the group; `0` is the default one."""
    delete_public_ip: bool | None = None
    """Release the public address with its instance."""
    delete_volume: bool | None = None
    """Delete the data disks with their instance."""
    security_group_id: str | None = None
    """Security group of instances whose LaunchConfiguration gives none."""
    primary_network: PrimaryNetwork | None = None
    """Settings of the network card in network.subnetIds."""
    secondary_networks: Annotated[tuple[SecondaryNetwork, ...], atomic(4)] | None = None
    """Further network cards, in order."""


class HuaweiGroupSettings(OtcGroupSettings):
    """Settings that only Huawei has."""

    iam_agency_name: Annotated[str, text(64)] | None = None
    """Agency whose permissions programs on the instances have; empty clears it."""
    warm_pool: WarmPool | None = None
    """Stopped instances kept ready."""


class LaunchTemplate(ApiModel):
    """A launch template in the cloud."""

    id: str
    """Id of the template."""
    version: str | None = None
    """Number of a version, Default or Latest."""


class AlibabaGroupSettings(ApiModel):
    """Settings that only Alibaba has."""

    launch_template: LaunchTemplate | None = None
    """Launch template of new instances, in place of launchConfigurationRef."""
    reclaim_mode: Literal["Release", "Recycle"] | None = None
    """Release removed instances, or stop and keep them for the next scale-out. Fixed by the vendor at
    creation."""
    db_instance_ids: Annotated[tuple[str, ...], unordered(8)] | None = None
    """Databases whose access list the instances are entered in."""
    attach_existing_instances: bool = True
    """Apply a change of load balancers and databases to present instances too; false: to later ones only."""


class SpotMix(ApiModel):
    """A mix of on-demand and spot instances; giving the block asks for it."""

    base_capacity: int | None = None
    """Instances that are always on demand."""
    on_demand_percentage_above_base: Annotated[int, between(0, 100)] | None = None
    """Percent on demand of the instances above that."""
    allocation: Literal["CostOptimized", "CapacityOptimized"] | None = None
    """Choose spot instances by price, or by how likely they stay."""
    compensate_with_on_demand: bool | None = None
    """Start instances on demand when there are no spot ones."""


class InstanceNameIndex(ApiModel):
    """Numbers in instance names."""

    enabled: bool | None = None
    """Number the instances."""
    begin_index: Annotated[int, between(0, 99999999)] | None = None
    """First number."""


class CreateFrom(ApiModel):
    """An instance to make the group's launch configuration from, read at creation only."""

    instance_id: str
    """The instance."""
    inherit_instance_tags: bool | None = None
    """Copy its tags to new instances."""


class TencentGroupSettings(ApiModel):
    """Settings that only Tencent has."""

    project_id: Int64 | None = None
    """Project of the group."""
    ipv6_address_count: Annotated[int, between(0, 1)] | None = None
    """IPv6 addresses of each instance."""
    capacity_rebalance: bool | None = None
    """Replace spot instances that the vendor is about to take back."""
    retry_policy: Literal["Immediate", "Incremental", "Never"] | None = None
    """Whether and how soon a failed activity is tried again."""
    zones_check_policy: Literal["All", "Any"] | None = None
    """Whether all zones must be usable at creation, or one is enough. Cannot be read back."""
    load_balancers_check_policy: Literal["All", "Diff"] | None = None
    """Whether all load balancers are checked on a change, or the changed ones. Cannot be read back."""
    spot_mix: SpotMix | None = None
    """A mix of on-demand and spot instances."""
    instance_name_index: InstanceNameIndex | None = None
    """Numbers in instance names."""
    replace_monitor_unhealthy: bool | None = None
    """Replace instances that monitoring finds unhealthy."""
    replace_load_balancer_unhealthy: bool | None = None
    """Replace instances that a load balancer finds unhealthy."""
    auto_update_instance_tags: bool | None = None
    """Carry changed instance tags over to running instances."""
    desired_capacity_sync_with_min_max: bool | None = None
    """Let the vendor move the desired capacity when the bounds exclude it."""
    scaling_mode: Literal["Classic", "WakeUpStopped"] | None = None
    """Scale out with new instances, or start stopped ones first."""
    replace_mode: Literal["Recreate", "Reset"] | None = None
    """Replace an unhealthy instance by a new one, or reset its system."""
    create_from: CreateFrom | None = None
    """An instance to make the launch configuration from, in place of launchConfigurationRef."""
