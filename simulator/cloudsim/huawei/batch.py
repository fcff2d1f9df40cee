"""Batch actions on members. Vendor document: 5.3.3, AS.4013-4043; batch page of 2022."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cloudsim.huawei import activities, groups, instances, scaling, validate
from cloudsim.huawei.errors import ApiError
from cloudsim.huawei.scene import Call, JsonObject, Scene
from cloudsim.huawei.state import Group, Instance, Server
from cloudsim.huawei.validate import Field, Table

_YES_NO = ("yes", "no")
_BODY: Table = {
    "instances_id": Field(validate.each(validate.reference("4028"), "4032", 1000), "4032"),
    "action": Field(validate.text("4018"), "4018"),
    "instance_delete": Field(validate.one_of("4007", *_YES_NO)),
    "instance_append": Field(validate.one_of("4025", *_YES_NO)),
}


@dataclass(frozen=True, slots=True)
class Action:
    """One batch action: what each member must satisfy, what is done, and the code of a partial failure."""

    check: Callable[[Scene, Group, str], None]
    run: Callable[[Scene, Group, list[str], JsonObject], None]
    partial: str
    empty: str = "4032"
    needs_idle: bool = True
    needs_enabled: bool = False


def act(scene: Scene, call: Call) -> None:
    """Run a batch action; members that cannot take part are named in the error, the others do."""
    given = validate.body(call.body, _BODY)
    profile = scene.rules.profile
    if given["action"] not in profile.batch_actions:
        raise ApiError("4018", given["action"])
    action = ACTIONS[given["action"]]
    ids = list(dict.fromkeys(given["instances_id"]))
    if not ids:
        raise ApiError(action.empty)
    limit = profile.batch_limits.get(given["action"], profile.batch_limit)
    if len(ids) > limit:
        raise ApiError("4043", f"{len(ids)} of at most {limit}")
    group = groups.writable(scene, call.path["scaling_group_id"], "4005")
    if action.needs_enabled and group.status != "INSERVICE":
        raise ApiError("2033", group.status)
    if action.needs_idle:
        instances.require_idle(group)
    fit, unfit = _sort(scene, group, action, ids)
    if unfit and (not fit or not scene.rules.flag("batch-partial")):
        raise _refusal(action, unfit, len(ids))
    action.run(scene, group, fit, given)
    if unfit:
        raise _refusal(action, unfit, len(ids))


def _sort(scene: Scene, group: Group, action: Action, ids: list[str]) -> tuple[list[str], dict[str, ApiError]]:
    fit, unfit = [], {}
    for instance_id in ids:
        try:
            action.check(scene, group, instance_id)
        except ApiError as error:
            unfit[instance_id] = error
        else:
            fit.append(instance_id)
    return fit, unfit


def _refusal(action: Action, unfit: dict[str, ApiError], asked: int) -> ApiError:
    """One member alone gets its own code; of several the ids and codes are in the text only."""
    if asked == 1:
        return next(iter(unfit.values()))
    return ApiError(action.partial, "; ".join(f"{i} AS.{e.code}" for i, e in unfit.items()))


def _member(group: Group, instance_id: str, scene: Scene) -> Instance:
    if instance_id in group.members:
        return group.members[instance_id]
    raise ApiError("4014" if instance_id in scene.tenant.membership else "4006", instance_id)


def _check_in_service(scene: Scene, group: Group, instance_id: str) -> None:
    instances.check_removable(group, _member(group, instance_id, scene))


def _check_standby(scene: Scene, group: Group, instance_id: str) -> None:
    if _member(group, instance_id, scene).life_cycle_state != "STANDBY":
        raise ApiError("4038", instance_id)


def _check_addable(scene: Scene, group: Group, instance_id: str) -> None:
    if instance_id in group.members:
        raise ApiError("4023", instance_id)
    if instance_id in scene.tenant.membership:
        raise ApiError("4027", instance_id)
    server = scene.tenant.servers.get(instance_id)
    if server is None:
        if scene.rules.strict_references:
            raise ApiError("4006", instance_id)
        return
    if server.status != "ACTIVE":
        raise ApiError("4024", f"{instance_id} is {server.status}")
    if server.zone and server.zone not in group.fields["available_zones"]:
        raise ApiError("4020", instance_id)
    if server.vpc_id and server.vpc_id != group.fields["vpc_id"] and scene.rules.flag("add-checks-vpc"):
        raise ApiError("4021", instance_id)


def _add(scene: Scene, group: Group, ids: list[str], given: JsonObject) -> None:
    count = len(group.members)
    if count + len(ids) > group.maximum:
        raise ApiError("2035", str(group.maximum))
    moves = {}
    for instance_id in ids:
        # A well-formed id that nobody seeded stands for a server that exists elsewhere.
        server = scene.tenant.servers.setdefault(instance_id, Server(instance_id, f"ecs-{instance_id[:8]}"))
        scaling.admit(scene, group, server)
        moves[instance_id] = "join"
    instances.move_desire(scene, group, len(ids))
    why = activities.reason(scene, "MANNUAL", count, count + len(ids))
    activities.begin(scene, group, "MANNUAL_ADD", why, moves)


def _remove(scene: Scene, group: Group, ids: list[str], given: JsonObject) -> None:
    if len(group.members) - len(ids) < group.minimum:
        raise ApiError("2036", str(group.minimum))
    leaving = [group.members[i] for i in ids]
    instances.remove(scene, group, leaving, given.get("instance_delete") == "yes")


def _protect(scene: Scene, group: Group, ids: list[str], given: JsonObject) -> None:
    for instance_id in ids:
        group.members[instance_id].protected = given["action"] == "PROTECT"


def _enter_standby(scene: Scene, group: Group, ids: list[str], given: JsonObject) -> None:
    appended = len(ids) if given.get("instance_append") == "yes" else 0
    if group.desire + appended > group.maximum:
        raise ApiError("4039", str(group.maximum))
    for instance_id in ids:
        group.members[instance_id].life_cycle_state = "ENTERING_STANDBY"
    group.fields["desire_instance_number"] += appended
    count = len(group.members)
    why = activities.reason(scene, "MANNUAL", count, count + appended)
    activities.begin(scene, group, "ENTER_STANDBY", why, dict.fromkeys(ids, "standby"))


def _exit_standby(scene: Scene, group: Group, ids: list[str], given: JsonObject) -> None:
    count = len(group.members)
    why = activities.reason(scene, "MANNUAL", count, count)
    activities.begin(scene, group, "EXIT_STANDBY", why, dict.fromkeys(ids, "return"))


ACTIONS = {
    "ADD": Action(_check_addable, _add, "4029", "4019", needs_enabled=True),
    "REMOVE": Action(_check_in_service, _remove, "4030", "4013"),
    "PROTECT": Action(_check_in_service, _protect, "4033", needs_idle=False),
    "UNPROTECT": Action(_check_in_service, _protect, "4033", needs_idle=False),
    "ENTER_STANDBY": Action(_check_in_service, _enter_standby, "4036"),
    "EXIT_STANDBY": Action(_check_standby, _exit_standby, "4037"),
}
