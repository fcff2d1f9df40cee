"""Rate limit and circuit of one identity."""

from __future__ import annotations

import asyncio

import pytest
from virtual_time import VirtualClock, run

from cloudscaling import errors
from cloudscaling.engine.budget import Budget


class Counter:
    def __init__(self) -> None:
        self.outcomes: list[str] = []

    def called(self, vendor: str, operation: str, outcome: str, seconds: float) -> None:
        self.outcomes.append(outcome)


def budget(rate: float = 10, burst: int = 5) -> Budget:
    return Budget(VirtualClock(), "Huawei", Counter(), rate, burst)


def now() -> float:
    return asyncio.get_running_loop().time()


def throttled(retry_after: float | None = None) -> errors.Throttled:
    return errors.Throttled("slow down", retry_after=retry_after)


async def spend(found: Budget, times: int) -> float:
    began = now()
    for _ in range(times):
        await found.enter("Op", write=False)
        found.leave("Op", write=False, error=None, seconds=0.0)
    return now() - began


def test_a_burst_is_free_and_then_the_rate_holds() -> None:
    """Five at once, then ten a second."""

    async def scenario() -> None:
        found = budget()
        assert await spend(found, 5) < 0.01
        assert await spend(found, 10) == pytest.approx(1.0, abs=0.01)

    run(scenario())


def test_rest_refills_the_bucket_up_to_the_burst() -> None:
    """Not beyond."""

    async def scenario() -> None:
        found = budget()
        await spend(found, 5)
        await asyncio.sleep(100)
        assert await spend(found, 5) < 0.01
        assert await spend(found, 1) > 0.05

    run(scenario())


def test_many_at_once_share_the_rate_in_order() -> None:
    """No one is overtaken."""

    async def scenario() -> None:
        found, order = budget(), []

        async def one(number: int) -> None:
            await found.enter("Op", write=False)
            order.append((number, now()))

        await asyncio.gather(*(one(n) for n in range(15)))
        assert [number for number, _ in order] == list(range(15))
        assert order[-1][1] == pytest.approx(1.0, abs=0.01)

    run(scenario())


def test_an_empty_bucket_is_starved_only_after_half_a_minute() -> None:
    """RateLimited means that somebody really waits."""

    async def scenario() -> None:
        found = budget(rate=0.02, burst=1)
        await spend(found, 1)
        waiting = asyncio.create_task(spend(found, 1))
        await asyncio.sleep(20)
        assert not found.starved
        await asyncio.sleep(15)
        assert found.starved
        await waiting
        assert not found.starved

    run(scenario())


def test_a_bucket_that_stays_empty_is_starved_although_some_get_through() -> None:
    """A line of a hundred at two a second: every token is taken at once by the next."""

    async def scenario() -> None:
        found = budget(rate=2, burst=1)
        line = [asyncio.create_task(spend(found, 1)) for _ in range(100)]
        await asyncio.sleep(20)
        assert not found.starved
        await asyncio.sleep(15)
        assert found.starved
        await asyncio.gather(*line)
        assert not found.starved
        await asyncio.sleep(100)
        line = [asyncio.create_task(spend(found, 1)) for _ in range(3)]
        await asyncio.sleep(0.1)
        assert not found.starved  # rest has ended the shortage
        await asyncio.gather(*line)

    run(scenario())


def test_a_throttled_answer_closes_the_way_for_retry_after() -> None:
    """Requests are refused at once, without a token and without a call."""

    async def scenario() -> None:
        found = budget()
        found.leave("Op", write=False, error=throttled(7), seconds=0.0)
        assert found.circuit_open
        with pytest.raises(errors.Throttled) as caught:
            await found.enter("Op", write=True)
        assert caught.value.retry_after == pytest.approx(7, abs=0.01)
        await asyncio.sleep(7.01)
        assert not found.circuit_open
        assert await spend(found, 5) < 0.01

    run(scenario())


def test_without_retry_after_the_pause_doubles_up_to_two_minutes_and_success_ends_the_row() -> None:
    """5, 10, 20 ... 120, and 5 again."""

    async def scenario() -> None:
        found, pauses = budget(), []
        for _ in range(7):
            found.leave("Op", write=False, error=throttled(), seconds=0.0)
            began = now()
            while found.circuit_open:  # noqa: ASYNC110  time is all that it waits for
                await asyncio.sleep(0.5)
            pauses.append(round(now() - began))
        assert pauses == [5, 10, 20, 40, 80, 120, 120]
        await spend(found, 1)
        found.leave("Op", write=False, error=throttled(), seconds=0.0)
        await asyncio.sleep(5.01)
        assert not found.circuit_open

    run(scenario())


