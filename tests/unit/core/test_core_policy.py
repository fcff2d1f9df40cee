"""ScalingPolicy as a cloud object: alarms, one-time and recurring schedules."""

from __future__ import annotations

from typing import Any

import pytest
from core_samples import (
    NOW,
    POLICY_OWNER,
    Decided,
    cloud_policy,
    decide_policy,
    later,
    observed,
    policy_facts,
    scaling_policy,
    setback,
)

from cloudscaling.core.calls import CreatePolicy, DeletePolicies, DisablePolicy, EnablePolicy, UpdatePolicy
from cloudscaling.core.facts import Absent, Lookup, Unresolved, Untrusted
from cloudscaling.core.plan import RESULT
from cloudscaling.core.policy.facts import GroupTarget

MADE = {"externalId": "p-1", "cloudObject": "Policy", "observedGeneration": 3}
OPEN = {"operation": {"id": "o", "type": "Create", "state": "Issued", "startedAt": "2026-03-02T05:50:00Z"}}
NOBODY: Lookup[Any] = Lookup((), NOW)
ALARM = {"type": "Alarm", "schedule": None, "alarm": {"alarmId": "al-1"}}


def once(at: str) -> dict[str, Any]:
    return {"type": "Scheduled", "schedule": {"at": at}}


def new(
    status: dict[str, Any] | None = None, lookup: Any = NOBODY, facts: dict[str, Any] | None = None, **spec: Any
) -> Decided:
    return decide_policy(policy_facts(scaling_policy(status, **spec), lookup=lookup, **(facts or {})))


def made(
    seen: Any = None, facts: dict[str, Any] | None = None, status: dict[str, Any] | None = None, **spec: Any
) -> Decided:
    resource = scaling_policy({**MADE, **(status or {})}, **spec)
    return decide_policy(policy_facts(resource, seen=observed(seen or cloud_policy()), **(facts or {})))


@pytest.mark.parametrize(
    ("spec", "fields"),
    [
        (ALARM, {"alarm.alarmId": "al-1"}),
        (once("2026-03-05T10:30:00+08:00"), {"schedule.at": "2026-03-05T02:30Z"}),
        ({}, {"schedule.time": "03:00", "schedule.recurrence": "Daily", "schedule.end": "2027-03-03T06:00Z"}),
    ],
    ids=["alarm", "once", "recurring"],
)
def test_a_policy_is_created_with_a_stored_intent(spec: dict[str, Any], fields: dict[str, Any]) -> None:
    """The id comes back into the status."""
    found = new(**spec)
    assert isinstance(found.call, CreatePolicy)
    assert found.call.new.group_id == "g-1"
    assert fields.items() <= dict(found.call.new.fields).items()
    assert found.plan.record["operation"].state == "Issued"
    assert found.plan.step is not None
    assert found.plan.step.after["external_id"] is RESULT
    assert found.says("Ready") == ("False", "Creating")


def test_a_policy_as_wanted_is_left_alone() -> None:
    """A second look plans nothing."""
    found = made()
    assert (found.call, found.plan.record) == (None, {})
    assert found.says("Ready") == ("True", "Active")
    assert found.status.schedule.cloud_expression == "Daily 03:00"
    assert found.status.schedule.next_time == later(21 * 3600)


def test_only_what_differs_is_written() -> None:
    """Paths of the difference."""
    found = made(cooldownSeconds=60, seen=cloud_policy(fields={"cooldownSeconds": 10}))
    assert isinstance(found.call, UpdatePolicy)
    assert found.call.change.changed == {"cooldownSeconds": 60}


@pytest.mark.parametrize(
    ("wanted", "seen", "call"),
    [
        (True, cloud_policy(enabled=False), EnablePolicy("p-1")),
        (False, cloud_policy(), DisablePolicy("p-1")),
        (False, cloud_policy(executing=True), None),
    ],
)
def test_enabled_follows_the_spec_but_not_while_it_runs(wanted: bool, seen: Any, call: Any) -> None:
    """EXECUTING is waited for."""
    assert made(seen, enabled=wanted).call == call


def test_a_disabled_policy_is_ready() -> None:
    """As the spec asks."""
    assert made(cloud_policy(enabled=False), enabled=False).says("Ready") == ("True", "Disabled")


# --- schedules -------------------------------------------------------------------------------------------------------


