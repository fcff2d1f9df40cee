"""Policies: create, change, read, delete, switch, in both versions. Vendor document: 5.4 (running: policy_runs)."""

from __future__ import annotations

from cloudsim.huawei import policy_fields, policy_runs, recurrence, validate
from cloudsim.huawei.errors import ApiError
from cloudsim.huawei.policy_fields import BANDWIDTH, GROUP, TIMERS
from cloudsim.huawei.scene import Call, JsonObject, Scene
from cloudsim.huawei.state import Policy
from cloudsim.huawei.validate import Field, Table

BATCH_LIMIT = 20
DEFAULT_BANDWIDTH_MBIT = 5
_YES_NO = ("yes", "no")
_ACTION: Table = {"action": Field(validate.one_of("3022", "execute", "resume", "pause"), "3022")}
_BATCH: Table = {
    "scaling_policy_id": Field(validate.each(validate.reference("3020"), "3049", BATCH_LIMIT, low=1), "3049"),
    "action": Field(validate.one_of("3022", "delete", "resume", "pause"), "3022"),
    "force_delete": Field(validate.one_of("3048", *_YES_NO)),
    "delete_alarm": Field(validate.one_of("3056", *_YES_NO)),
}
_PARTIAL = {"delete": "3045", "resume": "3046", "pause": "3047"}


def create_v1(scene: Scene, call: Call) -> JsonObject:
    """Create a policy of a group."""
    given = validate.body(call.body, policy_fields.CREATE_V1)
    scene.group(given["scaling_group_id"])
    return _create(scene, given, given["scaling_group_id"], GROUP)


def create_v2(scene: Scene, call: Call) -> JsonObject:
    """Create a policy of a group or of a bandwidth."""
    given = validate.body(call.body, policy_fields.CREATE_V2)
    return _create(scene, given, given["scaling_resource_id"], given["scaling_resource_type"])


def _create(scene: Scene, given: JsonObject, resource_id: str, resource_type: str) -> JsonObject:
    _check_resource(scene, resource_id, resource_type)
    policy = Policy("", given["scaling_policy_name"], resource_id, resource_type, "", scene.now)
    policy.action = policy_fields.action(scene, {}, resource_type)
    _fill(scene, policy, given)
    _check_quota(scene, policy)
    policy.id = scene.ids.uuid()
    scene.tenant.policies[policy.id] = policy
    scene.tenant.policies_of.setdefault(resource_id, []).append(policy.id)
    policy_runs.arm(scene, policy)
    return {"scaling_policy_id": policy.id}


def update_v1(scene: Scene, call: Call) -> JsonObject:
    """Change a policy of a group; what is absent or null stays."""
    policy_id = call.path["scaling_policy_id"]
    given = validate.update_body(call.body, policy_fields.UPDATE_V1, "scaling_policy_id", policy_id)
    return _update(scene, group_policy(scene, policy_id), given)


def update_v2(scene: Scene, call: Call) -> JsonObject:
    """Change a policy; also what it belongs to."""
    policy_id = call.path["scaling_policy_id"]
    given = validate.update_body(call.body, policy_fields.UPDATE_V2, "scaling_policy_id", policy_id)
    return _update(scene, scene.policy(policy_id), given)


def _update(scene: Scene, policy: Policy, given: JsonObject) -> JsonObject:
    old_resource = policy.resource_id
    resource_id = given.get("scaling_resource_id", old_resource)
    resource_type = given.get("scaling_resource_type", policy.resource_type)
    if (resource_id, resource_type) != (old_resource, policy.resource_type):
        _check_resource(scene, resource_id, resource_type)
    # Work on a copy: a refused update must leave nothing behind.
    draft = Policy(policy.id, policy.name, resource_id, resource_type, policy.type, policy.created, policy.status)
    for name in ("alarm_id", "schedule", "action", "intervals", "cool_down_time", "description"):
        setattr(draft, name, getattr(policy, name))
    _fill(scene, draft, given)
    for name in ("name", "resource_id", "resource_type", "type", "alarm_id", "schedule"):
        setattr(policy, name, getattr(draft, name))
    for name in ("action", "intervals", "cool_down_time", "description"):
        setattr(policy, name, getattr(draft, name))
    if resource_id != old_resource:
        scene.tenant.policies_of[old_resource].remove(policy.id)
        scene.tenant.policies_of.setdefault(resource_id, []).append(policy.id)
    policy_runs.arm(scene, policy)
    return {"scaling_policy_id": policy.id}


