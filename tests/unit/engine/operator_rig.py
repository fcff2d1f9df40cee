"""The whole engine as app puts it together, in virtual time, with a cluster and a cloud in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from fake_kube import NAMESPACE, FakeKube
from sim_transport import KEY_ID, KEY_SECRET, Simulator, SimVendor
from virtual_time import START, VirtualClock

from cloudscaling.engine.account import AccountReconciler, Periods
from cloudscaling.engine.content import ContentReader
from cloudscaling.engine.hashing import Hasher
from cloudscaling.engine.look.base import Looker, account_name
from cloudscaling.engine.memory import Memories
from cloudscaling.engine.notices import Notices
from cloudscaling.engine.queue import WorkQueue
from cloudscaling.engine.reconcile import Reconciler
from cloudscaling.engine.runtime import Runtime
from cloudscaling.engine.sessions import Accounts, Realm
from cloudscaling.engine.store import ACCOUNTS, GROUPS, LAUNCHES, MODELS, Store
from cloudscaling.kube.recorder import EventRecorder
from cloudscaling.telemetry.redaction import Redactor

CLUSTER = "test-cluster"
ACCOUNT_SPEC: dict[str, Any] = {
    "vendor": "Huawei",
    "region": "sim-region-1",
    "credentials": {"type": "AccessKey", "secretRef": {"name": "key"}},
    "requestTimeoutSeconds": 5,
    "rateLimit": {"requestsPerSecond": 100, "burst": 500},
    "polling": {"idleSeconds": 30, "activeSeconds": 5},
}
LAUNCH_SPEC: dict[str, Any] = {
    "accountRef": {"name": "acme"},
    "image": {"id": "image-a"},
    "instanceTypes": ["s6.large.2"],
    "systemDisk": {"type": "SSD", "sizeGiB": 40},
    "login": {"keyPair": "ops"},
}
GROUP_SPEC: dict[str, Any] = {
    "accountRef": {"name": "acme"},
    "minSize": 0,
    "maxSize": 10,
    "desiredCapacity": 2,
    "launchConfigurationRef": {"name": "lc"},
    "network": {"vpcId": "vpc-a", "subnetIds": ["net-a"]},
}


class Counter:
    """Takes what the engine counts."""

    def __init__(self) -> None:
        self.errors: list[tuple[str, str]] = []

    def called(self, vendor: str, operation: str, outcome: str, seconds: float) -> None: ...

    def circuit(self, vendor: str, account: str, *, is_open: bool) -> None: ...

    def sweep_age(self, vendor: str, account: str, age_s: object) -> None: ...

    def forget(self, vendor: str, account: str) -> None: ...

    def reconciled(self, kind: str, seconds: float, error: str = "") -> None:
        if error:
            self.errors.append((kind, error))


@dataclass
class Operator:
    """One process of the operator; `kill` leaves no chance to tidy up."""

    kube: FakeKube
    simulator: Simulator
    clock: VirtualClock
    counter: Counter = field(default_factory=Counter)
    key: bytes = b"k" * 32

    def __post_init__(self) -> None:
        self.queue = WorkQueue()
        self.store = Store(wake=self.queue.add)
        self.memories = Memories()
        notices = Notices(EventRecorder(self.kube, self.clock))
        redactor = Redactor()
        vendor = SimVendor(self.simulator)
        self.accounts = Accounts(
            {"Huawei": vendor, "OTC": vendor}, self.clock, self.counter, self._sweep, redactor.clean
        )
        contents = ContentReader(self.kube, Hasher(self.key), redactor.hide_content)
        self.looker = Looker(self.store, self.accounts, self.memories, contents, self.clock, CLUSTER)
        self.reconcile = Reconciler(
            self.kube, self.store, self.looker, self.memories, notices, self.clock, wake=self.queue.add
        )
        self.account = AccountReconciler(
            self.kube,
            self.store,
            self.accounts,
            notices,
            self.clock,
            Periods(30.0, 600.0, 30.0, 60.0, True),
            self.memories,
            lambda stored: account_name(stored, self.store),
            redactor.hide,
        )
        self.synced = asyncio.Event()
        looks = self.reconcile
        self.runtime = Runtime(
            store=self.store,
            queue=self.queue,
            accounts=self.accounts,
            memories=self.memories,
            handlers={plural: self.account if plural == ACCOUNTS else looks for plural in MODELS},
            synced=self.synced,
            observer=self.counter,
            prepare=_nothing,
            workers=4,
        )

    def _sweep(self, realm: Realm) -> asyncio.Task[None]:
        return self.runtime.sweep(realm)

    async def start(self) -> None:
        """List, watch and work."""
        self._before = asyncio.all_tasks()
        self.kube.watch(self.store)
        await self.runtime.start()
        self.synced.set()

    async def kill(self) -> None:
        """As SIGKILL: whatever is under way ends here, on whichever side of the network it is."""
        self.kube.unwatch()
        self.queue.close()
        doomed = asyncio.all_tasks() - self._before
        for task in doomed:
            task.cancel()
        await asyncio.gather(*doomed, return_exceptions=True)


async def _nothing() -> None: ...


@dataclass
class Rig:
    """A cluster, a cloud and an operator that can be killed and started again."""

    options: dict[str, str] = field(default_factory=dict)
    running: Operator | None = None
    begin: datetime = START
    vendor: str = "Huawei"

    def __post_init__(self) -> None:
        self.clock = VirtualClock(self.begin)
        self.kube = FakeKube(self.clock.now)
        self.simulator = Simulator(self.clock, self.options, name=self.vendor.lower())

    async def start(self) -> Operator:
        self.running = Operator(self.kube, self.simulator, self.clock)
        await self.running.start()
        return self.running

    async def kill(self) -> None:
        if self.running is not None:
            await self.running.kill()
            self.running = None

    def account(self, **changes: Any) -> None:
        """The CloudAccount and its Secret."""
        self.kube.put_secret("key", {"accessKeyId": KEY_ID.encode(), "secretAccessKey": KEY_SECRET.encode()})
        self.kube.apply(ACCOUNTS, "acme", {**ACCOUNT_SPEC, "vendor": self.vendor, **changes})

    def launch(self, name: str = "lc", **changes: Any) -> None:
        self.kube.apply(LAUNCHES, name, {**LAUNCH_SPEC, **changes})

    def group(self, name: str = "web", **changes: Any) -> None:
        spec = {key: value for key, value in {**GROUP_SPEC, **changes}.items() if value is not None}
        self.kube.apply(GROUPS, name, spec)

    async def until(self, done: Callable[[], bool], limit_s: float = 1800.0, step_s: float = 1.0) -> None:
        """Let time pass until `done`; a failure says what everything looks like."""
        waited = 0.0
        while not done():
            assert waited < limit_s, self.report()
            await asyncio.sleep(step_s)
            waited += step_s

    def report(self) -> str:
        """Everything that matters for a person."""
        lines = []
        for (plural, _, name), raw in self.kube.objects.items():
            status = raw.get("status") or {}
            said = [
                f"{c['type']}={c['status']}/{c['reason']}: {c['message'][:120]}" for c in status.get("conditions", ())
            ]
            rest = {k: v for k, v in status.items() if k not in ("conditions", "selector")}
            lines.append(f"{plural}/{name} {raw['spec']}\n   {rest}\n   " + "\n   ".join(said))
        lines += [f"cloud group {group}" for group in self.simulator.groups().values()]
        lines += [
            f"write {w.at:.1f} {w.operation} {w.path[-36:]} {w.body} -> {w.status}" for w in self.simulator.writes[-30:]
        ]
        return "\n".join(lines)

    def synced(self, plural: str, name: str) -> bool:
        raw = self.kube.objects[plural, NAMESPACE, name]
        found = [c for c in (raw.get("status") or {}).get("conditions", ()) if c["type"] == "Synced"]
        return (
            bool(found)
            and found[0]["status"] == "True"
            and found[0]["observedGeneration"] == raw["metadata"]["generation"]
        )


def drop_once(operation: str) -> Callable[[str, bool], str]:
    """Trouble for the simulator: the first such call is carried out, and its answer is lost."""
    left = [operation]

    def trouble(called: str, write: bool) -> str:
        if called not in left:
            return ""
        left.remove(called)
        return "drop-after"

    return trouble
