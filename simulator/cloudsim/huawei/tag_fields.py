"""The shape of tags, shared by groups and by the tag operations. Vendor document: 5.1.1 and 5.10."""

from __future__ import annotations

import re
from typing import Any

from cloudsim.huawei.errors import ApiError
from cloudsim.huawei.scene import JsonObject
from cloudsim.huawei.validate import Field, Table, each, nested

KEY_LIMIT, VALUE_LIMIT, TAG_LIMIT = 36, 43, 10
_KEY = re.compile(r"[A-Za-z0-9_\-\u4e00-\u9fff]+")
_VALUE = re.compile(r"[A-Za-z0-9_.\-\u4e00-\u9fff]*")


def key(value: Any) -> None:
    """Check a tag key."""
    if not isinstance(value, str) or not value:
        raise ApiError("7062")
    if len(value) > KEY_LIMIT:
        raise ApiError("7063", value)
    if not _KEY.fullmatch(value):
        raise ApiError("7046", value)


def text_value(value: Any) -> None:
    """Check a tag value; it may be empty."""
    if not isinstance(value, str):
        raise ApiError("7046")
    if len(value) > VALUE_LIMIT:
        raise ApiError("7047", value)
    if not _VALUE.fullmatch(value):
        raise ApiError("7046", value)


TAG: Table = {"key": Field(key, "7062"), "value": Field(text_value)}
_EACH_TAG = each(nested(TAG, "7046"), "7046", TAG_LIMIT, "7045")


def tag_list(value: Any) -> None:
    """Check a list of tags: their form, their number and that no key occurs twice."""
    _EACH_TAG(value)
    keys = [tag["key"] for tag in value]
    if len(set(keys)) != len(keys):
        raise ApiError("7050")


def tag_map(tags: list[JsonObject]) -> dict[str, str | None]:
    """Return tags as key -> value; a value that was left out stays None."""
    return {tag["key"]: tag.get("value") for tag in tags}


def show(tags: dict[str, str | None]) -> list[JsonObject]:
    """Return tags as the service lists them; a missing value stays missing."""
    return [{"key": k} if v is None else {"key": k, "value": v} for k, v in tags.items()]
