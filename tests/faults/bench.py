"""One worker's place: a simulator, two wires, an operator that can be killed and started. Used by trial."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import time
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import yaml
from tests.faults.cluster import Cluster
from tests.faults.process import Simulator, Zygote
from tests.faults.proxies import CloudWire, KubeWire

OPERATOR_NAMESPACE = "faults-operator"
QUIET_S = 1.2
LONGEST_QUIET_S = 20.0
_COUNT = re.compile(r'^cloudscaling_reconcile_seconds_count\{kind="([a-z]+)"\} ([0-9.]+)', re.MULTILINE)
_TABLES = {"scaling_group", "scaling_configuration", "scaling_policy"}


@dataclass
class Bench:
    """Everything that one run at a time needs."""

    number: int
    zygote: Zygote
    cluster: Cluster
    folder: Path
    sabotage: str = ""
    pid: int = 0
    starts: int = 0
    started: float = 0.0
    died: str = ""  # how an operator ended that nobody killed
    killed: asyncio.Event = field(default_factory=asyncio.Event)
    _expected: set[int] = field(default_factory=set)
    _watchers: set[asyncio.Task[None]] = field(default_factory=set)
    _port: int = 0
    _env: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.simulator = Simulator(self.folder / f"cloudsim-{self.number}.log")

    async def start(self) -> None:
        await self.simulator.open()
        identity = self.cluster.identity
        self.cloud = CloudWire("")  # each run says which cloud is behind it
        self.kube = KubeWire(identity.server, identity.context)
        await self.cloud.start()
        await self.kube.start()
        self.kubeconfig = self.folder / f"kubeconfig-{self.number}"
        self.kubeconfig.write_text(yaml.safe_dump(_kubeconfig(f"http://127.0.0.1:{self.kube.port}")))

    @property
    def endpoint(self) -> str:
        """Where the operator finds the cloud."""
        return f"http://127.0.0.1:{self.cloud.port}"

    async def stop(self) -> None:
        await self.kill()
        for part in (getattr(self, "cloud", None), getattr(self, "kube", None)):
            if part is not None:
                await part.stop()
        await self.simulator.close()

    # --- the operator ---------------------------------------------------------------------------------------------

    def prepare(self, namespace: str) -> None:
        """What the operators of the next run are started with."""
        self.starts, self.died, self.log = 0, "", self.folder / f"{namespace}.log"
        self._env = {
            "PATH": os.environ.get("PATH", ""),
            "HOME": str(self.folder),
            "TZ": "UTC",
            "KUBECONFIG": str(self.kubeconfig),
            "CLOUDSCALING_LOG_FORMAT": "text",
            "CLOUDSCALING_WATCH_NAMESPACES": namespace,
            "CLOUDSCALING_CLUSTER_NAME": "faults",
            "CLOUDSCALING_OPERATOR_NAMESPACE": OPERATOR_NAMESPACE,
            "CLOUDSCALING_ABSENCE_CONFIRM_S": "1",
            "CLOUDSCALING_CREATE_GRACE_S": "1",
            "CLOUDSCALING_WORKERS": "4",
        }

    async def launch(self) -> None:
        """Start an operator; it is not waited for."""
        self.cloud.frozen = self.kube.frozen = False
        self.cloud.reads.clear()
        self.starts += 1
        with socket.socket() as probe:  # another one at every start: the last may have been given away meanwhile
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        env = {**self._env, "CLOUDSCALING_LISTEN": f"127.0.0.1:{self._port}"}
        self.pid = pid = await self.zygote.fork(env, self.log, self.sabotage)
        self._expected.discard(pid)
        self.started = time.monotonic()
        watcher = asyncio.create_task(self._watch(pid))
        self._watchers.add(watcher)
        watcher.add_done_callback(self._watchers.discard)

    async def kill(self) -> None:
        """kill -9; from this moment nothing of the operator is forwarded."""
        pid, self.pid = self.pid, 0
        if not pid:
            return
        self.cloud.frozen = self.kube.frozen = True
        self._expected.add(pid)
        if self.zygote.alive(pid):
            os.kill(pid, signal.SIGKILL)
        await self.zygote.gone(pid)
        self.killed.set()

    async def _watch(self, pid: int) -> None:
        status = await self.zygote.gone(pid)
        if pid not in self._expected:
            self.died = f"the operator ended by itself, wait status {status}"

    def rests(self, accounts: int) -> bool:
        """The operator has listed the cloud since its start, and has asked and written nothing for a while."""
        quiet = time.monotonic() - max(self.cloud.last, self.kube.written_at, self.started)
        return quiet > QUIET_S and (accounts == 0 or self.cloud.reads >= _TABLES)

    async def has_looked(self, objects: int, accounts: int) -> bool:
        """Wait until a new operator has listed the cloud, looked at everything and come to rest; False: it did not."""
        end = time.monotonic() + LONGEST_QUIET_S
        while time.monotonic() < end and not self.died:
            await asyncio.sleep(0.2)
            quiet = time.monotonic() - max(self.cloud.last, self.kube.last)
            if accounts == 0 and quiet > 2 * QUIET_S:
                return True
            if self.cloud.reads >= _TABLES and quiet > QUIET_S and await self._looks() >= 2 * objects:
                return True
            if self.cloud.reads >= _TABLES and quiet > 3 * QUIET_S:
                return True
        return False

    async def _looks(self) -> float:
        url = f"http://127.0.0.1:{self._port}/metrics"
        try:
            async with aiohttp.ClientSession() as session, session.get(url) as answer:
                found = _COUNT.findall(await answer.text())
        except aiohttp.ClientError:
            return 0.0
        return sum(float(count) for kind, count in found if kind != "cloudaccounts")


def _kubeconfig(server: str) -> dict[str, object]:
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "faults",
        "clusters": [{"name": "faults", "cluster": {"server": server}}],
        "users": [{"name": "faults", "user": {}}],
        "contexts": [{"name": "faults", "context": {"cluster": "faults", "user": "faults"}}],
    }
