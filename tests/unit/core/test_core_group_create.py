"""Creation of a group: look up, store the intent, call, store the id, further stages; and every way it can break."""

from __future__ import annotations

from typing import Any

import pytest
from core_samples import (
    GROUP_OWNER,
    MARK,
    NOW,
    cloud_group,
    decide_group,
    group_facts,
    later,
    observed,
    scaling_group,
    setback,
)

from cloudscaling.core.calls import CreateGroup, EnableGroup, SetTags
from cloudscaling.core.facts import Lookup, Unresolved, Untrusted
from cloudscaling.core.model import GroupState
from cloudscaling.core.plan import RESULT

ISSUED = {
    "operation": {"id": "op-0", "type": "Create", "state": "Issued", "startedAt": "2026-03-02T05:50:00Z", "target": 4}
}
NOBODY: Lookup[Any] = Lookup((), NOW)


def missed(first: float, taken: float = 0.0) -> Lookup[Any]:
    """A miss at `taken`, after a first one at `first` seconds."""
    return Lookup((), later(taken), later(first))


def test_nothing_is_done_before_the_finalizer_is_stored() -> None:
    """Otherwise a deletion could pass us by."""
    found = decide_group(group_facts(scaling_group(), finalizer_stored=False, lookup=NOBODY))
    assert found.call is None
    assert found.says("Synced") == ("False", "Creating")


def test_a_group_that_nobody_made_is_created_with_a_stored_intent() -> None:
    """The record goes first, then the call, then the id."""
    found = decide_group(group_facts(scaling_group(desiredCapacity=4), lookup=NOBODY))
    assert isinstance(found.call, CreateGroup)
    assert found.call.new.desired == 4
    assert found.call.new.marker == MARK
    assert found.call.token == "op-1"
    assert found.call.new.fields["externalName"] == GROUP_OWNER.cloud_name
    assert found.call.new.fields["launchConfigurationRef"] == "lc-1"
    operation = found.plan.record["operation"]
    assert (operation.id, operation.type, operation.state, operation.target) == ("op-1", "Create", "Issued", 4)
    assert found.plan.step is not None
    assert found.plan.step.after["external_id"] is RESULT
    assert found.plan.step.refused == {"operation": None}
    assert found.says("Ready") == ("False", "Creating")
    assert found.says("Reconciling") == ("True", "Creating")


@pytest.mark.parametrize(("want", "size"), [(None, 1), (4, 4), (0, 1), (40, 10)])
def test_the_first_size_is_the_wish_within_the_bounds_or_the_minimum(want: int | None, size: int) -> None:
    """D1."""
    found = decide_group(group_facts(scaling_group(desiredCapacity=want), lookup=NOBODY))
    assert found.call.new.desired == size


def test_tags_are_left_to_the_second_call() -> None:
    """The ownership tag needs one anyway."""
    found = decide_group(group_facts(scaling_group(tags={"team": "web"}), lookup=NOBODY))
    assert "tags" not in found.call.new.fields


@pytest.mark.parametrize("lookup", [None, Untrusted("truncated", 7.0)])
def test_an_untrusted_lookup_creates_nothing(lookup: Any) -> None:
    """A failed list is never "nobody made it"."""
    found = decide_group(group_facts(scaling_group(), lookup=lookup))
    assert found.call is None
    assert found.plan.record == {}


def test_a_missing_launch_configuration_keeps_the_group_from_being_created() -> None:
    """It says which."""
    missing = Unresolved("LaunchConfigurationNotCreated", "lc has no revision yet")
    found = decide_group(group_facts(scaling_group(), lookup=NOBODY, launch=missing))
    assert found.call is None
    assert found.says("ReferencesResolved") == ("False", "LaunchConfigurationNotCreated")
    assert found.says("Synced") == ("False", "ReferencesNotResolved")
    assert found.says("Ready") == ("False", "ReferencesNotResolved")


