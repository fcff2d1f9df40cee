"""Scaling activities: one at a time per group, from begin to finish. Called by scaling, instances and events.

Vendor document: 5.3 and 5.6 (activity types, log lists), 5.8 (waiting in hooks).
"""

from __future__ import annotations

from collections.abc import Callable

from cloudsim.faults import Fault, Kind
from cloudsim.huawei import errors, times
from cloudsim.huawei.scene import JsonObject, Scene
from cloudsim.huawei.state import Activity, Group, Hanging, Instance

KEPT_LOGS = 1000
MANUAL = frozenset({"MANNUAL_ADD", "MANNUAL_REMOVE", "MANNUAL_DELETE"})
HOOK_OF = {"join": "INSTANCE_LAUNCHING", "leave": "INSTANCE_TERMINATING"}
WAIT_STATE = {"join": "PENDING_WAIT", "leave": "REMOVING_WAIT"}


def reason(scene: Scene, why: str, old: int, new: int) -> JsonObject:
    """Return the entry that the activity's description holds."""
    return {"change_reason": why, "old_value": old, "change_time": times.second(scene.now), "new_value": new}


def begin(
    scene: Scene,
    group: Group,
    kind: str,
    why: JsonObject,
    members: dict[str, str],
    size: int | None = None,
    leave_deletes: bool = True,
) -> Activity:
    """Start an activity that moves members (id -> join, leave, standby or return)."""
    joining = sum(1 for move in members.values() if move == "join")
    activity = Activity(
        id=scene.ids.uuid(),
        type=kind,
        reason=why,
        start=scene.now,
        instance_value=len(group.members) - joining,
        desire_value=group.desire,
        scaling_value=len(members) if size is None else size,
        policy_id=str(why.get("scaling_policy_id", "")),
        cool_down_s=_cool_down(scene, group, why),
        leave_deletes=leave_deletes,
        waiting=members,
    )
    group.activity = activity
    slow = scene.fault(Kind.ACTIVITY_SLOW, group.id)
    seconds = scene.rules.activity_s + (slow.seconds if slow else 0.0)
    scene.later(scene.now + seconds, "settle", group.id, activity.id)
    return activity


def _cool_down(scene: Scene, group: Group, why: JsonObject) -> int:
    policy = scene.tenant.policies.get(str(why.get("scaling_policy_id", "")))
    return policy.cool_down_time if policy else int(group.fields["cool_down_time"])


def settle(scene: Scene, group_id: str, activity_id: str) -> None:
    """Move every member of a running activity to where it is going, or into its hooks."""
    group = scene.tenant.groups.get(group_id)
    if group is None or group.activity is None or group.activity.id != activity_id:
        return
    for instance_id, move in list(group.activity.waiting.items()):
        instance = group.members[instance_id]
        failure = scene.fault(Kind.INSTANCE_FAIL, group.id) if move == "join" else None
        if failure is not None:
            _fail(scene, group, group.activity, instance, failure)
        elif not _hang(scene, group, group.activity, instance, move):
            arrive(scene, group, instance, move)
    finish_when_settled(scene, group)


def arrive(scene: Scene, group: Group, instance: Instance, move: str) -> None:
    """Complete the move of one member."""
    activity = group.activity
    assert activity is not None  # noqa: S101  # only ever called for a member of a running activity
    activity.waiting.pop(instance.id, None)
    _ARRIVALS[move](scene, group, activity, instance)


def _join(scene: Scene, group: Group, activity: Activity, instance: Instance) -> None:
    instance.life_cycle_state, instance.health_status = "INSERVICE", "NORMAL"
    if instance.id in scene.tenant.servers:
        scene.tenant.servers[instance.id].status = "ACTIVE"
    activity.added.append(entry(instance))


