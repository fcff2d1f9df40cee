"""Instances: the list, and every action on a batch."""

from __future__ import annotations

import pytest
from contract_bench import Bench

from cloudscaling import errors
from cloudscaling.core.model import Health, InstanceAction, InstanceState
from cloudscaling.ports import Cloud

MISSING = "00000000-0000-0000-0000-000000000000"


async def ids(cloud: Cloud, group_id: str) -> list[str]:
    return sorted(instance.id for instance in await cloud.instances.list(group_id))


async def servers(bench: Bench, count: int) -> list[str]:
    made = await bench.seed(servers=[{"vpc_id": "vpc-a", "zone": "sim-region-1a"}] * count)
    return [str(server) for server in made["servers"]]


async def test_an_instance_is_shown_in_neutral_words(bench: Bench, cloud: Cloud) -> None:
    """While it starts and when it serves."""
    group_id = await bench.group(desired=1)
    await cloud.groups.enable(group_id)
    starting = (await cloud.instances.list(group_id))[0]
    assert (starting.state, starting.health) == (InstanceState.PENDING, Health.INITIALIZING)
    await bench.advance()
    serving = (await cloud.instances.list(group_id))[0]
    assert (serving.state, serving.health) == (InstanceState.IN_SERVICE, Health.HEALTHY)
    assert (serving.protected, serving.attached) == (False, False)
    group = await cloud.groups.get(group_id)
    assert serving.launch_configuration_id == group.fields["launchConfigurationRef"]
    assert serving.joined_at is not None


async def test_added_instances_are_attached(bench: Bench, cloud: Cloud) -> None:
    """They have no launch configuration and are never released."""
    group_id = await bench.running_group(0)
    joined = await servers(bench, 2)
    await cloud.instances.act(group_id, InstanceAction.ADD, joined)
    await bench.advance()
    found = await cloud.instances.list(group_id)
    assert {instance.id for instance in found} == set(joined)
    assert all(instance.attached and instance.launch_configuration_id == "" for instance in found)


@pytest.mark.parametrize("action", [InstanceAction.REMOVE, InstanceAction.DETACH])
async def test_removed_instances_are_out(bench: Bench, cloud: Cloud, action: InstanceAction) -> None:
    """Remove releases what the group made, Detach keeps it."""
    group_id = await bench.running_group(3)
    out, *kept = await ids(cloud, group_id)
    await cloud.instances.act(group_id, action, [out])
    await bench.advance()
    assert await ids(cloud, group_id) == kept
    state = (await bench.admin.get("/state")).text
    assert out in state


async def test_protection_is_set_and_lifted(bench: Bench, cloud: Cloud) -> None:
    """It is no activity: done at once."""
    group_id = await bench.running_group(2)
    first, second = await ids(cloud, group_id)
    await cloud.instances.act(group_id, InstanceAction.PROTECT, [first])
    assert {i.id: i.protected for i in await cloud.instances.list(group_id)} == {first: True, second: False}
    await cloud.instances.act(group_id, InstanceAction.UNPROTECT, [first])
    assert not any(instance.protected for instance in await cloud.instances.list(group_id))


async def test_standby_is_entered_and_left(bench: Bench, cloud: Cloud) -> None:
    """A standby instance stays a member."""
    group_id = await bench.running_group(2)
    first, _ = await ids(cloud, group_id)
    for action, state in (
        (InstanceAction.ENTER_STANDBY, InstanceState.STANDBY),
        (InstanceAction.EXIT_STANDBY, InstanceState.IN_SERVICE),
    ):
        if action not in bench.cloud.capabilities.batch_sizes:
            pytest.skip("the vendor has no standby")
        await cloud.instances.act(group_id, action, [first])
        await bench.advance()
        assert {i.id: i.state for i in await cloud.instances.list(group_id)}[first] is state


