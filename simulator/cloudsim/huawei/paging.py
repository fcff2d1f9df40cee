"""The three ways of paging. Vendor document: list operations (start_number/limit), marker lists, tag search."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sized
from itertools import islice
from typing import Any, TypeVar

from cloudsim.huawei.errors import ApiError

T = TypeVar("T")
MAX_LIMIT = 100
DEFAULT_LIMIT = 20


def window(query: Mapping[str, str], start_code: str, limit_code: str) -> tuple[int, int]:
    """Return the first row and the page size; a limit of 0 is an empty page with the true total."""
    start = _whole(query.get("start_number"), 0, start_code)
    limit = _whole(query.get("limit"), DEFAULT_LIMIT, limit_code)
    if limit > MAX_LIMIT:
        raise ApiError(limit_code, str(limit))
    return start, limit


def page(
    rows: Sized,
    ordered: Iterable[T],
    keep: Callable[[T], bool] | None,
    show: Callable[[T], Any],
    bounds: tuple[int, int],
    key: str,
) -> dict[str, Any]:
    """Return one page: only its own rows are rendered, and without a filter only they are visited."""
    start, limit = bounds
    if keep is None:
        total, chosen = len(rows), list(islice(ordered, start, start + limit))
    else:
        kept = [row for row in ordered if keep(row)]
        total, chosen = len(kept), kept[start : start + limit]
    return {
        "total_number": total,
        "start_number": start,
        "limit": limit,
        key: [show(row) for row in chosen],
    }


def after_marker(ids: list[str], query: Mapping[str, str], limit_code: str = "1002") -> tuple[list[str], str | None]:
    """Return the ids after a marker (the last id of the page before) and the next marker, if any."""
    limit = _whole(query.get("limit"), DEFAULT_LIMIT, limit_code)
    if limit > MAX_LIMIT:
        raise ApiError(limit_code, str(limit))
    marker = query.get("marker")
    if marker and marker not in ids:
        raise ApiError("1074", marker)
    start = ids.index(marker) + 1 if marker else 0
    chosen = ids[start : start + limit]
    more = start + limit < len(ids)
    return chosen, chosen[-1] if chosen and more else None


def _whole(text: str | None, default: int, code: str) -> int:
    if text is None or text == "":
        return default
    if not text.isascii() or not text.isdigit():
        raise ApiError(code, text)
    return int(text)
