"""One reverse proxy: passes requests on, holds answers back, streams watches. The base of both wires in proxies."""

from __future__ import annotations

import asyncio
import ssl
import time
from dataclasses import dataclass

import aiohttp
from aiohttp import web
from yarl import URL

_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "te", "upgrade", "proxy-connection"})
_AUTO = ("User-Agent", "Accept", "Accept-Encoding", "Content-Type")  # not to be added where the operator sent none


@dataclass
class Reply:
    """A whole answer, kept so that it can be withheld."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


@dataclass
class Wire:
    """One reverse proxy; `frozen` while the operator is dead."""

    upstream: str
    ssl: ssl.SSLContext | None = None
    frozen: bool = False
    port: int = 0
    last: float = 0.0  # monotonic time of the last request
    _runner: web.ServerRunner | None = None
    _session: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        connector = aiohttp.TCPConnector(ssl=self.ssl if self.ssl is not None else True, limit=0)
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=10)
        self._session = aiohttp.ClientSession(connector=connector, timeout=timeout, auto_decompress=False)
        # Cancellation ends a watch with its watcher; whatever must not be torn is shielded.
        server = web.Server(self._receive, access_log=None, handler_cancellation=True)
        self._runner = web.ServerRunner(server, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
        if self._session is not None:
            await self._session.close()

    async def _receive(self, request: web.BaseRequest) -> web.StreamResponse:
        body = await request.read()
        if self.frozen:
            return cut(request)
        self.last = time.monotonic()
        try:
            if "watch" in request.query:
                return await self.stream(request, body)
            return await asyncio.shield(self.serve(request, body))
        except (aiohttp.ClientError, ConnectionError):
            return cut(request)

    async def serve(self, request: web.BaseRequest, body: bytes) -> web.StreamResponse:
        raise NotImplementedError

    def _send(self, request: web.BaseRequest, body: bytes) -> aiohttp.client._RequestContextManager:
        assert self._session is not None
        headers = [(k, v) for k, v in request.headers.items() if k.lower() not in _HOP]  # Host stays: it is signed
        url = URL(self.upstream + request.raw_path, encoded=True)
        return self._session.request(
            request.method, url, headers=headers, data=body or None, allow_redirects=False, skip_auto_headers=_AUTO
        )

    async def forward(self, request: web.BaseRequest, body: bytes) -> Reply:
        async with self._send(request, body) as answer:
            return Reply(answer.status, [(k, v) for k, v in answer.headers.items()], await answer.read())

    async def stream(self, request: web.BaseRequest, body: bytes) -> web.StreamResponse:
        """Pass an answer on as it comes, until one side ends."""
        async with self._send(request, body) as answer:
            response = web.StreamResponse(status=answer.status)
            _copy_headers(answer.headers.items(), response)
            response.enable_chunked_encoding()
            await response.prepare(request)
            try:
                async for chunk in answer.content.iter_any():
                    await response.write(chunk)
            except (aiohttp.ClientError, ConnectionError):
                return cut(request)
            return response


def cut(request: web.BaseRequest) -> web.StreamResponse:
    """End the connection without an answer."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=599)


def passed(reply: Reply) -> web.Response:
    response = web.Response(status=reply.status, body=reply.body)
    _copy_headers(reply.headers, response)
    return response


def _copy_headers(headers: object, response: web.StreamResponse) -> None:
    for key, value in headers:  # type: ignore[attr-defined]
        if key.lower() not in _HOP | {"content-length"}:
            response.headers[key] = value
