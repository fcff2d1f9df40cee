"""Cron expressions as patterns: one minute of the day on some days, in a time zone. Called by schedule.

A pattern fires once on each of its local days: a time that the zone skips on that day fires as long after midnight
as on other days (02:30 becomes 03:30), a time that comes twice fires the first time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_HORIZON_DAYS = 400  # every pattern fires at least once in it
_FIELDS = ("minute", "hour", "day of month", "month", "day of week")


class BadSchedule(ValueError):
    """The expression cannot be carried out; the message says why."""


class Firing(NamedTuple):
    """One firing: the local day that it is for, and its moment in UTC."""

    day: date
    at: datetime


@dataclass(frozen=True, slots=True)
class Pattern:
    """One minute of the day, on given days; both day sets empty means daily. Weekdays: 0 is Sunday."""

    minute: int
    hour: int
    weekdays: tuple[int, ...] = ()
    month_days: tuple[int, ...] = ()

    def matches(self, day: date) -> bool:
        if self.weekdays:
            return day.isoweekday() % 7 in self.weekdays
        return not self.month_days or day.day in self.month_days

    def on(self, day: date, local: ZoneInfo) -> datetime:
        """The firing of that local day, in UTC."""
        return datetime(day.year, day.month, day.day, self.hour, self.minute, tzinfo=local).astimezone(UTC)


def parse(cron: str) -> Pattern:
    """`M H * * *`, `M H * * <days>` or `M H <days> * *`; raises BadSchedule for anything else."""
    parts = cron.split()
    if len(parts) != len(_FIELDS):
        raise BadSchedule(f"{cron!r} needs five fields: {', '.join(_FIELDS)}")
    minute, hour, month_days, month, weekdays = parts
    if month != "*":
        raise BadSchedule("the month must be *")
    if weekdays != "*" and month_days != "*":
        raise BadSchedule("only one of day of month and day of week may be given")
    return Pattern(
        minute=_single(minute, "minute", 59),
        hour=_single(hour, "hour", 23),
        weekdays=_several(weekdays, "day of week", 0, 6),
        month_days=_several(month_days, "day of month", 1, 31),
    )


def _single(text: str, what: str, high: int) -> int:
    if not text.isdecimal() or int(text) > high:
        raise BadSchedule(f"the {what} must be one number from 0 to {high}, not {text!r}")
    return int(text)


def _several(text: str, what: str, low: int, high: int) -> tuple[int, ...]:
    if text == "*":
        return ()
    days: set[int] = set()
    for part in text.split(","):
        first, _, last = part.partition("-")
        if not first.isdecimal() or (last and not last.isdecimal()):
            raise BadSchedule(f"the {what} {part!r} is no number or range")
        start, end = int(first), int(last or first)
        if not low <= start <= end <= high:
            raise BadSchedule(f"the {what} {part!r} is not within {low}-{high}")
        days.update(range(start, end + 1))
    return tuple(sorted(days))


def zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as exc:
        raise BadSchedule(f"{name!r} is no IANA time zone") from exc


def next_firing(pattern: Pattern, zone_name: str, after: datetime) -> Firing:
    """The first firing later than `after`."""
    local = zone(zone_name)
    day = after.astimezone(local).date() - timedelta(days=1)  # a skipped time may fall on the day after its own
    for _ in range(_HORIZON_DAYS):
        if pattern.matches(day) and (moment := pattern.on(day, local)) > after:
            return Firing(day, moment)
        day += timedelta(days=1)
    raise BadSchedule("the schedule never fires")


def last_firing(pattern: Pattern, zone_name: str, before: datetime) -> Firing:
    """The last firing earlier than `before`."""
    local = zone(zone_name)
    day = before.astimezone(local).date() + timedelta(days=1)
    for _ in range(_HORIZON_DAYS):
        if pattern.matches(day) and (moment := pattern.on(day, local)) < before:
            return Firing(day, moment)
        day -= timedelta(days=1)
    raise BadSchedule("the schedule never fired")
