"""Deletion of a group: what is kept, what goes, in which order, and what stands in the way."""

from __future__ import annotations

from typing import Any

import pytest
from core_samples import (
    MARK,
    NOW,
    UID,
    Decided,
    cloud_group,
    decide_group,
    deleted,
    group_facts,
    instance,
    later,
    observed,
    scaling_group,
)

from cloudscaling.core.calls import DeleteGroup, ReleaseFinalizer, SetTags
from cloudscaling.core.facts import Absent, Lookup, Unresolved, Untrusted

STARTED = {"deletion": {"phase": "DeletingPolicies", "startedAt": "2026-03-02T05:59:00Z"}}
NO_CREDENTIALS = Unresolved("CredentialsInvalid", "refused")
OPEN = {"operation": {"id": "o", "type": "Create", "state": "Issued", "startedAt": "2026-03-02T05:50:00Z", "target": 1}}


def decide(
    *instances: Any,
    status: dict[str, Any] | None = None,
    seen: Any = None,
    annotations: dict[str, str] | None = None,
    facts: dict[str, Any] | None = None,
    **spec: Any,
) -> Decided:
    """A deletion with trusted lists of instances and policies, its start stored."""
    resource = deleted({**STARTED, **(status or {})}, annotations, **spec)
    known = {
        "seen": observed(cloud_group(min_size=0, desired=0, current=len(instances)) if seen is None else seen),
        "instances": observed(instances),
        "policies": observed(()),
    }
    return decide_group(group_facts(resource, **{**known, **(facts or {})}))


def released(found: Decided) -> bool:
    return isinstance(found.call, ReleaseFinalizer)


# --- before anything is done -----------------------------------------------------------------------------------------


def test_the_sizes_and_the_start_are_stored_before_the_first_write() -> None:
    """And with them the deadline."""
    found = decide(status={"deletion": None}, seen=cloud_group(desired=4), forceDeleteAfterSeconds=60)
    assert found.call is None
    begun = found.plan.record["deletion"]
    assert (begun.original_min_size, begun.original_max_size, begun.original_desired_capacity) == (1, 10, 4)
    assert begun.started_at == NOW
    assert found.says("Ready") == ("False", "Deleting")


def test_protection_holds_everything_and_the_clock() -> None:
    """startedAt is set once it is off."""
    found = decide(deletionProtection=True, status={"deletion": None})
    assert (found.call, found.plan.record) == (None, {})
    assert found.says("Deleting") == ("True", "BlockedByDeletionProtection")
    assert found.events == ["DeletionBlocked"]


def test_a_pause_holds_everything_and_the_clock_stands_still() -> None:
    """Otherwise the end of a pause could force at once."""
    found = decide(paused=True)
    assert found.call is None
    assert found.says("Deleting") == ("True", "BlockedByPause")
    assert found.status.deletion.blocked_since == NOW


def test_missing_credentials_hold_everything_and_the_clock_stands_still() -> None:
    """The message says why."""
    found = decide(facts={"account": NO_CREDENTIALS})
    assert found.call is None
    assert found.says("Deleting") == ("True", "BlockedByCredentials")
    assert found.status.deletion.blocked_since == NOW


def test_the_time_that_stood_still_moves_the_start() -> None:
    """And the deadline with it."""
    blocked = {**STARTED["deletion"], "blockedSince": "2026-03-02T05:59:30Z"}
    found = decide(status={"deletion": blocked}, forceDeleteAfterSeconds=60)
    moved = found.plan.record["deletion"]
    assert moved.blocked_since is None
    assert moved.started_at == later(-30)


def test_an_object_without_a_finalizer_is_left_alone() -> None:
    """It is gone as soon as the API server says so."""
    found = decide(facts={"finalizer_stored": False})
    assert found.call is None


