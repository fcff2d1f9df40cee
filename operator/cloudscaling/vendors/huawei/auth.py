"""How a request proves who sends it: signed with an access key, or with a token of the identity service.

Called by client. Both kinds also tell which project and domain the credentials belong to. Secrets and tokens stay
in here: they are in no repr, and the redactor hides them wherever a foreign text repeats them.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from urllib.parse import urlencode

import httpx

from cloudscaling import errors
from cloudscaling.ports import AccountConfig, Clock
from cloudscaling.vendors._http import Exchange, Reply, decoder
from cloudscaling.vendors._redact import Redactor
from cloudscaling.vendors.huawei import signing, wire
from cloudscaling.vendors.huawei.errors import NOTHING, refusal

JSON = {"Content-Type": "application/json"}
RENEW_BEFORE = timedelta(minutes=10)
LONGEST_LIFE = timedelta(hours=24)  # what the vendor promises for a token


@dataclass(frozen=True, slots=True)
class Scope:
    """The project that calls go to, and the domain (the paying account) that owns it."""

    project_id: str
    domain_id: str


class Login(Protocol):
    """One way to prove an identity."""

    async def ready(self) -> int:
        """Have all that `apply` needs, asking the identity service if need be; returns a number for `renew`."""

    def apply(self, request: httpx.Request, project_id: str) -> None:
        """Add the proof to a request that is about to leave."""

    async def renew(self, used: int) -> bool:
        """After a refusal of proof `used`: True when another try makes sense."""

    async def scope(self) -> Scope:
        """Project and domain, always asked anew."""


@dataclass(slots=True)
class Means:
    """What both kinds of login work with."""

    config: AccountConfig
    iam_url: str
    exchange: Exchange
    clock: Clock
    redactor: Redactor = field(repr=False)

    @property
    def project_name(self) -> str:
        """A project is named like its region unless the account says otherwise."""
        return self.config.project_name or self.config.region

    def refusal(self, reply: Reply) -> errors.CloudError | None:
        return refusal(reply, NOTHING, self.redactor)


class AccessKeyLogin:
    """Every request is signed; nothing is to be renewed."""

    def __init__(self, means: Means) -> None:
        self._means = means

    async def ready(self) -> int:
        return 0

    def apply(self, request: httpx.Request, project_id: str) -> None:
        if project_id:
            request.headers["X-Project-Id"] = project_id
        config, now = self._means.config, self._means.clock.now()
        request.headers.update(
            signing.sign(request.method, str(request.url), request.headers, request.content, config.credentials, now)
        )

    async def renew(self, used: int) -> bool:
        return False

    async def scope(self) -> Scope:
        means = self._means
        url = f"{means.iam_url}/v3/projects?{urlencode({'name': means.project_name})}"

        def build(client: httpx.AsyncClient) -> httpx.Request:
            request = client.build_request("GET", url, headers=JSON)
            self.apply(request, "")
            return request

        try:
            found = await means.exchange.send(
                "KeystoneListProjects", build, write=False, refusal=means.refusal, read=decoder(wire.Projects)
            )
        except errors.PermissionDenied:
            if means.config.project_id:  # a project belongs to one domain, so its id alone pins the identity too
                return Scope(means.config.project_id, "")
            raise
        return _choose(found.projects, means)


def _choose(projects: list[wire.Project], means: Means) -> Scope:
    wanted = means.config.project_id
    if wanted:  # an explicit id wins; every project an access key sees belongs to the same domain
        return Scope(wanted, next((p.domain_id for p in projects if p.domain_id), ""))
    found = [p for p in projects if p.name == means.project_name]
    if len(found) != 1:
        raise errors.AuthenticationFailed(
            f"the identity service shows {len(found)} projects named {means.project_name}; set projectId or projectName"
        )
    return Scope(found[0].id, found[0].domain_id)


class KeystoneLogin:
    """A project token, fetched once, renewed before it ends and once after a refusal."""

    def __init__(self, means: Means) -> None:
        self._means = means
        self._lock = asyncio.Lock()
        self._token = self._past_token = ""
        self._good_until = datetime.min.replace(tzinfo=UTC)
        self._scope = Scope("", "")
        self._number = 0

    async def ready(self) -> int:
        async with self._lock:
            if self._means.clock.now() >= self._good_until:
                await self._fetch()
            return self._number

    def apply(self, request: httpx.Request, project_id: str) -> None:
        request.headers["X-Auth-Token"] = self._token

    async def renew(self, used: int) -> bool:
        async with self._lock:
            if used == self._number:  # else another request has done it already
                await self._fetch()
        return True

    async def scope(self) -> Scope:
        async with self._lock:
            await self._fetch()
            return self._scope

    async def _fetch(self) -> None:
        means = self._means
        body = json.dumps(_token_request(means)).encode()

        def build(client: httpx.AsyncClient) -> httpx.Request:
            return client.build_request("POST", f"{means.iam_url}/v3/auth/tokens", headers=JSON, content=body)

        token, known = await means.exchange.send(
            "KeystoneCreateUserTokenByPassword", build, write=False, refusal=means.refusal, read=_read_token
        )
        means.redactor.hide(token)
        means.redactor.forget(self._past_token)  # the last one may still turn up in a late answer
        now = means.clock.now()
        life = min(max(_expiry(known.expires_at, now) - now, timedelta(0)), LONGEST_LIFE)
        self._good_until = now + max(life - RENEW_BEFORE, life / 2)
        self._past_token, self._token = self._token, token
        self._scope = Scope(known.project.id, known.project.domain.id)
        self._number += 1


def _token_request(means: Means) -> dict[str, Any]:
    who, config = means.config.credentials, means.config
    by_id = config.project_id and not config.project_name
    project = {"id": config.project_id} if by_id else {"name": means.project_name}
    user = {"name": who.username, "password": who.password, "domain": {"name": who.domain_name}}
    return {
        "auth": {
            "identity": {"methods": ["password"], "password": {"user": user}},
            "scope": {"project": project},
        }
    }


def _read_token(response: httpx.Response) -> tuple[str, wire.Token]:
    token = response.headers.get("X-Subject-Token", "")
    if not token:
        raise errors.Transient("the identity service answered without a token")
    return token, decoder(wire.OneToken)(response).token


def _expiry(text: str, now: datetime) -> datetime:
    try:
        end = datetime.fromisoformat(text)
    except ValueError:
        return now + LONGEST_LIFE / 2
    return end if end.tzinfo else end.replace(tzinfo=UTC)


def make_login(means: Means) -> Login:
    """The login that the credentials are for."""
    kind: Callable[[Means], Login] = AccessKeyLogin if means.config.credentials.access_key_id else KeystoneLogin
    return kind(means)
