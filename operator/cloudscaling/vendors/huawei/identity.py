"""Who the credentials are and what the account may have. Called by adapter and groups; reads only."""

from __future__ import annotations

from collections.abc import Iterable

from cloudscaling.core.model import Identity, Quota
from cloudscaling.vendors.huawei import wire
from cloudscaling.vendors.huawei.client import Client

QUOTAS = {
    "scaling_Group": "ScalingGroups",
    "scaling_Config": "LaunchConfigurations",
    "scaling_Policy": "ScalingPolicies",
    "scaling_Instance": "Instances",
    "bandwidth_scaling_policy": "BandwidthPolicies",
}
V2_FEATURES = frozenset({"PolicyV2", "ActivityLogV2"})


async def verify(client: Client, features: frozenset[str]) -> Identity:
    """Identity service first, then the scaling service: the list of versions may need no proof, the quota does."""
    scope = await client.scope()
    versions = await client.list_api_versions()
    await client.show_resource_quota()
    return Identity(
        account_id=scope.domain_id,
        project_id=scope.project_id,
        domain_id=scope.domain_id,
        api_versions=tuple((version.id, version.status) for version in versions),
        capabilities=features | (V2_FEATURES if await client.has_v2() else frozenset()),
    )


def quota_entries(rows: Iterable[wire.QuotaResource]) -> tuple[Quota, ...]:
    """Entries in neutral names; what the vendor does not count (used -1) or newly counts is left out."""
    return tuple(
        Quota(QUOTAS[row.type], row.used, row.quota)
        for row in rows
        if row.type in QUOTAS and row.used is not None and row.used >= 0 and row.quota is not None
    )
