"""One listener for /livez, /readyz and /metrics. Started and stopped by handlers.lifecycle.run.

Answers come from callables that are given to it; it knows nothing of what they look at. kopf's own liveness
endpoint is not used: it does not look at watches and has neither readiness nor metrics.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from aiohttp import web

logger = logging.getLogger(__name__)

Check = Callable[[], str | None]  # None: fine; else the reason why not
Render = Callable[[str], tuple[bytes, str]]  # Accept header -> (body, content type)

_STOP_S = 0.5  # for answers under way; idle connections are closed at once


class Probes:
    """`start` binds, `stop` may be called more than once."""

    def __init__(self, address: tuple[str, int], *, live: Check, ready: Check, render: Render) -> None:
        self._host, self._port = address
        self._render = render
        app = web.Application()
        app.router.add_get("/livez", _answer(live))
        app.router.add_get("/readyz", _answer(ready))
        app.router.add_get("/metrics", self._metrics)
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=_STOP_S)

    @property
    def port(self) -> int:
        """The port in use, which differs from the one asked for when that was 0."""
        return int(self._runner.addresses[0][1])

    async def start(self) -> None:
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self._port).start()
        logger.info("listening", extra={"address": f"{self._host}:{self.port}"})

    async def stop(self) -> None:
        await self._runner.cleanup()

    async def _metrics(self, request: web.Request) -> web.Response:
        body, content_type = self._render(request.headers.get("Accept", ""))
        return web.Response(body=body, headers={"Content-Type": content_type})


def _answer(check: Check) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handler(_request: web.Request) -> web.Response:
        reason = check()
        return web.Response(text="ok\n") if reason is None else web.Response(text=f"{reason}\n", status=503)

    return handler
