"""Groups: made, read back as they were wanted, changed in part, switched, deleted, and gone."""

from __future__ import annotations

import pytest
from contract_bench import MARK, Bench

from cloudscaling import errors
from cloudscaling.core.diff import differences
from cloudscaling.core.model import ActivityStatus, ActivityType, Change, Group, GroupState, InstanceAction, NewGroup
from cloudscaling.ports import Cloud

MISSING = "00000000-0000-0000-0000-000000000000"


def different(cloud: Cloud, want: dict[str, object], group: Group) -> list[str]:
    return [found.path for found in differences(cloud.groups.canonical(want), group.fields)]


async def test_a_new_group_is_disabled_and_marked(bench: Bench, cloud: Cloud) -> None:
    """The mark is there from the first moment, and is no part of the description."""
    group = await cloud.groups.get(await bench.group(desired=3))
    assert (group.state, group.name, group.desired, group.current) == (GroupState.DISABLED, "web", 3, 0)
    assert group.marker == MARK
    assert group.fields[f"{bench.subject.block}.description"] == "web tier"
    assert group.owner_tag == ""
    assert group.created_at is not None


async def test_a_new_group_is_as_wanted(bench: Bench, cloud: Cloud) -> None:
    """Nothing that was asked for is seen otherwise, and nothing of it is unreadable."""
    group = await cloud.groups.get(await bench.group())
    assert different(cloud, dict(bench.subject.group), group) == []
    assert set(bench.subject.group) <= set(group.fields)


async def test_a_group_with_the_least_of_fields_can_be_made(bench: Bench, cloud: Cloud) -> None:
    """What is not managed is left to the vendor."""
    needed = ("minSize", "maxSize", "network.vpcId", "network.subnetIds")
    fields = {path: bench.subject.group[path] for path in needed}
    fields |= {"externalName": "plain", "launchConfigurationRef": await bench.configuration()}
    group = await cloud.groups.get(await cloud.groups.create(NewGroup(fields, 0, ""), "token"))
    assert different(cloud, fields, group) == []
    assert (group.marker, group.fields["tags"]) == ("", {})


async def test_list_and_get_agree(bench: Bench, cloud: Cloud) -> None:
    """A list row is as good as a read by id."""
    ids = {await bench.group("a"), await bench.group("b")}
    listed = await cloud.groups.list()
    assert {group.id for group in listed} == ids
    assert [await cloud.groups.get(group.id) for group in listed] == list(listed)


async def test_every_field_can_be_changed(bench: Bench, cloud: Cloud) -> None:
    """Each difference on its own: one changed path, nothing else moves."""
    group_id = await bench.group(desired=1)
    for path, value in bench.subject.group_update.items():
        seen = (await cloud.groups.get(group_id)).fields
        want = cloud.groups.canonical({**seen, path: value})
        await cloud.groups.update(group_id, Change(want, seen, frozenset({path}), MARK))
        group = await cloud.groups.get(group_id)
        assert {d.path for d in differences(want, group.fields)} == set(), path
        assert group.marker == MARK, path


async def test_all_fields_can_be_changed_at_once(bench: Bench, cloud: Cloud) -> None:
    """One call; a second look finds nothing to do."""
    group_id = await bench.group(desired=1)
    before = await bench.count("update group")
    seen = (await cloud.groups.get(group_id)).fields
    want = cloud.groups.canonical({**seen, **bench.subject.group_update})
    await cloud.groups.update(group_id, Change(want, seen, frozenset(bench.subject.group_update), MARK))
    group = await cloud.groups.get(group_id)
    assert differences(want, group.fields) == ()
    assert await bench.count("update group") == before + 1


async def test_a_launch_configuration_is_swapped(bench: Bench, cloud: Cloud) -> None:
    """The group uses the new one from now on."""
    group_id = await bench.group()
    other = await bench.configuration("lc-2")
    seen = (await cloud.groups.get(group_id)).fields
    want = {**seen, "launchConfigurationRef": other}
    await cloud.groups.update(group_id, Change(want, seen, frozenset({"launchConfigurationRef"})))
    assert (await cloud.groups.get(group_id)).fields["launchConfigurationRef"] == other


