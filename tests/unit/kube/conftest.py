"""A session with a scripted API server."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from fake_kube_api import FakeApi

from cloudscaling.kube.access import Access
from cloudscaling.kube.session import Session


@pytest.fixture
async def api() -> AsyncIterator[FakeApi]:
    """The server, with nothing to say yet."""
    fake = FakeApi()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", fake.handle)
    server = TestServer(app, host="127.0.0.1")
    await server.start_server()
    fake.url = str(server.make_url("")).rstrip("/")
    yield fake
    await server.close()


@pytest.fixture
def kubeconfig(tmp_path: Path) -> Callable[..., Path]:
    """Write a kubeconfig for a server and a user."""

    def write(server: str, **user: str) -> Path:
        path = tmp_path / "kubeconfig"
        content = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "c",
            "contexts": [{"name": "c", "context": {"cluster": "k", "user": "u"}}],
            "clusters": [{"name": "k", "cluster": {"server": server}}],
            "users": [{"name": "u", "user": user}],
        }
        path.write_text(json.dumps(content))
        return path

    return write


@pytest.fixture
def pauses() -> list[float]:
    """How long the session wanted to sleep; it never does."""
    return []


@pytest.fixture
async def session(api: FakeApi, kubeconfig: Callable[..., Path], pauses: list[float]) -> AsyncIterator[Session]:
    """A session with the fake server."""

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    access = await Access.load({"KUBECONFIG": str(kubeconfig(api.url, token="first"))})
    opened = Session(access, sleep=sleep)
    yield opened
    await opened.close()
