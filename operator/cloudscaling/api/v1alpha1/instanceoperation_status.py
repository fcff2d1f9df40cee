"""Status of InstanceOperation.

Built by the status computation, read by the reconciler.
"""

from enum import StrEnum
from typing import Annotated

from cloudscaling.api.base import ApiModel, Listing, Time, atomic, one_of, text
from cloudscaling.api.v1alpha1.common import CommonStatus, Vendor
from cloudscaling.api.v1alpha1.instanceoperation_parts import InstanceId


class OperationPhase(StrEnum):
    """Phase of an operation, for people; programs read conditions."""

    PENDING = "Pending"
    WAITING = "Waiting"
    RUNNING = "Running"
    SUSPENDED = "Suspended"
    SUCCEEDED = "Succeeded"
    PARTIALLY_FAILED = "PartiallyFailed"
    FAILED = "Failed"


class FailureReason(StrEnum):
    """Why an instance was not done."""

    INSTANCE_NOT_FOUND = "InstanceNotFound"
    INSTANCE_NOT_IN_GROUP = "InstanceNotInGroup"
    INSTANCE_IN_OTHER_GROUP = "InstanceInOtherGroup"
    INSTANCE_NOT_IN_SERVICE = "InstanceNotInService"
    INSTANCE_PROTECTED = "InstanceProtected"
    PLACEMENT_MISMATCH = "PlacementMismatch"
    WOULD_EXCEED_MAX_SIZE = "WouldExceedMaxSize"
    WOULD_FALL_BELOW_MIN_SIZE = "WouldFallBelowMinSize"
    HOOK_NOT_WAITING = "HookNotWaiting"
    TOKEN_INVALID = "TokenInvalid"  # noqa: S105 - a reason, not a password
    EXTEND_LIMIT_REACHED = "ExtendLimitReached"
    REJECTED = "Rejected"
    NOT_VERIFIED = "NotVerified"


class CurrentBatch(ApiModel):
    """The chunk that is being worked on."""

    index: int
    """Number of the chunk, counted from 1."""
    instance_ids: Annotated[Listing[InstanceId], atomic(100)] = ()
    """Its instances."""
    state: Annotated[str, one_of("Issued", "Verifying")]
    """Issued: the call is under way. Verifying: its effect is being looked for."""
    started_at: Time | None = None
    """When the call was first made."""
    activity_id: str | None = None
    """Activity in the cloud."""
    attempts: int = 0
    """How often it was tried."""
    target: int | None = None
    """The desired capacity that is asked for; absent for other calls."""
    prior_ids: Annotated[Listing[str], atomic(40)] = ()
    """Activities and log entries that were there before the call, so none of its traces."""


class Batch(ApiModel):
    """A chunk that was worked on."""

    index: int
    """Number of the chunk, counted from 1."""
    size: int | None = None
    """Its instances."""
    activity_id: str | None = None
    """Activity in the cloud."""
    status: str | None = None
    """How it ended."""
    target: int | None = None
    """The desired capacity that was asked for; absent for other calls."""
    start_time: Time | None = None
    """When it started."""
    end_time: Time | None = None
    """When it ended."""


class InstanceFailure(ApiModel):
    """An instance that was not done."""

    instance_id: InstanceId
    """The instance."""
    reason: Annotated[str, one_of(of=FailureReason)] | None = None
    """Why."""
    code: str | None = None
    """The vendor's error code."""
    message: Annotated[str, text(512)] | None = None
    """The vendor's explanation."""


class InstanceOperationStatus(CommonStatus):
    """How far the work got."""

    phase: Annotated[str, one_of(of=OperationPhase)] | None = None
    """Phase, for people; programs read conditions."""
    vendor: Annotated[str, one_of(of=Vendor)] | None = None
    """Vendor of the group."""
    start_time: Time | None = None
    """When the first chunk started."""
    completion_time: Time | None = None
    """When the operation ended."""
    scaling_group_id: str | None = None
    """The cloud group on which the work was chosen; it is done on no other."""
    instance_ids: Annotated[Listing[InstanceId], atomic(1000)] = ()
    """The instances, as chosen at the start."""
    total: int | None = None
    """Instances to do; 1 for an action on the group."""
    succeeded: int | None = None
    """Instances done."""
    skipped: int | None = None
    """Instances that were in the wanted state already."""
    failed: int | None = None
    """Instances that could not be done."""
    remaining: int | None = None
    """Instances still to do."""
    desired_at_start: int | None = None
    """Desired capacity of the group at the start."""
    last_applied_at_start: int | None = None
    """The group's lastAppliedDesiredCapacity at the start; a later one is the user's and is kept."""
    current_batch: CurrentBatch | None = None
    """The chunk that is being worked on; absent when there is none."""
    batches: Annotated[Listing[Batch], atomic(20)] = ()
    """Chunks that were worked on, the newest 20."""
    failures: Annotated[Listing[InstanceFailure], atomic(50)] = ()
    """Instances that were not done, the first 50."""
