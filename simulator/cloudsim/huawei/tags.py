"""Tags of groups and the search by tag. Vendor document: 5.10, AS.1067, 1074, 7044-7063."""

from __future__ import annotations

from typing import Any

from cloudsim.huawei import groups, tag_fields, validate
from cloudsim.huawei.errors import ApiError
from cloudsim.huawei.scene import Call, JsonObject, Scene
from cloudsim.huawei.state import Group
from cloudsim.huawei.validate import Field, Table

RESOURCE_TYPE, DETAIL = "scaling_group_tag", "SCALING_GROUP_TAG"
SEARCH_LIMIT, KEY_LIMIT = 1000, 10
_ACTION: Table = {
    "action": Field(validate.one_of("7049", "create", "delete"), "7049"),
    "tags": Field(tag_fields.tag_list, "7044"),
}


def _values(value: Any) -> None:
    validate.each(validate.text("7047", 0, tag_fields.VALUE_LIMIT), "7046", KEY_LIMIT)(value)
    if len(set(value)) != len(value):
        raise ApiError("7054")
    if "*" in value:
        raise ApiError("7046", "*")


_FILTER_TAG: Table = {
    "key": Field(validate.text("7062", 1, tag_fields.KEY_LIMIT), "7062"),
    "values": Field(_values, "7061"),
}
_FILTER = Field(validate.each(validate.nested(_FILTER_TAG, "7046"), "7046", KEY_LIMIT, "7045"))
_MATCH: Table = {
    "key": Field(validate.one_of("7052", "resource_name"), "7052"),
    "value": Field(validate.text("7052", 0, 255), "7052"),
}
_SEARCH: Table = {
    "action": Field(validate.one_of("7049", "filter", "count"), "7049"),
    **dict.fromkeys(("tags", "tags_any", "not_tags", "not_tags_any"), _FILTER),
    "limit": Field(validate.text("1002", 0, 8)),
    "offset": Field(validate.text("1067", 0, 12)),
    "marker": Field(validate.text("1074", 0, 64)),
    "matches": Field(validate.each(validate.nested(_MATCH, "7052"), "7052", KEY_LIMIT)),
}


def _check_type(call: Call) -> None:
    if call.path["resource_type"] != RESOURCE_TYPE:
        raise ApiError("7048", call.path["resource_type"])


def of_account(scene: Scene, call: Call) -> JsonObject:
    """List all tag keys of the project with all their values."""
    _check_type(call)
    found: dict[str, dict[str, None]] = {}
    for group in scene.tenant.groups.values():
        for key, value in group.tags.items():
            found.setdefault(key, {})[value or ""] = None
    return {"tags": [{"key": key, "values": list(values)} for key, values in found.items()]}


def of_group(scene: Scene, call: Call) -> JsonObject:
    """List the tags of one group."""
    _check_type(call)
    group = scene.group(call.path["resource_id"])
    return {"tags": tag_fields.show(group.tags), "sys_tags": None}


def act(scene: Scene, call: Call) -> None:
    """Set tags (an existing key gets the new value) or take tags away by key."""
    _check_type(call)
    given = validate.body(call.body, _ACTION)
    if not given["tags"]:
        raise ApiError("7044")
    group = groups.writable(scene, call.path["resource_id"])
    wanted = tag_fields.tag_map(given["tags"])
    if given["action"] == "delete":
        for key in wanted:
            group.tags.pop(key, None)
        return
    merged = {**group.tags, **wanted}
    if len(merged) > tag_fields.TAG_LIMIT:
        raise ApiError("7045", str(len(merged)))
    group.tags = merged


def search(scene: Scene, call: Call) -> JsonObject:
    """Find groups by tags and name, newest first, or count them."""
    _check_type(call)
    given = validate.body(call.body, _SEARCH)
    limit, start = _window(given)
    found = [g for g in reversed(scene.tenant.groups.values()) if _fits(g, given)]
    if given["action"] == "count":
        return {"total_count": len(found)}
    if marker := given.get("marker"):
        start = _after(found, marker)
    chosen = found[start : start + limit]
    return {
        "resources": [_show(g) for g in chosen],
        "marker": str(start + len(chosen)),
        "total_count": len(found),
    }


def _window(given: JsonObject) -> tuple[int, int]:
    limit_text, offset_text = given.get("limit") or str(SEARCH_LIMIT), given.get("offset") or "0"
    if not limit_text.isdigit() or not 1 <= int(limit_text) <= SEARCH_LIMIT:
        raise ApiError("1002", limit_text)
    if not offset_text.isdigit():
        raise ApiError("1067", offset_text)
    return int(limit_text), int(offset_text)


def _after(found: list[Group], marker: str) -> int:
    """Return the row after a marker, which is a resource id or an index."""
    if marker.isdigit():
        return int(marker)
    for index, group in enumerate(found):
        if group.id == marker:
            return index + 1
    raise ApiError("1074", marker)


def _fits(group: Group, given: JsonObject) -> bool:
    def has(tag: JsonObject) -> bool:
        if tag["key"] not in group.tags:
            return False
        value = group.tags[tag["key"]] or ""
        return not tag["values"] or any(
            wanted[1:] in value if wanted.startswith("*") else wanted == value for wanted in tag["values"]
        )

    lists = {name: given.get(name) or [] for name in ("tags", "tags_any", "not_tags", "not_tags_any")}
    return (
        all(has(t) for t in lists["tags"])
        and (not lists["tags_any"] or any(has(t) for t in lists["tags_any"]))
        and (not lists["not_tags"] or not all(has(t) for t in lists["not_tags"]))
        and not any(has(t) for t in lists["not_tags_any"])
        and all(_named(group, m["value"]) for m in given.get("matches") or [])
    )


def _named(group: Group, value: str) -> bool:
    return value in group.name if value else group.name == ""


def _show(group: Group) -> JsonObject:
    return {
        "resource_id": group.id,
        "resource_detail": DETAIL,
        "tags": tag_fields.show(group.tags),
        "resource_name": group.name,
    }
