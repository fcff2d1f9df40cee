"""Sizes of a group: enabled, desired capacity in flight, bounds; and what is said besides."""

from __future__ import annotations

from typing import Any

import pytest
from core_samples import SETTLED, cloud_group, decide_group, group_facts, later, observed, scaling_group

from cloudscaling.core.calls import DisableGroup, EnableGroup, SetDesiredCapacity
from cloudscaling.core.facts import Unresolved, Untrusted
from cloudscaling.core.holding import Written, stop_loop
from cloudscaling.core.model import GroupState


def decide(status: dict[str, Any] | None = None, seen: Any = None, metadata: Any = None, **spec: Any) -> Any:
    resource = scaling_group({**SETTLED, **(status or {})}, metadata, **spec)
    return decide_group(group_facts(resource, seen=observed(seen or cloud_group())))


ENFORCED = {"capacityManagement": "Enforced"}

# --- D10 and D4 ------------------------------------------------------------------------------------------------------


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


def issued(from_: int, target: int, begun: str = "05:59:00") -> dict[str, Any]:
    operation = {"id": "op-0", "type": "SetDesiredCapacity", "state": "Issued", "from": from_, "target": target}
    return {"lastAppliedDesiredCapacity": 3, "operation": {**operation, "startedAt": f"2026-03-02T{begun}Z"}}


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


@pytest.mark.parametrize(
    "wish",
    [{"desiredCapacity": 8}, {"desiredCapacity": None}, {"desiredCapacity": 2, "minSize": 5}, {"desiredCapacity": 4}],
    ids=["taken back", "taken out", "excluded by the bounds", "another one"],
)
def test_d4_a_lost_scale_in_that_nobody_wants_any_more_is_not_repeated(wish: dict[str, Any]) -> None:
    """It is given up once the call can no longer be under way; what was applied before stands, and decides anew."""
    seen = cloud_group(desired=8, current=8)
    early = decide({**issued(8, 2), "lastAppliedDesiredCapacity": 8}, seen, **wish)
    assert (early.call, dict(early.plan.record)) == (None, {})
    assert early.says("Synced") == ("False", "OutcomeUnknown")
    assert early.plan.wait_s == 10
    late = decide({**issued(8, 2, begun="05:58:29"), "lastAppliedDesiredCapacity": 8}, seen, **wish)
    assert (late.call, dict(late.plan.record)) == (None, {"operation": None})


def test_d4_a_lost_scale_in_that_nobody_wants_any_more_does_not_wait_for_an_activity() -> None:
    """Only a repeat needs an idle group."""
    status = {**issued(8, 2, begun="05:58:29"), "lastAppliedDesiredCapacity": 8}
    found = decide(status, cloud_group(desired=8, current=5, busy=True), desiredCapacity=8)
    assert found.plan.record == {"operation": None}


def test_d4_a_wish_that_came_back_in_time_is_repeated() -> None:
    """Asked for, taken back, asked for again: it is wanted."""
    found = decide({**issued(8, 2), "lastAppliedDesiredCapacity": 8}, cloud_group(desired=8), desiredCapacity=2)
    assert found.call == SetDesiredCapacity("g-1", 2, "op-0")


def test_d4_a_deletion_does_not_repeat_a_lost_scale_in() -> None:
    """The sizes before it are stored, and the intent goes."""
    gone = {"deletionTimestamp": "2026-03-02T05:59:00Z"}
    found = decide({**issued(8, 2)}, cloud_group(desired=8), gone, desiredCapacity=2)
    assert found.call is None
    assert found.plan.record["operation"] is None
    assert found.plan.record["deletion"].original_desired_capacity == 8


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


# --- bounds ----------------------------------------------------------------------------------------------------------


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


# --- what else is said -----------------------------------------------------------------------------------------------


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


@pytest.mark.parametrize(
    ("used", "reason", "synced"),
    [
        ("lc", "LaunchConfigurationNotFound", ("True", "UpToDate")),
        ("old", "LaunchConfigurationNotFound", ("False", "ReferencesNotResolved")),
        (None, "LaunchConfigurationNotFound", ("False", "ReferencesNotResolved")),
        ("lc", "LaunchConfigurationNotCreated", ("False", "ReferencesNotResolved")),
    ],
    ids=["in use", "to be switched to", "unknown", "about to be made"],
)
def test_synced_names_a_missing_launch_configuration_only_while_a_write_waits_for_it(
    used: str | None, reason: str, synced: tuple[str, str]
) -> None:
    """ReferencesResolved says it always."""
    status = {**SETTLED, "launchConfiguration": {"name": used, "externalId": "lc-1"}}
    facts = group_facts(scaling_group(status), seen=observed(cloud_group()), launch=Unresolved(reason, "lc"))
    found = decide_group(facts)
    assert found.says("Synced") == synced
    assert found.says("ReferencesResolved") == ("False", reason)


def test_twins_are_reported_and_left_alone() -> None:
    """None is deleted."""
    facts = group_facts(scaling_group(SETTLED), seen=observed(cloud_group()), twins=("g-2",))
    found = decide_group(facts)
    assert found.call is None
    assert found.says("Synced") == ("False", "DuplicateFound")
    assert found.events == ["DuplicateFound"]


def test_w6_a_correction_of_an_enforced_size_counts_however_its_intent_is_named() -> None:
    """A size that the user has asked for, or asks for again, does not."""
    resource = scaling_group({**SETTLED, "lastAppliedDesiredCapacity": 5}, None, desiredCapacity=5, **ENFORCED)
    asked = scaling_group({**SETTLED, "lastAppliedDesiredCapacity": 2}, None, desiredCapacity=5)
    for one, counted in ((resource, 3), (asked, 0)):
        written = Written()
        for name in ("op-1", "op-2", "op-3"):
            call = decide_group(group_facts(one, seen=observed(cloud_group()), new_id=name)).call
            assert (call.desired, call.token) == (5, name)
            written = written.and_now(call, generation=3, now=later(1))
        plan = decide_group(group_facts(one, seen=observed(cloud_group()), new_id="op-4")).plan
        assert plan.step is not None
        assert written.times(plan.step.call) == counted
        held = stop_loop(plan, written, generation=3, now=later(2))
        assert (held.step is None, dict(held.record) == {}) == (bool(counted), bool(counted))


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
