"""Warm pools, and what is said of everything that a vendor does not have at all."""

from __future__ import annotations

import pytest
from contract_bench import Bench

from cloudscaling import errors
from cloudscaling.core.model import NewPolicy, Notification
from cloudscaling.ports import Cloud

MISSING = "00000000-0000-0000-0000-000000000000"


@pytest.fixture
def pools(bench: Bench) -> None:
    if not bench.subject.warm_pool:
        pytest.skip("the vendor has no warm pools")


@pytest.mark.usefixtures("pools")
async def test_a_pool_is_opened_changed_and_closed(bench: Bench, cloud: Cloud) -> None:
    """A closing pool is still one; a closed one is none."""
    group_id = await bench.group()
    assert await cloud.warm_pools.get(group_id) is None
    await cloud.warm_pools.put(group_id, 2, 30)
    found = await cloud.warm_pools.get(group_id)
    assert found is not None
    assert (found.capacity, found.instance_init_wait_s, found.instances, found.active) == (2, 30, 2, True)
    await cloud.warm_pools.put(group_id, 0, None)
    found = await cloud.warm_pools.get(group_id)
    assert found is not None
    assert (found.capacity, found.instance_init_wait_s, found.instances) == (0, 30, 0)
    await cloud.warm_pools.close(group_id)
    closing = await cloud.warm_pools.get(group_id)
    assert closing is not None
    assert (closing.active, closing.state) == (False, "CLOSING")
    await bench.advance()
    assert await cloud.warm_pools.get(group_id) is None


@pytest.mark.usefixtures("pools")
async def test_a_pool_without_a_size_has_none(bench: Bench, cloud: Cloud) -> None:
    """The vendor then keeps as many as the group may still grow by, more than a page of them."""
    group_id = await bench.group(maxSize=130)
    await cloud.warm_pools.put(group_id, None, None)
    found = await cloud.warm_pools.get(group_id)
    assert found is not None
    assert (found.capacity, found.instances) == (None, 130)


@pytest.mark.usefixtures("pools")
async def test_closing_twice_is_no_failure(bench: Bench, cloud: Cloud) -> None:
    """Of a missing group there is no pool."""
    group_id = await bench.group()
    await cloud.warm_pools.close(group_id)
    for call in (cloud.warm_pools.get(MISSING), cloud.warm_pools.put(MISSING, 1, 1), cloud.warm_pools.close(MISSING)):
        with pytest.raises(errors.NotFound):
            await call


@pytest.mark.usefixtures("pools")
@pytest.mark.parametrize(
    ("kind", "size"), [("drop-before-commit", None), ("drop-after-commit", 3)], ids=["not done", "done"]
)
async def test_a_lost_answer_is_an_unknown_outcome(bench: Bench, cloud: Cloud, kind: str, size: int | None) -> None:
    """Both calls say what shall be, so they are simply made again."""
    group_id = await bench.group()
    await bench.fault(kind, "put warm pool")
    with pytest.raises(errors.OutcomeUnknown):
        await cloud.warm_pools.put(group_id, 3, None)
    found = await cloud.warm_pools.get(group_id)
    assert (found.capacity if found else None) == size
    await bench.fault(kind, "close warm pool")
    with pytest.raises(errors.OutcomeUnknown):
        await cloud.warm_pools.close(group_id)


async def test_what_a_vendor_lacks_is_never_called(bench: Bench, cloud: Cloud) -> None:
    """Reads find nothing, writes are refused, and the cloud hears of neither."""
    subject = bench.subject
    if subject.warm_pool and subject.tasks and subject.notification:
        pytest.skip("the vendor lacks nothing")
    before = len(bench.gate.calls)
    assert await cloud.notifications.list("g") == ()
    assert await cloud.scheduled_tasks.list("g") == ()
    assert await cloud.warm_pools.get("g") is None
    for call in (
        cloud.notifications.create("g", Notification("", {"events": ["ScaleOutFailed"], "target.topic": "t"})),
        cloud.scheduled_tasks.create(NewPolicy("g", "Scheduled", {"capacity": {"minSize": 1}}), "token"),
        cloud.warm_pools.put("g", 1, 1),
    ):
        with pytest.raises(errors.Rejected):
            await call
    for gone in (
        cloud.notifications.delete("g", "t"),
        cloud.scheduled_tasks.delete("g", "t"),
        cloud.warm_pools.close("g"),
    ):
        with pytest.raises(errors.NotFound):
            await gone
    assert len(bench.gate.calls) == before
    assert not {"WarmPool", "ScheduledTasks", "Notifications"} & cloud.capabilities.features
