"""Stands before every request of the command line: paced like the operator's, and no write passes."""

from __future__ import annotations

from cloudscaling import errors
from cloudscaling.engine.budget import Budget
from cloudscaling.ports import Clock


class _Unobserved:
    def called(self, vendor: str, operation: str, outcome: str, seconds: float) -> None: ...


class ReadOnlyGate:
    """Implements ports.Gate. The commands call reads only; this is the proof that a mistake stays without effect."""

    def __init__(self, clock: Clock, vendor: str, rate: float, burst: int) -> None:
        self._budget = Budget(clock, vendor, _Unobserved(), rate, burst)

    async def enter(self, operation: str, *, write: bool) -> None:
        if write:
            raise errors.LeaseLost(f"{operation} would write, and this command only reads")
        await self._budget.enter(operation, write=write)

    def leave(self, operation: str, *, write: bool, error: Exception | None, seconds: float) -> None:
        self._budget.leave(operation, write=write, error=error, seconds=seconds)
