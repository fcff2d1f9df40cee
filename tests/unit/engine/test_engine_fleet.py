"""Shared observation: one listing for all who ask, and what may be concluded from it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from fake_fleet import GROUP, Cloud, find, fleet
from virtual_time import run

from cloudscaling import errors
from cloudscaling.core.facts import Absent, Observed, Untrusted
from cloudscaling.engine.memory import Memory

# --- the table -------------------------------------------------------------------------------------------------------


def test_one_listing_serves_all_who_ask_while_it_runs() -> None:
    """A thousand objects cost one sweep."""

    async def scenario() -> None:
        cloud = Cloud()
        found = fleet(cloud)
        await asyncio.gather(*(found.groups.newer_than(None) for _ in range(50)))
        assert cloud.lists == 1

    run(scenario())


def test_those_who_need_a_younger_listing_share_one_too() -> None:
    """They wait for the one that runs, and then for one more."""

    async def scenario() -> None:
        cloud = Cloud()
        found = fleet(cloud)
        first = asyncio.create_task(found.groups.refresh())
        await asyncio.sleep(0.5)
        moment = found.clock.now()
        await asyncio.gather(*(found.groups.newer_than(moment) for _ in range(50)), first)
        assert cloud.lists == 2
        assert found.groups.at is not None
        assert found.groups.at > moment

    run(scenario())


def test_a_listing_that_fails_fails_for_all_and_leaves_the_last_one() -> None:
    """No part of a list is ever kept."""

    async def scenario() -> None:
        cloud = Cloud()
        found = fleet(cloud)
        await found.groups.newer_than(None)
        before = found.groups.at
        cloud.trouble, cloud.rows = errors.ReadUntrusted("truncated"), []
        with pytest.raises(errors.ReadUntrusted):
            await found.groups.refresh()
        assert (found.groups.at, set(found.groups.rows)) == (before, {"g-1"})

    run(scenario())


def test_a_waiter_that_is_cancelled_does_not_end_the_listing() -> None:
    """The others still get it."""

    async def scenario() -> None:
        cloud = Cloud()
        found = fleet(cloud)
        one = asyncio.create_task(found.groups.newer_than(None))
        other = asyncio.create_task(found.groups.newer_than(None))
        await asyncio.sleep(0.2)
        one.cancel()
        await other
        assert cloud.lists == 1

    run(scenario())


def test_a_sweep_tells_every_row_that_changed_since_the_last_sweep() -> None:
    """Also those that a look in between had already seen."""

    async def scenario() -> None:
        cloud = Cloud()
        found = fleet(cloud)
        assert await found.sweep() == {"g-1"}
        assert await found.sweep() == frozenset()
        cloud.rows = [replace(GROUP, desired=7)]
        await found.groups.newer_than(found.clock.now())
        assert await found.sweep() == {"g-1"}
        assert await found.sweep() == frozenset()

    run(scenario())


def test_a_clock_that_goes_back_does_not_list_without_end() -> None:
    """One listing that was begun later is enough."""

    async def scenario() -> None:
        cloud = Cloud(seconds=0)
        found = fleet(cloud)
        await found.groups.newer_than(None)
        ahead = found.clock.now() + timedelta(hours=1)
        async with asyncio.timeout(5):
            await found.groups.newer_than(ahead)
        assert cloud.lists == 2

    run(scenario())


# --- one object ------------------------------------------------------------------------------------------------------


def test_a_young_list_answers_without_a_call_of_its_own() -> None:
    """Presence is proven by a row."""

    async def scenario() -> None:
        cloud, memory = Cloud(), Memory()
        found = fleet(cloud)
        assert isinstance(await find(found, cloud, memory), Observed)
        assert cloud.gets == 0

    run(scenario())


def test_an_old_list_or_one_before_our_last_write_is_no_basis() -> None:
    """A read by id is."""

    async def scenario() -> None:
        cloud, memory = Cloud(), Memory()
        found = fleet(cloud)
        await find(found, cloud, memory)
        memory.last_write = found.clock.now()
        assert isinstance(await find(found, cloud, memory), Observed)
        assert cloud.gets == 1
        memory.last_write = None
        await asyncio.sleep(151)
        await find(found, cloud, memory)
        assert cloud.gets == 2

    run(scenario())


@pytest.mark.parametrize(
    "trouble", [errors.Throttled("slow", retry_after=9), errors.Transient("timeout"), errors.ReadUntrusted("truncated")]
)
def test_a_failed_read_is_untrusted_and_never_absent(trouble: Exception) -> None:
    """However often, and whatever the list says."""

    async def scenario() -> None:
        cloud, memory = Cloud(rows=[]), Memory()
        found = fleet(cloud)
        cloud.get_trouble = trouble
        for _ in range(5):
            seen = await find(found, cloud, memory, fresh=True)
            assert isinstance(seen, Untrusted)
            await asyncio.sleep(60)
        if isinstance(trouble, errors.Throttled):
            assert seen.retry_s == 9

    run(scenario())


def test_absent_needs_two_misses_half_a_minute_apart_and_a_list() -> None:
    """W2."""

    async def scenario() -> None:
        cloud, memory = Cloud(rows=[]), Memory()
        found = fleet(cloud)
        first = await find(found, cloud, memory)
        assert isinstance(first, Untrusted)
        assert first.retry_s <= 30.1
        await asyncio.sleep(10)
        assert isinstance(await find(found, cloud, memory), Untrusted)
        await asyncio.sleep(21)
        assert isinstance(await find(found, cloud, memory), Absent)

    run(scenario())


def test_a_list_that_still_shows_the_object_contradicts_the_misses() -> None:
    """The two disagree, so nothing is believed."""

    async def scenario() -> None:
        cloud, memory = Cloud(), Memory()
        found = fleet(cloud)
        cloud.get_trouble = errors.NotFound("AS.2007")
        for _ in range(4):
            assert isinstance(await find(found, cloud, memory, fresh=True), Untrusted)
            await asyncio.sleep(40)

    run(scenario())


def test_a_list_that_fails_proves_nothing() -> None:
    """Even after two misses by id."""

    async def scenario() -> None:
        cloud, memory = Cloud(rows=[]), Memory()
        found = fleet(cloud)
        await find(found, cloud, memory)
        cloud.trouble = errors.ReadUntrusted("truncated")
        await asyncio.sleep(40)
        assert isinstance(await find(found, cloud, memory), Untrusted)

    run(scenario())


def test_misses_of_a_former_object_do_not_count_for_the_next_one() -> None:
    """A new group that a slow vendor does not show at once must not be made again."""

    async def scenario() -> None:
        cloud, memory = Cloud(rows=[]), Memory()
        found = fleet(cloud)
        await find(found, cloud, memory, id_="old")
        await asyncio.sleep(31)
        assert isinstance(await find(found, cloud, memory, id_="old"), Absent)
        memory.last_write = found.clock.now()
        assert isinstance(await find(found, cloud, memory, id_="new"), Untrusted)

    run(scenario())