def test_an_endless_recurrence_is_renewed_before_its_end_comes_near() -> None:
    """Not before."""
    soon = cloud_policy(fields={"schedule.end": "2026-03-20T00:00Z"})
    found = made(soon)
    assert found.call.change.changed == {"schedule.end": "2027-03-03T06:00Z"}
    assert found.said == ["ScheduleRenewed"]
    far = cloud_policy(fields={"schedule.end": "2026-04-20T00:00Z"})
    assert made(far).call is None


def test_a_change_of_the_offset_rewrites_the_cloud_object() -> None:
    """03:00 in Berlin is 02:00 UTC in winter, 01:00 in summer."""
    spec = {"schedule": {"cron": "0 3 * * *", "timeZone": "Europe/Berlin"}}
    seen = cloud_policy(fields={"schedule.time": "01:00"})
    found = made(seen, **spec)
    assert found.call.change.changed == {"schedule.time": "02:00"}
    assert found.said == ["ScheduleShifted"]


def test_an_end_given_by_the_user_is_sent_as_it_is() -> None:
    """No renewal."""
    spec = {"schedule": {"cron": "0 3 * * *", "endTime": "2026-12-31T23:00:00Z"}}
    assert made(**spec).call.change.changed == {"schedule.end": "2026-12-31T23:00Z"}


@pytest.mark.parametrize(
    ("kind", "spec"),
    [
        ("Scheduled", once("2026-03-02T05:00:00Z")),
        ("Recurring", {"schedule": {"cron": "0 3 * * *", "endTime": "2026-03-01T00:00:00Z"}}),
    ],
    ids=["fired", "past its end"],
)
def test_an_expired_policy_is_left_alone(kind: str, spec: dict[str, Any]) -> None:
    """Nothing is written any more."""
    ended = {"cooldownSeconds": 1, "schedule.at": "2026-03-02T05:00Z", "schedule.end": "2026-03-01T00:00Z"}
    found = made(cooldownSeconds=60, seen=cloud_policy(type=kind, fields=ended), **spec)
    assert found.call is None
    assert found.says("Ready") == ("True", "Expired")


def test_a_schedule_in_the_past_is_refused_before_creation() -> None:
    """It could never fire."""
    found = new(**once("2026-03-02T05:00:00Z"))
    assert found.call is None
    assert found.says("Accepted") == ("False", "InvalidValue")


def test_a_schedule_that_fired_and_whose_cloud_object_is_gone_is_expired_not_wrong() -> None:
    """It did what it was made for."""
    found = new({"cloudObject": "Policy"}, **once("2026-03-02T05:00:00Z"))
    assert found.call is None
    assert found.says("Accepted") == ("True", "Valid")
    assert found.says("Ready") == ("True", "Expired")


@pytest.mark.parametrize("cron", ["*/5 * * * *", "0 3 1 * 1", "0 3 * 2 *", "nonsense"])
def test_a_pattern_that_the_vendor_lacks_is_refused(cron: str) -> None:
    """InvalidValue names the cron."""
    found = new(schedule={"cron": cron})
    assert found.call is None
    assert found.says("Accepted") == ("False", "InvalidValue")


def test_a_pattern_that_becomes_wrong_leaves_the_rest_alone() -> None:
    """W4: the schedule is not written, the others are."""
    found = made(cloud_policy(fields={"cooldownSeconds": 1}), schedule={"cron": "*/5 * * * *"}, cooldownSeconds=60)
    assert found.call.change.changed == {"cooldownSeconds": 60}


# --- references and owners -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", ["ScalingGroupNotFound", "ScalingGroupNotCreated"])
def test_a_missing_group_is_waited_for(reason: str) -> None:
    """It is named."""
    found = new(facts={"target": Unresolved(reason, "web")})
    assert found.call is None
    assert found.says("ReferencesResolved") == ("False", reason)
    assert found.says("Ready") == ("False", "ReferencesNotResolved")


def test_a_policy_whose_group_is_gone_forgets_its_id_once_that_is_proven() -> None:
    """It comes back with the group."""
    gone = {"target": Unresolved("ScalingGroupNotFound", "web")}
    found = decide_policy(policy_facts(scaling_policy(MADE), seen=Absent(NOW), **gone))
    assert found.status.external_id is None
    kept = decide_policy(policy_facts(scaling_policy(MADE), seen=Untrusted("x", 3.0), **gone))
    assert kept.status.external_id == "p-1"


