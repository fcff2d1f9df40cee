"""Cron in a time zone -> UTC fields: offsets, weekdays and days of the month that move, ends that are renewed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from cloudscaling.core.policy import cron, schedule
from cloudscaling.core.policy.cron import BadSchedule, Pattern

BERLIN = "Europe/Berlin"
WINTER = datetime(2026, 1, 14, 12, 0, tzinfo=UTC)  # a Wednesday
SUMMER = datetime(2026, 7, 15, 12, 0, tzinfo=UTC)
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))
ZONES = st.sampled_from(
    [BERLIN, "Asia/Shanghai", "America/New_York", "Pacific/Kiritimati", "Etc/UTC", "Asia/Kathmandu"]
)


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("30 7 * * *", Pattern(30, 7)),
        ("0 0 * * 1-5", Pattern(0, 0, (1, 2, 3, 4, 5))),
        ("0 23 * * 0,6", Pattern(0, 23, (0, 6))),
        ("5 4 1,15-17 * *", Pattern(5, 4, (), (1, 15, 16, 17))),
    ],
)
def test_the_three_patterns_are_understood(text: str, pattern: Pattern) -> None:
    """Daily, weekly, monthly; ranges are expanded."""
    assert cron.parse(text) == pattern


@pytest.mark.parametrize(
    "text",
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
def test_anything_else_is_refused_with_a_sentence(text: str) -> None:
    """No pattern is bent into another one."""
    with pytest.raises(BadSchedule):
        cron.parse(text)


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
    after = datetime(2026, 3, 28, 2, 6, tzinfo=UTC)
    assert schedule.in_utc("0 3 * * *", BERLIN, before)["schedule.time"] == "02:00"
    assert schedule.in_utc("0 3 * * *", BERLIN, after)["schedule.time"] == "01:00"


@pytest.mark.parametrize(
    ("text", "zone", "days"),
    [
        ("30 0 * * 1", BERLIN, [0]),
        ("30 0 * * 0", BERLIN, [6]),
        ("0 20 * * 6", "America/New_York", [0]),
        ("30 7 * * 1-5", "Asia/Shanghai", [0, 1, 2, 3, 4]),
        ("0 12 * * 3", BERLIN, [3]),
    ],
)
def test_weekdays_move_over_midnight(text: str, zone: str, days: list[int]) -> None:
    """Monday half past midnight in Berlin is Sunday in UTC."""
    assert schedule.in_utc(text, zone, WINTER)["schedule.days"] == days


def test_days_of_the_month_move_where_they_can() -> None:
    """Within the month."""
    assert schedule.in_utc("30 0 15 * *", BERLIN, WINTER)["schedule.days"] == [14]
    assert schedule.in_utc("0 20 15,27 * *", "America/New_York", WINTER)["schedule.days"] == [16, 28]


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("30 0 1 * *", BERLIN),
        ("0 20 28 * *", "America/New_York"),
        ("30 0 31 * *", BERLIN),  # the 30th in UTC, which is the 1st of May after the 30th of April
        ("30 1 1 * *", BERLIN),  # only in summer
    ],
)
def test_days_that_would_move_over_the_end_of_a_month_are_refused(text: str, zone: str) -> None:
    """No vendor can say "the last day"; what becomes wrong within a year is refused at once."""
    with pytest.raises(BadSchedule, match="end of a month"):
        schedule.check(text, zone, WINTER)


def test_days_without_a_shift_may_be_any() -> None:
    """The 31st simply skips short months."""
    assert schedule.in_utc("0 12 1,31 * *", BERLIN, WINTER)["schedule.days"] == [1, 31]


def test_a_time_that_the_change_leaves_out_still_fires_that_day() -> None:
    """02:30 on 29 March 2026 does not exist in Berlin."""
    now = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)
    firing = cron.next_firing(cron.parse("30 2 * * *"), BERLIN, now)
    assert firing.at == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def test_a_time_that_comes_twice_is_not_written_before_its_second_coming_is_over() -> None:
    """02:30 on 25 October 2026 in Berlin is 00:30 and 01:30 UTC; winter's 01:30 must not fire on that day too."""
    served = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    switch = schedule.wake_at("30 2 * * *", BERLIN, served)
    assert switch == served + timedelta(hours=1, minutes=5)
    assert schedule.in_utc("30 2 * * *", BERLIN, switch - timedelta(seconds=1))["schedule.time"] == "00:30"
    assert schedule.in_utc("30 2 * * *", BERLIN, switch)["schedule.time"] == "01:30"


@given(MOMENTS, st.integers(0, 23), st.integers(0, 59), ZONES)
def test_the_next_firing_lies_ahead_and_within_two_days(now: datetime, hour: int, minute: int, zone: str) -> None:
    """For every daily pattern, in every zone, at every moment; the one before it is not far behind."""
    firing = cron.next_firing(Pattern(minute, hour), zone, now).at
    assert now < firing <= now + timedelta(days=2)
    local = firing.astimezone(ZoneInfo(zone))
    assert (local.hour, local.minute) == (hour, minute) or local.utcoffset() != (local - timedelta(hours=3)).utcoffset()
    assert cron.last_firing(Pattern(minute, hour), zone, firing).at <= now


