"""Policies that are no ordinary cloud policy: scheduled tasks, bandwidths, Simple; and what cannot be changed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from core_samples import (
    GONE,
    NOW,
    POLICY_OWNER,
    Decided,
    cloud_policy,
    decide_policy,
    later,
    observed,
    policy_facts,
    scaling_policy,
)

from cloudscaling.core import model
from cloudscaling.core.calls import (
    CreatePolicy,
    CreateScheduledTask,
    DeletePolicies,
    DeleteScheduledTask,
    ReleaseFinalizer,
    UpdatePolicy,
    UpdateScheduledTask,
)
from cloudscaling.core.facts import Absent, Lookup, Unresolved
from cloudscaling.core.policy.facts import BandwidthTarget, GroupTarget

TASK: dict[str, Any] = {"adjustment": None, "capacity": {"desiredCapacity": 3}}
AS_TASK = {"externalId": "t-1", "cloudObject": "ScheduledTask", "observedGeneration": 3}
AS_POLICY = {"externalId": "p-1", "cloudObject": "Policy", "observedGeneration": 3}
NOBODY: Lookup[Any] = Lookup((), NOW)
ALARM: dict[str, Any] = {"type": "Alarm", "schedule": None}
SIMPLE: dict[str, Any] = {"type": "Simple", "schedule": None}
BROAD: dict[str, Any] = {
    "scalingGroupRef": None,
    "accountRef": {"name": "acme"},
    "type": "Alarm",
    "schedule": None,
    "alarm": {"alarmId": "al-1"},
    "huawei": {"bandwidth": {"id": "bw-1"}},
}
BANDWIDTH = BandwidthTarget("bw-1", "huawei.bandwidth.id")
NO_CREDENTIALS = Unresolved("CredentialsInvalid", "refused")
NO_GROUP = Unresolved("ScalingGroupNotFound", "web")


def task(**changes: Any) -> model.Policy:
    fields = {"capacity": {"desiredCapacity": 3}, "adjustment": None, **changes.pop("fields", {})}
    found = cloud_policy(id="t-1", fields=fields, vendor_state="", **changes)
    return replace(found, fields={path: value for path, value in found.fields.items() if path != "adjustment"})


def broad(**fields: Any) -> model.Policy:
    own = {"externalName": POLICY_OWNER.cloud_name, "alarm.alarmId": "al-1", "huawei.bandwidth.id": "bw-1", **fields}
    adjustment = {"type": "ChangeInCapacity", "value": 1}
    return model.Policy(
        "p-1", POLICY_OWNER.cloud_name, "", "Alarm", True, False, "INSERVICE", {**own, "adjustment": adjustment}
    )


def decide(
    status: dict[str, Any] | None = None,
    metadata: dict[str, Any] | None = None,
    facts: dict[str, Any] | None = None,
    **spec: Any,
) -> Decided:
    return decide_policy(policy_facts(scaling_policy(status, metadata, **spec), **(facts or {})))


# --- scheduled tasks -------------------------------------------------------------------------------------------------


def test_sizes_make_a_scheduled_task() -> None:
    """With the intent stored, as every create."""
    found = decide(facts={"lookup": NOBODY}, **TASK)
    assert isinstance(found.call, CreateScheduledTask)
    assert (found.call.new.group_id, found.call.new.fields["capacity"]) == ("g-1", {"desiredCapacity": 3})
    assert found.plan.record["operation"].state == "Issued"
    assert found.plan.step is not None
    assert found.plan.step.after["cloud_object"] == "ScheduledTask"


def test_a_task_as_wanted_is_left_alone_until_its_next_firing() -> None:
    """The look after it shows that it fired."""
    found = decide(AS_TASK, facts={"seen": observed(task())}, **TASK)
    assert (found.call, found.says("Ready")) == (None, ("True", "Active"))
    assert found.plan.wait_s == 21 * 3600 + 300


def test_a_task_is_changed_through_its_group() -> None:
    """Only what differs."""
    found = decide(AS_TASK, facts={"seen": observed(task(fields={"capacity": {"minSize": 1}}))}, **TASK)
    assert isinstance(found.call, UpdateScheduledTask)
    assert (found.call.group_id, found.call.id) == ("g-1", "t-1")
    assert found.call.change.changed == {"capacity": {"desiredCapacity": 3}}


def test_a_disabled_task_goes_and_is_not_missed() -> None:
    """Its absence is no surprise, and nothing is created in its place."""
    going = decide(AS_TASK, facts={"seen": observed(task())}, enabled=False, **TASK)
    assert (going.call, going.says("Ready")) == (DeleteScheduledTask("g-1", "t-1"), ("True", "Disabled"))
    gone = decide(AS_TASK, facts={"seen": Absent(NOW)}, enabled=False, **TASK)
    assert (gone.plan.record["external_id"], gone.events) == (None, [])
    rests = decide({"cloudObject": "ScheduledTask"}, facts={"lookup": NOBODY}, enabled=False, **TASK)
    assert (rests.call, rests.says("Ready")) == (None, ("True", "Disabled"))
    wrong = decide(AS_TASK, facts={"seen": observed(task())}, enabled=False, cooldownSeconds=60, **TASK)
    assert wrong.call == DeleteScheduledTask("g-1", "t-1")  # W4: what is refused keeps nothing else from being done
    ours = decide({"cloudObject": "ScheduledTask"}, facts={"lookup": Lookup((task(),), NOW)}, enabled=False, **TASK)
    assert ours.plan.record["external_id"] == "t-1"


@pytest.mark.parametrize(
    ("status", "seen", "spec", "call"),
    [
        (AS_POLICY, cloud_policy(), TASK, DeletePolicies(("p-1",))),
        (AS_TASK, task(), {}, DeleteScheduledTask("g-1", "t-1")),
    ],
    ids=["policy to task", "task to policy"],
)
def test_another_kind_of_cloud_object_replaces_the_first(
    status: dict[str, Any], seen: model.Policy, spec: dict[str, Any], call: Any
) -> None:
    """The old one goes first; two would fire at the same minute."""
    found = decide(status, facts={"seen": observed(seen)}, **spec)
    assert (found.call, found.says("Ready")) == (call, ("False", "Replacing"))
    gone = decide(status, facts={"seen": Absent(NOW)}, **spec)
    assert (gone.plan.record["external_id"], gone.events) == (None, [])
    assert gone.says("Ready") == ("False", "Replacing")
    new = decide({"cloudObject": status["cloudObject"]}, facts={"lookup": NOBODY}, **spec)
    assert isinstance(new.call, CreateScheduledTask if spec else CreatePolicy)


def test_a_policy_that_is_being_executed_is_not_replaced_yet() -> None:
    """It is waited for."""
    found = decide(AS_POLICY, facts={"seen": observed(cloud_policy(executing=True))}, **TASK)
    assert (found.call, found.says("Synced")) == (None, ("False", "WaitingForActivity"))


def test_nothing_is_replaced_by_what_is_refused() -> None:
    """W4: the cloud object stays as it is."""
    found = decide(AS_POLICY, facts={"seen": observed(cloud_policy())}, cooldownSeconds=60, **TASK)
    assert (found.call, found.says("Accepted")) == (None, ("False", "Unsupported"))


@pytest.mark.parametrize(
    ("spec", "path"),
    [
        ({"cooldownSeconds": 60, **TASK}, "cooldownSeconds"),
        ({"huawei": {"description": "x"}, **TASK}, "huawei.description"),
        ({"huawei": {"deleteAlarm": True}}, "huawei.deleteAlarm"),
        ({"externalId": "t-1", "enabled": False, **TASK}, "enabled"),
        ({"externalId": "p-1", **SIMPLE}, "externalId"),
        ({**BROAD, "adjustment": {"type": "ExactCapacity", "value": 0}}, "adjustment"),
        (
            {**BROAD, "adjustment": {"type": "ExactCapacity", "value": 9}}
            | {"huawei": {"bandwidth": {"id": "bw-1", "limitMbps": 9}}},
            "huawei.bandwidth.limitMbps",
        ),
        (
            {"type": "Alarm", "schedule": None, "adjustment": None, "alarm": {"alarmId": "a", "steps": []}},
            "alarm.steps",
        ),
        ({"schedule": {"cron": "0 3 * * *", "startTime": NOW, "endTime": NOW}}, "schedule.endTime"),
    ],
)
def test_what_the_cloud_object_cannot_hold_is_named(spec: dict[str, Any], path: str) -> None:
    """Nothing is dropped silently, and nothing is created without it."""
    found = decide(facts={"lookup": NOBODY}, **spec)
    (message,) = [c.message for c in found.status.conditions if c.type == "Accepted"]
    assert (found.call, found.says("Accepted")[0]) == (None, "False")
    assert message.startswith(f"{path}:")


# --- time ------------------------------------------------------------------------------------------------------------


def test_a_time_that_is_moved_into_the_past_is_refused_while_the_cloud_would_still_fire() -> None:
    """Expired would be a lie."""
    seen = cloud_policy(type="Scheduled", fields={"schedule.at": "2026-03-05T00:00Z"})
    spec = {"type": "Scheduled", "schedule": {"at": "2026-03-01T00:00:00Z"}}
    found = decide(AS_POLICY, facts={"seen": observed(seen)}, **spec)
    assert found.says("Accepted") == ("False", "InvalidValue")
    assert found.says("Ready") != ("True", "Expired")


def test_an_end_that_is_moved_into_the_past_is_refused_while_the_cloud_goes_on() -> None:
    """The cloud takes no end that is over; it has to be disabled."""
    spec = {"schedule": {"cron": "0 3 * * *", "endTime": "2026-03-01T00:00:00Z"}}
    found = decide(AS_POLICY, facts={"seen": observed(cloud_policy())}, **spec)
    assert found.says("Accepted") == ("False", "InvalidValue")
    assert decide(AS_POLICY, facts={"seen": observed(cloud_policy())}, enabled=False, **spec).said == ["Disabled"]


def test_the_next_look_is_due_when_the_clocks_change() -> None:
    """25 October 2026 in Berlin, half past two, which comes twice: the second one has to be over."""
    now = later((237 * 24 - 6) * 3600 + 31 * 60)
    assert now.isoformat() == "2026-10-25T00:31:00+00:00"
    spec = {"schedule": {"cron": "30 2 * * *", "timeZone": "Europe/Berlin", "endTime": "2030-01-01T00:00:00Z"}}
    seen = cloud_policy(fields={"schedule.time": "00:30", "schedule.end": "2030-01-01T00:00Z"})
    found = decide(AS_POLICY, facts={"seen": observed(seen), "now": now}, **spec)
    assert (found.call, found.plan.wait_s) == (None, 64 * 60)


def test_a_firing_that_is_just_over_is_still_shown_as_the_next_one() -> None:
    """nextTime moves when the cloud can tell how it went."""
    shown = {**AS_POLICY, "schedule": {"nextTime": "2026-03-02T05:57:00Z"}}
    spec = {"schedule": {"cron": "57 5 * * *"}}
    seen = observed(cloud_policy(fields={"schedule.time": "05:57"}))
    assert decide(shown, facts={"seen": seen}, **spec).status.schedule.next_time == later(-180)
    assert decide(shown, facts={"seen": seen, "now": later(180)}, **spec).status.schedule.next_time > later(3600)


# --- bandwidths ------------------------------------------------------------------------------------------------------


def test_a_bandwidth_policy_is_made_without_a_group() -> None:
    """Its bandwidth is in the fields."""
    found = decide(facts={"target": BANDWIDTH, "lookup": NOBODY}, **BROAD)
    assert isinstance(found.call, CreatePolicy)
    assert (found.call.new.group_id, found.call.new.fields["huawei.bandwidth.id"]) == ("", "bw-1")


def test_a_policy_of_that_name_on_another_bandwidth_is_not_ours() -> None:
    """Nor one of a group."""
    others = (broad(**{"huawei.bandwidth.id": "bw-2"}), cloud_policy())
    assert isinstance(decide(facts={"target": BANDWIDTH, "lookup": Lookup(others, NOW)}, **BROAD).call, CreatePolicy)
    mine = decide(facts={"target": BANDWIDTH, "lookup": Lookup((broad(),), NOW)}, **BROAD)
    assert mine.plan.record["external_id"] == "p-1"


def test_a_value_that_the_vendor_cannot_change_is_refused_and_the_rest_is_written() -> None:
    """ImmutableValue; the object is not up to date, and the difference is shown."""
    facts = {"target": BANDWIDTH, "seen": observed(broad(**{"huawei.bandwidth.id": "bw-2", "cooldownSeconds": 1}))}
    found = decide(AS_POLICY, facts=facts, cooldownSeconds=60, **BROAD)
    assert isinstance(found.call, UpdatePolicy)
    assert found.call.change.changed == {"cooldownSeconds": 60}
    assert found.says("Accepted") == ("False", "ImmutableValue")
    facts["seen"] = observed(broad(**{"huawei.bandwidth.id": "bw-2"}))
    rests = decide(AS_POLICY, facts=facts, **BROAD)
    assert (rests.call, rests.says("Synced")) == (None, ("False", "NotAccepted"))
    assert [d.path for d in rests.status.drift] == ["huawei.bandwidth.id"]


def test_a_policy_of_another_type_is_not_adopted() -> None:
    """What the cloud object lacks is not compared, so it would pass as up to date."""
    seen = cloud_policy(type="Alarm", fields={"alarm.alarmId": "al-1"})
    found = decide(facts={"seen": observed(seen)}, externalId="p-1")
    assert (found.plan.record, found.call) == ({}, None)
    assert found.says("Accepted") == ("False", "ImmutableValue")


def test_an_adopted_policy_does_not_become_a_task() -> None:
    """It would have to be deleted, and what is adopted is not ours to delete."""
    found = decide(AS_POLICY, facts={"seen": observed(cloud_policy())}, externalId="p-1", **TASK)
    assert (found.call, found.says("Accepted")) == (None, ("False", "ImmutableValue"))


# --- Simple ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("enabled", "reason"), [(True, "Emulated"), (False, "Disabled")])
def test_a_simple_policy_is_ready_without_a_cloud_object(enabled: bool, reason: str) -> None:
    """Nothing is called; who executes it reads its spec."""
    found = decide(enabled=enabled, **SIMPLE)
    assert (found.call, found.says("Ready"), found.status.cloud_object) == (None, ("True", reason), "None")
    again = decide({"cloudObject": "None", "observedGeneration": 3}, enabled=enabled, **SIMPLE)
    assert again.says("Synced") == ("True", "UpToDate")


def test_a_simple_policy_needs_its_group_and_a_right_spec() -> None:
    """As all others."""
    assert decide(facts={"target": NO_GROUP}, **SIMPLE).says("Ready") == ("False", "ReferencesNotResolved")
    wrong = decide(cooldownSeconds=9999, **SIMPLE)
    assert (wrong.says("Ready"), wrong.says("Synced")) == (("False", "NotAccepted"), ("False", "NotAccepted"))
    enforced = decide(facts={"target": GroupTarget("g-1", "web", enforced=True)}, **SIMPLE)
    assert enforced.says("Accepted") == ("False", "CapacityOwnershipConflict")
    assert enforced.events == ["CapacityOwnershipConflict"]


def test_a_simple_policy_is_deleted_without_anything() -> None:
    """No credentials, no group."""
    found = decide({}, GONE, {"account": NO_CREDENTIALS, "target": NO_GROUP, "restored": True}, **SIMPLE)
    assert isinstance(found.call, ReleaseFinalizer)


# --- deletion and lost states ----------------------------------------------------------------------------------------


def test_a_task_is_deleted_in_its_group() -> None:
    """The group is read off the task, so it is found without its object too."""
    for target in (GroupTarget("g-1", "web"), NO_GROUP):
        found = decide(AS_TASK, GONE, {"seen": observed(task(group_id="g-7")), "target": target}, **TASK)
        assert found.call == DeleteScheduledTask("g-7", "t-1")


@pytest.mark.parametrize(("restored", "released"), [(False, True), (True, False)])
def test_a_blank_status_without_an_account_is_believed_only_of_a_new_object(restored: bool, released: bool) -> None:
    """One that the operator had known may have a cloud object with our mark."""
    found = decide({}, GONE, {"account": NO_CREDENTIALS, "restored": restored})
    assert isinstance(found.call, ReleaseFinalizer) is released
    assert released or found.says("Deleting") == ("True", "BlockedByCredentials")
    assert released or found.status.operation.state == "Unknown"  # the next look knows it too


@pytest.mark.parametrize("facts", [{"account": NO_CREDENTIALS}, {"target": NO_GROUP}])
def test_the_doubt_about_a_lost_status_is_stored_until_a_look_up(facts: dict[str, Any]) -> None:
    """As a create without a known end; a new object, an adopted one and ObserveOnly give no reason for it."""
    known = {**facts, "restored": True}
    assert decide({}, facts=known).plan.record["operation"].state == "Unknown"
    assert decide({}, facts=known, paused=True).plan.record["operation"].state == "Unknown"
    assert decide({}, facts=facts).plan.record == {}
    assert decide({}, facts=known, externalId="p-1").plan.record == {}
    assert decide({}, facts=known, managementPolicy="ObserveOnly").plan.record == {}


def test_what_a_lost_status_had_made_is_adopted_and_not_made_twice() -> None:
    """The stored doubt ends with the look-up."""
    doubt = {"operation": {"id": "o", "type": "Create", "state": "Unknown", "startedAt": "2026-03-02T05:59:00Z"}}
    found = decide(doubt, facts={"lookup": Lookup((cloud_policy(),), NOW)})
    assert found.says("Adopted") == ("True", "AdoptedByMarker")
    assert decide(doubt, facts={"lookup": NOBODY}).call is None
    settled = {"lookup": Lookup((), later(120), later(-30)), "now": later(120)}
    assert isinstance(decide(doubt, facts=settled).call, CreatePolicy)


def test_observe_only_shows_that_the_cloud_object_is_switched_off() -> None:
    """As any other difference."""
    seen = observed(cloud_policy(enabled=False))
    found = decide(AS_POLICY, facts={"seen": seen}, managementPolicy="ObserveOnly")
    assert [d.path for d in found.status.drift] == ["enabled"]