def test_an_enforced_group_refuses_policies() -> None:
    """They would fight over the size."""
    found = new(facts={"target": GroupTarget("g-1", "web", enforced=True)})
    assert found.call is None
    assert found.says("Accepted") == ("False", "CapacityOwnershipConflict")


def test_a_younger_owner_writes_nothing() -> None:
    """DuplicateOwner."""
    found = made(facts={"older_owner": "web/older"}, cooldownSeconds=60)
    assert found.call is None
    assert found.says("Accepted") == ("False", "DuplicateOwner")


@pytest.mark.parametrize("facts", [{"target": GroupTarget("g-1", "web", paused=True)}, {}])
def test_a_pause_of_the_object_or_its_group_holds_it(facts: dict[str, Any]) -> None:
    """GroupPaused or ObjectPaused."""
    found = new(facts=facts, paused=not facts)
    assert found.call is None
    assert found.says("Paused") == ("True", "GroupPaused" if facts else "ObjectPaused")


def test_the_default_name_is_proof_enough() -> None:
    """It holds the mark."""
    found = new(lookup=Lookup((cloud_policy(),), NOW))
    assert found.plan.record["external_id"] == "p-1"
    assert found.says("Adopted") == ("True", "AdoptedByMarker")


def test_a_policy_of_that_name_in_another_group_is_not_ours() -> None:
    """Names are unique per group at most."""
    assert isinstance(new(lookup=Lookup((cloud_policy(group_id="g-2"),), NOW)).call, CreatePolicy)


def test_of_several_with_one_name_the_oldest_is_used_and_the_others_are_named() -> None:
    """0.5: none is deleted, and it is said as long as it is so."""
    several = Lookup((cloud_policy(created_at=later(-10)), cloud_policy(id="p-2", created_at=later(-100))), NOW)
    found = new(lookup=several)
    assert (found.plan.record["external_id"], found.events) == ("p-2", ["Adopted", "DuplicateFound"])
    rest = made(facts={"twins": ("p-2",)})
    assert (rest.call, rest.says("Synced"), rest.events) == (None, ("False", "DuplicateFound"), ["DuplicateFound"])
    assert "p-2" in rest.message("Synced")


def test_an_explicit_name_is_a_conflict_unless_our_create_is_in_flight() -> None:
    """And the policy is not older than the call."""
    young = Lookup((cloud_policy(name="mine", created_at=later(-600)),), NOW)
    old = Lookup((cloud_policy(name="mine", created_at=later(-9000)),), NOW)
    assert new(lookup=young, externalName="mine").says("Synced") == ("False", "NameConflict")
    assert new(OPEN, young, externalName="mine").plan.record["external_id"] == "p-1"
    assert new(OPEN, old, externalName="mine").says("Synced") == ("False", "NameConflict")


def test_a_create_stores_the_name_that_it_is_sent_with() -> None:
    """And takes it back when the cloud has refused the call."""
    found = new()
    assert found.plan.record["external_name"] == POLICY_OWNER.cloud_name
    assert found.plan.step is not None
    assert found.plan.step.refused == {"operation": None, "external_name": None}


@pytest.mark.parametrize(
    ("sent", "wanted"), [(POLICY_OWNER.cloud_name, "renamed"), ("mine", None), ("mine", "renamed")]
)
def test_a_name_that_changed_during_a_lost_reply_still_finds_what_was_made(sent: str, wanted: str | None) -> None:
    """By the name that was stored with the intent; then it is renamed."""
    lookup = Lookup((cloud_policy(name=sent, created_at=later(-600)),), NOW)
    found = new({**OPEN, "externalName": sent}, lookup, externalName=wanted)
    assert found.call is None
    assert found.plan.record["external_id"] == "p-1"
    renamed = made(cloud_policy(fields={"externalName": sent}), externalName="renamed")
    assert renamed.call.change.changed == {"externalName": "renamed"}


