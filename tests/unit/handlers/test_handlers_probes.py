"""The listener that the kubelet and Prometheus ask."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from cloudscaling.handlers.probes import Probes
from cloudscaling.telemetry.metrics import Metrics


class World:
    """What the probes are told."""

    live: str | None = None
    ready: str | None = "store not synced"


@pytest.fixture
def world() -> World:
    """Alive and not ready."""
    return World()


@pytest.fixture
async def base(world: World) -> AsyncIterator[str]:
    """Address of a running listener."""
    probes = Probes(
        ("127.0.0.1", 0),
        live=lambda: world.live,
        ready=lambda: world.ready,
        render=Metrics().render,
    )
    await probes.start()
    yield f"http://127.0.0.1:{probes.port}"
    await probes.stop()
    await probes.stop()


async def ask(url: str, **headers: str) -> tuple[int, str, str]:
    async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as answer:
        return answer.status, await answer.text(), answer.headers["Content-Type"]


async def test_probes_follow_their_checks(base: str, world: World) -> None:
    """Asked anew each time; the reason is in the body."""
    assert (await ask(f"{base}/livez"))[:2] == (200, "ok\n")
    assert (await ask(f"{base}/readyz"))[:2] == (503, "store not synced\n")
    world.ready, world.live = None, "the watch is silent"
    assert (await ask(f"{base}/readyz"))[0] == 200
    assert (await ask(f"{base}/livez"))[:2] == (503, "the watch is silent\n")


async def test_metrics_are_served_beside_them(base: str) -> None:
    """In the format that was asked for."""
    status, body, content_type = await ask(f"{base}/metrics")
    assert (status, content_type.split(";")[0]) == (200, "text/plain")
    assert "process_resident_memory_bytes" in body
    _, body, content_type = await ask(f"{base}/metrics", Accept="application/openmetrics-text")
    assert content_type.startswith("application/openmetrics-text")


async def test_nothing_else_is_served(base: str) -> None:
    """No index, no debugging."""
    assert (await ask(base + "/"))[0] == 404