async def test_standby_instances_can_be_replaced(bench: Bench, cloud: Cloud) -> None:
    """New ones take their place; above the maximum the vendor refuses."""
    if InstanceAction.ENTER_STANDBY not in bench.subject.actions:
        pytest.skip("the vendor has no standby")
    group_id = await bench.running_group(2, maxSize=3)
    first, second = await ids(cloud, group_id)
    await cloud.instances.act(group_id, InstanceAction.ENTER_STANDBY, [first], replace=True)
    await bench.advance()
    await bench.advance()
    found = [instance.state for instance in await cloud.instances.list(group_id)]
    assert sorted(found) == [InstanceState.IN_SERVICE, InstanceState.IN_SERVICE, InstanceState.STANDBY]
    with pytest.raises(errors.Bounds):
        await cloud.instances.act(group_id, InstanceAction.ENTER_STANDBY, [second], replace=True)
    with pytest.raises(errors.Rejected):
        await cloud.instances.act(group_id, InstanceAction.REMOVE, [second], replace=True)


@pytest.mark.parametrize("action", list(InstanceAction))
async def test_an_action_that_the_vendor_lacks_is_not_sent(bench: Bench, cloud: Cloud, action: InstanceAction) -> None:
    """Its batch size is not known either."""
    if action in bench.subject.actions:
        assert cloud.capabilities.batch_sizes[action] > 0
        return
    assert action not in cloud.capabilities.batch_sizes
    with pytest.raises(errors.Rejected):
        await cloud.instances.act("some-group", action, ["some-instance"])
    assert await bench.count("batch instances") == 0


async def test_wrong_states_are_waited_for(bench: Bench, cloud: Cloud) -> None:
    """Leaving standby without being in it, protecting what still starts."""
    group_id = await bench.group(desired=1)
    await cloud.groups.enable(group_id)
    (starting,) = await ids(cloud, group_id)
    with pytest.raises(errors.Busy):
        await cloud.instances.act(group_id, InstanceAction.PROTECT, [starting])
    await bench.advance()
    if InstanceAction.EXIT_STANDBY in bench.subject.actions:
        with pytest.raises(errors.Busy):
            await cloud.instances.act(group_id, InstanceAction.EXIT_STANDBY, [starting])


async def test_a_protected_floor_is_a_bound(bench: Bench, cloud: Cloud) -> None:
    """The desired capacity cannot go below what is protected."""
    group_id = await bench.running_group(2)
    await cloud.instances.act(group_id, InstanceAction.PROTECT, await ids(cloud, group_id))
    with pytest.raises(errors.Bounds):
        await cloud.groups.set_capacity(group_id, 1, "token")


@pytest.mark.parametrize("action", [InstanceAction.REMOVE, InstanceAction.DETACH])
async def test_one_member_may_leave_where_batches_are_forbidden(
    bench: Bench, cloud: Cloud, action: InstanceAction
) -> None:
    """The call for one instance names no group, so it is made for a member of this group only."""
    group_id = await bench.running_group(2, name="mine")
    stranger = (await ids(cloud, await bench.running_group(1, name="theirs")))[0]
    first, second = await ids(cloud, group_id)
    for chosen in ([stranger], [first, second], [MISSING]):
        await bench.fault("error", "batch instances", status=403, code="AS.0031")
        with pytest.raises(errors.PermissionDenied):
            await cloud.instances.act(group_id, action, chosen)
    assert await bench.count("remove instance") == 0
    await bench.fault("error", "batch instances", status=403, code="AS.0031")
    await cloud.instances.act(group_id, action, [first])
    await bench.advance()
    assert await ids(cloud, group_id) == [second]
    assert await bench.count("remove instance") == 1


async def test_a_batch_that_is_too_large_asks_for_smaller_ones(bench: Bench, cloud: Cloud) -> None:
    """Nothing of it was done."""
    group_id = await bench.running_group(0)
    size = cloud.capabilities.batch_sizes[InstanceAction.ADD]
    with pytest.raises(errors.BatchTooLarge):
        await cloud.instances.act(group_id, InstanceAction.ADD, await servers(bench, size + 1))
    assert await ids(cloud, group_id) == []


