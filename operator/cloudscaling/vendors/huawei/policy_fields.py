"""Settable properties of a policy: spec-shaped paths <-> the vendor's fields, v1 and v2. Called by policies. Pure.

Schedules are in UTC on both sides; `schedule.days` counts weekdays from Sunday 0, the vendor from Sunday 1.
"""

from __future__ import annotations

from collections.abc import Callable

from cloudscaling.core.model import Fields, Json
from cloudscaling.errors import Rejected
from cloudscaling.vendors._times import minute
from cloudscaling.vendors.huawei import wire_policies as wire
from cloudscaling.vendors.huawei.group_fields import long, short

TYPES = {"Alarm": "ALARM", "Scheduled": "SCHEDULED", "Recurring": "RECURRENCE"}
TYPES_READ = {word: neutral for neutral, word in TYPES.items()}
# path -> vendor field, value as it is; "+" stands for the vendor's own block
PLAIN = {
    "externalName": "scaling_policy_name",
    "cooldownSeconds": "cool_down_time",
    "alarm.alarmId": "alarm_id",
    "+.description": "description",
}
_EXACT = {"ExactCapacity": False, "ExactPercent": True}  # adjustment type -> in percent?
_CHANGE = {"ChangeInCapacity": False, "PercentChangeInCapacity": True}
_LIMITS = {False: 300, True: 20000}  # highest amount, in instances and in percent
_WEEKDAY_SHIFT = 1
SCHEDULE = frozenset(f"schedule.{name}" for name in ("at", "time", "recurrence", "days", "start", "end"))  # sent as one


def canonical(want: Fields, block: str) -> dict[str, Json]:
    """`want` as `read` would show it."""
    return {path: _CANONICAL.get(short(path, block), _same)(value) for path, value in want.items()}


def read(row: wire.ScalingPolicy, block: str) -> dict[str, Json]:
    """Every settable property that the vendor shows for the policy's type."""
    found: dict[str, Json] = {
        "externalName": row.scaling_policy_name,
        "cooldownSeconds": row.cool_down_time,
        "adjustment": _read_action(row.scaling_policy_action),
    }
    if row.scaling_resource_type is not None:  # v1 knows no descriptions
        found[f"{block}.description"] = row.description
    if row.scaling_policy_type == "ALARM":
        found["alarm.alarmId"] = row.alarm_id
    schedule = row.scheduled_policy or wire.Schedule()
    if row.scaling_policy_type == "SCHEDULED":
        found["schedule.at"] = schedule.launch_time
    if row.scaling_policy_type == "RECURRENCE":
        found |= {
            "schedule.time": schedule.launch_time,
            "schedule.recurrence": schedule.recurrence_type,
            "schedule.days": _read_days(schedule),
            "schedule.start": schedule.start_time,
            "schedule.end": schedule.end_time,
        }
    return canonical(found, block)


def write(changed: Fields, known: Fields, block: str, *, v2: bool) -> dict[str, Json]:
    """The vendor's fields for `changed`; schedule and action go whole, taken from `known`."""
    plain = {path: name for path, name in PLAIN.items() if v2 or path != "+.description"}
    body: dict[str, Json] = {}
    for path, name in plain.items():
        full = long(path, block)
        if full in changed:
            body[name] = changed[full]
    if "adjustment" in changed:
        body["scaling_policy_action"] = _write_action(changed["adjustment"], v2=v2)
    if SCHEDULE & changed.keys():
        body["scheduled_policy"] = _write_schedule(known)
    return body


def _write_schedule(known: Fields) -> dict[str, Json]:
    if known.get("schedule.at"):
        return {"launch_time": known["schedule.at"]}
    recurrence = known.get("schedule.recurrence")
    shift = _WEEKDAY_SHIFT if recurrence == "Weekly" else 0
    days = sorted(day + shift for day in known.get("schedule.days") or ())
    return {
        "launch_time": known.get("schedule.time"),
        "recurrence_type": recurrence,
        "recurrence_value": ",".join(map(str, days)) if days and recurrence != "Daily" else None,
        "start_time": known.get("schedule.start"),
        "end_time": known.get("schedule.end"),
    }


def _read_days(schedule: wire.Schedule) -> list[Json]:
    if schedule.recurrence_type == "Daily":  # the vendor ignores the value then
        return []
    shift = _WEEKDAY_SHIFT if schedule.recurrence_type == "Weekly" else 0
    words = [word.strip() for word in (schedule.recurrence_value or "").split(",") if word.strip()]
    return [int(word) - shift if word.isdigit() else word for word in words]


def _write_action(adjustment: Json, *, v2: bool) -> dict[str, Json]:
    kind, value = adjustment["type"], int(adjustment["value"])
    percent = _EXACT.get(kind, _CHANGE.get(kind, False))
    if abs(value) > _LIMITS[percent]:
        raise Rejected(f"adjustment.value: {value} is outside of -{_LIMITS[percent]}..{_LIMITS[percent]}")
    name = ("percentage" if percent else "size") if v2 else f"instance_{'percentage' if percent else 'number'}"
    operation = "SET" if kind in _EXACT else ("ADD" if value > 0 else "REMOVE")
    return {"operation": operation, name: abs(value)}


def _read_action(action: wire.PolicyAction | None) -> Json:
    if action is None:
        return None
    percent = action.percentage if action.percentage is not None else action.instance_percentage
    number = action.size if action.size is not None else action.instance_number
    in_percent = percent is not None and (percent != 0 or number is None)
    amount = percent if in_percent else (1 if number is None else number)  # neither given means one instance
    if (action.operation or "ADD") == "SET":
        return {"type": "ExactPercent" if in_percent else "ExactCapacity", "value": amount}
    sign = -1 if action.operation in ("REMOVE", "REDUCE") else 1
    kind = "PercentChangeInCapacity" if in_percent else "ChangeInCapacity"
    return {"type": kind, "value": sign * (amount or 0)}


def _same(value: Json) -> Json:
    return value


def _sorted(days: Json) -> Json:
    """Numbers in their order; a word that is no number stays visible behind them."""
    return sorted(days or [], key=lambda day: (isinstance(day, str), day))


_CANONICAL: dict[str, Callable[[Json], Json]] = {
    "adjustment": lambda value: {"type": value["type"], "value": value["value"]} if value else None,
    "+.description": lambda value: value or "",
    "schedule.at": minute,
    "schedule.days": _sorted,
    "schedule.start": minute,
    "schedule.end": minute,
}
