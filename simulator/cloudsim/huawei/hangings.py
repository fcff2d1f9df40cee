"""Members that wait in hooks: list, callback, timeout. Vendor document: 5.9.1 (results), 5.9.5, 5.9.6."""

from __future__ import annotations

from cloudsim.huawei import activities, groups, times, validate
from cloudsim.huawei.errors import ApiError
from cloudsim.huawei.scene import Call, JsonObject, Scene
from cloudsim.huawei.state import Group, Hanging
from cloudsim.huawei.validate import Field, Table

EXTENSION_S = 3600
_MOVE = {"INSTANCE_LAUNCHING": "join", "INSTANCE_TERMINATING": "leave"}
_CALLBACK: Table = {
    "lifecycle_action_key": Field(validate.text("7042", 1, 64)),
    "instance_id": Field(validate.text("7042", 1, 64)),
    "lifecycle_hook_name": Field(validate.text("7042", 1, 32)),
    "lifecycle_action_result": Field(validate.one_of("7034", "ABANDON", "CONTINUE", "EXTEND"), "7039"),
}


def listing(scene: Scene, call: Call) -> JsonObject:
    """List the members that wait in hooks, or have just been let go."""
    group = scene.group(call.path["scaling_group_id"])
    wanted = call.query.get("instance_id")
    rows = [h for h in group.hangings.values() if wanted in (None, "", h.instance_id)]
    return {"instance_hanging_info": [_show(group, row) for row in rows]}


def _show(group: Group, row: Hanging) -> JsonObject:
    return {
        "lifecycle_hook_name": row.hook,
        "lifecycle_action_key": row.key,
        "instance_id": row.instance_id,
        "scaling_group_id": group.id,
        "lifecycle_hook_status": row.status,
        "timeout": times.second(row.deadline),
        "default_result": row.default_result,
    }


def callback(scene: Scene, call: Call) -> None:
    """Let a waiting member go on, give it up, or give it another hour."""
    given = validate.body(call.body, _CALLBACK)
    group = groups.writable(scene, call.path["scaling_group_id"])
    hanging = _find(group, given)
    if given["lifecycle_action_result"] != "EXTEND":
        resolve(scene, group, hanging, given["lifecycle_action_result"])
        return
    hanging.deadline += EXTENSION_S
    scene.later(hanging.deadline, "hook-timeout", group.id, hanging.key)


def _find(group: Group, given: JsonObject) -> Hanging:
    """Return the waiting member that is meant; a key wins over an instance with a hook."""
    key, instance, hook = (given.get(name) for name in ("lifecycle_action_key", "instance_id", "lifecycle_hook_name"))
    if not key and not (instance and hook):
        raise ApiError("7040")
    for row in group.hangings.values():
        meant = row.key == key if key else (row.instance_id, row.hook) == (instance, hook)
        if meant and row.status == "HANGING":
            return row
    raise ApiError("7042", str(key or instance))


def on_timeout(scene: Scene, group_id: str, key: str) -> None:
    """Apply the default result once the deadline is there; it may have been extended."""
    group = scene.tenant.groups.get(group_id)
    hanging = group.hangings.get(key) if group else None
    if group and hanging and hanging.status == "HANGING" and hanging.deadline <= scene.now:
        resolve(scene, group, hanging, hanging.default_result)


def resolve(scene: Scene, group: Group, hanging: Hanging, result: str) -> None:
    """End one wait; a member moves on when it waits in no hook any more, or is given up."""
    hanging.status = result
    instance, activity = group.members.get(hanging.instance_id), group.activity
    if instance is None or activity is None:
        return
    own = [h for h in group.hangings.values() if h.instance_id == instance.id]
    if result == "ABANDON":
        # What else holds this member ends with it.
        for other in own:
            other.status = "ABANDON"
    elif any(h.status == "HANGING" for h in own):
        return
    if result == "ABANDON" and hanging.hook_type == "INSTANCE_LAUNCHING":
        activities.fail(scene, group, activity, instance, "LIFECYCLE_HOOK_ABANDON", f"hook {hanging.hook} abandoned")
    else:
        activities.arrive(scene, group, instance, _MOVE[hanging.hook_type])
    activities.finish_when_settled(scene, group)
