"""Quotas of the account and of one group. Vendor document: 5.7."""

from __future__ import annotations

from cloudsim.huawei.policy_fields import BANDWIDTH
from cloudsim.huawei.scene import Call, JsonObject, Scene

UNCOUNTED = -1


def of_account(scene: Scene, call: Call) -> JsonObject:
    """Show the account's quotas; what is counted per group shows -1."""
    tenant = scene.tenant
    bandwidth = sum(1 for p in tenant.policies.values() if p.resource_type == BANDWIDTH)
    rows = (
        ("scaling_Group", "groups", len(tenant.groups)),
        ("scaling_Config", "configurations", len(tenant.configurations)),
        ("scaling_Policy", "policies", UNCOUNTED),
        ("scaling_Instance", "instances", UNCOUNTED),
        ("bandwidth_scaling_policy", "bandwidth-policies", bandwidth),
    )
    return _answer([_row(scene, *row) for row in rows])


def of_group(scene: Scene, call: Call) -> JsonObject:
    """Show what is counted per group."""
    group = scene.group(call.path["scaling_group_id"])
    policies = len(scene.tenant.policies_of.get(group.id, []))
    return _answer(
        [
            _row(scene, "scaling_Policy", "policies", policies),
            _row(scene, "scaling_Instance", "instances", len(group.members)),
        ]
    )


def _row(scene: Scene, kind: str, name: str, used: int) -> JsonObject:
    quota = scene.rules.quotas[name]
    ceiling = max(quota, scene.rules.profile.quotas[name][1])
    return {"type": kind, "used": used, "quota": quota, "max": ceiling, "min": 0}


def _answer(rows: list[JsonObject]) -> JsonObject:
    return {"quotas": {"resources": rows}}
