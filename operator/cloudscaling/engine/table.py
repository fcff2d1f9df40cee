"""One kind of cloud object, listed completely and shared by all who ask. Used by engine.fleet and engine.by_group."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from cloudscaling.core.model import Group, LaunchConfiguration, Policy
from cloudscaling.ports import Clock

STALE_SWEEPS = 2.5


class Row(Protocol):
    """What the three kinds of cloud objects have in common."""

    @property
    def id(self) -> str: ...

    @property
    def name(self) -> str: ...


R = TypeVar("R", Group, LaunchConfiguration, Policy)


@dataclass
class Table(Generic[R]):
    """One kind of cloud object: the last complete list, indexed; refreshed by one task for all who ask."""

    read: Callable[[], Awaitable[Sequence[R]]]
    clock: Clock
    kept_sweeps: float = STALE_SWEEPS  # an older list is no basis for anything
    rows: Mapping[str, R] = field(default_factory=dict)
    at: datetime | None = None  # when the last complete list was begun; None: never
    written_at: datetime | None = None  # end of our last write to any row
    _handles: Mapping[str, Sequence[R]] = field(default_factory=dict)
    _refresh: asyncio.Task[None] | None = None
    _began: datetime | None = None
    _changed: set[str] = field(default_factory=set)  # since the last `take_changed`
    _alone: dict[str, datetime] = field(default_factory=dict)  # when rows were read by themselves since that list

    def is_newer_than(self, moment: datetime | None) -> bool:
        """There is a list, and it was begun after `moment`."""
        return self.at is not None and (moment is None or self.at > moment)

    def read_at(self, row_id: str) -> datetime | None:
        """When what the table says of a row was true: the begin of its list, or of a later read of the row alone."""
        return self._alone.get(row_id, self.at)

    def take(self, row: R, began: datetime) -> None:
        """A row that was read by itself takes the place of the listed one until the next list."""
        self._alone[row.id] = began
        self._show({**self.rows, row.id: row})

    async def newer_than(self, moment: datetime | None) -> None:
        """Have a list that was begun after `moment`; raises what the listing raised."""
        if not self.is_newer_than(moment):
            await self.refresh(after=moment)

    async def refresh(self, after: datetime | None = None) -> None:
        """List anew, or join a listing that was begun after `after`, also one that another waiter begins."""
        while (task := self._refresh) is not None and not task.done():
            if after is None or (self._began is not None and self._began > after):
                await asyncio.shield(task)
                return
            await asyncio.wait([task])
        self._began = self.clock.now()
        self._refresh = asyncio.create_task(self._list(self._began))
        await asyncio.shield(self._refresh)

    def take_changed(self) -> set[str]:
        """Ids whose row changed since the last call, whoever had it listed."""
        changed, self._changed = self._changed, set()
        return changed

    async def _list(self, began: datetime) -> None:
        rows = {row.id: row for row in await self.read()}
        self._alone = {key: at for key, at in self._alone.items() if at > began}
        rows |= {key: self.rows[key] for key in self._alone}
        self._changed |= {key for key in rows.keys() | self.rows.keys() if rows.get(key) != self.rows.get(key)}
        self._show(rows)
        self.at = began

    def _show(self, rows: Mapping[str, R]) -> None:
        handles: dict[str, list[R]] = defaultdict(list)
        for row in rows.values():
            for handle in _handles(row):
                handles[handle].append(row)
        self.rows, self._handles = rows, handles

    def bearing(self, *handles: str) -> tuple[R, ...]:
        """Rows with one of these names or marks."""
        found = {row.id: row for handle in handles for row in self._handles.get(handle, ())}
        return tuple(found.values())


def _handles(row: Group | LaunchConfiguration | Policy) -> set[str]:
    names = {row.name}
    if isinstance(row, Group):
        names |= {row.marker, row.owner_tag}
    if isinstance(row, Policy):
        names.add(f"group:{row.group_id}")
    if isinstance(row, LaunchConfiguration):
        names.add(row.name.rpartition("-r")[0])
    return names - {""}
