"""A simulator in a thread of its own, so that tests with event loops of their own can share it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager

from cloudsim.serve import Endpoints, running
from cloudsim.settings import Settings

_LONGEST_S = 30.0


@contextmanager
def served(settings: Settings) -> Iterator[Endpoints]:
    """Serve until the block ends; what goes wrong at the start is raised here."""
    ready: Future[tuple[Endpoints, asyncio.AbstractEventLoop, asyncio.Event]] = Future()
    thread = threading.Thread(target=lambda: asyncio.run(_serve(settings, ready)), name="simulator", daemon=True)
    thread.start()
    endpoints, loop, ended = ready.result(_LONGEST_S)
    try:
        yield endpoints
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join(_LONGEST_S)


async def _serve(settings: Settings, ready: Future[tuple[Endpoints, asyncio.AbstractEventLoop, asyncio.Event]]) -> None:
    ended = asyncio.Event()
    try:
        async with running(settings) as endpoints:
            ready.set_result((endpoints, asyncio.get_running_loop(), ended))
            await ended.wait()
    except BaseException as failure:
        if ready.done():
            raise
        ready.set_exception(failure)
