"""The tasks of the engine: workers, sweeps, resync. Started by handlers.shell, put together by app."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from cloudscaling import errors
from cloudscaling.engine.memory import Memories
from cloudscaling.engine.queue import Key, WorkQueue
from cloudscaling.engine.sessions import Accounts, Realm
from cloudscaling.engine.store import GROUPS, LAUNCHES, POLICIES, Store

logger = logging.getLogger(__name__)

Handler = Callable[[Key], Awaitable[float | None]]

_STALE_RETRY_S = 0.05
_FIRST_RETRY_S = 0.5
_LONGEST_RETRY_S = 60.0
_PAGE = 100  # rows of a list page at every vendor served


class Observer(Protocol):
    """Where finished looks are counted."""

    def reconciled(self, kind: str, seconds: float, error: str = "") -> None: ...

    def sweep_age(self, vendor: str, account: str, age_s: Callable[[], float]) -> None: ...

    def circuit(self, vendor: str, account: str, *, is_open: bool) -> None: ...

    def forget(self, vendor: str, account: str) -> None: ...


@dataclass
class Runtime:
    """Implements handlers.shell.Runtime. Workers begin when the store holds everything that exists."""

    store: Store
    queue: WorkQueue
    accounts: Accounts
    memories: Memories
    handlers: Mapping[str, Handler]  # by plural
    synced: asyncio.Event
    observer: Observer
    prepare: Callable[[], Awaitable[None]]  # runs once before the workers
    workers: int = 16
    resync_s: float = 600.0
    background_share: float = 0.03
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)
    _failures: dict[Key, int] = field(default_factory=dict)

    async def start(self) -> None:
        await self.prepare()
        self._tasks.append(asyncio.create_task(self._begin(), name="begin"))

    async def stop(self) -> None:
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self.queue.close()
        await self.accounts.close_all()

    async def _begin(self) -> None:
        """A rule such as in-use protection must not be applied to half of the objects."""
        await self.synced.wait()
        self._tasks += [asyncio.create_task(self._work(), name=f"worker-{n}") for n in range(self.workers)]
        self._tasks.append(asyncio.create_task(self._resync(), name="resync"))

    # --- workers --------------------------------------------------------------------------------------------------

    async def _work(self) -> None:
        while True:
            key = await self.queue.get()
            try:
                await self._handle(key)
            finally:
                self.queue.done(key)

    async def _handle(self, key: Key) -> None:
        began, failure = time.monotonic(), ""
        try:
            again = await self.handlers[key.plural](key)
        except (errors.Stale, errors.Gone):
            again = self._backoff(key, _STALE_RETRY_S) if self.store.get(key) is not None else None
        except Exception as exc:
            failure = type(exc).__name__
            again = self._backoff(key, _FIRST_RETRY_S)
            logger.log(*_how_loud(exc), exc_info=not isinstance(exc, errors.CloudScalingError), extra={"key": str(key)})
        else:
            self._failures.pop(key, None)
        self.observer.reconciled(key.plural, time.monotonic() - began, failure)
        if again is not None:
            self.queue.add_after(key, again)

    def _backoff(self, key: Key, first_s: float) -> float:
        self._failures[key] = self._failures.get(key, 0) + 1
        longest = min(first_s * 2.0 ** min(self._failures[key], 16), _LONGEST_RETRY_S)
        return longest * random.uniform(0.8, 1.2)  # noqa: S311  jitter

    async def _resync(self) -> None:
        """Every key once per period, spread over it; it costs no call to a cloud."""
        while True:
            await asyncio.sleep(self.resync_s * random.uniform(0.9, 1.1))  # noqa: S311  jitter
            for key in self.store.every():
                self.queue.add_after(key, random.uniform(0, self.resync_s / 2))  # noqa: S311  jitter

    # --- sweeps ---------------------------------------------------------------------------------------------------

    def sweep(self, realm: Realm) -> asyncio.Task[None]:
        """The task that lists a realm again and again; ends with its realm."""
        vendor, owner = realm.key.vendor, realm.key.owner
        self.observer.sweep_age(vendor, owner, realm.fleet.age_s)
        task = asyncio.create_task(self._sweep(realm), name=f"sweep-{vendor}-{owner}")
        task.add_done_callback(lambda _: self.observer.forget(vendor, owner))
        return task

    async def _sweep(self, realm: Realm) -> None:
        credit, first = 0.0, True
        while True:
            try:
                changed = await realm.fleet.sweep()
                self._wake(frozenset() if first else changed | realm.fleet.twins(changed))
                credit = self._background(realm, credit)
                first = False
            except (errors.CloudError, errors.ReadUntrusted) as exc:
                logger.warning("sweep of %s failed: %s", realm.key.owner, exc)
            self.observer.circuit(realm.key.vendor, realm.key.owner, is_open=realm.budget.circuit_open)
            await asyncio.sleep(realm.fleet.timing.idle_s * random.uniform(0.95, 1.05))  # noqa: S311  jitter

    def _wake(self, changed: frozenset[str]) -> None:
        for external_id in changed:
            for plural in (GROUPS, LAUNCHES, POLICIES):
                for stored in self.store.with_external_id(plural, external_id):
                    # A group that moved may have been moved by a policy, whose own row shows nothing of it.
                    policies = self.store.referrers(stored.key, POLICIES) if plural == GROUPS else ()
                    for one in (stored, *policies):
                        self.memories.of(one.key, one.uid).details_due = True
                        self.queue.add(one.key)

    def _background(self, realm: Realm, credit: float) -> float:
        """W10: a few groups per sweep have their instances read, oldest first, never more reads than list pages."""
        groups = [s for row in realm.fleet.groups.rows for s in self.store.with_external_id(GROUPS, row)]
        pages = 1 + len(realm.fleet.groups.rows) // _PAGE
        credit = min(credit + self.background_share * len(groups), float(pages))
        aged = sorted(groups, key=lambda s: self.memories.of(s.key, s.uid).age())
        for stored in aged[: int(credit)]:
            self.memories.of(stored.key, stored.uid).instances_due = True
            self.queue.add(stored.key)
        return credit - min(int(credit), len(aged))


def _how_loud(exc: Exception) -> tuple[int, str]:
    known = isinstance(exc, errors.CloudScalingError)
    return (logging.WARNING if known else logging.ERROR), f"a look failed: {exc}"
