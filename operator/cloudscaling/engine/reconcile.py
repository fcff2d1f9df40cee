"""One look at one object: facts, plan, status, at most one call, status. Called by the workers of engine.runtime.

The order is the whole safety: the finalizer before anything, the intent before the call, the result right after
it and retried until it is stored. A kill between any two lines is repaired by the next look.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, cast

from cloudscaling import errors
from cloudscaling.api.meta import FINALIZER
from cloudscaling.core import holding, transitions
from cloudscaling.core.calls import CloudCall, KubeCall, SeedDesiredCapacity, name_of
from cloudscaling.core.facts import Account, Setback, Timing
from cloudscaling.core.group import planner as group
from cloudscaling.core.group import status as group_status
from cloudscaling.core.holding import stop_loop
from cloudscaling.core.launch import planner as launch
from cloudscaling.core.launch import status as launch_status
from cloudscaling.core.operation import planner as operation
from cloudscaling.core.operation import status as operation_status
from cloudscaling.core.plan import Do, Notice, Plan
from cloudscaling.core.policy import planner as policy
from cloudscaling.core.policy import status as policy_status
from cloudscaling.core.resource import evolve
from cloudscaling.core.verdict import false, is_true, settle, true
from cloudscaling.engine import held_up, setbacks
from cloudscaling.engine.apply import call_cloud, fill_in
from cloudscaling.engine.kube_calls import KubeCalls
from cloudscaling.engine.look.base import Looker
from cloudscaling.engine.look.group import look_at_group
from cloudscaling.engine.look.launch import look_at_launch
from cloudscaling.engine.look.operation import is_running, look_at_operation
from cloudscaling.engine.look.policy import look_at_policy
from cloudscaling.engine.memory import Memories, Memory
from cloudscaling.engine.notices import Notices
from cloudscaling.engine.queue import Key
from cloudscaling.engine.sessions import Session
from cloudscaling.engine.store import GROUPS, LAUNCHES, OPERATIONS, POLICIES, Store, Stored, references
from cloudscaling.ports import Clock, Kube

logger = logging.getLogger(__name__)

_STARTING_S = 5.0
_STORE_RETRY_S = (0.2, 0.5, 1.0, 2.0, 5.0)


def _none(old: object, new: object) -> tuple[Notice, ...]:
    return ()


def _always(stored: Stored) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind is looked at, planned and shown."""

    look: Callable[[Looker, Stored], Awaitable[Any]]
    plan: Callable[[Any], Plan]
    project: Callable[[Any, Plan], Any]
    transitions: Callable[[Any, Any], tuple[Notice, ...]] = _none
    holds: Callable[[Stored], bool] = _always  # whether the object needs our finalizer
    patient: bool = True  # False: what a failed call did after all is looked for at the pace of an active group


