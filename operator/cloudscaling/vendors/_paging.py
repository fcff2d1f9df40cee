"""Complete lists out of pages, or none at all. Called by the clients of the vendors.

Rule 1: what is returned is one consistent listing. The total may not move while paging, and as many different
things must have been seen as the total says; else everything is read again, once.
Rule 2: a list by markers tells no total, so it ends where the vendor says so or where nothing new comes.
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


@dataclass(frozen=True, slots=True)
class Marked(Generic[Row]):
    """A page of a list without a total; marker "" ends the list."""

    rows: Sequence[Row]
    marker: str


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


async def collect_marked(
    operation: str, fetch: Callable[[str], Awaitable[Marked[Row]]], identify: Callable[[Row], str]
) -> tuple[Row, ...]:
    """Every row; `fetch` takes the marker of the page before, "" for the first page."""
    rows: list[Row] = []
    known: set[str] = set()
    asked: set[str] = set()
    marker = ""
    while True:
        page = await fetch(marker)
        names = [identify(row) for row in page.rows]
        if page.rows and all(name in known for name in names):  # some answer with the last page again
            return tuple(rows)
        if known.intersection(names):
            raise ReadUntrusted(f"{operation}: the pages of the list do not fit together")
        rows.extend(page.rows)
        known.update(name for name in names if name)
        asked.add(marker)
        marker = page.marker
        if not marker or not page.rows or marker in asked:
            return tuple(rows)
