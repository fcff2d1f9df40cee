"""The store: newest versions only, who refers to whom, and who has to be looked at."""

from __future__ import annotations

from typing import Any

import pytest

from cloudscaling.engine.queue import Key
from cloudscaling.engine.store import ACCOUNTS, GROUPS, LAUNCHES, OPERATIONS, POLICIES, Store

ACCOUNT_SPEC = {"vendor": "Huawei", "region": "cn-north-4", "credentials": {"secretRef": {"name": "key"}}}
GROUP_SPEC = {"accountRef": {"name": "acme"}, "minSize": 0, "maxSize": 1, "launchConfigurationRef": {"name": "lc"}}
LAUNCH_SPEC = {"accountRef": {"name": "acme"}}
POLICY_SPEC = {"scalingGroupRef": {"name": "web"}, "type": "Simple"}


def raw(name: str, spec: dict[str, Any], version: int = 1, **more: Any) -> dict[str, Any]:
    metadata = {
        "name": name,
        "namespace": "web",
        "uid": f"uid-{name}",
        "generation": 1,
        "resourceVersion": str(version),
    }
    return {"metadata": {**metadata, **more.pop("metadata", {})}, "spec": spec, **more}


class Woken(list[Key]):
    """Keys that were woken since the last look, by name."""

    def names(self) -> list[str]:
        found = sorted(key.name for key in self)
        self.clear()
        return found


@pytest.fixture
def woken() -> Woken:
    return Woken()


@pytest.fixture
def store(woken: Woken) -> Store:
    """An account, a launch configuration, a group and a policy that refer to each other."""
    found = Store(wake=woken.append)
    found.take(ACCOUNTS, raw("acme", ACCOUNT_SPEC))
    found.take(LAUNCHES, raw("lc", LAUNCH_SPEC))
    found.take(GROUPS, raw("web", GROUP_SPEC))
    found.take(POLICIES, raw("night", POLICY_SPEC))
    woken.clear()
    return found


def test_an_older_version_is_ignored(store: Store) -> None:
    """A late watch event does not undo our own write."""
    store.take(GROUPS, raw("web", {**GROUP_SPEC, "maxSize": 9}, 5))
    found = store.take(GROUPS, raw("web", GROUP_SPEC, 4))
    assert found is not None
    assert found.version == "5"


def test_versions_are_numbers_not_text(store: Store) -> None:
    """Ten is newer than nine."""
    store.take(GROUPS, raw("web", GROUP_SPEC, 9))
    found = store.take(GROUPS, raw("web", GROUP_SPEC, 10))
    assert found is not None
    assert found.version == "10"


def test_another_uid_is_another_object_whatever_its_version(store: Store) -> None:
    """Deleted and made again."""
    found = store.take(GROUPS, raw("web", GROUP_SPEC, 1, metadata={"uid": "new"}))
    assert found is not None
    assert found.uid == "new"


def test_an_object_that_cannot_be_read_keeps_its_last_version(store: Store) -> None:
    """And does not stop the watch."""
    assert store.take(GROUPS, raw("web", {"minSize": "many"}, 7)) is None
    kept = store.get(Key(GROUPS, "web", "web"))
    assert kept is not None
    assert kept.version == "1"


def test_an_own_status_write_wakes_nobody(store: Store, woken: Woken) -> None:
    """Otherwise every look would bring the next one."""
    store.take(GROUPS, raw("web", GROUP_SPEC, 2, status={"desiredCapacity": 3}))
    assert woken.names() == []


@pytest.mark.parametrize(
    "change",
    [
        {"metadata": {"generation": 2}},
        {"metadata": {"annotations": {"a": "b"}}},
        {"metadata": {"deletionTimestamp": "2026-01-01T00:00:00Z", "finalizers": ["x"]}},
    ],
    ids=["spec", "annotation", "deletion"],
)
def test_a_change_by_a_user_wakes_the_object_and_all_around_it(
    store: Store, woken: Woken, change: dict[str, Any]
) -> None:
    """References in both directions."""
    store.take(GROUPS, raw("web", GROUP_SPEC, 2, **change))
    assert woken.names() == ["acme", "lc", "night", "web"]


def test_an_id_in_the_status_wakes_those_who_wait_for_it(store: Store, woken: Woken) -> None:
    """Not the object itself."""
    store.take(LAUNCHES, raw("lc", LAUNCH_SPEC, 2, status={"externalId": "id-1", "currentRevision": 1}))
    assert woken.names() == ["acme", "web"]