def test_a_name_that_changed_is_used_only_once_the_former_create_is_known_to_have_made_nothing() -> None:
    """Two misses of the former name; a policy of others under the new one is a conflict, not ours."""
    status = {**OPEN, "externalName": "mine"}
    assert new(status, NOBODY, externalName="renamed").says("Synced") == ("False", "OutcomeUnknown")
    found = new(status, Lookup((), NOW, later(-600)), externalName="renamed")
    assert found.call.new.fields["externalName"] == "renamed"
    taken = Lookup((cloud_policy(name="renamed", created_at=NOW),), NOW, later(-600))
    conflict = new(status, taken, externalName="renamed")
    assert conflict.says("Synced") == ("False", "NameConflict")
    assert (conflict.call, conflict.plan.record["operation"]) == (None, None)


def test_an_id_given_during_a_lost_reply_is_adopted_after_what_was_made_is_gone() -> None:
    """Else both would fire."""
    status = {**OPEN, "externalName": POLICY_OWNER.cloud_name}
    waits = new(status, NOBODY, externalId="theirs")
    assert waits.says("Synced") == ("False", "OutcomeUnknown")
    assert new(status, Lookup((), NOW, later(-600)), externalId="theirs").plan.record["operation"] is None
    assert new(status, Lookup((cloud_policy(),), NOW), externalId="theirs").plan.record["external_id"] == "p-1"
    assert made(externalId="theirs").call == DeletePolicies(("p-1",))
    gone = decide_policy(policy_facts(scaling_policy(MADE, externalId="theirs"), seen=Absent(NOW)))
    assert (gone.plan.record["external_id"], gone.events) == (None, [])


@pytest.mark.parametrize(("first", "again"), [(None, False), (-10, False), (-600, True)])
def test_a_lost_create_is_repeated_only_after_two_misses(first: float | None, again: bool) -> None:
    """As for groups."""
    found = new(OPEN, Lookup((), NOW, None if first is None else later(first)))
    assert isinstance(found.call, CreatePolicy) is again


def test_a_lost_create_is_not_repeated_for_a_spec_that_is_no_longer_accepted() -> None:
    """W4."""
    found = new(OPEN, Lookup((), NOW, later(-600)), cooldownSeconds=9999)
    assert found.call is None
    assert found.says("Synced") == ("False", "NotAccepted")


def test_an_adopted_policy_must_belong_to_the_group() -> None:
    """OwnedByOther otherwise; taken as it is if it does."""
    resource = scaling_policy(externalId="p-1")
    other = decide_policy(policy_facts(resource, seen=observed(cloud_policy(group_id="g-2"))))
    assert other.says("Adopted") == ("False", "OwnedByOther")
    mine = decide_policy(policy_facts(resource, seen=observed(cloud_policy(name="theirs"))))
    assert mine.plan.record["external_id"] == "p-1"
    none = decide_policy(policy_facts(resource, seen=Absent(NOW)))
    assert none.says("Adopted") == ("False", "ExternalIdNotFound")


def test_a_vanished_policy_is_made_again_unless_it_was_adopted() -> None:
    """W2."""
    found = decide_policy(policy_facts(scaling_policy(MADE), seen=Absent(NOW)))
    assert found.plan.record["external_id"] is None
    assert found.events == ["DeletedExternally"]
    adopted = decide_policy(policy_facts(scaling_policy(MADE, externalId="p-1"), seen=Absent(NOW)))
    assert adopted.says("Adopted") == ("False", "ExternalIdNotFound")


@pytest.mark.parametrize("facts", [{"lookup": Untrusted("x", 3.0)}, {"lookup": None}])
def test_an_untrusted_read_writes_nothing(facts: dict[str, Any]) -> None:
    """A failed list is not an empty one."""
    assert decide_policy(policy_facts(scaling_policy(), **facts)).call is None


def test_observe_only_reports_and_writes_nothing() -> None:
    """Existing or not."""
    assert new(managementPolicy="ObserveOnly").call is None
    found = made(managementPolicy="ObserveOnly", cooldownSeconds=60, seen=cloud_policy(fields={"cooldownSeconds": 1}))
    assert found.call is None
    assert found.says("Synced") == ("False", "DriftObserved")


def test_a_recent_refusal_is_not_repeated() -> None:
    """Until the spec changes."""
    assert new(facts={"setback": setback()}).plan.record == {}


def test_the_name_is_the_documented_one() -> None:
    """Head and mark."""
    assert new().call.new.fields["externalName"] == POLICY_OWNER.cloud_name