async def test_bounds_and_desired_move_together(bench: Bench, cloud: Cloud) -> None:
    """Bounds that exclude the desired capacity need both in one call."""
    group_id = await bench.group(desired=5)
    seen = (await cloud.groups.get(group_id)).fields
    want = {**seen, "minSize": 6, "maxSize": 8}
    paths = frozenset({"minSize", "maxSize"})
    with pytest.raises(errors.Bounds):
        await cloud.groups.update(group_id, Change(want, seen, paths))
    await cloud.groups.update(group_id, Change(want, seen, paths, desired=6))
    group = await cloud.groups.get(group_id)
    assert (group.min_size, group.desired, group.max_size) == (6, 6, 8)


async def test_an_unknown_launch_configuration_does_not_look_like_a_missing_group(bench: Bench, cloud: Cloud) -> None:
    """A reference that is not there is something to wait for; absent is said of the group alone."""
    group_id = await bench.group()
    seen = (await cloud.groups.get(group_id)).fields
    want = {**seen, "launchConfigurationRef": MISSING}
    with pytest.raises(errors.DependencyNotReady):
        await cloud.groups.update(group_id, Change(want, seen, frozenset({"launchConfigurationRef"})))
    with pytest.raises(errors.DependencyNotReady):
        await bench.group("other", launchConfigurationRef=MISSING)


async def test_capacity_is_set_and_reached(bench: Bench, cloud: Cloud) -> None:
    """While instances start the group is busy with a scale-out."""
    group_id = await bench.running_group(0)
    await cloud.groups.set_capacity(group_id, 3, "token")
    group = await cloud.groups.get(group_id)
    assert (group.desired, group.busy, group.activity) == (3, True, ActivityType.SCALE_OUT)
    await bench.advance()
    group = await cloud.groups.get(group_id)
    assert (group.current, group.busy, group.activity) == (3, False, None)


@pytest.mark.parametrize("desired", [21, 10_000], ids=["above the maximum", "above the quota"])
async def test_capacity_outside_the_bounds_is_refused(bench: Bench, cloud: Cloud, desired: int) -> None:
    """Nothing is clamped silently."""
    group_id = await bench.running_group(0)
    with pytest.raises(errors.Bounds):
        await cloud.groups.set_capacity(group_id, desired, "token")


async def test_a_group_is_enabled_and_disabled(bench: Bench, cloud: Cloud) -> None:
    """Both can be asked for twice."""
    group_id = await bench.group()
    for _ in range(2):
        await cloud.groups.enable(group_id)
        assert (await cloud.groups.get(group_id)).state is GroupState.ACTIVE
    for _ in range(2):
        await cloud.groups.disable(group_id)
        assert (await cloud.groups.get(group_id)).state is GroupState.DISABLED


async def test_tags_are_put_and_removed(bench: Bench, cloud: Cloud) -> None:
    """The ownership tag is no ordinary tag; a tag may be empty."""
    group_id = await bench.group()
    await cloud.groups.set_tags(group_id, {"cso-owner": MARK, "team": "shop", "new": ""}, ["empty", "never-there"])
    group = await cloud.groups.get(group_id)
    assert group.owner_tag == MARK
    assert group.fields["tags"] == {"team": "shop", "new": ""}
    await cloud.groups.set_tags(group_id, {}, ["cso-owner"])
    assert (await cloud.groups.get(group_id)).owner_tag == ""


async def test_too_many_tags_are_a_quota(bench: Bench, cloud: Cloud) -> None:
    """Two are there already."""
    group_id = await bench.group()
    with pytest.raises(errors.QuotaExceeded):
        await cloud.groups.set_tags(group_id, {f"k{n}": "" for n in range(9)}, [])


async def test_an_empty_group_is_deleted_and_then_absent(bench: Bench, cloud: Cloud) -> None:
    """Every call about it says so."""
    group_id = await bench.group()
    await cloud.groups.delete(group_id, force=False)
    assert await cloud.groups.list() == ()
    for call in (
        cloud.groups.get(group_id),
        cloud.groups.delete(group_id, force=False),
        cloud.groups.delete(group_id, force=True),
        cloud.groups.enable(group_id),
        cloud.groups.set_capacity(group_id, 1, "token"),
        cloud.groups.set_tags(group_id, {"a": "b"}, []),
        cloud.groups.activities(group_id, 5),
        cloud.groups.quotas(group_id),
        cloud.instances.list(group_id),
        cloud.instances.act(group_id, InstanceAction.REMOVE, [MISSING]),
    ):
        with pytest.raises(errors.NotFound):
            await call


