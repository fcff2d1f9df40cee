"""What happens outside the API: by hand in the console, in other services, or before a test begins."""

from __future__ import annotations

from collections.abc import Callable

from cloudsim import bodies
from cloudsim.huawei import configurations, groups, policies, scaling
from cloudsim.huawei.errors import ApiError
from cloudsim.huawei.scene import Call, JsonObject, Scene
from cloudsim.huawei.state import Server

REFERENCES = (
    "images",
    "flavors",
    "networks",
    "vpcs",
    "security_groups",
    "listeners",
    "pools",
    "key_pairs",
    "alarms",
    "topics",
    "zones",
    "bandwidths",
)


_GROUP: bodies.Table = {"count": bodies.whole(0), "instances": bodies.whole(0), "enabled": bodies.flag}
_SEED: bodies.Table = {
    "account": bodies.text,
    "project_id": bodies.text,
    **dict.fromkeys(REFERENCES, bodies.each(bodies.text)),
    "servers": bodies.each(bodies.mapping(bodies.text)),
    "configurations": bodies.each(bodies.mapping(bodies.anything)),
    "groups": bodies.each(bodies.mapping(bodies.anything, _GROUP)),
    "policies": bodies.each(bodies.mapping(bodies.anything)),
}


def check_seed(document: JsonObject, where: str) -> None:
    """Refuse a seed that is not made as documented; the bodies of operations are for the operations to refuse."""
    bodies.check(document, _SEED, where)


def create_server(scene: Scene, body: JsonObject) -> JsonObject:
    """Create a server that a group may take in: id, name, status, zone and vpc_id may be given."""
    server_id = body.get("id") or scene.ids.uuid()
    fields = {k: body[k] for k in ("status", "zone", "vpc_id") if k in body}
    server = Server(server_id, body.get("name") or f"ecs-{server_id[:8]}", **fields)
    scene.tenant.servers[server.id] = server
    scene.state.references.setdefault("servers", set()).add(server.id)
    return {"id": server.id}


def delete_server(scene: Scene, body: JsonObject) -> JsonObject:
    """Delete a server outside the service; its group finds out at the next health check."""
    server = scene.tenant.servers.get(str(body.get("id")))
    if server is None:
        raise ApiError("4006", str(body.get("id")))
    server.status = "DELETED"
    break_members(scene, server.id, None)
    return {"id": server.id}


def set_status(scene: Scene, body: JsonObject) -> JsonObject:
    """Put a group into a status that has no operation, such as ERROR or FREEZED; `detail` is optional."""
    group = scene.group(str(body.get("scaling_group_id")))
    if body.get("status") not in groups.STATUSES:
        raise ApiError("2020", str(body.get("status")))
    group.status = body["status"]
    group.detail = body.get("detail", group.detail)
    return {"scaling_group_id": group.id}


def set_desire(scene: Scene, body: JsonObject) -> JsonObject:
    """Change the desired number without a reason in the log: the group sees a difference."""
    group = scene.group(str(body.get("scaling_group_id")))
    group.fields["desire_instance_number"] = int(body["desire_instance_number"])
    scaling.balance(scene, group)
    return {"scaling_group_id": group.id}


ACTIONS: dict[str, Callable[[Scene, JsonObject], JsonObject]] = {
    "ConsoleCreateServer": create_server,
    "ConsoleDeleteServer": delete_server,
    "ConsoleSetGroupStatus": set_status,
    "ConsoleSetDesire": set_desire,
}


def break_members(scene: Scene, target: str, count: int | None) -> None:
    """Make members fail their health check: one by id, or the oldest of a group or of all groups."""
    for group in scene.tenant.groups.values():
        healthy = [i for i in group.members.values() if i.life_cycle_state == "INSERVICE"]
        if target in group.members:
            scaling.mark_unhealthy(scene, group, group.members[target])
        elif target in ("", group.id):
            for instance in healthy[:count]:
                scaling.mark_unhealthy(scene, group, instance)


def seed(scene: Scene, document: JsonObject) -> JsonObject:
    """Add what exists before a test begins and return the ids that were made, in order."""
    for kind in REFERENCES:
        scene.state.references.setdefault(kind, set()).update(document.get(kind, []))
    made: JsonObject = {
        "servers": [create_server(scene, body)["id"] for body in document.get("servers", [])],
        "configurations": [
            configurations.create(scene, Call({}, body=body))["scaling_configuration_id"]
            for body in document.get("configurations", [])
        ],
    }
    made["groups"] = [group for body in document.get("groups", []) for group in _groups(scene, body)]
    made["policies"] = [
        policies.create_v2(scene, Call({}, body=body))["scaling_policy_id"] for body in document.get("policies", [])
    ]
    return made


def _groups(scene: Scene, body: JsonObject) -> list[str]:
    """Make `count` groups of one body; `{n}` in the name is the number, `instances` exist at once."""
    own = {name: body[name] for name in ("count", "instances", "enabled") if name in body}
    rest = {name: value for name, value in body.items() if name not in own}
    made = []
    for number in range(int(own.get("count", 1))):
        name = str(rest.get("scaling_group_name", "")).replace("{n}", str(number))
        created = groups.create(scene, Call({}, body={**rest, "scaling_group_name": name}))
        group = scene.group(created["scaling_group_id"])
        wanted = int(own.get("instances", 0))
        if wanted:
            _populate(scene, group.id, wanted)
        if own.get("enabled"):
            group.status = "INSERVICE"
            scaling.balance(scene, group)
        made.append(group.id)
    return made


def _populate(scene: Scene, group_id: str, count: int) -> None:
    """Let a group have members of its configuration without any activity."""
    group = scene.group(group_id)
    configuration = scene.configuration(group.fields["scaling_configuration_id"])
    for _ in range(count):
        server = Server(
            scene.ids.uuid(),
            f"{configuration.name}_{scene.ids.suffix(8)}",
            created_by="as",
            zone=group.fields["available_zones"][0],
            vpc_id=group.fields["vpc_id"],
        )
        scene.tenant.servers[server.id] = server
        instance = scaling.admit(scene, group, server)
        instance.scaling_configuration_id = configuration.id
        instance.scaling_configuration_name = configuration.name
        instance.configuration_created = configuration.created
        instance.life_cycle_state, instance.health_status = "INSERVICE", "NORMAL"
