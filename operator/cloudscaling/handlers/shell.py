"""What runs beside kopf: checked, started, stopped. Called by handlers.lifecycle; knows nothing of kopf.

The API server is checked before anything of ours runs, and everything of ours has ended before kopf counts the
tasks that are left.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol

from cloudscaling import errors
from cloudscaling.api import meta
from cloudscaling.handlers.probes import Probes
from cloudscaling.handlers.watchdog import Watchdog


class Runtime(Protocol):
    """The engine's tasks. `stop` must end all of them soon: kopf waits 5 s for tasks that are left."""

    async def start(self) -> None:
        """KubeUnavailable makes it be stopped and started again, any other error ends the process."""

    async def stop(self) -> None:
        """Called more than once, also after a failed start and without one."""


class Discovery(Protocol):
    """Which kinds the API server serves."""

    async def served(self) -> frozenset[str]: ...


class StartFailed(errors.CloudScalingError):
    """The operator cannot work here; the message says what to do."""


class Shell:
    """The engine, the watchdog and the probes of one process."""

    def __init__(
        self,
        runtime: Runtime,
        watchdog: Watchdog,
        probes: Probes,
        discovery: Discovery,
        plurals: Sequence[str],
    ) -> None:
        self.started = False
        self.failure = ""
        self._runtime = runtime
        self._watchdog = watchdog
        self._probes = probes
        self._discovery = discovery
        self._plurals = plurals
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        await self._verify()
        try:
            await self._runtime.start()
        except BaseException:
            await self._runtime.stop()
            raise
        self._task = asyncio.create_task(self._watchdog.run(), name="watchdog")
        self.started = True

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None
        await self._runtime.stop()
        await self._probes.stop()

    async def _verify(self) -> None:
        """The kinds must be served; looked up by discovery, which every identity may do."""
        served = await self._discovery.served()
        missing = [plural for plural in self._plurals if plural not in served]
        if missing:
            raise StartFailed(
                f"the API server does not serve {', '.join(missing)} of {meta.API_VERSION}:"
                " install the CustomResourceDefinitions of this release first"
            )
