"""Rate limit and circuit of one cloud identity: every request of every object passes here. Made by engine.accounts."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Protocol

from cloudscaling import errors
from cloudscaling.ports import Clock

_FIRST_PAUSE_S = 5.0
_LONGEST_PAUSE_S = 120.0
_LONG_WAIT_S = 30.0


class Observer(Protocol):
    """Where finished requests are counted."""

    def called(self, vendor: str, operation: str, outcome: str, seconds: float) -> None: ...


@dataclass
class Budget:
    """Token bucket and circuit breaker; implements ports.Gate.

    A throttled answer closes the way for Retry-After or a doubling pause; the first request after it is the
    probe, the others wait for its end.
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
        """The bucket has been empty for more than half a minute."""
        return self._empty_since is not None and self.clock.monotonic() - self._empty_since > _LONG_WAIT_S

    async def enter(self, operation: str, *, write: bool) -> None:
        self._refuse_while_open(operation)
        async with self._lock:
            self._refuse_while_open(operation)  # it may have opened while this one waited its turn
            await self._take()
            self._refuse_while_open(operation)

    def _refuse_while_open(self, operation: str) -> None:
        if self.circuit_open:
            left = self._open_until - self.clock.monotonic()
            raise errors.Throttled(f"the vendor throttles; {operation} waits", retry_after=left)

    async def _take(self) -> None:
        while True:
            now = self.clock.monotonic()
            if self._tokens < 0:
                self._tokens, self._filled_at = float(self.burst), now
            self._tokens = min(float(self.burst), self._tokens + (now - self._filled_at) * self.rate)
            self._filled_at = now
            if self._tokens >= 1:
                self._tokens -= 1
                self._empty_since = None
                return
            self._empty_since = now if self._empty_since is None else self._empty_since
            await asyncio.sleep((1 - self._tokens) / self.rate)

    def leave(self, operation: str, *, write: bool, error: Exception | None, seconds: float) -> None:
        outcome = "ok" if error is None else type(error).__name__
        self.observer.called(self.vendor, operation, outcome, seconds)
        if isinstance(error, errors.Throttled):
            pause = error.retry_after if error.retry_after is not None else self._pause_s
            self._open_until = self.clock.monotonic() + pause
            self._pause_s = min(self._pause_s * 2, _LONGEST_PAUSE_S)
        elif error is None:
            self._pause_s = _FIRST_PAUSE_S
