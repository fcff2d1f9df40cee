"""Scenarios: every way in which a ScalingGroup ends."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from tests.faults import checks, manifests
from tests.faults.checks import Check
from tests.faults.scenarios_group import GROUP
from tests.faults.stage import Scenario, Stage, Step, View, both, desired, gone, settled

SERVERS = ("11111111-2222-4333-8444-555555555501", "11111111-2222-4333-8444-555555555502")


def _make(*more: dict[str, Any], **changes: Any) -> Callable[[Stage], Awaitable[None]]:
    async def do(stage: Stage) -> None:
        await stage.create(manifests.launch(), manifests.group(**changes), *more)

    return do


async def _delete(stage: Stage) -> None:
    await stage.delete(*GROUP)


async def _delete_all(stage: Stage) -> None:
    """In the order in which a namespace would: everything at once."""
    for plural, name in (("launchconfigurations", "lc"), GROUP, ("scalingpolicies", "on-alarm")):
        await stage.delete(plural, name)


async def _act(stage: Stage, action: str, ids: list[str], **more: str) -> None:
    group = (await stage.view()).group("web")["scaling_group_id"]
    body = {"instances_id": ids, "action": action, **more}
    await stage.console("BatchActionScalingInstances", path={"scaling_group_id": group}, body=body)


async def _members(stage: Stage) -> list[str]:
    return sorted(row["instance_id"] for row in (await stage.view()).group("web")["instances"])


async def _protect(stage: Stage) -> None:
    await _act(stage, "PROTECT", (await _members(stage))[:1])


async def _standby(stage: Stage) -> None:
    await _act(stage, "ENTER_STANDBY", (await _members(stage))[:1], instance_append="no")


async def _attach(stage: Stage) -> None:
    await stage.seed(servers=[{"id": SERVERS[0], "name": "by-hand", "zone": "", "vpc_id": "vpc-a"}])
    await _act(stage, "ADD", [SERVERS[0]])


def _is_protected(view: View) -> str:
    rows = view.group("web")["instances"]
    return settled(view) or ("" if any(row["protect_from_scaling_down"] for row in rows) else "nothing is protected")


def _is_in_standby(view: View) -> str:
    rows = view.group("web")["instances"]
    return "" if any(row["life_cycle_state"] == "STANDBY" for row in rows) else "nothing is in standby"


def _is_attached(view: View) -> str:
    group = view.group("web")
    if group["current_instance_number"] != 3 or group["is_scaling"]:
        return "the server is not attached"
    return ""


async def _impatient(stage: Stage) -> None:
    await stage.create(manifests.launch(), manifests.group())
    await stage.write_seen("CreateScalingGroup")
    await stage.delete(*GROUP)


async def _delete_namespace(stage: Stage) -> None:
    await stage.delete_namespace()


def _empty(view: View) -> str:
    """Every object, the account among them, is gone."""
    return f"{next(iter(view.objects))} still exists" if view.objects else ""


async def _delete_while_scaling(stage: Stage) -> None:
    await stage.group_spec(desiredCapacity=5)
    await stage.write_seen("UpdateScalingGroup")
    await stage.delete(*GROUP)


async def _make_again(stage: Stage) -> None:
    await stage.create(manifests.group())


async def _scale_orphan(stage: Stage) -> None:
    group = (await stage.view()).group("web")["scaling_group_id"]
    await stage.console("ConsoleSetDesire", body={"scaling_group_id": group, "desire_instance_number": 5})


def _has_five(view: View) -> str:
    group = view.group("web")
    return "" if group["current_instance_number"] == 5 and not group["is_scaling"] else "the cloud has not 5 yet"


async def _ask_for_three(stage: Stage) -> None:
    await stage.group_spec(desiredCapacity=3)


def _deletion(
    name: str,
    end: Check,
    *between: Step,
    policies: tuple[dict[str, Any], ...] = (),
    left: tuple[tuple[str, str], ...] = (),
    wishes: tuple[int, ...] = (2,),
    **spec: Any,
) -> Scenario:
    first = Step("the group", _make(*policies, **spec), settled, setup=True)
    kept = {("scalingpolicies", p["metadata"]["name"]) for p in policies}
    goal = _only_left(kept) if kept else gone(GROUP, *left)
    return Scenario(name, (first, *between, Step("delete the group", _delete, goal)), end, wishes)


def _only_left(kept: set[tuple[str, str]]) -> Callable[[View], str]:
    """The group is gone, its policies wait for another one and name no cloud object."""

    def goal(view: View) -> str:
        if GROUP in view.objects:
            return "the group still exists"
        named = [key for key in kept if (view.objects[key].get("status") or {}).get("externalId")]
        return f"{named[0][1]} still names a cloud policy" if named else ""

    return goal


PROTECT = Step("protect one instance", _protect, _is_protected, setup=True)
STANDBY = Step("one instance in standby", _standby, _is_in_standby, setup=True)
ATTACH = Step("attach a server by hand", _attach, _is_attached, setup=True)
_POLICIES = (manifests.alarm(), manifests.recurring())
_POLICY_KEYS = {("scalingpolicies", policy["metadata"]["name"]) for policy in _POLICIES}
_ALL = (("launchconfigurations", "lc"), GROUP, ("scalingpolicies", "on-alarm"))
_MEMBERS = checks.servers(members=2)
_CONFIGURATION_STAYS = checks.configurations("lc-r1")


def _nothing(**servers: int) -> Check:
    return checks.all_of(checks.no_groups, checks.policies(), _CONFIGURATION_STAYS, checks.servers(**servers))


SCENARIOS = (
    _deletion("delete-release", _nothing(released=2), wishes=(2, 0)),
    _deletion("delete-detach", _nothing(kept=2), instanceDeletionPolicy="Detach"),
    _deletion(
        "delete-disabled",
        _nothing(released=2),
        _disabled := Step("disable", lambda stage: stage.group_spec(enabled=False), settled, setup=True),
        wishes=(2,),
    ),
    _deletion("delete-disabled-detach", _nothing(kept=2), _disabled, instanceDeletionPolicy="Detach"),
    _deletion("delete-attached", _nothing(released=2, by_hand=1), ATTACH, wishes=(2, 0)),
    _deletion("delete-attached-detach", _nothing(kept=2, by_hand=1), ATTACH, instanceDeletionPolicy="Detach"),
    _deletion("delete-with-policies", _nothing(released=2), policies=_POLICIES, wishes=(2, 0)),
    _deletion("force-with-policies", _nothing(released=2), PROTECT, policies=_POLICIES, forceDeleteAfterSeconds=4),
    _deletion("force-protected", _nothing(released=2), PROTECT, forceDeleteAfterSeconds=4),
    _deletion(
        "force-protected-detach", _nothing(kept=2), PROTECT, forceDeleteAfterSeconds=4, instanceDeletionPolicy="Detach"
    ),
    _deletion(
        "force-standby-detach", _nothing(kept=2), STANDBY, forceDeleteAfterSeconds=4, instanceDeletionPolicy="Detach"
    ),
    _deletion("force-attached", _nothing(released=2, by_hand=1), ATTACH, PROTECT, forceDeleteAfterSeconds=4),
    _deletion(
        "orphan",
        checks.all_of(
            checks.group(desire_instance_number=2), checks.tags("web", "cso-owner"), checks.servers(members=2)
        ),
        deletionPolicy="Orphan",
    ),
    Scenario(
        "delete-everything",
        (
            Step("group and policy", _make(manifests.alarm()), settled, setup=True),
            Step("delete all at once", _delete_all, gone(*_ALL)),
        ),
        checks.all_of(
            checks.no_objects, checks.no_groups, checks.policies(), checks.configurations(), checks.servers(released=2)
        ),
        wishes=(2, 0),
    ),
    Scenario(
        "delete-namespace",
        (
            Step("group and policy", _make(manifests.alarm()), settled, setup=True),
            Step("delete the namespace", _delete_namespace, _empty),
        ),
        checks.all_of(checks.no_groups, checks.policies(), checks.configurations(), checks.servers(released=2)),
        wishes=(2, 0),
    ),
    Scenario(
        "delete-while-scaling",
        (
            Step("the group", _make(), settled, setup=True),
            Step("scale out, and delete before the answer", _delete_while_scaling, gone(GROUP)),
        ),
        checks.all_of(checks.no_groups, _CONFIGURATION_STAYS, checks.no_servers),
        wishes=(2, 5, 0),
        may_skip=frozenset({5}),
        loose=True,
    ),
    Scenario(
        "policies-return",
        (
            Step("group and policies", _make(*_POLICIES), settled, setup=True),
            Step("delete the group", _delete, _only_left(_POLICY_KEYS), setup=True),
            Step("create it again", _make_again, settled),
        ),
        checks.all_of(checks.policies("daily", "on-alarm"), checks.servers(released=2, members=2)),
        wishes=(2, 0, 2),
    ),
    Scenario(
        "orphan-returns",
        (
            Step("a group that is kept", _make(deletionPolicy="Orphan"), settled, setup=True),
            Step("delete it", _delete, gone(GROUP), setup=True),
            Step("somebody scales it to 5", _scale_orphan, _has_five, setup=True),
            Step("the object comes back, wanting 2", _make_again, settled),
            Step("ask for 3", _ask_for_three, both(settled, desired(3))),
        ),
        checks.all_of(checks.group(desire_instance_number=3), checks.servers(members=3, released=2)),
        wishes=(2, 3),
    ),
    Scenario(
        "delete-while-creating",
        (Step("create, and delete before the answer", _impatient, gone(GROUP)),),
        checks.all_of(checks.no_groups, _CONFIGURATION_STAYS),
        wishes=(2,),
        may_skip=frozenset({2}),
        loose=True,
    ),
)
