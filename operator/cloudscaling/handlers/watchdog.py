"""Proves that the watches deliver: compares a metadata-only list with the store, over and over.

Stands between handlers.watch and the store as a Sink, so it knows what the watches really brought. Started
by handlers.lifecycle; app asks `synced` for /readyz and `problem` for /livez. Knows nothing of kopf, specs
or clouds.

A list shows what must be in the store. What is still missing there after a short while is read by name and
put in, so the operator works on; if the watch itself does not bring it within one period, the watch is
silent and `problem` says so. A deletion that the watches missed is put in too and is no problem: a watch
that had to begin again does not tell what vanished in between.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from cloudscaling import errors
from cloudscaling.core.model import Json
from cloudscaling.handlers.watch import PLURALS, Sink
from cloudscaling.ports import Clock, Kube

logger = logging.getLogger(__name__)

SETTLE_S = 5.0  # a watch may be this much behind a list
SYNC_POLL_S = 0.1
SYNC_RELIST_S = 5.0
STUCK_PERIODS = 3

Key = tuple[str, str]  # (namespace, name)


@dataclass(frozen=True, slots=True)
class Version:
    """One state of one object."""

    uid: str
    resource_version: str


class View(Protocol):
    """What the store holds."""

    def versions(self, plural: str) -> Mapping[Key, tuple[str, str]]:
        """(namespace, name) -> (uid, resourceVersion) of every object of the kind."""


@dataclass(frozen=True, slots=True)
class _Missed:
    version: Version
    since: float


class Watchdog:
    """A Sink that passes on, and a task (`run`) that compares."""

    def __init__(
        self,
        kube: Kube,
        sink: Sink,
        view: View,
        clock: Clock,
        *,
        period_s: float,
        namespaces: Sequence[str] = (),
        plurals: Sequence[str] = PLURALS,
        on_missed: Callable[[str, int], None] | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.synced = asyncio.Event()
        self._kube = kube
        self._sink = sink
        self._view = view
        self._clock = clock
        self._period_s = period_s
        self._namespaces: Sequence[str | None] = namespaces or (None,)
        self._plurals = plurals
        self._on_missed = on_missed
        self._sleep = sleep
        self._missed: dict[tuple[str, Key], _Missed] = {}
        self._delivered: set[str] = set()  # uids, kept until the store is synced
        self._round_at = clock.monotonic()

    def upsert(self, plural: str, obj: dict[str, Json]) -> None:
        key, version = _identify(obj["metadata"])
        missed = self._missed.get((plural, key))
        if missed is not None and _reached(version, missed.version):
            del self._missed[(plural, key)]
        if not self.synced.is_set():
            self._delivered.add(version.uid)
        self._sink.upsert(plural, obj)

    def gone(self, plural: str, namespace: str, name: str, uid: str) -> None:
        self._missed.pop((plural, (namespace, name)), None)
        self._sink.gone(plural, namespace, name, uid)

    def problem(self) -> str | None:
        """Why the process should be restarted, or None."""
        now = self._clock.monotonic()
        for (plural, (namespace, name)), missed in self._missed.items():
            if now - missed.since > self._period_s:
                silent = f"the watch of {plural} has not shown {namespace}/{name}"
                return f"{silent} at version {missed.version.resource_version} for {now - missed.since:.0f} s"
        if now - self._round_at > STUCK_PERIODS * self._period_s:
            return f"the check of the watches has not run for {now - self._round_at:.0f} s"
        return None

    async def run(self) -> None:
        """Until cancelled: first wait until the store holds everything, then check every period."""
        await self.sync()
        while True:
            await self._sleep(self._period_s)
            await self.check()

    async def sync(self) -> None:
        """Return when every object that exists has reached the store once."""
        while not await self._sync_once():
            self._round_at = self._clock.monotonic()
        self._round_at = self._clock.monotonic()
        self.synced.set()
        self._delivered.clear()

    async def check(self) -> None:
        """One comparison of all kinds; a kind that cannot be listed is left for the next one."""
        for plural in self._plurals:
            try:
                await self._check(plural)
            except errors.KubeError as error:
                logger.warning("the watch of %s was not checked: %s", plural, error)
        self._round_at = self._clock.monotonic()

    async def _sync_once(self) -> bool:
        """List once and wait for the store; False when it is time for a new list."""
        try:
            listed = {plural: await self._list(plural) for plural in self._plurals}
        except errors.KubeError as error:
            logger.warning("the store is not synced yet: %s", error)
            await self._sleep(SYNC_RELIST_S)
            return False
        waited = 0.0
        while any(self._has_gaps(plural, found) for plural, found in listed.items()):
            if waited >= SYNC_RELIST_S:
                return False
            await self._sleep(SYNC_POLL_S)
            waited += SYNC_POLL_S
        return True

    def _has_gaps(self, plural: str, listed: Mapping[Key, Version]) -> bool:
        """Whether an object has not arrived; one that the store refused has, or it would hold up all others."""
        stored = {uid for uid, _ in self._view.versions(plural).values()}
        return any(found.uid not in stored | self._delivered for found in listed.values())

    async def _check(self, plural: str) -> None:
        listed = await self._list(plural)
        self._forget_deleted(plural, listed)
        if not any(self._differences(plural, listed)):
            return
        await self._sleep(SETTLE_S)
        behind, extra = self._differences(plural, listed)
        mended = [key for key in behind if await self._mend(plural, key)]
        for key, uid in extra.items():
            await self._confirm_deleted(plural, key, uid)
        self._remember(plural, {key: behind[key] for key in mended})

    def _differences(self, plural: str, listed: Mapping[Key, Version]) -> tuple[dict[Key, Version], dict[Key, str]]:
        """(what the store does not hold yet, uids that it holds and the list does not)."""
        stored = {key: Version(*known) for key, known in self._view.versions(plural).items()}
        behind = {key: found for key, found in listed.items() if key not in stored or not _reached(stored[key], found)}
        extra = {key: known.uid for key, known in stored.items() if key not in listed}
        return behind, extra

    async def _mend(self, plural: str, key: Key) -> bool:
        """Put in what the watch did not bring; False when it has been deleted since."""
        try:
            found = await self._kube.get(plural, *key)
        except errors.Gone:
            return False
        self._sink.upsert(plural, found)
        return True

    def _remember(self, plural: str, mended: Mapping[Key, Version]) -> None:
        """Expect these of the watch from now on; what the store refuses is not the watch's fault."""
        still_behind, _ = self._differences(plural, mended)
        missed = {key: version for key, version in mended.items() if key not in still_behind}
        for key, version in missed.items():
            logger.warning("the watch of %s has not shown %s/%s yet", plural, *key)
            self._missed.setdefault((plural, key), _Missed(version, self._clock.monotonic()))
        if missed and self._on_missed is not None:
            self._on_missed(plural, len(missed))

    async def _confirm_deleted(self, plural: str, key: Key, uid: str) -> None:
        """A list alone may be older than the object: only a read by name proves that it is gone."""
        try:
            found = await self._kube.get(plural, *key)
        except errors.Gone:
            logger.info("%s %s/%s was deleted without the watch showing it", plural, *key)
            self._sink.gone(plural, *key, uid)
            return
        if found["metadata"]["uid"] != uid:
            self._sink.upsert(plural, found)

    def _forget_deleted(self, plural: str, listed: Mapping[Key, Version]) -> None:
        for known, key in list(self._missed):
            if known == plural and key not in listed:
                del self._missed[(plural, key)]

    async def _list(self, plural: str) -> dict[Key, Version]:
        found: dict[Key, Version] = {}
        for namespace in self._namespaces:
            found.update(_identify(item) for item in await self._kube.list_metadata(plural, namespace))
        return found


def _identify(metadata: Mapping[str, Json]) -> tuple[Key, Version]:
    key = (metadata.get("namespace", ""), metadata["name"])
    return key, Version(metadata["uid"], metadata["resourceVersion"])


def _reached(known: Version, wanted: Version) -> bool:
    """Whether `known` is at least as new; versions of one object are numbers that grow."""
    if known.uid != wanted.uid:
        return False
    try:
        return int(known.resource_version) >= int(wanted.resource_version)
    except ValueError:
        return known.resource_version == wanted.resource_version
