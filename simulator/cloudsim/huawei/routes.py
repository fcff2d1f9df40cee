"""Operation id -> method, path and handler: the whole interface as one table. Vendor document: chapter 5."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote

from cloudsim.huawei import (
    batch,
    configurations,
    group_update,
    groups,
    hangings,
    hooks,
    instances,
    logs,
    policies,
    policy_reads,
    quotas,
    tags,
    tasks,
    topics,
    versions,
    warm_pools,
)
from cloudsim.huawei.rules import Rules
from cloudsim.huawei.scene import Call, JsonObject, Scene

Handler = Callable[[Scene, Call], JsonObject | None]
V1, V2 = "/autoscaling-api/v1/{project_id}", "/autoscaling-api/v2/{project_id}"
G, P, C, M = "scaling_group", "scaling_policy", "scaling_configuration", "scaling_group_instance"
N, H, W = f"{V1}/scaling_notification", f"{V1}/scaling_lifecycle_hook", f"{V1}/scaling_instance_hook"
TASK = f"{V1}/scaling-groups/{{scaling_group_id}}/scheduled-tasks"
# The warm pool is the one part without a version in its paths.
POOL = "/autoscaling-api/{project_id}/scaling-groups/{scaling_group_id}"
IDENTITY = {
    "KeystoneCreateUserTokenByPassword": ("POST", "/v3/auth/tokens"),
    "KeystoneValidateToken": ("GET", "/v3/auth/tokens"),
    "KeystoneShowCatalog": ("GET", "/v3/auth/catalog"),
    "KeystoneListProjects": ("GET", "/v3/projects"),
    "KeystoneListAuthProjects": ("GET", "/v3/auth/projects"),
    "KeystoneListAuthDomains": ("GET", "/v3/auth/domains"),
}


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: where it is, who answers it, and whether it takes a body."""

    id: str
    method: str
    path: str
    handler: Handler | None

    @property
    def segments(self) -> tuple[str, ...]:
        """Return the path's parts."""
        return tuple(self.path.strip("/").split("/")) if self.path != "/" else ()

    @property
    def parameters(self) -> frozenset[str]:
        """Return the names of the parts of the path that a caller chooses."""
        return frozenset(part[1:-1] for part in self.segments if part.startswith("{"))

    @property
    def takes_body(self) -> bool:
        """Tell whether a request without a body is refused."""
        return self.method in ("POST", "PUT") and self.handler is not None