def test_force_orphan_needs_the_uid_of_the_object() -> None:
    """A copied annotation does nothing."""
    key = "cloudscaling.dev/force-orphan"
    found = decide(annotations={key: UID}, facts={"account": NO_CREDENTIALS})
    assert released(found)
    assert found.plan.step is not None
    assert found.plan.step.notices[0].reason == "ForceOrphaned"
    assert not released(decide(annotations={key: "other"}, facts={"account": NO_CREDENTIALS}))


def test_an_adopted_group_that_bears_the_tag_of_another_owner_is_left_alone() -> None:
    """Whatever the policy says: it is not ours to delete, and the tag is not ours to take off."""
    found = decide(seen=cloud_group(owner_tag="other"), externalId="g-1", deletionPolicy="Delete")
    assert released(found)


# --- nothing known, nothing adopted ----------------------------------------------------------------------------------


def without_id(lookup: Any, **more: Any) -> Decided:
    status = {"externalId": None, **more.pop("status", {})}
    return decide(status=status, facts={"seen": None, "lookup": lookup}, **more)


def test_an_object_that_never_made_a_group_goes_at_once() -> None:
    """Nobody bears its mark."""
    assert released(without_id(Lookup((), NOW)))


def test_an_open_create_is_settled_although_another_group_was_named_since() -> None:
    """The finalizer never goes while its outcome is unknown."""
    waiting = without_id(Lookup((), NOW), status=OPEN, externalId="theirs")
    assert not released(waiting)
    found = without_id(Lookup((cloud_group(),), NOW), status=OPEN, externalId="theirs")
    assert found.plan.record["external_id"] == "g-1"


def test_without_credentials_only_an_object_whose_mark_was_looked_for_goes() -> None:
    """A lost status looks like one that never made anything; the account in the status is the proof of the look."""
    unknown = {"seen": None, "account": NO_CREDENTIALS}
    found = decide(status={"externalId": None}, facts=unknown)
    assert found.says("Deleting") == ("True", "BlockedByCredentials")
    assert "force-orphan" in found.message("Deleting")
    assert released(decide(status={"externalId": None, "account": "acme"}, facts=unknown))
    assert released(decide(status={"externalId": None}, facts={**unknown, "untouched": True}))


def test_the_account_is_recorded_only_with_a_trusted_look() -> None:
    """A list in doubt proves nothing."""
    resource = scaling_group()
    assert decide_group(group_facts(resource, lookup=Lookup((), NOW))).status.account == "acme"
    assert decide_group(group_facts(resource, lookup=Untrusted("truncated", 4.0))).status.account is None


def test_a_group_with_our_mark_is_found_before_the_object_goes() -> None:
    """A lost status leaks nothing."""
    found = without_id(Lookup((cloud_group(),), NOW))
    assert found.plan.record["external_id"] == "g-1"


def test_of_several_with_our_mark_the_oldest_is_the_one_to_be_deleted() -> None:
    """The same one that would be used."""
    young, old = cloud_group(id="a", created_at=later(9)), cloud_group(id="b", created_at=later(1))
    assert without_id(Lookup((young, old), NOW)).plan.record["external_id"] == "b"


@pytest.mark.parametrize("lookup", [None, Untrusted("truncated", 4.0)])
def test_an_untrusted_lookup_releases_nothing(lookup: Any) -> None:
    """An unknown cloud is not an empty one."""
    assert without_id(lookup).call is None


def test_a_create_without_a_known_end_is_settled_first() -> None:
    """The finalizer never goes while its outcome is unknown."""
    waiting = without_id(Lookup((), NOW), status=OPEN)
    assert waiting.call is None
    assert waiting.says("Deleting") == ("True", "Confirming")
    assert released(without_id(Lookup((), NOW, later(-600)), status=OPEN))


def test_a_create_without_a_known_end_and_without_credentials_waits() -> None:
    """Even though no id is known."""
    found = decide(status={"externalId": None, **OPEN}, facts={"seen": None, "account": NO_CREDENTIALS})
    assert found.says("Deleting") == ("True", "BlockedByCredentials")


