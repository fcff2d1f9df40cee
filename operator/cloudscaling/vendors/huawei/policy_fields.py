"""Settable properties of a policy: spec-shaped paths <-> the vendor's fields, v1 and v2. Called by policies. Pure.

Schedules are in UTC on both sides; `schedule.days` counts weekdays from Sunday 0, the vendor from Sunday 1.
"""

from __future__ import annotations

from collections.abc import Callable

from cloudscaling.core.model import Fields, Json
from cloudscaling.errors import Rejected
from cloudscaling.vendors._times import minute
from cloudscaling.vendors.huawei import action_fields
from cloudscaling.vendors.huawei import wire_policies as wire
from cloudscaling.vendors.huawei.group_fields import long, short

TYPES = {"Alarm": "ALARM", "Scheduled": "SCHEDULED", "Recurring": "RECURRENCE"}
STEPS_TYPE = "INTERVAL_ALARM"
TYPES_READ = {word: neutral for neutral, word in TYPES.items()} | {STEPS_TYPE: "Alarm"}
GROUP_RESOURCE, BANDWIDTH_RESOURCE = "SCALING_GROUP", "BANDWIDTH"
BANDWIDTH, BANDWIDTH_LIMIT = "+.bandwidth.id", "+.bandwidth.limitMbps"
# path -> vendor field, value as it is; "+" stands for the vendor's own block
PLAIN = {
    "externalName": "scaling_policy_name",
    "cooldownSeconds": "cool_down_time",
    "alarm.alarmId": "alarm_id",
    "+.description": "description",
}
_WEEKDAY_SHIFT = 1
SIZES = {"minSize": "min", "maxSize": "max", "desiredCapacity": "desire"}  # of `capacity`, in scheduled tasks only
SCHEDULE = frozenset(f"schedule.{name}" for name in ("at", "time", "recurrence", "days", "start", "end"))  # sent as one


def canonical(want: Fields, block: str) -> dict[str, Json]:
    """`want` as `read` would show it."""
    return {path: _CANONICAL.get(short(path, block), _same)(value) for path, value in want.items()}


def read(row: wire.ScalingPolicy, block: str) -> dict[str, Json]:
    """Every settable property that the vendor shows for the policy's type."""
    found: dict[str, Json] = {
        "externalName": row.scaling_policy_name,
        "cooldownSeconds": row.cool_down_time,
        "adjustment": action_fields.read(row.scaling_policy_action),
    }
    if row.scaling_resource_type is not None:  # v1 knows no descriptions
        found[f"{block}.description"] = row.description
    if row.scaling_policy_type in (TYPES["Alarm"], STEPS_TYPE):
        found |= {"alarm.alarmId": row.alarm_id, "alarm.steps": []}
    if row.scaling_policy_type == STEPS_TYPE:  # the vendor keeps an action of its own beside the steps
        found |= {"adjustment": None, "alarm.steps": action_fields.read_steps(row.interval_alarm_actions)}
    if row.scaling_resource_type == BANDWIDTH_RESOURCE:
        action = row.scaling_policy_action
        found[long(BANDWIDTH, block)] = row.scaling_resource_id
        found[long(BANDWIDTH_LIMIT, block)] = action.limits if action else None
    schedule = row.scheduled_policy or wire.Schedule()
    if row.scaling_policy_type == "SCHEDULED":
        found["schedule.at"] = schedule.launch_time
    if row.scaling_policy_type == "RECURRENCE":
        found |= read_recurrence(schedule)
    return canonical(found, block)


def read_recurrence(schedule: wire.Schedule) -> dict[str, Json]:
    return {
        "schedule.time": schedule.launch_time,
        "schedule.recurrence": schedule.recurrence_type,
        "schedule.days": _read_days(schedule),
        "schedule.start": schedule.start_time,
        "schedule.end": schedule.end_time,
    }


def write(changed: Fields, known: Fields, block: str, *, v2: bool) -> dict[str, Json]:
    """The vendor's fields for `changed`; schedule and action go whole, taken from `known`."""
    plain = {path: name for path, name in PLAIN.items() if v2 or path != "+.description"}
    body: dict[str, Json] = {}
    for path, name in plain.items():
        full = long(path, block)
        if full in changed:
            body[name] = changed[full]
    if SCHEDULE & changed.keys():
        body["scheduled_policy"] = write_schedule(known)
    return body | _write_actions(changed, known, block, v2=v2)


def _write_actions(changed: Fields, known: Fields, block: str, *, v2: bool) -> dict[str, Json]:
    """Steps or one adjustment; a change from one to the other changes the type, which takes the alarm along."""
    bandwidth, limit = (known.get(long(path, block)) for path in (BANDWIDTH, BANDWIDTH_LIMIT))
    if not v2 and (changed.get("alarm.steps") or bandwidth):
        raise Rejected(f"{'alarm.steps' if not bandwidth else 'bandwidth'}: the account offers no version 2 of the API")
    body: dict[str, Json] = {}
    if changed.get("alarm.steps"):
        body["interval_alarm_actions"] = action_fields.write_steps(changed["alarm.steps"])
        return body | {"scaling_policy_type": STEPS_TYPE, "alarm_id": known.get("alarm.alarmId")}
    wanted = known.get("adjustment")
    if wanted and ("adjustment" in changed or long(BANDWIDTH_LIMIT, block) in changed):
        action = action_fields.write(wanted, v2=v2, bandwidth=bool(bandwidth), limit=limit)
        body["scaling_policy_action"] = action
    if "adjustment" in changed and known.get("alarm.steps"):
        body |= {"scaling_policy_type": TYPES["Alarm"], "alarm_id": known.get("alarm.alarmId")}
    return body


def write_schedule(known: Fields) -> dict[str, Json]:
    """The whole schedule; the vendor replaces it as one."""
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


def _same(value: Json) -> Json:
    return value


def _sorted(days: Json) -> Json:
    """Numbers in their order; a word that is no number stays visible behind them."""
    return sorted(days or [], key=lambda day: (isinstance(day, str), day))


_CANONICAL: dict[str, Callable[[Json], Json]] = {
    "adjustment": action_fields.canonical,
    "alarm.steps": action_fields.canonical_steps,
    "capacity": lambda sizes: {name: sizes[name] for name in SIZES if sizes.get(name) is not None} if sizes else {},
    "+.description": lambda value: value or "",
    "schedule.at": minute,
    "schedule.days": _sorted,
    "schedule.start": minute,
    "schedule.end": minute,
}
