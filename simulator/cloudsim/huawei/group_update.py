"""Changing a group: a field that is absent or null stays. Vendor document: 5.1.4 and AS.2010-2054."""

from __future__ import annotations

from cloudsim.huawei import activities, capacity, group_fields, groups, scaling, validate
from cloudsim.huawei.errors import ApiError
from cloudsim.huawei.scene import Call, JsonObject, Scene
from cloudsim.huawei.state import Group

BOUNDS = ("min_instance_number", "max_instance_number")
DESIRE = "desire_instance_number"
BALANCERS = ("lb_listener_id", "lbaas_listeners")


def update(scene: Scene, call: Call) -> JsonObject:
    """Change a group as a whole or not at all; another desired number starts an activity."""
    group_id = call.path["scaling_group_id"]
    given = validate.update_body(call.body, group_fields.UPDATE, "scaling_group_id", group_id)
    group = groups.writable(scene, group_id)
    group_fields.check_references(scene, given)
    merged = {**group.fields, **given}
    group_fields.normalise(merged)
    changed = {name for name in given if merged[name] != group.fields[name]}
    _check_configuration(scene, given)
    _check_locks(group, merged, changed)
    _check_numbers(scene, group, given, merged)
    _commit(scene, group, merged, changed)
    return {"scaling_group_id": group.id}


def _check_configuration(scene: Scene, given: JsonObject) -> None:
    if "scaling_configuration_id" in given:
        scene.configuration(given["scaling_configuration_id"])


def _check_locks(group: Group, merged: JsonObject, changed: set[str]) -> None:
    busy = group.activity is not None
    if merged["lb_listener_id"] and merged["lbaas_listeners"]:
        raise ApiError("2026")
    if busy and "available_zones" in changed:
        raise ApiError("2054")
    if busy and changed.intersection(BALANCERS):
        raise ApiError("2047")
    locked = busy or group.members or group.status == "INSERVICE"
    if locked and changed.intersection(("networks", "security_groups")):
        raise ApiError("2030")


def _check_numbers(scene: Scene, group: Group, given: JsonObject, merged: JsonObject) -> None:
    low, high = (merged[name] for name in BOUNDS)
    if DESIRE not in given and scene.rules.flag("bounds-move-desired") and low <= high:
        merged[DESIRE] = min(max(merged[DESIRE], low), high)
    if any(name in given for name in (*BOUNDS, DESIRE)):
        capacity.check_bounds(low, high, merged[DESIRE], scene.rules)
    if merged[DESIRE] < group.desire:
        capacity.check_floors(group, merged[DESIRE])
    if DESIRE in given and given[DESIRE] == group.desire and scene.rules.flag("reject-unchanged-desire"):
        raise ApiError("2028", str(group.desire))
    refuse_busy = scene.rules.options["desire-while-scaling"] == "reject"
    if refuse_busy and group.activity is not None and merged[DESIRE] != group.desire:
        raise ApiError("2033", "a scaling activity is running")


def _commit(scene: Scene, group: Group, merged: JsonObject, changed: set[str]) -> None:
    desire, old = merged[DESIRE], group.desire
    before = dict(group.fields)
    if "scaling_configuration_id" in changed:
        if before["scaling_configuration_id"]:
            scaling.use_configuration(scene, before["scaling_configuration_id"], -1)
        scaling.use_configuration(scene, merged["scaling_configuration_id"], 1)
    group.fields = {**merged, DESIRE: old}
    if changed.intersection(BALANCERS) and group.status == "INSERVICE":
        _migrate(scene, group, before)
    scaling.set_desire(scene, group, desire, activities.reason(scene, "MANNUAL", old, desire))


def _migrate(scene: Scene, group: Group, before: JsonObject) -> None:
    why = activities.reason(scene, "MODIFY_ELB", len(group.members), len(group.members))
    activity = activities.begin(scene, group, "MODIFY_ELB", why, {}, size=0)
    old, new = _bindings(before), _bindings(group.fields)
    activity.bound = [b for b in new if b not in old]
    activity.unbound = [b for b in old if b not in new]


def _bindings(fields: JsonObject) -> list[JsonObject]:
    """Return the listeners of a group as the activity log names them."""
    classic = [part for part in (fields["lb_listener_id"] or "").split(",") if part]
    names = ("listener_id", "pool_id", "protocol_port", "weight")
    return [{"listener": part} for part in classic] + [
        {"lbaas_listener": {name: pool.get(name) for name in names}} for pool in fields["lbaas_listeners"]
    ]
