"""The administrator's interface on a port of its own. Never counted, never signed, never faulty."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from cloudsim import bodies, faults
from cloudsim.faults import Fault, Kind
from cloudsim.vendor import JsonObject, Vendor
from cloudsim.vendor import Response as Answer
from cloudsim.world import World

SECRET_FIELDS = frozenset({"admin_pass", "adminPass", "password", "user_data"})
LATEST = 253_370_764_800.0  # the last day of 9998: later times have no text
_ADVANCE: bodies.Table = {"seconds": bodies.number(0, LATEST)}
_CONSOLE: bodies.Table = {
    "operation": bodies.text,
    "path": bodies.optional(bodies.mapping(bodies.text)),
    "query": bodies.optional(bodies.mapping(bodies.anything)),
    "body": bodies.anything,
    "account": bodies.optional(bodies.text),
    "project_id": bodies.optional(bodies.text),
}
_ALARM: bodies.Table = {"value": bodies.optional(bodies.number(-1e15, 1e15))}


class BadRequest(Exception):
    """The administrator asked for something that does not exist; the text says what."""


def build(world: World) -> Starlette:
    """Return the application for a world."""
    desk = _Desk(world)
    table: list[tuple[str, str, Callable[[Request], Awaitable[Any]]]] = [
        ("GET", "/healthz", desk.healthz),
        ("POST", "/reset", desk.reset),
        ("POST", "/seed", desk.seed),
        ("GET", "/state", desk.state),
        ("GET", "/calls", desk.calls),
        ("GET", "/calls/log", desk.call_log),
        ("DELETE", "/calls", desk.forget_calls),
        ("GET", "/clock", desk.clock),
        ("POST", "/clock/advance", desk.advance),
        ("POST", "/alarms/{vendor}/{policy}/fire", desk.fire),
        ("GET", "/faults", desk.list_faults),
        ("POST", "/faults", desk.add_fault),
        ("DELETE", "/faults", desk.clear_faults),
        ("DELETE", "/faults/{fault}", desk.clear_faults),
        ("POST", "/console/{vendor}", desk.console),
    ]
    return Starlette(routes=[Route(p, _json(handler), methods=[m]) for m, p, handler in table])


def masked(body: bytes) -> Any:
    """Return a request body for the log, without what must not be in a log."""
    try:
        return _mask(json.loads(body)) if body else None
    except ValueError:
        return body[:256].decode("latin-1")


def _mask(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: "***" if k in SECRET_FIELDS else _mask(v) for k, v in value.items()}
    return [_mask(v) for v in value] if isinstance(value, list) else value


def _json(handler: Callable[[Request], Awaitable[Any]]) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            answer = await handler(request)
        except (BadRequest, ValueError) as error:
            return JSONResponse({"error": str(error)}, 400)
        if isinstance(answer, Answer):
            return JSONResponse({"status": answer.status, "body": answer.content})
        return JSONResponse(answer)

    return endpoint


class _Desk:
    def __init__(self, world: World) -> None:
        self._world = world

    async def healthz(self, request: Request) -> JsonObject:
        return {"ok": True}

    async def reset(self, request: Request) -> JsonObject:
        self._world.reset()
        return {"ok": True}

    async def seed(self, request: Request) -> JsonObject:
        document = await _body(request)
        for name, part in document.items():
            self._vendor(name)
            bodies.mapping(bodies.anything)(name, part)
        now = self._world.catch_up()
        self._world.changes += 1
        return {name: self._vendor(name).seed(part, now) for name, part in document.items()}

    async def state(self, request: Request) -> JsonObject:
        self._world.catch_up()
        return self._world.describe()

    async def calls(self, request: Request) -> JsonObject:
        counts: dict[str, dict[str, int]] = {name: {} for name in self._world.vendors}
        for (vendor, operation), count in sorted(self._world.calls.items()):
            counts[vendor][operation] = count
        return counts

    async def call_log(self, request: Request) -> list[JsonObject]:
        operation = request.query_params.get("operation")
        return [entry for entry in self._world.log if operation in (None, entry["operation"])]

    async def forget_calls(self, request: Request) -> JsonObject:
        self._world.forget_calls()
        return {"ok": True}

    async def clock(self, request: Request) -> JsonObject:
        return {"now": self._world.catch_up()}

    async def advance(self, request: Request) -> JsonObject:
        document = await _body(request)
        if "seconds" not in document:
            raise BadRequest("seconds: is missing")
        bodies.check(document, _ADVANCE)
        seconds = float(document["seconds"])
        if self._world.clock.now() + seconds > LATEST:
            raise BadRequest("seconds: that is after the year 9998, where the clock ends")
        return {"now": self._world.advance(seconds)}

    async def fire(self, request: Request) -> Answer:
        vendor = self._vendor(request.path_params["vendor"])
        document = await _body(request)
        bodies.check(document, _ALARM)
        self._world.changes += 1
        return vendor.fire_alarm(request.path_params["policy"], document, self._world.catch_up())

    async def list_faults(self, request: Request) -> list[JsonObject]:
        return [_describe(fault) for fault in self._world.faults.armed]

    async def add_fault(self, request: Request) -> JsonObject:
        operations = {name: vendor.operations() for name, vendor in self._world.vendors.items()}
        fault = faults.parse(await _body(request), operations)
        now = self._world.catch_up()
        names = list(self._world.vendors) if fault.vendor == "*" else [fault.vendor]
        if fault.kind is Kind.STALE_READ:
            if len(names) != 1:
                raise BadRequest("vendor: a stale read needs one")
            fault.snapshot = self._vendor(names[0]).snapshot()
        armed = self._world.faults.add(fault)
        if any([self._vendor(name).apply_fault(armed, now) for name in names]):
            self._world.faults.clear(armed.id)
        self._world.changes += 1
        return _describe(armed)

    async def clear_faults(self, request: Request) -> JsonObject:
        return {"cleared": self._world.faults.clear(request.path_params.get("fault", ""))}

    async def console(self, request: Request) -> Answer:
        document = await _body(request)
        vendor = self._vendor(request.path_params["vendor"])
        bodies.check(document, _CONSOLE)
        accounts = self._world.accounts
        for name, known in (("account", accounts.names()), ("project_id", accounts.projects)):
            if document.get(name) is not None:
                bodies.one_of(known, "one that exists")(name, document[name])
        self._world.changes += 1
        return vendor.console(document.pop("operation", ""), document, self._world.catch_up())

    def _vendor(self, name: str) -> Vendor:
        if name not in self._world.vendors:
            raise BadRequest(f"no vendor {name!r} here, only {sorted(self._world.vendors)}")
        return self._world.vendors[name]


async def _body(request: Request) -> JsonObject:
    return bodies.read(await request.body())


def _describe(fault: Fault) -> JsonObject:
    names = ("id", "vendor", "operation", "skip", "path_contains", "status", "code", "seconds", "target", "hits")
    return {"kind": fault.kind.value, "times_left": fault.left, **{n: getattr(fault, n) for n in names}}
