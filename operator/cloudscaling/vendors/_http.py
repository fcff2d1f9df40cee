"""The one place that sends a request to a cloud. Called by every vendor's client; knows no vendor.

Rule 1: neither headers nor bodies are logged, put into an error or kept.
Rule 2: what cannot have reached the cloud is Transient; what can have is OutcomeUnknown when it was a write.
Rule 3: nothing but errors of cloudscaling.errors leaves, and the gate hears how every request ended.
"""

from __future__ import annotations

import asyncio
import functools
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from cloudscaling import errors
from cloudscaling.ports import AccountConfig, Clock, Gate
from cloudscaling.vendors._redact import Redactor

T = TypeVar("T")
Model = TypeVar("Model", bound=BaseModel)

USER_AGENT = "cloud-scaling-operator"
LIMITS = httpx.Limits(max_connections=20, max_keepalive_connections=10, keepalive_expiry=5.0)
LONGEST_CONNECT_S = 10.0

# Failures before the first byte of a request left; every other failure of the transport counts as after it.
NOT_SENT = (
    httpx.ConnectError,  # refused, no route, unknown name, TLS
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
    httpx.InvalidURL,
)


@dataclass(frozen=True, slots=True)
class Reply:
    """What is known of an answer when it is translated into an error."""

    status: int
    body: bytes
    retry_after: float | None
    write: bool


def make_client(config: AccountConfig, transport: httpx.AsyncBaseTransport | None = None) -> httpx.AsyncClient:
    """A client of one account: timeouts, trusted CAs, proxies of the environment, no redirects."""
    seconds = config.request_timeout_s
    waiting = min(LONGEST_CONNECT_S, seconds / 2)
    return httpx.AsyncClient(
        timeout=httpx.Timeout(seconds, connect=waiting, pool=waiting),
        limits=LIMITS,
        headers={"User-Agent": USER_AGENT, "Accept": "application/json"},
        verify=_trust(config.ca_pem),
        transport=transport,
        trust_env=True,
        follow_redirects=False,
    )


@functools.lru_cache(maxsize=32)
def _trust(ca_pem: str) -> ssl.SSLContext:
    """The usual CAs, those of the system and the account's own; shared because it is slow to build."""
    context = httpx.create_ssl_context()
    context.load_default_certs()
    if ca_pem:
        context.load_verify_locations(cadata=ca_pem)
    return context


class Exchange:
    """Sends requests of one account: gate, last-moment signature, translation, gate."""

    def __init__(
        self,
        config: AccountConfig,
        gate: Gate,
        clock: Clock,
        redactor: Redactor,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._config = config
        self._transport = transport
        self._client: httpx.AsyncClient | None = None
        self._gate = gate
        self._clock = clock
        self._redactor = redactor

    async def send(
        self,
        operation: str,
        request: Callable[[httpx.AsyncClient], httpx.Request],
        *,
        write: bool,
        refusal: Callable[[Reply], errors.CloudError | None],
        read: Callable[[httpx.Response], T],
    ) -> T:
        """One request and its decoded answer; `request` is called when the gate opens, so a signature is fresh."""
        await self._gate.enter(operation, write=write)
        started = self._clock.monotonic()
        error: Exception | None = None
        try:
            response = await self._answer(request, write=write)
            self._raise_refusal(response, refusal, write=write)
            return read(response)
        except Exception as failure:
            error = failure
            raise
        except BaseException:  # cancelled in flight
            error = _lost("cancelled", write=write)
            raise
        finally:
            seconds = self._clock.monotonic() - started
            self._gate.leave(operation, write=write, error=error, seconds=seconds)

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()

    def _open(self) -> httpx.AsyncClient:
        """Made by the first request, so that an unusable CA or proxy is an error of a call like any other."""
        if self._client is None:
            try:
                self._client = make_client(self._config, self._transport)
            except ssl.SSLError as failure:
                raise errors.Rejected("tls.caRef holds no certificate that can be used") from failure
            except (ValueError, httpx.InvalidURL) as failure:
                raise errors.Rejected(f"the proxy of the environment cannot be used: {self._why(failure)}") from failure
        return self._client

    async def _answer(self, request: Callable[[httpx.AsyncClient], httpx.Request], *, write: bool) -> httpx.Response:
        client = self._open()
        try:
            async with asyncio.timeout(self._config.request_timeout_s):  # httpx limits phases; this limits their sum
                return await client.send(request(client))
        except NOT_SENT as failure:
            raise errors.Transient(f"not sent: {self._why(failure)}") from failure
        except (httpx.RequestError, TimeoutError) as failure:
            raise _lost(self._why(failure), write=write) from failure

    def _raise_refusal(
        self, response: httpx.Response, refusal: Callable[[Reply], errors.CloudError | None], *, write: bool
    ) -> None:
        wait = retry_after_s(response.headers.get("Retry-After", ""), self._clock.now())
        found = refusal(Reply(response.status_code, response.content, wait, write))
        if found is not None:
            raise found

    def _why(self, failure: Exception) -> str:
        return self._redactor.clean(f"{type(failure).__name__} {failure}".strip())


def _lost(why: str, *, write: bool) -> errors.CloudError:
    if write:
        return errors.OutcomeUnknown(f"sent, but no answer came: {why}")
    return errors.Transient(f"no answer: {why}")


def decoder(model: type[Model], *, write: bool = False) -> Callable[[httpx.Response], Model]:
    """A reader of JSON answers; one that cannot be understood is never taken for an empty one."""

    def read(response: httpx.Response) -> Model:
        try:
            return model.model_validate_json(response.content)
        except ValidationError as failure:
            where = ".".join(str(part) for part in failure.errors()[0]["loc"])
            kind = errors.OutcomeUnknown if write else errors.Transient
            raise kind(
                f"status {response.status_code}, but the answer is not as expected: {where or 'no JSON'}"
            ) from None

    return read


def ignore(_: httpx.Response) -> None:
    """A reader for answers whose body means nothing."""


def retry_after_s(header: str, now: datetime) -> float | None:
    """Seconds that a Retry-After header asks for, whether it gives seconds or a date."""
    if not header:
        return None
    if header.strip().isdigit():
        return float(header)
    try:
        until = parsedate_to_datetime(header)
    except ValueError:
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(0.0, (until - now).total_seconds())
