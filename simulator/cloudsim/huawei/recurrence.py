"""When a timer fires next, and whether a timer makes sense. Vendor document: 5.4.1 (scheduled_policy), 5.11."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cloudsim.huawei import times
from cloudsim.huawei.errors import ApiError
from cloudsim.huawei.scene import JsonObject

# No rule skips more than this: the 31st every month, or 29 February alone would need four years.
HORIZON_DAYS = 366 * 4 + 1
RANGES = {"Weekly": (1, 7), "Monthly": (1, 31)}
DAY_S = 86400


@dataclass(frozen=True, slots=True)
class Names:
    """The spellings of one of the two kinds of timer."""

    daily: str
    weekly: str
    monthly: str
    any_case: bool = False

    def plain(self, name: str) -> str | None:
        """Return Daily, Weekly or Monthly for a spelling, or None."""
        table = {self.daily: "Daily", self.weekly: "Weekly", self.monthly: "Monthly"}
        return table.get(name.upper() if self.any_case else name)


POLICY = Names("Daily", "Weekly", "Monthly")
# The table of tasks wants capitals, all its examples say Daily: both are taken.
TASK = Names("DAILY", "WEEKLY", "MONTHLY", any_case=True)


def check_once(schedule: JsonObject, now: float) -> JsonObject:
    """Return what is kept of a one-off timer, or refuse."""
    launch = _required(schedule, "launch_time", "3008")
    at = times.parse(launch, times.MINUTE)
    if at is None:
        raise ApiError("3009", launch)
    if at <= now:
        raise ApiError("3010", launch)
    return {"launch_time": launch}


def check_recurring(schedule: JsonObject, now: float, names: Names = POLICY) -> JsonObject:
    """Return what is kept of a recurring timer, or refuse; a missing start is now."""
    launch = _required(schedule, "launch_time", "3008")
    if times.clock_time(launch) is None:
        raise ApiError("3009", launch)
    kind = names.plain(_required(schedule, "recurrence_type", "3023"))
    if kind is None:
        raise ApiError("3004", str(schedule["recurrence_type"]))
    kept = {"launch_time": launch, "recurrence_type": schedule["recurrence_type"]}
    if kind in RANGES:
        kept["recurrence_value"] = _days(_required(schedule, "recurrence_value", "3024"), *RANGES[kind])
    end_text = _required(schedule, "end_time", "3005")
    start_text = schedule.get("start_time") or times.minute(now)
    start, end = times.parse(start_text, times.MINUTE), times.parse(end_text, times.MINUTE)
    if start is None:
        raise ApiError("3028", start_text)
    if end is None:
        raise ApiError("3006", end_text)
    if end <= now:
        raise ApiError("3007", end_text)
    if start >= end:
        raise ApiError("3029", f"{start_text} {end_text}")
    kept |= {"start_time": start_text, "end_time": end_text}
    if next_run(kept, now, names) is None:
        raise ApiError("3033")
    return kept


def _required(schedule: JsonObject, name: str, code: str) -> str:
    if not schedule.get(name):
        raise ApiError(code, name)
    return str(schedule[name])


def _days(text: str, low: int, high: int) -> str:
    parts = text.split(",")
    if not all(p.isascii() and p.isdigit() and low <= int(p) <= high for p in parts):
        raise ApiError("3025", text)
    return text


def next_run(schedule: JsonObject, after: float, names: Names = POLICY) -> float | None:
    """Return the first firing later than `after`, or None when there is none any more."""
    if not schedule.get("recurrence_type"):
        at = times.parse(schedule["launch_time"], times.MINUTE)
        return at if at is not None and at > after else None
    start = times.parse(schedule["start_time"], times.MINUTE) or 0.0
    end = times.parse(schedule["end_time"], times.MINUTE) or 0.0
    for at in _firings(schedule, max(after, start), names):
        if at > end:
            return None
        if at > after and at >= start:
            return at
    return None


def _firings(schedule: JsonObject, since: float, names: Names) -> Iterator[float]:
    minutes = times.clock_time(schedule["launch_time"]) or 0
    kind = names.plain(schedule["recurrence_type"])
    wanted = {int(p) for p in str(schedule.get("recurrence_value") or "0").split(",")}
    day = datetime.fromtimestamp(since, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    for _ in range(HORIZON_DAYS):
        # Weekday 1 is Sunday in this vendor's count.
        number = day.isoweekday() % 7 + 1 if kind == "Weekly" else day.day
        if kind == "Daily" or number in wanted:
            yield day.timestamp() + minutes * 60
        day += timedelta(days=1)
