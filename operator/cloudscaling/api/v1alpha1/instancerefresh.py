"""InstanceRefresh: replaces the instances of a group batch by batch.

Read by its reconciler. Knows nothing of how a vendor refreshes.
"""

from enum import StrEnum
from typing import Annotated, ClassVar, Literal

from cloudscaling.api.base import (
    ApiModel,
    IntOrPercent,
    Listing,
    Resource,
    Rule,
    Spec,
    Time,
    atomic,
    between,
    one_of,
    text,
)
from cloudscaling.api.v1alpha1.common import CommonStatus, Operation, ScalingGroupRef, Vendor


class DesiredState(StrEnum):
    """What shall become of a refresh."""

    RUNNING = "Running"
    PAUSED = "Paused"
    CANCELLED = "Cancelled"
    ROLLED_BACK = "RolledBack"


class RefreshPhase(StrEnum):
    """Phase of a refresh, for people; programs read conditions."""

    PENDING = "Pending"
    RUNNING = "Running"
    PAUSED = "Paused"
    ROLLING_BACK = "RollingBack"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"
    CANCELLED = "Cancelled"


FINAL_STATES = Rule(
    "R2",
    "!(oldSelf in ['Cancelled','RolledBack']) || self == oldSelf",
    "Cancelled and RolledBack are final",
)


class InstanceRefreshSpec(Spec):
    """The refresh to do. Fixed after creation but for desiredState, onResume and ttlSecondsAfterFinished."""

    mutable_only: ClassVar = ("desiredState", "onResume", "ttlSecondsAfterFinished")
    immutable_rule: ClassVar = "R3"
    rules: ClassVar = (
        Rule(
            "R1",
            "(self.onFailure != 'Rollback' && self.desiredState != 'RolledBack') || "
            "(self.mode == 'Reset' && string(self.maxSurge) in ['0', '0%'])",
            "rollback needs mode: Reset and maxSurge: 0",
        ),
    )

    scaling_group_ref: ScalingGroupRef
    """ScalingGroup of this namespace whose instances are refreshed. One refresh runs at a time."""
    mode: Literal["Replace", "Reset"] = "Replace"
    """Replace instances by new ones, or reset their system disk (Tencent)."""
    scope: Literal["Outdated", "All"] = "Outdated"
    """Only instances made from an older launch configuration, or all."""
    max_unavailable: IntOrPercent = "10%"
    """Instances, or share of the group, that may be out of service at a time. Rounded up, at least 1."""
    max_surge: IntOrPercent = 0
    """Instances, or share of the group, started in advance. Not more than are out of service at a time."""
    pause_policy: Literal["Never", "AfterFirstBatch", "BetweenBatches"] = "Never"
    """When the refresh pauses by itself and waits for desiredState: Running."""
    on_failure: Literal["Pause", "Cancel", "Rollback"] = "Pause"
    """What a failed batch leads to. Rollback (Tencent) needs mode: Reset and maxSurge: 0."""
    check_target_health: bool = False
    """Wait until a new instance is healthy, not only in service."""
    desired_state: Annotated[DesiredState, FINAL_STATES] = DesiredState.RUNNING
    """Run, pause, cancel or (Tencent) roll back. Cancelled and RolledBack are final."""
    on_resume: Literal["RetryFailed", "SkipFailed"] = "RetryFailed"
    """What is done with failed instances when a paused refresh runs again."""
    active_deadline_seconds: Annotated[int, between(600, 604800)] = 86400
    """Seconds the refresh may take; then it is paused and counts as failed."""
    ttl_seconds_after_finished: Annotated[int, between(0)] | None = None
    """Seconds after the end when this object deletes itself. Left out: it stays."""


class RefreshBatches(ApiModel):
    """Batches of a refresh."""

    total: int | None = None
    """All batches."""
    current: int | None = None
    """The batch at work, counted from 1."""
    size: int | None = None
    """Instances in a batch."""


class RefreshInstances(ApiModel):
    """Instances of a refresh."""

    total: int | None = None
    """All instances to refresh."""
    updated: int | None = None
    """Refreshed."""
    pending: int | None = None
    """Still to refresh."""
    failed: int | None = None
    """Could not be refreshed."""
    not_found: int | None = None
    """Left the group meanwhile."""


class RefreshFailure(ApiModel):
    """An instance that could not be refreshed."""

    instance_id: str
    """The instance."""
    message: Annotated[str, text(512)] | None = None
    """The vendor's explanation."""


class InstanceRefreshStatus(CommonStatus):
    """How far the refresh got."""

    phase: Annotated[str, one_of(of=RefreshPhase)] | None = None
    """Phase, for people; programs read conditions."""
    external_id: str | None = None
    """Refresh activity in the cloud."""
    rollback_id: str | None = None
    """Rollback activity in the cloud."""
    vendor: Annotated[str, one_of(of=Vendor)] | None = None
    """Vendor of the group."""
    vendor_state: str | None = None
    """State in the vendor's words."""
    operation: Operation | None = None
    """The call in flight that must not happen twice; absent when there is none."""
    batches: RefreshBatches | None = None
    """Batches."""
    instances: RefreshInstances | None = None
    """Instances by state."""
    failures: Annotated[Listing[RefreshFailure], atomic(50)] = ()
    """Instances that could not be refreshed, the first 50."""
    desired_at_start: int | None = None
    """Desired capacity of the group at the start, restored at the end."""
    group_enabled_at_start: bool | None = None
    """Whether the group was enabled at the start, restored at the end."""
    start_time: Time | None = None
    """When it started."""
    completion_time: Time | None = None
    """When it ended."""


class InstanceRefresh(Resource):
    """Brings the instances of a ScalingGroup to its current launch configuration, batch by batch."""

    kind: Literal["InstanceRefresh"] = "InstanceRefresh"
    """Kind of the object."""
    spec: InstanceRefreshSpec
    """The refresh to do."""
    status: InstanceRefreshStatus = InstanceRefreshStatus()
    """How far it got."""
