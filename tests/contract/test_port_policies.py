"""Policies of every type: made, read back as they were wanted, changed in part, switched, deleted."""

from __future__ import annotations

import pytest
from contract_bench import Bench

from cloudscaling import errors
from cloudscaling.core.diff import differences
from cloudscaling.core.model import ActivityStatus, Change
from cloudscaling.ports import Cloud

MISSING = "00000000000000000000000000000000"
TYPES = ("Alarm", "Scheduled", "Recurring")


@pytest.mark.parametrize("kind", TYPES)
async def test_a_new_policy_is_as_wanted(bench: Bench, cloud: Cloud, kind: str) -> None:
    """A second look finds nothing to do, and every field can be read back."""
    group_id = await bench.group()
    found = await cloud.policies.get(await bench.policy(group_id, kind, "morning"))
    want = cloud.policies.canonical({**bench.subject.policies[kind], "externalName": "morning"})
    assert differences(want, found.fields) == ()
    assert set(want) <= set(found.fields)
    assert (found.name, found.type, found.group_id) == ("morning", kind, group_id)
    assert (found.enabled, found.executing) == (True, False)
    assert found.created_at is not None


async def test_list_and_get_agree(bench: Bench, cloud: Cloud) -> None:
    """All policies of the account, whatever group they belong to."""
    made = set()
    for number, kind in enumerate(TYPES):
        made.add(await bench.policy(await bench.group(f"g-{number}"), kind))
    listed = await cloud.policies.list()
    assert {found.id for found in listed} == made
    assert [await cloud.policies.get(found.id) for found in listed] == list(listed)


@pytest.mark.parametrize("kind", TYPES)
async def test_every_field_can_be_changed(bench: Bench, cloud: Cloud, kind: str) -> None:
    """One path at a time, except for schedules whose parts only make sense together."""
    policy_id = await bench.policy(await bench.group(), kind)
    update = bench.subject.policy_update[kind]
    together = {path for path in update if path.startswith("schedule.")}
    steps = [{path} for path in update if path not in together] + ([together] if together else [])
    for paths in steps:
        seen = (await cloud.policies.get(policy_id)).fields
        want = cloud.policies.canonical({**seen, **{path: update[path] for path in paths}})
        await cloud.policies.update(policy_id, Change(want, seen, frozenset(paths)))
        assert differences(want, (await cloud.policies.get(policy_id)).fields) == (), paths


@pytest.mark.parametrize(
    "adjustment",
    [
        {"type": "ChangeInCapacity", "value": 1},
        {"type": "ChangeInCapacity", "value": -300},
        {"type": "PercentChangeInCapacity", "value": -100},
        {"type": "PercentChangeInCapacity", "value": 20000},
        {"type": "ExactCapacity", "value": 0},
        {"type": "ExactCapacity", "value": 300},
        {"type": "ExactPercent", "value": 0},
        {"type": "ExactPercent", "value": 150},
    ],
    ids=lambda adjustment: f"{adjustment['type']} {adjustment['value']}",
)
async def test_adjustments_keep_sign_and_size(bench: Bench, cloud: Cloud, adjustment: dict[str, object]) -> None:
    """Direction is the sign here and a word there."""
    policy_id = await bench.policy(await bench.group(), "Alarm")
    seen = (await cloud.policies.get(policy_id)).fields
    want = {**seen, "adjustment": adjustment}
    await cloud.policies.update(policy_id, Change(want, seen, frozenset({"adjustment"})))
    assert (await cloud.policies.get(policy_id)).fields["adjustment"] == adjustment


async def test_an_adjustment_that_the_vendor_cannot_hold_is_refused(bench: Bench, cloud: Cloud) -> None:
    """The message names the field."""
    policy_id = await bench.policy(await bench.group(), "Alarm")
    seen = (await cloud.policies.get(policy_id)).fields
    want = {**seen, "adjustment": {"type": "ChangeInCapacity", "value": 301}}
    with pytest.raises(errors.Rejected, match=r"adjustment\.value"):
        await cloud.policies.update(policy_id, Change(want, seen, frozenset({"adjustment"})))


