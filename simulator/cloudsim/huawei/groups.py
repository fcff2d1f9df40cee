"""Groups: create, list, show, delete, enable and disable. Vendor document: 5.1.1-5.1.6 (update: group_update)."""

from __future__ import annotations

from collections.abc import Callable

from cloudsim.huawei import capacity, group_fields, paging, scaling, tag_fields, times, validate
from cloudsim.huawei.errors import ApiError
from cloudsim.huawei.scene import Call, JsonObject, Scene
from cloudsim.huawei.state import Group
from cloudsim.huawei.validate import Field, Table

STATUSES = ("INSERVICE", "PAUSED", "ERROR", "DELETING", "FREEZED")
_ACTION: Table = {"action": Field(validate.one_of("2008", "resume", "pause"), "2008")}


def create(scene: Scene, call: Call) -> JsonObject:
    """Create a disabled group; nothing starts before it is resumed."""
    given = validate.body(call.body, group_fields.CREATE)
    group_fields.check_references(scene, given)
    configuration = given.get("scaling_configuration_id", "")
    if configuration:
        scene.configuration(configuration)
    elif scene.rules.flag("require-configuration"):
        raise ApiError("1003")
    fields = group_fields.defaults(given)
    capacity.check_bounds(
        fields["min_instance_number"],
        fields["max_instance_number"],
        fields["desire_instance_number"],
        scene.rules,
    )
    if len(scene.tenant.groups) >= scene.rules.quotas["groups"]:
        raise ApiError("2023", str(scene.rules.quotas["groups"]))
    group = Group(scene.ids.uuid(), scene.now, fields, tags=group_fields.tags_of(given))
    scene.tenant.groups[group.id] = group
    if configuration:
        scaling.use_configuration(scene, configuration, 1)
    return {"scaling_group_id": group.id}


def listing(scene: Scene, call: Call) -> JsonObject:
    """List groups, filtered and paged."""
    bounds = paging.window(call.query, "1001", "1002")
    groups = scene.tenant.groups
    newest = scene.rules.options["list-order"] == "newest"
    ordered = reversed(groups.values()) if newest else iter(groups.values())
    return paging.page(groups, ordered, _filter(call.query), lambda g: show(scene, g), bounds, "scaling_groups")


def _filter(query: dict[str, str]) -> Callable[[Group], bool] | None:
    status = validate.query_choice(query, "scaling_group_status", "2020", *STATUSES)
    wanted = query.get("scaling_group_name") or ""
    configuration = query.get("scaling_configuration_id")
    enterprise = query.get("enterprise_project_id")
    if enterprise == "all_granted_eps":
        enterprise = None
    if not (status or wanted or configuration or enterprise):
        return None
    return lambda g: (
        status in (None, g.status)
        and wanted in g.name
        and configuration in (None, g.fields["scaling_configuration_id"])
        and enterprise in (None, g.fields["enterprise_project_id"])
    )


def read(scene: Scene, call: Call) -> JsonObject:
    """Show one group."""
    return {"scaling_group": show(scene, scene.group(call.path["scaling_group_id"]))}


def show(scene: Scene, group: Group) -> JsonObject:
    """Return a group with the field names of the answers."""
    configuration = scene.tenant.configurations.get(group.fields["scaling_configuration_id"])
    return {
        "scaling_group_id": group.id,
        "scaling_group_status": group.status,
        "scaling_configuration_name": configuration.name if configuration else None,
        "current_instance_number": capacity.current(group, scene.rules),
        "create_time": times.second(group.created),
        "detail": group.detail,
        "is_scaling": group.activity is not None,
        "activity_type": group.activity.type if group.activity else None,
        "cloud_location_id": None,
        "tags": tag_fields.show(group.tags),
        **group.fields,
    }


def act(scene: Scene, call: Call) -> None:
    """Enable or disable a group; what it is already is accepted and changes nothing."""
    given = validate.body(call.body, _ACTION)
    group = writable(scene, call.path["scaling_group_id"])
    if given["action"] == "pause":
        group.status, group.next_reason = "PAUSED", None
        return
    if group.fields["scaling_configuration_id"] not in scene.tenant.configurations:
        raise ApiError("2018", group.id)
    group.status, group.retry_at, group.failures = "INSERVICE", 0.0, 0
    scaling.balance(scene, group)


def delete(scene: Scene, call: Call) -> None:
    """Delete an empty, idle group, or with force empty it first (5.1.5)."""
    force = validate.query_choice(call.query, "force_delete", "2019", "yes", "no") == "yes"
    group = scene.group(call.path["scaling_group_id"])
    if force:
        group.status = "DELETING"
        scaling.purge(scene, group)
        return
    if group.status == "DELETING":
        raise ApiError("2033", "DELETING")
    if group.activity is not None:
        raise ApiError("2033", "a scaling activity is running")
    if group.members:
        raise ApiError("2021", str(len(group.members)))
    scaling.forget(scene, group)


def writable(scene: Scene, group_id: str, code: str = "2007") -> Group:
    """Return a group that takes changes, or refuse."""
    group = scene.group(group_id, code)
    if group.status == "DELETING":
        raise ApiError("2033", "DELETING")
    if group.status == "FREEZED":
        raise ApiError("8004")
    return group
