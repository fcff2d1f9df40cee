"""The fields of policy bodies in both versions as tables, and their common form. Vendor document: 5.4.1-5.4.4."""

from __future__ import annotations

import itertools

from cloudsim.huawei import validate
from cloudsim.huawei.errors import ApiError
from cloudsim.huawei.scene import JsonObject, Scene
from cloudsim.huawei.validate import Field, Table

GROUP, BANDWIDTH = "SCALING_GROUP", "BANDWIDTH"
TIMERS = ("SCHEDULED", "RECURRENCE")
V1_TYPES = ("ALARM", *TIMERS)
V2_TYPES = (*V1_TYPES, "INTERVAL_ALARM")
BOUND = 1.174271e108
_TEXT = validate.text("3009", 0, 64)
_SCHEDULE: Table = {
    "launch_time": Field(_TEXT, "3008"),
    "recurrence_type": Field(validate.text("3004", 0, 32)),
    "recurrence_value": Field(validate.text("3025", 0, 128)),
    "start_time": Field(validate.text("3028", 0, 32)),
    "end_time": Field(validate.text("3006", 0, 32)),
}
_OPERATION = Field(validate.one_of("3017", "ADD", "REMOVE", "REDUCE", "SET"))
_ACTION_V1: Table = {
    "operation": _OPERATION,
    "instance_number": Field(validate.integer("3018", 0)),
    "instance_percentage": Field(validate.integer("3035", 0, 20000)),
}
_ACTION_V2: Table = {
    "operation": _OPERATION,
    "size": Field(validate.integer("3018", 0)),
    "percentage": Field(validate.integer("3035", 0, 20000)),
    "limits": Field(validate.integer("3043", 1)),
}
_INTERVAL: Table = {
    **_ACTION_V2,
    "lower_bound": Field(validate.number("3018", -BOUND, BOUND)),
    "upper_bound": Field(validate.number("3018", -BOUND, BOUND)),
}
_NAME = validate.name("3013", "3014", "3031")
_UPDATE: dict[str, Field] = {
    "scaling_policy_name": Field(_NAME),
    "alarm_id": Field(validate.reference("3050")),
    "scheduled_policy": Field(validate.nested(_SCHEDULE, "3003")),
    "cool_down_time": Field(validate.integer("3012", 0, 86400)),
}
UPDATE_V1: Table = {
    **_UPDATE,
    "scaling_policy_type": Field(validate.one_of("3002", *V1_TYPES)),
    "scaling_policy_action": Field(validate.nested(_ACTION_V1, "3017")),
}
UPDATE_V2: Table = {
    **_UPDATE,
    "scaling_policy_type": Field(validate.one_of("3002", *V2_TYPES)),
    "scaling_policy_action": Field(validate.nested(_ACTION_V2, "3017")),
    "scaling_resource_id": Field(validate.reference("3055")),
    "scaling_resource_type": Field(validate.one_of("3037", GROUP, BANDWIDTH)),
    "interval_alarm_actions": Field(validate.each(validate.nested(_INTERVAL, "0022"), "0022", 20)),
    "description": Field(validate.text("0022", 1, 256)),
}
_REQUIRED = {
    "scaling_policy_name": "3013",
    "scaling_policy_type": "3011",
    "scaling_group_id": "3019",
    "scaling_resource_id": "3041",
    "scaling_resource_type": "3054",
}


def _required(table: Table) -> Table:
    return {name: Field(f.check, _REQUIRED.get(name)) for name, f in table.items()}


CREATE_V1: Table = _required({**UPDATE_V1, "scaling_group_id": Field(validate.reference("3019"))})
CREATE_V2: Table = _required(UPDATE_V2)


def action(scene: Scene, given: JsonObject, resource_type: str) -> JsonObject:
    """Return an action of either version in one form: operation, then size or percentage, limits."""
    operation = given.get("operation", "ADD")
    size = given.get("instance_number", given.get("size"))
    percentage = given.get("instance_percentage", given.get("percentage"))
    if size is not None and percentage is not None:
        raise ApiError("3036")
    if resource_type == BANDWIDTH:
        _check_bandwidth(operation, percentage)
    if "limits" in given and (resource_type != BANDWIDTH or operation == "SET"):
        raise ApiError("3043")
    least = 0 if operation == "SET" else 1
    if size is not None and not least <= size <= max(scene.rules.quotas["instances"], 300):
        raise ApiError("3018", str(size))
    if percentage is not None and percentage < least:
        raise ApiError("3035", str(percentage))
    kept: JsonObject = {"operation": "REMOVE" if operation == "REDUCE" else operation}
    if percentage is not None:
        kept["percentage"] = percentage
    else:
        kept["size"] = 1 if size is None else size
    if "limits" in given:
        kept["limits"] = given["limits"]
    return kept


def _check_bandwidth(operation: str, percentage: int | None) -> None:
    if operation == "REMOVE":
        raise ApiError("3017", "REMOVE of bandwidth is called REDUCE")
    if percentage is not None:
        raise ApiError("3035", "not for bandwidth")


def intervals(scene: Scene, given: list[JsonObject], resource_type: str) -> list[JsonObject]:
    """Return the actions per alarm interval; bounds must be one-sided and must not overlap (AS.0022)."""
    spans = []
    for one in given:
        low, high = one.get("lower_bound"), one.get("upper_bound")
        one_sided = (
            (low is None and high is not None and high <= 0)
            or (high is None and low is not None and low >= 0)
            or (low is not None and high is not None and low < high and (low >= 0 or high <= 0))
        )
        if not one_sided:
            raise ApiError("0022", "interval_alarm_actions")
        spans.append((-BOUND if low is None else low, BOUND if high is None else high, one))
    spans.sort(key=lambda span: span[0])
    if any(left[1] > right[0] for left, right in itertools.pairwise(spans)):
        raise ApiError("0022", "interval_alarm_actions overlap")
    return [
        {"low": low, "high": high, "given": one, "action": action(scene, one, resource_type)}
        for low, high, one in spans
    ]
