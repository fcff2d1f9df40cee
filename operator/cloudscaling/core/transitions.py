"""Events that follow from two statuses: what happened in the cloud since the last look. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from cloudscaling.api.v1alpha1.scalinggroup_observed import Activity
from cloudscaling.api.v1alpha1.scalinggroup_status import ScalingGroupStatus
from cloudscaling.api.v1alpha1.scalingpolicy import Execution, ScalingPolicyStatus
from cloudscaling.core.plan import Notice
from cloudscaling.core.verdict import find

_WARNED = frozenset({"CapacityNotReached", "GroupAbnormal", "DisabledExternally", "EnabledExternally"})
_ENDED = frozenset({"Succeeded", "PartiallySucceeded", "Failed", "Cancelled", "Rejected"})


def of_group(old: ScalingGroupStatus, new: ScalingGroupStatus) -> tuple[Notice, ...]:
    """Activities that began or ended, a desired capacity that others moved, a Ready that turned bad."""
    if old.external_id is None:
        return ()
    return tuple([*_activities(old, new), *_capacity(old, new), *_ready(old, new)])


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
    if moved and drifted is not None and drifted.reason in ("ExternallyScaled", "ScaledByPolicy"):
        cause = "a policy" if drifted.reason == "ScaledByPolicy" else "something outside"
        text = f"{cause} moved the desired capacity {old.desired_capacity} -> {new.desired_capacity}"
        yield Notice("ExternallyScaled", text)


def _ready(old: ScalingGroupStatus, new: ScalingGroupStatus) -> Iterator[Notice]:
    before, now = find(old.conditions, "Ready"), find(new.conditions, "Ready")
    if now is not None and now.reason in _WARNED and (before is None or before.reason != now.reason):
        yield Notice(now.reason, now.message, warning=True)


def of_policy(old: ScalingPolicyStatus, new: ScalingPolicyStatus) -> tuple[Notice, ...]:
    """Executions since the last look, and the end of a schedule."""
    if old.external_id is None:
        return ()
    known = {execution.id for execution in old.recent_executions}
    fresh = [execution for execution in reversed(new.recent_executions) if execution.id not in known]
    before, now = find(old.conditions, "Ready"), find(new.conditions, "Ready")
    ended = now is not None and now.reason == "Expired" and (before is None or before.reason != "Expired")
    expired = (Notice("ScheduleExpired", now.message),) if ended and now is not None else ()
    return (*(_fired(execution) for execution in fresh), *expired)


def _fired(execution: Execution) -> Notice:
    sizes = f" {execution.old_value} -> {execution.new_value}" if execution.new_value is not None else ""
    if execution.status == "Failed":
        return Notice("ExecutionFailed", f"{execution.trigger}{sizes}: {execution.message or ''}".rstrip(": "), True)
    return Notice("Fired", f"{execution.trigger}{sizes}")
