"""A state without ids, times and marks, so that two runs of one scenario can be compared. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from tests.faults.stage import View
from tests.faults.wire import plain

Json = dict[str, Any]
_BRIEF = 160
_GROUP_FIELDS = (
    *("scaling_group_status", "min_instance_number", "max_instance_number", "desire_instance_number"),
    *("current_instance_number", "is_scaling", "cool_down_time", "instance_terminate_policy"),
    *("health_periodic_audit_time", "delete_publicip", "delete_volume", "scaling_configuration_name"),
)
_STATUS_FIELDS = (
    *("state", "externalName", "deletionPolicy", "minSize", "maxSize", "desiredCapacity", "currentCapacity"),
    *("lastAppliedDesiredCapacity", "lastAppliedDesiredCapacityToken", "lastAppliedEnabled", "capacityHeld"),
    *("managed", "drift", "operation", "currentRevision", "cloudObject", "vendorState"),
    *("phase", "total", "succeeded", "skipped", "failed", "remaining", "desiredAtStart", "currentBatch"),
)
_CONDITIONS = (
    *("Ready", "Synced", "Accepted", "ReferencesResolved", "CapacityDrifted", "Adopted", "CredentialsValid"),
    *("Complete", "Failed", "Progressing"),
)


def take(view: View) -> Json:
    """What two runs must have in common at their end."""
    return {"cloud": cloud(view.tenant), "objects": objects(view)}


def cloud(tenant: Json) -> Json:
    names = {group["scaling_group_id"]: plain(group["scaling_group_name"]) for group in tenant["groups"].values()}
    configurations = (plain(row["scaling_configuration_name"]) for row in tenant["configurations"].values())
    return {
        "groups": _sorted(_group(group) for group in tenant["groups"].values()),
        "configurations": _sorted(configurations),
        "policies": _sorted(_policy(row, names) for row in tenant["policies"].values()),
        "servers": _servers(tenant),
    }


def _group(group: Json) -> Json:
    shown = {name: group[name] for name in _GROUP_FIELDS}
    shown["scaling_configuration_name"] = plain(shown["scaling_configuration_name"] or "")
    description = group.get("description") or ""
    return shown | {
        "name": plain(group["scaling_group_name"]),
        "marked": "[cso:" in description,
        "tags": sorted(
            tag["key"] if tag["key"] == "cso-owner" else f"{tag['key']}={tag.get('value') or ''}"
            for tag in group["tags"] or ()
        ),
        "protected": sum(row["protect_from_scaling_down"] for row in group["instances"]),
        "tasks": _sorted(_task(row) for row in group["scheduled_tasks"]),
        "hooks": sorted(f"{row['name']} {row['default_timeout']}" for row in group["lifecycle_hooks"]),
        "topics": {urn: sorted(scenes) for urn, scenes in sorted(group["topics"].items())},
        "listeners": sorted(
            [row["pool_id"], row["protocol_port"], row["weight"]] for row in group["lbaas_listeners"] or ()
        ),
        "warm pool": [group["warm_pool"][key] for key in ("status", "capacity")] if group["warm_pool"] else None,
        "activities": [_activity(row) for row in reversed(group["activities"])],
    }


def _task(row: Json) -> Json:
    return {"name": plain(row["name"]), "numbers": row["numbers"], "launch_time": row["schedule"]["launch_time"]}


def _activity(row: Json) -> str:
    counts = ("instance_added_list", "instance_deleted_list", "instance_removed_list", "instance_standby_list")
    moved = (f"{name.split('_')[1]} {len(row[name])}" for name in counts if row.get(name))
    return f"{row['type']} {', '.join(moved)}"


def _policy(row: Json, names: dict[str, str]) -> Json:
    names_of = names.get(row["scaling_resource_id"], "a group that is gone")
    keep = ("scaling_policy_type", "policy_status", "scaling_policy_action", "cool_down_time", "alarm_id")
    schedule = dict(row.get("scheduled_policy") or {})
    return {name: row.get(name) for name in keep} | {
        "name": plain(row["scaling_policy_name"]),
        "group": names_of,
        "schedule": {k: v for k, v in schedule.items() if k in ("launch_time", "recurrence_type", "recurrence_value")},
    }


def _servers(tenant: Json) -> Json:
    members = {row["instance_id"] for group in tenant["groups"].values() for row in group["instances"]}
    counted = Counter(
        f"{row['created_by']} {row['status']} {'member' if row['id'] in members else 'outside'}"
        for row in tenant["servers"].values()
    )
    return dict(sorted(counted.items()))


def objects(view: View) -> Json:
    return {f"{plural}/{name}": _status(item) for (plural, name), item in sorted(view.objects.items())}


def _status(item: Json) -> Json:
    status = item.get("status") or {}
    shown = {name: status[name] for name in _STATUS_FIELDS if name in status}
    if "externalName" in shown:
        shown["externalName"] = plain(shown["externalName"])
    shown["revisions"] = [
        (row["revision"], row["state"], row.get("reason"), plain(row.get("externalName") or ""))
        for row in status.get("revisions", ())
    ]
    shown["conditions"] = sorted(
        f"{c['type']}={c['status']} {c['reason']}" for c in status.get("conditions", ()) if c["type"] in _CONDITIONS
    )
    # in no order: answers to hooks end beside the operation that they let go on
    shown["remembered"] = sorted(row["name"] for row in status.get("recentOperations", ()))
    shown["finalizers"] = sorted(item["metadata"].get("finalizers") or ())
    return shown


def _sorted(rows: Iterator[Any]) -> list[Any]:
    return sorted(rows, key=str)


def difference(before: Any, after: Any, path: str = "") -> list[str]:
    """Where two snapshots differ, one line each."""
    if isinstance(before, dict) and isinstance(after, dict):
        keys = sorted(before.keys() | after.keys())
        return [
            line for key in keys for line in difference(before.get(key), after.get(key), f"{path}.{key}".lstrip("."))
        ]
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        pairs = enumerate(zip(before, after, strict=True))
        return [line for i, (one, other) in pairs for line in difference(one, other, f"{path}[{i}]")]
    return [] if before == after else [f"{path}: {_brief(before)} -> {_brief(after)}"]


def _brief(value: Any) -> str:
    """One line of a part; the whole of it stands in the two states."""
    named = (
        [row.get("name", row) if isinstance(row, dict) else row for row in value] if isinstance(value, list) else value
    )
    text = repr(named)
    return text if len(text) <= _BRIEF else text[:_BRIEF] + "..."
