"""Events that follow from two statuses: what happened since the last look. Called by engine.reconcile, core.account.

Pure. A status that does not change tells nothing, so a restart repeats nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from cloudscaling.api.conditions import Condition
from cloudscaling.api.v1alpha1.launchconfiguration import LaunchConfigurationStatus
from cloudscaling.api.v1alpha1.scalinggroup_observed import Activity
from cloudscaling.api.v1alpha1.scalinggroup_status import ScalingGroupStatus
from cloudscaling.api.v1alpha1.scalingpolicy import Execution, ScalingPolicyStatus
from cloudscaling.core.group.capacity import OPERATION, POLICY
from cloudscaling.core.plan import Notice
from cloudscaling.core.verdict import find

_ENDED = frozenset({"Succeeded", "PartiallySucceeded", "Failed", "Cancelled", "Rejected"})


# (type, new reason) of a condition -> (reason of the Event, whether it is a Warning). Told once per change of
# the reason. References that come by themselves, as all objects of one `kubectl apply` do, are no Warning.
OF_CONDITIONS: Mapping[tuple[str, str], tuple[str, bool]] = {
    ("Paused", "NotPaused"): ("Resumed", False),
    ("ReferencesResolved", "AccountNotFound"): ("ReferenceNotResolved", True),
    ("ReferencesResolved", "CredentialsInvalid"): ("ReferenceNotResolved", True),
    ("ReferencesResolved", "LaunchConfigurationNotFound"): ("ReferenceNotResolved", True),
    ("ReferencesResolved", "ScalingGroupNotFound"): ("ReferenceNotResolved", True),
    ("ReferencesResolved", "ScalingPolicyNotFound"): ("ReferenceNotResolved", True),
    ("ReferencesResolved", "SecretNotFound"): ("ReferenceNotResolved", True),
    ("ReferencesResolved", "SecretKeyMissing"): ("ReferenceNotResolved", True),
    ("ReferencesResolved", "ConfigMapNotFound"): ("ReferenceNotResolved", True),
    ("Ready", "EndpointUnreachable"): ("EndpointUnreachable", True),
    ("Ready", "CapacityNotReached"): ("CapacityNotReached", True),
    ("Ready", "GroupAbnormal"): ("GroupAbnormal", True),
    ("Ready", "DisabledExternally"): ("DisabledExternally", True),
    ("Ready", "EnabledExternally"): ("EnabledExternally", True),
    ("Ready", "Expired"): ("ScheduleExpired", False),
}


class Status(Protocol):
    """What the statuses of all kinds have."""

    @property
    def conditions(self) -> Sequence[Condition]: ...

    @property
    def last_handled_reconcile_at(self) -> str | None: ...


def of_object(old: Status, new: Status) -> tuple[Notice, ...]:
    """What is told of every kind: a look that was asked for, conditions that have a new reason."""
    asked = new.last_handled_reconcile_at
    handled = asked is not None and asked != old.last_handled_reconcile_at
    requested = (Notice("ReconcileRequested", f"looked at, as asked for by annotation ({asked})"),) if handled else ()
    return (*requested, *_conditions(old.conditions, new.conditions))


def _conditions(old: Sequence[Condition], new: Sequence[Condition]) -> Iterator[Notice]:
    before = {condition.type: condition.reason for condition in old}
    for condition in new:
        told = OF_CONDITIONS.get((condition.type, condition.reason))
        if told is not None and before.get(condition.type) != condition.reason:
            event, warning = told
            yield Notice(event, condition.message, warning)


def of_launch(old: LaunchConfigurationStatus, new: LaunchConfigurationStatus) -> tuple[Notice, ...]:
    """Another revision is the one that new instances come from."""
    if new.current_revision is None or new.current_revision == old.current_revision:
        return ()
    text = f"revision {new.current_revision} is current; the groups that name this object switch to it"
    return (Notice("RevisionActivated", text),)


def of_group(old: ScalingGroupStatus, new: ScalingGroupStatus) -> tuple[Notice, ...]:
    """Activities that began or ended, a desired capacity that others moved."""
    if old.external_id is None:
        return ()
    return (*_activities(old, new), *_capacity(old, new), *_bounds(old, new))


def _activities(old: ScalingGroupStatus, new: ScalingGroupStatus) -> Iterator[Notice]:
    known = {activity.id: activity.status for activity in old.recent_activities}
    for activity in reversed(new.recent_activities):
        before = known.get(activity.id)
        if before == activity.status:
            continue
        if activity.status == "InProgress":
            yield Notice("ActivityStarted", _told(activity))
        elif activity.status == "Succeeded":
            yield Notice("ActivitySucceeded", _told(activity))
        elif activity.status in _ENDED:
            yield Notice("ActivityFailed", _told(activity), warning=True)


def _told(activity: Activity) -> str:
    sizes = ""
    if activity.old_capacity is not None and activity.new_capacity is not None:
        sizes = f" {activity.old_capacity} -> {activity.new_capacity}"
    failed = f"; {activity.failed_instances} instances failed" if activity.failed_instances else ""
    cause = f" ({activity.cause})" if activity.cause else ""
    message = f": {activity.message}" if activity.message and activity.status != "Succeeded" else ""
    return f"{activity.type}{sizes}{cause}{failed}{message}"


def _capacity(old: ScalingGroupStatus, new: ScalingGroupStatus) -> Iterator[Notice]:
    drifted = find(new.conditions, "CapacityDrifted")
    moved = old.desired_capacity is not None and old.desired_capacity != new.desired_capacity
    if drifted is not None and drifted.message.startswith(OPERATION):  # which tells of itself
        return
    if moved and drifted is not None and drifted.reason in ("ExternallyScaled", "ScaledByPolicy"):
        cause = POLICY if drifted.reason == "ScaledByPolicy" else "something outside"
        text = f"{cause} moved the desired capacity {old.desired_capacity} -> {new.desired_capacity}"
        yield Notice("ExternallyScaled", text)


def _bounds(old: ScalingGroupStatus, new: ScalingGroupStatus) -> Iterator[Notice]:
    drifted = find(new.conditions, "CapacityDrifted")
    moved = (old.min_size, old.max_size) != (new.min_size, new.max_size)
    if moved and drifted is not None and drifted.reason == "BoundsChangedBySchedule":
        yield Notice("BoundsChangedBySchedule", drifted.message)


def of_policy(old: ScalingPolicyStatus, new: ScalingPolicyStatus) -> tuple[Notice, ...]:
    """Executions since the last look."""
    if old.external_id is None:
        return ()
    known = {execution.id for execution in old.recent_executions}
    return tuple(_fired(execution) for execution in reversed(new.recent_executions) if execution.id not in known)


def _fired(execution: Execution) -> Notice:
    sizes = f" {execution.old_value} -> {execution.new_value}" if execution.new_value is not None else ""
    if execution.status == "Failed":
        return Notice("ExecutionFailed", f"{execution.trigger}{sizes}: {execution.message or ''}".rstrip(": "), True)
    return Notice("Fired", f"{execution.trigger}{sizes}")
