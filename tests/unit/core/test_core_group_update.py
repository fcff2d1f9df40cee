"""An existing group: one write at a time, only what differs, only what may be written now."""

from __future__ import annotations

from typing import Any

import pytest
from core_samples import MARK, SETTLED, cloud_group, decide_group, group_facts, later, observed, scaling_group

from cloudscaling.core.common import Written, stop_loop
from cloudscaling.core.facts import Unresolved, Untrusted
from cloudscaling.core.model import GroupState
from cloudscaling.core.plan import DisableGroup, EnableGroup, SetDesiredCapacity, SetTags, UpdateGroup


def decide(status: dict[str, Any] | None = None, seen: Any = None, metadata: Any = None, **spec: Any) -> Any:
    resource = scaling_group({**SETTLED, **(status or {})}, metadata, **spec)
    return decide_group(group_facts(resource, seen=observed(seen or cloud_group())))


def test_a_group_as_wanted_is_left_alone() -> None:
    """A second look after success plans nothing."""
    found = decide()
    assert (found.call, found.plan.record) == (None, {})
    assert found.says("Synced") == ("True", "UpToDate")
    assert found.says("Reconciling") == found.says("Stalled") == ("", "")


def test_only_the_changed_fields_are_sent() -> None:
    """And nothing about the desired capacity."""
    found = decide(cooldownSeconds=60, maxSize=20)
    assert isinstance(found.call, UpdateGroup)
    assert found.call.change.changed == {"cooldownSeconds": 60, "maxSize": 20}
    assert found.call.change.desired is None
    assert found.call.change.marker == MARK
    assert found.says("Synced") == ("False", "Updating")
    assert {d.path for d in found.plan.drift} == {"cooldownSeconds", "maxSize"}


def test_a_field_that_is_not_given_is_neither_compared_nor_written() -> None:
    """Adoption changes nothing by surprise."""
    assert decide(seen=cloud_group(fields={"cooldownSeconds": 77})).call is None


def test_the_order_is_properties_tags_enabled_desired() -> None:
    """One call per look, always the first that is due."""
    status = {"lastAppliedDesiredCapacity": 2, "lastAppliedEnabled": False}
    spec = {"cooldownSeconds": 60, "tags": {"a": "1"}, "desiredCapacity": 5}
    off = {"state": GroupState.DISABLED, "fields": {}}
    assert isinstance(decide(status, cloud_group(**off), **spec).call, UpdateGroup)
    off = {"state": GroupState.DISABLED, "fields": {"cooldownSeconds": 60}}
    assert isinstance(decide(status, cloud_group(**off), **spec).call, SetTags)
    off = {"state": GroupState.DISABLED, "fields": {"cooldownSeconds": 60, "tags": {"a": "1"}}}
    assert isinstance(decide(status, cloud_group(**off), **spec).call, EnableGroup)
    status["lastAppliedEnabled"] = True
    seen = cloud_group(fields={"cooldownSeconds": 60, "tags": {"a": "1"}})
    assert isinstance(decide(status, seen, **spec).call, SetDesiredCapacity)


# --- when a field may be written ----------------------------------------------------------------------------------------


def test_mi_fields_wait_for_an_idle_group_and_say_so() -> None:
    """No Warning; the drift names the field."""
    spec = {"network": {"zones": ["b"]}}
    found = decide(seen=cloud_group(busy=True), **spec)
    assert found.call is None
    assert found.says("Synced") == ("False", "WaitingForActivity")
    assert [d.path for d in found.status.drift] == ["network.zones"]
    assert found.plan.wait_s == 10
    assert isinstance(decide(**spec).call, UpdateGroup)


