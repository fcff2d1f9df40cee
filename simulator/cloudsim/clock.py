"""Where the simulated time comes from. Called by world and admin; state machines only ever see a number."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Protocol

FASTEST = 1e6  # a century takes an hour


class Clock(Protocol):
    """A source of simulated seconds since the epoch that never runs backwards."""

    def now(self) -> float:
        """Return the simulated time."""
        ...

    def advance(self, seconds: float) -> None:
        """Jump forward; a negative jump is a ValueError."""
        ...


@dataclass(slots=True)
class ScaledClock:
    """Real time multiplied by a factor; factor 1 is the real clock."""

    factor: float = 1.0
    _start: float = field(default_factory=time.time)
    _tick: float = field(default_factory=time.monotonic)
    _offset: float = 0.0

    def now(self) -> float:
        """Return the start time plus the scaled time that has passed since."""
        return self._start + (time.monotonic() - self._tick) * self.factor + self._offset

    def advance(self, seconds: float) -> None:
        """Jump forward on top of the running time."""
        self._offset += _forward(seconds)


@dataclass(slots=True)
class ManualClock:
    """Stands still until it is advanced."""

    at: float = field(default_factory=lambda: float(int(time.time())))

    def now(self) -> float:
        """Return the time reached so far."""
        return self.at

    def advance(self, seconds: float) -> None:
        """Jump forward."""
        self.at += _forward(seconds)


def parse(text: str) -> Clock:
    """Build the clock that `--clock real|scaled:N|manual` names; anything else is a ValueError."""
    kind, _, argument = text.partition(":")
    if kind == "real" and not argument:
        return ScaledClock()
    if kind == "manual" and not argument:
        return ManualClock()
    if kind == "scaled":
        factor = _factor(argument)
        if 0 < factor <= FASTEST:
            return ScaledClock(factor)
    raise ValueError(f"not a clock: {text!r}, expected real, manual or scaled:N with N above 0 up to {FASTEST:g}")


def _factor(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0  # as wrong as that


def _forward(seconds: float) -> float:
    if seconds < 0:
        raise ValueError("the clock cannot go backwards")
    return seconds
