"""Lifecycle hooks of a group: create, read, change, delete. Vendor document: 5.9.1-5.9.4, 5.9.7."""

from __future__ import annotations

import re

from cloudsim.huawei import groups, times, topics, validate
from cloudsim.huawei.errors import ApiError
from cloudsim.huawei.scene import Call, JsonObject, Scene
from cloudsim.huawei.state import Group, Hook
from cloudsim.huawei.validate import Field, Table

HOOK_LIMIT = 5
DEFAULT_TIMEOUT_S = 3600
_NAME = re.compile(r"[A-Za-z0-9_-]{1,32}")
_METADATA = re.compile(r"[^<>&'()]*")


def _metadata(value: object) -> None:
    validate.text("7035", 0, 256)(value)
    validate.pattern("7055", _METADATA)(value)


_UPDATE: dict[str, Field] = {
    "lifecycle_hook_type": Field(validate.one_of("7033", "INSTANCE_TERMINATING", "INSTANCE_LAUNCHING")),
    "default_result": Field(validate.one_of("7034", "ABANDON", "CONTINUE")),
    "default_timeout": Field(validate.integer("7030", 60, 86400)),
    "notification_topic_urn": Field(validate.pattern("7025", topics.URN)),
    "notification_metadata": Field(_metadata),
}
_CREATE: Table = {
    **_UPDATE,
    "lifecycle_hook_name": Field(validate.pattern("7031", _NAME), "7032"),
    "lifecycle_hook_type": Field(_UPDATE["lifecycle_hook_type"].check, "7037"),
    "notification_topic_urn": Field(_UPDATE["notification_topic_urn"].check, "7027"),
}


def create(scene: Scene, call: Call) -> JsonObject:
    """Create a hook; it holds members of activities that begin to settle afterwards."""
    given = validate.body(call.body, _CREATE)
    group = groups.writable(scene, call.path["scaling_group_id"])
    name = given["lifecycle_hook_name"]
    if name in group.hooks:
        raise ApiError("7041", name)
    if len(group.hooks) >= HOOK_LIMIT:
        raise ApiError("7038", str(HOOK_LIMIT))
    scene.known("topics", given["notification_topic_urn"], "7043")
    hook = Hook(
        name,
        given["lifecycle_hook_type"],
        given.get("default_result", "ABANDON"),
        given.get("default_timeout", DEFAULT_TIMEOUT_S),
        given["notification_topic_urn"],
        given.get("notification_metadata"),
        scene.now,
    )
    group.hooks[name] = hook
    return _show(hook)


def listing(scene: Scene, call: Call) -> JsonObject:
    """List all hooks of a group."""
    group = scene.group(call.path["scaling_group_id"])
    return {"lifecycle_hooks": [_show(hook) for hook in group.hooks.values()]}


def read(scene: Scene, call: Call) -> JsonObject:
    """Show one hook."""
    return _show(_hook(scene.group(call.path["scaling_group_id"]), call))


def update(scene: Scene, call: Call) -> JsonObject:
    """Change a hook; what is absent or null stays, members that wait already keep their deadline."""
    given = validate.body(call.body, _UPDATE)
    group = groups.writable(scene, call.path["scaling_group_id"])
    hook = _hook(group, call)
    scene.known("topics", given.get("notification_topic_urn", hook.topic_urn), "7043")
    hook.type = given.get("lifecycle_hook_type", hook.type)
    hook.default_result = given.get("default_result", hook.default_result)
    hook.default_timeout = given.get("default_timeout", hook.default_timeout)
    hook.topic_urn = given.get("notification_topic_urn", hook.topic_urn)
    hook.metadata = given.get("notification_metadata", hook.metadata)
    return _show(hook)


def delete(scene: Scene, call: Call) -> None:
    """Delete a hook of an idle group; during an activity the code is AS.2033 (README.md)."""
    group = groups.writable(scene, call.path["scaling_group_id"])
    hook = _hook(group, call)
    if group.activity is not None:
        raise ApiError("2033", "a scaling activity is running")
    del group.hooks[hook.name]


def _hook(group: Group, call: Call) -> Hook:
    name = call.path["lifecycle_hook_name"]
    if name not in group.hooks:
        raise ApiError("7042", name)
    return group.hooks[name]


def _show(hook: Hook) -> JsonObject:
    return {
        "lifecycle_hook_name": hook.name,
        "lifecycle_hook_type": hook.type,
        "default_result": hook.default_result,
        "default_timeout": hook.default_timeout,
        "notification_topic_urn": hook.topic_urn,
        "notification_topic_name": topics.name(hook.topic_urn),
        "notification_metadata": hook.metadata,
        "create_time": times.second(hook.created),
    }
