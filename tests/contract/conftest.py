"""One running simulator per module and vendor, forgotten between tests, and the suite once per vendor."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest
from contract_bench import FOREIGN_PROJECT, KEY, OTHER_PROJECT, PROJECT, TEMPORARY, USER, Bench, close_all
from contract_server import served
from contract_subjects import SUBJECTS, Subject

from cloudscaling.ports import Cloud
from cloudsim import accounts
from cloudsim.serve import Endpoints, running
from cloudsim.settings import Settings


@pytest.fixture(scope="module", params=SUBJECTS, ids=lambda subject: subject.vendor)
def subject(request: pytest.FixtureRequest) -> Subject:
    found: Subject = request.param
    return found


@pytest.fixture(scope="module")
def settings(subject: Subject) -> Settings:
    """A simulator whose time only moves when a test says so."""
    return Settings(
        vendors={subject.simulator: 0},
        keys=(
            accounts.AccessKey(KEY.access_key_id, KEY.secret_access_key, "acme"),
            accounts.AccessKey(TEMPORARY.access_key_id, TEMPORARY.secret_access_key, "acme", TEMPORARY.security_token),
        ),
        users=(accounts.User(USER.username, USER.password, "acme"),),
        projects=(PROJECT, OTHER_PROJECT, FOREIGN_PROJECT),
        quotas={f"{subject.simulator}.groups": 500, f"{subject.simulator}.configurations": 500},
        clock="manual",
    )


@pytest.fixture(scope="module")
def simulator(settings: Settings) -> Iterator[Endpoints]:
    """Shared by the tests of a module; `bench` forgets what the test before left."""
    with served(settings) as endpoints:
        yield endpoints


@pytest.fixture
async def open_bench(subject: Subject) -> AsyncIterator[Callable[[Settings], Any]]:
    """Start simulators with settings of the test's own; all end with the test."""
    async with AsyncExitStack() as stack:

        async def start(settings: Settings) -> Bench:
            endpoints = await stack.enter_async_context(running(settings))
            admin = await stack.enter_async_context(httpx.AsyncClient(base_url=endpoints.admin))
            bench = Bench(subject, endpoints, admin)
            stack.push_async_callback(close_all, bench)
            return bench

        yield start


@pytest.fixture
async def bench(subject: Subject, simulator: Endpoints) -> AsyncIterator[Bench]:
    async with httpx.AsyncClient(base_url=simulator.admin) as admin:
        (await admin.post("/reset")).raise_for_status()
        found = Bench(subject, simulator, admin)
        yield found
        await close_all(found)


@pytest.fixture
def cloud(bench: Bench) -> Cloud:
    return bench.cloud
