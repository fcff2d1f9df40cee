"""One HTTP request to the API server: authenticated, bounded in time, tried again, measured.

Called by the other modules of kube. Knows paths as text and nothing of objects. Only ApiClient of the
`kubernetes` package is used: importing its typed API classes costs 24 MB and brings nothing needed here.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol
from urllib.parse import urlencode

import aiohttp
from kubernetes.aio.client import ApiClient

from cloudscaling import errors
from cloudscaling.core.model import Json
from cloudscaling.kube import answers
from cloudscaling.kube.access import Access

CONNECTIONS = 32
TIMEOUT_S = 30.0
ATTEMPTS = 3
BACKOFF_S = 0.2  # doubled by every attempt

JSON = "application/json"
JSON_PATCH = "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"


class Observer(Protocol):
    """Told how every attempt ended: `resource` as in an RBAC rule, `outcome` "ok" or the name of an error."""

    def kube_called(self, verb: str, resource: str, outcome: str, seconds: float) -> None: ...


class Session:
    """A pool of connections; `close` ends it."""

    def __init__(
        self,
        access: Access,
        *,
        observer: Observer | None = None,
        user_agent: str = "cloudscaling",
        timeout_s: float = TIMEOUT_S,
        backoff_s: float = BACKOFF_S,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.access = access
        access.configuration.connection_pool_maxsize = CONNECTIONS
        self._client: Any = ApiClient(access.configuration)
        self._user_agent = user_agent
        self._observer = observer
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)
        self._backoff_s = backoff_s
        self._sleep = sleep

    async def close(self) -> None:
        await self._client.close()

    async def request(
        self,
        method: str,
        path: str,
        *,
        verb: str,
        resource: str,
        query: Mapping[str, str | int] | None = None,
        body: Json = None,
        content_type: str = JSON,
        accept: str = JSON,
        attempts: int = ATTEMPTS,
    ) -> dict[str, Json]:
        """The decoded answer; repeated while unavailable, so ask only for what may happen twice."""
        url = self.access.configuration.host + path + (f"?{urlencode(query)}" if query else "")
        for attempt in range(attempts):
            headers = {"Accept": accept, "Content-Type": content_type, "User-Agent": self._user_agent}
            try:
                return await self._once(method, url, headers, body, verb=verb, resource=resource)
            except answers.Expired:
                raise
            except errors.KubeUnavailable:
                if attempt + 1 == attempts:
                    raise
            await self._sleep(self._backoff_s * 2**attempt)
        raise AssertionError("unreachable")

    async def _once(
        self, method: str, url: str, headers: dict[str, str], body: Json, *, verb: str, resource: str
    ) -> dict[str, Json]:
        started = time.perf_counter()
        outcome = "Cancelled"
        try:
            await self.access.refresh()
            status, raw = await self._send(method, url, headers, body)
            if status == 401:
                await self.access.refresh(refused=True)
                status, raw = await self._send(method, url, headers, body)
            if status >= 400:
                raise answers.failure(status, raw, verb=verb, resource=resource)
            answer = _decode(raw, f"{verb} {resource}")
            outcome = "ok"
            return answer
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            outcome = "KubeUnavailable"
            raise errors.KubeUnavailable(f"{verb} {resource}: {type(error).__name__} {error}") from error
        except errors.KubeError as error:
            outcome = type(error).__name__
            raise
        finally:
            if self._observer is not None:
                self._observer.kube_called(verb, resource, outcome, time.perf_counter() - started)

    async def _send(self, method: str, url: str, headers: dict[str, str], body: Json) -> tuple[int, bytes]:
        if self.access.authorization:
            headers = {**headers, "Authorization": self.access.authorization}
        answer = await self._client.call_api(
            method, url, header_params=headers, body=body, _request_timeout=self._timeout
        )
        return int(answer.status), await answer.read()


def _decode(raw: bytes, what: str) -> dict[str, Any]:
    try:
        answer = json.loads(raw)
    except ValueError as error:
        raise errors.KubeUnavailable(f"{what}: the answer is not JSON") from error
    if not isinstance(answer, dict):
        raise errors.KubeUnavailable(f"{what}: the answer is not an object")
    return answer
