"""Decides at every write whether it is interrupted, and how. Asked by the two proxies; kills through a callable."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field

from tests.faults.points import KILLS, Point, Shot, WriteKey
from tests.faults.wire import Write

STATUS_DROPS = 4  # one more than the attempts of one request, so that the failure is seen by the engine
MOST_KILLS = 10  # of one run that kills at status writes
GIVE_UP_S = 8.0  # a write after which nothing is stored: the kill comes then


@dataclass
class Ambush:
    """The shots of one run and what has become of them."""

    shots: frozenset[Shot]
    kill: Callable[[], Awaitable[None]]
    noise: Point | None = None
    rule: Callable[[WriteKey, int], Point | None] | None = None  # in place of shots: (write, its number from 0)
    met: Counter[str] = field(default_factory=Counter)
    order: list[WriteKey] = field(default_factory=list)
    fired: list[Shot] = field(default_factory=list)
    armed: Shot | None = None  # waits for the status write
    _armed_plural: str = ""
    _drops: int = 0
    _status_writes: int = 0
    _timer: asyncio.Task[None] | None = None

    def meet(self, write: Write) -> Shot | None:
        """Count the write; the shot that is meant for it."""
        self.met[write.text] += 1
        key = WriteKey(write.text, self.met[write.text])
        self.order.append(key)
        if self.rule is not None:
            point = self.rule(key, len(self.order) - 1)
            return Shot(key, point) if point is not None else None
        return next((shot for shot in self.shots if shot.write == key), None)

    @property
    def left(self) -> list[Shot]:
        """Shots that never came to be."""
        return sorted(self.shots - set(self.fired))

    def fire(self, shot: Shot) -> None:
        self.fired.append(shot)

    def arm(self, shot: Shot, write: Write) -> None:
        """The reply goes out; the next status write is the one that counts."""
        self.armed, self._armed_plural, self._drops = shot, write.plural, STATUS_DROPS
        if shot.point is Point.STATUS:
            self._timer = asyncio.create_task(self._give_up(shot))

    async def at_next_write(self) -> bool:
        """A further write while a kill waits: the status write never came; True when the operator is dead now."""
        shot = self.armed
        if shot is None or shot.point is not Point.STATUS:
            return False
        await self._shoot(shot)
        return True

    def at_status_write(self, plural: str) -> Point | None:
        """What happens to a status write that has just arrived."""
        shot = self.armed
        if shot is None or self._armed_plural not in ("", plural):
            return self._noise()
        if shot.point is Point.STATUS:
            return Point.STATUS
        if shot.point is Point.STATUS_ANSWER_LOST:
            self._end(shot)
            return Point.STATUS_ANSWER_LOST
        self._drops -= 1
        if self._drops == 0:
            self._end(shot)
        return Point.STATUS_LOST

    async def shoot_armed(self) -> None:
        if self.armed is not None:
            await self._shoot(self.armed)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _noise(self) -> Point | None:
        """What strikes by the number of the write, wherever the scenario is."""
        self._status_writes += 1
        if self.noise is Point.STORED:
            hit = self._status_writes % 3 == 0 and len(self.fired) < MOST_KILLS
        else:
            hit = self.noise is Point.CONFLICT and self._status_writes % 2 == 1
        if hit and self.noise is not None:
            self.fired.append(Shot(WriteKey("status write", self._status_writes), self.noise))
            return self.noise
        return None

    async def _shoot(self, shot: Shot) -> None:
        self._end(shot)
        await self.kill()

    def _end(self, shot: Shot) -> None:
        self.armed = None
        self.fire(shot)
        self.stop()

    async def _give_up(self, shot: Shot) -> None:
        await asyncio.sleep(GIVE_UP_S)
        if self.armed is shot:
            self._timer = None
            await self._shoot(shot)


def of_point(keys: Iterable[WriteKey], point: Point) -> frozenset[Shot]:
    """The same point at every write."""
    return frozenset(Shot(key, point) for key in keys)


def kills(shots: Iterable[Shot]) -> int:
    return sum(shot.point in KILLS for shot in shots)