async def test_a_group_with_instances_is_held_back_or_forced(bench: Bench, cloud: Cloud) -> None:
    """Force empties it first; acceptance is not the end."""
    group_id = await bench.running_group(2)
    with pytest.raises(errors.InUse):
        await cloud.groups.delete(group_id, force=False)
    await cloud.groups.delete(group_id, force=True)
    assert (await cloud.groups.get(group_id)).state is GroupState.DELETING
    await bench.advance()
    with pytest.raises(errors.NotFound):
        await cloud.groups.get(group_id)


async def test_a_busy_group_is_not_deleted(bench: Bench, cloud: Cloud) -> None:
    """Waiting is no error of the user."""
    group_id = await bench.group(desired=1)
    await cloud.groups.enable(group_id)
    with pytest.raises(errors.Busy):
        await cloud.groups.delete(group_id, force=False)


async def test_activities_come_newest_first_with_cause_and_numbers(bench: Bench, cloud: Cloud) -> None:
    """A scale-out and a scale-in, told apart by their sign."""
    group_id = await bench.running_group(2)
    await cloud.groups.set_capacity(group_id, 1, "token")
    running = (await cloud.groups.activities(group_id, 10))[0]
    assert (running.status, running.ended_at) == (ActivityStatus.IN_PROGRESS, None)
    await bench.advance()
    newest, *older = await cloud.groups.activities(group_id, 10)
    assert (newest.type, newest.status) == (ActivityType.SCALE_IN, ActivityStatus.SUCCEEDED)
    assert (newest.old_capacity, newest.new_capacity, newest.failed_instances) == (2, 1, 0)
    assert newest.cause
    assert newest.started_at is not None
    assert newest.ended_at is not None
    assert len(newest.instance_ids) == 1
    assert not set(newest.instance_ids) & {row.id for row in await cloud.instances.list(group_id)}
    assert [activity.type for activity in older] == [ActivityType.SCALE_OUT]
    assert [activity.id for activity in await cloud.groups.activities(group_id, 1)] == [newest.id]


async def test_a_failed_activity_tells_why(bench: Bench, cloud: Cloud) -> None:
    """The reason is in the log and on the group."""
    group_id = await bench.group(desired=1)
    await bench.fault("instance-fail", group_id, message="no stock of this flavor")
    await cloud.groups.enable(group_id)
    await bench.advance(10)
    failed = next(
        found for found in await cloud.groups.activities(group_id, 10) if found.status is ActivityStatus.FAILED
    )
    assert failed.failed_instances == 1
    assert "no stock of this flavor" in failed.message
    assert "no stock of this flavor" in (await cloud.groups.get(group_id)).detail


async def test_a_policy_behind_an_activity_is_named(bench: Bench, cloud: Cloud) -> None:
    """A capacity that moved without us is explained by the policy's id."""
    group_id = await bench.running_group(3)
    policy_id = await bench.policy(group_id, "Alarm")
    await bench.admin.post(f"/alarms/{bench.subject.simulator}/{policy_id}/fire", json={})
    newest = (await cloud.groups.activities(group_id, 5))[0]
    assert (newest.policy_id, newest.type) == (policy_id, ActivityType.SCALE_IN)


async def test_the_quota_of_groups_is_named(bench: Bench) -> None:
    """Until the quota is raised nothing helps."""
    made = await bench.seed(configurations=[{"scaling_configuration_name": "seeded", "instance_config": SEED}])
    await bench.seed(groups=[{**GROUP_SEED, "scaling_configuration_id": made["configurations"][0], "count": 500}])
    with pytest.raises(errors.QuotaExceeded):
        await bench.group()


SEED = {
    "flavorRef": "s6.large.2",
    "imageRef": "image-a",
    "key_name": "ops",
    "disk": [{"size": 40, "volume_type": "SSD", "disk_type": "SYS"}],
}
GROUP_SEED = {"scaling_group_name": "seed-{n}", "vpc_id": "vpc-a", "networks": [{"id": "net-a"}]}
