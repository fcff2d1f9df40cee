"""Cron in a time zone -> UTC fields: offsets, weekdays and days of the month that move, ends that are renewed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import hypothesis.strategies as st
import pytest
from hypothesis import given

from cloudscaling.core.policy import schedule
from cloudscaling.core.policy.schedule import BadSchedule, Pattern

BERLIN = "Europe/Berlin"
WINTER = datetime(2026, 1, 14, 12, 0, tzinfo=UTC)  # a Wednesday
SUMMER = datetime(2026, 7, 15, 12, 0, tzinfo=UTC)
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))
ZONES = st.sampled_from(
    [BERLIN, "Asia/Shanghai", "America/New_York", "Pacific/Kiritimati", "Etc/UTC", "Asia/Kathmandu"]
)


@pytest.mark.parametrize(
    ("cron", "pattern"),
    [
        ("30 7 * * *", Pattern(30, 7)),
        ("0 0 * * 1-5", Pattern(0, 0, (1, 2, 3, 4, 5))),
        ("0 23 * * 0,6", Pattern(0, 23, (0, 6))),
        ("5 4 1,15-17 * *", Pattern(5, 4, (), (1, 15, 16, 17))),
    ],
)
def test_the_three_patterns_are_understood(cron: str, pattern: Pattern) -> None:
    """Daily, weekly, monthly; ranges are expanded."""
    assert schedule.parse(cron) == pattern


@pytest.mark.parametrize(
    "cron",
    [
        "* * * * *",
        "0 24 * * *",
        "60 1 * * *",
        "0 1 32 * *",
        "0 1 * * 7",
        "0 1 5-2 * *",
        "0 1 1 * 1",
        "0 1 * 1 *",
        "",
        "0 1 * *",
    ],
)
def test_anything_else_is_refused_with_a_sentence(cron: str) -> None:
    """No pattern is bent into another one."""
    with pytest.raises(BadSchedule):
        schedule.parse(cron)


def test_an_unknown_time_zone_is_refused() -> None:
    """With a sentence."""
    with pytest.raises(BadSchedule, match="no IANA time zone"):
        schedule.in_utc("0 1 * * *", "Mars/Olympus", WINTER)


@pytest.mark.parametrize(("now", "time"), [(WINTER, "02:00"), (SUMMER, "01:00")])
def test_the_offset_in_force_at_the_next_firing_counts(now: datetime, time: str) -> None:
    """03:00 in Berlin."""
    assert schedule.in_utc("0 3 * * *", BERLIN, now)["schedule.time"] == time


def test_the_cloud_object_is_rewritten_on_the_day_of_the_change_not_before() -> None:
    """Summer time begins on 29 March 2026 at 02:00; the last firing in winter time is on the 28th at 03:00."""
    before = datetime(2026, 3, 28, 1, 0, tzinfo=UTC)
    after = datetime(2026, 3, 28, 2, 1, tzinfo=UTC)
    assert schedule.in_utc("0 3 * * *", BERLIN, before)["schedule.time"] == "02:00"
    assert schedule.in_utc("0 3 * * *", BERLIN, after)["schedule.time"] == "01:00"


@pytest.mark.parametrize(
    ("cron", "zone", "days"),
    [
        ("30 0 * * 1", BERLIN, [0]),
        ("30 0 * * 0", BERLIN, [6]),
        ("0 20 * * 6", "America/New_York", [0]),
        ("30 7 * * 1-5", "Asia/Shanghai", [0, 1, 2, 3, 4]),
        ("0 12 * * 3", BERLIN, [3]),
    ],
)
def test_weekdays_move_over_midnight(cron: str, zone: str, days: list[int]) -> None:
    """Monday half past midnight in Berlin is Sunday in UTC."""
    assert schedule.in_utc(cron, zone, WINTER)["schedule.days"] == days


def test_days_of_the_month_move_where_they_can() -> None:
    """Within the month."""
    assert schedule.in_utc("30 0 15 * *", BERLIN, WINTER)["schedule.days"] == [14]
    assert schedule.in_utc("0 20 15,27 * *", "America/New_York", WINTER)["schedule.days"] == [16, 28]


@pytest.mark.parametrize(("cron", "zone"), [("30 0 1 * *", BERLIN), ("0 20 28 * *", "America/New_York")])
def test_days_that_would_move_over_the_end_of_a_month_are_refused(cron: str, zone: str) -> None:
    """No vendor can say "the last day"."""
    with pytest.raises(BadSchedule, match="end of a month"):
        schedule.in_utc(cron, zone, WINTER)


def test_days_without_a_shift_may_be_any() -> None:
    """The 31st simply skips short months."""
    assert schedule.in_utc("0 12 1,31 * *", BERLIN, WINTER)["schedule.days"] == [1, 31]


def test_a_time_that_the_change_leaves_out_still_fires_that_day() -> None:
    """02:30 on 29 March 2026 does not exist in Berlin."""
    now = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)
    firing = schedule.next_firing(schedule.parse("30 2 * * *"), BERLIN, now)
    assert firing == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


@given(MOMENTS, st.integers(0, 23), st.integers(0, 59), ZONES)
def test_the_next_firing_lies_ahead_and_within_two_days(now: datetime, hour: int, minute: int, zone: str) -> None:
    """For every daily pattern, in every zone, at every moment."""
    firing = schedule.next_firing(Pattern(minute, hour), zone, now)
    assert now < firing <= now + timedelta(days=2)
    local = firing.astimezone(ZoneInfo(zone))
    assert (local.hour, local.minute) == (hour, minute) or local.utcoffset() != (local - timedelta(hours=3)).utcoffset()


@given(MOMENTS, st.sets(st.integers(0, 6), min_size=1), st.integers(0, 23), ZONES)
def test_the_fields_of_a_weekly_pattern_hit_its_next_firing(
    now: datetime, days: set[int], hour: int, zone: str
) -> None:
    """What is written fires when it should: the weekday of the firing in UTC is among the days."""
    cron = f"0 {hour} * * {','.join(map(str, sorted(days)))}"
    fields = schedule.in_utc(cron, zone, now)
    firing = schedule.next_firing(schedule.parse(cron), zone, now)
    assert firing.isoweekday() % 7 in fields["schedule.days"]
    assert firing.strftime("%H:%M") == fields["schedule.time"]
    assert len(fields["schedule.days"]) == len(days)


def test_an_endless_recurrence_keeps_its_end_until_it_comes_near() -> None:
    """Renewed 30 days before, 366 days ahead."""

    def end(seen: str | None) -> str:
        return schedule.end_of_endless(seen, WINTER, ahead_days=366, renew_days=30)

    assert end(None) == "2027-01-15T12:00Z"
    assert end("2026-02-14T12:00Z") == "2026-02-14T12:00Z" or end("2026-02-14T12:00Z") == "2027-01-15T12:00Z"
    assert end("2026-02-13T12:00Z") == "2027-01-15T12:00Z"
    assert end("2026-03-01T00:00Z") == "2026-03-01T00:00Z"
    assert end("2020-01-01T00:00Z") == "2027-01-15T12:00Z"


@given(MOMENTS)
def test_minutes_are_written_and_read_alike(moment: datetime) -> None:
    """Minute precision in UTC."""
    assert schedule.read_minute(schedule.minute_utc(moment)) == moment.replace(second=0, microsecond=0)