def test_after_the_pause_one_request_is_the_probe_and_the_others_wait_for_its_end() -> None:
    """A vendor that still throttles is asked once, not by everybody at once."""

    async def scenario() -> None:
        found, entered = budget(), []
        found.leave("Op", write=False, error=throttled(7), seconds=0.0)
        await asyncio.sleep(7.01)

        async def one(number: int, error: Exception | None) -> None:
            await found.enter("Op", write=False)
            entered.append((number, now()))
            await asyncio.sleep(2)
            found.leave("Op", write=False, error=error, seconds=2.0)

        asked = [asyncio.create_task(one(n, throttled(7) if n == 0 else None)) for n in range(4)]
        done = await asyncio.gather(*asked, return_exceptions=True)
        assert [number for number, _ in entered] == [0]
        assert [isinstance(outcome, errors.Throttled) for outcome in done] == [False, True, True, True]
        await asyncio.sleep(7.01)
        began = now()
        await asyncio.gather(*(one(n, None) for n in range(10, 14)))
        assert [round(at - began) for number, at in entered if number >= 10] == [0, 2, 2, 2]

    run(scenario())


@pytest.mark.parametrize("ending", [errors.Transient("timeout"), errors.Busy("activity")])
def test_a_probe_that_is_not_throttled_opens_the_way(ending: Exception) -> None:
    """Whatever else it met: only a throttled answer says that the vendor wants less."""

    async def scenario() -> None:
        found = budget()
        found.leave("Op", write=False, error=throttled(7), seconds=0.0)
        await asyncio.sleep(7.01)
        await found.enter("Op", write=False)
        found.leave("Op", write=False, error=ending, seconds=0.0)
        assert await spend(found, 3) < 0.01

    run(scenario())


def test_an_answer_from_before_the_pause_does_not_end_the_probe() -> None:
    """It left before the vendor began to throttle."""

    async def scenario() -> None:
        found, release = budget(), asyncio.Event()

        async def slow() -> None:
            await found.enter("Op", write=False)
            await release.wait()
            found.leave("Op", write=False, error=None, seconds=9.0)

        early = asyncio.create_task(slow())
        await asyncio.sleep(0.01)
        found.leave("Op", write=False, error=throttled(7), seconds=0.0)
        await asyncio.sleep(7.01)
        await found.enter("Op", write=False)  # the probe
        release.set()
        await early
        waiting = asyncio.create_task(spend(found, 1))
        await asyncio.sleep(1)
        assert not waiting.done()
        found.leave("Op", write=False, error=None, seconds=1.0)
        await waiting

    run(scenario())


def test_a_probe_that_was_given_up_before_it_began_lets_the_next_one_try() -> None:
    """Cancelled while it waited for a token."""

    async def scenario() -> None:
        found = budget(rate=0.1, burst=1)
        await spend(found, 1)
        found.leave("Op", write=False, error=throttled(1), seconds=0.0)
        await asyncio.sleep(1.01)
        first = asyncio.create_task(spend(found, 1))
        await asyncio.sleep(0.1)
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        assert await spend(found, 1) < 10

    run(scenario())


def test_who_waited_for_a_token_does_not_run_into_a_circuit_that_opened_meanwhile() -> None:
    """The queue behind a throttled request must not storm the vendor."""

    async def scenario() -> None:
        found = budget(rate=1, burst=1)
        await spend(found, 1)
        waiting = [asyncio.create_task(found.enter("Op", write=False)) for _ in range(3)]
        await asyncio.sleep(0.1)
        found.leave("Op", write=False, error=throttled(60), seconds=0.0)
        done = await asyncio.gather(*waiting, return_exceptions=True)
        assert all(isinstance(outcome, errors.Throttled) for outcome in done)

    run(scenario())


def test_other_errors_do_not_open_the_circuit() -> None:
    """They are counted by their name."""

    async def scenario() -> None:
        counter = Counter()
        found = Budget(VirtualClock(), "Huawei", counter)
        found.leave("Op", write=True, error=errors.Busy("activity"), seconds=0.1)
        found.leave("Op", write=True, error=None, seconds=0.1)
        assert not found.circuit_open
        assert counter.outcomes == ["Busy", "ok"]

    run(scenario())


def test_a_lower_allowance_holds_at_once() -> None:
    """A realm obeys the lowest of its members."""

    async def scenario() -> None:
        found = budget(rate=100, burst=50)
        await spend(found, 1)
        found.limit(1, 2)
        assert await spend(found, 4) == pytest.approx(2.0, abs=0.01)

    run(scenario())
