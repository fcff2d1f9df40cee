"""The Huawei, OTC and Alibaba blocks of LaunchConfiguration.

Used by launchconfiguration only. Tencent's block has a module of its own.
"""

from typing import Annotated, ClassVar, Literal

from cloudscaling.api.base import ApiModel, Rule, between, keyed, text
from cloudscaling.api.v1alpha1.common import KeyRef


class InjectedFile(ApiModel):
    """A file written before the first boot; exactly one of content, secretKeyRef."""

    rules: ClassVar = (
        Rule("L10", "has(self.content) != has(self.secretKeyRef)", "exactly one of content, secretKeyRef"),
    )

    path: str
    """Absolute path in the instance."""
    content: Annotated[str, text(1024)] | None = None
    """Content, as plain text."""
    secret_key_ref: KeyRef | None = None
    """Key of a Secret that holds the content."""


class OtcLaunchSettings(ApiModel):
    """Settings of Huawei's family of APIs."""

    template_instance_id: str | None = None
    """Instance to take instance type, image, disks and security groups from, in place of those fields."""
    files: Annotated[tuple[InjectedFile, ...], keyed(5, "path")] | None = None
    """Files written before the first boot."""
    eip_type: str | None = None
    """Kind of the public address, for example 5_bgp or 5_sbgp; needed with publicIp."""


class HuaweiLaunchSettings(OtcLaunchSettings):
    """Settings that only Huawei has."""

    rules: ClassVar = (
        Rule(
            "L11",
            "!has(self.dedicatedHostId) || has(self.tenancy)",
            "dedicatedHostId needs tenancy: Dedicated",
        ),
    )

    tenancy: Literal["Dedicated"] | None = None
    """Start instances on dedicated hosts."""
    dedicated_host_id: str | None = None
    """The dedicated host; needs tenancy: Dedicated."""
    dedicated_storage_id: str | None = None
    """Dedicated storage for all disks."""


class AlibabaLaunchSettings(ApiModel):
    """Settings that only Alibaba has."""

    io_optimized: bool | None = None
    """Start I/O optimised instances."""
    internet_max_bandwidth_in_mbps: Annotated[int, between(1, 200)] | None = None
    """Incoming public bandwidth in Mbit/s."""
    load_balancer_weight: Annotated[int, between(0, 100)] | None = None
    """Weight of a new instance behind classic load balancers."""
