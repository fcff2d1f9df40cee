"""LaunchConfiguration: what a new instance looks like.

Read by the reconcilers of LaunchConfiguration and ScalingGroup. Knows nothing of revisions in the cloud
beyond what its status shows.
"""

from enum import StrEnum
from typing import Annotated, ClassVar, Literal

from cloudscaling.api.base import (
    ApiModel,
    Listing,
    Resource,
    Rule,
    Time,
    atomic,
    between,
    entries,
    keyed,
    one_of,
    text,
)
from cloudscaling.api.v1alpha1.common import (
    FIXED_EXTERNAL_ID,
    ONE_VENDOR_BLOCK,
    AccountRef,
    CloudObjectStatus,
    ControlledSpec,
    UsedBy,
)
from cloudscaling.api.v1alpha1.launchconfiguration_parts import (
    DataDisk,
    Image,
    Login,
    PublicIp,
    Spot,
    SystemDisk,
    UserData,
)
from cloudscaling.api.v1alpha1.launchconfiguration_tencent import TencentLaunchSettings
from cloudscaling.api.v1alpha1.launchconfiguration_vendors import (
    AlibabaLaunchSettings,
    HuaweiLaunchSettings,
    OtcLaunchSettings,
)


class UpdateStrategy(StrEnum):
    """How a change reaches the cloud."""

    IN_PLACE = "InPlace"
    REPLACE = "Replace"


class RevisionState(StrEnum):
    """What a revision is used for."""

    CURRENT = "Current"
    SUPERSEDED = "Superseded"
    RETAINED = "Retained"
    DELETING = "Deleting"


class RetainedReason(StrEnum):
    """Why an old revision is still there."""

    HISTORY = "History"
    ADOPTED = "Adopted"
    INSTANCES_USING_CONFIGURATION = "InstancesUsingConfiguration"
    USED_BY_FOREIGN_GROUP = "UsedByForeignGroup"


