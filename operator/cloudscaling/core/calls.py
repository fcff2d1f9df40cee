"""Every call that a plan may hold, one value each. Made by the planners, carried out by engine.apply and kube_calls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from cloudscaling.core.model import (
    Change,
    Hook,
    HookResult,
    InstanceAction,
    NewGroup,
    NewLaunchConfiguration,
    NewPolicy,
    Notification,
)

_LOAD_BALANCERS = "loadBalancers."


@dataclass(frozen=True, slots=True)
class CreateGroup:
    new: NewGroup
    token: str


@dataclass(frozen=True, slots=True)
class UpdateGroup:
    id: str
    change: Change


@dataclass(frozen=True, slots=True)
class SetTags:
    id: str
    put: Mapping[str, str]
    remove: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EnableGroup:
    id: str


@dataclass(frozen=True, slots=True)
class DisableGroup:
    id: str


@dataclass(frozen=True, slots=True)
class SetDesiredCapacity:
    id: str
    desired: int
    token: str
    corrects: bool = False  # nobody asked for it anew: a move by others is undone


@dataclass(frozen=True, slots=True)
class ActOnInstances:
    id: str
    action: InstanceAction
    instance_ids: tuple[str, ...]
    replace: bool = False  # with EnterStandby: new instances take their place


@dataclass(frozen=True, slots=True)
class AnswerHook:
    """Let an instance that a hook holds go on, give it up or extend its time; by token where one is given."""

    id: str
    result: HookResult
    hook_name: str
    instance_id: str = ""
    token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class PutHook:
    """Make a hook of a group, or write some of its fields; its name is its key, so it is never there twice."""

    id: str  # of the group, as in all that follow
    hook: Hook
    paths: frozenset[str] = frozenset()  # fields to be written; none: the hook is new


@dataclass(frozen=True, slots=True)
class DeleteHook:
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class PutNotification:
    """Bind a target to a group; a target that is bound already is not bound twice."""

    id: str
    notification: Notification


@dataclass(frozen=True, slots=True)
class DeleteNotification:
    id: str
    notification_id: str


@dataclass(frozen=True, slots=True)
class SetWarmPool:
    id: str
    capacity: int | None
    instance_init_wait_s: int | None


@dataclass(frozen=True, slots=True)
class CloseWarmPool:
    id: str


@dataclass(frozen=True, slots=True)
class DeleteGroup:
    id: str
    force: bool


@dataclass(frozen=True, slots=True)
class CreateLaunchConfiguration:
    new: NewLaunchConfiguration
    token: str


@dataclass(frozen=True, slots=True)
class DeleteLaunchConfigurations:
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CreatePolicy:
    new: NewPolicy
    token: str


@dataclass(frozen=True, slots=True)
class UpdatePolicy:
    id: str
    change: Change


@dataclass(frozen=True, slots=True)
class EnablePolicy:
    id: str


@dataclass(frozen=True, slots=True)
class DisablePolicy:
    id: str


@dataclass(frozen=True, slots=True)
class DeletePolicies:
    ids: tuple[str, ...]
    force: bool = False
    delete_alarm: bool = False


@dataclass(frozen=True, slots=True)
class CreateScheduledTask:
    new: NewPolicy
    token: str


@dataclass(frozen=True, slots=True)
class UpdateScheduledTask:
    group_id: str
    id: str
    change: Change


@dataclass(frozen=True, slots=True)
class DeleteScheduledTask:
    group_id: str
    id: str


@dataclass(frozen=True, slots=True)
class ExecutePolicy:
    """Run a policy now; never called a second time without proof that the first did nothing."""

    id: str
    token: str


@dataclass(frozen=True, slots=True)
class RecordOperation:
    """Enter a one-shot object in status.recentOperations of its ScalingGroup, newest first; no cloud call."""

    group: str  # name of the ScalingGroup, in the namespace of the object
    name: str
    spec_hash: str
    finished_at: datetime


@dataclass(frozen=True, slots=True)
class DeleteObject:
    """Delete the object itself, its time to live is over; no cloud call."""


@dataclass(frozen=True, slots=True)
class SeedDesiredCapacity:
    """Write spec.desiredCapacity once through /scale; no cloud call."""

    value: int


@dataclass(frozen=True, slots=True)
class ReleaseFinalizer:
    """Nothing of the object is left to be done; no cloud call."""


CloudCall = (
    CreateGroup
    | UpdateGroup
    | SetTags
    | EnableGroup
    | DisableGroup
    | SetDesiredCapacity
    | ActOnInstances
    | AnswerHook
    | PutHook
    | DeleteHook
    | PutNotification
    | DeleteNotification
    | SetWarmPool
    | CloseWarmPool
    | DeleteGroup
    | CreateLaunchConfiguration
    | DeleteLaunchConfigurations
    | CreatePolicy
    | UpdatePolicy
    | EnablePolicy
    | DisablePolicy
    | DeletePolicies
    | CreateScheduledTask
    | UpdateScheduledTask
    | DeleteScheduledTask
    | ExecutePolicy
)
KubeCall = SeedDesiredCapacity | ReleaseFinalizer | RecordOperation | DeleteObject
Call = CloudCall | KubeCall


def part_of(call: Call) -> str:
    """What of its object a call is about, where a refusal of it must not hold up the rest; else ""."""
    match call:
        case PutHook(_, hook):
            return hook.name
        case DeleteHook(_, name):
            return name
        case PutNotification(_, notification):
            return notification.id
        case DeleteNotification(_, notification_id):
            return notification_id
        case SetWarmPool() | CloseWarmPool():
            return "warm pool"
        case UpdateGroup(_, change) if change.paths and all(p.startswith(_LOAD_BALANCERS) for p in change.paths):
            return "load balancers"
        case _:
            return ""


def name_of(call: Call) -> str:
    """A call as its refusals are remembered: the kind of call, and the part that it is about."""
    return " ".join(filter(None, (type(call).__name__, part_of(call))))
