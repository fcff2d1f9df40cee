"""The tasks of the engine: workers, failures, resync, sweeps and their background share."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from operator_rig import GROUP_SPEC, Rig
from virtual_time import run

from cloudscaling import errors
from cloudscaling.core.facts import Timing
from cloudscaling.engine.memory import Memories
from cloudscaling.engine.queue import Key, WorkQueue
from cloudscaling.engine.runtime import Runtime
from cloudscaling.engine.setbacks import delay
from cloudscaling.engine.store import GROUPS, Store

KEY = Key(GROUPS, "web", "a")


class Observer:
    def __init__(self) -> None:
        self.errors: list[str] = []

    def reconciled(self, kind: str, seconds: float, error: str = "") -> None:
        if error:
            self.errors.append(error)

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_: None


@dataclass
class Handler:
    """Takes keys and answers with what it was told."""

    outcome: Any = None
    looks: list[float] = field(default_factory=list)

    async def __call__(self, key: Key) -> float | None:
        self.looks.append(asyncio.get_running_loop().time())
        await asyncio.sleep(0.1)
        if isinstance(self.outcome, Exception):
            raise self.outcome
        found: float | None = self.outcome
        return found


class NoAccounts:
    async def close_all(self) -> None: ...


def engine(handler: Handler, **settings: Any) -> tuple[Runtime, WorkQueue, Store]:
    queue = WorkQueue()
    store = Store(wake=queue.add)
    synced = asyncio.Event()
    synced.set()

    async def prepare() -> None: ...

    found = Runtime(
        store=store,
        queue=queue,
        accounts=NoAccounts(),  # type: ignore[arg-type]
        memories=Memories(),
        handlers={GROUPS: handler},
        synced=synced,
        observer=Observer(),
        prepare=prepare,
        **settings,
    )
    return found, queue, store


def add(store: Store, name: str = "a") -> None:
    metadata = {"name": name, "namespace": "web", "uid": name, "generation": 1, "resourceVersion": "1"}
    store.take(GROUPS, {"metadata": metadata, "spec": GROUP_SPEC})


def test_nothing_is_looked_at_before_the_store_is_complete() -> None:
    """In-use protection must not be applied to half of the objects."""

    async def scenario() -> None:
        handler = Handler()
        runtime, _, store = engine(handler)
        runtime.synced.clear()
        await runtime.start()
        add(store)
        await asyncio.sleep(60)
        assert handler.looks == []
        runtime.synced.set()
        await asyncio.sleep(1)
        assert len(handler.looks) == 1
        await runtime.stop()

    run(scenario())


def test_a_handler_says_when_it_wants_the_key_back() -> None:
    """None: at the next change."""

    async def scenario() -> None:
        handler = Handler(10.0)
        runtime, _, store = engine(handler)
        await runtime.start()
        add(store)
        await asyncio.sleep(35)
        assert len(handler.looks) == 4
        handler.outcome = None
        await asyncio.sleep(300)
        assert len(handler.looks) == 5
        await runtime.stop()

    run(scenario())


def test_failures_back_off_up_to_a_minute_and_a_success_ends_the_row() -> None:
    """A bug in one object does not keep the others from being served."""

    async def scenario() -> None:
        handler = Handler(RuntimeError("bug"))
        runtime, queue, store = engine(handler, resync_s=7200)  # a resync would look in between
        await runtime.start()
        add(store)
        await asyncio.sleep(1200)
        gaps = [later - earlier for earlier, later in zip(handler.looks, handler.looks[1:], strict=False)]
        assert gaps[0] < 2
        assert all(40 < gap < 80 for gap in gaps[-5:])
        handler.outcome = None
        queue.add(KEY)
        await asyncio.sleep(1)
        handler.outcome = errors.KubeUnavailable("503")
        queue.add(KEY)
        handler.looks.clear()
        await asyncio.sleep(3)
        assert len(handler.looks) >= 2
        await runtime.stop()

    run(scenario())


@pytest.mark.parametrize("failure", [errors.Stale("conflict"), errors.Gone("deleted")])
def test_an_object_that_changed_meanwhile_is_looked_at_again_soon_but_not_in_a_storm(failure: Exception) -> None:
    """The watch brings the new version in milliseconds; if it does not, nobody spins."""

    async def scenario() -> None:
        handler = Handler(failure)
        runtime, _, store = engine(handler)
        await runtime.start()
        add(store)
        await asyncio.sleep(1)
        assert len(handler.looks) >= 2
        await asyncio.sleep(300)
        assert len(handler.looks) < 60
        await runtime.stop()

    run(scenario())


def test_a_failure_of_many_days_does_not_end_the_worker() -> None:
    """Two to the power of a thousand is no number of seconds."""

    async def scenario() -> None:
        handler = Handler(RuntimeError("bug"))
        runtime, _, store = engine(handler, workers=1)
        runtime._failures[KEY] = 5000
        await runtime.start()
        add(store)
        await asyncio.sleep(600)
        assert len(handler.looks) > 5
        await runtime.stop()

    run(scenario())


def test_the_pause_after_many_refused_calls_has_a_limit() -> None:
    """Five minutes, jittered."""
    for failures in (1, 10, 5000):
        assert 0 < delay(errors.Transient("timeout"), failures, Timing()) <= 360
    assert delay(errors.Throttled("slow", retry_after=900), 1, Timing()) >= 900


def test_every_key_comes_back_once_per_resync() -> None:
    """Spread over half of the period."""

    async def scenario() -> None:
        handler = Handler()
        runtime, _, store = engine(handler, resync_s=600.0)
        await runtime.start()
        for number in range(20):
            add(store, f"g{number}")
        await asyncio.sleep(10)
        handler.looks.clear()
        await asyncio.sleep(1050)  # the second resync begins after 1080 s at the earliest
        assert len(handler.looks) == 20
        assert max(handler.looks) - min(handler.looks) > 100
        await runtime.stop()

    run(scenario())


# --- sweeps, on the whole engine -------------------------------------------------------------------------------------


def test_an_idle_sweep_costs_pages_and_a_small_share_of_reads() -> None:
    """W10: at most 0.03 reads per group and sweep, oldest first; no write."""

    async def scenario() -> None:
        rig = Rig()
        rig.simulator.vendor.rules.quotas["groups"] = 100
        rig.launch()
        for number in range(20):
            rig.group(f"g{number}", desiredCapacity=0)
        rig.account()
        await rig.start()
        await rig.until(lambda: all(rig.synced(GROUPS, f"g{n}") for n in range(20)), 600)
        await asyncio.sleep(700)
        rig.simulator.calls.clear()
        writes = len(rig.simulator.writes)
        await asyncio.sleep(3000)
        sweeps = rig.simulator.calls.count("ListScalingGroups")
        assert 90 <= sweeps <= 110
        assert rig.simulator.calls.count("ListScalingInstances") <= 0.03 * 20 * sweeps + 2
        assert rig.simulator.calls.count("ShowScalingGroup") == 0
        assert len(rig.simulator.writes) == writes
        await rig.kill()

    run(scenario())


def test_a_change_in_the_cloud_is_noticed_with_the_next_sweep() -> None:
    """Whoever had the list read."""

    async def scenario() -> None:
        rig = Rig()
        rig.launch()
        rig.group()
        rig.account()
        await rig.start()
        await rig.until(lambda: rig.synced(GROUPS, "web"), 120)
        await asyncio.sleep(60)
        external_id = rig.kube.status(GROUPS, "web")["externalId"]
        rig.simulator.do("UpdateScalingGroup", {"desire_instance_number": 5}, scaling_group_id=external_id)
        rig.group("other")
        await asyncio.sleep(70)
        assert rig.kube.status(GROUPS, "web")["desiredCapacity"] == 5
        assert rig.kube.condition(GROUPS, "web", "CapacityDrifted") == ("True", "ExternallyScaled")
        await rig.kill()

    run(scenario())
