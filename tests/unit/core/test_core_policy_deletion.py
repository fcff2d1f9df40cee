"""Deletion of a policy, with and without its group."""

from __future__ import annotations

from typing import Any

import pytest
from core_samples import (
    GONE,
    NOW,
    UID,
    Decided,
    cloud_policy,
    decide_policy,
    later,
    observed,
    policy_facts,
    scaling_policy,
)

from cloudscaling.core.calls import DeletePolicies, ReleaseFinalizer
from cloudscaling.core.facts import Absent, Lookup, Unresolved, Untrusted
from cloudscaling.core.policy.facts import GroupTarget

MADE = {"externalId": "p-1", "cloudObject": "Policy"}
OPEN = {"operation": {"id": "o", "type": "Create", "state": "Issued", "startedAt": "2026-03-02T05:50:00Z"}}
NO_CREDENTIALS = Unresolved("CredentialsInvalid", "refused")
NO_GROUP = Unresolved("ScalingGroupNotFound", "ScalingGroup web does not exist")


def decide(status: dict[str, Any] | None = None, facts: dict[str, Any] | None = None, **spec: Any) -> Decided:
    annotations = spec.pop("annotations", {})
    resource = scaling_policy(MADE if status is None else status, {**GONE, "annotations": annotations}, **spec)
    known: dict[str, Any] = {"seen": observed(cloud_policy())} if status is None else {}
    return decide_policy(policy_facts(resource, **{**known, **(facts or {})}))


def released(found: Decided) -> bool:
    return isinstance(found.call, ReleaseFinalizer)


def test_the_cloud_object_goes_first() -> None:
    """Then the finalizer."""
    found = decide()
    assert found.call == DeletePolicies(("p-1",))
    assert found.says("Deleting") == ("True", "DeletingCloudObject")
    assert released(decide(facts={"seen": Absent(NOW)}))


def test_an_untrusted_read_releases_nothing() -> None:
    """It may still be there."""
    assert decide(facts={"seen": Untrusted("x", 3.0)}).call is None


@pytest.mark.parametrize(("since", "reason"), [(-60, "BlockedByActivity"), (-301, "Forcing")])
def test_an_executing_policy_is_waited_for_five_minutes(since: float, reason: str) -> None:
    """Then it is forced."""
    facts = {"seen": observed(cloud_policy(executing=True)), "executing_since": later(since)}
    found = decide(facts=facts)
    assert found.says("Deleting") == ("True", reason)
    assert found.call == (DeletePolicies(("p-1",), force=True) if reason == "Forcing" else None)


def test_the_alarm_goes_along_when_asked() -> None:
    """huawei.deleteAlarm."""
    alarm = {"type": "Alarm", "schedule": None, "alarm": {"alarmId": "al-1"}}
    found = decide(huawei={"deleteAlarm": True}, **alarm)
    assert found.call == DeletePolicies(("p-1",), delete_alarm=True)


@pytest.mark.parametrize(
    "spec", [{"deletionPolicy": "Orphan"}, {"managementPolicy": "ObserveOnly"}, {"externalId": "p-1"}]
)
def test_what_is_kept_is_left_without_a_call_or_credentials(spec: dict[str, Any]) -> None:
    """Orphan, ObserveOnly, adopted."""
    assert released(decide(facts={"account": NO_CREDENTIALS}, **spec))


def test_a_younger_owner_deletes_nothing() -> None:
    """DuplicateOwner: as Orphan."""
    assert released(decide(facts={"older_owner": "web/older"}))


def test_a_policy_that_was_never_made_goes_at_once() -> None:
    """Nobody bears its name."""
    assert released(decide({}, {"lookup": Lookup((), NOW)}))
    assert released(decide({}, {"account": NO_CREDENTIALS}))
    assert released(decide({}, {"target": NO_GROUP, "lookup": Lookup((), NOW)}))


def test_a_policy_with_our_name_is_found_before_the_object_goes() -> None:
    """A lost status leaks nothing."""
    found = decide({}, {"lookup": Lookup((cloud_policy(),), NOW)})
    assert found.plan.record["external_id"] == "p-1"


def test_an_id_that_was_never_adopted_does_not_hold_the_deletion() -> None:
    """Nothing is ours."""
    for seen in (Absent(NOW), observed(cloud_policy(group_id="g-2"))):
        assert released(decide({}, {"seen": seen}, externalId="p-9", deletionPolicy="Delete"))


def test_a_create_without_a_known_end_is_settled_first() -> None:
    """The finalizer never goes while its outcome is unknown."""
    found = decide(OPEN, {"lookup": Lookup((), NOW)})
    assert found.call is None
    assert found.says("Deleting") == ("True", "Confirming")
    assert released(decide(OPEN, {"lookup": Lookup((), NOW, later(-600))}))


def test_a_create_without_a_known_end_is_settled_even_without_its_group() -> None:
    """The cloud group may have been left behind, and the policy with it."""
    found = decide(OPEN, {"target": NO_GROUP, "lookup": Lookup((), NOW)})
    assert found.call is None
    ours = decide(OPEN, {"target": NO_GROUP, "lookup": Lookup((cloud_policy(group_id="g-7"),), NOW)})
    assert ours.plan.record["external_id"] == "p-1"


def test_missing_credentials_protection_and_pauses_are_named() -> None:
    """Each has its reason."""
    assert decide(facts={"account": NO_CREDENTIALS}).says("Deleting") == ("True", "BlockedByCredentials")
    assert decide(deletionProtection=True).says("Deleting") == ("True", "BlockedByDeletionProtection")
    assert decide(paused=True).says("Deleting") == ("True", "BlockedByPause")
    held = decide(facts={"target": GroupTarget("g-1", "web", paused=True)})
    assert held.says("Paused") == ("True", "GroupPaused")
    assert held.says("Deleting") == ("True", "BlockedByPause")


def test_what_is_kept_waits_for_a_create_without_a_known_end() -> None:
    """3.6: the finalizer never goes before, and nothing is deleted."""
    for spec in ({"deletionPolicy": "Orphan"}, {"managementPolicy": "ObserveOnly"}):
        assert decide(OPEN, {"lookup": Lookup((), NOW)}, **spec).says("Deleting") == ("True", "Confirming")
        assert decide(OPEN, {"account": NO_CREDENTIALS}, **spec).call is None
        assert decide(OPEN, {"lookup": Lookup((cloud_policy(),), NOW)}, **spec).plan.record["external_id"] == "p-1"
        assert released(decide(OPEN, {"lookup": Lookup((), NOW, later(-600))}, **spec))


def test_what_was_made_before_an_id_was_given_is_not_adopted_and_goes() -> None:
    """The id names another one, which is kept."""
    assert decide(externalId="theirs").call == DeletePolicies(("p-1",))
    assert released(decide(externalId="theirs", deletionPolicy="Orphan"))


def test_force_orphan_gives_up_without_a_call() -> None:
    """Only with the uid."""
    found = decide(facts={"account": NO_CREDENTIALS}, annotations={"cloudscaling.dev/force-orphan": UID})
    assert released(found)
