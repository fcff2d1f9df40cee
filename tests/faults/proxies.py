"""The two wires of the operator, run by the harness: to the cloud and to the API server.

Every write passes here in order. What is not to arrive is not forwarded, what is not to be answered ends with a
closed connection. While the operator is dead nothing more of it is forwarded.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from tests.faults.ambush import Ambush
from tests.faults.points import Point, Shot
from tests.faults.relay import Reply, Wire, cut, passed
from tests.faults.wire import Names, Write

LATE_S = 4.0  # below requestTimeoutSeconds + CLOUDSCALING_CREATE_GRACE_S, the longest that a request may travel
_OBJECT = re.compile(r"^/apis/cloudscaling\.dev/v1alpha1/namespaces/(?P<ns>[^/]+)/(?P<plural>[^/]+)/(?P<name>[^/]+)")
_GROUPED = ("launchconfigurations", "scalinggroups", "scalingpolicies", "instanceoperations")


@dataclass(frozen=True, slots=True)
class Sent:
    """One write as it was seen: when, what, and what became of it."""

    at: float
    write: Write
    outcome: str  # HTTP status, or how it was interrupted

    def __str__(self) -> str:
        return f"{self.write.text.strip()} -> {self.outcome}"


@dataclass
class CloudWire(Wire):
    """Operator to cloud."""

    names: Names = field(default_factory=Names)
    ambush: Ambush | None = None
    sent: list[Sent] = field(default_factory=list)
    reads: set[str] = field(default_factory=set)
    on_write: Callable[[Write], Awaitable[None]] | None = None
    _late: set[asyncio.Task[None]] = field(default_factory=set)

    async def serve(self, request: web.BaseRequest, body: bytes) -> web.StreamResponse:
        write = self.names.read(request.method, request.path, body)
        if write is None:
            self.reads.add(request.path.rpartition("/")[2])
            return passed(await self.forward(request, body))
        if self.on_write is not None:
            await self.on_write(write)
        if self.ambush is not None and await self.ambush.at_next_write():
            self._note(write, "not sent: killed before")
            return cut(request)
        shot = self.ambush.meet(write) if self.ambush is not None else None
        if shot is None:
            return passed(await self._commit(request, body, write))
        return await self._interrupt(request, body, write, shot)

    async def _interrupt(self, request: web.BaseRequest, body: bytes, write: Write, shot: Shot) -> web.StreamResponse:
        assert self.ambush is not None
        match shot.point:
            case Point.LOST | Point.LATE:
                self._note(write, f"KILL, point {shot.point.value}")
                self.ambush.fire(shot)
                await self.ambush.kill()
                if shot.point is Point.LATE:
                    self._later(request, body, write)
            case Point.REQUEST_CUT:
                self._note(write, "connection cut before the cloud")
                self.ambush.fire(shot)
            case Point.REPLY | Point.REPLY_CUT:
                await self._commit(request, body, write)
                self.ambush.fire(shot)
                if shot.point is Point.REPLY:
                    self._note(write, "KILL, point c")
                    await self.ambush.kill()
                else:
                    self._note(write, "connection cut after the commit")
            case _:
                reply = await self._commit(request, body, write)
                self.ambush.arm(shot, write)
                return passed(reply)
        return cut(request)

    async def _commit(self, request: web.BaseRequest, body: bytes, write: Write, how: str = "") -> Reply:
        reply = await self.forward(request, body)
        if reply.status < 300:
            self.names.learn_answer(write, reply.body)
        self._note(write, f"{reply.status}{how}" + ("" if reply.status < 300 else f" {reply.body.decode()[:120]}"))
        return reply

    def _note(self, write: Write, outcome: str) -> None:
        self.sent.append(Sent(time.monotonic(), write, outcome))

    def _later(self, request: web.BaseRequest, body: bytes, write: Write) -> None:
        async def deliver() -> None:
            await asyncio.sleep(LATE_S)
            await self._commit(request, body, write, " (late)")

        task = asyncio.create_task(deliver())
        self._late.add(task)
        task.add_done_callback(self._late.discard)

    async def all_arrived(self) -> None:
        """Wait for the requests that are still travelling."""
        if self._late:
            await asyncio.gather(*self._late)


@dataclass
class KubeWire(Wire):
    """Operator to API server."""

    ambush: Ambush | None = None
    conflict: Callable[[str, str, str], Awaitable[None]] | None = None  # changes (namespace, plural, name)
    written_at: float = 0.0
    written: list[str] = field(default_factory=list)  # writes but Events
    stored: dict[str, dict[str, Any]] = field(default_factory=dict)  # path of an object -> its newest status

    async def serve(self, request: web.BaseRequest, body: bytes) -> web.StreamResponse:
        if request.method == "GET":
            return passed(await self.forward(request, body))
        found = _OBJECT.match(request.path)
        if "/events" not in request.path:
            self.written_at = time.monotonic()
            self.written.append(f"{request.method} {request.path}")
        if found is None or found["plural"] not in _GROUPED or self.ambush is None:
            return passed(await self.forward(request, body))
        return await self._object(request, body, found)

    async def _object(self, request: web.BaseRequest, body: bytes, found: re.Match[str]) -> web.StreamResponse:
        assert self.ambush is not None
        point = self.ambush.at_status_write(found["plural"])
        if point is Point.STATUS:
            await self.ambush.shoot_armed()
            return cut(request)
        if point is Point.STATUS_LOST:
            return cut(request)
        if point is Point.CONFLICT and self.conflict is not None:
            await self.conflict(found["ns"], found["plural"], found["name"])
        reply = await self.forward(request, body)
        if reply.status < 300:
            self.stored[found.group()] = json.loads(reply.body).get("status") or {}
        if point is Point.STORED:
            await self.ambush.kill()
        return cut(request) if point in (Point.STATUS_ANSWER_LOST, Point.STORED) else passed(reply)
