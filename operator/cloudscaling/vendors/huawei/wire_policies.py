"""JSON of policies, scheduled tasks and the two logs; rules as in wire.py. Used by client and what is behind it."""

from __future__ import annotations

from typing import Any

from cloudscaling.vendors.huawei.wire import Body, Count, Name, Row
from cloudscaling.vendors.huawei.wire_children import MarkedRows


class Schedule(Row):
    launch_time: str | None = None
    recurrence_type: str | None = None
    recurrence_value: str | None = None
    start_time: str | None = None
    end_time: str | None = None


class PolicyAction(Row):
    operation: str | None = None
    size: int | None = None
    percentage: int | None = None
    instance_number: int | None = None
    instance_percentage: int | None = None
    limits: int | None = None


class IntervalAction(PolicyAction):
    lower_bound: float | None = None
    upper_bound: float | None = None


class ScalingPolicy(Row):
    """Both versions: v1 names a group, v2 a resource and its type."""

    scaling_policy_id: Name
    scaling_policy_name: str
    policy_status: str
    scaling_policy_type: str
    scaling_group_id: str | None = None
    scaling_resource_id: str | None = None
    scaling_resource_type: str | None = None
    alarm_id: str | None = None
    scheduled_policy: Schedule | None = None
    scaling_policy_action: PolicyAction | None = None
    interval_alarm_actions: list[IntervalAction] | None = None
    cool_down_time: int | None = None
    create_time: str | None = None
    description: str | None = None


class ScalingPolicies(Row):
    total_number: Count
    scaling_policies: list[ScalingPolicy] | None


class OneScalingPolicy(Row):
    scaling_policy: ScalingPolicy


class PolicyId(Row):
    scaling_policy_id: Name


class ScheduleBody(Body):
    launch_time: str
    recurrence_type: str | None = None
    recurrence_value: str | None = None
    start_time: str | None = None
    end_time: str | None = None


class PolicyActionBody(Body):
    operation: str
    size: int | None = None
    percentage: int | None = None
    instance_number: int | None = None
    instance_percentage: int | None = None
    limits: int | None = None


class IntervalActionBody(PolicyActionBody):
    lower_bound: float | None = None
    upper_bound: float | None = None


class PolicyBody(Body):
    scaling_policy_name: str | None = None
    scaling_policy_type: str | None = None
    scaling_group_id: str | None = None
    scaling_resource_id: str | None = None
    scaling_resource_type: str | None = None
    alarm_id: str | None = None
    scheduled_policy: ScheduleBody | None = None
    scaling_policy_action: PolicyActionBody | None = None
    interval_alarm_actions: list[IntervalActionBody] | None = None
    cool_down_time: int | None = None
    description: str | None = None


class PoliciesActionBody(Body):
    scaling_policy_id: list[str]  # again a list under a singular name
    action: str
    force_delete: str | None = None
    delete_alarm: str | None = None


# --- scheduled tasks -------------------------------------------------------------------------------------------------


class Numbers(Row):
    min: int | None = None
    max: int | None = None
    desire: int | None = None


class ScheduledTask(Row):
    task_id: Name
    name: str
    scheduled_policy: Schedule
    instance_number: Numbers | None = None
    create_time: str | None = None


class ScheduledTasks(MarkedRows):
    scheduled_tasks: list[ScheduledTask] | None


class TaskId(Row):
    task_id: Name


class NumbersBody(Body):
    min: int | None = None
    max: int | None = None
    desire: int | None = None


class TaskBody(Body):
    name: str | None = None
    scheduled_policy: ScheduleBody | None = None
    instance_number: NumbersBody | None = None


# --- logs ------------------------------------------------------------------------------------------------------------


class Failure(Row):
    instance_name: str | None = None
    instance_id: str | None = None
    failed_reason: str | None = None
    failed_details: str | None = None


class ActivityLog(Row):
    """Both versions; the lists of instances are arrays in v2 and comma-joined names in v1."""

    id: str
    status: str
    type: str | None = None
    start_time: str | None = None
    end_time: str | None = None
    instance_value: int | None = None
    desire_value: int | None = None
    description: str | None = None
    instance_added_list: list[Any] | str | None = None
    instance_removed_list: list[Any] | str | None = None
    instance_deleted_list: list[Any] | str | None = None
    instance_standby_list: list[Any] | str | None = None
    instance_failed_list: list[Failure] | None = None
    lb_bind_failed_list: list[Failure] | None = None
    lb_unbind_failed_list: list[Failure] | None = None


class ActivityLogs(Row):
    total_number: Count
    scaling_activity_log: list[ActivityLog] | None


class ExecuteLog(Row):
    id: str
    status: str
    execute_type: str | None = None
    execute_time: str | None = None
    failed_reason: str | None = None
    old_value: str | None = None
    desire_value: str | None = None
    limit_value: str | None = None


class ExecuteLogs(Row):
    total_number: Count
    scaling_policy_execute_log: list[ExecuteLog] | None
