"""`cloudscaling uninstall`: may the operator go, and what would wait for it? Called by entry, for the chart's hook.

Reads and writes the cluster only: no cloud is asked and nothing in one changes. What holds a finalizer of ours can end
only through the operator, so the answer is no while any object exists; with `orphan` the finalizers are taken off, with
the operator stopped before, which would put them on again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TextIO

from cloudscaling import errors
from cloudscaling.api import meta
from cloudscaling.cli.existing import cloud_ids
from cloudscaling.core.model import Json

ENDING_S, LOOK_EVERY_S = 120.0, 1.0  # longer than the grace of the operator's pod
_ATTEMPTS = 5
_LISTED = 100  # objects that a refusal names

# What hangs on something goes before it; the accounts last, because only they tell the names of the Secrets.
_ORDER = tuple(reversed(tuple(meta.KINDS.values())))


class Cluster(Protocol):
    """The part of the Kubernetes client that is needed here."""

    async def served(self) -> frozenset[str]: ...

    async def get(self, plural: str, namespace: str, name: str) -> dict[str, Json]: ...

    async def list_objects(self, plural: str, namespace: str | None) -> tuple[dict[str, Json], ...]: ...

    async def set_finalizers(
        self, plural: str, namespace: str, name: str, finalizers: Sequence[str], *, resource_version: str
    ) -> dict[str, Json]: ...

    async def read_secret(self, namespace: str, name: str) -> tuple[dict[str, bytes], dict[str, Json]]: ...

    async def set_secret_finalizers(
        self, namespace: str, name: str, finalizers: Sequence[str], *, resource_version: str
    ) -> None: ...


class Deployments(Protocol):
    """How the operator is stopped."""

    async def stop(self, namespace: str, deployment: str) -> str: ...

    async def pods(self, namespace: str, selector: str) -> tuple[str, ...]: ...


@dataclass(frozen=True)
class UninstallOptions:
    """What is wanted."""

    namespaces: tuple[str, ...] = ()  # (): all
    orphan: bool = False
    operator: tuple[str, str] | None = None  # namespace and name of the Deployment to stop


@dataclass(frozen=True, slots=True)
class Held:
    """One object of ours."""

    kind: meta.KindMeta
    raw: Mapping[str, Json]

    @property
    def address(self) -> tuple[str, str]:
        metadata = self.raw["metadata"]
        return str(metadata["namespace"]), str(metadata["name"])

    def __str__(self) -> str:
        ending = " (being deleted)" if self.raw["metadata"].get("deletionTimestamp") else ""
        return f"{self.kind.kind} {'/'.join(self.address)}{ending}"


@dataclass
class Uninstall:
    """One run; `run` gives the exit code: 0 the operator may go, 1 it may not."""

    cluster: Cluster
    deployments: Deployments
    options: UninstallOptions
    out: TextIO
    err: TextIO
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def run(self) -> int:
        """What is refused or cannot be done is said on `err`, what was done on `out`."""
        found = await self._objects()
        if not found:
            self._say("no object is left, nothing waits for the operator")
            return 0
        if not self.options.orphan:
            self._refuse(found)
            return 1
        if self.options.operator is not None and not await self._stop(*self.options.operator):
            return 1
        return await self._orphan(await self._objects())

    async def _objects(self) -> list[Held]:
        served = await self.cluster.served()
        found = []
        for kind in _ORDER:
            if kind.plural in served:
                for namespace in self.options.namespaces or (None,):
                    rows = await self.cluster.list_objects(kind.plural, namespace)
                    found += [Held(kind, row) for row in rows]
        return found

    def _refuse(self, found: Sequence[Held]) -> None:
        more = len(found) - _LISTED
        self._complain(f"refused: {len(found)} objects exist, and they can be deleted only while the operator runs:")
        for line in (*found[:_LISTED], *([f"and {more} more"] if more > 0 else [])):
            self._complain(f"  {line}")
        self._complain(
            "Delete them first. To go without it and leave everything in the clouds as it is: --orphan, which the chart"
            " calls uninstall.orphan"
        )

    async def _stop(self, namespace: str, deployment: str) -> bool:
        try:
            selector = await self.deployments.stop(namespace, deployment)
        except errors.Gone:
            return True
        waited = 0.0
        while left := await self.deployments.pods(namespace, selector):
            if waited >= ENDING_S:
                self._complain(f"the operator does not end: {', '.join(left)} in namespace {namespace}")
                return False
            await self.sleep(LOOK_EVERY_S)
            waited += LOOK_EVERY_S
        self._say(f"stopped the operator, Deployment {namespace}/{deployment}")
        return True

    async def _orphan(self, found: Sequence[Held]) -> int:
        accounts = [held for held in found if held.kind.kind == "CloudAccount"]
        for held in found:
            if held not in accounts:
                await self._release(held)
        kept = [name for name in sorted(_secrets(accounts)) if not await self._release_secret(*name)]
        if kept:
            return 1  # the accounts stay: a later run finds the names of the Secrets through them
        for held in accounts:
            await self._release(held)
        self._say(f"{len(found)} objects wait for no operator any more; no cloud was called")
        return 0

    async def _release(self, held: Held) -> None:
        namespace, name = held.address

        async def once() -> None:
            metadata = (await self.cluster.get(held.kind.plural, namespace, name))["metadata"]
            rest, version = _without(metadata, meta.FINALIZER), str(metadata["resourceVersion"])
            if rest is not None:
                await self.cluster.set_finalizers(held.kind.plural, namespace, name, rest, resource_version=version)

        await _insist(once)
        ids = ", ".join(dict.fromkeys(cloud_ids(held.raw)))
        self._say(f"orphaned {held}" + (f"; left in the cloud: {ids}" if ids else ""))

    async def _release_secret(self, namespace: str, name: str) -> bool:
        """Whether nothing of ours holds it now."""

        async def once() -> None:
            _, metadata = await self.cluster.read_secret(namespace, name)
            rest, version = _without(metadata, meta.CREDENTIALS_FINALIZER), str(metadata.get("resourceVersion"))
            if rest is not None:
                await self.cluster.set_secret_finalizers(namespace, name, rest, resource_version=version)
                self._say(f"released Secret {namespace}/{name}")

        try:
            await _insist(once)
        except errors.Forbidden as refusal:
            self._complain(f"Secret {namespace}/{name} keeps the finalizer {meta.CREDENTIALS_FINALIZER}: {refusal}")
            return False
        return True

    def _say(self, text: str) -> None:
        print(text, file=self.out, flush=True)

    def _complain(self, text: str) -> None:
        print(text, file=self.err, flush=True)


async def _insist(once: Callable[[], Awaitable[None]]) -> None:
    """Somebody else may write at the same time; what is gone meanwhile needs nothing."""
    for attempt in range(_ATTEMPTS):
        try:
            return await once()
        except errors.Gone:
            return None
        except errors.Stale:
            if attempt + 1 == _ATTEMPTS:
                raise


def _without(metadata: Mapping[str, Json], finalizer: str) -> list[str] | None:
    """The finalizers of others, None where ours is not among them."""
    held = metadata.get("finalizers") or ()
    return [other for other in held if other != finalizer] if finalizer in held else None


def _secrets(accounts: Iterable[Held]) -> set[tuple[str, str]]:
    """Namespace and name of the Secrets that accounts name, or named before: there is no right to list any."""
    found = set()
    for account in accounts:
        wanted = ((account.raw.get("spec") or {}).get("credentials") or {}).get("secretRef") or {}
        known = (account.raw.get("status") or {}).get("credentials") or {}
        found |= {(account.address[0], str(name)) for name in (wanted.get("name"), known.get("secretName")) if name}
    return found
