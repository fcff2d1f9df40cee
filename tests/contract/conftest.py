"""One running simulator per module and vendor, forgotten between tests, and the suite once per vendor.

What a test called is held against proofs.json afterwards, or recorded for it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from typing import Any

import httpx
import proofs
import pytest
from contract_bench import FOREIGN_PROJECT, KEY, OTHER_PROJECT, PROJECT, TEMPORARY, USER, Bench, close_all
from contract_server import served
from contract_subjects import SUBJECTS, Subject

from cloudscaling.ports import Cloud
from cloudsim import accounts
from cloudsim.serve import Endpoints, running
from cloudsim.settings import Settings

_CALLED = pytest.StashKey[set[str]]()
_RECORDED = pytest.StashKey[proofs.Calls]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--record-proofs", action="store_true", help="store which test exercises which operation")


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    if exitstatus == 0 and _recording(session.config):
        proofs.write(session.config.stash.get(_RECORDED, {}))


def _recording(config: pytest.Config) -> bool:
    return bool(config.getoption("--record-proofs", default=False))


async def note_calls(request: pytest.FixtureRequest, bench: Bench) -> None:
    """Remember the operations that the simulator has carried out in this test."""
    log = (await bench.admin.get("/calls/log")).json()
    called = {entry["operation"] for entry in log if entry["status"] < 300} - bench.subject.outside
    request.node.stash.setdefault(_CALLED, set()).update(called)


@pytest.fixture(autouse=True)
def _proofs(request: pytest.FixtureRequest) -> Iterator[None]:
    """Set up first, so that it ends last: the test calls what it is recorded to call."""
    vendor = request.getfixturevalue("subject").vendor if "subject" in request.fixturenames else ""
    yield
    called = request.node.stash.get(_CALLED, set())
    if _recording(request.config):
        calls = request.config.stash.setdefault(_RECORDED, {})
        calls[vendor, request.node.nodeid] = called
    else:
        assert proofs.claimed(vendor, request.node.nodeid) <= called, "run make coverage-table"


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
async def open_bench(request: pytest.FixtureRequest, subject: Subject) -> AsyncIterator[Callable[[Settings], Any]]:
    """Start simulators with settings of the test's own; all end with the test."""
    async with AsyncExitStack() as stack:

        async def start(settings: Settings) -> Bench:
            endpoints = await stack.enter_async_context(running(settings))
            admin = await stack.enter_async_context(httpx.AsyncClient(base_url=endpoints.admin))
            bench = Bench(subject, endpoints, admin)
            stack.push_async_callback(close_all, bench)
            stack.push_async_callback(note_calls, request, bench)
            return bench

        yield start


@pytest.fixture
async def bench(request: pytest.FixtureRequest, subject: Subject, simulator: Endpoints) -> AsyncIterator[Bench]:
    async with httpx.AsyncClient(base_url=simulator.admin) as admin:
        (await admin.post("/reset")).raise_for_status()
        found = Bench(subject, simulator, admin)
        yield found
        await note_calls(request, found)
        await close_all(found)


@pytest.fixture
def cloud(bench: Bench) -> Cloud:
    return bench.cloud
