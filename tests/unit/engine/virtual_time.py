"""An event loop whose time is a number: sleeping costs nothing, and nothing depends on the machine's speed."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

T = TypeVar("T")

START = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
_TICK = timedelta(microseconds=1)
_TURN_S = 1e-7  # what one turn of the loop costs; without it a sleep below the float's precision never ends


class StuckError(AssertionError):
    """Every task waits for something that nothing will bring."""


class _Selector(selectors.DefaultSelector):
    """Where the real one would wait, time jumps."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        found = super().select(0)
        self.now += _TURN_S
        if found:
            return found
        if timeout is None:
            raise StuckError("nothing is due")
        self.now += max(0.0, timeout)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """Jumps to the next timer as soon as nothing else is left to do."""

    def __init__(self) -> None:
        self._virtual = _Selector()
        super().__init__(self._virtual)

    def time(self) -> float:
        return self._virtual.now


class VirtualClock:
    """ports.Clock on the running loop; no two readings of `now` are equal."""

    def __init__(self, start: datetime = START) -> None:
        self.start = start
        self._ticks = 0

    def now(self) -> datetime:
        self._ticks += 1
        return self.start + timedelta(seconds=asyncio.get_running_loop().time()) + self._ticks * _TICK

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()


class WorldClock:
    """The same time for the simulator, in its own shape."""

    def __init__(self, clock: VirtualClock) -> None:
        self._start = clock.start.timestamp()

    def now(self) -> float:
        return self._start + asyncio.get_running_loop().time()

    def advance(self, seconds: float) -> None:
        raise AssertionError("time moves by sleeping")


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run `main` in virtual time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)
