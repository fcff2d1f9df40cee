"""A scripted API server on loopback: only for what a real one cannot be made to answer."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

DROP = -1  # in place of a status: the connection ends without an answer


@dataclass
class Seen:
    """One request as it arrived."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any


@dataclass
class FakeApi:
    """Gives the scripted answers in order, the last one for ever."""

    url: str = ""
    seen: list[Seen] = field(default_factory=list)
    script: list[tuple[int, Any]] = field(default_factory=list)

    def answers(self, *script: tuple[int, Any]) -> None:
        self.script = list(script)

    async def handle(self, request: web.Request) -> web.Response:
        raw = await request.read()
        self.seen.append(
            Seen(
                request.method,
                request.path,
                dict(request.query),
                dict(request.headers),
                json.loads(raw) if raw else None,
            )
        )
        status, body = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if status == DROP:
            assert request.transport is not None
            request.transport.close()
            return web.Response()
        if isinstance(body, str):
            return web.Response(status=status, text=body)
        return web.json_response(body, status=status)
