"""The idle sweep: what it costs, and what it finds of all that others did."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass

import pytest
from e2e_stage import MakeNamespace, Namespace
from kubectl import condition, eventually
from manifests import alarm_policy, group, launch

pytestmark = pytest.mark.e2e

PAGE = 100  # rows of a page at this vendor
BACKGROUND_SHARE = 0.03  # reads per group and sweep that refresh what no list shows
SWEEP_LIMIT_S = 90.0
QUIET_S = 1.0
LAST_TABLE = "ListAllScalingV2Policies"  # what a sweep reads last


def many_groups(namespace: Namespace, count: int) -> None:
    """Empty groups, all of them ready."""
    groups = [group(f"web-{number}", minSize=0, maxSize=1) for number in range(count)]
    namespace.kubectl.apply(launch(), *groups)
    namespace.kubectl.do("wait", "--for=condition=Ready", "--timeout=120s", "scalinggroup", "--all")


@dataclass(frozen=True)
class World:
    """Idle accounts, and accounts in which others were busy; all arranged at once, because a sweep takes its time."""

    small: Namespace  # 50 groups
    large: Namespace  # 150 groups
    moved: Namespace
    fired: Namespace
    copied: Namespace
    deleted: Namespace
    twin: str
    old: str


@pytest.fixture(scope="module")
def world(make_lasting_namespace: MakeNamespace) -> World:
    """What the next sweeps will find."""
    small, large, moved, fired, copied, deleted = (make_lasting_namespace() for _ in range(6))
    for space in (moved, fired, copied, deleted):
        space.ready_group(desiredCapacity=1, cooldownSeconds=0)
    fired.kubectl.apply(alarm_policy())
    fired.kubectl.ready("scalingpolicy/busy")
    many_groups(small, 50)
    many_groups(large, 150)

    moved.cloud.set_desired(3)
    fired.cloud.fire_alarm(fired.kubectl.status("scalingpolicy", "busy")["externalId"])
    old = str(deleted.cloud.group()["scaling_group_id"])
    deleted.cloud.delete_by_hand(old)
    return World(small, large, moved, fired, copied, deleted, copy_of_the_only_group(copied), old)


def one_idle_period(spaces: tuple[Namespace, ...]) -> list[Counter[str]]:
    """Calls of each account in one sweep and what follows from it, after an earlier sweep has seen everything."""
    spaces[0].cloud.forget_calls()
    swept_and_quiet(spaces)
    before = [len(space.cloud.calls()) for space in spaces]
    swept_and_quiet(spaces)
    return [Counter(space.cloud.calls()[start:]) for space, start in zip(spaces, before, strict=True)]


def swept_and_quiet(spaces: tuple[Namespace, ...]) -> None:
    """Wait for one more sweep of each account and until nothing follows from it any more."""
    marks = [space.cloud.count(LAST_TABLE) for space in spaces]
    seen: list[list[int]] = [[]]

    def holds() -> bool:
        time.sleep(QUIET_S)
        seen[0], earlier = [len(space.cloud.calls()) for space in spaces], seen[0]
        swept = all(space.cloud.count(LAST_TABLE) > mark for space, mark in zip(spaces, marks, strict=True))
        return swept and seen[0] == earlier

    eventually(holds, "a sweep of each account, and then quiet", SWEEP_LIMIT_S)


def test_idle_sweep_costs_pages_not_objects(world: World) -> None:
    """50 and 150 idle groups: one list per page and kind, a few background reads, no write."""
    spaces = (world.small, world.large)
    for count, space, calls in zip((50, 150), spaces, one_idle_period(spaces), strict=True):
        pages = 1 + (count - 1) // PAGE
        assert space.cloud.writes() == []
        lists = {name: number for name, number in calls.items() if name != "ListScalingInstances"}
        wanted = {"ListScalingGroups": pages, "ListScalingConfigs": 1, "ListAllScalingV2Policies": 1}
        assert lists == wanted, f"{count} groups: {calls}"
        assert calls["ListScalingInstances"] <= max(1.0, BACKGROUND_SHARE * count), f"{count} groups: {calls}"


def test_sweep_finds_a_moved_group(world: World) -> None:
    """Nobody asked for a look: reported, and left alone."""
    kubectl = world.moved.kubectl
    kubectl.until_reason("scalinggroup", "web", "CapacityDrifted", "ExternallyScaled", SWEEP_LIMIT_S)
    assert condition(kubectl.get("scalinggroup", "web"), "Ready")["status"] == "True"
    assert world.moved.cloud.desired() == 3


def test_sweep_finds_a_fired_alarm(world: World) -> None:
    """The group says who moved it, the policy when it ran."""
    kubectl = world.fired.kubectl
    kubectl.until_reason("scalinggroup", "web", "CapacityDrifted", "ScaledByPolicy", SWEEP_LIMIT_S)
    found = kubectl.until(
        "scalingpolicy", "busy", lambda o: o["status"].get("recentExecutions"), "a record", SWEEP_LIMIT_S
    )
    (run,) = found["status"]["recentExecutions"]
    assert (run["trigger"], run["status"], run["oldValue"], run["newValue"]) == ("Alarm", "Succeeded", 1, 2)
    assert world.fired.cloud.desired() == 2


def test_sweep_finds_a_copied_mark(world: World) -> None:
    """Somebody cloned the group with its tags: the object keeps its own, the other is named and left."""
    found = world.copied.kubectl.until_reason("scalinggroup", "web", "Synced", "DuplicateFound", SWEEP_LIMIT_S)
    assert world.twin in found["message"]
    assert len(world.copied.cloud.groups()) == 2


def test_sweep_finds_a_deleted_group(world: World) -> None:
    """Missed by the list, then twice by id: reported and made again."""
    kubectl = world.deleted.kubectl
    kubectl.until(
        "scalinggroup", "web", lambda o: o["status"].get("externalId") not in (None, world.old), "new", SWEEP_LIMIT_S
    )
    kubectl.ready("scalinggroup/web")
    assert ("Warning", "DeletedExternally") in [e[:2] for e in kubectl.events("ScalingGroup", "web")]


def copy_of_the_only_group(namespace: Namespace) -> str:
    """Make a group with the tags of the only one, as a person does who clones by hand; return its id."""
    mine = namespace.cloud.group()
    body = {
        "scaling_group_name": "copy",
        "scaling_configuration_id": mine["scaling_configuration_id"],
        "vpc_id": mine["vpc_id"],
        "networks": [{"id": network["id"]} for network in mine["networks"]],
    }
    (twin,) = namespace.cloud.seed(groups=[body])["groups"]
    tags = {"action": "create", "tags": [{"key": tag["key"], "value": tag["value"]} for tag in mine["tags"]]}
    namespace.cloud.console("ActionScalingTags", tags, resource_type="scaling_group_tag", resource_id=twin)
    return str(twin)