async def test_a_whole_batch_of_the_allowed_size_is_taken(bench: Bench, cloud: Cloud) -> None:
    """The limits that the capabilities name are the vendor's."""
    group_id = await bench.running_group(0, maxSize=60)
    size = cloud.capabilities.batch_sizes[InstanceAction.ADD]
    await cloud.instances.act(group_id, InstanceAction.ADD, await servers(bench, size))
    await bench.advance()
    await cloud.groups.set_capacity(group_id, 60, "token")
    await bench.advance()
    size = cloud.capabilities.batch_sizes[InstanceAction.DETACH]
    out = (await ids(cloud, group_id))[:size]
    await cloud.instances.act(group_id, InstanceAction.DETACH, out)
    await bench.advance()
    assert not set(out) & set(await ids(cloud, group_id))


async def test_a_busy_group_waits(bench: Bench, cloud: Cloud) -> None:
    """The second batch comes after the first one's activity."""
    group_id = await bench.running_group(2)
    first, second = await ids(cloud, group_id)
    await cloud.instances.act(group_id, InstanceAction.REMOVE, [first])
    with pytest.raises(errors.Busy):
        await cloud.instances.act(group_id, InstanceAction.REMOVE, [second])


async def test_an_instance_that_is_a_member_already_is_no_failure(bench: Bench, cloud: Cloud) -> None:
    """Success only if all of the batch are in."""
    group_id = await bench.running_group(1)
    member = (await ids(cloud, group_id))[0]
    with pytest.raises(errors.NoOp):
        await cloud.instances.act(group_id, InstanceAction.ADD, [member])


@pytest.mark.parametrize(
    ("size", "action", "count"),
    [(1, InstanceAction.REMOVE, 1), (19, InstanceAction.ADD, 2)],
    ids=["below the minimum", "above the maximum"],
)
async def test_bounds_are_kept(bench: Bench, cloud: Cloud, size: int, action: InstanceAction, count: int) -> None:
    """Instance operations are refused, never clamped."""
    group_id = await bench.running_group(size, minSize=1)
    chosen = await servers(bench, count) if action is InstanceAction.ADD else await ids(cloud, group_id)
    with pytest.raises(errors.Bounds):
        await cloud.instances.act(group_id, action, chosen)


async def test_a_batch_that_fails_in_part_is_a_failure(bench: Bench, cloud: Cloud) -> None:
    """The list is read again to know what happened."""
    group_id = await bench.running_group(2)
    with pytest.raises(errors.Rejected):
        await cloud.instances.act(group_id, InstanceAction.REMOVE, [(await ids(cloud, group_id))[0], MISSING])


@pytest.mark.parametrize("action", [InstanceAction.PROTECT, InstanceAction.REMOVE, InstanceAction.DETACH])
@pytest.mark.parametrize("kind", ["drop-before-commit", "drop-after-commit"], ids=["not done", "done"])
async def test_a_lost_answer_to_a_batch_is_an_unknown_outcome(
    bench: Bench, cloud: Cloud, action: InstanceAction, kind: str
) -> None:
    """The list tells which instances are where they should be."""
    group_id = await bench.running_group(2)
    chosen = (await ids(cloud, group_id))[:1]
    await bench.fault(kind, "batch instances")
    with pytest.raises(errors.OutcomeUnknown):
        await cloud.instances.act(group_id, action, chosen)
    await bench.advance()
    found = {instance.id: instance.protected for instance in await cloud.instances.list(group_id)}
    done = found.get(chosen[0]) is not False
    assert done == (kind == "drop-after-commit")


async def test_an_instance_that_is_out_already_is_no_failure(bench: Bench, cloud: Cloud) -> None:
    """Whoever took it out."""
    group_id = await bench.running_group(2)
    with pytest.raises((errors.NoOp, errors.NotFound)):
        await cloud.instances.act(group_id, InstanceAction.REMOVE, [MISSING])
