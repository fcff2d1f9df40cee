"""Just enough of a cloud for the shared observation."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from virtual_time import VirtualClock

from cloudscaling import errors
from cloudscaling.core.facts import Timing
from cloudscaling.core.model import Group, GroupState
from cloudscaling.engine.fleet import Fleet
from cloudscaling.engine.memory import Memory
from cloudscaling.engine.table import Table

GROUP = Group("g-1", "web", GroupState.ACTIVE, "INSERVICE", 0, 9, 3, 3, False, marker="mark")


@dataclass
class Cloud:
    """Just enough of ports.Cloud."""

    rows: list[Group] = field(default_factory=lambda: [GROUP])
    lists: int = 0
    gets: int = 0
    trouble: Exception | None = None
    get_trouble: Exception | None = None
    seconds: float = 1.0

    async def list(self) -> tuple[Group, ...]:
        self.lists += 1
        found = tuple(self.rows)
        await asyncio.sleep(self.seconds)
        if self.trouble is not None:
            raise self.trouble
        return found

    async def get(self, group_id: str) -> Group:
        self.gets += 1
        await asyncio.sleep(0.1)
        if self.get_trouble is not None:
            raise self.get_trouble
        found = next((row for row in self.rows if row.id == group_id), None)
        if found is None:
            raise errors.NotFound("AS.2007")
        return found

    @property
    def groups(self) -> Cloud:
        return self


class Others:
    """Kinds that these tests do not care for."""

    async def list(self) -> tuple[Any, ...]:
        return ()


def fleet(cloud: Cloud) -> Fleet:
    clock = VirtualClock()
    found = Fleet(cloud, clock, Timing(idle_s=60, active_s=10, absence_confirm_s=30))  # type: ignore[arg-type]
    found.launch_configurations = Table(Others().list, clock)
    found.policies = Table(Others().list, clock)
    return found


async def find(found: Fleet, cloud: Cloud, memory: Memory, fresh: bool = False, id_: str = "g-1") -> Any:
    return await found.find(found.groups, cloud.get, id_, memory, fresh=fresh)


def ours(row: Group) -> bool:
    return row.marker == "mark"
