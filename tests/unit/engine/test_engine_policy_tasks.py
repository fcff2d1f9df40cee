"""Policies that are scheduled tasks, on the whole engine: made, changed, lost, replaced, deleted."""

from __future__ import annotations

import asyncio
import itertools
from datetime import timedelta
from typing import Any

import pytest
from operator_rig import Rig
from policy_rig import DAILY, NAME, PLAIN, STEPS, TASK, edit, events, make, play, says, status, tasks

from cloudscaling.engine.store import GROUPS, POLICIES


def test_a_task_is_made_changed_and_deleted() -> None:
    """One cloud object; a second look writes nothing."""

    async def scenario(rig: Rig) -> None:
        await make(rig, TASK)
        (task,) = tasks(rig)
        assert (task["name"], task["instance_number"]) == (NAME, {"desire": 3})
        assert task["scheduled_policy"]["launch_time"] == "02:00"
        assert (status(rig)["externalId"], status(rig)["cloudObject"]) == (task["task_id"], "ScheduledTask")
        assert says(rig, "Ready") == ("True", "Active")
        assert status(rig)["schedule"]["nextTime"] == "2026-03-03T02:00:00Z"
        await edit(rig, capacity={"minSize": 1, "desiredCapacity": 4}, schedule={**DAILY, "cron": "30 4 * * 1,5"})
        (changed,) = tasks(rig)
        assert (changed["task_id"], changed["instance_number"]) == (task["task_id"], {"min": 1, "desire": 4})
        assert changed["scheduled_policy"]["recurrence_value"] == "2,6"
        before = len(rig.simulator.writes)
        await asyncio.sleep(700)
        assert len(rig.simulator.writes) == before
        rig.kube.remove(POLICIES, "one")
        await rig.until(lambda: not rig.kube.exists(POLICIES, "one"), 200)
        assert tasks(rig) == []

    play(scenario)


def test_an_idle_task_costs_no_reads() -> None:
    """W10: its group's row says when something happened."""

    async def scenario(rig: Rig) -> None:
        await make(rig, TASK)
        await asyncio.sleep(100)
        rig.simulator.calls.clear()
        await asyncio.sleep(3600)
        assert rig.simulator.calls.count("ListGroupScheduledTasks") <= 0.03 * 3600 / 30

    play(scenario)


def test_a_task_that_is_switched_off_is_deleted_and_made_again() -> None:
    """The vendor cannot disable one; nothing of this is an alarming event."""

    async def scenario(rig: Rig) -> None:
        await make(rig, TASK)
        first = status(rig)["externalId"]
        await edit(rig, enabled=False)
        await rig.until(lambda: "externalId" not in status(rig), 200)
        assert (tasks(rig), says(rig, "Ready")) == ([], ("True", "Disabled"))
        assert "nextTime" not in status(rig).get("schedule", {})
        await edit(rig, enabled=True)
        await rig.until(lambda: bool(tasks(rig)), 200)
        await rig.until(lambda: says(rig, "Ready") == ("True", "Active"), 60)
        assert status(rig)["externalId"] != first
        assert "DeletedExternally" not in events(rig)

    play(scenario)


def test_a_task_that_is_made_disabled_does_not_exist() -> None:
    """Ready nevertheless."""

    async def scenario(rig: Rig) -> None:
        await make(rig, {**TASK, "enabled": False})
        assert (tasks(rig), says(rig, "Ready")) == ([], ("True", "Disabled"))

    play(scenario)


@pytest.mark.parametrize(
    ("first", "then", "gone", "here"),
    [(PLAIN, TASK, "adjustment", "capacity"), (TASK, PLAIN, "capacity", "adjustment")],
    ids=["becomes a task", "becomes a policy"],
)
def test_sizes_in_place_of_an_adjustment_replace_the_cloud_object(
    first: dict[str, Any], then: dict[str, Any], gone: str, here: str
) -> None:
    """Never both at once: they would fire together."""

    async def scenario(rig: Rig) -> None:
        await make(rig, first)
        both: list[bool] = []
        rig.simulator.watchers.append(lambda write, groups: both.append(bool(tasks(rig) and rig.simulator.policies())))
        rig.kube.edit(POLICIES, "one", lambda spec: (spec.pop(gone), spec.update({here: then[here]})))
        await rig.until(lambda: says(rig, "Ready") == ("False", "Replacing"), 60)
        await rig.until(lambda: says(rig, "Ready") == ("True", "Active") and rig.synced(POLICIES, "one"), 300)
        assert (len(tasks(rig)), len(rig.simulator.policies())) == ((1, 0) if here == "capacity" else (0, 1))
        assert not any(both)
        assert "DeletedExternally" not in events(rig)

    play(scenario)