async def test_a_daily_schedule_has_no_days(bench: Bench, cloud: Cloud) -> None:
    """Whatever the vendor keeps for it."""
    policy_id = await bench.policy(await bench.group(), "Recurring")
    seen = (await cloud.policies.get(policy_id)).fields
    want = {**seen, "schedule.recurrence": "Daily", "schedule.days": []}
    paths = frozenset({"schedule.recurrence", "schedule.days"})
    await cloud.policies.update(policy_id, Change(want, seen, paths))
    assert differences(want, (await cloud.policies.get(policy_id)).fields) == ()


async def test_a_policy_is_enabled_and_disabled(bench: Bench, cloud: Cloud) -> None:
    """The state is read back."""
    policy_id = await bench.policy(await bench.group(), "Alarm")
    await cloud.policies.disable(policy_id)
    assert not (await cloud.policies.get(policy_id)).enabled
    await cloud.policies.enable(policy_id)
    assert (await cloud.policies.get(policy_id)).enabled


async def test_one_is_deleted_by_its_own_call(bench: Bench, cloud: Cloud) -> None:
    """Afterwards every call about it says that it is gone."""
    policy_id = await bench.policy(await bench.group(), "Alarm")
    await cloud.policies.delete([policy_id], force=False, delete_alarm=False)
    assert (await bench.count("delete policy"), await bench.count("batch policies")) == (1, 0)
    seen = {"cooldownSeconds": 0}
    for call in (
        cloud.policies.get(policy_id),
        cloud.policies.update(policy_id, Change({"cooldownSeconds": 1}, seen, frozenset(seen))),
        cloud.policies.enable(policy_id),
        cloud.policies.delete([policy_id], force=False, delete_alarm=False),
        cloud.policies.executions(policy_id, 5),
    ):
        with pytest.raises(errors.NotFound):
            await call


async def test_many_are_deleted_in_batches(bench: Bench, cloud: Cloud) -> None:
    """Twenty per call; one that is gone already spoils nothing."""
    group_id = await bench.group()
    made = [await bench.policy(group_id, "Alarm", f"p-{number}") for number in range(22)]
    await cloud.policies.delete(made, force=False, delete_alarm=False)
    assert await cloud.policies.list() == ()
    assert await bench.count("batch policies") == 2
    left = [await bench.policy(group_id, "Alarm", f"q-{number}") for number in range(2)]
    await cloud.policies.delete([made[0], *left], force=True, delete_alarm=False)
    assert await cloud.policies.list() == ()


async def test_an_alarm_can_go_with_its_policy(bench: Bench, cloud: Cloud) -> None:
    """Only when asked for; that needs the batch call even for one."""
    policy_id = await bench.policy(await bench.group(), "Alarm")
    await cloud.policies.delete([policy_id], force=False, delete_alarm=True)
    assert (await bench.count("delete policy"), await bench.count("batch policies")) == (0, 1)


async def test_runs_of_a_policy_are_listed_newest_first(bench: Bench, cloud: Cloud) -> None:
    """With trigger and numbers."""
    group_id = await bench.running_group(6)
    policy_id = await bench.policy(group_id, "Alarm")
    for _ in range(2):
        await bench.admin.post(f"/alarms/{bench.subject.simulator}/{policy_id}/fire", json={})
        await bench.advance()
    newest, older = await cloud.policies.executions(policy_id, 5)
    assert [newest.trigger, older.trigger] == ["Alarm", "Alarm"]
    assert (newest.status, newest.old_value, newest.new_value) == (ActivityStatus.SUCCEEDED, 4, 2)
    assert newest.time is not None
    assert older.time is not None
    assert newest.time > older.time
    assert await cloud.policies.executions(policy_id, 1) == (newest,)


async def test_a_missing_group_is_a_dependency_of_its_policy(bench: Bench) -> None:
    """Nothing is said about the policy."""
    with pytest.raises(errors.DependencyNotReady):
        await bench.policy(MISSING, "Alarm")
