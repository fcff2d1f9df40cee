"""Warm pools. Vendor document: 5.1.7-5.1.10 (paths without a version, no own codes; README.md has the choices)."""

from __future__ import annotations

from cloudsim.huawei import groups, paging, validate
from cloudsim.huawei.errors import ApiError
from cloudsim.huawei.scene import Call, JsonObject, Scene
from cloudsim.huawei.state import Group, WarmPool
from cloudsim.huawei.validate import Field, Table

_PUT: Table = {
    "min_capacity": Field(validate.integer("2004", 0, 1000)),
    "max_capacity": Field(validate.integer("2004", 0, 1000)),
    "instance_init_wait_time": Field(validate.integer("2006", 0, 86400)),
}


def put(scene: Scene, call: Call) -> None:
    """Open or change the pool; both capacities or none, and equal."""
    given = validate.body(call.body, _PUT)
    low, high = given.get("min_capacity"), given.get("max_capacity")
    if low != high:
        raise ApiError("2004", "min_capacity and max_capacity must be equal")
    group = groups.writable(scene, call.path["scaling_group_id"])
    pool = group.warm_pool
    if pool is None or pool.status != "ACTIVE":
        pool = group.warm_pool = WarmPool(None, None, "ACTIVE")
    pool.capacity = low if low is not None else pool.capacity
    pool.wait_s = given.get("instance_init_wait_time", pool.wait_s)
    _fill(scene, group, pool)


def _fill(scene: Scene, group: Group, pool: WarmPool) -> None:
    """Bring the pool to its size; without a capacity it is what the group may still grow by."""
    size = group.maximum - group.desire if pool.capacity is None else pool.capacity
    while len(pool.instances) > size:
        pool.instances.popitem()
    while len(pool.instances) < size:
        row_id = scene.ids.uuid()
        name = f"{group.name}_{scene.ids.suffix(8)}"
        pool.instances[row_id] = {
            "id": row_id,
            "instance_id": scene.ids.uuid(),
            "name": name,
            "status": "PENDING",
        }
    scene.later(scene.now + scene.rules.activity_s + (pool.wait_s or 0), "warm-pool", group.id)


def close(scene: Scene, call: Call) -> None:
    """Close the pool; it is CLOSING for the time of an activity. No pool is accepted too."""
    group = groups.writable(scene, call.path["scaling_group_id"])
    if group.warm_pool is not None and group.warm_pool.status == "ACTIVE":
        group.warm_pool.status = "CLOSING"
        scene.later(scene.now + scene.rules.activity_s, "warm-pool", group.id)


def on_time(scene: Scene, group: Group) -> None:
    """Finish what the pool is doing: closed and empty, or its instances ready."""
    pool = group.warm_pool
    if pool is None:
        return
    if pool.status == "CLOSING":
        pool.status = "CLOSED"
        pool.instances.clear()
    for row in pool.instances.values():
        row["status"] = "READY"


def read(scene: Scene, call: Call) -> JsonObject:
    """Show the pool; a group that never had one shows a closed one."""
    group = scene.group(call.path["scaling_group_id"])
    pool = group.warm_pool or WarmPool(None, None, "CLOSED")
    return {
        "warm_pool": {
            "min_capacity": pool.capacity,
            "max_capacity": pool.capacity,
            "instance_init_wait_time": pool.wait_s,
            "status": pool.status,
        }
    }


def listing(scene: Scene, call: Call) -> JsonObject:
    """List the pool's instances by marker; on the last page the marker is null."""
    group = scene.group(call.path["scaling_group_id"])
    rows = group.warm_pool.instances if group.warm_pool else {}
    chosen, marker = paging.after_marker(list(rows), call.query)
    return {
        "page_info": {"next_marker": marker},
        "warm_pool_instances": [dict(rows[row_id]) for row_id in chosen],
    }