class LaunchConfigurationSpec(ControlledSpec):
    """What a new instance looks like. Running instances are never changed by an edit."""

    rules: ClassVar = (
        ONE_VENDOR_BLOCK,
        Rule(
            "L1",
            "self.managementPolicy == 'ObserveOnly' || has(self.instanceTypes) || "
            "(has(self.huawei) && has(self.huawei.templateInstanceId)) || "
            "(has(self.otc) && has(self.otc.templateInstanceId))",
            "instanceTypes is required",
        ),
        Rule(
            "L6",
            "!has(self.spot) || (has(self.purchaseModel) && self.purchaseModel == 'Spot')",
            "spot needs purchaseModel: Spot",
        ),
        Rule(
            "L8",
            "!((has(self.huawei) && has(self.huawei.templateInstanceId)) || "
            "(has(self.otc) && has(self.otc.templateInstanceId))) || "
            "!(has(self.instanceTypes) || has(self.image) || has(self.systemDisk) || has(self.dataDisks) || "
            "has(self.securityGroupIds))",
            "templateInstanceId excludes instanceTypes, image, disks, securityGroupIds",
        ),
        Rule(
            "L12",
            "!has(self.tencent) || ("
            "(!(has(self.tencent.hostNameStyle) || has(self.tencent.hostNameSuffix)) || "
            "has(self.hostName)) && "
            "(!(has(self.tencent.instanceNameStyle) || has(self.tencent.instanceNameSuffix)) || "
            "has(self.instanceName)))",
            "name styles and suffixes need the name itself",
        ),
    )

    account_ref: AccountRef
    """CloudAccount of this namespace to create the configuration with."""
    update_strategy: UpdateStrategy = UpdateStrategy.IN_PLACE
    """InPlace: modify the cloud object where the vendor can (Alibaba, Tencent), else replace it.
    Replace: make a new revision for every change."""
    revision_history_limit: Annotated[int, between(0, 10)] = 2
    """Unused old revisions to keep."""
    image: Image | None = None
    """What the system disk is filled with. Every vendor demands it."""
    instance_types: Annotated[tuple[str, ...], atomic(10, min_items=1)] | None = None
    """Instance types (flavors) in order of preference. Required, unless an instance serves as template."""
    instance_type_policy: Literal["Priority", "LowestPrice"] | None = None
    """Choose the first available instance type, or the cheapest (Huawei)."""
    system_disk: SystemDisk | None = None
    """The disk the instance boots from. Huawei and OTC demand it."""
    data_disks: Annotated[tuple[DataDisk, ...], atomic(23)] | None = None
    """Further disks, in device order."""
    security_group_ids: Annotated[tuple[str, ...], atomic(10)] | None = None
    """Security groups, in order. Alibaba demands exactly one."""
    login: Login | None = None
    """How to log in to an instance. OTC demands a key pair."""
    user_data: UserData | None = None
    """Script or cloud-init document of the first boot."""
    public_ip: PublicIp | None = None
    """A public address for every instance; left out, instances have none."""
    purchase_model: Literal["OnDemand", "Spot"] | None = None
    """Spot: cheaper instances that the vendor may take back (not OTC)."""
    spot: Spot | None = None
    """Highest price, with purchaseModel Spot. Tencent demands it."""
    instance_name: Annotated[str, text(108)] | None = None
    """Name of the instances (Alibaba, Tencent)."""
    host_name: Annotated[str, text(64)] | None = None
    """Host name of the instances (Alibaba, Tencent)."""
    instance_tags: Annotated[dict[str, str], entries(10)] | None = None
    """Tags of the instances (Alibaba, Tencent)."""
    instance_role: str | None = None
    """Role whose permissions programs on the instance have (Alibaba, Tencent)."""
    placement_group_id: str | None = None
    """Group that keeps instances apart on the hardware (Huawei, Tencent)."""
    huawei: HuaweiLaunchSettings | None = None
    """Settings that only Huawei has."""
    otc: OtcLaunchSettings | None = None
    """Settings that only OTC has."""
    alibaba: AlibabaLaunchSettings | None = None
    """Settings that only Alibaba has."""
    tencent: TencentLaunchSettings | None = None
    """Settings that only Tencent has."""


class Revision(ApiModel):
    """One launch configuration in the cloud."""

    revision: int
    """Number of the revision, counted from 1."""
    scaling_group: str
    """ScalingGroup it was made for (Alibaba, where configurations live inside a group); else empty."""
    external_id: str | None = None
    """Id in the cloud."""
    external_name: str | None = None
    """Name in the cloud."""
    hash: str | None = None
    """Key id and HMAC of its content."""
    state: Annotated[str, one_of(of=RevisionState)] | None = None
    """What it is used for."""
    reason: Annotated[str, one_of(of=RetainedReason)] | None = None
    """Why it is still there, in state Retained."""
    created_at: Time | None = None
    """When it was made."""


class LaunchConfigurationStatus(CloudObjectStatus):
    """Revisions in the cloud and who uses them."""

    current_revision: int | None = None
    """Revision that new instances use."""
    vendor_state: str | None = None
    """State in the vendor's words (Alibaba, Tencent)."""
    vendor_version: int | None = None
    """Version counted by the vendor (Tencent)."""
    revisions: Annotated[Listing[Revision], keyed(40, "revision", "scalingGroup")] = ()
    """Revisions that exist in the cloud."""
    used_by: UsedBy = ()
    """ScalingGroups that name this configuration, the first 20."""
    used_by_count: int | None = None
    """How many ScalingGroups name it."""


class LaunchConfiguration(Resource):
    """Template of new instances: image, instance types, disks, login, address. ScalingGroups refer to it."""

    rules: ClassVar = (FIXED_EXTERNAL_ID,)

    kind: Literal["LaunchConfiguration"] = "LaunchConfiguration"
    """Kind of the object."""
    spec: LaunchConfigurationSpec
    """What a new instance looks like."""
    status: LaunchConfigurationStatus = LaunchConfigurationStatus()
    """What is in the cloud."""
