"""Notification topics of a group. Vendor document: 5.8, AS.7025-7029. Nothing is ever sent to a topic."""

from __future__ import annotations

import re

from cloudsim.huawei import groups, validate
from cloudsim.huawei.errors import ApiError
from cloudsim.huawei.scene import Call, JsonObject, Scene
from cloudsim.huawei.validate import Field, Table

TOPIC_LIMIT = 5
URN = re.compile(r"urn:smn:[^:\s]+:[^:\s]+:[^:\s]+")
SCENES = ("SCALING_UP", "SCALING_UP_FAIL", "SCALING_DOWN", "SCALING_DOWN_FAIL", "SCALING_GROUP_ABNORMAL")
_PUT: Table = {
    "topic_urn": Field(validate.pattern("7025", URN), "7027"),
    "topic_scene": Field(validate.each(validate.one_of("7026", *SCENES), "7026", len(SCENES), low=1), "7026"),
}


def name(urn: str) -> str:
    """Return the name of a topic: the last part of its URN."""
    return urn.rpartition(":")[2]


def create(scene: Scene, call: Call) -> JsonObject:
    """Bind one topic; a topic that is bound already is refused, so this PUT cannot change scenes."""
    given = validate.body(call.body, _PUT)
    group = groups.writable(scene, call.path["scaling_group_id"])
    urn = given["topic_urn"]
    scene.known("topics", urn, "7025")
    if urn in group.topics:
        raise ApiError("7029", urn)
    if len(group.topics) >= TOPIC_LIMIT:
        raise ApiError("7028", str(TOPIC_LIMIT))
    group.topics[urn] = given["topic_scene"]
    return _show(urn, group.topics[urn])


def listing(scene: Scene, call: Call) -> JsonObject:
    """List all topics of a group."""
    group = scene.group(call.path["scaling_group_id"])
    return {"topics": [_show(urn, scenes) for urn, scenes in group.topics.items()]}


def delete(scene: Scene, call: Call) -> None:
    """Unbind a topic; one that is not bound is refused with AS.7025 (README.md)."""
    group = groups.writable(scene, call.path["scaling_group_id"])
    if call.path["topic_urn"] not in group.topics:
        raise ApiError("7025", call.path["topic_urn"])
    del group.topics[call.path["topic_urn"]]


def _show(urn: str, scenes: list[str]) -> JsonObject:
    return {"topic_urn": urn, "topic_scene": list(scenes), "topic_name": name(urn)}
