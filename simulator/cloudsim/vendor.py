"""The seam between the server and one simulated vendor. Implemented in huawei/ and its siblings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

from cloudsim.faults import Fault

JsonObject = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request as it came over the wire; header names are lower case."""

    method: str
    raw_path: str
    raw_query: str
    headers: dict[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Response:
    """One HTTP answer; `content` None is an empty body."""

    status: int
    content: Any = None
    headers: dict[str, str] = field(default_factory=dict)


class Vendor(Protocol):
    """A simulated cloud. Only `advance` lets time pass; a read never changes anything."""

    name: str

    def operations(self) -> frozenset[str]:
        """Return the ids of the operations that this cloud serves."""
        ...

    def identify(self, request: Request) -> str:
        """Return the operation id, or an empty string for an unknown path."""
        ...

    def handle(self, request: Request, now: float, real_now: float, snapshot: Any = None) -> Response:
        """Authenticate and run one request; with a snapshot, answer from that older state."""
        ...

    def call(
        self,
        operation: str,
        path: dict[str, str] | None = None,
        query: dict[str, Any] | None = None,
        body: Any = None,
        account: str | None = None,
    ) -> tuple[int, Any]:
        """Run one operation at the clock's time with no HTTP, signature or counting; status and content."""
        ...

    def console(self, operation: str, arguments: JsonObject, now: float) -> Response:
        """Run an operation as the owner of the account would by hand, unsigned."""
        ...

    def refuse(self, fault: Fault) -> Response:
        """Return the vendor's own shape of a faulty answer (error, throttle)."""
        ...

    def shorten(self, response: Response, fault: Fault) -> Response:
        """Return a list answer with rows missing, as the fault says."""
        ...

    def advance(self, to: float) -> bool:
        """Run everything that is due until then, in order; tell whether anything was."""
        ...

    def fire_alarm(self, policy: str, arguments: JsonObject, now: float) -> Response:
        """Trigger a policy as the vendor's monitoring would."""
        ...

    def seed(self, document: JsonObject, now: float) -> JsonObject:
        """Add references, servers and objects and return the ids made; what is wrong is a ValueError."""
        ...

    def apply_fault(self, fault: Fault, now: float) -> bool:
        """Act at once on a fault that has no later trigger; False means it stays armed."""
        ...

    def describe(self) -> JsonObject:
        """Return the state with the vendor's own field names."""
        ...

    def dump(self) -> Any:
        """Return the state as plain JSON values."""
        ...

    def load(self, document: Any) -> None:
        """Replace the state by what `dump` returned."""
        ...

    def snapshot(self) -> Any:
        """Return a copy of the state that later changes do not touch."""
        ...

    def reset(self) -> None:
        """Forget everything but the accounts."""
        ...
