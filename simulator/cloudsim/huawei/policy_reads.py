"""Reading policies in both versions; what is shown depends on the type. Vendor document: 5.4.5-5.4.9."""

from __future__ import annotations

from collections.abc import Callable

from cloudsim.huawei import paging, policies, times, validate
from cloudsim.huawei.errors import ApiError
from cloudsim.huawei.policy_fields import BANDWIDTH, GROUP, TIMERS, V2_TYPES
from cloudsim.huawei.scene import Call, JsonObject, Scene
from cloudsim.huawei.state import Policy

SORTS: dict[str, Callable[[Policy], tuple[object, ...]]] = {
    "POLICY_NAME": lambda p: (p.name,),
    "TRIGGER_CONDITION": lambda p: (p.type in TIMERS, p.last_run),
    "CREATE_TIME": lambda p: (p.created,),
}


def listing_v1(scene: Scene, call: Call) -> JsonObject:
    """List the policies of a group."""
    group = scene.group(call.path["scaling_group_id"])
    return _listing(scene, call, _of(scene, group.id, GROUP), show_v1)


def listing_v2(scene: Scene, call: Call) -> JsonObject:
    """List the policies of a group or of a bandwidth."""
    resource = call.path["scaling_resource_id"]
    if resource not in scene.tenant.groups and resource not in scene.tenant.bandwidths:
        raise ApiError("3042", resource)
    return _listing(scene, call, _of(scene, resource, None), show_v2)


def listing_all(scene: Scene, call: Call) -> JsonObject:
    """List all policies of the project, sorted on demand."""
    query = call.query
    kind = validate.query_choice(query, "scaling_resource_type", "3037", GROUP, BANDWIDTH)
    resource, alarm = query.get("scaling_resource_id"), query.get("alarm_id")
    sort_by = validate.query_choice(query, "sort_by", "3057", *SORTS)
    order = validate.query_choice(query, "order", "3058", "ASC", "DESC")
    rows = [
        p
        for p in scene.tenant.policies.values()
        if kind in (None, p.resource_type)
        and resource in (None, "", p.resource_id)
        and alarm in (None, "", p.alarm_id)
        and _in_enterprise(scene, p, query.get("enterprise_project_id"))
    ]
    if sort_by or order:
        rows.sort(key=SORTS[sort_by or "CREATE_TIME"], reverse=order == "DESC")
    return _listing(scene, call, rows, show_v2)


def _in_enterprise(scene: Scene, policy: Policy, wanted: str | None) -> bool:
    if wanted in (None, "", "all_granted_eps"):
        return True
    group = scene.tenant.groups.get(policy.resource_id)
    return group is not None and group.fields["enterprise_project_id"] == wanted


def _of(scene: Scene, resource_id: str, resource_type: str | None) -> list[Policy]:
    ids = scene.tenant.policies_of.get(resource_id, [])
    rows = [scene.tenant.policies[i] for i in ids]
    return [p for p in rows if resource_type in (None, p.resource_type)]


def _listing(scene: Scene, call: Call, rows: list[Policy], show: Callable[[Scene, Policy], JsonObject]) -> JsonObject:
    bounds = paging.window(call.query, "1001", "1002")
    kind = validate.query_choice(call.query, "scaling_policy_type", "3002", *V2_TYPES)
    name = call.query.get("scaling_policy_name") or ""
    policy_id = call.query.get("scaling_policy_id")

    def keep(p: Policy) -> bool:
        return kind in (None, p.type) and name in p.name and policy_id in (None, "", p.id)

    wanted = keep if kind or name or policy_id else None
    return paging.page(rows, rows, wanted, lambda p: show(scene, p), bounds, "scaling_policies")


def read_v1(scene: Scene, call: Call) -> JsonObject:
    """Show a policy of a group."""
    policy = policies.group_policy(scene, call.path["scaling_policy_id"])
    return {"scaling_policy": show_v1(scene, policy)}


def read_v2(scene: Scene, call: Call) -> JsonObject:
    """Show a policy."""
    return {"scaling_policy": show_v2(scene, scene.policy(call.path["scaling_policy_id"]))}


def _common(policy: Policy) -> JsonObject:
    shown: JsonObject = {
        "scaling_policy_id": policy.id,
        "scaling_policy_name": policy.name,
        "scaling_policy_type": policy.type,
        "cool_down_time": policy.cool_down_time,
        "policy_status": policy.status,
        "create_time": times.second(policy.created),
    }
    if policy.type in TIMERS:
        shown["scheduled_policy"] = dict(policy.schedule)
    else:
        shown["alarm_id"] = policy.alarm_id
    return shown


def show_v1(scene: Scene, policy: Policy) -> JsonObject:
    """Return a policy as version 1 shows it: REMOVE, instance_number, instance_percentage."""
    action: JsonObject = {"operation": policy.action["operation"]}
    for ours, theirs in (("size", "instance_number"), ("percentage", "instance_percentage")):
        if ours in policy.action:
            action[theirs] = policy.action[ours]
    return {
        **_common(policy),
        "scaling_group_id": policy.resource_id,
        "scaling_policy_action": action,
    }


def show_v2(scene: Scene, policy: Policy) -> JsonObject:
    """Return a policy as version 2 shows it: REDUCE, size, percentage; an empty timer for alarms."""
    shown = {
        "scheduled_policy": {},
        **_common(policy),
        "scaling_resource_id": policy.resource_id,
        "scaling_resource_type": policy.resource_type,
        "scaling_policy_action": _reduce(policy.action),
    }
    if policy.intervals:
        shown["interval_alarm_actions"] = [
            {k: one["given"].get(k) for k in ("lower_bound", "upper_bound")} | _reduce(one["action"])
            for one in policy.intervals
        ]
    if policy.description is not None:
        shown["description"] = policy.description
    if policy.resource_type == BANDWIDTH:
        shown["meta_data"] = metadata(policy)
    return shown


def metadata(policy: Policy) -> JsonObject:
    """Return what is known of the bandwidth of a policy."""
    return {"metadata_eip_id": policy.resource_id, "metadata_eip_address": "192.0.2.1"}


def _reduce(action: JsonObject) -> JsonObject:
    return {**action, "operation": "REDUCE" if action["operation"] == "REMOVE" else action["operation"]}
