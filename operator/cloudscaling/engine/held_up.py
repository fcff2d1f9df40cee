"""Tells of a call that stands in the line for the account's rate limit, while it does. Called by engine.reconcile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from cloudscaling.engine.budget import LONG_WAIT_S, Budget

_LOOK_S = 1.0


@asynccontextmanager
async def telling(budget: Budget, tell: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    """`tell` is awaited once if what is done inside has not got through the line after half a minute.

    It may be cancelled at any point, when the line has moved on: what it writes must not outlive that.
    """
    teller = asyncio.create_task(_tell(budget, asyncio.current_task(), tell))
    try:
        yield
    finally:
        teller.cancel()
        await asyncio.gather(teller, return_exceptions=True)


async def _tell(budget: Budget, caller: asyncio.Task[object] | None, tell: Callable[[], Awaitable[None]]) -> None:
    await asyncio.sleep(LONG_WAIT_S)
    while caller not in budget.waiting:  # noqa: ASYNC110  it may wait, answer and wait again
        await asyncio.sleep(_LOOK_S)  # a slow answer is no matter of the rate limit
    await tell()
