"""Silent watches, missed deletions, and the difference between late and lost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from handlers_fakes import Clock, Cluster, Store, thing

from cloudscaling import errors
from cloudscaling.handlers.watchdog import SETTLE_S, SYNC_RELIST_S, Watchdog

PERIOD_S = 300.0
GROUPS = "scalinggroups"


class Rig:
    """A watchdog over fakes; `while_sleeping` is what the world does meanwhile."""

    def __init__(self, namespaces: tuple[str, ...] = ()) -> None:
        self.cluster, self.store, self.clock = Cluster(), Store(), Clock()
        self.missed: list[tuple[str, int]] = []
        self.while_sleeping: list[Callable[[], object]] = []
        self.dog = Watchdog(
            self.cluster,  # type: ignore[arg-type]  # two calls of the port
            self.store,
            self.store,
            self.clock,
            period_s=PERIOD_S,
            namespaces=namespaces,
            plurals=(GROUPS,),
            on_missed=lambda plural, count: self.missed.append((plural, count)),
            sleep=self.sleep,
        )

    async def sleep(self, seconds: float) -> None:
        self.clock.seconds += seconds
        if self.while_sleeping:
            self.while_sleeping.pop(0)()
        await asyncio.sleep(0)

    def watch(self, name: str, uid: str, version: int) -> None:
        """The watch shows an object."""
        self.dog.upsert(GROUPS, thing(name, uid, version))


@pytest.fixture
def rig() -> Rig:
    """One group, known to both sides."""
    made = Rig()
    made.cluster.put("web", "u1", 5)
    made.watch("web", "u1", 5)
    made.store.calls.clear()
    return made


async def test_equal_sides_cost_one_list(rig: Rig) -> None:
    """No read by name, no call on the store, nothing to report."""
    await rig.dog.check()
    assert (rig.cluster.gets, rig.store.calls, rig.dog.problem()) == ([], [], None)


async def test_a_store_that_is_ahead_is_fine(rig: Rig) -> None:
    """Answers to our own writes reach the store before any list shows them."""
    rig.watch("web", "u1", 9)
    await rig.dog.check()
    assert rig.cluster.gets == []


async def test_a_watch_that_is_late_is_fine(rig: Rig) -> None:
    """It gets a few seconds before anybody worries."""
    rig.cluster.put("web", "u1", 6)
    rig.while_sleeping.append(lambda: rig.watch("web", "u1", 6))
    await rig.dog.check()
    assert (rig.cluster.gets, rig.missed) == ([], [])


async def test_what_the_watch_did_not_bring_is_put_in_at_once(rig: Rig) -> None:
    """The operator works on; the watch has a period to prove itself."""
    rig.cluster.put("web", "u1", 6)
    rig.cluster.put("new", "u2", 7)
    await rig.dog.check()
    assert rig.store.versions(GROUPS) == {("ns", "web"): ("u1", "6"), ("ns", "new"): ("u2", "7")}
    assert rig.missed == [(GROUPS, 2)]
    assert rig.dog.problem() is None


async def test_a_silent_watch_is_a_problem_after_one_period(rig: Rig) -> None:
    """Mending the store must not hide that the watch is dead."""
    rig.cluster.put("web", "u1", 6)
    await rig.dog.check()
    rig.clock.seconds += PERIOD_S
    assert rig.dog.problem() is None
    rig.clock.seconds += 1
    problem = rig.dog.problem()
    assert problem is not None
    assert "the watch of scalinggroups has not shown ns/web at version 6" in problem


async def test_the_watch_that_wakes_up_is_no_problem(rig: Rig) -> None:
    """The missed version or a newer one clears it, an older one does not."""
    rig.cluster.put("web", "u1", 6)
    await rig.dog.check()
    rig.clock.seconds += PERIOD_S + 1
    rig.watch("web", "u1", 5)
    assert rig.dog.problem() is not None
    rig.watch("web", "u1", 8)
    assert rig.dog.problem() is None


async def test_a_missed_object_that_was_deleted_is_no_problem(rig: Rig) -> None:
    """Neither by the watch's word nor by the next list."""
    forgetting: list[Callable[[], None]] = [
        lambda: rig.dog.gone(GROUPS, "ns", "web", "u1"),
        lambda: None,
    ]
    for forget in forgetting:
        rig.cluster.put("web", "u1", 6)
        rig.store.held.clear()
        await rig.dog.check()
        forget()
        rig.cluster.objects.clear()
        await rig.dog.check()
        rig.clock.seconds += PERIOD_S + 1
        assert rig.dog.problem() is None


