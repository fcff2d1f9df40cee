"""The idle sweep: what it costs, and what it finds of all that others did."""

from __future__ import annotations

from collections import Counter

import pytest
from e2e_stage import MakeNamespace, Namespace
from kubectl import condition, eventually
from manifests import alarm_policy, group, launch

pytestmark = pytest.mark.e2e

PAGE = 100  # rows of a page at this vendor
BACKGROUND_SHARE = 0.03  # reads per group and sweep that refresh what no list shows
SWEEP_LIMIT_S = 90.0


def many_groups(namespace: Namespace, count: int) -> None:
    """Empty groups, all of them ready."""
    groups = [group(f"web-{number}", minSize=0, maxSize=1) for number in range(count)]
    namespace.kubectl.apply(launch(), *groups)
    namespace.kubectl.do("wait", "--for=condition=Ready", "--timeout=120s", "scalinggroup", "--all")


def one_idle_period(namespaces: list[Namespace]) -> list[Counter[str]]:
    """Calls of each account from the end of one sweep to the end of the next."""
    last = "ListAllScalingV2Policies"  # the table that a sweep reads last
    marks = [space.cloud.count(last) for space in namespaces]
    eventually(lambda: swept(namespaces, last, marks), "a sweep of each", SWEEP_LIMIT_S)
    before = [space.cloud.calls() for space in namespaces]
    marks = [calls.count(last) for calls in before]
    eventually(lambda: swept(namespaces, last, marks), "another sweep of each", SWEEP_LIMIT_S)
    after = [space.cloud.calls() for space in namespaces]
    return [Counter(late[len(early) :]) for early, late in zip(before, after, strict=True)]


def swept(namespaces: list[Namespace], last: str, marks: list[int]) -> bool:
    """Whether each account has been swept once more."""
    return all(space.cloud.count(last) > mark for space, mark in zip(namespaces, marks, strict=True))


def test_idle_sweep_costs_pages_not_objects(make_namespace: MakeNamespace) -> None:
    """50 and 150 idle groups: one list per page and kind, a few background reads, no write."""
    small, large = make_namespace(), make_namespace()
    many_groups(small, 50)
    many_groups(large, 150)
    small.cloud.forget_calls()
    for count, space, calls in zip((50, 150), (small, large), one_idle_period([small, large]), strict=True):
        pages = 1 + (count - 1) // PAGE
        assert space.cloud.writes() == []
        lists = {name: number for name, number in calls.items() if name != "ListScalingInstances"}
        wanted = {"ListScalingGroups": pages, "ListScalingConfigs": 1, "ListAllScalingV2Policies": 1}
        assert lists == wanted, f"{count} groups: {calls}"
        assert calls["ListScalingInstances"] <= max(1.0, BACKGROUND_SHARE * count), f"{count} groups: {calls}"


def test_one_sweep_finds_what_others_did(make_namespace: MakeNamespace) -> None:
    """Nobody asked for a look: a moved group, a fired alarm, a copied mark, a deleted group."""
    moved, fired, copied, deleted = spaces = [make_namespace() for _ in range(4)]
    for space in spaces:
        space.ready_group(desiredCapacity=1, cooldownSeconds=0)
    fired.kubectl.apply(alarm_policy())
    fired.kubectl.ready("scalingpolicy/busy")

    moved.cloud.set_desired(3)
    fired.cloud.fire_alarm(fired.kubectl.status("scalingpolicy", "busy")["externalId"])
    old = deleted.cloud.group()["scaling_group_id"]
    deleted.cloud.delete_by_hand(old)
    twin = copy_of_the_only_group(copied)

    moved.kubectl.until_reason("scalinggroup", "web", "CapacityDrifted", "ExternallyScaled", SWEEP_LIMIT_S)
    fired.kubectl.until_reason("scalinggroup", "web", "CapacityDrifted", "ScaledByPolicy", SWEEP_LIMIT_S)
    found = fired.kubectl.until(
        "scalingpolicy", "busy", lambda o: o["status"].get("recentExecutions"), "a record", SWEEP_LIMIT_S
    )
    (run,) = found["status"]["recentExecutions"]
    assert (run["trigger"], run["status"], run["oldValue"], run["newValue"]) == ("Alarm", "Succeeded", 1, 2)

    duplicate = copied.kubectl.until_reason("scalinggroup", "web", "Synced", "DuplicateFound", SWEEP_LIMIT_S)
    assert twin in duplicate["message"]
    assert len(copied.cloud.groups()) == 2
    deleted.kubectl.until(
        "scalinggroup", "web", lambda o: o["status"].get("externalId") not in (None, old), "a new id", SWEEP_LIMIT_S
    )
    deleted.kubectl.ready("scalinggroup/web")
    assert condition(moved.kubectl.get("scalinggroup", "web"), "Ready")["status"] == "True"
    assert (moved.cloud.desired(), fired.cloud.desired()) == (3, 2)


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
