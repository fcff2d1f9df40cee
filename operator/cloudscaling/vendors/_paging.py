"""Complete lists out of pages, or none at all. Called by the clients of the vendors.

Rule: what is returned is one consistent listing. The total may not move while paging, and as many different
things must have been seen as the total says; else everything is read again, once.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from cloudscaling.errors import ReadUntrusted

Row = TypeVar("Row")
PAGE_ROWS = 100
_ATTEMPTS = 2


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    rows: Sequence[Row]
    total: int


async def collect(
    operation: str, fetch: Callable[[int], Awaitable[Page[Row]]], identify: Callable[[Row], str]
) -> tuple[Row, ...]:
    """Every row; `fetch` takes the number of rows to skip, `identify` may say "" for a row without identity."""
    for _ in range(_ATTEMPTS):
        rows = await _walk(fetch)
        if rows is not None and not _repeated(rows, identify):
            return tuple(rows)
    raise ReadUntrusted(f"{operation}: the pages of the list do not fit together")


async def _walk(fetch: Callable[[int], Awaitable[Page[Row]]]) -> list[Row] | None:
    rows: list[Row] = []
    total: int | None = None
    while total is None or len(rows) < total:
        page = await fetch(len(rows))
        total = page.total if total is None else total
        if page.total != total or (not page.rows and len(rows) < total):
            return None
        rows.extend(page.rows)
    return rows if len(rows) == total else None


def _repeated(rows: Sequence[Row], identify: Callable[[Row], str]) -> bool:
    known = [name for name in map(identify, rows) if name]
    return len(set(known)) != len(known)
