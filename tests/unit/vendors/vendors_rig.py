"""An account of a vendor without a network: scripted answers in, remembered requests out."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from cloudscaling.ports import AccountConfig, Cloud, Credentials
from cloudscaling.vendors import VENDORS

WIRE = Path(__file__).resolve().parents[2] / "wire"
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
KEY = Credentials(access_key_id="AKEXAMPLE", secret_access_key="secret-of-the-key")
VERSIONS = {"versions": [{"id": "v1", "status": "CURRENT"}, {"id": "v2", "status": "SUPPORTED"}]}
ONLY_V1 = {"versions": [{"id": "v1", "status": "CURRENT"}, {"id": "v2", "status": "DEPRECATED"}]}


def wire(name: str, vendor: str = "huawei") -> Any:
    return json.loads((WIRE / vendor / f"{name}.json").read_text())


@dataclass
class FixedClock:
    """Time that only a test moves."""

    at: datetime = NOW
    ticks: float = 0.0

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.ticks

    def advance(self, **time: float) -> None:
        self.at += timedelta(**time)


class OpenGate:
    """Lets everything through and remembers how it ended."""

    def __init__(self) -> None:
        self.entered: list[tuple[str, bool]] = []
        self.left: list[tuple[str, Exception | None]] = []

    async def enter(self, operation: str, *, write: bool) -> None:
        self.entered.append((operation, write))

    def leave(self, operation: str, *, write: bool, error: Exception | None, seconds: float) -> None:
        self.left.append((operation, error))


def answer(content: Any = None, status: int = 200, **headers: str) -> httpx.Response:
    """A JSON answer; a string is sent as it is."""
    if isinstance(content, str):
        return httpx.Response(status, text=content, headers=headers)
    return httpx.Response(status, json=content, headers=headers)


@dataclass
class Rig:
    """A cloud behind a table of answers: "METHOD path" -> answer, list of answers, or a function."""

    answers: dict[str, Any]
    credentials: Credentials = KEY
    vendor: str = "Huawei"
    project_id: str = "project-a"
    clock: FixedClock = field(default_factory=FixedClock)
    gate: OpenGate = field(default_factory=OpenGate)
    requests: list[httpx.Request] = field(default_factory=list)
    settings: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.answers = {"GET /": answer(VERSIONS), **self.answers}
        config = AccountConfig(
            vendor=self.vendor,
            region="region-1",
            credentials=self.credentials,
            project_id=self.project_id,
            autoscaling_endpoint="https://as.example.com",
            iam_endpoint="https://iam.example.com",
            **self.settings,
        )
        build: Callable[..., Cloud] = VENDORS[self.vendor].build
        transport = httpx.MockTransport(self.handle)
        self.cloud = build(config, self.gate, self.clock, transport=transport)

    def handle(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        path = request.url.path.replace(f"/{self.project_id}/", "/P/") if self.project_id else request.url.path
        found = self.answers.get(f"{request.method} {path}")
        if found is None:
            raise AssertionError(f"no answer for {request.method} {path}")
        if isinstance(found, list):
            found = found.pop(0)
        if callable(found):
            found = found(request)
        if isinstance(found, Exception):
            raise found
        assert isinstance(found, httpx.Response)
        # A response object carries its request; a scripted one may be used for several.
        return httpx.Response(found.status_code, headers=found.headers, content=found.content)

    @property
    def sent(self) -> Any:
        """JSON of the last request's body."""
        return json.loads(self.requests[-1].content)
