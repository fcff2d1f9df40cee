"""The process shell: kopf's settings, login, start, stop. `run` is called by app and returns when it is over.

kopf watches and handles signals; everything else is a Runtime that it starts and stops. A dead watch ends the
process (kopf raises), and the next one begins with a full list: there is nothing to repair in between.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import kopf

from cloudscaling import errors
from cloudscaling.handlers import watch
from cloudscaling.handlers.probes import Probes
from cloudscaling.handlers.shell import Discovery, Runtime, Shell, StartFailed
from cloudscaling.handlers.watchdog import Watchdog
from cloudscaling.kube.access import Access
from cloudscaling.settings import Settings

logger = logging.getLogger(__name__)

START_TIMEOUT_S = 60.0
START_RETRY_S = 2.0
# kopf takes its finalizer off every object it watches, so it must be a name that nobody uses.
UNUSED_FINALIZER = "cloudscaling.dev/kopf-unused"
# Only peering, which is off, would use it; kopf's own holds the user's name, and the user of a pod has none.
IDENTITY = "cloudscaling"


class Ended(errors.CloudScalingError):
    """kopf has ended though nobody asked it to."""


async def run(
    settings: Settings,
    runtime: Runtime,
    watchdog: Watchdog,
    probes: Probes,
    *,
    access: Access,
    discovery: Discovery,
    plurals: Sequence[str] = watch.PLURALS,
    stop: asyncio.Event | None = None,
) -> None:
    """Return after SIGTERM, SIGINT or `stop`; in every other case raise, for an exit status that is not 0.

    `stop` is set at the end in any case.
    """
    stop = stop or asyncio.Event()
    died: list[asyncio.Task[Any]] = []

    def ended(task: asyncio.Task[Any]) -> None:
        """All of kopf ends with the first of its tasks; its waiter for `stop` would hold it up for 5 s."""
        if not stop.is_set():
            died.append(task)
            stop.set()

    shell = Shell(runtime, watchdog, probes, discovery, plurals)
    registry = kopf.OperatorRegistry()
    watch.register(registry, watchdog, plurals)
    register(registry, shell, access)
    try:
        await probes.start()
        existing = asyncio.all_tasks()
        tasks = await kopf.spawn_tasks(
            registry=registry,
            settings=kopf_settings(),
            clusterwide=not settings.watch_namespaces,
            namespaces=settings.watch_namespaces,
            identity=IDENTITY,  # type: ignore[arg-type]  # kopf does not export the type, a name for str
            stop_flag=stop,
        )
        for task in tasks:
            task.add_done_callback(ended)
        with _signals(stop):
            await kopf.run_tasks(tasks, ignored=existing)
    except Exception as error:
        if not shell.started:
            raise StartFailed(shell.failure or str(error)) from error
        raise Ended(f"a watch has failed: {error}") from error
    finally:
        await shell.stop()
    if died:
        raise Ended(f"kopf has ended by itself: {died[0].get_name()}")


def register(registry: kopf.OperatorRegistry, shell: Shell, access: Access) -> None:
    """kopf's handlers of the process itself."""

    @kopf.on.login(registry=registry, id="login")
    async def login(**_: Any) -> kopf.ConnectionInfo:
        await access.refresh(refused=True)
        known = access.connection
        return kopf.ConnectionInfo(
            server=known.server,
            ca_path=known.ca_path,
            insecure=known.insecure,
            scheme=known.scheme or None,
            token=known.token or None,
            certificate_path=known.certificate_path,
            private_key_path=known.private_key_path,
            proxy_url=known.proxy,
            trust_env=known.trust_env,
        )

    @kopf.on.startup(registry=registry, id="start", timeout=START_TIMEOUT_S)
    async def start(**_: Any) -> None:
        try:
            await shell.start()
        except errors.KubeUnavailable as error:
            shell.failure = str(error)
            raise kopf.TemporaryError(str(error), delay=START_RETRY_S) from error
        except Exception as error:
            # kopf would try anything else again for ever while the process looks alive
            shell.failure = str(error) or type(error).__name__
            raise kopf.PermanentError(shell.failure) from error

    @kopf.on.cleanup(registry=registry, id="stop")
    async def cleanup(**_: Any) -> None:
        await shell.stop()


def kopf_settings() -> kopf.OperatorSettings:
    settings = kopf.OperatorSettings()
    settings.peering.standalone = True
    settings.posting.enabled = False
    settings.scanning.disabled = True  # no right to watch CRDs or namespaces is needed
    settings.persistence.finalizer = UNUSED_FINALIZER
    settings.networking.request_timeout = 30
    settings.networking.connect_timeout = 10
    settings.watching.connect_timeout = 10
    settings.watching.chunk_size = 500
    return settings


@contextmanager
def _signals(stop: asyncio.Event) -> Iterator[None]:
    """SIGTERM and SIGINT set `stop`, in place of kopf's handlers, which tell nobody that they were called."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    numbers = (signal.SIGTERM, signal.SIGINT)
    for number in numbers:
        loop.add_signal_handler(number, _asked, stop, number)
    try:
        yield
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)


def _asked(stop: asyncio.Event, number: signal.Signals) -> None:
    logger.info("stopping", extra={"signal": number.name})
    stop.set()
