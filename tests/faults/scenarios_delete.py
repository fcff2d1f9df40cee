"""Scenarios: every way in which a ScalingGroup ends."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from tests.faults import checks, manifests
from tests.faults.checks import Check
from tests.faults.scenarios_group import GROUP
from tests.faults.stage import Scenario, Stage, Step, View, gone, settled

SERVERS = ("11111111-2222-4333-8444-555555555501", "11111111-2222-4333-8444-555555555502")


def make(*more: dict[str, Any], **changes: Any) -> Callable[[Stage], Awaitable[None]]:
    async def do(stage: Stage) -> None:
        await stage.create(manifests.launch(), manifests.group(**changes), *more)

    return do


async def delete_group(stage: Stage) -> None:
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


async def _delete_namespace(stage: Stage) -> None:
    await stage.delete_namespace()


def _empty(view: View) -> str:
    """Every object, the account among them, is gone."""
    return f"{next(iter(view.objects))} still exists" if view.objects else ""


def _deletion(
    name: str,
    end: Check,
    *between: Step,
    policies: tuple[dict[str, Any], ...] = (),
    left: tuple[tuple[str, str], ...] = (),
    wishes: tuple[int, ...] = (2,),
    needs: frozenset[str] = frozenset(),
    **spec: Any,
) -> Scenario:
    first = Step("the group", make(*policies, **spec), settled, setup=True)
    kept = {("scalingpolicies", p["metadata"]["name"]) for p in policies}
    goal = only_left(kept) if kept else gone(GROUP, *left)
    steps = (first, *between, Step("delete the group", delete_group, goal))
    return Scenario(name, steps, end, wishes, needs=needs)


def only_left(kept: set[tuple[str, str]]) -> Callable[[View], str]:
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
POLICIES = (manifests.alarm(), manifests.recurring())
_ALL = (("launchconfigurations", "lc"), GROUP, ("scalingpolicies", "on-alarm"))
CONFIGURATION_STAYS = checks.configurations("lc-r1")


def _nothing(**servers: int) -> Check:
    return checks.all_of(checks.no_groups, checks.policies(), CONFIGURATION_STAYS, checks.servers(**servers))


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
    _deletion("delete-with-policies", _nothing(released=2), policies=POLICIES, wishes=(2, 0)),
    _deletion("force-with-policies", _nothing(released=2), PROTECT, policies=POLICIES, forceDeleteAfterSeconds=4),
    _deletion("force-protected", _nothing(released=2), PROTECT, forceDeleteAfterSeconds=4),
    _deletion(
        "force-protected-detach", _nothing(kept=2), PROTECT, forceDeleteAfterSeconds=4, instanceDeletionPolicy="Detach"
    ),
    _deletion(
        "force-standby-detach",
        _nothing(kept=2),
        STANDBY,
        needs=frozenset({"standby"}),
        forceDeleteAfterSeconds=4,
        instanceDeletionPolicy="Detach",
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
            Step("group and policy", make(manifests.alarm()), settled, setup=True),
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
            Step("group and policy", make(manifests.alarm()), settled, setup=True),
            Step("delete the namespace", _delete_namespace, _empty),
        ),
        checks.all_of(checks.no_groups, checks.policies(), checks.configurations(), checks.servers(released=2)),
        wishes=(2, 0),
    ),
)
