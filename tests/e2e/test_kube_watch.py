"""kopf's watches against a real API server: what they feed, how they fail, how the process ends."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import aiohttp
import pytest
from kube_port_cluster import ACCOUNTS, GROUPS, NAMESPACE, PROGRAM, Cluster, cluster, prepared
from kube_port_shell import Shell, Store

from cloudscaling.handlers import watch, watchdog
from cloudscaling.handlers.shell import StartFailed
from cloudscaling.settings import Settings

if TYPE_CHECKING:
    pass

pytestmark = pytest.mark.e2e

__all__ = ["cluster", "prepared"]  # fixtures


async def test_watches_feed_the_store_with_the_rights_of_one_namespace(cluster: Cluster) -> None:
    """Listed, changed, added and deleted; no right on CRDs or namespaces; other namespaces are not seen."""
    cluster.make("watched")
    cluster.make("elsewhere", "default")
    store = Store()
    settings = Settings.load({}, {"watch_namespaces": NAMESPACE, "cluster_name": "e2e", "listen": "127.0.0.1:0"})
    async with cluster.client(cluster.kubeconfig(token=cluster.token("operator"))) as kube:
        shell = Shell(settings, kube, store, watch.PLURALS)
        running = asyncio.create_task(shell.run())
        await store.until(lambda found: "watched" in found.names(ACCOUNTS))
        async with asyncio.timeout(30):
            await shell.watchdog.synced.wait()
        cluster.do("annotate", "cloudaccount", "watched", f"--namespace={NAMESPACE}", "a=b")
        key = (NAMESPACE, "watched")
        await store.until(lambda found: "annotations" in found.held[ACCOUNTS][key]["metadata"])
        cluster.make("added")
        await store.until(lambda found: "added" in found.names(ACCOUNTS))
        cluster.do("delete", "cloudaccount", "watched", f"--namespace={NAMESPACE}")
        await store.until(lambda found: "watched" not in found.names(ACCOUNTS))
        await shell.watchdog.check()
        assert shell.watchdog.problem() is None
        assert "elsewhere" not in store.names(ACCOUNTS)
        assert "managedFields" not in store.held[ACCOUNTS][(NAMESPACE, "added")]["metadata"]
        shell.stop.set()
        await running
    cluster.do("delete", "cloudaccount", "elsewhere", "--namespace=default")


class Relay:
    """A TCP relay to the API server that can fall silent: connections stay open and nothing comes any more."""

    def __init__(self, server: str) -> None:
        self._host, self._port = server.removeprefix("https://").split(":")
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._pumps: set[asyncio.Task[None]] = set()

    def fall_silent(self) -> None:
        self._flowing.clear()

    async def connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        back_reader, back_writer = await asyncio.open_connection(self._host, self._port)
        for source, sink in ((reader, back_writer), (back_reader, writer)):
            pump = asyncio.create_task(self._pump(source, sink))
            self._pumps.add(pump)
            pump.add_done_callback(self._pumps.discard)

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(65536):
                await self._flowing.wait()
                sink.write(data)
                await sink.drain()
        except ConnectionError:
            pass
        finally:
            sink.close()

    async def close(self) -> None:
        for pump in tuple(self._pumps):
            pump.cancel()
        await asyncio.gather(*self._pumps, return_exceptions=True)


async def test_a_silent_watch_is_bridged_and_turns_the_liveness_probe_red(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection stays open and shows nothing: the store gets the change all the same, and /livez tells."""
    monkeypatch.setattr(watchdog, "SETTLE_S", 0.2)
    relay = Relay(cluster.plane.server)
    listener = await asyncio.start_server(relay.connect, "127.0.0.1", 0)
    through = f"https://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    settings = Settings.load({}, {"listen": "127.0.0.1:0", "watch_check_s": 1})
    store = Store()
    async with cluster.client() as kube, cluster.client(cluster.kubeconfig(through)) as slow:
        shell = Shell(settings, kube, store, (ACCOUNTS,), access=slow.session.access)
        running = asyncio.create_task(shell.run())
        async with asyncio.timeout(60), aiohttp.ClientSession() as http:
            await shell.watchdog.synced.wait()
            relay.fall_silent()
            cluster.make("unseen")
            await store.until(lambda found: "unseen" in found.names(ACCOUNTS))
            status, text = 200, ""
            while status == 200:
                await asyncio.sleep(0.1)
                async with http.get(f"http://127.0.0.1:{shell.probes.port}/livez") as answer:
                    status, text = answer.status, await answer.text()
            assert f"the watch of cloudaccounts has not shown {NAMESPACE}/unseen" in text
            shell.stop.set()
            await running
    listener.close()
    await relay.close()


async def test_a_missing_crd_ends_the_start_with_a_clear_message(cluster: Cluster) -> None:
    """kopf alone would warn once and then serve nothing for ever."""
    settings = Settings.load({}, {"listen": "127.0.0.1:0"})
    async with cluster.client() as kube:
        shell = Shell(settings, kube, Store(), (ACCOUNTS, "nosuchthings"))
        with pytest.raises(StartFailed, match=r"does not serve nosuchthings of cloudscaling\.dev"):
            await shell.run()


def spawn(cluster: Cluster, *plurals: str) -> subprocess.Popen[str]:
    environ = {**os.environ, "KUBECONFIG": str(cluster.plane.kubeconfig)}
    command = [sys.executable, "-W", "error", str(PROGRAM), *plurals]
    return subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True)


def read_until(process: subprocess.Popen[str], wanted: str) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        if line.strip() == wanted:
            return
    raise AssertionError(f"the process ended before it said {wanted!r}")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_process_cleanly(cluster: Cluster, number: signal.Signals) -> None:
    """Exit status 0, and long before kopf would lose its patience with forgotten tasks (5 s)."""
    process = spawn(cluster, ACCOUNTS, GROUPS)
    try:
        read_until(process, "synced")
        process.send_signal(number)
        assert process.wait(timeout=4) == 0
    finally:
        process.kill()


def test_a_dead_watch_ends_the_process_with_an_error(cluster: Cluster) -> None:
    """A process that watches nothing must not look alive."""
    cluster.do("apply", "-f", "-", given=THINGS)
    cluster.do("wait", "--for=condition=Established", "--timeout=60s", "crd/things.cloudscaling.dev")
    process = spawn(cluster, "things")
    try:
        read_until(process, "synced")
        cluster.do("delete", "crd", "things.cloudscaling.dev")
        assert process.wait(timeout=60) == 1
    finally:
        process.kill()


THINGS = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "things.cloudscaling.dev"},
    "spec": {
        "group": "cloudscaling.dev",
        "scope": "Namespaced",
        "names": {"plural": "things", "singular": "thing", "kind": "Thing"},
        "versions": [
            {
                "name": "v1alpha1",
                "served": True,
                "storage": True,
                "schema": {"openAPIV3Schema": {"type": "object"}},
            }
        ],
    },
}
