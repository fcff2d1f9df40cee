"""Schedules of policies: cron in a time zone -> the UTC times that vendors take. Called by the planner.

Vendors that know no cron take daily, weekly and monthly patterns of one minute of the day. The UTC time follows
from the offset in force at the next firing, so the cloud object is rewritten when the offset changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cloudscaling.core.model import Json

MINUTE = "%Y-%m-%dT%H:%MZ"
_HORIZON_DAYS = 400  # every pattern fires at least once in it
_LAST_SAFE_DAY = 27  # a later day of the month could move over the month's end
_FIELDS = ("minute", "hour", "day of month", "month", "day of week")


class BadSchedule(ValueError):
    """The expression cannot be carried out; the message says why."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """One minute of the day, on given days; both day sets empty means daily. Weekdays: 0 is Sunday."""

    minute: int
    hour: int
    weekdays: tuple[int, ...] = ()
    month_days: tuple[int, ...] = ()

    def matches(self, day: datetime) -> bool:
        if self.weekdays:
            return day.isoweekday() % 7 in self.weekdays
        return not self.month_days or day.day in self.month_days


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
    if not text.isdigit() or int(text) > high:
        raise BadSchedule(f"the {what} must be one number from 0 to {high}, not {text!r}")
    return int(text)


def _several(text: str, what: str, low: int, high: int) -> tuple[int, ...]:
    if text == "*":
        return ()
    days: set[int] = set()
    for part in text.split(","):
        first, _, last = part.partition("-")
        if not first.isdigit() or (last and not last.isdigit()):
            raise BadSchedule(f"the {what} {part!r} is no number or range")
        start, end = int(first), int(last or first)
        if not low <= start <= end <= high:
            raise BadSchedule(f"the {what} {part!r} is not within {low}-{high}")
        days.update(range(start, end + 1))
    return tuple(sorted(days))


def zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as exc:
        raise BadSchedule(f"{name!r} is no IANA time zone") from exc


def next_firing(pattern: Pattern, zone_name: str, now: datetime) -> datetime:
    """The next firing after `now`, in UTC."""
    local_zone = zone(zone_name)
    day = now.astimezone(local_zone).replace(hour=pattern.hour, minute=pattern.minute, second=0, microsecond=0)
    for _ in range(_HORIZON_DAYS):
        moment = day.replace(tzinfo=None).replace(tzinfo=local_zone).astimezone(UTC)
        if moment > now and pattern.matches(day):
            return moment
        day += timedelta(days=1)
    raise BadSchedule("the schedule never fires")


def in_utc(cron: str, zone_name: str, now: datetime) -> dict[str, Json]:
    """The flat schedule paths for `cron`: time, recurrence and days as they are at the next firing."""
    pattern = parse(cron)
    firing = next_firing(pattern, zone_name, now)
    local_day = firing.astimezone(zone(zone_name)).date()
    shift = (firing.date() - local_day).days
    fields: dict[str, Json] = {"schedule.time": firing.strftime("%H:%M"), "schedule.recurrence": "Daily"}
    if pattern.weekdays:
        fields["schedule.recurrence"] = "Weekly"
        fields["schedule.days"] = sorted((day + shift) % 7 for day in pattern.weekdays)
    if pattern.month_days:
        fields["schedule.recurrence"] = "Monthly"
        fields["schedule.days"] = _shifted(pattern.month_days, shift)
    return fields


def _shifted(days: tuple[int, ...], shift: int) -> list[int]:
    over_the_end = (shift > 0 and days[-1] > _LAST_SAFE_DAY) or (shift < 0 and days[0] == 1)
    if over_the_end:
        raise BadSchedule("in UTC the days move over the end of a month; use another time or time zone")
    return [day + shift for day in days]


def minute_utc(moment: datetime) -> str:
    """The vendors' minute precision in UTC."""
    return moment.astimezone(UTC).strftime(MINUTE)


def read_minute(text: str) -> datetime:
    return datetime.strptime(text, MINUTE).replace(tzinfo=UTC)


def end_of_endless(seen_end: str | None, now: datetime, *, ahead_days: int, renew_days: int) -> str:
    """Where a vendor demands an end: the one in the cloud until it comes near, then far ahead again."""
    if seen_end is not None and read_minute(seen_end) - now > timedelta(days=renew_days):
        return seen_end
    return minute_utc(now + timedelta(days=ahead_days))
