"""Schedules on the whole engine: clocks that change, ends that are renewed, firings that are told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from operator_rig import Rig
from policy_rig import DAILY, PLAIN, TASK, edit, events, make, play, status, tasks, writes
from virtual_time import START


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
