"""A simulated vendor, accounts of it behind the Cloud port, and what a test does to either."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from contract_subjects import Subject

from cloudscaling.core.model import NewGroup, NewLaunchConfiguration, NewPolicy
from cloudscaling.ports import AccountConfig, Cloud, Credentials
from cloudscaling.vendors import VENDORS
from cloudsim import accounts
from cloudsim.serve import Endpoints

KEY = Credentials(access_key_id="AKEXAMPLE", secret_access_key="secret-of-the-key")
TEMPORARY = Credentials(
    access_key_id="AKTEMPORARY", secret_access_key="secret-of-a-day", security_token="token-of-a-day"
)
USER = Credentials(username="ops", password="password-of-ops", domain_name="acme")
PROJECT = accounts.Project("0123456789abcdef0123456789abcdef", "sim-region-1", "acme")
OTHER_PROJECT = accounts.Project("fedcba9876543210fedcba9876543210", "sim-region-2", "acme")
FOREIGN_PROJECT = accounts.Project("11111111111111112222222222222222", "sim-region-1", "somebody-else")
MARK = "abcdefghij"


class RecordingGate:
    """Lets everything through and remembers it."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, bool]] = []
        self.ended: list[tuple[str, bool, Exception | None]] = []

    async def enter(self, operation: str, *, write: bool) -> None:
        self.calls.append((operation, write))

    def leave(self, operation: str, *, write: bool, error: Exception | None, seconds: float) -> None:
        assert seconds >= 0
        self.ended.append((operation, write, error))


@dataclass
class SkewedClock:
    """The real clock, wrong by `offset`; signatures are checked against real time."""

    offset: timedelta = timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.offset

    def monotonic(self) -> float:
        return time.monotonic()


@dataclass
class Bench:
    """A simulated vendor with one account of it, and everything a test does to either."""

    subject: Subject
    endpoints: Endpoints
    admin: httpx.AsyncClient
    gate: RecordingGate = field(default_factory=RecordingGate)
    clouds: list[Cloud] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.cloud = self.build()

    @property
    def config(self) -> AccountConfig:
        url = self.endpoints.vendors[self.subject.simulator]
        return AccountConfig(
            vendor=self.subject.vendor,
            region="sim-region-1",
            credentials=USER if self.subject.user_first else KEY,
            autoscaling_endpoint=url,
            iam_endpoint=url,
            request_timeout_s=20.0,
        )

    def build(self, *, clock: SkewedClock | None = None, **changes: Any) -> Cloud:
        """Another view of the simulator: other credentials, timeouts or clock."""
        config = replace(self.config, **changes)
        cloud = VENDORS[self.subject.vendor].build(config, self.gate, clock or SkewedClock())
        self.clouds.append(cloud)
        return cloud

    def op(self, name: str) -> str:
        return self.subject.operations[name]

    async def fault(self, kind: str, operation: str = "*", **more: Any) -> None:
        """Arm a fault, by default for one call."""
        body = {"kind": kind, "vendor": self.subject.simulator, **more}
        body["operation"] = self.subject.operations.get(operation, operation)
        (await self.admin.post("/faults", json=body)).raise_for_status()

    async def advance(self, seconds: float = 60.0) -> None:
        """Let simulated time pass."""
        (await self.admin.post("/clock/advance", json={"seconds": seconds})).raise_for_status()

    async def seed(self, **document: Any) -> dict[str, Any]:
        """Put things into the simulator without the API."""
        answer = await self.admin.post("/seed", json={self.subject.simulator: document})
        answer.raise_for_status()
        return dict(answer.json()[self.subject.simulator])

    async def count(self, operation: str) -> int:
        """Calls of an operation that the simulator has seen."""
        answer = await self.admin.get("/calls")
        return int(answer.json()[self.subject.simulator].get(self.op(operation), 0))

    async def configuration(self, name: str = "lc-1", **changes: Any) -> str:
        content = {**self.subject.configuration, **changes}
        return await self.cloud.launch_configurations.create(NewLaunchConfiguration(name, content), "token")

    async def group(self, name: str = "web", *, desired: int = 0, mark: str = MARK, **changes: Any) -> str:
        """A new group with its own launch configuration unless one is given; `_` stands for a dot in a path."""
        fields = {**self.subject.group, "externalName": name}
        fields |= {path.replace("__", "."): value for path, value in changes.items()}
        if "launchConfigurationRef" not in fields:
            fields["launchConfigurationRef"] = await self.configuration(f"lc-{name}")
        return await self.cloud.groups.create(NewGroup(fields, desired, mark), "token")

    async def running_group(self, size: int, **changes: Any) -> str:
        """An enabled group that has reached its size."""
        group_id = await self.group(desired=size, **changes)
        await self.cloud.groups.enable(group_id)
        await self.advance()
        return group_id

    async def policy(self, group_id: str, kind: str, name: str = "policy") -> str:
        fields = {**self.subject.policies[kind], "externalName": name}
        return await self.cloud.policies.create(NewPolicy(group_id, kind, fields), "token")


async def close_all(bench: Bench) -> None:
    for cloud in bench.clouds:
        await cloud.close()
