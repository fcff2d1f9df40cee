"""Bring a group to its desired number: launch, shrink, replace, empty. Called by handlers and by events."""

from __future__ import annotations

from cloudsim.huawei import activities, capacity
from cloudsim.huawei.scene import JsonObject, Scene
from cloudsim.huawei.state import Group, Instance, Server

AUDIT_PERIODS_S = {0: 10}


def set_desire(scene: Scene, group: Group, desire: int, why: JsonObject) -> None:
    """Store a new desired number; an enabled, idle group starts to follow it, others do so later."""
    if desire == group.desire:
        return
    group.fields["desire_instance_number"] = desire
    # While a group is disabled the change is only stored; at resume it is a plain difference.
    group.next_reason = why if group.status == "INSERVICE" else None
    delay = scene.rules.number("start-delay-seconds")
    if delay > 0:
        scene.later(scene.now + delay, "balance", group.id)
    else:
        balance(scene, group)


def balance(scene: Scene, group: Group) -> None:
    """Start the activity that closes the gap between desired and actual, if one may start."""
    if group.activity is not None or group.status != "INSERVICE" or scene.now < group.retry_at:
        return
    gap = group.desire - len(group.members)
    why, group.next_reason = group.next_reason, None
    if gap == 0:
        return
    kind = "NORMAL" if why else "DIFF"
    why = why or activities.reason(scene, "DIFF", len(group.members), group.desire)
    if gap > 0:
        launch(scene, group, gap, kind, why)
    elif chosen := capacity.victims(group, -gap):
        shrink(scene, group, chosen, kind, why)


def launch(scene: Scene, group: Group, count: int, kind: str, why: JsonObject) -> None:
    """Start as many new servers from the group's configuration."""
    configuration = scene.tenant.configurations.get(group.fields["scaling_configuration_id"])
    if configuration is None:
        return
    moves: dict[str, str] = {}
    for _ in range(count):
        server = Server(
            scene.ids.uuid(),
            f"{configuration.name}_{scene.ids.suffix(8)}",
            status="BUILD",
            created_by="as",
            zone=capacity.zone(group),
            vpc_id=group.fields["vpc_id"],
        )
        scene.tenant.servers[server.id] = server
        instance = admit(scene, group, server)
        instance.scaling_configuration_id = configuration.id
        instance.scaling_configuration_name = configuration.name
        instance.configuration_created = configuration.created
        moves[instance.id] = "join"
    activities.begin(scene, group, kind, why, moves)


def admit(scene: Scene, group: Group, server: Server) -> Instance:
    """Make a server a pending member of the group."""
    instance = Instance(server.id, server.name, "", "", 0.0, "PENDING", scene.now, zone=server.zone)
    group.members[server.id] = instance
    scene.tenant.membership[server.id] = group.id
    return instance


def shrink(
    scene: Scene,
    group: Group,
    leaving: list[Instance],
    kind: str,
    why: JsonObject,
    leave_deletes: bool = True,
) -> None:
    """Send members away; servers that the service made are deleted if `leave_deletes`."""
    for instance in leaving:
        instance.life_cycle_state = "REMOVING"
    moves = dict.fromkeys((i.id for i in leaving), "leave")
    activities.begin(scene, group, kind, why, moves, leave_deletes=leave_deletes)


def purge(scene: Scene, group: Group) -> None:
    """Empty a group that is being deleted and then forget it; waits for a running activity."""
    if group.activity is not None:
        return
    if not group.members:
        forget(scene, group)
        return
    why = activities.reason(scene, "MANNUAL", len(group.members), 0)
    keep = scene.rules.flag("force-delete-leaves-servers")
    shrink(scene, group, list(group.members.values()), "MANNUAL_DELETE", why, leave_deletes=not keep)


def forget(scene: Scene, group: Group) -> None:
    """Remove a group with all that belongs to it: policies, hooks, topics, tasks and tags."""
    del scene.tenant.groups[group.id]
    use_configuration(scene, group.fields["scaling_configuration_id"], -1)
    for policy_id in scene.tenant.policies_of.pop(group.id, []):
        scene.tenant.policies.pop(policy_id, None)


def use_configuration(scene: Scene, configuration_id: str, change: int) -> None:
    """Count how many groups use a configuration."""
    users = scene.tenant.configuration_users
    users[configuration_id] = users.get(configuration_id, 0) + change
    if users[configuration_id] <= 0:
        del users[configuration_id]


def mark_unhealthy(scene: Scene, group: Group, instance: Instance) -> None:
    """Let the next health check of the group find this member broken."""
    instance.health_status = "ERROR"
    scene.later(scene.now + audit_period_s(group), "audit", group.id)


def audit_period_s(group: Group) -> int:
    """Return the seconds between two health checks; 0 minutes stands for 10 seconds."""
    minutes = int(group.fields["health_periodic_audit_time"])
    return AUDIT_PERIODS_S.get(minutes, minutes * 60)


def audit(scene: Scene, group: Group) -> None:
    """Remove broken members of an enabled, idle group; elsewhere look again one period later."""
    by_listener = group.fields["health_periodic_audit_method"] == "ELB_AUDIT"
    grace_s = int(group.fields["health_periodic_audit_grace_period"]) if by_listener else 0
    broken = [i for i in group.members.values() if i.health_status == "ERROR" and i.life_cycle_state == "INSERVICE"]
    ripe = [i for i in broken if i.joined + grace_s <= scene.now]
    if ripe and group.activity is None and group.status == "INSERVICE":
        kind = "ELB_CHECK_DELETE" if by_listener else "AUDIT_CHECK_DELETE"
        why = activities.reason(scene, kind, len(group.members), len(group.members) - len(ripe))
        shrink(scene, group, ripe, kind, why)
    elif broken:
        scene.later(scene.now + audit_period_s(group), "audit", group.id)