@dataclass
class Reconciler:
    """The loop body for the kinds that own a cloud object."""

    kube: Kube
    store: Store
    looker: Looker
    memories: Memories
    notices: Notices
    clock: Clock
    wake: Callable[[Key], None]
    kinds: Mapping[str, Kind] = field(init=False)
    calls: KubeCalls = field(init=False)
    _locks: dict[Key, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))

    def __post_init__(self) -> None:
        self.calls = KubeCalls(self.kube, self.store)
        self.kinds = {
            LAUNCHES: Kind(look_at_launch, launch.plan, launch_status.project, transitions.of_launch),
            GROUPS: Kind(look_at_group, group.plan, group_status.project, transitions.of_group),
            POLICIES: Kind(look_at_policy, policy.plan, policy_status.project, transitions.of_policy),
            OPERATIONS: Kind(
                look_at_operation, operation.plan, operation_status.project, holds=is_running, patient=False
            ),
        }

    async def __call__(self, key: Key) -> float | None:
        """Do the next thing for `key`; seconds until it is to be looked at again, None when nothing is due."""
        stored = self.store.get(key)
        if stored is None:
            self.memories.forget(key)
            lock = self._locks.get(key)
            if lock is not None and not lock.locked():  # a policy or operation of the group may hold it
                del self._locks[key]
            return None
        async with self._locks[_lock_key(stored)]:
            newest = self.store.get(key)  # others that share the lock may have written it meanwhile
            return await self._reconcile(newest) if newest is not None else None

    async def _reconcile(self, stored: Stored) -> float | None:
        stored = await self._with_finalizer(stored)
        if self.looker.is_starting(stored):
            return _STARTING_S  # the account wakes us; until then what the last process said stands
        kind, memory = self.kinds[stored.key.plural], self.memories.of(stored.key, stored.uid)
        facts = await kind.look(self.looker, stored)
        plan = self._without_loop(kind.plan(facts), facts, memory)
        setbacks.forget(memory, facts, plan)
        if memory.setback is None and is_true(stored.resource.status.conditions, "Throttled"):
            plan = plan.with_(false("Throttled", "NotThrottled"))
        status = kind.project(facts, plan)
        happened = _happened(kind, stored.resource.status, status)
        if stored.key.plural == OPERATIONS and stored.resource.status.current_batch and not status.current_batch:
            self._tell_others(stored, self.clock.now())  # also after a restart, which has forgotten the write
        stored = await self.calls.write_status(stored, status, stored.version)
        await self.notices.post(stored, (*plan.notices, *happened))
        if plan.step is None:
            return plan.wait_s
        return await self._carry_out(stored, kind, facts, plan, plan.step, memory)

    def _without_loop(self, plan: Plan, facts: Any, memory: Memory) -> Plan:
        """W6; what does not go away is set back like a refusal, so that other writes need not wait for it."""
        stopped = stop_loop(plan, memory.written, generation=facts.generation, now=facts.now)
        if stopped is plan or plan.step is None or stopped.synced is None or stopped.wait_s is None:
            return plan
        until, call = facts.now + timedelta(seconds=stopped.wait_s), name_of(plan.step.call)
        looping = Setback("UpdateLoop", stopped.synced.message, facts.generation, until, call=call)
        setbacks.remember(memory, looping, plan.step.call)
        return replace(stopped, wait_s=1.0)

    async def _with_finalizer(self, stored: Stored) -> Stored:
        if stored.deleting or FINALIZER in stored.finalizers or not self.kinds[stored.key.plural].holds(stored):
            return stored
        self.memories.of(stored.key, stored.uid).newborn = True
        return await self.calls.set_finalizers(stored, (*stored.finalizers, FINALIZER))

    # --- the one call ---------------------------------------------------------------------------------------------

    async def _carry_out(
        self, stored: Stored, kind: Kind, facts: Any, plan: Plan, step: Do, memory: Memory
    ) -> float | None:
        seeds = isinstance(step.call, SeedDesiredCapacity)
        if not isinstance(step.call, KubeCall):
            return await self._call(stored, kind, facts, plan, step, memory)
        if seeds and memory.seeded == facts.generation:
            return plan.wait_s  # the watch may lag behind, and others write the field as well
        await self.notices.post(stored, step.notices)
        await self.calls.carry_out(stored, step.call)
        memory.seeded = facts.generation if seeds else memory.seeded
        return plan.wait_s

    async def _call(self, stored: Stored, kind: Kind, facts: Any, plan: Plan, step: Do, memory: Memory) -> float | None:
        session = self.looker.session(stored)
        if not isinstance(session, Session):
            return holding.SLOW_RETRY_S  # the account changed under us; its next change brings this key back
        call = cast(CloudCall, step.call)
        logger.info("%s: %s", stored.key, type(call).__name__)
        told: list[Stored] = []  # the object with the word that its call waits
        try:
            async with held_up.telling(session.realm.budget, lambda: self._held_up(stored, kind, told)):
                result = await call_cloud(session.cloud, call)
        except errors.CloudError as exc:
            session.realm.learn(call, exc)
            return await self._failed(told[0] if told else stored, kind, facts, step, memory, exc)
        finally:
            memory.last_write = self.clock.now()
            if stored.key.plural == GROUPS:
                session.fleet.groups.written_at = memory.last_write
            if stored.key.plural == OPERATIONS:
                self._tell_others(stored, memory.last_write)
        memory.failures, memory.setback = 0, None
        memory.written = memory.written.and_now(call, generation=facts.generation, now=self.clock.now())
        memory.details_due = True
        stored = told[0] if told else stored
        after = evolve(stored.resource.status, fill_in(step.after, result))
        if step.after:
            await self._store_surely(stored, after)
        await self.notices.post(stored, (*step.notices, *_happened(kind, stored.resource.status, after)))
        return plan.wait_s

    async def _held_up(self, stored: Stored, kind: Kind, told: list[Stored]) -> None:
        """The call waits for the rate limit; said only as long as nothing else was stored, never over its result."""
        throttled = true("Throttled", "RateLimited", "the call waits for the rate limit of the account")
        old, now = stored.resource.status, self.clock.now()
        conditions = settle(old.conditions, [throttled], generation=stored.resource.metadata.generation, now=now)
        status = evolve(old, {"conditions": conditions})
        told.append(await self.calls.write_status(stored, status, stored.version))
        await self.notices.post(stored, _happened(kind, old, status))

    async def _failed(
        self, stored: Stored, kind: Kind, facts: Any, step: Do, memory: Memory, exc: errors.CloudError
    ) -> float:
        """What certainly did nothing is taken back, what has no known end stays on record."""
        memory.failures += 1
        timing = facts.account.timing if isinstance(facts.account, Account) else Timing()
        wait = setbacks.delay(exc, memory.failures, timing)
        until = self.clock.now() + timedelta(seconds=wait)
        setback = setbacks.setback(exc, step.call, generation=facts.generation, until=until)
        setbacks.remember(memory, setback, step.call)
        memory.details_due = True
        unknown = isinstance(exc, (errors.OutcomeUnknown, errors.Transient))
        record = {} if unknown else step.refused
        logger.warning("%s: %s failed: %s", stored.key, type(step.call).__name__, exc)
        failed = Plan(record=record, verdicts=holding.failed(setback, deleting=stored.deleting))
        facts = replace(facts, resource=stored.resource)
        await self._store_surely(stored, kind.project(facts, failed))
        await self.notices.post(stored, setbacks.notices(exc))
        if isinstance(exc, errors.AuthenticationFailed):
            self._doubt_account(stored)
        brief = setback.call or not kind.patient  # other writes need not wait so long
        return min(wait, timing.active_s) if brief else wait

    def _tell_others(self, stored: Stored, written: datetime) -> None:
        """An operation has written to the cloud object of its group, or its policy: older rows say nothing of it."""
        for key in references(stored):
            owner = self.store.get(key)
            if owner is not None:
                memory = self.memories.of(key, owner.uid)
                memory.last_write, memory.details_due = written, True
                self.wake(key)

    def _doubt_account(self, stored: Stored) -> None:
        session = self.looker.session(stored)
        if isinstance(session, Session):
            session.doubted = True
            self.wake(session.key)

    # --- status ---------------------------------------------------------------------------------------------------

    async def _store_surely(self, stored: Stored, status: Any) -> None:
        """The result of a call: checked against the uid only and tried until it is stored."""
        attempt = 0
        while True:
            try:
                await self.calls.write_status(stored, status, None)
                return
            except errors.KubeUnavailable as exc:
                delay = _STORE_RETRY_S[min(attempt, len(_STORE_RETRY_S) - 1)]
                logger.warning("%s: the result could not be stored, next try in %.1f s: %s", stored.key, delay, exc)
                attempt += 1
                await asyncio.sleep(delay)
            except (errors.Stale, errors.Gone):
                logger.error("%s: the object is gone; the result of its last call is not stored", stored.key)
                return


def _happened(kind: Kind, old: Any, new: Any) -> tuple[Notice, ...]:
    return (*transitions.of_object(old, new), *kind.transitions(old, new))


def _lock_key(stored: Stored) -> Key:
    """W5: one write at a time per cloud group; policies and operations share the lock of their group."""
    reference = (stored.raw["spec"].get("scalingGroupRef") or {}).get("name")
    return Key(GROUPS, stored.key.namespace, reference) if reference else stored.key
