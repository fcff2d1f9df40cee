"""Schedules of policies: cron in a time zone -> the UTC times that vendors take. Called by the planner.

Vendors that know no cron take daily, weekly and monthly patterns of one minute of the day in UTC. So the cloud holds
the expression that is right for the next firing, and is rewritten when another one becomes right: not before the last
firing under the old offset is over, and not while the new one would still fire for a day that was served already.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from cloudscaling.core.model import Json
from cloudscaling.core.policy.cron import BadSchedule, Firing, Pattern, last_firing, next_firing, parse

MINUTE = "%Y-%m-%dT%H:%MZ"
LATE = timedelta(minutes=5)  # how much later than its minute a cloud may still fire
_LAST_SAFE_DAY = {1: 27, -1: 28}  # shift in days -> a later day of the month would move over a month's end
_YEAR = timedelta(days=366)
_NO_ZONE_KEEPS_AN_OFFSET_SHORTER = timedelta(days=13)


def check(cron: str, zone_name: str, now: datetime) -> None:
    """Raise BadSchedule when a firing of the coming year cannot be written, be it only after a change of the offset."""
    pattern = parse(cron)
    firing = next_firing(pattern, zone_name, now)
    while pattern.month_days and firing.at < now + _YEAR:
        _utc(pattern, firing)
        firing = next_firing(pattern, zone_name, firing.at + _NO_ZONE_KEEPS_AN_OFFSET_SHORTER)


def in_utc(cron: str, zone_name: str, now: datetime) -> dict[str, Json]:
    """The flat schedule paths that the cloud is to hold at `now`; weekdays count from Sunday 0."""
    pattern = parse(cron)
    ahead = next_firing(pattern, zone_name, now)
    old, new = _utc(pattern, last_firing(pattern, zone_name, ahead.at)), _utc(pattern, ahead)
    return _fields(old if now < _switch(pattern, zone_name, ahead) else new)


def wake_at(cron: str, zone_name: str, now: datetime) -> datetime:
    """When to look again: when the expression of the next firing may be written, else after that firing."""
    pattern = parse(cron)
    ahead = next_firing(pattern, zone_name, now)
    switch = _switch(pattern, zone_name, ahead)
    return switch if now < switch < ahead.at else ahead.at + LATE


def _switch(pattern: Pattern, zone_name: str, ahead: Firing) -> datetime:
    """From when on the expression of the firing `ahead` may stand in the cloud."""
    served = last_firing(pattern, zone_name, ahead.at)
    too_early = last_firing(_utc(pattern, ahead), "Etc/UTC", ahead.at)
    return max(served.at, too_early.at) + LATE


def _utc(pattern: Pattern, firing: Firing) -> Pattern:
    """The pattern in UTC that is right for this firing."""
    shift = (firing.at.date() - firing.day).days
    weekdays = tuple(sorted((day + shift) % 7 for day in pattern.weekdays))
    return Pattern(firing.at.minute, firing.at.hour, weekdays, _shifted(pattern.month_days, shift))


def _shifted(days: tuple[int, ...], shift: int) -> tuple[int, ...]:
    if shift and days and (days[-1] > _LAST_SAFE_DAY[shift] or days[0] + shift < 1):
        raise BadSchedule("in UTC the days move over the end of a month; use another time or time zone")
    return tuple(day + shift for day in days)


def _fields(utc: Pattern) -> dict[str, Json]:
    fields: dict[str, Json] = {"schedule.time": f"{utc.hour:02}:{utc.minute:02}", "schedule.recurrence": "Daily"}
    if utc.weekdays:
        fields |= {"schedule.recurrence": "Weekly", "schedule.days": [*utc.weekdays]}
    if utc.month_days:
        fields |= {"schedule.recurrence": "Monthly", "schedule.days": [*utc.month_days]}
    return fields


def minute_utc(moment: datetime) -> str:
    """The vendors' minute precision in UTC."""
    return moment.astimezone(UTC).strftime(MINUTE)


def read_minute(text: Json) -> datetime | None:
    """A time as the cloud shows it; None for what is no time."""
    try:
        return datetime.strptime(text, MINUTE).replace(tzinfo=UTC)
    except (TypeError, ValueError):
        return None


def end_of_endless(seen_end: Json, now: datetime, *, ahead_days: int, renew_days: int) -> str:
    """Where a vendor demands an end: the one in the cloud until it comes near, then far ahead again."""
    seen = read_minute(seen_end)
    if seen is not None and seen - now > timedelta(days=renew_days):
        return minute_utc(seen)
    return minute_utc(now + timedelta(days=ahead_days))