@pytest.mark.parametrize(
    ("seen", "writes"),
    [
        ({}, False),
        ({"state": GroupState.DISABLED}, False),
        ({"current": 0}, False),
        ({"state": GroupState.DISABLED, "current": 0, "busy": True}, False),
        ({"state": GroupState.DISABLED, "current": 0}, True),
    ],
    ids=["running", "disabled", "empty", "busy", "disabled, empty and idle"],
)
def test_me_fields_need_a_disabled_empty_idle_group(seen: dict[str, Any], writes: bool) -> None:
    """The other writes do not wait for them."""
    found = decide({"lastAppliedEnabled": True}, cloud_group(**seen), network={"subnetIds": ["net-b"]})
    assert isinstance(found.call, UpdateGroup) is writes
    if not writes:
        assert found.says("Synced")[0] == "False"


def test_iv_fields_are_refused_and_named() -> None:
    """Accepted=False/ImmutableValue, the rest goes on."""
    found = decide(network={"vpcId": "vpc-b"})
    assert found.call is None
    assert found.says("Accepted") == ("False", "ImmutableValue")
    assert found.says("Synced") == ("False", "NotAccepted")
    assert found.says("Stalled") == ("True", "ImmutableValue")
    assert [d.path for d in found.status.drift] == ["network.vpcId"]
    both = decide(network={"vpcId": "vpc-b"}, cooldownSeconds=60)
    assert both.call.change.changed == {"cooldownSeconds": 60}
    assert both.says("Accepted") == ("False", "ImmutableValue")


# --- W4 -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        ({"terminationPolicies": ["OldestInstance"]}, "Unsupported"),
        ({"lifecycleHooks": [{"name": "drain", "transition": "Terminating"}]}, "NotImplemented"),
        ({"maxSize": 301}, "InvalidValue"),
    ],
)
def test_w4_a_refused_field_is_not_written_but_all_others_are(spec: dict[str, Any], reason: str) -> None:
    """Sizes included."""
    found = decide({"lastAppliedDesiredCapacity": 3}, desiredCapacity=5, **spec)
    assert found.call == SetDesiredCapacity("g-1", 5, "op-1")
    assert found.says("Accepted") == ("False", reason)
    settled = decide({"lastAppliedDesiredCapacity": 3}, desiredCapacity=3, **spec)
    assert settled.call is None
    assert settled.says("Synced") == ("False", "NotAccepted")


def test_w4_refused_tags_take_no_tag_away() -> None:
    """A field that is refused is not written, so nothing is pruned either."""
    seen = cloud_group(fields={"tags": {"a": "1"}})
    found = decide({"managed": {"tagKeys": ["a"]}}, seen, tags={"a": "1", "b": "2", "c": "3"})
    assert found.says("Accepted") == ("False", "InvalidValue")
    assert found.call is None


def test_a_wrong_vendor_block_forbids_every_write() -> None:
    """Nothing of the object is written, not even its size."""
    found = decide({"lastAppliedDesiredCapacity": 3}, desiredCapacity=5, cooldownSeconds=60, otc={"description": "x"})
    assert (found.call, found.plan.record) == (None, {})
    assert found.says("Accepted") == ("False", "VendorBlockMismatch")


# --- tags ---------------------------------------------------------------------------------------------------------------


def test_only_tags_of_ours_are_pruned() -> None:
    """Tags made by others stay."""
    seen = cloud_group(fields={"tags": {"old": "1", "foreign": "2", "a": "0"}})
    found = decide({"managed": {"tagKeys": ["old"]}}, seen, tags={"a": "1"})
    assert found.call == SetTags("g-1", {"a": "1"}, ("old",))


def test_a_key_that_was_pruned_is_ours_no_longer() -> None:
    """Somebody else may use it later."""
    found = decide({"managed": {"tagKeys": ["old"]}}, cloud_group(fields={"tags": {}}))
    assert found.call is None
    assert found.status.managed.tag_keys == ()
    seen = cloud_group(fields={"tags": {"old": "of the console"}})
    assert decide({"managed": {"tagKeys": []}}, seen).call is None


def test_a_missing_ownership_tag_is_put_back() -> None:
    """Even without tags in the spec; a foreign one is left alone."""
    assert decide(seen=cloud_group(owner_tag="")).call == SetTags("g-1", {"cso-owner": MARK})
    assert decide(seen=cloud_group(owner_tag="zzzzzzzzzz")).call is None


