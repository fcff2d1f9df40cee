"""The Tencent blocks of LaunchConfiguration.

Used by launchconfiguration only.
"""

from typing import Annotated, Literal

from cloudscaling.api.base import ApiModel, Int64, entries, text


class TencentInternet(ApiModel):
    """Details of the public address."""

    prepaid_bandwidth: bool | None = None
    """Bandwidth is paid in advance."""
    service_provider: Literal["BGP", "CMCC", "CTCC", "CUCC"] | None = None
    """Line of the address."""
    address_type: Literal["WanIP", "HighQualityEIP", "AntiDDoSEIP"] | None = None
    """Kind of the IPv4 address."""
    anti_ddos_package_id: str | None = None
    """Anti-DDoS package, with addressType AntiDDoSEIP."""
    keep_eip: bool | None = None
    """Keep the address when the instance goes. The vendor applies a change to running instances at once."""


class TencentIpv6Internet(ApiModel):
    """Public IPv6 access."""

    charge_mode: Literal["Traffic", "Shared"] | None = None
    """Traffic: paid by volume. Shared: out of a bandwidth package."""
    bandwidth_mbps: int | None = None
    """Outgoing bandwidth in Mbit/s."""
    bandwidth_package_id: str | None = None
    """Bandwidth package, with chargeMode Shared."""


class TencentEnhancedServices(ApiModel):
    """Programs that the vendor installs on instances."""

    security: bool | None = None
    """Host security."""
    monitor: bool | None = None
    """Monitoring."""
    automation: bool | None = None
    """Running commands from outside."""


class TencentLaunchSettings(ApiModel):
    """Settings that only Tencent has."""

    project_id: Int64 | None = None
    """Project that the instances belong to."""
    tags: Annotated[dict[str, str], entries(29)] | None = None
    """Tags of the launch configuration itself; instances have instanceTags."""
    instance_types_check_policy: Literal["All", "Any"] | None = None
    """Whether all instance types must be available, or one is enough."""
    disk_type_policy: Literal["Original", "Automatic"] | None = None
    """Whether another disk type may be used when the one asked for is sold out."""
    dedicated_cluster_id: str | None = None
    """Dedicated cluster to start in; instances are then charged with it."""
    hpc_cluster_id: str | None = None
    """High-performance computing cluster to start in."""
    host_name_style: Literal["Original", "Unique"] | None = None
    """Give every instance hostName as it is, or a numbered variant of it."""
    host_name_suffix: Annotated[str, text(37)] | None = None
    """Appended to hostName."""
    instance_name_style: Literal["Original", "Unique"] | None = None
    """Give every instance instanceName as it is, or a numbered variant of it."""
    instance_name_suffix: Annotated[str, text(105)] | None = None
    """Appended to instanceName."""
    internet: TencentInternet | None = None
    """Details of the public address."""
    ipv6_internet: TencentIpv6Internet | None = None
    """Public IPv6 access."""
    enhanced_services: TencentEnhancedServices | None = None
    """Programs that the vendor installs on instances."""
    metadata: Annotated[dict[str, str], entries(20)] | None = None
    """Metadata that an instance can read about itself."""
