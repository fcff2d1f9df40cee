"""The simulator as an httpx transport: no sockets, virtual time, and a reply that can be lost on either side."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
from virtual_time import VirtualClock, WorldClock

from cloudscaling.ports import AccountConfig, Clock, Cloud, Gate, as_it_is
from cloudscaling.vendors import VENDORS
from cloudsim import accounts
from cloudsim.settings import Settings
from cloudsim.vendor import Request, Response
from cloudsim.world import World

KEY_ID, KEY_SECRET = "AKEXAMPLE", "secret-of-the-key"
OTHER_KEY_ID = "AKROTATED"
FOREIGN_KEY_ID = "AKFOREIGN"
Trouble = Callable[[str, bool], str]  # (operation, write) -> "" or a kind of trouble


@dataclass
class Write:
    """A request that changed, or could have changed, the cloud."""

    at: float
    operation: str
    path: str
    body: Any
    status: int


@dataclass
class Simulator:
    """One cloud of Huawei's family; `trouble` decides about every call, in order."""

    clock: VirtualClock
    options: dict[str, str] = field(default_factory=dict)
    name: str = "huawei"
    latency_s: float = 0.05
    trouble: Trouble = lambda operation, write: ""
    deaf: frozenset[str] = frozenset()  # operations that it answers with success and does not carry out
    calls: list[str] = field(default_factory=list)
    writes: list[Write] = field(default_factory=list)
    watchers: list[Callable[[Write, dict[str, Any]], None]] = field(default_factory=list)
    name: str = "huawei"

    def __post_init__(self) -> None:
        keys = tuple(accounts.AccessKey(k, KEY_SECRET, "acme") for k in (KEY_ID, OTHER_KEY_ID))
        settings = Settings(
            vendors={self.name: 0},
            keys=(*keys, accounts.AccessKey(FOREIGN_KEY_ID, KEY_SECRET, "foreign")),
            projects=(
                accounts.Project("0123456789abcdef0123456789abcdef", "sim-region-1", "acme"),
                accounts.Project("fedcba9876543210fedcba9876543210", "sim-region-1", "foreign"),
            ),
            clock="manual",
            options={f"{self.name}.{name}": value for name, value in self.options.items()},
        )
        self.world = World(settings, WorldClock(self.clock))
        self.vendor: Any = self.world.vendors[self.name]

    # --- the network -------------------------------------------------------------------------------------------------

    async def answer(self, request: httpx.Request) -> httpx.Response:
        """One request there and back; a kill in between loses the request or the reply."""
        await asyncio.sleep(self.latency_s / 2)
        sent = Request(
            request.method,
            request.url.raw_path.decode().partition("?")[0],
            request.url.query.decode(),
            {k.lower(): v for k, v in request.headers.items()},
            request.content,
        )
        operation = self.vendor.identify(sent)
        write = request.method != "GET"
        trouble = self.trouble(operation, write)
        self.calls.append(operation)
        if trouble == "drop-before":
            raise httpx.ReadError("the connection was lost")
        response = _refusal(trouble) or (Response(200, {}) if operation in self.deaf else self._handle(sent))
        if write:
            self._remember(operation, sent, response)
        await asyncio.sleep(self.latency_s / 2)
        if trouble == "drop-after":
            raise httpx.ReadError("the connection was lost")
        content = self._shortened(response, trouble)
        body = b"" if content is None else json.dumps(content).encode()
        return httpx.Response(response.status, headers=response.headers, content=body, request=request)

    def _handle(self, sent: Request) -> Response:
        now = self.world.catch_up()
        found: Response = self.vendor.handle(sent, now, now)
        return found

    def _remember(self, operation: str, sent: Request, response: Response) -> None:
        body = json.loads(sent.body) if sent.body.strip() else None
        done = Write(self.world.clock.now(), operation, sent.raw_path, body, response.status)
        self.writes.append(done)
        for watcher in self.watchers:
            watcher(done, self.groups())

    def _shortened(self, response: Response, trouble: str) -> Any:
        content = response.content
        if trouble not in ("truncated", "empty") or not isinstance(content, dict) or response.status != 200:
            return content
        cut = {
            k: (v[: len(v) // 2] if trouble == "truncated" else []) for k, v in content.items() if isinstance(v, list)
        }
        return {**content, **cut}

    # --- what others do ----------------------------------------------------------------------------------------------

    def do(self, operation: str, body: Any = None, query: dict[str, Any] | None = None, **path: str) -> Any:
        """Run an operation as the owner of the account; the answer's body, {} when it was refused."""
        status, content = self.vendor.call(operation, path, query, body, account="acme")
        return content or {} if status < 300 else {}

    def console(self, operation: str, **body: Any) -> Any:
        done = self.vendor.console(operation, {"account": "acme", "body": body}, self.world.catch_up())
        return done.content

    def _tenant(self) -> dict[str, Any]:
        self.world.catch_up()
        found: dict[str, Any] = self.vendor.describe()["projects"]["0123456789abcdef0123456789abcdef"]
        return found

    def groups(self) -> dict[str, dict[str, Any]]:
        """Every group by id, as the API shows it."""
        self.world.catch_up()
        tenant = self.vendor.state.tenants.get("0123456789abcdef0123456789abcdef")
        if tenant is None:
            return {}
        rows = (self.do("ShowScalingGroup", scaling_group_id=i)["scaling_group"] for i in list(tenant.groups))
        return {row["scaling_group_id"]: row for row in rows}

    def members(self, group_id: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        while True:
            query = {"limit": 100, "start_number": len(rows)}
            page = self.do("ListScalingInstances", query=query, scaling_group_id=group_id)
            rows += page["scaling_group_instances"]
            if len(rows) >= page["total_number"] or not page["scaling_group_instances"]:
                return rows

    def configurations(self) -> dict[str, str]:
        """Name of every configuration by id."""
        rows = self.do("ListScalingConfigs", query={"limit": 100})["scaling_configurations"]
        return {row["scaling_configuration_id"]: row["scaling_configuration_name"] for row in rows}

    def policies(self) -> dict[str, dict[str, Any]]:
        rows = self.do("ListAllScalingV2Policies", query={"limit": 100})["scaling_policies"]
        return {row["scaling_policy_id"]: row for row in rows}

    def tasks(self, group_id: str) -> list[dict[str, Any]]:
        """The scheduled tasks of a group."""
        return list(self.do("ListGroupScheduledTasks", scaling_group_id=group_id).get("scheduled_tasks", ()))

    def servers(self) -> dict[str, str]:
        """Status of every server that ever was, by id."""
        return {server_id: row["status"] for server_id, row in self._tenant()["servers"].items()}


def _refusal(trouble: str) -> Response | None:
    """The answer that stands for the work not being done."""
    if trouble == "throttle":
        return Response(429, {"error_code": "APIG.0308", "error_msg": "slow down"}, {"Retry-After": "3"})
    if trouble.startswith("AS."):
        return Response(400, {"error": {"code": trouble, "message": "refused by the test"}})
    if trouble == "500":
        return Response(500, {"error": {"code": "AS.0001", "message": "system error"}})
    return None


class _Transport(httpx.AsyncBaseTransport):
    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await self._simulator.answer(request)


@dataclass
class SimVendor:
    """ports.Vendor: the real adapter of a cloud with the simulator behind it."""

    simulator: Simulator

    @property
    def environment(self) -> Mapping[str, tuple[str, ...]]:
        return next(vendor.environment for name, vendor in VENDORS.items() if name.lower() == self.simulator.name)

    def endpoint(self, config: AccountConfig) -> str:
        return VENDORS[config.vendor].endpoint(config)

    def build(self, config: AccountConfig, gate: Gate, clock: Clock, clean: Callable[[str], str] = as_it_is) -> Cloud:
        vendor: Any = VENDORS[config.vendor]
        cloud: Cloud = vendor.build(config, gate, clock, clean, transport=_Transport(self.simulator))
        return cloud