def test_a_task_deleted_by_hand_comes_back_when_its_group_is_looked_at() -> None:
    """W2, and the event that says so."""

    async def scenario(rig: Rig) -> None:
        await make(rig, TASK)
        (task,) = tasks(rig)
        path = {"scaling_group_id": task["scaling_group_id"], "scheduled_task_id": task["task_id"]}
        rig.simulator.do("DeleteGroupScheduledTask", **path)
        rig.kube.annotate(POLICIES, "one", "cloudscaling.dev/reconcile-requested-at", "now")
        await rig.until(lambda: status(rig).get("externalId") not in (None, task["task_id"]), 300)
        assert "DeletedExternally" in events(rig)
        assert len(tasks(rig)) == 1

    play(scenario)


def test_a_task_changed_by_hand_is_put_right() -> None:
    """Drift of every field."""

    async def scenario(rig: Rig) -> None:
        await make(rig, TASK)
        (task,) = tasks(rig)
        path = {"scaling_group_id": task["scaling_group_id"], "scheduled_task_id": task["task_id"]}
        rig.simulator.do("UpdateGroupScheduledTask", {"name": "mine", "instance_number": {"desire": 9}}, **path)
        rig.kube.annotate(POLICIES, "one", "cloudscaling.dev/reconcile-requested-at", "now")
        await rig.until(lambda: tasks(rig)[0]["instance_number"] == {"desire": 3}, 300)
        await rig.until(lambda: tasks(rig)[0]["name"] == NAME, 300)

    play(scenario)


def test_a_task_is_adopted_by_its_id_and_left_behind() -> None:
    """What is adopted is kept when the object goes."""

    async def scenario(rig: Rig) -> None:
        (group_id,) = rig.simulator.groups()
        body = {
            "name": "by-hand",
            "scheduled_policy": {"launch_time": "2027-01-01T00:00Z"},
            "instance_number": {"desire": 1},
        }
        task_id = rig.simulator.do("CreateGroupScheduledTask", body, scaling_group_id=group_id)["task_id"]
        schedule = {"at": "2027-01-01T00:00:00Z"}
        await make(rig, {**TASK, "type": "Scheduled", "schedule": schedule, "externalId": task_id})
        assert says(rig, "Adopted") == ("True", "AdoptedById")
        (task,) = tasks(rig)
        assert (task["name"], task["instance_number"]) == ("by-hand", {"desire": 3})
        rig.kube.edit(POLICIES, "one", lambda spec: spec.update(enabled=False))
        await rig.until(lambda: says(rig, "Accepted") == ("False", "Unsupported"), 60)
        rig.kube.remove(POLICIES, "one")
        await rig.until(lambda: not rig.kube.exists(POLICIES, "one"), 200)
        assert len(tasks(rig)) == 1

    play(scenario)


@pytest.mark.parametrize("trouble", ["drop-before", "drop-after"])
@pytest.mark.parametrize("operation", ["CreateGroupScheduledTask", "DeleteGroupScheduledTask"])
def test_a_lost_answer_leaves_neither_a_duplicate_nor_a_leak(trouble: str, operation: str) -> None:
    """The name decides."""

    async def scenario(rig: Rig) -> None:
        left = [1]

        def once(called: str, write: bool) -> str:
            if called != operation or not left[0]:
                return ""
            left[0] = 0
            return trouble

        rig.simulator.trouble = once
        rig.kube.apply(POLICIES, "one", TASK)
        await rig.until(lambda: says(rig, "Ready") == ("True", "Active"), 600)
        assert len(tasks(rig)) == 1
        rig.kube.remove(POLICIES, "one")
        await rig.until(lambda: not rig.kube.exists(POLICIES, "one"), 600)
        assert tasks(rig) == []

    play(scenario)


