"""A simulator of both clouds for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest_asyncio
from cloudsim_client import SETTINGS, Client

from cloudsim import serve


@pytest_asyncio.fixture(loop_scope="function")
async def endpoints() -> AsyncIterator[serve.Endpoints]:
    """Serve a new world on free ports."""
    async with serve.running(SETTINGS) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="function")
async def client(endpoints: serve.Endpoints) -> AsyncIterator[Client]:
    """A client of the Huawei port."""
    async with httpx.AsyncClient(timeout=10) as http:
        yield Client(http, endpoints)
