"""The shell of the operator around a store that prints, in a test's loop or as a process of its own.

Used by test_kube_port.py. As a program it shows what a signal or a dead watch does to a process.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from cloudscaling import errors
from cloudscaling.handlers import lifecycle
from cloudscaling.handlers.probes import Probes
from cloudscaling.handlers.watchdog import Watchdog
from cloudscaling.kube.access import Access
from cloudscaling.kube.client import KubeClient
from cloudscaling.kube.session import Session
from cloudscaling.settings import Settings
from cloudscaling.telemetry import logs
from cloudscaling.telemetry.metrics import Metrics
from cloudscaling.telemetry.redaction import Redactor


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()


class Store:
    """Sink and View; `changed` wakes a test that waits."""

    def __init__(self, show: Callable[[str], None] = lambda _: None) -> None:
        self.held: dict[str, dict[tuple[str, str], dict[str, Any]]] = {}
        self.changed = asyncio.Event()
        self._show = show

    def upsert(self, plural: str, obj: dict[str, Any]) -> None:
        name = (obj["metadata"]["namespace"], obj["metadata"]["name"])
        self.held.setdefault(plural, {})[name] = obj
        self._show(f"upsert {plural} {name[1]}")
        self.changed.set()

    def gone(self, plural: str, namespace: str, name: str, uid: str) -> None:
        self.held.get(plural, {}).pop((namespace, name), None)
        self._show(f"gone {plural} {name}")
        self.changed.set()

    def versions(self, plural: str) -> dict[tuple[str, str], tuple[str, str]]:
        held = self.held.get(plural, {}).items()
        return {key: (obj["metadata"]["uid"], obj["metadata"]["resourceVersion"]) for key, obj in held}

    def names(self, plural: str) -> set[str]:
        return {name for _, name in self.held.get(plural, {})}

    async def until(self, condition: Callable[[Store], bool]) -> None:
        async with asyncio.timeout(30):
            while not condition(self):
                self.changed.clear()
                await self.changed.wait()


class Idle:
    """A Runtime with one task that never ends by itself."""

    def __init__(self) -> None:
        self.task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self.task = asyncio.create_task(asyncio.sleep(3600))

    async def stop(self) -> None:
        if self.task is not None:
            self.task.cancel()


class Shell:
    """Everything around kopf that app will put together."""

    def __init__(
        self,
        settings: Settings,
        kube: KubeClient,
        store: Store,
        plurals: tuple[str, ...],
        access: Access | None = None,  # kopf's way to the API server
    ) -> None:
        self.stop = asyncio.Event()
        self.watchdog = Watchdog(
            kube,
            store,
            store,
            SystemClock(),
            period_s=settings.watch_check_s,
            namespaces=settings.watch_namespaces,
            plurals=plurals,
        )
        self.probes = Probes(
            settings.listen_address,
            live=self.watchdog.problem,
            ready=lambda: None if self.watchdog.synced.is_set() else "not synced",
            render=Metrics().render,
        )
        self._run = (settings, Idle(), self.watchdog, self.probes)
        self._more: dict[str, Any] = {"access": access or kube.session.access, "discovery": kube, "plurals": plurals}

    async def run(self) -> None:
        await lifecycle.run(*self._run, **self._more, stop=self.stop)


async def main(plurals: tuple[str, ...]) -> int:
    """The process of the tests above."""
    logs.configure("text", "info", Redactor())
    settings = Settings.load({}, {"listen": "127.0.0.1:0"})
    kube = KubeClient(Session(await Access.load(os.environ)), SystemClock())
    shell = Shell(settings, kube, Store(show=lambda line: print(line, flush=True)), plurals)

    async def tell() -> None:
        await shell.watchdog.synced.wait()
        print("synced", flush=True)

    telling = asyncio.create_task(tell())
    try:
        await shell.run()
    except errors.CloudScalingError as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        telling.cancel()
        await kube.close()
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(tuple(sys.argv[1:]))))