# --- D10 and D4 ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("applied", "wanted", "state", "call"),
    [
        (None, True, GroupState.DISABLED, None),
        (True, False, GroupState.ACTIVE, DisableGroup("g-1")),
        (False, True, GroupState.DISABLED, EnableGroup("g-1")),
        (True, True, GroupState.DISABLED, None),
        (False, False, GroupState.ACTIVE, None),
        (True, False, GroupState.DISABLED, None),
    ],
)
def test_d10_enabled_is_written_once_per_change(
    applied: bool | None, wanted: bool, state: GroupState, call: Any
) -> None:
    """Absent: recorded. An external change: only reported."""
    found = decide({"lastAppliedEnabled": applied}, cloud_group(state=state), enabled=wanted)
    assert found.call == call
    if call is None and applied != wanted:
        assert found.plan.record["last_applied_enabled"] is wanted


def issued(from_: int, target: int) -> dict[str, Any]:
    operation = {"id": "op-0", "type": "SetDesiredCapacity", "state": "Issued", "from": from_, "target": target}
    return {"lastAppliedDesiredCapacity": 3, "operation": {**operation, "startedAt": "2026-03-02T05:59:00Z"}}


def test_d2_the_intent_of_a_new_size_is_stored_before_the_call() -> None:
    """With what was seen and what is asked."""
    found = decide({"lastAppliedDesiredCapacity": 3}, desiredCapacity=5)
    operation = found.plan.record["operation"]
    assert (operation.from_, operation.target, operation.state) == (3, 5, "Issued")
    assert found.plan.step.after == {"operation": None, "last_applied_desired_capacity": 5, "capacity_held": None}
    assert found.plan.step.refused["operation"] is None


@pytest.mark.parametrize(
    ("seen", "call", "applied"),
    [(5, False, 5), (3, True, None), (7, False, 5)],
    ids=["arrived", "not yet", "moved by others since"],
)
def test_d4_a_lost_reply_is_repeated_only_while_nothing_has_moved(seen: int, call: bool, applied: int | None) -> None:
    """Otherwise it counts as applied."""
    found = decide(issued(3, 5), cloud_group(desired=seen), desiredCapacity=5)
    assert isinstance(found.call, SetDesiredCapacity) is call
    if not call:
        assert found.plan.record["last_applied_desired_capacity"] == applied
        assert found.plan.record["operation"] is None


def test_d4_a_clamped_wish_counts_as_applied_too() -> None:
    """Otherwise a move by a policy after the lost reply would be overwritten."""
    found = decide(issued(3, 10), cloud_group(desired=7), desiredCapacity=50)
    assert found.plan.record["last_applied_desired_capacity"] == 50


def test_d4_a_newer_wish_waits_for_the_one_in_flight() -> None:
    """First the call in flight is settled, then the newer wish is a change."""
    found = decide(issued(3, 5), cloud_group(desired=5), desiredCapacity=8)
    assert found.call is None
    assert found.plan.record["last_applied_desired_capacity"] == 5


def test_d4_nothing_is_repeated_under_observe_only() -> None:
    """Reads only."""
    found = decide(issued(3, 5), cloud_group(desired=3), desiredCapacity=5, managementPolicy="ObserveOnly")
    assert found.call is None


@pytest.mark.parametrize("status", [issued(3, 5), {"lastAppliedDesiredCapacity": 3}])
def test_a_size_waits_for_a_running_activity(status: dict[str, Any]) -> None:
    """Waiting is no error."""
    found = decide(status, cloud_group(busy=True), desiredCapacity=5)
    assert found.call is None
    assert found.says("Synced") == ("False", "WaitingForActivity")