# --- a cloud that is rewritten when the schedule says so, over months, in every zone of the world -------------------

ALL_ZONES = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith(("posix", "right")))
DAYS = st.one_of(
    st.just("* * *"),
    st.sets(st.integers(0, 6), min_size=1).map(lambda days: f"* * {','.join(map(str, sorted(days)))}"),
    st.sets(st.integers(2, 27), min_size=1, max_size=4).map(lambda days: f"{','.join(map(str, sorted(days)))} * *"),
)
AWAKE = st.sampled_from([0, 30, 240])  # seconds that the operator is late


def fired(fields: dict[str, Any], since: datetime, until: datetime) -> list[datetime]:
    """What a cloud does that takes the fields by their word: since < firing <= until."""
    hour, minute = map(int, fields["schedule.time"].split(":"))
    day, found = since.replace(hour=hour, minute=minute, second=0), []
    while day <= until:
        number = day.day if fields["schedule.recurrence"] == "Monthly" else day.isoweekday() % 7
        if day > since and (fields["schedule.recurrence"] == "Daily" or number in fields["schedule.days"]):
            found.append(day)
        day += timedelta(days=1)
    return found


def _named(number: int, part: str) -> bool:
    ranges = [one.partition("-") for one in part.split(",")] if part != "*" else []
    return part == "*" or any(int(low) <= number <= int(high or low) for low, _, high in ranges)


def wanted(text: str, zone: str, since: datetime, until: datetime) -> list[datetime]:
    """The local time of the expression on every day that it names, by plain counting of days."""
    minute, hour, month_days, _, weekdays = text.split()
    found, day = [], since.date() - timedelta(days=3)
    while day <= until.date() + timedelta(days=3):
        if _named(day.day, month_days) and _named(day.isoweekday() % 7, weekdays):
            local = datetime(day.year, day.month, day.day, int(hour), int(minute), tzinfo=ZoneInfo(zone))
            found.append(local.astimezone(UTC))
        day += timedelta(days=1)
    return sorted(moment for moment in found if since < moment <= until)


def held(text: str, zone: str, since: datetime, until: datetime, late_s: int) -> list[datetime]:
    """All firings of a cloud whose object is rewritten only when the schedule wakes the operator."""
    found, now = [], since
    while now < until:
        fields = schedule.in_utc(text, zone, now)
        again = min(until, schedule.wake_at(text, zone, now) + timedelta(seconds=late_s))
        found += fired(fields, now, again)
        now = again
    return found


@settings(max_examples=200, deadline=None)
@given(
    st.datetimes(datetime(2018, 1, 1), datetime(2037, 1, 1), timezones=st.just(UTC)),
    st.sampled_from(ALL_ZONES),
    st.integers(0, 23),
    st.sampled_from([0, 1, 30, 59]),
    DAYS,
    AWAKE,
)
def test_a_cloud_fires_at_the_local_times_through_every_change_of_the_offset(
    start: datetime, zone: str, hour: int, minute: int, days: str, late_s: int
) -> None:
    """No firing is missed, none is doubled, none comes at another hour: in every zone, over a year."""
    text, since = f"{minute} {hour} {days}", start.replace(second=0, microsecond=0)
    try:
        schedule.check(text, zone, since)
    except BadSchedule:
        assert "* * *" not in days
        return
    until = since + timedelta(days=365)
    assert held(text, zone, since, until, late_s) == wanted(text, zone, since, until)


@pytest.mark.parametrize(
    "zone", [BERLIN, "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Beirut"]
)
@pytest.mark.parametrize("hour", range(24))
def test_every_hour_of_the_day_survives_both_changes_of_a_year(zone: str, hour: int) -> None:
    """The skipped and the doubled hour among them, half an hour into it."""
    since, until = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
    for text in (f"30 {hour} * * *", f"30 {hour} * * 0", f"30 {hour} * * 1-5"):
        assert held(text, zone, since, until, 30) == wanted(text, zone, since, until), text


def test_an_endless_recurrence_keeps_its_end_until_it_comes_near() -> None:
    """Renewed 30 days before, 366 days ahead."""

    def end(seen: str | None) -> str:
        return schedule.end_of_endless(seen, WINTER, ahead_days=366, renew_days=30)

    assert end(None) == "2027-01-15T12:00Z"
    assert end("2026-02-14T12:00Z") == "2026-02-14T12:00Z" or end("2026-02-14T12:00Z") == "2027-01-15T12:00Z"
    assert end("2026-02-13T12:00Z") == "2027-01-15T12:00Z"
    assert end("2026-03-01T00:00Z") == "2026-03-01T00:00Z"
    assert end("2020-01-01T00:00Z") == "2027-01-15T12:00Z"
    assert end("soon") == "2027-01-15T12:00Z"


@given(MOMENTS)
def test_minutes_are_written_and_read_alike(moment: datetime) -> None:
    """Minute precision in UTC."""
    assert schedule.read_minute(schedule.minute_utc(moment)) == moment.replace(second=0, microsecond=0)
