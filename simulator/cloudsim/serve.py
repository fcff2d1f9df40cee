"""The servers: one per vendor and one for the administrator. Requests are atomic: advance, fault, handle, answer."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any

import uvicorn

from cloudsim import admin, persistence, transport
from cloudsim.faults import ANSWER_KINDS, Fault, Kind
from cloudsim.settings import Settings
from cloudsim.vendor import Request, Response, Vendor
from cloudsim.world import World

_PAGE_FAULTS = frozenset({Kind.TRUNCATED_PAGE, Kind.EMPTY_PAGE})
BACKLOG = 2048
_REFUSALS = frozenset({Kind.ERROR, Kind.THROTTLE})


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where a running simulator listens, and its world."""

    admin: str
    vendors: dict[str, str]
    world: World = field(repr=False)


class VendorApp:
    """ASGI application of one vendor."""

    def __init__(self, world: World, vendor: Vendor) -> None:
        """Serve a vendor of a world."""
        self._world = world
        self._vendor = vendor

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request, or hang up where a fault says so."""
        body = await _read_body(receive)
        if body is None:
            return
        request = _request(scope, body)
        response = await self.answer(request)
        if response is None:
            scope[transport.HANG_UP]()
            while (await receive())["type"] != "http.disconnect":
                pass
            return
        await _send(send, request.method, response)

    async def answer(self, request: Request) -> Response | None:
        """Run one request with the faults that are armed for it; None means hang up."""
        operation = self._vendor.identify(request)
        fault = self._world.faults.take(self._vendor.name, operation, ANSWER_KINDS, request.raw_path)
        if fault is not None and fault.kind is Kind.DELAY:
            await asyncio.sleep(fault.seconds)
        response = self._run(request, fault)
        self._world.count(self._vendor.name, _log_entry(operation, request, response, fault))
        dropped = fault is not None and fault.kind in (Kind.DROP_BEFORE_COMMIT, Kind.DROP_AFTER_COMMIT)
        return None if dropped else response

    def _run(self, request: Request, fault: Fault | None) -> Response:
        now = self._world.catch_up()
        if fault is not None and fault.kind is Kind.DROP_BEFORE_COMMIT:
            return Response(0)
        if fault is not None and fault.kind in _REFUSALS:
            return self._vendor.refuse(fault)
        snapshot = fault.snapshot if fault is not None and fault.kind is Kind.STALE_READ else None
        response = self._vendor.handle(request, now, time.time(), snapshot)
        if request.method != "GET":
            self._world.changes += 1
        if fault is not None and fault.kind in _PAGE_FAULTS and response.status == 200:
            return self._vendor.shorten(response, fault)
        return response


class _Server(uvicorn.Server):
    """A server that leaves the process's signals alone; the caller decides when to stop."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Change no signal handler."""
        yield


@contextlib.asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Endpoints]:
    """Serve a new world inside the running loop until the block ends."""
    world = World(settings)
    persistence.restore(world)
    with contextlib.ExitStack() as opened:  # closes the first ones if a later one cannot be had
        ports = [*settings.vendors.values(), settings.admin_port]
        *listening, admin_socket = [opened.enter_context(_listen(settings.host, port)) for port in ports]
        opened.pop_all()
    sockets = dict(zip(settings.vendors, listening, strict=True))
    pairs = [(VendorApp(world, world.vendors[name]), sock) for name, sock in sockets.items()]
    servers = [(_server(app), sock) for app, sock in [*pairs, (admin.build(world), admin_socket)]]
    tasks = [asyncio.create_task(server.serve(sockets=[sock])) for server, sock in servers]
    saver = asyncio.create_task(persistence.keep_saving(world))
    try:
        while not all(server.started for server, _ in servers):  # noqa: ASYNC110  # uvicorn has no event
            await asyncio.sleep(0.005)
        urls = {name: _url(sock) for name, sock in sockets.items()}
        yield Endpoints(_url(admin_socket), urls, world)
    finally:
        saver.cancel()
        for server, _ in servers:
            server.should_exit = True
        await asyncio.gather(*tasks, saver, return_exceptions=True)
        for sock in (*sockets.values(), admin_socket):
            sock.close()
        persistence.save(world)


def _server(app: Any) -> _Server:
    config = uvicorn.Config(
        app,
        http=transport.Protocol,
        ws="none",
        lifespan="off",
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=1,
    )
    return _Server(config)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
        sock.listen(BACKLOG)  # here already: two sockets may be bound to one port, but only one of them can listen
    except OSError as error:
        sock.close()
        raise OSError(f"cannot listen on {host} port {port}: {error.strerror or error}") from error
    sock.setblocking(False)
    return sock


def _url(sock: socket.socket) -> str:
    host, port = sock.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


async def _read_body(receive: Any) -> bytes | None:
    """Return the whole body, or None when the client went away first."""
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


def _request(scope: Any, body: bytes) -> Request:
    headers = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in scope["headers"]}
    raw_path = scope.get("raw_path") or scope["path"].encode()
    return Request(scope["method"], raw_path.decode("latin-1"), scope["query_string"].decode("latin-1"), headers, body)


async def _send(send: Any, method: str, response: Response) -> None:
    content = b"" if response.content is None else json.dumps(response.content).encode()
    headers = {"content-type": "application/json", **response.headers} if content else {**response.headers}
    if response.status != 204:
        headers["content-length"] = str(len(content))
    raw = [(k.encode("latin-1"), v.encode("latin-1")) for k, v in headers.items()]
    await send({"type": "http.response.start", "status": response.status, "headers": raw})
    await send({"type": "http.response.body", "body": b"" if method == "HEAD" else content})


def _log_entry(operation: str, request: Request, response: Response, fault: Fault | None) -> dict[str, Any]:
    return {
        "operation": operation or "unknown",
        "method": request.method,
        "path": request.raw_path,
        "query": request.raw_query,
        "body": admin.masked(request.body),
        "status": response.status,
        "fault": fault.kind.value if fault else None,
    }
