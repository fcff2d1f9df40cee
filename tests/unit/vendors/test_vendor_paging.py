"""Complete or not at all."""

from __future__ import annotations

import pytest

from cloudscaling.errors import ReadUntrusted
from cloudscaling.vendors._paging import Marked, Page, collect, collect_marked


class Source:
    """A list that can change between two pages."""

    def __init__(self, *versions: list[str], size: int = 2, total: int | None = None) -> None:
        self.versions, self.size, self.total, self.calls = list(versions), size, total, 0

    async def fetch(self, start: int) -> Page[str]:
        self.calls += 1
        rows = self.versions.pop(0) if len(self.versions) > 1 else self.versions[0]
        return Page(rows[start : start + self.size], len(rows) if self.total is None else self.total)


async def read(source: Source) -> tuple[str, ...]:
    return await collect("ListThings", source.fetch, lambda row: row.strip("?"))


async def test_a_quiet_list_is_read_once() -> None:
    """Page by page, as many calls as pages."""
    source = Source(list("abcde"))
    assert await read(source) == tuple("abcde")
    assert source.calls == 3


async def test_an_empty_list_is_a_list() -> None:
    """When the total says so."""
    assert await read(Source([])) == ()


async def test_a_list_that_grew_meanwhile_is_read_again() -> None:
    """The second reading is quiet."""
    source = Source(list("abc"), list("xabc"), list("xabc"))
    assert await read(source) == tuple("xabc")


async def test_a_row_seen_twice_is_not_trusted() -> None:
    """One in, one out: the total stands still, a row moved over the page border."""
    source = Source(list("abcd"), list("xabc"), list("abcd"), list("xabc"))
    with pytest.raises(ReadUntrusted, match="ListThings"):
        await read(source)


@pytest.mark.parametrize("total", [0, 2, 9], ids=["none promised", "fewer promised", "more promised"])
async def test_a_wrong_total_is_not_trusted(total: int) -> None:
    """Whichever of the two is wrong."""
    source = Source(list("abcd"), size=4, total=total)
    with pytest.raises(ReadUntrusted):
        await read(source)


async def test_rows_without_identity_are_counted() -> None:
    """An instance that is being made has no id yet, and there may be two."""
    assert len(await read(Source(["a", "?", "?"]))) == 3


async def test_an_error_on_a_later_page_ends_the_listing() -> None:
    """No half list, no second try by itself."""

    async def fetch(start: int) -> Page[str]:
        if start:
            raise ConnectionError
        return Page(["a"], 2)

    with pytest.raises(ConnectionError):
        await collect("ListThings", fetch, str)


async def read_marked(pages: dict[str, tuple[str, str]]) -> tuple[str, ...]:
    """Pages by the marker that asks for them: rows and the next marker."""

    async def fetch(marker: str) -> Marked[str]:
        rows, following = pages[marker]
        return Marked([*rows], following)

    return await collect_marked("ListThings", fetch, lambda row: row.strip("?"))


@pytest.mark.parametrize(
    ("pages", "rows"),
    [
        ({"": ("", "")}, ""),
        ({"": ("ab", "b"), "b": ("c", "")}, "abc"),
        ({"": ("ab", "b"), "b": ("", "")}, "ab"),
        ({"": ("ab", "x"), "x": ("c", "x")}, "abc"),
        ({"": ("ab", "b"), "b": ("ab", "b")}, "ab"),
        ({"": ("??", "m"), "m": ("?", "")}, "???"),
    ],
    ids=["empty", "two pages", "an empty last page", "a marker that stays", "the same page again", "without identity"],
)
async def test_a_list_by_markers_ends(pages: dict[str, tuple[str, str]], rows: str) -> None:
    """However a vendor says that it is over."""
    assert "".join(await read_marked(pages)) == rows


async def test_pages_by_markers_that_overlap_are_not_trusted() -> None:
    """Something moved while the list was read."""
    with pytest.raises(ReadUntrusted, match="ListThings"):
        await read_marked({"": ("ab", "b"), "b": ("bc", "")})