def test_a_condition_that_others_need_wakes_them(store: Store, woken: Woken) -> None:
    """CredentialsValid of the account; a message alone wakes nobody."""

    def account(version: int, status: str, message: str) -> dict[str, Any]:
        condition = {
            "type": "CredentialsValid",
            "status": status,
            "reason": "Verified",
            "message": message,
            "lastTransitionTime": "2026-01-01T00:00:00Z",
        }
        return raw("acme", ACCOUNT_SPEC, version, status={"conditions": [condition]})

    store.take(ACCOUNTS, account(2, "True", ""))
    assert woken.names() == ["lc", "web"]
    store.take(ACCOUNTS, account(3, "True", "other words"))
    assert woken.names() == []


def test_a_deletion_wakes_those_around(store: Store, woken: Woken) -> None:
    """And the key itself, so that its memory goes."""
    store.gone(GROUPS, "web", "web", "uid-web")
    assert store.get(Key(GROUPS, "web", "web")) is None
    assert woken.names() == ["acme", "lc", "night", "web"]


def test_the_deletion_of_a_former_object_of_the_name_is_ignored(store: Store) -> None:
    """A younger one stays."""
    store.gone(GROUPS, "web", "web", "uid-former")
    assert store.get(Key(GROUPS, "web", "web")) is not None


def test_the_answer_to_the_last_finalizer_write_does_not_bring_the_object_back(store: Store) -> None:
    """The watch may have told of its end before the answer came."""
    deleted = {"deletionTimestamp": "2026-01-01T00:00:00Z", "finalizers": []}
    store.gone(GROUPS, "web", "web", "uid-web")
    assert store.take(GROUPS, raw("web", GROUP_SPEC, 3, metadata=deleted)) is None
    assert store.get(Key(GROUPS, "web", "web")) is None


def test_references_follow_the_spec(store: Store) -> None:
    """The old one is forgotten."""
    assert [s.key.name for s in store.referrers(Key(LAUNCHES, "web", "lc"), GROUPS)] == ["web"]
    spec = {**GROUP_SPEC, "launchConfigurationRef": {"externalId": "id-9"}}
    store.take(GROUPS, raw("web", spec, 2))
    assert store.referrers(Key(LAUNCHES, "web", "lc"), GROUPS) == []


def test_objects_are_found_by_the_id_in_spec_or_status(store: Store) -> None:
    """As long as one of them holds it."""
    store.take(GROUPS, raw("web", {**GROUP_SPEC, "externalId": "g-1"}, 2))
    assert [s.key.name for s in store.with_external_id(GROUPS, "g-1")] == ["web"]
    store.take(GROUPS, raw("web", GROUP_SPEC, 3, status={"externalId": "g-2"}))
    assert store.with_external_id(GROUPS, "g-1") == []
    assert [s.key.name for s in store.with_external_id(GROUPS, "g-2")] == ["web"]


def test_versions_are_listed_for_the_watchdog(store: Store) -> None:
    """By kind."""
    assert store.versions(GROUPS) == {("web", "web"): ("uid-web", "1")}
    assert len(store.every()) == 4


def test_an_operation_that_ended_wakes_its_group_and_those_that_wait_for_their_turn(store: Store, woken: Woken) -> None:
    """Not the operations of another group."""
    spec = {"scalingGroupRef": {"name": "web"}, "action": "Protect", "instanceIds": ["i-1"]}
    for name, group in (("first", "web"), ("second", "web"), ("elsewhere", "shop")):
        store.take(OPERATIONS, raw(name, {**spec, "scalingGroupRef": {"name": group}}))
    woken.clear()
    store.take(OPERATIONS, raw("first", spec, 2, status={"phase": "Running"}))
    assert woken.names() == []
    ended = {
        "type": "Complete",
        "status": "True",
        "reason": "Succeeded",
        "message": "",
        "lastTransitionTime": "2026-03-02T06:00:00Z",
    }
    store.take(OPERATIONS, raw("first", spec, 3, status={"conditions": [ended]}))
    assert woken.names() == ["second", "web"]


def test_an_operation_is_woken_by_its_group_and_its_policy(store: Store, woken: Woken) -> None:
    """By what a reference offers."""
    spec = {"scalingGroupRef": {"name": "web"}, "action": "ExecutePolicy", "policyRef": {"name": "night"}}
    store.take(OPERATIONS, raw("run", spec))
    woken.clear()
    store.take(POLICIES, raw("night", POLICY_SPEC, 2, status={"externalId": "p-1"}))
    assert "run" in woken.names()
    store.take(GROUPS, raw("web", GROUP_SPEC, 2, status={"externalId": "g-1"}))
    assert "run" in woken.names()
