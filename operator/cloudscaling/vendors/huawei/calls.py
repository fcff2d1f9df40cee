"""How a call goes out: URL, proof, pages, a second try with a new proof. Base of the clients of this folder.

Knows the project and the API versions of the account, because every call needs them; knows no operation but those.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import TypeVar
from urllib.parse import quote, urlencode

import httpx
from pydantic import BaseModel

from cloudscaling import errors
from cloudscaling.ports import AccountConfig
from cloudscaling.vendors import _http
from cloudscaling.vendors._http import Exchange, Reply, decoder
from cloudscaling.vendors._paging import PAGE_ROWS, Marked, Page, collect, collect_marked
from cloudscaling.vendors._redact import Redactor
from cloudscaling.vendors.huawei import errors as codes
from cloudscaling.vendors.huawei import wire
from cloudscaling.vendors.huawei.auth import JSON, Login, Scope

T = TypeVar("T")
Row = TypeVar("Row", bound=BaseModel)
Listing = TypeVar("Listing", bound=BaseModel)
Query = Mapping[str, str | int]

_USABLE = frozenset({"CURRENT", "SUPPORTED"})
_V2 = "v2"


class Calls:
    """The ways to call one account's project."""

    def __init__(
        self, config: AccountConfig, base_url: str, exchange: Exchange, login: Login, redactor: Redactor
    ) -> None:
        self._base_url = base_url
        self._exchange = exchange
        self._login = login
        self._redactor = redactor
        self._project_id = config.project_id
        self._versions: tuple[wire.Version, ...] | None = None
        self._asking = asyncio.Lock()  # what every call needs to know is asked for once, however many wait for it

    # --- what every call needs to know ------------------------------------------------------------------------------

    async def scope(self) -> Scope:
        found = await self._login.scope()
        self._project_id = found.project_id
        return found

    async def list_api_versions(self) -> tuple[wire.Version, ...]:
        """Asked anew; remembered for `has_v2`."""
        try:
            found = await self._get("ListApiVersions", f"{self._base_url}/", wire.Versions, codes.NOTHING)
            self._versions = tuple(found.versions)
        except (errors.Rejected, errors.PermissionDenied):  # an endpoint without the list offers what v1 offers
            self._versions = ()
        return self._versions

    async def show_api_version(self, version: str) -> wire.Version | None:
        """One version by its own answer, which `has_v2` then goes by; None when there is none."""
        url = f"{self._base_url}/{quote(version, safe='')}"
        try:
            found = (await self._get("ShowApiVersion", url, wire.OneVersion, codes.NOTHING)).version
        except (errors.Rejected, errors.PermissionDenied):
            return None
        self._versions = (*(known for known in self._versions or () if known.id != version), found)
        return found

    async def has_v2(self) -> bool:
        async with self._asking:
            known = self._versions if self._versions is not None else await self.list_api_versions()
        return any(version.id == _V2 and version.status.upper() in _USABLE for version in known)

    async def close(self) -> None:
        await self._exchange.close()

    # --- the ways to call --------------------------------------------------------------------------------------------

    async def _url(self, *parts: str, version: str = "v1", query: Query | None = None) -> str:
        """The address of `parts`, each one path segment whatever is in it; version "" is a path without one."""
        async with self._asking:
            if not self._project_id:
                await self.scope()
        head = (version, self._project_id) if version else (self._project_id,)
        path = "/".join(quote(part, safe="") for part in (*head, *parts))
        return f"{self._base_url}/autoscaling-api/{path}" + (f"?{urlencode(query)}" if query else "")

    async def _pages(
        self,
        operation: str,
        url: str,
        shape: type[Listing],
        page: Callable[[Listing], Page[Row]],
        identify: Callable[[Row], str],
        own: frozenset[str] = codes.NOTHING,
    ) -> tuple[Row, ...]:
        async def fetch(start: int) -> Page[Row]:
            query = urlencode({"start_number": start, "limit": PAGE_ROWS})
            return page(await self._get(operation, f"{url}?{query}", shape, own))

        return await collect(operation, fetch, identify)

    async def _marked_pages(
        self,
        operation: str,
        url: str,
        shape: type[Listing],
        page: Callable[[Listing], Marked[Row]],
        identify: Callable[[Row], str],
        own: frozenset[str],
    ) -> tuple[Row, ...]:
        async def fetch(marker: str) -> Marked[Row]:
            query = urlencode({"limit": PAGE_ROWS} | ({"marker": marker} if marker else {}))
            return page(await self._get(operation, f"{url}?{query}", shape, own))

        return await collect_marked(operation, fetch, identify)

    async def _get(self, operation: str, url: str, shape: type[Listing], own: frozenset[str]) -> Listing:
        return await self._call(operation, "GET", url, b"", own, decoder(shape), write=False)

    async def _ask(self, operation: str, url: str, body: wire.Body, shape: type[Listing]) -> Listing:
        """A read whose question is too long for a URL."""
        return await self._call(operation, "POST", url, body.encode(), codes.NOTHING, decoder(shape), write=False)

    async def _make(
        self, operation: str, method: str, url: str, body: wire.Body, shape: type[Listing], own: frozenset[str]
    ) -> Listing:
        """A write whose answer holds the id of what was made."""
        read = decoder(shape, write=True)
        return await self._call(operation, method, url, body.encode(), own, read, write=True)

    async def _write(self, operation: str, method: str, url: str, body: wire.Body | None, own: frozenset[str]) -> None:
        content = body.encode() if body is not None else b""
        await self._call(operation, method, url, content, own, _http.ignore, write=True)

    async def _call(
        self,
        operation: str,
        method: str,
        url: str,
        body: bytes,
        own: frozenset[str],
        read: Callable[[httpx.Response], T],
        *,
        write: bool,
    ) -> T:
        def build(client: httpx.AsyncClient) -> httpx.Request:
            request = client.build_request(method, url, headers=JSON, content=body or None)
            self._login.apply(request, self._project_id)
            return request

        def refusal(reply: Reply) -> errors.CloudError | None:
            return codes.refusal(reply, own, self._redactor)

        used = await self._login.ready()
        try:
            return await self._exchange.send(operation, build, write=write, refusal=refusal, read=read)
        except errors.AuthenticationFailed as failure:
            # A refused proof means that nothing was done, so even a write may be sent again.
            if failure.code not in codes.TOKEN_REFUSED or not await self._login.renew(used):
                raise
        return await self._exchange.send(operation, build, write=write, refusal=refusal, read=read)
