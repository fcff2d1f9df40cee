"""Rate limit and circuit of one cloud identity: every request of every object passes here. Made by engine.sessions."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Protocol

from cloudscaling import errors
from cloudscaling.ports import Clock

_FIRST_PAUSE_S = 5.0
_LONGEST_PAUSE_S = 120.0
LONG_WAIT_S = 30.0


class Observer(Protocol):
    """Where finished requests are counted."""

    def called(self, vendor: str, operation: str, outcome: str, seconds: float) -> None: ...


@dataclass
class Budget:
    """Token bucket and circuit breaker; implements ports.Gate.

    A throttled answer opens the circuit for Retry-After or a doubling pause. The first request after it is the
    probe, the others wait for its end: another throttled answer keeps the circuit open, any other end closes it.
    """

    clock: Clock
    vendor: str
    observer: Observer
    rate: float = 10.0
    burst: int = 20
    _tokens: float = field(default=-1.0, init=False)
    _filled_at: float = field(default=0.0, init=False)
    _open_until: float = field(default=0.0, init=False)
    _pause_s: float = field(default=_FIRST_PAUSE_S, init=False)
    _half_open: bool = field(default=False, init=False)  # throttled, and no probe has got through since
    _probe: asyncio.Task[object] | None = field(default=None, init=False)  # whose request is the probe
    _probe_over: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    waiting: set[asyncio.Task[object] | None] = field(default_factory=set, init=False)  # who stands in the line now
    _empty_since: float | None = field(default=None, init=False)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)

    def limit(self, rate: float, burst: int) -> None:
        """Set the allowance: requests per second and how many may come at once."""
        self.rate, self.burst = rate, burst

    @property
    def circuit_open(self) -> bool:
        return self.clock.monotonic() < self._open_until

    @property
    def starved(self) -> bool:
        """The bucket has been empty for more than half a minute, however many got a token out of it meanwhile."""
        empty_s = 0.0 if self._empty_since is None else self.clock.monotonic() - self._empty_since
        return bool(self.waiting) and empty_s > LONG_WAIT_S

    async def enter(self, operation: str, *, write: bool) -> None:
        self._refuse_while_open(operation)
        me = asyncio.current_task()
        self.waiting.add(me)
        try:
            await self._wait_in_line(operation)
        finally:
            self.waiting.discard(me)

    async def _wait_in_line(self, operation: str) -> None:
        async with self._lock:
            if self._probe is not None:
                await self._probe_over.wait()
            self._refuse_while_open(operation)  # it may have opened while this one waited its turn
            await self._take()
            self._refuse_while_open(operation)
            if self._half_open:
                self._probe = asyncio.current_task()
                self._probe_over.clear()

    def _refuse_while_open(self, operation: str) -> None:
        if self.circuit_open:
            left = self._open_until - self.clock.monotonic()
            raise errors.Throttled(f"the vendor throttles; {operation} waits", retry_after=left)

    async def _take(self) -> None:
        waited = False
        while True:
            now = self.clock.monotonic()
            if self._tokens < 0:
                self._tokens, self._filled_at = float(self.burst), now
            self._tokens = min(float(self.burst), self._tokens + (now - self._filled_at) * self.rate)
            self._filled_at = now
            if self._tokens >= 1:
                self._tokens -= 1
                if not waited:  # one token that somebody has waited for does not end the shortage
                    self._empty_since = None
                return
            self._empty_since = now if self._empty_since is None else self._empty_since
            waited = True
            await asyncio.sleep((1 - self._tokens) / self.rate)

    def leave(self, operation: str, *, write: bool, error: Exception | None, seconds: float) -> None:
        outcome = "ok" if error is None else type(error).__name__
        self.observer.called(self.vendor, operation, outcome, seconds)
        is_probe = self._probe is not None and self._probe is asyncio.current_task()
        if isinstance(error, errors.Throttled):
            pause = error.retry_after if error.retry_after is not None else self._pause_s
            self._open_until, self._half_open = self.clock.monotonic() + pause, True
            self._pause_s = min(self._pause_s * 2, _LONGEST_PAUSE_S)
        elif is_probe or not self._half_open:  # an answer from before the pause proves nothing
            self._half_open = False
            if error is None:
                self._pause_s = _FIRST_PAUSE_S
        if is_probe:
            self._probe = None
            self._probe_over.set()
