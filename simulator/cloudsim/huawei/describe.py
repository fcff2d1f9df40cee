"""The whole state of a project with the vendor's field names, for the administrator. Pure reads."""

from __future__ import annotations

from dataclasses import asdict

from cloudsim.huawei import configurations, groups, instances, logs, policy_reads
from cloudsim.huawei.scene import JsonObject, Scene
from cloudsim.huawei.state import Group


def tenant(scene: Scene) -> JsonObject:
    """Return groups (with members, activities, hooks and tags), configurations, policies and servers."""
    return {
        "groups": {group.id: _group(scene, group) for group in scene.tenant.groups.values()},
        "configurations": {row.id: configurations.show(scene, row) for row in scene.tenant.configurations.values()},
        "policies": {
            row.id: {**policy_reads.show_v2(scene, row), "logs": row.logs} for row in scene.tenant.policies.values()
        },
        "servers": {row.id: asdict(row) for row in scene.tenant.servers.values()},
        "bandwidths": dict(scene.tenant.bandwidths),
    }


def _group(scene: Scene, group: Group) -> JsonObject:
    running = [group.activity] if group.activity else []
    return {
        **groups.show(scene, group),
        "instances": [instances.show(scene, group, row) for row in group.members.values()],
        "activities": [logs.show_v2(row) for row in [*running, *reversed(group.past)]],
        "lifecycle_hooks": [asdict(hook) for hook in group.hooks.values()],
        "instance_hanging_info": [asdict(hanging) for hanging in group.hangings.values()],
        "topics": dict(group.topics),
        "scheduled_tasks": [asdict(task) for task in group.tasks.values()],
        "warm_pool": asdict(group.warm_pool) if group.warm_pool else None,
    }