def test_a_wish_outside_the_bounds_is_clamped_at_creation_and_told() -> None:
    """Bounds may have been lowered below the wish before the group was made, or made again."""
    found = decide_group(group_facts(scaling_group(desiredCapacity=20), lookup=NOBODY))
    assert found.call.new.desired == 10
    assert found.said == ["DesiredClamped", "Created"]
    assert decide_group(group_facts(scaling_group(desiredCapacity=3), lookup=NOBODY)).said == ["Created"]


def test_a_spec_that_is_not_accepted_is_not_created() -> None:
    """W4 before creation."""
    found = decide_group(group_facts(scaling_group(cooldownSeconds=9999), lookup=NOBODY))
    assert found.call is None
    assert found.says("Accepted") == ("False", "InvalidValue")
    assert found.says("Ready") == ("False", "NotAccepted")
    assert found.says("Stalled") == ("True", "InvalidValue")
    assert found.events == ["InvalidSpec"]


def test_observe_only_creates_nothing() -> None:
    """It says that there is nothing to observe."""
    found = decide_group(group_facts(scaling_group(managementPolicy="ObserveOnly"), lookup=NOBODY))
    assert found.call is None
    assert found.says("Synced") == ("False", "DriftObserved")


# --- after a crash or a lost reply -----------------------------------------------------------------------------------


def test_a_group_with_our_mark_after_a_crash_is_ours_as_if_the_reply_had_come() -> None:
    """No Adopted condition, the stages go on."""
    facts = group_facts(scaling_group(ISSUED), lookup=Lookup((cloud_group(),), NOW))
    found = decide_group(facts)
    assert found.call is None
    assert found.plan.record["external_id"] == "g-1"
    assert found.plan.record["operation"].stage == "Created"
    assert found.says("Adopted") == ("", "")
    assert found.events == ["Created"]


def test_an_id_that_is_named_while_a_create_is_open_waits_for_its_outcome() -> None:
    """What the create has made is ours, and would be forgotten beside the adopted group."""
    resource = scaling_group(ISSUED, externalId="theirs")
    waiting = decide_group(group_facts(resource, lookup=missed(-20)))
    assert (waiting.call, waiting.says("Synced")) == (None, ("False", "OutcomeUnknown"))
    made = decide_group(group_facts(resource, lookup=Lookup((cloud_group(),), NOW)))
    assert made.plan.record["external_id"] == "g-1"
    nothing = decide_group(group_facts(resource, lookup=missed(-31)))
    assert (nothing.call, dict(nothing.plan.record)) == (None, {"operation": None})


def test_a_group_that_was_made_before_another_was_named_stays_the_one_of_its_object() -> None:
    """It is kept as wanted, goes with its object, and the named one is refused."""
    made = {"externalId": "g-1", "lastAppliedDesiredCapacity": -1, "lastAppliedEnabled": True}
    facts = group_facts(scaling_group(made, externalId="theirs", cooldownSeconds=60), seen=observed(cloud_group()))
    found = decide_group(facts)
    assert found.call.change.changed == {"cooldownSeconds": 60}
    assert found.says("Accepted") == ("False", "ImmutableValue")
    assert found.status.deletion_policy == "Delete"


@pytest.mark.parametrize(
    ("lookup", "again"),
    [
        (NOBODY, False),
        (missed(-600), True),
        (missed(-20), False),
        (missed(-31), True),
    ],
    ids=["first miss", "two misses", "too close", "far enough"],
)
def test_a_lost_create_is_repeated_only_after_two_misses(lookup: Lookup[Any], again: bool) -> None:
    """At least 30 s apart, and the call can no longer arrive."""
    found = decide_group(group_facts(scaling_group(ISSUED), lookup=lookup))
    assert isinstance(found.call, CreateGroup) is again
    if not again:
        assert found.says("Synced") == ("False", "OutcomeUnknown")
        assert found.plan.wait_s is not None
        assert found.plan.wait_s <= 10