@pytest.mark.parametrize(
    "seen", [cloud_group(owner_tag="zzzzzzzzzz", marker="zzzzzzzzzz"), cloud_group(owner_tag="", marker="")]
)
def test_a_group_that_was_never_adopted_is_never_deleted(seen: Any) -> None:
    """spec.externalId and deletionPolicy Delete are no proof of ownership while the adoption has not happened."""
    found = decide(status={"externalId": None}, seen=seen, externalId="g-1", deletionPolicy="Delete")
    assert released(found)


def test_an_id_that_does_not_exist_does_not_hold_the_deletion() -> None:
    """Nothing was adopted."""
    facts = {"seen": Absent(NOW)}
    assert released(decide(status={"externalId": None}, externalId="g-9", deletionPolicy="Delete", facts=facts))


# --- what is kept ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "spec",
    [{"deletionPolicy": "Orphan"}, {"managementPolicy": "ObserveOnly"}, {"deletionPolicy": "Orphan", "paused": False}],
)
def test_orphan_and_observe_only_send_nothing_and_keep_the_mark(spec: dict[str, Any]) -> None:
    """The same object finds the group again."""
    assert released(decide(instance("a"), **spec))


@pytest.mark.parametrize("spec", [{"deletionPolicy": "Orphan"}, {"managementPolicy": "ObserveOnly"}])
def test_what_is_kept_needs_no_credentials(spec: dict[str, Any]) -> None:
    """Nothing is sent, so account and namespace do not hang."""
    assert released(decide(facts={"account": NO_CREDENTIALS}, **spec))


def test_a_younger_owner_deletes_nothing() -> None:
    """DuplicateOwner: as Orphan."""
    assert released(decide(instance("a"), facts={"older_owner": "web/older"}))


def test_an_adopted_group_is_kept_unless_told_otherwise_and_loses_our_tag() -> None:
    """A later object without externalId must not count it as created."""
    found = decide(externalId="g-1", seen=cloud_group(owner_tag=MARK))
    assert found.call == SetTags("g-1", {}, ("cso-owner",))
    assert found.says("Deleting") == ("True", "Orphaning")
    assert released(decide(externalId="g-1", seen=cloud_group(owner_tag="")))


def test_taking_our_tag_off_waits_for_a_trusted_read() -> None:
    """Otherwise the tag could stay."""
    found = decide(externalId="g-1", facts={"seen": Untrusted("timeout", 2.0)})
    assert found.call is None
    assert found.says("Deleting") == ("True", "Orphaning")


def test_an_adopted_group_is_deleted_when_the_spec_says_so() -> None:
    """Explicitly."""
    assert isinstance(decide(externalId="g-1", deletionPolicy="Delete").call, DeleteGroup)


# --- after the call --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("forced", [False, True])
def test_a_deletion_that_was_asked_for_is_being_confirmed(forced: bool) -> None:
    """The vendor has only accepted it; the phase is stored with the end of the call and kept by a read in doubt."""
    begun = {**STARTED["deletion"], **({"deadline": STARTED["deletion"]["startedAt"]} if forced else {})}
    found = decide(status={"deletion": begun}, forceDeleteAfterSeconds=0 if forced else -1)
    assert found.call == DeleteGroup("g-1", force=forced)
    assert found.says("Deleting") == ("True", "Forcing" if forced else "DeletingCloudObject")
    assert found.plan.step.after["deletion"].phase == "Confirming"
    assert found.said[-1:] == ["DeletionPhase"]
    confirming = {"deletion": {**STARTED["deletion"], "phase": "Confirming"}}
    again = decide(status=confirming)
    assert again.call == DeleteGroup("g-1", force=False)
    assert again.says("Deleting") == ("True", "Confirming")
    assert again.plan.record == {}
    waiting = decide(status=confirming, facts={"seen": Untrusted("a first miss", 30.0)})
    assert waiting.says("Deleting") == ("True", "Confirming")
