"""Blocks of LaunchConfiguration that several vendors know: image, disks, login, first boot, address, price.

Used by launchconfiguration only.
"""

from typing import Annotated, ClassVar, Literal

from cloudscaling.api.base import ApiModel, Decimal, Rule, between, keyed, text
from cloudscaling.api.v1alpha1.common import KeyRef


class Image(ApiModel):
    """What the system disk is filled with; exactly one member."""

    rules: ClassVar = (
        Rule(
            "L2",
            "[has(self.id), has(self.name), has(self.family)].filter(b, b).size() == 1",
            "exactly one of image.id, image.name, image.family",
        ),
    )

    id: str | None = None
    """Id of the image."""
    name: str | None = None
    """Name of the image (Alibaba)."""
    family: str | None = None
    """Image family, whose newest image is used (Tencent)."""


class SystemDisk(ApiModel):
    """The disk the instance boots from."""

    type: Annotated[str, text(32)] | None = None
    """Disk type in the vendor's words, for example SSD, cloud_essd, CLOUD_PREMIUM."""
    size_gib: Annotated[int, between(1, 2000)] | None = None
    """Size in GiB."""
    snapshot_id: str | None = None
    """Snapshot of a whole-machine image (Huawei, OTC)."""
    iops: int | None = None
    """Input and output operations per second, where the disk type lets one choose (Huawei)."""
    throughput_mibps: int | None = None
    """Throughput in MiB/s, where the disk type lets one choose (Huawei)."""


class AlibabaDisk(ApiModel):
    """Settings of a data disk that only Alibaba has."""

    device: Annotated[str, text(pattern="^/dev/xvd[b-z]$")] | None = None
    """Device name; taken when the configuration is modified in place."""


class TencentDisk(ApiModel):
    """Settings of a data disk that only Tencent has."""

    burst_performance: bool | None = None
    """Let the disk exceed its baseline performance for a while."""


class DataDisk(ApiModel):
    """A disk beside the system disk."""

    rules: ClassVar = (
        Rule(
            "V1",
            "[has(self.alibaba), has(self.tencent)].filter(b, b).size() <= 1",
            "at most one vendor block",
        ),
        Rule(
            "L9",
            "!has(self.kmsKeyId) || (has(self.encrypted) && self.encrypted)",
            "kmsKeyId needs encrypted: true",
        ),
    )

    type: Annotated[str, text(32)]
    """Disk type in the vendor's words."""
    size_gib: Annotated[int, between(1, 32768)]
    """Size in GiB."""
    snapshot_id: str | None = None
    """Snapshot to fill the disk with."""
    image_id: str | None = None
    """Data disk image to fill the disk with (Huawei, OTC)."""
    encrypted: bool | None = None
    """Encrypt the disk (Huawei, OTC, Tencent)."""
    kms_key_id: str | None = None
    """Key to encrypt with (Huawei, OTC); needs encrypted: true."""
    iops: int | None = None
    """Input and output operations per second, where the disk type lets one choose (Huawei)."""
    throughput_mibps: int | None = None
    """Throughput in MiB/s, where the disk type lets one choose (Huawei, Tencent)."""
    delete_with_instance: bool | None = None
    """Delete the disk with its instance (Alibaba, Tencent)."""
    alibaba: AlibabaDisk | None = None
    """Settings that only Alibaba has."""
    tencent: TencentDisk | None = None
    """Settings that only Tencent has."""


class PasswordRef(ApiModel):
    """A password in a Secret of the same namespace."""

    name: str
    """Name of the Secret."""
    key: str = "password"
    """Key inside it."""


class Login(ApiModel):
    """How to log in to an instance; at most one member."""

    rules: ClassVar = (
        Rule(
            "L3",
            "[has(self.keyPair), has(self.passwordSecretRef), has(self.inheritFromImage)].filter(b, b).size() <= 1",
            "at most one way to log in",
        ),
    )

    key_pair: str | None = None
    """Key pair, by its name or id in the cloud."""
    password_secret_ref: PasswordRef | None = None
    """Password (Huawei for Windows, Tencent)."""
    inherit_from_image: Literal[True] | None = None
    """Keep the login of the image (Alibaba, Tencent)."""


class UserData(ApiModel):
    """Script or cloud-init document of the first boot; exactly one member, plain text."""

    rules: ClassVar = (
        Rule(
            "L4",
            "[has(self.inline), has(self.secretKeyRef), has(self.configMapKeyRef)].filter(b, b).size() == 1",
            "exactly one source of userData",
        ),
    )

    inline: Annotated[str, text(32768)] | None = None
    """The text itself. Vendors take 32 KB (Huawei, OTC) or 16 KB (Alibaba, Tencent)."""
    secret_key_ref: KeyRef | None = None
    """Key of a Secret that holds the text."""
    config_map_key_ref: KeyRef | None = None
    """Key of a ConfigMap that holds the text."""


class PublicIp(ApiModel):
    """A public address for every instance; giving the block asks for one."""

    rules: ClassVar = (
        Rule(
            "L5",
            "(self.chargeMode == 'Shared') == has(self.sharedBandwidthId) && "
            "(self.chargeMode == 'Shared' || has(self.bandwidthMbps))",
            "Shared needs sharedBandwidthId, the other modes bandwidthMbps",
        ),
    )

    bandwidth_mbps: Annotated[int, between(1, 2000)] | None = None
    """Outgoing bandwidth in Mbit/s."""
    charge_mode: Literal["Bandwidth", "Traffic", "Shared"]
    """Paid by bandwidth, by traffic, or out of a shared bandwidth (Huawei, Tencent)."""
    shared_bandwidth_id: str | None = None
    """The shared bandwidth, with chargeMode Shared."""


class SpotPrice(ApiModel):
    """Highest price for one instance type."""

    instance_type: str
    """Instance type."""
    price: Decimal
    """Highest price per hour, in the currency of the account."""


class Spot(ApiModel):
    """Highest price for spot instances; exactly one member."""

    rules: ClassVar = (Rule("L7", "has(self.maxPrice) != has(self.maxPrices)", "exactly one of maxPrice, maxPrices"),)

    max_price: Decimal | None = None
    """Highest price per hour for every instance type, in the currency of the account."""
    max_prices: Annotated[tuple[SpotPrice, ...], keyed(10, "instanceType")] | None = None
    """Highest price by instance type (Alibaba)."""
