"""The work queue: each key once in the queue, once in work, and never forgotten."""

from __future__ import annotations

import asyncio

from virtual_time import run

from cloudscaling.engine.queue import Key, WorkQueue

A, B = Key("scalinggroups", "web", "a"), Key("scalinggroups", "web", "b")


async def taken(queue: WorkQueue, seconds: float = 0.0) -> list[Key]:
    """Everything that comes within some seconds."""
    found = []
    while True:
        try:
            async with asyncio.timeout(seconds + 0.001):
                found.append(await queue.get())
        except TimeoutError:
            return found


def test_a_key_is_in_the_queue_once() -> None:
    """However often it is added; first come, first served."""

    async def scenario() -> None:
        queue = WorkQueue()
        for key in (A, B, A, A, B):
            queue.add(key)
        assert len(queue) == 2
        assert await taken(queue) == [A, B]

    run(scenario())


def test_how_long_a_due_key_waited_is_told_once_per_time_in_work() -> None:
    """For the metric; a key that waits is counted from its first wish."""
    waits: list[float] = []

    async def scenario() -> None:
        queue = WorkQueue(waits.append)
        for key in (A, B, A):
            queue.add(key)
        assert await taken(queue) == [A, B]

    run(scenario())
    assert len(waits) == 2
    assert min(waits) >= 0


def test_a_key_in_work_is_given_out_again_only_after_it_is_done() -> None:
    """And then exactly once."""

    async def scenario() -> None:
        queue = WorkQueue()
        queue.add(A)
        assert await queue.get() == A
        queue.add(A)
        queue.add(A)
        assert await taken(queue) == []
        queue.done(A)
        assert await taken(queue) == [A]
        queue.done(A)
        assert await taken(queue) == []

    run(scenario())


def test_the_earliest_delay_wins() -> None:
    """A later wish does not push an earlier one away."""

    async def scenario() -> None:
        queue = WorkQueue()
        queue.add_after(A, 10)
        queue.add_after(A, 60)
        queue.add_after(A, 3)
        assert await taken(queue, 2.9) == []
        assert await taken(queue, 0.2) == [A]
        queue.done(A)
        assert await taken(queue, 100) == []

    run(scenario())


def test_an_immediate_wish_replaces_a_delayed_one() -> None:
    """The timer does not fire on top of it."""

    async def scenario() -> None:
        queue = WorkQueue()
        queue.add_after(A, 10)
        queue.add(A)
        assert await taken(queue) == [A]
        queue.done(A)
        assert await taken(queue, 20) == []

    run(scenario())


def test_a_delay_that_ends_while_the_key_is_in_work_is_not_lost() -> None:
    """It is looked at once more."""

    async def scenario() -> None:
        queue = WorkQueue()
        queue.add(A)
        assert await queue.get() == A
        queue.add_after(A, 1)
        await asyncio.sleep(5)
        queue.done(A)
        assert await taken(queue) == [A]

    run(scenario())


def test_a_waiting_worker_is_woken() -> None:
    """By the first key that comes."""

    async def scenario() -> None:
        queue = WorkQueue()
        worker = asyncio.create_task(queue.get())
        await asyncio.sleep(1)
        queue.add(B)
        assert await worker == B

    run(scenario())


def test_two_workers_never_have_the_same_key() -> None:
    """A storm of additions while both work."""

    async def scenario() -> None:
        queue, working, most, done = WorkQueue(), set[Key](), 0, 0

        async def work() -> None:
            nonlocal most, done
            while True:
                key = await queue.get()
                assert key not in working
                working.add(key)
                most = max(most, len(working))
                await asyncio.sleep(0.5)
                working.discard(key)
                done += 1
                queue.done(key)

        workers = [asyncio.create_task(work()) for _ in range(4)]
        for _ in range(20):
            for key in (A, B):
                queue.add(key)
            await asyncio.sleep(0.1)
        await asyncio.sleep(5)
        assert most == 2
        assert done >= 4
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)

    run(scenario())


def test_closing_ends_the_timers() -> None:
    """Nothing fires into a stopped process."""

    async def scenario() -> None:
        queue = WorkQueue()
        queue.add_after(A, 1)
        queue.close()
        assert await taken(queue, 10) == []

    run(scenario())