async def test_a_missed_deletion_is_put_in_and_is_no_problem(rig: Rig) -> None:
    """A watch that began again does not tell what vanished in between."""
    rig.cluster.objects.clear()
    await rig.dog.check()
    assert rig.store.calls == [("gone", GROUPS, "ns", "web", "u1")]
    rig.clock.seconds += PERIOD_S + 1
    assert rig.dog.problem() is None


async def test_an_object_newer_than_the_list_is_not_deleted(rig: Rig) -> None:
    """A list proves nothing about what was made after it; a read by name does."""
    made = rig.cluster.objects.pop(("ns", "web"))
    rig.while_sleeping.append(lambda: rig.cluster.objects.update({("ns", "web"): made}))
    await rig.dog.check()
    assert rig.store.calls == []
    assert rig.cluster.gets == [("ns", "web")]


async def test_a_recreated_object_replaces_the_old_one(rig: Rig) -> None:
    """Same name, another uid: the old version numbers mean nothing."""
    rig.cluster.put("web", "u2", 4)
    await rig.dog.check()
    assert rig.store.versions(GROUPS) == {("ns", "web"): ("u2", "4")}


async def test_a_cluster_that_does_not_answer_is_no_problem_of_the_watch(rig: Rig) -> None:
    """A restart would not bring the API server back."""
    rig.cluster.error = errors.KubeUnavailable("down")
    await rig.dog.check()
    assert (rig.store.calls, rig.dog.problem()) == ([], None)


async def test_a_check_that_does_not_run_any_more_is_a_problem(rig: Rig) -> None:
    """The watcher of the watches is watched by the probe itself."""
    rig.clock.seconds += 3 * PERIOD_S + 1
    assert "has not run" in (rig.dog.problem() or "")
    await rig.dog.check()
    assert rig.dog.problem() is None


async def test_synced_means_that_every_object_has_arrived_once(rig: Rig) -> None:
    """An object that is deleted meanwhile is not waited for."""
    rig.cluster.put("late", "u2", 6)
    rig.cluster.put("deleted", "u3", 7)
    rig.while_sleeping += [
        lambda: rig.watch("late", "u2", 6),
        lambda: rig.cluster.objects.pop(("ns", "deleted")),
    ]
    await rig.dog.sync()
    assert rig.dog.synced.is_set()
    assert len(rig.cluster.lists) == 2


async def test_sync_waits_for_an_api_server(rig: Rig) -> None:
    """And asks again, without a storm."""
    rig.cluster.error = errors.KubeUnavailable("down")
    rig.while_sleeping.append(lambda: setattr(rig.cluster, "error", None))
    started = rig.clock.seconds
    await rig.dog.sync()
    assert rig.dog.synced.is_set()
    assert rig.clock.seconds - started == SYNC_RELIST_S


async def test_an_object_that_the_store_refuses_holds_up_nobody(rig: Rig) -> None:
    """Neither the start nor, later, the probe: the watch did its part."""
    rig.store.refused.add("odd")
    rig.cluster.put("odd", "u2", 6)
    rig.watch("odd", "u2", 6)
    await rig.dog.sync()
    await rig.dog.check()
    rig.clock.seconds += PERIOD_S + 1
    assert (rig.dog.problem(), rig.missed) == (None, [])


async def test_only_watched_namespaces_are_listed() -> None:
    """There may be no right to list the others."""
    rig = Rig(namespaces=("a", "b"))
    await rig.dog.check()
    assert rig.cluster.lists == [(GROUPS, "a"), (GROUPS, "b")]


async def test_run_syncs_first_and_then_checks_every_period(rig: Rig) -> None:
    """Until it is cancelled."""
    task = asyncio.create_task(rig.dog.run())
    rig.while_sleeping += [lambda: None, task.cancel]
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(rig.cluster.lists) == 2
    assert rig.clock.seconds == 1000 + 2 * PERIOD_S


def test_settling_is_short_against_a_period() -> None:
    """Else two checks would overlap."""
    assert SETTLE_S * 10 < PERIOD_S