def test_a_lost_create_is_not_repeated_while_it_can_still_arrive() -> None:
    """startedAt + request timeout + 60 s."""
    young = {"operation": {**ISSUED["operation"], "startedAt": "2026-03-02T05:58:31Z"}}
    assert decide_group(group_facts(scaling_group(young), lookup=missed(-60))).call is None
    old = {"operation": {**ISSUED["operation"], "startedAt": "2026-03-02T05:58:30Z"}}
    assert isinstance(decide_group(group_facts(scaling_group(old), lookup=missed(-60))).call, CreateGroup)


def test_a_repeated_create_keeps_its_id_and_counts() -> None:
    """The id is the client token where a vendor takes one."""
    found = decide_group(group_facts(scaling_group(ISSUED), lookup=missed(-600)))
    operation = found.plan.record["operation"]
    assert (operation.id, operation.attempts, operation.started_at) == ("op-0", 1, NOW)


def test_a_lost_create_is_not_repeated_for_a_spec_that_is_no_longer_accepted() -> None:
    """W4 holds for the second call as for the first."""
    facts = group_facts(scaling_group(ISSUED, cooldownSeconds=9999), lookup=missed(-600))
    found = decide_group(facts)
    assert found.call is None
    assert found.says("Synced") == ("False", "NotAccepted")


def test_a_lost_create_is_not_repeated_without_its_launch_configuration() -> None:
    """A reference that went away meanwhile is waited for."""
    missing = Unresolved("LaunchConfigurationNotFound", "gone")
    found = decide_group(group_facts(scaling_group(ISSUED), lookup=missed(-600), launch=missing))
    assert found.call is None
    assert found.says("Synced") == ("False", "ReferencesNotResolved")


def test_a_recent_failure_of_the_same_spec_holds_the_create_back_and_stores_no_intent() -> None:
    """An intent without a call would block for minutes."""
    found = decide_group(group_facts(scaling_group(), lookup=NOBODY, setback=setback("QuotaExceeded")))
    assert found.call is None
    assert found.plan.record == {}
    assert found.says("Synced") == ("False", "QuotaExceeded")
    assert found.says("Stalled") == ("True", "QuotaExceeded")


@pytest.mark.parametrize("recent", [setback(generation=2), setback(seconds=-1)], ids=["older spec", "over"])
def test_a_failure_of_an_older_spec_or_one_that_is_over_holds_nothing_back(recent: Any) -> None:
    """Retry on spec change or after the time."""
    assert isinstance(decide_group(group_facts(scaling_group(), lookup=NOBODY, setback=recent)).call, CreateGroup)


# --- the stages after the call ---------------------------------------------------------------------------------------

MADE = {"externalId": "g-1", "operation": {**ISSUED["operation"], "stage": "Created"}}


def fresh(**changes: Any) -> Any:
    return observed(cloud_group(state=GroupState.DISABLED, owner_tag="", desired=4, current=0, **changes))


def test_the_ownership_tag_comes_first_together_with_the_tags_of_the_spec() -> None:
    """The keys are remembered before they are put."""
    found = decide_group(group_facts(scaling_group(MADE, tags={"team": "web"}), seen=fresh()))
    assert found.call == SetTags("g-1", {"cso-owner": MARK, "team": "web"})
    assert found.plan.record["managed"].tag_keys == ("team",)
    assert found.says("Ready") == ("False", "Creating")


def test_then_it_is_enabled_and_the_create_ends() -> None:
    """The end records what was applied."""
    seen = observed(cloud_group(state=GroupState.DISABLED, desired=4, current=0))
    found = decide_group(group_facts(scaling_group(MADE, desiredCapacity=4), seen=seen))
    assert found.call == EnableGroup("g-1")
    assert found.plan.step is not None
    assert found.plan.step.after == {
        "operation": None,
        "last_applied_desired_capacity": 4,
        "last_applied_enabled": True,
    }


