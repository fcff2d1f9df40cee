"""Shared observation of one cloud identity: everything listed once for all objects. Made by engine.sessions.

A table is a complete list with the time at which it was begun. It answers for every object at no cost, proves
presence, and takes part in proving absence; what it cannot tell is read by id.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from cloudscaling import errors
from cloudscaling.core.facts import Absent, Lookup, Observed, Timing, Untrusted
from cloudscaling.core.model import Group, LaunchConfiguration, Policy
from cloudscaling.engine.by_group import ByGroup
from cloudscaling.engine.memory import Memory
from cloudscaling.engine.table import STALE_SWEEPS, R, Table
from cloudscaling.ports import Clock, Cloud

logger = logging.getLogger(__name__)


@dataclass
class Fleet:
    """The tables of one cloud identity and the rules by which they are trusted."""

    cloud: Cloud
    clock: Clock
    timing: Timing
    one_list_of_policies: bool = True  # False: they are listed group by group, which no sweep does (W10)
    groups: Table[Group] = field(init=False)
    launch_configurations: Table[LaunchConfiguration] = field(init=False)
    policies: Table[Policy] = field(init=False)
    tasks: ByGroup = field(init=False)
    _policies: ByGroup = field(init=False)

    def __post_init__(self) -> None:
        # The cloud is looked up at every call: a rotated key brings another one.
        self.groups = Table(lambda: self.cloud.groups.list(), self.clock)
        self.launch_configurations = Table(lambda: self.cloud.launch_configurations.list(), self.clock)
        self.policies = Table(lambda: self.cloud.policies.list(), self.clock)
        self.tasks = ByGroup(lambda group_id: self.cloud.scheduled_tasks.list(group_id), self.groups, self.clock)
        self._policies = ByGroup(
            lambda group_id: self.cloud.policies.of_group(group_id),
            self.groups,
            self.clock,
            lambda policy_id: self.cloud.policies.get(policy_id),
        )

    def age_s(self) -> float:
        """Seconds since the last complete list of groups was begun; infinite before the first."""
        at = self.groups.at
        return float("inf") if at is None else (self.clock.now() - at).total_seconds()

    async def sweep(self) -> frozenset[str]:
        """List everything once; ids of what changed since the last time."""
        changed: set[str] = set()
        tables: tuple[Table[Any], ...] = (self.groups, self.launch_configurations)
        for table in (*tables, self.policies) if self.one_list_of_policies else tables:
            await table.refresh()
            changed |= table.take_changed()
        self.tasks.forget_gone()
        self._policies.forget_gone()
        return frozenset(changed)

    def policies_of(self, group_id: str | None) -> Table[Policy]:
        """Where the policies of a group, or of one that is not known, are listed at the least cost."""
        return self.policies if self.one_list_of_policies else self._policies.of(group_id)

    async def get_policy(self, group_id: str | None, policy_id: str) -> Policy:
        """One policy, read by its id now."""
        if self.one_list_of_policies:
            return await self.cloud.policies.get(policy_id)
        return await self._policies.get(group_id, policy_id)

    def twins(self, ids: frozenset[str]) -> frozenset[str]:
        """Ids of groups that bear the mark of one of these: their objects have to know of each other."""
        marks = {self.groups.rows[i].owner_tag or self.groups.rows[i].marker for i in ids if i in self.groups.rows}
        return frozenset(row.id for row in self.groups.bearing(*marks - {""}))

    async def find(
        self,
        table: Table[R],
        get: Callable[[str], Awaitable[R]],
        object_id: str,
        memory: Memory,
        *,
        fresh: bool,
    ) -> Observed[R] | Absent | Untrusted:
        """One object by id, from the table when that is good enough, else by a read of its own."""
        try:
            await table.newer_than(None)
            row = table.rows.get(object_id)
            if row is not None and not fresh and self._good_enough(table, object_id, memory):
                return self._seen(row, memory)
            return self._seen(await get(object_id), memory)
        except errors.NotFound:
            return await self._missing(table, object_id, memory)
        except (errors.CloudError, errors.ReadUntrusted) as exc:
            return self._distrust(exc)

    def _good_enough(self, table: Table[R], object_id: str, memory: Memory) -> bool:
        at = table.read_at(object_id)
        if at is None or (memory.last_write is not None and at <= memory.last_write):
            return False
        return self.clock.now() - at <= timedelta(seconds=table.kept_sweeps * self.timing.idle_s)

    def _seen(self, row: R, memory: Memory) -> Observed[R]:
        now = self.clock.now()
        memory.first_miss, memory.last_trusted = None, now
        return Observed(row, now)

    async def _missing(self, table: Table[R], object_id: str, memory: Memory) -> Absent | Untrusted:
        """W2: missing by id and in a complete list, twice, far enough apart; until then nothing is believed."""
        now = self.clock.now()
        if memory.first_miss is None or memory.missed_id != object_id:
            memory.first_miss, memory.missed_id = now, object_id
        due = memory.first_miss + timedelta(seconds=self.timing.absence_confirm_s)
        if now < due:
            return Untrusted("not found; looking again before believing it", (due - now).total_seconds() + 0.1)
        try:
            await table.newer_than(memory.first_miss)
        except (errors.CloudError, errors.ReadUntrusted) as exc:
            return self._distrust(exc)
        if object_id in table.rows:
            memory.first_miss = None
            return Untrusted("the list and the read by id disagree", self.timing.active_s)
        memory.last_trusted = now
        return Absent(now)

    async def look_up(
        self,
        table: Table[R],
        handles: Sequence[str],
        memory: Memory,
        operation_id: str | None,
        sought: Callable[[R], bool],
        *,
        also: Sequence[Table[R]] = (),
    ) -> Lookup[R] | Untrusted:
        """Rows that bear our name or mark, from complete lists that are newer than our last write.

        A miss is that none of them can be what the operation is to make.
        """
        age = STALE_SWEEPS * self.timing.idle_s if operation_id is None else self.timing.active_s / 2
        after = self.clock.now() - timedelta(seconds=age)
        if memory.last_write is not None:
            after = max(after, memory.last_write)
        tables = [table]
        tables.extend(also)
        try:
            for one in tables:
                await one.newer_than(after)
        except (errors.CloudError, errors.ReadUntrusted) as exc:
            return self._distrust(exc)
        taken_at = min(one.at or self.clock.now() for one in tables)
        found = tuple(row for one in tables for row in one.bearing(*handles))
        memory.last_trusted = self.clock.now()
        hit = any(sought(row) for row in found)
        if operation_id is None or hit or memory.lookup_for != operation_id:
            memory.lookup_miss, memory.lookup_for = None, operation_id or ""
        first_miss = memory.lookup_miss
        if operation_id is not None and not hit and first_miss is None:
            memory.lookup_miss = taken_at
        return Lookup(found, taken_at, first_miss)

    def _distrust(self, exc: Exception) -> Untrusted:
        retry_after = getattr(exc, "retry_after", None)
        return Untrusted(str(exc)[:256], retry_after or self.timing.active_s)