def _fill(scene: Scene, policy: Policy, given: JsonObject) -> None:
    """Lay a checked body over a policy, with the conditions that its type brings."""
    changed_type = given.get("scaling_policy_type", policy.type) != policy.type
    policy.type = given.get("scaling_policy_type", policy.type)
    policy.name = given.get("scaling_policy_name", policy.name)
    policy.cool_down_time = given.get("cool_down_time", policy.cool_down_time)
    policy.description = given.get("description", policy.description)
    if policy.type in TIMERS:
        _fill_timer(scene, policy, given, changed_type)
    else:
        _fill_alarm(scene, policy, given)
    if "scaling_policy_action" in given:
        policy.action = policy_fields.action(scene, given["scaling_policy_action"], policy.resource_type)
    if policy.type != "INTERVAL_ALARM":
        policy.intervals = []
    elif given.get("interval_alarm_actions"):
        policy.intervals = policy_fields.intervals(scene, given["interval_alarm_actions"], policy.resource_type)
    elif not policy.intervals:
        raise ApiError("0022", "interval_alarm_actions is missing")


def _fill_timer(scene: Scene, policy: Policy, given: JsonObject, changed_type: bool) -> None:
    policy.alarm_id = ""
    schedule = given.get("scheduled_policy")
    if schedule is None:
        if changed_type or not policy.schedule:
            raise ApiError("3003")
        return
    check = recurrence.check_once if policy.type == "SCHEDULED" else recurrence.check_recurring
    policy.schedule = check(schedule, scene.now)


def _fill_alarm(scene: Scene, policy: Policy, given: JsonObject) -> None:
    policy.schedule = {}
    policy.alarm_id = given.get("alarm_id", policy.alarm_id)
    if not policy.alarm_id:
        raise ApiError("3026")
    scene.known("alarms", policy.alarm_id, "3030")
    for other in scene.tenant.policies.values():
        if other.alarm_id == policy.alarm_id and other.resource_id != policy.resource_id:
            raise ApiError("3034", policy.alarm_id)


def _check_resource(scene: Scene, resource_id: str, resource_type: str) -> None:
    if resource_type == GROUP:
        scene.group(resource_id, "3042")
    else:
        scene.known("bandwidths", resource_id, "3042")
        scene.tenant.bandwidths.setdefault(resource_id, DEFAULT_BANDWIDTH_MBIT)


def _check_quota(scene: Scene, policy: Policy) -> None:
    if policy.resource_type == GROUP:
        used, name = len(scene.tenant.policies_of.get(policy.resource_id, [])), "policies"
    else:
        used = sum(1 for p in scene.tenant.policies.values() if p.resource_type == BANDWIDTH)
        name = "bandwidth-policies"
    if used >= scene.rules.quotas[name]:
        raise ApiError("3032", str(scene.rules.quotas[name]))


def group_policy(scene: Scene, policy_id: str) -> Policy:
    """Return a policy that version 1 can see, or refuse."""
    policy = scene.policy(policy_id)
    if policy.resource_type != GROUP:
        raise ApiError("3020", policy_id)
    return policy


def act(scene: Scene, call: Call) -> None:
    """Execute, enable or disable a policy."""
    given = validate.body(call.body, _ACTION)
    policy = scene.policy(call.path["scaling_policy_id"])
    if given["action"] == "execute":
        policy_runs.run(scene, policy, "MANUAL")
    else:
        _switch(scene, policy, given["action"])


def _switch(scene: Scene, policy: Policy, action: str) -> None:
    if policy.status == "EXECUTING":
        raise ApiError("3038", policy.id)
    policy.status = "INSERVICE" if action == "resume" else "PAUSED"
    policy_runs.arm(scene, policy)


def delete(scene: Scene, call: Call) -> None:
    """Delete a policy that is not executing."""
    policy = scene.policy(call.path["scaling_policy_id"])
    _delete(scene, policy, force=False)


def _delete(scene: Scene, policy: Policy, force: bool) -> None:
    if policy.status == "EXECUTING" and not force:
        raise ApiError("3038", policy.id)
    del scene.tenant.policies[policy.id]
    scene.tenant.policies_of[policy.resource_id].remove(policy.id)


def act_many(scene: Scene, call: Call) -> None:
    """Delete, enable or disable up to 20 policies; failures are named in the error, the others are done."""
    given = validate.body(call.body, _BATCH)
    failed = []
    for policy_id in dict.fromkeys(given["scaling_policy_id"]):
        try:
            _act_one(scene, scene.policy(policy_id), given)
        except ApiError as error:
            failed.append(f"{policy_id} AS.{error.code}")
    if failed:
        raise ApiError(_PARTIAL[given["action"]], "; ".join(failed))


def _act_one(scene: Scene, policy: Policy, given: JsonObject) -> None:
    if given["action"] != "delete":
        _switch(scene, policy, given["action"])
        return
    _delete(scene, policy, force=given.get("force_delete") == "yes")
    if given.get("delete_alarm") == "yes":
        scene.state.references.get("alarms", set()).discard(policy.alarm_id)