@pytest.mark.parametrize(("want", "applied"), [(4, 4), (None, -1)])
def test_a_disabled_spec_ends_the_create_without_enabling(want: int | None, applied: int) -> None:
    """spec.enabled is false."""
    seen = observed(cloud_group(state=GroupState.DISABLED, desired=4, current=0))
    found = decide_group(group_facts(scaling_group(MADE, enabled=False, desiredCapacity=want), seen=seen))
    assert found.call is None
    assert found.plan.record["last_applied_enabled"] is False
    assert found.plan.record["last_applied_desired_capacity"] == applied


def test_a_crash_after_enabling_is_resumed_from_what_is_seen() -> None:
    """No second enable; the wish that the create carried counts as applied."""
    found = decide_group(group_facts(scaling_group(MADE, desiredCapacity=4), seen=observed(cloud_group())))
    assert found.call is None
    assert found.plan.record["operation"] is None
    assert found.plan.record["last_applied_desired_capacity"] == 4


def test_the_stages_write_nothing_under_observe_only() -> None:
    """Even if the policy changed in the middle of the creation."""
    found = decide_group(group_facts(scaling_group(MADE, managementPolicy="ObserveOnly"), seen=fresh()))
    assert found.call is None


def test_the_stages_wait_for_a_trusted_read() -> None:
    """Nothing is derived from a failed one."""
    found = decide_group(group_facts(scaling_group(MADE), seen=Untrusted("timeout", 3.0)))
    assert (found.call, found.plan.record, found.plan.wait_s) == (None, {}, 3.0)


# --- who is it -------------------------------------------------------------------------------------------------------


def test_without_an_intent_a_marked_group_is_adopted() -> None:
    """A restored object finds its group again."""
    found = decide_group(group_facts(scaling_group(), lookup=Lookup((cloud_group(),), NOW)))
    assert found.plan.record["external_id"] == "g-1"
    assert found.says("Adopted") == ("True", "AdoptedByMarker")


@pytest.mark.parametrize("mark", [{"marker": MARK, "owner_tag": ""}, {"marker": "", "owner_tag": MARK, "name": "x"}])
def test_either_mark_is_enough(mark: dict[str, str]) -> None:
    """Description or tag."""
    found = decide_group(group_facts(scaling_group(), lookup=Lookup((cloud_group(**mark),), NOW)))
    assert found.plan.record["external_id"] == "g-1"


def test_of_several_marked_groups_the_oldest_is_used() -> None:
    """The others are only listed."""
    young, old = cloud_group(id="a", created_at=later(9)), cloud_group(id="b", created_at=later(1))
    found = decide_group(group_facts(scaling_group(), lookup=Lookup((young, old), NOW)))
    assert found.plan.record["external_id"] == "b"


def test_a_marked_group_that_is_being_deleted_is_waited_for() -> None:
    """Neither adopted nor doubled."""
    going = cloud_group(state=GroupState.DELETING)
    found = decide_group(group_facts(scaling_group(), lookup=Lookup((going,), NOW)))
    assert found.call is None
    assert found.says("Synced") == ("False", "WaitingForActivity")


@pytest.mark.parametrize("foreign", [{"marker": "zzzzzzzzzz"}, {"marker": "", "owner_tag": "zzzzzzzzzz"}])
def test_an_explicit_name_with_a_foreign_mark_is_a_conflict(foreign: dict[str, str]) -> None:
    """Either mark of another owner."""
    row = cloud_group(name="mine", **{"owner_tag": "", **foreign})
    found = decide_group(group_facts(scaling_group(externalName="mine"), lookup=Lookup((row,), NOW)))
    assert found.call is None
    assert found.says("Synced") == ("False", "NameConflict")
    assert found.events == ["NameConflict"]


def test_an_explicit_name_that_an_unmarked_group_bears_is_no_hit() -> None:
    """Names are not unique; the mark in the description is the second proof."""
    row = cloud_group(name="mine", marker="", owner_tag="")
    found = decide_group(group_facts(scaling_group(externalName="mine"), lookup=Lookup((row,), NOW)))
    assert isinstance(found.call, CreateGroup)