@pytest.mark.parametrize("first", [PLAIN, TASK], ids=["policy", "task"])
def test_a_change_of_kind_while_a_create_is_open_leaves_one_object(first: dict[str, Any]) -> None:
    """What the lost call made is found, whatever is wanted by then."""

    async def scenario(rig: Rig) -> None:
        lost = []

        def once(called: str, write: bool) -> str:
            if lost or called not in ("CreateGroupScheduledTask", "CreateScalingV2Policy"):
                return ""
            lost.append(called)
            return "drop-after"

        rig.simulator.trouble = once
        rig.kube.apply(POLICIES, "one", first)
        await rig.until(lambda: bool(lost), 60)
        rig.kube.edit(POLICIES, "one", lambda spec: (spec.clear(), spec.update(TASK if first is PLAIN else PLAIN)))
        await rig.until(lambda: says(rig, "Ready") == ("True", "Active") and rig.synced(POLICIES, "one"), 900)
        assert (len(tasks(rig)), len(rig.simulator.policies())) == ((1, 0) if first is PLAIN else (0, 1))

    play(scenario)


def test_an_open_create_is_settled_though_the_spec_asks_for_what_the_cloud_lacks() -> None:
    """The policy that the lost call made goes with the object, or it would fire for ever."""

    async def scenario(rig: Rig) -> None:
        lost = []

        def once(called: str, write: bool) -> str:
            if lost or called != "CreateScalingV2Policy":
                return ""
            lost.append(called)
            return "drop-after"

        rig.simulator.trouble = once
        rig.kube.apply(POLICIES, "one", PLAIN)
        await rig.until(lambda: bool(lost), 60)
        rig.kube.edit(POLICIES, "one", lambda spec: (spec.clear(), spec.update(TASK)))
        await asyncio.sleep(2)
        rig.kube.remove(POLICIES, "one")
        await rig.until(lambda: not rig.kube.exists(POLICIES, "one"), 600)
        assert not rig.simulator.policies()

    play(scenario, vendor="OTC")


async def struck(rig: Rig, after_s: float) -> None:
    """The operator is killed so long after something was asked of it, and started again."""
    await asyncio.sleep(after_s)
    await rig.kill()
    await rig.start()


def test_a_kill_at_any_moment_leaves_one_task_and_then_none() -> None:
    """Between the finalizer, the intent, the call, the result; every call takes 50 ms there and back."""

    async def scenario(rig: Rig) -> None:
        for step in range(24):
            rig.kube.apply(POLICIES, "one", TASK)
            await struck(rig, 0.0125 * step)
            await rig.until(lambda: rig.synced(POLICIES, "one"), 600)
            assert len(tasks(rig)) == 1, rig.report()
            rig.kube.remove(POLICIES, "one")
            await struck(rig, 0.0125 * step)
            await rig.until(lambda: not rig.kube.exists(POLICIES, "one"), 600)
            assert tasks(rig) == [], rig.report()

    play(scenario)


def test_a_kill_at_any_moment_of_a_replacement_leaves_one_cloud_object() -> None:
    """Policy, task, nothing, and back."""
    lives = (PLAIN, TASK, {**TASK, "enabled": False}, TASK)

    async def scenario(rig: Rig) -> None:
        await make(rig, TASK)
        for step, spec in itertools.product(range(0, 24, 2), lives):
            rig.kube.edit(POLICIES, "one", lambda old, new=spec: (old.clear(), old.update(new)))
            await struck(rig, 0.0125 * step)
            is_there = spec.get("enabled", True)
            reason = "Active" if is_there else "Disabled"
            await rig.until(lambda r=reason: rig.synced(POLICIES, "one") and says(rig, "Ready") == ("True", r), 900)
            found = (len(rig.simulator.policies()), len(tasks(rig)))
            assert found == (int(spec is PLAIN), int("capacity" in spec and is_there)), rig.report()

    play(scenario)


def test_a_lost_status_finds_its_task_by_name() -> None:
    """As created."""

    async def scenario(rig: Rig) -> None:
        await make(rig, TASK)
        known = status(rig)["externalId"]
        rig.kube.lose_status(POLICIES, "one")
        await rig.kill()
        await rig.start()
        await rig.until(lambda: status(rig).get("externalId") == known, 200)
        assert len(tasks(rig)) == 1
        assert says(rig, "Adopted") == ("True", "AdoptedByMarker")

    play(scenario)


