"""Who may move the desired capacity: the rules D1 to D6 and D9, one by one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given

from cloudscaling.core.group.capacity import NONE_ASKED, Decision, View, clamp, decide

BASE = View(want=3, applied=3, seen=3, min_size=1, max_size=10, enforced=False, held=False)
VIEWS = st.builds(
    View,
    want=st.one_of(st.none(), st.integers(0, 12)),
    applied=st.one_of(st.none(), st.integers(-1, 12)),
    seen=st.integers(0, 12),
    min_size=st.integers(0, 5),
    max_size=st.integers(5, 10),
    enforced=st.booleans(),
    held=st.booleans(),
    token=st.sampled_from(["", "a", "b"]),
    applied_token=st.sampled_from(["", "a", "b"]),
    moved_by=st.sampled_from(["", "a policy"]),
    may_write=st.booleans(),
)


def view(**changes: Any) -> View:
    return replace(BASE, **changes)


def drift(decision: Decision) -> tuple[str, str]:
    return decision.drifted.status, decision.drifted.reason


def test_d1_first_sight_records_the_wish_without_a_write() -> None:
    """An adopted or restored group keeps its size."""
    found = decide(view(applied=None))
    assert found.write is None
    assert found.record["last_applied_desired_capacity"] == 3
    assert "capacity_held" not in found.record
    assert drift(found) == ("False", "AsApplied")


@pytest.mark.parametrize("seen", [2, 9], ids=["smaller", "larger"])
@pytest.mark.parametrize("enforced", [False, True])
def test_d1_first_sight_of_another_size_holds_the_capacity(seen: int, enforced: bool) -> None:
    """Even an Enforced group waits for a wish."""
    found = decide(view(applied=None, seen=seen, enforced=enforced))
    assert found.write is None
    assert found.record["capacity_held"] is True
    assert drift(found) == ("True", "ExternallyScaled")


def test_d1_first_sight_takes_over_the_token() -> None:
    """An old annotation on a restored object asks for nothing."""
    found = decide(view(applied=None, seen=9, token="old"))
    assert found.record["last_applied_desired_capacity_token"] == "old"


@pytest.mark.parametrize("seen", [0, 11], ids=["below", "above"])
def test_d1_a_size_outside_of_the_bounds_is_held_even_without_a_wish(seen: int) -> None:
    """Bounds alone must not destroy instances after a lost status."""
    found = decide(view(applied=None, want=None, seen=seen))
    assert (found.write, found.seed) == (None, None)
    assert found.record["capacity_held"] is True


@pytest.mark.parametrize("change", [{"want": 4}, {"token": "again"}, {"seen": 3}], ids=["wish", "token", "agreement"])
def test_d1_the_hold_ends_with_a_wish_a_token_or_agreement(change: dict[str, Any]) -> None:
    """Nothing else ends it."""
    found = decide(view(seen=9, held=True) if "seen" not in change else view(held=True))
    if "seen" in change:
        assert found.record == {"capacity_held": None}
    else:
        assert found.record == {}
        assert decide(replace(view(seen=9, held=True), **change)).write is not None


def test_d2_a_new_wish_is_written_once() -> None:
    """Clamped into the bounds."""
    assert decide(view(want=5)).write == 5
    assert decide(view(want=50)).write == 10
    assert decide(view(want=50)).clamped_from == 50


def test_d2_a_wish_that_is_already_fulfilled_is_only_recorded() -> None:
    """Nothing is sent."""
    found = decide(view(want=5, seen=5))
    assert found.write is None
    assert found.record["last_applied_desired_capacity"] == 5
    assert found.record["capacity_held"] is None


def test_d2_an_unchanged_wish_is_never_written_again() -> None:
    """A resync, a restart or another field's change is no wish."""
    assert decide(view(seen=7)).write is None


