"""Shared observation of scheduled tasks, which vendors list per group and never by id. Part of engine.fleet.

A group's tasks are read when a look asks for them and kept for long: an idle sweep reads none. What a task does shows
in its group, whose row brings the look that reads anew.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from cloudscaling import errors
from cloudscaling.core.model import Group, Policy
from cloudscaling.engine.table import Table
from cloudscaling.ports import Clock, Cloud

_KEPT_SWEEPS = 40.0  # W10: with one look per resync that is less than 0.03 calls per group and sweep


class Tasks:
    """One table per group, and one over all groups for a task whose group is not known any more."""

    def __init__(self, cloud: Callable[[], Cloud], groups: Table[Group], clock: Clock) -> None:
        self._cloud, self._groups, self._clock = cloud, groups, clock
        self._by_group: dict[str, Table[Policy]] = {}
        self._everywhere: Table[Policy] = Table(self._list_all, clock)

    def of(self, group_id: str | None) -> Table[Policy]:
        """The tasks of a group; None: of every group, at a call for each."""
        if group_id is None:
            return self._everywhere
        known = self._by_group.get(group_id)
        if known is None:
            known = Table(lambda: self._list(group_id), self._clock, kept_sweeps=_KEPT_SWEEPS)
            self._by_group[group_id] = known
        return known

    async def get(self, group_id: str | None, task_id: str) -> Policy:
        """One task by a list that is begun now; NotFound also when its group is gone."""
        table = self.of(group_id)
        await table.refresh(after=self._clock.now())
        row = table.rows.get(task_id)
        if row is None:
            raise errors.NotFound(f"no scheduled task {task_id}")
        return row

    def forget_gone(self) -> None:
        """After a sweep: groups that are gone take their tables along."""
        for group_id in self._by_group.keys() - self._groups.rows.keys():
            del self._by_group[group_id]

    async def _list(self, group_id: str) -> tuple[Policy, ...]:
        with suppress(errors.NotFound):  # with a group go its tasks
            return await self._cloud().scheduled_tasks.list(group_id)
        return ()

    async def _list_all(self) -> tuple[Policy, ...]:
        await self._groups.newer_than(self._clock.now())
        found: tuple[Policy, ...] = ()
        for group_id in sorted(self._groups.rows):
            found += await self._list(group_id)
        return found
