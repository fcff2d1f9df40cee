"""Blocks that several kinds share: control fields, references, the common part of the status.

Used by the models of the kinds only. Knows no field that just one kind has.
"""

from enum import StrEnum
from typing import Annotated

from cloudscaling.api.base import (
    DNS_LABEL,
    ApiModel,
    Immutable,
    Int64,
    Listing,
    Rule,
    Spec,
    Time,
    atomic,
    one_of,
    text,
    unordered,
)
from cloudscaling.api.conditions import Conditions


class Vendor(StrEnum):
    """The clouds served; each has a block of its own name in the specs."""

    HUAWEI = "Huawei"
    OTC = "OTC"
    ALIBABA = "Alibaba"
    TENCENT = "Tencent"


class ManagementPolicy(StrEnum):
    """How far the operator may go with a cloud object."""

    FULL = "Full"
    OBSERVE_ONLY = "ObserveOnly"


class DeletionPolicy(StrEnum):
    """What becomes of the cloud object when the Kubernetes object is deleted."""

    DELETE = "Delete"
    ORPHAN = "Orphan"


class OperationType(StrEnum):
    """Calls that must not happen twice."""

    CREATE = "Create"
    SET_DESIRED_CAPACITY = "SetDesiredCapacity"


class OperationStage(StrEnum):
    """Stages of a Create, in order; the status holds the last one done."""

    CREATED = "Created"
    TAGGED = "Tagged"
    ATTACHED = "Attached"
    CONFIGURED = "Configured"
    ENABLED = "Enabled"
    SIZED = "Sized"


class OperationState(StrEnum):
    """Whether the answer of the call is still to come, or was lost."""

    ISSUED = "Issued"
    UNKNOWN = "Unknown"


class AccountRef(ApiModel):
    """A CloudAccount of the same namespace."""

    name: Annotated[str, text(63, pattern=DNS_LABEL), Immutable()]
    """Name of the CloudAccount."""


class ScalingGroupRef(ApiModel):
    """A ScalingGroup of the same namespace."""

    name: Annotated[str, text(253), Immutable()]
    """Name of the ScalingGroup."""


class KeyRef(ApiModel):
    """One key of a Secret or ConfigMap of the same namespace."""

    name: str
    """Name of the Secret or ConfigMap."""
    key: str
    """Key inside it."""


class NoFields(ApiModel):
    """A vendor block without fields: giving it only states the vendor."""


class ControlledSpec(Spec):
    """Control fields of the kinds that own a cloud object."""

    external_name: Annotated[str, text(pattern="^[A-Za-z0-9][A-Za-z0-9_-]{1,39}$")] | None = None
    """Name of the object in the cloud. Left out, it is derived from the name here and a short owner hash."""
    external_id: Annotated[str, text(128)] | None = None
    """Id of an existing cloud object to adopt instead of creating one. Fixed once status.externalId is
    set."""
    management_policy: ManagementPolicy = ManagementPolicy.FULL
    """Full: create, change and delete. ObserveOnly: only read; differences go to status.drift, and deleting
    this object leaves the cloud alone."""
    paused: bool = False
    """Make no call at all for this object, not even reads. Deletion waits until it is unset."""
    deletion_policy: DeletionPolicy | None = None
    """Delete or keep (Orphan) the cloud object when this one is deleted. Left out: Orphan for what externalId
    adopted, Delete otherwise; status.deletionPolicy shows which."""
    deletion_protection: bool = False
    """Refuse to delete this object; set it to false first."""


class Operation(ApiModel):
    """The one cloud call in flight that must not happen twice."""

    id: str
    """UUID of the call, also sent as client token where the vendor takes one."""
    type: Annotated[str, one_of(of=OperationType)]
    """What is called."""
    stage: Annotated[str, one_of(of=OperationStage)] | None = None
    """Last stage of a Create that is done."""
    from_: int | None = None
    """Desired capacity seen before the call, in instances."""
    target: int | None = None
    """Desired capacity asked for, in instances."""
    state: Annotated[str, one_of(of=OperationState)]
    """Issued: stored before the call, its result not yet. Unknown: the answer was lost."""
    started_at: Time
    """When the call was first made."""
    attempts: int = 0
    """How often it was tried."""


class Drift(ApiModel):
    """One field whose cloud value differs from the spec and is not, or not yet, written."""

    path: Annotated[str, text(512)]
    """Path of the field."""
    desired: Annotated[str, text(1024)] | None = None
    """Value of the spec."""
    observed: Annotated[str, text(1024)] | None = None
    """Value in the cloud."""


class Quota(ApiModel):
    """Use of one vendor quota."""

    name: str
    """What is counted."""
    used: int
    """Units in use."""
    limit: int
    """Units allowed."""


class CommonStatus(ApiModel):
    """What every status holds."""

    observed_generation: Int64 | None = None
    """Generation of the spec this status was computed from."""
    conditions: Conditions = ()
    """State of the object by aspect; Ready sums up."""
    last_handled_reconcile_at: str | None = None
    """Echo of the annotation cloudscaling.dev/reconcile-requested-at once it was obeyed."""


class CloudObjectStatus(CommonStatus):
    """What the status of every kind holds that owns a cloud object."""

    vendor: Annotated[str, one_of(of=Vendor)] | None = None
    """Vendor of the cloud object, kept so that deletion works without the references."""
    account: str | None = None
    """Name of the CloudAccount the cloud object was made with."""
    external_id: str | None = None
    """Id of the cloud object."""
    external_name: str | None = None
    """Name of the cloud object."""
    deletion_policy: Annotated[str, one_of(of=DeletionPolicy)] | None = None
    """What deletion will do to the cloud object."""
    applied_hash: str | None = None
    """Key id and HMAC of the values last applied, including those that the vendor does not return."""
    drift: Annotated[Listing[Drift], atomic(20)] = ()
    """Fields whose cloud value differs and is not, or not yet, written."""
    operation: Operation | None = None
    """The call in flight that must not happen twice; absent when there is none."""


OwnedNames = Annotated[Listing[str], unordered(200)]
UsedBy = Annotated[Listing[str], unordered(20)]

ONE_VENDOR_BLOCK = Rule(
    "V1",
    "[has(self.huawei), has(self.otc), has(self.alibaba), has(self.tencent)].filter(b, b).size() <= 1",
    "at most one vendor block",
)
FIXED_EXTERNAL_ID = Rule(
    "V2",
    "!has(self.status) || !has(self.status.externalId) || "
    "(has(self.spec.externalId) == has(oldSelf.spec.externalId) && "
    "(!has(self.spec.externalId) || self.spec.externalId == oldSelf.spec.externalId))",
    "spec.externalId is immutable while status.externalId is set",
)