def test_a_task_of_a_group_that_was_left_behind_is_found_and_deleted() -> None:
    """The cloud group is an orphan, its object is gone, and with it the way to the task."""

    async def scenario(rig: Rig) -> None:
        await make(rig, TASK)
        rig.kube.edit(GROUPS, "web", lambda spec: spec.update(deletionPolicy="Orphan"))
        await asyncio.sleep(5)
        rig.kube.remove(GROUPS, "web")
        await rig.until(lambda: not rig.kube.exists(GROUPS, "web"), 300)
        await rig.kill()
        await rig.start()
        assert len(tasks(rig)) == 1
        rig.kube.remove(POLICIES, "one")
        await rig.until(lambda: not rig.kube.exists(POLICIES, "one"), 300)
        assert tasks(rig) == []

    play(scenario)


def test_a_task_comes_back_with_its_group() -> None:
    """It went with the cloud group."""

    async def scenario(rig: Rig) -> None:
        await make(rig, TASK)
        rig.kube.remove(GROUPS, "web")
        await rig.until(lambda: not rig.kube.exists(GROUPS, "web"), 600)
        await rig.until(lambda: "externalId" not in status(rig), 600)
        assert says(rig, "ReferencesResolved") == ("False", "ScalingGroupNotFound")
        rig.group()
        await rig.until(lambda: rig.synced(POLICIES, "one"), 600)
        assert len(tasks(rig)) == 1

    play(scenario)


def test_a_task_sets_the_size_and_is_over_after_its_time() -> None:
    """Expired; nothing is written any more, and the group's size is explained."""

    async def scenario(rig: Rig) -> None:
        at = (rig.clock.now() + timedelta(minutes=20)).replace(second=0, microsecond=0)
        schedule = {"at": at.isoformat().replace("+00:00", "Z")}
        await make(rig, {**TASK, "type": "Scheduled", "schedule": schedule})
        await rig.until(lambda: says(rig, "Ready") == ("True", "Expired"), 1500)
        await rig.until(lambda: rig.kube.status(GROUPS, "web")["desiredCapacity"] == 3, 300)
        assert "ScheduleExpired" in events(rig)
        before = len(rig.simulator.writes)
        await asyncio.sleep(900)
        assert len(rig.simulator.writes) == before

    play(scenario)


def test_bounds_that_a_task_has_moved_are_not_moved_back() -> None:
    """D7, from the policy's side: the group writes its bounds once per change only."""

    async def scenario(rig: Rig) -> None:
        at = (rig.clock.now() + timedelta(minutes=20)).replace(second=0, microsecond=0)
        schedule = {"at": at.isoformat().replace("+00:00", "Z")}
        sizes = {"minSize": 3, "maxSize": 5, "desiredCapacity": 4}
        await make(rig, {**TASK, "type": "Scheduled", "schedule": schedule, "capacity": sizes})
        await rig.until(lambda: rig.kube.status(GROUPS, "web").get("minSize") == 3, 1800)
        before = len(rig.simulator.writes)
        await asyncio.sleep(900)
        (group,) = rig.simulator.groups().values()
        assert (group["min_instance_number"], group["max_instance_number"]) == (3, 5)
        assert len(rig.simulator.writes) == before
        assert rig.kube.condition(GROUPS, "web", "CapacityDrifted") == ("False", "BoundsChangedBySchedule")
        assert not [event for event in rig.kube.events if event[2] == "ExternallyScaled"]

    play(scenario)


@pytest.mark.parametrize("vendor", ["Huawei", "OTC"])
def test_what_a_cloud_lacks_is_refused_and_never_written(vendor: str) -> None:
    """Open Telekom Cloud has neither scheduled tasks nor steps; nobody has a cooldown for a task."""
    expected = {
        "Huawei": [({**TASK, "cooldownSeconds": 60}, "cooldownSeconds")],
        "OTC": [(TASK, "capacity"), (STEPS, "alarm.steps")],
    }

    async def scenario(rig: Rig) -> None:
        before = len(rig.simulator.writes)
        for spec, path in expected[vendor]:
            rig.kube.apply(POLICIES, "one", spec)
            await rig.until(lambda: says(rig, "Accepted") == ("False", "Unsupported"), 60)
            (said,) = [c["message"] for c in status(rig)["conditions"] if c["type"] == "Accepted"]
            assert said.startswith(path)
            rig.kube.remove(POLICIES, "one")
            await rig.until(lambda: not rig.kube.exists(POLICIES, "one"), 200)
        assert len(rig.simulator.writes) == before

    play(scenario, vendor=vendor)