def test_a_reapply_annotation_is_obeyed_once() -> None:
    """The token is stored with the intent."""
    annotation = {"annotations": {"cloudscaling.dev/reapply-desired-capacity": "t2"}}
    status = {"lastAppliedDesiredCapacity": 3, "lastAppliedDesiredCapacityToken": "t1"}
    found = decide(status, cloud_group(desired=7), annotation, desiredCapacity=3)
    assert found.call == SetDesiredCapacity("g-1", 3, "op-1")
    assert found.plan.record["last_applied_desired_capacity_token"] == "t2"
    assert found.plan.step.refused["last_applied_desired_capacity_token"] == "t1"


# --- bounds -------------------------------------------------------------------------------------------------------------


def test_d8_bounds_that_exclude_the_observed_size_move_it_in_the_same_call() -> None:
    """One call writes all three."""
    found = decide(seen=cloud_group(desired=8), maxSize=5)
    assert found.call.change.changed == {"maxSize": 5}
    assert found.call.change.desired == 5


def test_d8_bounds_that_fit_do_not_touch_the_size() -> None:
    """Desired capacity only where it must."""
    assert decide(seen=cloud_group(desired=4), maxSize=5).call.change.desired is None


@pytest.mark.parametrize("lost", [{"lastAppliedDesiredCapacity": None}, {"capacityHeld": True}])
def test_lost_status_never_scales_in_by_bounds(lost: dict[str, Any]) -> None:
    """Bounds below an unexplained size wait for a wish of the user."""
    seen = cloud_group(desired=15, max_size=20, fields={"maxSize": 20})
    found = decide({**lost, "lastAppliedBounds": {"minSize": 1, "maxSize": 10}}, seen)
    assert found.call is None
    if "capacityHeld" in lost:
        assert found.says("Synced") == ("False", "DriftObserved")
        changed = decide({**lost, "lastAppliedBounds": {"minSize": 1, "maxSize": 12}}, seen)
        assert changed.call.change.desired == 10


# --- what else is said --------------------------------------------------------------------------------------------------


def test_an_untrusted_read_writes_nothing_and_keeps_the_last_word() -> None:
    """One failed page patches nothing."""
    resource = scaling_group({**SETTLED, "lastAppliedDesiredCapacity": 1}, desiredCapacity=9, cooldownSeconds=60)
    found = decide_group(group_facts(resource, seen=Untrusted("truncated", 5.0)))
    assert (found.call, found.plan.record, found.plan.synced) == (None, {}, None)


def test_a_missing_launch_configuration_is_waited_for_and_nothing_else_is_held_up() -> None:
    """The group keeps the one that it has."""
    resource = scaling_group(SETTLED, cooldownSeconds=60)
    missing = Unresolved("LaunchConfigurationNotFound", "gone")
    found = decide_group(group_facts(resource, seen=observed(cloud_group()), launch=missing))
    assert found.call.change.changed == {"cooldownSeconds": 60}
    assert found.says("ReferencesResolved") == ("False", "LaunchConfigurationNotFound")


def test_twins_are_reported_and_left_alone() -> None:
    """None is deleted."""
    facts = group_facts(scaling_group(SETTLED), seen=observed(cloud_group()), twins=("g-2",))
    found = decide_group(facts)
    assert found.call is None
    assert found.says("Synced") == ("False", "DuplicateFound")
    assert found.events == ["DuplicateFound"]


def test_w6_the_fourth_write_of_the_same_difference_waits_half_an_hour_and_then_goes() -> None:
    """UpdateLoop; a spec change ends it at once."""
    resource = scaling_group(SETTLED, cooldownSeconds=60)
    plan = decide_group(group_facts(resource, seen=observed(cloud_group()))).plan
    assert plan.step is not None
    written = Written()
    for second in range(3):
        assert stop_loop(plan, written, generation=3, now=later(second)).step is not None
        written = written.and_now(plan.step.call, generation=3, now=later(second))
    held = stop_loop(plan, written, generation=3, now=later(3))
    assert held.step is None
    assert held.synced is not None
    assert held.synced.reason == "UpdateLoop"
    assert held.wait_s is not None
    assert held.wait_s <= 1800
    assert stop_loop(plan, written, generation=4, now=later(3)).step is not None
    assert stop_loop(plan, written, generation=3, now=later(1803)).step is not None
