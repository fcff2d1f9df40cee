"""Members of groups: list, and remove one. Vendor document: 5.3.1 and 5.3.2 (batch actions: batch)."""

from __future__ import annotations

from cloudsim.huawei import activities, paging, scaling, times, validate
from cloudsim.huawei.errors import ApiError
from cloudsim.huawei.scene import Call, JsonObject, Scene
from cloudsim.huawei.state import Group, Instance

STATES = (
    "INSERVICE",
    "PENDING",
    "PENDING_WAIT",
    "REMOVING",
    "REMOVING_WAIT",
    "STANDBY",
    "ENTERING_STANDBY",
)
HEALTH = ("INITIALIZING", "NORMAL", "ERROR")


def listing(scene: Scene, call: Call) -> JsonObject:
    """List the members of a group, filtered and paged."""
    bounds = paging.window(call.query, "4000", "4001")
    state = validate.query_choice(call.query, "life_cycle_state", "4003", *STATES)
    health = validate.query_choice(call.query, "health_status", "4004", *HEALTH)
    guarded = validate.query_choice(call.query, "protect_from_scaling_down", "0022", "true", "false")
    group = scene.group(call.path["scaling_group_id"], "4005")

    def keep(row: Instance) -> bool:
        return (
            state in (None, row.life_cycle_state)
            and health in (None, row.health_status)
            and (guarded is None or row.protected == (guarded == "true"))
        )

    rows = group.members
    wanted = keep if state or health or guarded else None
    return paging.page(rows, rows.values(), wanted, lambda i: show(scene, group, i), bounds, "scaling_group_instances")


def show(scene: Scene, group: Group, row: Instance) -> JsonObject:
    """Return a member with the field names of the answers."""
    hidden = row.life_cycle_state == "PENDING" and scene.rules.flag("pending-without-id")
    return {
        "instance_id": "" if hidden else row.id,
        "instance_name": row.name,
        "scaling_group_id": group.id,
        "scaling_group_name": group.name,
        "life_cycle_state": row.life_cycle_state,
        # The response table of the document spells this value so; the filter spells it right.
        "health_status": "INITAILIZING" if row.health_status == "INITIALIZING" else row.health_status,
        "scaling_configuration_id": row.scaling_configuration_id,
        "scaling_configuration_name": row.scaling_configuration_name,
        "create_time": times.second(row.joined),
        "protect_from_scaling_down": row.protected,
    }


def delete(scene: Scene, call: Call) -> None:
    """Remove one member; with instance_delete=yes its server goes too if the service made it."""
    deletes = validate.query_choice(call.query, "instance_delete", "4007", "yes", "no") == "yes"
    instance_id = call.path["instance_id"]
    group = scene.tenant.groups.get(scene.tenant.membership.get(instance_id, ""))
    if group is None:
        raise ApiError("4006", instance_id)
    require_idle(group)
    check_removable(group, group.members[instance_id])
    if len(group.members) - 1 < group.minimum:
        raise ApiError("2036", str(group.minimum))
    remove(scene, group, [group.members[instance_id]], deletes)


def require_idle(group: Group) -> None:
    """Refuse while the group has an activity or takes no changes."""
    if group.status == "DELETING":
        raise ApiError("2033", "DELETING")
    if group.status == "FREEZED":
        raise ApiError("8004")
    if group.activity is not None:
        raise ApiError("2033", "a scaling activity is running")


def check_removable(group: Group, instance: Instance) -> None:
    """Refuse a member that is not in service."""
    if instance.life_cycle_state != "INSERVICE":
        raise ApiError("4015", f"{instance.id} is {instance.life_cycle_state}")


def remove(scene: Scene, group: Group, leaving: list[Instance], deletes: bool) -> None:
    """Start the activity of a removal by hand; the desired number follows unless switched off."""
    kind = "MANNUAL_DELETE" if deletes else "MANNUAL_REMOVE"
    count = len(group.members)
    move_desire(scene, group, -len(leaving))
    why = activities.reason(scene, "MANNUAL", count, count - len(leaving))
    scaling.shrink(scene, group, leaving, kind, why, leave_deletes=deletes)


def move_desire(scene: Scene, group: Group, change: int) -> None:
    """Let the desired number follow a change by hand; otherwise the group would undo it at once."""
    if scene.rules.flag("manual-moves-desired"):
        wanted = min(max(group.desire + change, group.minimum), group.maximum)
        group.fields["desire_instance_number"] = wanted