def _leave(scene: Scene, group: Group, activity: Activity, instance: Instance) -> None:
    deleted = activity.leave_deletes and bool(instance.scaling_configuration_id)
    drop(scene, group, instance, delete=deleted)
    (activity.deleted if deleted else activity.removed).append(entry(instance))


def _standby(scene: Scene, group: Group, activity: Activity, instance: Instance) -> None:
    instance.life_cycle_state = "STANDBY"
    activity.standby.append(entry(instance))


def _return(scene: Scene, group: Group, activity: Activity, instance: Instance) -> None:
    instance.life_cycle_state = "INSERVICE"
    activity.standby.append(entry(instance))


_ARRIVALS: dict[str, Callable[[Scene, Group, Activity, Instance], None]] = {
    "join": _join,
    "leave": _leave,
    "standby": _standby,
    "return": _return,
}


def drop(scene: Scene, group: Group, instance: Instance, delete: bool) -> None:
    """Take a member out of the group; the server stays in the ledger, deleted or running."""
    group.members.pop(instance.id, None)
    scene.tenant.membership.pop(instance.id, None)
    server = scene.tenant.servers.get(instance.id)
    if server is not None:
        server.left_groups.append(group.id)
        if delete:
            server.status = "DELETED"


def _fail(scene: Scene, group: Group, activity: Activity, instance: Instance, failure: Fault) -> None:
    code = failure.code or "AS.2038"
    text = failure.message or errors.text(code.removeprefix("AS."))
    fail(scene, group, activity, instance, code, text)
    group.retry_at = scene.now + scene.rules.number("retry-seconds")
    group.failures += 1


def fail(scene: Scene, group: Group, activity: Activity, instance: Instance, code: str, text: str) -> None:
    """Give a joining member up: its server is deleted if the service made it."""
    activity.waiting.pop(instance.id, None)
    drop(scene, group, instance, delete=bool(instance.scaling_configuration_id))
    activity.failed.append({**entry(instance), "failed_reason": code, "failed_details": text})
    group.detail = text


def _hang(scene: Scene, group: Group, activity: Activity, instance: Instance, move: str) -> bool:
    """Put a member into its hooks; False means there is no hook for this move."""
    if group.status == "DELETING" or move not in HOOK_OF:
        return False
    if activity.type in MANUAL and not scene.rules.flag("manual-runs-hooks"):
        return False
    hooks = [h for h in group.hooks.values() if h.type == HOOK_OF[move]]
    for hook in hooks:
        deadline = scene.now + hook.default_timeout
        key = scene.ids.uuid()
        group.hangings[key] = Hanging(key, hook.name, hook.type, instance.id, hook.default_result, deadline)
        scene.later(deadline, "hook-timeout", group.id, key)
    if hooks:
        instance.life_cycle_state = WAIT_STATE[move]
    return bool(hooks)


def entry(instance: Instance) -> JsonObject:
    """Return how the log names a member."""
    return {"instance_id": instance.id, "instance_name": instance.name}


def finish_when_settled(scene: Scene, group: Group) -> None:
    """End the activity once no member is on its way; then the group is balanced again."""
    activity = group.activity
    if activity is None or activity.waiting:
        return
    activity.end = scene.now
    activity.status = "FAIL" if activity.failed else "SUCCESS"
    if not activity.failed:
        group.detail, group.failures = None, 0
    group.activity = None
    group.hangings.clear()
    group.past.append(activity)
    del group.past[:-KEPT_LOGS]
    group.cool_until = scene.now + activity.cool_down_s
    limit = scene.rules.number("error-after-failures")
    if limit and group.failures >= limit and group.status == "INSERVICE":
        group.status = "ERROR"
    if activity.policy_id in scene.tenant.policies:
        policy = scene.tenant.policies[activity.policy_id]
        policy.status = "INSERVICE" if policy.status == "EXECUTING" else policy.status
    at = max(scene.now, group.retry_at)
    scene.later(at, "purge" if group.status == "DELETING" else "balance", group.id)