def _table() -> list[Operation]:
    rows: list[tuple[str, str, str, Handler]] = [
        ("CreateScalingGroup", "POST", f"{V1}/{G}", groups.create),
        ("ListScalingGroups", "GET", f"{V1}/{G}", groups.listing),
        ("ShowScalingGroup", "GET", f"{V1}/{G}/{{scaling_group_id}}", groups.read),
        ("UpdateScalingGroup", "PUT", f"{V1}/{G}/{{scaling_group_id}}", group_update.update),
        ("DeleteScalingGroup", "DELETE", f"{V1}/{G}/{{scaling_group_id}}", groups.delete),
        ("ActionScalingGroup", "POST", f"{V1}/{G}/{{scaling_group_id}}/action", groups.act),
        ("CreateScalingConfig", "POST", f"{V1}/{C}", configurations.create),
        ("ListScalingConfigs", "GET", f"{V1}/{C}", configurations.listing),
        ("ShowScalingConfig", "GET", f"{V1}/{C}/{{scaling_configuration_id}}", configurations.read),
        ("DeleteScalingConfig", "DELETE", f"{V1}/{C}/{{scaling_configuration_id}}", configurations.delete),
        ("BatchDeleteScalingConfigs", "POST", f"{V1}/{C}s", configurations.delete_many),
        ("ListScalingInstances", "GET", f"{V1}/{M}/{{scaling_group_id}}/list", instances.listing),
        ("DeleteScalingInstance", "DELETE", f"{V1}/{M}/{{instance_id}}", instances.delete),
        ("BatchActionScalingInstances", "POST", f"{V1}/{M}/{{scaling_group_id}}/action", batch.act),
        ("CreateScalingPolicy", "POST", f"{V1}/{P}", policies.create_v1),
        ("CreateScalingV2Policy", "POST", f"{V2}/{P}", policies.create_v2),
        ("UpdateScalingPolicy", "PUT", f"{V1}/{P}/{{scaling_policy_id}}", policies.update_v1),
        ("UpdateScalingV2Policy", "PUT", f"{V2}/{P}/{{scaling_policy_id}}", policies.update_v2),
        ("ListScalingPolicies", "GET", f"{V1}/{P}/{{scaling_group_id}}/list", policy_reads.listing_v1),
        ("ListScalingV2Policies", "GET", f"{V2}/{P}/{{scaling_resource_id}}/list", policy_reads.listing_v2),
        ("ListAllScalingV2Policies", "GET", f"{V2}/{P}", policy_reads.listing_all),
        ("ShowScalingPolicy", "GET", f"{V1}/{P}/{{scaling_policy_id}}", policy_reads.read_v1),
        ("ShowScalingV2Policy", "GET", f"{V2}/{P}/{{scaling_policy_id}}", policy_reads.read_v2),
        ("ActionScalingPolicy", "POST", f"{V1}/{P}/{{scaling_policy_id}}/action", policies.act),
        ("DeleteScalingPolicy", "DELETE", f"{V1}/{P}/{{scaling_policy_id}}", policies.delete),
        ("BatchActionScalingPolicies", "POST", f"{V1}/scaling_policies/action", policies.act_many),
        (
            "ListScalingPolicyExecuteLogs",
            "GET",
            f"{V1}/scaling_policy_execute_log/{{scaling_policy_id}}",
            logs.policy_runs,
        ),
        ("ListScalingActivityLogs", "GET", f"{V1}/scaling_activity_log/{{scaling_group_id}}", logs.activities_v1),
        ("ListScalingActivityV2Logs", "GET", f"{V2}/scaling_activity_log/{{scaling_group_id}}", logs.activities_v2),
        ("ShowResourceQuota", "GET", f"{V1}/quotas", quotas.of_account),
        ("ShowPolicyAndInstanceQuota", "GET", f"{V1}/quotas/{{scaling_group_id}}", quotas.of_group),
        ("CreateScalingNotification", "PUT", f"{N}/{{scaling_group_id}}", topics.create),
        ("ListScalingNotifications", "GET", f"{N}/{{scaling_group_id}}", topics.listing),
        ("DeleteScalingNotification", "DELETE", f"{N}/{{scaling_group_id}}/{{topic_urn}}", topics.delete),
        ("CreateLifeCycleHook", "POST", f"{H}/{{scaling_group_id}}", hooks.create),
        ("ListLifeCycleHooks", "GET", f"{H}/{{scaling_group_id}}/list", hooks.listing),
        ("ShowLifeCycleHook", "GET", f"{H}/{{scaling_group_id}}/{{lifecycle_hook_name}}", hooks.read),
        ("UpdateLifeCycleHook", "PUT", f"{H}/{{scaling_group_id}}/{{lifecycle_hook_name}}", hooks.update),
        ("AttachCallbackInstanceLifeCycleHook", "PUT", f"{W}/{{scaling_group_id}}/callback", hangings.callback),
        ("ListHookInstances", "GET", f"{W}/{{scaling_group_id}}/list", hangings.listing),
        ("DeleteLifeCycleHook", "DELETE", f"{H}/{{scaling_group_id}}/{{lifecycle_hook_name}}", hooks.delete),
        ("PutWarmPool", "PUT", f"{POOL}/warm-pool", warm_pools.put),
        ("CloseWarmPool", "DELETE", f"{POOL}/warm-pool", warm_pools.close),
        ("ShowWarmPool", "GET", f"{POOL}/warm-pool", warm_pools.read),
        ("ListWarmPoolInstances", "GET", f"{POOL}/warm-pool-instances", warm_pools.listing),
        ("CreateGroupScheduledTask", "POST", TASK, tasks.create),
        ("ListGroupScheduledTasks", "GET", TASK, tasks.listing),
        ("UpdateGroupScheduledTask", "PUT", f"{TASK}/{{scheduled_task_id}}", tasks.update),
        ("DeleteGroupScheduledTask", "DELETE", f"{TASK}/{{scheduled_task_id}}", tasks.delete),
        ("ListScalingTagInfosByTenantId", "GET", f"{V1}/{{resource_type}}/tags", tags.of_account),
        ("ListScalingTagInfosByResourceId", "GET", f"{V1}/{{resource_type}}/{{resource_id}}/tags", tags.of_group),
        ("ActionScalingTags", "POST", f"{V1}/{{resource_type}}/{{resource_id}}/tags/action", tags.act),
        ("ListResourceInstances", "POST", f"{V1}/{{resource_type}}/resource_instances/action", tags.search),
        ("ListApiVersions", "GET", "/", versions.listing),
        ("ShowApiVersion", "GET", "/{api_version}", versions.read),
    ]
    table = [Operation(*row) for row in rows]
    return table + [Operation(name, *where, None) for name, where in IDENTITY.items()]


OPERATIONS = {operation.id: operation for operation in _table()}


def withheld(rules: Rules) -> frozenset[str]:
    """Return the operations that this cloud does not serve."""
    if rules.flag("v2"):
        return rules.profile.withheld
    return rules.profile.withheld | {o.id for o in OPERATIONS.values() if o.path.startswith(V2)}


class Router:
    """Finds the operation of a request; where two fit, the one with more literal parts, then the earlier."""

    def __init__(self, withheld: frozenset[str]) -> None:
        """Serve all operations but the withheld ones."""
        self._found: dict[tuple[str, int], list[Operation]] = {}
        for operation in OPERATIONS.values():
            if operation.id not in withheld:
                key = (operation.method, len(operation.segments))
                self._found.setdefault(key, []).append(operation)
        for candidates in self._found.values():
            candidates.sort(key=lambda o: sum(part.startswith("{") for part in o.segments))

    def find(self, method: str, raw_path: str) -> tuple[Operation, dict[str, str]] | None:
        """Return the operation and the path's values, or None."""
        trimmed = raw_path.strip("/")
        parts = tuple(trimmed.split("/")) if trimmed else ()
        for operation in self._found.get((method, len(parts)), ()):
            values = _match(operation.segments, parts)
            if values is not None:
                return operation, values
        return None


def _match(pattern: tuple[str, ...], parts: tuple[str, ...]) -> dict[str, str] | None:
    values: dict[str, str] = {}
    for form, part in zip(pattern, parts, strict=True):
        if form.startswith("{"):
            values[form[1:-1]] = unquote(part)
        elif form != part:
            return None
    return values
