"""Every kind of policy on the whole engine: scheduled task, bandwidth, steps, Simple; made, changed, lost, deleted."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from operator_rig import CLUSTER, Rig
from virtual_time import START, run

from cloudscaling.core.naming import Owner
from cloudscaling.engine.store import ACCOUNTS, GROUPS, POLICIES

NAME = Owner(CLUSTER, "web", "ScalingPolicy", "one").cloud_name
DAILY = {"cron": "0 3 * * *", "timeZone": "Europe/Berlin"}
TASK: dict[str, Any] = {
    "scalingGroupRef": {"name": "web"},
    "type": "Recurring",
    "schedule": DAILY,
    "capacity": {"desiredCapacity": 3},
}
PLAIN = {
    **{key: value for key, value in TASK.items() if key != "capacity"},
    "adjustment": {"type": "ExactCapacity", "value": 3},
}
STEPS: dict[str, Any] = {
    "scalingGroupRef": {"name": "web"},
    "type": "Alarm",
    "alarm": {
        "alarmId": "al1",
        "steps": [
            {"lowerBound": "10.0", "adjustment": {"type": "PercentChangeInCapacity", "value": 50}},
            {"lowerBound": "0", "upperBound": "10", "adjustment": {"type": "ChangeInCapacity", "value": 1}},
        ],
    },
}
BROAD: dict[str, Any] = {
    "accountRef": {"name": "acme"},
    "type": "Alarm",
    "alarm": {"alarmId": "al1"},
    "adjustment": {"type": "ChangeInCapacity", "value": 5},
    "huawei": {"bandwidth": {"id": "bw-1", "limitMbps": 100}},
}
SIMPLE: dict[str, Any] = {
    "scalingGroupRef": {"name": "web"},
    "type": "Simple",
    "adjustment": {"type": "ChangeInCapacity", "value": 2},
}
Scenario = Callable[[Rig], Awaitable[None]]


async def ready(**options: Any) -> Rig:
    """A group that is as wanted."""
    rig = Rig(**options)
    rig.launch()
    rig.group()
    rig.account()
    await rig.start()
    await rig.until(lambda: rig.synced(GROUPS, "web"), 120)
    await asyncio.sleep(20)
    return rig


def play(scenario: Scenario, **options: Any) -> None:
    async def whole() -> None:
        rig = await ready(**options)
        await scenario(rig)
        assert not rig.kube.complaints, rig.kube.complaints
        await rig.kill()

    run(whole())


async def make(rig: Rig, spec: dict[str, Any]) -> None:
    rig.kube.apply(POLICIES, "one", spec)
    await rig.until(lambda: rig.synced(POLICIES, "one"), 200)


async def edit(rig: Rig, **changes: Any) -> None:
    """Change the spec (None takes a field out) and wait until it is so."""

    def change(spec: dict[str, Any]) -> None:
        spec.update(changes)
        for key in [key for key, value in changes.items() if value is None]:
            del spec[key]

    rig.kube.edit(POLICIES, "one", change)
    await rig.until(lambda: rig.synced(POLICIES, "one"), 300)


def status(rig: Rig) -> dict[str, Any]:
    return rig.kube.status(POLICIES, "one")


def says(rig: Rig, type_: str) -> tuple[str, str]:
    return rig.kube.condition(POLICIES, "one", type_)


def tasks(rig: Rig) -> list[dict[str, Any]]:
    return [task for group_id in rig.simulator.groups() for task in rig.simulator.tasks(group_id)]


def events(rig: Rig) -> list[str]:
    return [reason for name, _, reason, _ in rig.kube.events if name == "one"]


def writes(rig: Rig) -> list[str]:
    return [write.operation for write in rig.simulator.writes]


# --- scheduled tasks -------------------------------------------------------------------------------------------------


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


def test_a_kill_at_any_moment_leaves_one_task_and_then_none() -> None:
    """Between the intent, the call and the result."""

    async def scenario(rig: Rig) -> None:
        for tenth in range(12):
            rig.kube.apply(POLICIES, "one", TASK)
            await asyncio.sleep(0.03 * tenth)
            await rig.kill()
            await rig.start()
            await rig.until(lambda: rig.synced(POLICIES, "one"), 600)
            assert len(tasks(rig)) == 1, rig.report()
            rig.kube.remove(POLICIES, "one")
            await asyncio.sleep(0.03 * tenth)
            await rig.kill()
            await rig.start()
            await rig.until(lambda: not rig.kube.exists(POLICIES, "one"), 600)
            assert tasks(rig) == [], rig.report()

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


# --- schedules and time ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("spec", [TASK, PLAIN], ids=["task", "policy"])
@pytest.mark.parametrize(
    ("begin", "cron", "times"),
    [
        (datetime(2026, 3, 27, 20, tzinfo=UTC), "0 3 * * *", ["02:00", "01:00"]),
        (datetime(2026, 10, 23, 20, tzinfo=UTC), "0 3 * * *", ["01:00", "02:00"]),
        (datetime(2026, 3, 28, 20, tzinfo=UTC), "30 2 * * *", ["01:30", "00:30"]),
        (datetime(2026, 10, 24, 20, tzinfo=UTC), "30 2 * * *", ["00:30", "01:30"]),
    ],
    ids=["spring", "autumn", "skipped hour", "doubled hour"],
)
def test_the_cloud_object_follows_the_clocks(
    spec: dict[str, Any], begin: datetime, cron: str, times: list[str]
) -> None:
    """Rewritten once, in time for the first firing under the new offset and not before the last under the old."""

    async def scenario(rig: Rig) -> None:
        await make(rig, {**spec, "schedule": {"cron": cron, "timeZone": "Europe/Berlin"}})

        def launch() -> str:
            found = tasks(rig) or list(rig.simulator.policies().values())
            return str(found[0]["scheduled_policy"]["launch_time"])

        assert launch() == times[0]
        await rig.until(lambda: launch() == times[1], 3 * 86400, 30)
        assert writes(rig).count("UpdateGroupScheduledTask") + writes(rig).count("UpdateScalingV2Policy") == 1
        assert "ScheduleShifted" in events(rig)
        after = datetime.fromtimestamp(rig.simulator.writes[-1].at, UTC)
        hour, minute = map(int, times[1].split(":"))
        due = after.replace(hour=hour, minute=minute, second=0, microsecond=0)
        coming = due if due > after else due + timedelta(days=1)
        assert timedelta(hours=12) < coming - after < timedelta(hours=24)

    play(scenario, begin=begin)


def test_an_open_end_is_renewed_before_it_comes_near() -> None:
    """Vendors demand an end; the one in the cloud is moved on thirty days before."""

    async def scenario(rig: Rig) -> None:
        end = START + timedelta(days=30, hours=2)
        await make(rig, {**TASK, "schedule": {**DAILY, "endTime": end.isoformat().replace("+00:00", "Z")}})
        await edit(rig, schedule=DAILY)
        assert tasks(rig)[0]["scheduled_policy"]["end_time"] == "2026-04-01T08:00Z"
        await rig.until(lambda: tasks(rig)[0]["scheduled_policy"]["end_time"] > "2027", 3 * 3600, 30)
        await rig.until(lambda: "ScheduleRenewed" in events(rig), 60)
        assert status(rig)["schedule"]["cloudEndTime"].startswith("2027-03-03")

    play(scenario)


def test_a_firing_without_any_effect_is_told_too() -> None:
    """The log is read after every firing that was due; nextTime moves."""

    async def scenario(rig: Rig) -> None:
        plain = {**PLAIN, "schedule": {"cron": "0 7 * * *"}, "adjustment": {"type": "ExactCapacity", "value": 2}}
        await make(rig, plain)
        assert status(rig)["schedule"]["nextTime"] == "2026-03-02T07:00:00Z"
        await rig.until(lambda: status(rig)["schedule"]["nextTime"] == "2026-03-03T07:00:00Z", 2 * 3600, 30)
        await rig.until(lambda: bool(status(rig).get("recentExecutions")), 60)
        assert status(rig)["recentExecutions"][0]["trigger"] == "Recurring"
        assert "Fired" in events(rig)

    play(scenario)


# --- steps, bandwidths, Simple ---------------------------------------------------------------------------------------


def test_steps_are_made_changed_and_become_one_adjustment() -> None:
    """In place; numbers are compared as numbers."""

    async def scenario(rig: Rig) -> None:
        await make(rig, STEPS)
        (policy,) = rig.simulator.policies().values()
        assert policy["scaling_policy_type"] == "INTERVAL_ALARM"
        first = policy["interval_alarm_actions"][0]
        assert (first["lower_bound"], first["size"]) == (0, 1)
        before = len(rig.simulator.writes)
        await asyncio.sleep(700)
        assert len(rig.simulator.writes) == before
        step = {"upperBound": "0", "adjustment": {"type": "ExactCapacity", "value": 1}}
        await edit(rig, alarm={"alarmId": "al1", "steps": [step]}, enabled=False)
        (policy,) = rig.simulator.policies().values()
        assert len(policy["interval_alarm_actions"]) == 1
        await rig.until(lambda: says(rig, "Ready") == ("True", "Disabled"), 60)
        await edit(rig, alarm={"alarmId": "al1"}, adjustment={"type": "ChangeInCapacity", "value": 1})
        (policy,) = rig.simulator.policies().values()
        assert policy["scaling_policy_type"] == "ALARM"
        rig.kube.remove(POLICIES, "one")
        await rig.until(lambda: not rig.kube.exists(POLICIES, "one"), 200)
        assert not rig.simulator.policies()

    play(scenario)


@pytest.mark.parametrize("vendor", ["Huawei", "OTC"])
def test_a_bandwidth_has_a_policy_without_a_group(vendor: str) -> None:
    """Its account is named directly; made, changed, switched off, executed, deleted."""

    async def scenario(rig: Rig) -> None:
        spec = {**{k: v for k, v in BROAD.items() if k != "huawei"}, vendor.lower(): BROAD["huawei"]}
        await make(rig, spec)
        (policy,) = rig.simulator.policies().values()
        assert (policy["scaling_resource_type"], policy["scaling_resource_id"]) == ("BANDWIDTH", "bw-1")
        assert policy["scaling_policy_action"]["limits"] == 100
        await edit(rig, adjustment={"type": "ChangeInCapacity", "value": -3}, enabled=False)
        await rig.until(lambda: says(rig, "Ready") == ("True", "Disabled"), 60)
        (policy,) = rig.simulator.policies().values()
        assert (policy["scaling_policy_action"]["size"], policy["policy_status"]) == (3, "PAUSED")
        await edit(rig, enabled=True)
        await asyncio.sleep(40)  # a sweep has seen it
        rig.simulator.do("DeleteScalingPolicy", scaling_policy_id=policy["scaling_policy_id"])
        await rig.until(lambda: status(rig).get("externalId") not in (None, policy["scaling_policy_id"]), 300)
        rig.kube.lose_status(POLICIES, "one")
        rig.kube.remove(POLICIES, "one")
        await rig.until(lambda: not rig.kube.exists(POLICIES, "one"), 300)
        assert not rig.simulator.policies()

    play(scenario, vendor=vendor)


def test_without_version_two_what_needs_it_is_refused_by_name() -> None:
    """Before anything is sent."""

    async def scenario(rig: Rig) -> None:
        for spec in (STEPS, BROAD, {**PLAIN, "huawei": {"description": "why"}}):
            rig.kube.apply(POLICIES, "one", spec)
            await rig.until(lambda: says(rig, "Accepted") == ("False", "Unsupported"), 60)
            rig.kube.remove(POLICIES, "one")
            await rig.until(lambda: not rig.kube.exists(POLICIES, "one"), 200)
        await make(rig, PLAIN)
        assert says(rig, "Ready") == ("True", "Active")

    play(scenario, options={"v2": "false"})


def test_the_bandwidth_of_an_adopted_policy_is_not_changed() -> None:
    """A value that the vendor cannot change is said to be one, and the object is not called up to date."""

    async def scenario(rig: Rig) -> None:
        body = {
            "scaling_policy_name": "by-hand",
            "scaling_policy_type": "ALARM",
            "scaling_resource_id": "bw-other",
            "scaling_resource_type": "BANDWIDTH",
            "alarm_id": "al9",
            "scaling_policy_action": {"operation": "ADD", "size": 1},
        }
        policy_id = rig.simulator.do("CreateScalingV2Policy", body)["scaling_policy_id"]
        rig.kube.apply(POLICIES, "one", {**BROAD, "externalId": policy_id})
        await rig.until(lambda: says(rig, "Adopted") == ("False", "OwnedByOther"), 60)
        assert says(rig, "Synced")[0] == "False"
        assert "UpdateScalingV2Policy" not in writes(rig)

    play(scenario)


def test_a_simple_policy_is_nothing_in_the_cloud() -> None:
    """Emulated, until it is disabled; no call is made for it, nor for its deletion."""

    async def scenario(rig: Rig) -> None:
        before = len(rig.simulator.writes)
        await make(rig, SIMPLE)
        assert says(rig, "Ready") == ("True", "Emulated")
        assert (status(rig)["cloudObject"], status(rig).get("externalId")) == ("None", None)
        await edit(rig, enabled=False)
        await rig.until(lambda: says(rig, "Ready") == ("True", "Disabled"), 60)
        rig.kube.edit(POLICIES, "one", lambda spec: spec["adjustment"].update(value=301))
        await rig.until(lambda: says(rig, "Accepted") == ("False", "InvalidValue"), 60)
        rig.kube.remove(POLICIES, "one")
        await rig.until(lambda: not rig.kube.exists(POLICIES, "one"), 60)
        assert len(rig.simulator.writes) == before

    play(scenario)


# --- lost and deleted while the account is not to be had --------------------------------------------------------------


@pytest.mark.parametrize("spec", [TASK, PLAIN], ids=["task", "policy"])
@pytest.mark.parametrize("looked", [False, True], ids=["at once", "after a look"])
def test_a_lost_status_without_an_account_holds_the_deletion_until_somebody_looked(
    spec: dict[str, Any], looked: bool
) -> None:
    """The finalizer never goes while the cloud may still hold something with our mark."""

    async def scenario(rig: Rig) -> None:
        await make(rig, spec)
        await rig.kill()
        rig.kube.edit(ACCOUNTS, "acme", lambda raw: raw["credentials"].update(secretRef={"name": "gone"}))
        rig.kube.lose_status(ACCOUNTS, "acme")
        rig.kube.lose_status(POLICIES, "one")
        if not looked:
            rig.kube.remove(POLICIES, "one")
        await rig.start()
        await asyncio.sleep(60)
        rig.kube.remove(POLICIES, "one")
        await asyncio.sleep(60)
        assert says(rig, "Deleting") == ("True", "BlockedByCredentials")
        rig.kube.edit(ACCOUNTS, "acme", lambda raw: raw["credentials"].update(secretRef={"name": "key"}))
        await rig.until(lambda: not rig.kube.exists(POLICIES, "one"), 600)
        assert (tasks(rig), rig.simulator.policies()) == ([], {})

    play(scenario)


def test_an_object_that_never_had_an_account_goes_at_once() -> None:
    """A slip in a name must not hold a namespace."""

    async def scenario(rig: Rig) -> None:
        for spec in ({**TASK, "scalingGroupRef": {"name": "wbe"}}, {**BROAD, "accountRef": {"name": "amce"}}):
            rig.kube.apply(POLICIES, "one", spec)
            await rig.until(lambda: says(rig, "ReferencesResolved")[0] == "False", 60)
            rig.kube.remove(POLICIES, "one")
            await rig.until(lambda: not rig.kube.exists(POLICIES, "one"), 60)

    play(scenario)
