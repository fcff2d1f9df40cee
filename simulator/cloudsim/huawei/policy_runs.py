"""Running policies: by timer, by alarm, by hand. Vendor document: 5.4.10, 5.1.1 (cooldown), AS.0026-0050."""

from __future__ import annotations

from cloudsim.huawei import activities, capacity, errors, recurrence, scaling, times
from cloudsim.huawei.errors import ApiError
from cloudsim.huawei.policy_fields import GROUP
from cloudsim.huawei.scene import JsonObject, Scene
from cloudsim.huawei.state import Group, Policy

KEPT_LOGS = 1000
BANDWIDTH_RANGE = (1, 300)
# The filter of the log says SCHEDULED, its rows say SCHEDULE.
SHOWN_AS = {"SCHEDULED": "SCHEDULE", "INTERVAL_ALARM": "ALARM"}


def arm(scene: Scene, policy: Policy) -> None:
    """Have the timer of a policy fire next; an earlier firing that is still due is void."""
    policy.revision += 1
    if not policy.schedule:
        return
    at = recurrence.next_run(policy.schedule, scene.now)
    if at is not None:
        scene.later(at, "policy", policy.id, str(policy.revision))


def on_timer(scene: Scene, policy_id: str, revision: str) -> None:
    """Run a policy whose time has come, unless it was changed, disabled or deleted since."""
    policy = scene.tenant.policies.get(policy_id)
    if policy is None or str(policy.revision) != revision:
        return
    if policy.status != "PAUSED":
        try_run(scene, policy, policy.type)
    arm(scene, policy)


def try_run(scene: Scene, policy: Policy, how: str, offset: float | None = None) -> ApiError | None:
    """Run a policy and return why it was refused, if it was; either way the log has a row."""
    try:
        run(scene, policy, how, offset)
    except ApiError as error:
        return error
    return None


def run(scene: Scene, policy: Policy, how: str, offset: float | None = None) -> None:
    """Run a policy or refuse; either way the log has a row."""
    action = _action(policy, offset)
    row = _row(scene, policy, how, action)
    try:
        if policy.status == "EXECUTING":
            raise ApiError("3038", policy.id)
        if policy.status != "INSERVICE":
            raise ApiError("3027", f"the policy is {policy.status}")
        step = _scale_group if policy.resource_type == GROUP else _scale_bandwidth
        step(scene, policy, how, action, row)
        policy.last_run = scene.now
    except ApiError as error:
        row["status"] = "FAIL"
        row["failed_reason"] = errors.text(error.code, error.detail)
        row["job_records"][0] |= {"job_status": "FAIL", "message": f"AS.{error.code}"}
        raise
    finally:
        policy.logs.append(row)
        del policy.logs[:-KEPT_LOGS]


def _action(policy: Policy, offset: float | None) -> JsonObject:
    """Return the action, for interval alarms the one whose interval holds the offset."""
    for one in policy.intervals:
        if one["low"] <= (offset or 0.0) <= one["high"]:
            return dict(one["action"])
    return policy.action


def _row(scene: Scene, policy: Policy, how: str, action: JsonObject) -> JsonObject:
    job = "ADJUST_VM_NUMBERS" if policy.resource_type == GROUP else "ADJUST_BANDWIDTH"
    at = times.second(scene.now)
    return {
        "id": scene.ids.uuid(),
        "status": "SUCCESS",
        "failed_reason": None,
        "execute_type": SHOWN_AS.get(how, how),
        "execute_time": at,
        "tenant_id": scene.project_id,
        "scaling_policy_id": policy.id,
        "scaling_resource_type": policy.resource_type,
        "scaling_resource_id": policy.resource_id,
        "old_value": None,
        "desire_value": None,
        "limit_value": None,
        "type": action["operation"],
        "job_records": [
            {
                "job_name": job,
                "record_type": "MEG",
                "record_time": at,
                "message": "adjusted",
                "job_status": "SUCCESS",
            }
        ],
    }


def _scale_group(scene: Scene, policy: Policy, how: str, action: JsonObject, row: JsonObject) -> None:
    group = scene.group(policy.resource_id, "3042")
    old, operation = group.desire, action["operation"]
    wanted = _wanted(scene, group, action)
    low = max(group.minimum, group.protected + group.standby)
    new = min(max(wanted, min(low, old)), group.maximum)
    limit = group.minimum if operation == "REMOVE" else group.maximum
    row.update(old_value=str(old), desire_value=str(new), limit_value=str(limit))
    if group.status != "INSERVICE":
        raise ApiError("3027", f"the group is {group.status}")
    _check_free(scene, group, how, new - old)
    if new == old and wanted > old:
        raise ApiError("0050", str(group.maximum))
    if new == old and wanted < old:
        raise ApiError("3040", str(low))
    why = activities.reason(scene, "MANNUAL" if how == "MANUAL" else how, old, new)
    why |= {"scaling_policy_name": policy.name, "scaling_policy_id": policy.id}
    scaling.set_desire(scene, group, new, why)
    if group.activity is not None and group.activity.policy_id == policy.id:
        policy.status = "EXECUTING"


def _wanted(scene: Scene, group: Group, action: JsonObject) -> int:
    """Return the desired number before limits; percentages are of the current number, see README.md."""
    if "percentage" in action:
        exact = capacity.current(group, scene.rules) * int(action["percentage"])
        # Below one counts as one, everything else is rounded down; nothing of nothing is nothing.
        amount = max(1, exact // 100) if exact > 0 else 0
    else:
        amount = int(action["size"])
    signed = {"ADD": group.desire + amount, "REMOVE": group.desire - amount, "SET": amount}
    return max(0, signed[action["operation"]])


def _check_free(scene: Scene, group: Group, how: str, change: int) -> None:
    """Refuse during an activity and during the cooldown; the opposite direction is let through."""
    activity = group.activity
    if activity is not None:
        moves = set(activity.waiting.values())
        opposite = ("join" in moves and change < 0) or ("leave" in moves and change > 0)
        if how == "MANUAL" or not opposite:
            raise ApiError("0034", group.id)
    elif how in ("ALARM", "INTERVAL_ALARM") and scene.now < group.cool_until:
        raise ApiError("0026", times.second(group.cool_until))


def _scale_bandwidth(scene: Scene, policy: Policy, how: str, action: JsonObject, row: JsonObject) -> None:
    old = scene.tenant.bandwidths[policy.resource_id]
    low, high = BANDWIDTH_RANGE
    size, operation = int(action["size"]), action["operation"]
    if operation == "ADD":
        new, limit = old + size, min(high, int(action.get("limits", high)))
        new = max(old, min(new, limit))
    elif operation == "REMOVE":
        new, limit = old - size, max(low, int(action.get("limits", low)))
        new = min(old, max(new, limit))
    else:
        new = limit = min(max(size, low), high)
    row.update(old_value=str(old), desire_value=str(new), limit_value=str(limit))
    if new == old and operation != "SET":
        raise ApiError("3040", str(limit))
    scene.tenant.bandwidths[policy.resource_id] = new
