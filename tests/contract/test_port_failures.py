"""What goes wrong on the way: throttling, lost answers, silence, garbage. A write is never guessed about."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import pytest
from contract_bench import PROJECT, Bench

from cloudscaling import errors
from cloudscaling.ports import Cloud
from cloudsim.settings import Settings


async def test_throttling_is_told_with_its_pause(bench: Bench, cloud: Cloud) -> None:
    """Reads and writes alike; the gate hears of it."""
    group_id = await bench.group()
    await bench.fault("throttle", times=2, retry_after=7)
    for call in (cloud.groups.list(), cloud.groups.set_capacity(group_id, 1, "token")):
        with pytest.raises(errors.Throttled) as slowed:
            await call
        assert slowed.value.retry_after == 7.0
        assert bench.gate.ended[-1][2] is slowed.value
    await cloud.groups.list()


async def test_throttling_without_a_pause_is_still_throttling(bench: Bench, cloud: Cloud) -> None:
    """The pause is then up to the operator."""
    await bench.fault("throttle")
    with pytest.raises(errors.Throttled) as slowed:
        await cloud.groups.list()
    assert slowed.value.retry_after is None


@pytest.mark.parametrize(
    ("kind", "made"), [("drop-before-commit", 0), ("drop-after-commit", 1)], ids=["not done", "done"]
)
async def test_a_lost_answer_to_a_create_is_an_unknown_outcome(
    bench: Bench, cloud: Cloud, kind: str, made: int
) -> None:
    """It may have been done or not; the error is the same, and the list tells."""
    configuration = await bench.configuration()
    await bench.fault(kind, "create group")
    with pytest.raises(errors.OutcomeUnknown):
        await bench.group(launchConfigurationRef=configuration)
    assert len(await cloud.groups.list()) == made


async def test_a_lost_answer_to_any_write_is_an_unknown_outcome(bench: Bench, cloud: Cloud) -> None:
    """Also to those whose answer holds nothing."""
    group_id = await bench.group()
    for operation, call in (
        ("update group", cloud.groups.set_capacity(group_id, 1, "token")),
        ("delete group", cloud.groups.delete(group_id, force=False)),
    ):
        await bench.fault("drop-after-commit", operation)
        with pytest.raises(errors.OutcomeUnknown):
            await call


async def test_a_lost_answer_to_a_read_is_transient(bench: Bench, cloud: Cloud) -> None:
    """Reading again costs nothing."""
    group_id = await bench.group()
    for operation, call in (
        ("list groups", cloud.groups.list()),
        ("show group", cloud.groups.get(group_id)),
        ("list instances", cloud.instances.list(group_id)),
    ):
        await bench.fault("drop-before-commit", operation)
        with pytest.raises(errors.Transient):
            await call


async def test_silence_is_ended_by_the_timeout(open_bench: Callable[[Settings], Any], settings: Settings) -> None:
    """A read may be repeated, a write is looked after."""
    bench = await open_bench(settings)  # what is late here must not come into another test
    group_id = await bench.group()
    cloud = bench.build(request_timeout_s=0.5, project_id=PROJECT.id)
    await cloud.groups.list()
    for operation in ("list groups", "update group"):
        await bench.fault("delay", operation, seconds=1.0)
    with pytest.raises(errors.Transient):
        await cloud.groups.list()
    with pytest.raises(errors.OutcomeUnknown):
        await cloud.groups.set_capacity(group_id, 1, "token")


async def test_a_write_that_never_left_was_not_done(bench: Bench) -> None:
    """Nobody listens there."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        cloud = bench.build(autoscaling_endpoint=f"http://127.0.0.1:{port}", project_id=PROJECT.id)
        with pytest.raises(errors.Transient):
            await cloud.groups.set_capacity("some-group", 1, "token")


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_a_broken_server_leaves_a_write_in_doubt(bench: Bench, cloud: Cloud, status: int) -> None:
    """Unless the body says what went wrong; a read is just tried again."""
    configuration = await bench.configuration()
    await bench.fault("error", "create group", status=status, code="UNHEARD.1")
    with pytest.raises(errors.OutcomeUnknown):
        await bench.group(launchConfigurationRef=configuration)
    await bench.fault("error", "list groups", status=status, code="UNHEARD.1")
    with pytest.raises(errors.Transient):
        await cloud.groups.list()


async def test_no_failed_read_looks_like_absence(bench: Bench, cloud: Cloud) -> None:
    """A missing path or a gateway's 404 says nothing about a group."""
    group_id = await bench.group()
    for status, code in ((404, "AS.0007"), (404, "APIG.0101"), (400, "AS.1004"), (404, "WHAT.1")):
        await bench.fault("error", "show group", status=status, code=code)
        with pytest.raises(errors.CloudError) as failed:
            await cloud.groups.get(group_id)
        assert not isinstance(failed.value, errors.NotFound), code


async def test_the_gate_hears_of_every_request(bench: Bench, cloud: Cloud) -> None:
    """Entered and left, with the vendor's own operation ids, writes told apart."""
    await cloud.groups.enable(await bench.group())
    assert [operation for operation, _ in bench.gate.calls] == [operation for operation, _, _ in bench.gate.ended]
    assert (bench.op("create group"), True) in bench.gate.calls
    await cloud.groups.list()
    assert bench.gate.calls[-1] == (bench.op("list groups"), False)


async def test_a_closed_gate_stops_a_write_before_it_leaves(bench: Bench, cloud: Cloud) -> None:
    """LeaseLost comes through, and the cloud saw nothing."""
    group_id = await bench.group()
    before = await bench.count("update group")

    async def refuse(operation: str, *, write: bool) -> None:
        raise errors.LeaseLost("the lease is gone")

    bench.gate.enter = refuse  # type: ignore[method-assign]  # a gate that is closed
    with pytest.raises(errors.LeaseLost):
        await cloud.groups.set_capacity(group_id, 1, "token")
    assert await bench.count("update group") == before
