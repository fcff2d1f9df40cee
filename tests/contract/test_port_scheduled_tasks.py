"""Scheduled tasks: schedules that set sizes, or none at all where the vendor has none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from contract_bench import Bench

from cloudscaling import errors
from cloudscaling.core.diff import differences
from cloudscaling.core.model import Change, NewPolicy
from cloudscaling.core.policy.schedule import minute_utc
from cloudscaling.ports import Cloud

MISSING = "00000000-0000-0000-0000-000000000000"
TYPES = ("Scheduled", "Recurring")


@pytest.fixture(autouse=True)
def served(bench: Bench) -> None:
    if not bench.subject.tasks:
        pytest.skip("the vendor has no scheduled tasks")


async def make(bench: Bench, group_id: str, kind: str, name: str = "morning", **changes: Any) -> str:
    fields = {**bench.subject.tasks[kind], "externalName": name, **changes}
    return await bench.cloud.scheduled_tasks.create(NewPolicy(group_id, kind, fields), "token")


@pytest.mark.parametrize("kind", TYPES)
async def test_a_new_task_is_as_wanted(bench: Bench, cloud: Cloud, kind: str) -> None:
    """A second look finds nothing to do, and every field can be read back."""
    group_id = await bench.group()
    task_id = await make(bench, group_id, kind)
    (found,) = await cloud.scheduled_tasks.list(group_id)
    want = cloud.policies.canonical({**bench.subject.tasks[kind], "externalName": "morning"})
    assert differences(want, found.fields) == ()
    assert set(want) <= set(found.fields)
    assert (found.id, found.name, found.type, found.group_id) == (task_id, "morning", kind, group_id)
    assert found.enabled
    assert found.created_at is not None


@pytest.mark.parametrize("kind", TYPES)
async def test_every_field_can_be_changed(bench: Bench, cloud: Cloud, kind: str) -> None:
    """Sizes and schedules go whole: what is left out of them is gone."""
    group_id = await bench.group()
    task_id = await make(bench, group_id, kind)
    update = bench.subject.task_update[kind]
    together = {path for path in update if path.startswith("schedule.")}
    for paths in ({"externalName"} & update.keys(), {"capacity"}, together):
        seen = (await cloud.scheduled_tasks.list(group_id))[0].fields
        want = cloud.policies.canonical({**seen, **{path: update[path] for path in paths}})
        await cloud.scheduled_tasks.update(group_id, task_id, Change(want, seen, frozenset(paths)))
        assert differences(want, (await cloud.scheduled_tasks.list(group_id))[0].fields) == (), paths


async def test_an_update_of_nothing_is_no_call(bench: Bench, cloud: Cloud) -> None:
    """Nothing is written that did not change."""
    group_id = await bench.group()
    task_id = await make(bench, group_id, "Scheduled")
    await cloud.scheduled_tasks.update(group_id, task_id, Change({}, {}, frozenset()))
    assert await bench.count("update task") == 0


@pytest.mark.parametrize("count", [0, 1, 100, 101, 230])
async def test_all_pages_are_read(bench: Bench, cloud: Cloud, count: int) -> None:
    """A hundred per call by markers, none missing, none twice."""
    group_id = await bench.group()
    for number in range(count):
        body = {
            "name": f"task-{number}",
            "scheduled_policy": {"launch_time": "2099-01-01T00:00Z"},
            "instance_number": {"desire": 1},
        }
        asked = {"operation": "CreateGroupScheduledTask", "path": {"scaling_group_id": group_id}, "body": body}
        (await bench.admin.post(f"/console/{bench.subject.simulator}", json=asked)).raise_for_status()
    names = [task.name for task in await cloud.scheduled_tasks.list(group_id)]
    assert sorted(names) == sorted(f"task-{number}" for number in range(count))
    assert await bench.count("list tasks") == max(1, -(-count // 100))


async def test_a_task_sets_the_sizes_at_its_time(bench: Bench, cloud: Cloud) -> None:
    """What the cloud does is what was meant: minimum and desired, the maximum as it was."""
    group_id = await bench.running_group(1)
    now = datetime.fromtimestamp((await bench.admin.get("/clock")).json()["now"], UTC)
    at = minute_utc(now + timedelta(minutes=5))
    sizes = {"minSize": 2, "desiredCapacity": 3}
    await make(bench, group_id, "Scheduled", capacity=sizes, **{"schedule.at": at})
    await bench.advance(600)
    group = await cloud.groups.get(group_id)
    assert (group.min_size, group.desired, group.max_size) == (2, 3, 20)


async def test_sunday_is_sunday(bench: Bench, cloud: Cloud) -> None:
    """Day 0 of the core fires on a Sunday of the cloud."""
    group_id = await bench.running_group(1)
    now = datetime.fromtimestamp((await bench.admin.get("/clock")).json()["now"], UTC)
    start = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    sunday = start + timedelta(days=(6 - start.weekday()) % 7, hours=12)
    schedule = {
        "schedule.time": "12:00",
        "schedule.recurrence": "Weekly",
        "schedule.days": [0],
        "schedule.start": minute_utc(start),
        "schedule.end": minute_utc(now + timedelta(days=30)),
    }
    await make(bench, group_id, "Recurring", capacity={"desiredCapacity": 2}, **schedule)
    await bench.advance((sunday - now).total_seconds() - 3600)
    assert (await cloud.groups.get(group_id)).desired == 1
    await bench.advance(7200)
    assert (await cloud.groups.get(group_id)).desired == 2


async def test_a_deleted_task_is_absent(bench: Bench, cloud: Cloud) -> None:
    """Every call about it says so, also when its group is gone."""
    group_id = await bench.group()
    task_id = await make(bench, group_id, "Scheduled")
    await cloud.scheduled_tasks.delete(group_id, task_id)
    assert await cloud.scheduled_tasks.list(group_id) == ()
    change = Change({"externalName": "x"}, {}, frozenset({"externalName"}))
    for group in (group_id, MISSING):
        for call in (
            cloud.scheduled_tasks.update(group, task_id, change),
            cloud.scheduled_tasks.delete(group, task_id),
        ):
            with pytest.raises(errors.NotFound):
                await call
    with pytest.raises(errors.NotFound):
        await cloud.scheduled_tasks.list(MISSING)


async def test_a_missing_group_is_a_dependency_of_its_task(bench: Bench) -> None:
    """Nothing is said about the task."""
    with pytest.raises(errors.DependencyNotReady):
        await make(bench, MISSING, "Scheduled")


@pytest.mark.parametrize(
    "changes",
    [{"cooldownSeconds": 60}, {"capacity": {}}, {"schedule.at": "2001-01-01T00:00Z"}],
    ids=["a cooldown", "no size", "a time that has passed"],
)
async def test_what_a_task_cannot_hold_is_refused(bench: Bench, changes: dict[str, object]) -> None:
    """Nothing is dropped silently."""
    with pytest.raises(errors.Rejected):
        await make(bench, await bench.group(), "Scheduled", **changes)


async def test_sizes_are_no_matter_of_a_policy(bench: Bench, cloud: Cloud) -> None:
    """A policy without an action of its own would add one instance."""
    fields = {**bench.subject.tasks["Scheduled"], "externalName": "x"}
    with pytest.raises(errors.Rejected):
        await cloud.policies.create(NewPolicy(await bench.group(), "Scheduled", fields), "token")
    assert await cloud.policies.list() == ()


@pytest.mark.parametrize("kind", ["drop-before-commit", "drop-after-commit"], ids=["not done", "done"])
async def test_a_lost_answer_is_an_unknown_outcome(bench: Bench, cloud: Cloud, kind: str) -> None:
    """The list tells, by name."""
    group_id = await bench.group()
    task_id = await make(bench, group_id, "Scheduled", "first")
    change = Change({"externalName": "other"}, {}, frozenset({"externalName"}))
    for operation, call in (
        ("create task", make(bench, group_id, "Scheduled", "second")),
        ("update task", cloud.scheduled_tasks.update(group_id, task_id, change)),
        ("delete task", cloud.scheduled_tasks.delete(group_id, task_id)),
    ):
        await bench.fault(kind, operation)
        with pytest.raises(errors.OutcomeUnknown):
            await call
    names = {task.name for task in await cloud.scheduled_tasks.list(group_id)}
    assert names == ({"second"} if kind == "drop-after-commit" else {"first"})