def test_d2_a_new_token_applies_the_same_wish_again() -> None:
    """kubectl scale to the value in the spec is no change, the annotation is."""
    found = decide(view(seen=7, token="2", applied_token="1"))
    assert found.write == 3
    assert decide(view(seen=7, token="1", applied_token="1")).write is None


def test_d3_a_wish_taken_out_is_recorded_and_not_written() -> None:
    """Set again it is a change."""
    found = decide(view(want=None, seen=7))
    assert found.write is None
    assert found.record == {"last_applied_desired_capacity": NONE_ASKED}
    assert drift(found) == ("False", "NotManaged")
    assert decide(view(want=3, applied=NONE_ASKED, seen=7)).write == 3


def test_d5_a_move_by_a_policy_is_explained() -> None:
    """No drift and no write."""
    found = decide(view(seen=7, moved_by="a policy"))
    assert found.write is None
    assert drift(found) == ("False", "ScaledByPolicy")


def test_d5_an_unexplained_move_is_drift() -> None:
    """Reported and left alone."""
    found = decide(view(seen=7))
    assert found.write is None
    assert drift(found) == ("True", "ExternallyScaled")


def test_d6_enforced_writes_back() -> None:
    """A policy is no excuse."""
    assert decide(view(seen=7, enforced=True)).write == 3
    assert decide(view(seen=7, enforced=True, moved_by="a policy")).write == 3


def test_d6_enforced_but_held_waits() -> None:
    """A lost status does not turn into a write."""
    found = decide(view(seen=7, enforced=True, held=True))
    assert found.write is None
    assert drift(found) == ("True", "ExternallyScaled")


def test_d6_enforced_without_a_wish_gets_one_from_the_cloud() -> None:
    """Seeded through /scale with what is observed."""
    assert decide(view(want=None, applied=NONE_ASKED, seen=7, enforced=True)).seed == 7


@pytest.mark.parametrize("change", [{"may_write": False}, {"enforced": False}, {"seen": 11}])
def test_d6_no_seed_under_observe_only_on_change_or_outside_of_the_bounds(change: dict[str, Any]) -> None:
    """A seed outside of the bounds would be a scale-in by the back door."""
    base = view(want=None, applied=NONE_ASKED, seen=7, enforced=True)
    assert decide(replace(base, **change)).seed is None


def test_observe_only_never_writes_a_wish() -> None:
    """It is drift until the object is Full again."""
    found = decide(view(want=5, may_write=False))
    assert found.write is None
    assert found.record == {}
    assert drift(found) == ("True", "ExternallyScaled")


@given(VIEWS)
def test_a_write_is_always_inside_of_the_bounds_and_changes_something(found: View) -> None:
    """Whatever the state."""
    decision = decide(found)
    if decision.write is not None:
        assert found.min_size <= decision.write <= found.max_size
        assert decision.write != found.seen
        assert found.may_write
        assert found.want is not None
        assert decision.write == clamp(found.want, found.min_size, found.max_size)


@given(VIEWS)
def test_lost_status_never_scales(found: View) -> None:
    """Without a record nothing is written or seeded, in any combination."""
    decision = decide(replace(found, applied=None))
    assert (decision.write, decision.seed) == (None, None)


@given(VIEWS)
def test_lost_status_stays_harmless_after_it_was_recorded(found: View) -> None:
    """The next look, with the record in place, writes nothing either."""
    first = decide(replace(found, applied=None, held=False))
    again = replace(
        found,
        applied=first.record["last_applied_desired_capacity"],
        applied_token=first.record["last_applied_desired_capacity_token"] or "",
        held=bool(first.record.get("capacity_held")),
    )
    assert decide(again).write is None


@given(VIEWS)
def test_a_second_look_after_the_write_plans_nothing(found: View) -> None:
    """Idempotence of the rules."""
    decision = decide(found)
    if decision.write is None:
        return
    after = replace(found, seen=decision.write, applied=found.want, applied_token=found.token, held=False)
    assert decide(after).write is None
    assert decide(after).record == {}
