"""Blocks of InstanceOperation: actions, choice of instances, hook answers, vendors.

Used by instanceoperation and its status only.
"""

from enum import StrEnum
from typing import Annotated, Literal

from cloudscaling.api.base import ApiModel, atomic, between, text, unordered
from cloudscaling.api.v1alpha1.scalinggroup_parts import HookResult

InstanceId = Annotated[str, text(64)]


class Action(StrEnum):
    """What is done."""

    ADD = "Add"
    REMOVE = "Remove"
    DETACH = "Detach"
    PROTECT = "Protect"
    UNPROTECT = "Unprotect"
    ENTER_STANDBY = "EnterStandby"
    EXIT_STANDBY = "ExitStandby"
    START = "Start"
    STOP = "Stop"
    COMPLETE_LIFECYCLE_ACTION = "CompleteLifecycleAction"
    EXTEND_LIFECYCLE_ACTION = "ExtendLifecycleAction"
    EXECUTE_POLICY = "ExecutePolicy"
    REBALANCE = "Rebalance"
    SCALE_OUT = "ScaleOut"
    SCALE_IN = "ScaleIn"


class InstanceState(StrEnum):
    """State of an instance in our words."""

    PENDING = "Pending"
    PENDING_HOOK = "PendingHook"
    IN_SERVICE = "InService"
    REMOVING = "Removing"
    REMOVING_HOOK = "RemovingHook"
    STANDBY = "Standby"
    STARTING = "Starting"
    STOPPING = "Stopping"
    STOPPED = "Stopped"
    FAILED = "Failed"


class InstanceHealth(StrEnum):
    """Health of an instance in our words."""

    HEALTHY = "Healthy"
    UNHEALTHY = "Unhealthy"
    INITIALIZING = "Initializing"


class InstanceSelector(ApiModel):
    """Chooses instances by what they are; evaluated once, the result is kept in status.instanceIds."""

    states: Annotated[tuple[InstanceState, ...], unordered(10)] | None = None
    """In one of these states."""
    health: Annotated[tuple[InstanceHealth, ...], unordered(3)] | None = None
    """Of one of these healths."""
    protected: bool | None = None
    """Protected from scale-in, or not (not Alibaba)."""
    outdated: bool | None = None
    """Made from an older launch configuration than the current one, or not."""
    origin: Literal["AutoCreated", "Attached"] | None = None
    """Made by the group, or attached by hand."""
    limit: Annotated[int, between(1, 1000)] | None = None
    """At most so many, the oldest first."""


class LifecycleAction(ApiModel):
    """The hook to answer and the answer."""

    hook_name: str
    """The lifecycle hook."""
    result: HookResult | None = None
    """The answer, for CompleteLifecycleAction."""
    tokens: Annotated[tuple[str, ...], atomic(100, min_items=1)] | None = None
    """Tokens from the hook's messages, in place of instances. Alibaba takes nothing else."""
    extend_seconds: Annotated[int, between(30, 21600)] | None = None
    """Seconds to wait longer, for ExtendLifecycleAction (Alibaba; an hour elsewhere)."""


class ScalingPolicyRef(ApiModel):
    """A ScalingPolicy of the same namespace."""

    name: Annotated[str, text(253)]
    """Name of the ScalingPolicy."""


class HuaweiOperationSettings(ApiModel):
    """Settings that only Huawei has."""

    launch_replacements: bool | None = None
    """Start a replacement for every instance that enters standby."""


class AlibabaOperationSettings(ApiModel):
    """Settings that only Alibaba has."""

    remove_policy: Literal["Release", "Recycle"] | None = None
    """Release removed instances, or stop and keep them; Recycle needs the group's reclaimMode."""


class TencentOperationSettings(ApiModel):
    """Settings that only Tencent has."""

    stopped_mode: Literal["KeepCharging", "StopCharging"] | None = None
    """Whether stopped instances cost money, for Stop."""
    honor_cooldown: bool | None = None
    """Do not execute the policy during its cooldown, for ExecutePolicy."""
