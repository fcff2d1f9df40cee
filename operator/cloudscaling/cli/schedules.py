"""The vendors' UTC schedules -> `schedule` of a ScalingPolicy, in UTC. Called by translate. Pure."""

from __future__ import annotations

from datetime import datetime

from cloudscaling.core.model import Fields, Json
from cloudscaling.core.policy import schedule

UTC_ZONE = "Etc/UTC"
_DAYS = {"Daily": "{time} * * *", "Weekly": "{time} * * {days}", "Monthly": "{time} {days} * *"}
_ENDS = {"startTime": "schedule.start", "endTime": "schedule.end"}


def spec(kind: str, fields: Fields) -> dict[str, Json] | str:
    """The block, {} for a policy without schedule, or why it cannot be told."""
    if kind == "Scheduled":
        moment = _time(fields.get("schedule.at"))
        return {"at": moment} if moment else "schedule.at: the cloud shows no time that can be understood"
    if kind != "Recurring":
        return {}
    cron = _cron(fields)
    if not cron:
        return "schedule: the cloud shows no recurrence that cron can express"
    ends = {name: _time(fields.get(path)) for name, path in _ENDS.items()}
    return {"cron": cron, "timeZone": UTC_ZONE, **{name: value for name, value in ends.items() if value}}


def differs(block: Fields, fields: Fields, now: datetime) -> bool:
    """The block would be held as something else than what the cloud shows."""
    if "at" in block:
        return bool(_minute(block["at"]) != fields.get("schedule.at"))
    try:
        want = schedule.in_utc(block["cron"], UTC_ZONE, now)
    except schedule.BadSchedule:
        return True
    want |= {path: _minute(block[name]) for name, path in _ENDS.items() if name in block}
    return any(fields.get(path) != value for path, value in want.items())


def _cron(fields: Fields) -> str:
    hour, colon, minute = str(fields.get("schedule.time") or "").partition(":")
    pattern = _DAYS.get(str(fields.get("schedule.recurrence")))
    days = fields.get("schedule.days") or []
    wrong = not (colon and hour.isdigit() and minute.isdigit()) or not all(isinstance(day, int) for day in days)
    if pattern is None or wrong or ("{days}" in pattern and not days):
        return ""
    return pattern.format(time=f"{int(minute)} {int(hour)}", days=",".join(map(str, days)))


def _time(text: Json) -> str:
    """RFC 3339 of the vendors' minute precision, "" when it is none."""
    try:
        return schedule.read_minute(str(text)).strftime("%Y-%m-%dT%H:%M:%SZ")
    except ValueError:
        return ""


def _minute(text: str) -> str:
    return schedule.minute_utc(datetime.fromisoformat(text.replace("Z", "+00:00")))
