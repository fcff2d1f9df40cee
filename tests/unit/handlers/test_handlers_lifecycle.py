"""Start and stop of what runs beside kopf; the whole process is tested end to end."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from handlers_fakes import Clock, Cluster, Store

from cloudscaling import errors
from cloudscaling.handlers import lifecycle
from cloudscaling.handlers.probes import Probes
from cloudscaling.handlers.shell import Shell, StartFailed
from cloudscaling.handlers.watchdog import Watchdog
from cloudscaling.kube.access import Access
from cloudscaling.settings import Settings

SERVED = frozenset({"scalinggroups"})


class Discovery:
    """Says what is served, or that nobody answers."""

    def __init__(self, served: frozenset[str] = SERVED) -> None:
        self.plurals = served
        self.error: errors.KubeError | None = None
        self.asked = 0

    async def served(self) -> frozenset[str]:
        self.asked += 1
        if self.error:
            raise self.error
        return self.plurals


class Runtime:
    """Writes down what is asked of it."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.error: Exception | None = None

    async def start(self) -> None:
        self.calls.append("start")
        if self.error:
            raise self.error

    async def stop(self) -> None:
        self.calls.append("stop")


class Rig:
    """A shell over fakes."""

    def __init__(self) -> None:
        self.runtime, self.discovery, store = Runtime(), Discovery(), Store()
        plurals = ("scalinggroups",)
        self.watchdog = Watchdog(
            Cluster(),  # type: ignore[arg-type]  # two calls of the port
            store,
            store,
            Clock(),
            period_s=300,
            plurals=plurals,
        )
        self.probes = Probes(
            ("127.0.0.1", 0), live=lambda: None, ready=lambda: None, render=lambda _: (b"", "text/plain")
        )
        self.shell = Shell(self.runtime, self.watchdog, self.probes, self.discovery, plurals)

    async def run(self, access: Access) -> None:
        await lifecycle.run(
            Settings.load({}),
            self.runtime,
            self.watchdog,
            self.probes,
            access=access,
            discovery=self.discovery,
            plurals=("scalinggroups",),
        )


@pytest.fixture
def rig() -> Rig:
    """Everything is fine."""
    return Rig()


@pytest.fixture
async def access(tmp_path: Path) -> Access:
    """A kubeconfig of a server that nobody must ask."""
    path = tmp_path / "kubeconfig"
    content = {
        "current-context": "c",
        "contexts": [{"name": "c", "context": {"cluster": "k", "user": "u"}}],
        "clusters": [{"name": "k", "cluster": {"server": "http://127.0.0.1:1"}}],
        "users": [{"name": "u", "user": {}}],
    }
    path.write_text(json.dumps(content))
    return await Access.load({"KUBECONFIG": str(path)})


async def test_start_checks_the_kinds_before_anything_runs(rig: Rig) -> None:
    """A missing CRD is told with its remedy, and no task is left."""
    rig.discovery.plurals = frozenset({"pods"})
    with pytest.raises(StartFailed, match=r"does not serve scalinggroups .* install the Custom"):
        await rig.shell.start()
    assert rig.runtime.calls == []


async def test_start_and_stop_bring_and_take_the_watchdog(rig: Rig) -> None:
    """Stopping twice is harmless: kopf's cleanup and the end of run both do it."""
    await rig.shell.start()
    assert "watchdog" in {task.get_name() for task in asyncio.all_tasks()}
    await rig.shell.stop()
    await rig.shell.stop()
    assert "watchdog" not in {task.get_name() for task in asyncio.all_tasks()}
    assert rig.runtime.calls == ["start", "stop", "stop"]


async def test_a_half_started_runtime_is_stopped(rig: Rig) -> None:
    """It may be started again."""
    rig.runtime.error = errors.KubeUnavailable("down")
    with pytest.raises(errors.KubeUnavailable):
        await rig.shell.start()
    assert rig.runtime.calls == ["start", "stop"]


async def test_an_api_server_that_is_late_is_waited_for(
    rig: Rig, access: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    """But not for ever: the process ends with the reason."""
    monkeypatch.setattr(lifecycle, "START_RETRY_S", 0.01)
    monkeypatch.setattr(lifecycle, "START_TIMEOUT_S", 0.1)
    rig.discovery.error = errors.KubeUnavailable("get /apis: connection refused")
    with pytest.raises(StartFailed, match="connection refused"):
        await rig.run(access)
    assert rig.discovery.asked > 1


async def test_a_user_without_a_name_will_do(rig: Rig, access: Access, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pod runs as a number that /etc/passwd does not hold."""

    def nameless() -> str:
        raise KeyError("getpwuid(): uid not found: 65532")

    monkeypatch.setattr("getpass.getuser", nameless)
    rig.runtime.error = RuntimeError("got as far as this")
    with pytest.raises(StartFailed, match="got as far as this"):
        await rig.run(access)


async def test_a_start_that_cannot_succeed_ends_the_process_at_once(rig: Rig, access: Access) -> None:
    """kopf would repeat an unknown error every minute while the process looks alive."""
    rig.runtime.error = RuntimeError("bad key")
    with pytest.raises(StartFailed, match="bad key"):
        await rig.run(access)
    assert rig.runtime.calls[0] == "start"
    assert rig.runtime.calls[-1] == "stop"
    assert rig.discovery.asked == 1
