"""Logs of activities in both versions and of policies. Vendor document: 5.5 and 5.6."""

from __future__ import annotations

import json
from collections.abc import Callable

from cloudsim.huawei import paging, times, validate
from cloudsim.huawei.errors import ApiError
from cloudsim.huawei.scene import Call, JsonObject, Scene
from cloudsim.huawei.state import Activity, Group

TYPES = (
    "NORMAL",
    "MANNUAL_REMOVE",
    "MANNUAL_DELETE",
    "MANNUAL_ADD",
    "ELB_CHECK_DELETE",
    "AUDIT_CHECK_DELETE",
    "DIFF",
    "MODIFY_ELB",
    "ENTER_STANDBY",
    "EXIT_STANDBY",
)
STATUSES = ("SUCCESS", "FAIL", "DOING")
EXECUTE_TYPES = {"SCHEDULED": "SCHEDULE", "RECURRENCE": "RECURRENCE", "ALARM": "ALARM", "MANUAL": "MANUAL"}


def activities_v1(scene: Scene, call: Call) -> JsonObject:
    """List activities, newest first, with names joined by commas."""
    group = scene.group(call.path["scaling_group_id"])
    return _activities(group, call, _show_v1, lambda _: True)


def activities_v2(scene: Scene, call: Call) -> JsonObject:
    """List activities, newest first, with members, load balancers and failures."""
    group = scene.group(call.path["scaling_group_id"])
    kinds = [kind for kind in call.query.get("type", "").split(",") if kind]
    if any(kind not in TYPES for kind in kinds):
        raise ApiError("9012", ",".join(kinds))
    status = validate.query_choice(call.query, "status", "9013", *STATUSES)
    log_id = call.query.get("log_id")

    def keep(row: Activity) -> bool:
        return (not kinds or row.type in kinds) and status in (None, row.status) and log_id in (None, "", row.id)

    return _activities(group, call, show_v2, keep)


def _activities(
    group: Group, call: Call, show: Callable[[Activity], JsonObject], keep: Callable[[Activity], bool]
) -> JsonObject:
    bounds = paging.window(call.query, "9003", "9004")
    since, until = _span(call.query, "9001", "9002")
    rows = ([group.activity] if group.activity else []) + group.past[::-1]

    def wanted(row: Activity) -> bool:
        return since <= row.start <= until and keep(row)

    return paging.page(rows, rows, wanted, show, bounds, "scaling_activity_log")


def _span(query: dict[str, str], start_code: str, end_code: str) -> tuple[float, float]:
    return (
        _moment(query.get("start_time"), start_code, 0.0),
        _moment(query.get("end_time"), end_code, float("inf")),
    )


def _moment(text: str | None, code: str, default: float) -> float:
    if not text:
        return default
    at = times.parse(text, times.SECOND)
    if at is None:
        raise ApiError(code, text)
    return at


def _common(row: Activity) -> JsonObject:
    return {
        "id": row.id,
        "status": row.status,
        "start_time": times.second(row.start),
        "end_time": times.second(row.end) if row.end is not None else None,
        "instance_value": row.instance_value,
        "desire_value": row.desire_value,
        "scaling_value": row.scaling_value,
    }


def _description(row: Activity) -> str:
    return json.dumps({"reason": [row.reason]}, separators=(",", ":"))


def _show_v1(row: Activity) -> JsonObject:
    return {
        **_common(row),
        "instance_added_list": _names(row.added),
        "instance_removed_list": _names(row.removed),
        "instance_deleted_list": _names(row.deleted),
        "description": _description(row),
    }


def _names(entries: list[JsonObject]) -> str | None:
    return ",".join(e["instance_name"] for e in entries) or None


def show_v2(row: Activity) -> JsonObject:
    """Return an activity as version 2 lists it; which lists are there depends on the type."""
    if row.type == "MODIFY_ELB":
        return {
            **_common(row),
            "type": row.type,
            "lb_bind_success_list": row.bound,
            "lb_bind_failed_list": [],
            "lb_unbind_success_list": row.unbound,
            "lb_unbind_failed_list": [],
        }
    return {
        **_common(row),
        "type": row.type,
        "instance_added_list": row.added,
        "instance_removed_list": row.removed,
        "instance_deleted_list": row.deleted,
        "instance_failed_list": row.failed,
        "instance_standby_list": row.standby,
        "description": _description(row),
    }


def policy_runs(scene: Scene, call: Call) -> JsonObject:
    """List the runs of a policy, newest first."""
    policy = scene.policy(call.path["scaling_policy_id"])
    query = call.query
    bounds = paging.window(query, "9008", "9009")
    since, until = _span(query, "9007", "9007")
    how = validate.query_choice(query, "execute_type", "9007", *EXECUTE_TYPES)
    kind, resource = query.get("scaling_resource_type"), query.get("scaling_resource_id")
    log_id = query.get("log_id")

    def keep(row: JsonObject) -> bool:
        at = times.parse(row["execute_time"], times.SECOND) or 0.0
        return (
            since <= at <= until
            and (how is None or row["execute_type"] == EXECUTE_TYPES[how])
            and kind in (None, "", row["scaling_resource_type"])
            and resource in (None, "", row["scaling_resource_id"])
            and log_id in (None, "", row["id"])
        )

    rows = policy.logs[::-1]
    return paging.page(rows, rows, keep, dict, bounds, "scaling_policy_execute_log")
