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
V2 = "v2"


async def verify(client: Client, features: frozenset[str], v2_features: frozenset[str]) -> Identity:
    """Identity service first, then the scaling service: the list of versions may need no proof, the quota does.

    Version 2 decides on nearly every call that follows, so the version itself is asked too, whatever the list says.
    """
    scope = await client.scope()
    versions = await client.list_api_versions()
    second = await client.show_api_version(V2)
    await client.show_resource_quota()
    has_v2 = await client.has_v2()
    return Identity(
        account_id=scope.domain_id,
        project_id=scope.project_id,
        domain_id=scope.domain_id,
        api_versions=tuple((version.id, version.status) for version in _all(versions, second)),
        capabilities=features | (v2_features if has_v2 else frozenset()),
        one_list_of_policies=has_v2,
    )


def _all(listed: Iterable[wire.Version], second: wire.Version | None) -> list[wire.Version]:
    """What the list shows, corrected by the answer of version 2 itself if there was one."""
    return [*listed] if second is None else [*(version for version in listed if version.id != second.id), second]


def quota_entries(rows: Iterable[wire.QuotaResource]) -> tuple[Quota, ...]:
    """Entries in neutral names; what the vendor does not count (used -1) or newly counts is left out."""
    return tuple(
        Quota(QUOTAS[row.type], row.used, row.quota)
        for row in rows
        if row.type in QUOTAS and row.used is not None and row.used >= 0 and row.quota is not None
    )
