"""Looking up a cloud object by its mark: what counts as a hit, what as a miss."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from fake_fleet import GROUP, Cloud, fleet, ours
from virtual_time import run

from cloudscaling import errors
from cloudscaling.core.facts import Lookup, Untrusted
from cloudscaling.engine.fleet import Fleet
from cloudscaling.engine.memory import Memories, Memory
from cloudscaling.engine.queue import Key

# --- looking up by mark ----------------------------------------------------------------------------------------------


async def look_up(found: Fleet, memory: Memory, operation: str | None = None) -> Any:
    return await found.look_up(found.groups, ["mark"], memory, operation, ours)


def test_an_object_that_was_made_again_does_not_believe_a_list_from_before_our_last_write() -> None:
    """Made, orphaned and applied again within one sweep: the list is older than the group."""

    async def scenario() -> None:
        cloud = Cloud(rows=[])
        found = fleet(cloud)
        await found.sweep()
        memories, key = Memories(), Key("scalinggroups", "web", "web")
        memories.of(key, "former").last_write = found.clock.now()
        memories.forget(key)
        cloud.rows = [GROUP]
        await asyncio.sleep(5)
        seen = await look_up(found, memories.of(key, "latter"))
        assert isinstance(seen, Lookup)
        assert [row.id for row in seen.candidates] == ["g-1"]

    run(scenario())


def test_a_hit_needs_no_new_list() -> None:
    """Presence is proven by any list."""

    async def scenario() -> None:
        cloud = Cloud()
        found = fleet(cloud)
        await found.sweep()
        await look_up(found, Memory())
        assert cloud.lists == 1

    run(scenario())


def test_misses_are_counted_from_the_intent_on_and_only_in_an_unbroken_row() -> None:
    """Another operation begins anew, a hit ends the row."""

    async def scenario() -> None:
        cloud, memory = Cloud(rows=[]), Memory()
        found = fleet(cloud)
        first = await look_up(found, memory, "op-1")
        assert first.first_miss_at is None
        await asyncio.sleep(20)
        second = await look_up(found, memory, "op-1")
        assert second.first_miss_at == first.taken_at
        other = await look_up(found, memory, "op-2")
        assert other.first_miss_at is None
        cloud.rows = [GROUP]
        await asyncio.sleep(20)
        hit = await look_up(found, memory, "op-2")
        assert len(hit.candidates) == 1
        cloud.rows = []
        await asyncio.sleep(20)
        assert (await look_up(found, memory, "op-2")).first_miss_at is None

    run(scenario())


def test_rows_that_cannot_be_what_is_looked_for_are_no_hit() -> None:
    """An older revision, a group of the same name."""

    async def scenario() -> None:
        cloud, memory = Cloud(rows=[replace(GROUP, marker="", name="mark")]), Memory()
        found = fleet(cloud)
        await look_up(found, memory, "op-1")
        await asyncio.sleep(20)
        assert (await look_up(found, memory, "op-1")).first_miss_at is not None

    run(scenario())


def test_a_failed_list_is_an_untrusted_lookup() -> None:
    """Nothing is created on it."""

    async def scenario() -> None:
        cloud = Cloud(trouble=errors.ReadUntrusted("truncated"))
        assert isinstance(await look_up(fleet(cloud), Memory()), Untrusted)

    run(scenario())
