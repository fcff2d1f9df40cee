"""Shared observation of what vendors list per group only: scheduled tasks, and policies where no list holds them all.

Part of engine.fleet. A group's rows are read when a look asks for them and kept for long: an idle sweep reads none.
What one of them does shows in its group, whose row brings the look that reads anew.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from cloudscaling import errors
from cloudscaling.core.model import Group, Policy
from cloudscaling.engine.table import Table
from cloudscaling.ports import Clock

_KEPT_SWEEPS = 40.0  # W10: with one look per resync that is less than 0.03 calls per group and sweep


class ByGroup:
    """One table per group, and one over all groups for a row whose group is not known any more."""

    def __init__(
        self,
        read: Callable[[str], Awaitable[Sequence[Policy]]],
        groups: Table[Group],
        clock: Clock,
        read_alone: Callable[[str], Awaitable[Policy]] | None = None,
    ) -> None:
        """`read` lists one group; without `read_alone` a row is read by another list of its group."""
        self._read, self._read_alone = read, read_alone
        self._groups, self._clock = groups, clock
        self._by_group: dict[str, Table[Policy]] = {}
        self._everywhere: Table[Policy] = Table(self._list_all, clock)

    def of(self, group_id: str | None) -> Table[Policy]:
        """The rows of a group; None: of every group, at a call for each."""
        if group_id is None:
            return self._everywhere
        known = self._by_group.get(group_id)
        if known is None:
            known = Table(lambda: self._list(group_id), self._clock, kept_sweeps=_KEPT_SWEEPS)
            self._by_group[group_id] = known
        return known

    async def get(self, group_id: str | None, row_id: str) -> Policy:
        """One row by a read that is begun now; NotFound also when its group is gone."""
        table, began = self.of(group_id), self._clock.now()
        if self._read_alone is not None:
            row = await self._read_alone(row_id)
            table.take(row, began)
            return row
        await table.refresh(after=began)
        found = table.rows.get(row_id)
        if found is None:
            raise errors.NotFound(f"no scheduled task {row_id}")
        return found

    def forget_gone(self) -> None:
        """After a sweep: groups that are gone take their tables along."""
        for group_id in self._by_group.keys() - self._groups.rows.keys():
            del self._by_group[group_id]

    async def _list(self, group_id: str) -> Sequence[Policy]:
        with suppress(errors.NotFound):  # with a group go its rows
            return await self._read(group_id)
        return ()

    async def _list_all(self) -> tuple[Policy, ...]:
        await self._groups.newer_than(self._clock.now())
        found: tuple[Policy, ...] = ()
        for group_id in sorted(self._groups.rows):
            found += tuple(await self._list(group_id))
        return found
