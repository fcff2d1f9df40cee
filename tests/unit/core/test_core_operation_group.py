"""Actions on the group as a whole."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from core_samples import NOW, UID, cloud_group, later, observed
from operation_samples import Rig, decide, facts, instances, iop, rig

from cloudscaling import errors
from cloudscaling.api.v1alpha1.scalingpolicy_parts import Adjustment
from cloudscaling.core.calls import ExecutePolicy, SetDesiredCapacity
from cloudscaling.core.facts import Unresolved
from cloudscaling.core.model import (
    Activity,
    ActivityStatus,
    ActivityType,
    Execution,
)
from cloudscaling.core.operation.facts import PolicyTarget
from cloudscaling.core.operation.group import adjusted

OUT = {"action": "ScaleOut", "count": 2}
EXECUTE = {"action": "ExecutePolicy", "policyRef": {"name": "night"}}
ALARM = PolicyTarget("p-1", "night", "web", "Alarm")
ISSUED = {
    "total": 1,
    "succeeded": 0,
    "desiredAtStart": 3,
    "startTime": "2026-03-02T05:58:00Z",
    "currentBatch": {"index": 1, "state": "Issued", "startedAt": "2026-03-02T05:58:00Z", "attempts": 1},
}


def simple(type_: str, value: int) -> PolicyTarget:
    return PolicyTarget("", "night", "web", "Simple", Adjustment.model_validate({"type": type_, "value": value}))


# --- ScaleOut, ScaleIn --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("spec", "desired"), [(OUT, 5), ({"action": "ScaleIn", "count": 2}, 1)])
def test_scaling_is_an_absolute_desired_capacity(spec: dict[str, Any], desired: int) -> None:
    """Its base is stored before the call."""
    found = decide(facts(iop(**spec), *instances(3)))
    assert found.call == SetDesiredCapacity("g-1", desired, UID)
    assert (found.status.desired_at_start, found.status.current_batch.state) == (3, "Issued")
    assert (found.status.total, found.status.remaining) == (1, 1)


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        ({"action": "ScaleOut", "count": 9}, "WouldExceedMaxSize"),
        ({"action": "ScaleIn", "count": 3}, "WouldFallBelowMinSize"),
    ],
)
def test_scaling_outside_the_bounds_is_refused_not_clamped(spec: dict[str, Any], reason: str) -> None:
    """Nothing is called."""
    group = observed(cloud_group(min_size=1, max_size=10))
    found = decide(facts(iop(**spec), *instances(3), seen=group))
    assert (found.call, found.says("Failed")) == (None, ("True", reason))
    assert (found.status.failed, found.status.remaining) == (1, 0)


def test_scaling_ends_with_its_activity() -> None:
    """One call, one entry in the group."""
    found = rig(3, iop(**OUT), busy_looks=3)
    found.run()
    assert (found.desired, len(found.calls), found.recorded) == (5, 1, True)
    assert found.says("Complete") == ("True", "Succeeded")


def test_scaling_whose_instances_did_not_come_has_failed() -> None:
    """The activity failed."""
    group = observed(cloud_group(desired=5, current=3))
    activity = Activity("a", ActivityType.SCALE_OUT, ActivityStatus.FAILED, started_at=later(-100))
    found = decide(facts(iop(ISSUED, **OUT), *instances(3), seen=group, activities=(activity,)))
    assert (found.status.failed, found.events) == (1, ["BatchFailed"])


def test_a_lost_answer_to_scaling_is_repeated_with_the_same_value() -> None:
    """While nothing has moved."""
    found = decide(facts(iop(ISSUED, **OUT), *instances(3)))
    assert found.call == SetDesiredCapacity("g-1", 5, UID)
    assert found.status.current_batch.attempts == 2


def test_a_desired_capacity_that_moved_counts_as_scaled() -> None:
    """By whomever."""
    group = observed(cloud_group(desired=4, current=4))
    found = decide(facts(iop(ISSUED, **OUT), *instances(4), seen=group))
    assert (found.call, found.status.succeeded) == (None, 1)


def test_a_refused_scaling_starts_from_what_is_there_then() -> None:
    """Busy did nothing; meanwhile somebody moved the group."""

    def once(found: Rig, where: str) -> None:
        if where == "call" and not found.busy_looks:
            found.busy_looks, found.desired = 1, 7
            raise errors.Busy("not now")

    found = rig(3, iop(**OUT), fault=once)
    found.run()
    assert found.desired == 9
    assert found.says("Complete") == ("True", "Succeeded")


def test_a_scaling_that_the_vendor_refuses_is_rejected() -> None:
    """Once."""

    def never(found: Rig, where: str) -> None:
        if where == "call":
            found.calls.append(where)
            raise errors.Rejected("no")

    found = rig(3, iop(**OUT), fault=never)
    found.run()
    assert (len(found.calls), found.says("Failed")) == (1, ("True", "Rejected"))


def test_a_group_that_stays_busy_exhausts_the_tries() -> None:
    """backoffLimit."""

    def never(found: Rig, where: str) -> None:
        if where == "call":
            found.calls.append(where)
            raise errors.Busy("not now")

    found = rig(3, iop(**OUT, backoffLimit=1), fault=never)
    found.run()
    assert (len(found.calls), found.says("Failed")) == (2, ("True", "BackoffLimitExceeded"))


def test_an_activity_just_before_the_call_is_no_proof_of_a_scaling() -> None:
    """Only the desired capacity is; killed before the request left, it is asked for again."""
    batch = {"index": 1, "state": "Issued", "startedAt": "2026-03-02T05:59:00Z", "attempts": 1}
    status = {"total": 1, "desiredAtStart": 2, "startTime": "2026-03-02T05:59:00Z", "currentBatch": batch}
    before = Activity(
        "a-1",
        ActivityType.OTHER,
        ActivityStatus.SUCCEEDED,
        started_at=datetime(2026, 3, 2, 5, 58, 57, tzinfo=UTC),
    )
    found = decide(facts(iop(status, action="ScaleOut", count=2), *instances(2), activities=(before,)))
    assert found.call == SetDesiredCapacity("g-1", 4, "uid-1")


# --- ExecutePolicy ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("type_", "value", "base", "expected"),
    [
        ("ChangeInCapacity", 2, 3, 5),
        ("ExactCapacity", 7, 3, 7),
        ("ExactPercent", 150, 3, 5),
        ("PercentChangeInCapacity", 50, 3, 5),
        ("PercentChangeInCapacity", -50, 3, 1),
        ("PercentChangeInCapacity", 10, 3, 4),
        ("PercentChangeInCapacity", -10, 3, 2),
    ],
)
def test_percent_is_rounded_half_away_from_zero_and_at_least_one(
    type_: str, value: int, base: int, expected: int
) -> None:
    """As the API document says of emulated policies."""
    assert adjusted(base, Adjustment.model_validate({"type": type_, "value": value})) == expected


def test_a_simple_policy_is_clamped() -> None:
    """Policies clamp, operations refuse."""
    group = observed(cloud_group(min_size=1, max_size=10))
    found = decide(facts(iop(**EXECUTE), *instances(3), seen=group, policy=simple("ChangeInCapacity", 20)))
    assert found.call == SetDesiredCapacity("g-1", 10, UID)


@pytest.mark.parametrize(
    "policy",
    [simple("ChangeInCapacity", 5), simple("ExactCapacity", 3), Unresolved("ScalingPolicyNotFound", "gone")],
    ids=["edited", "edited to what is", "deleted"],
)
def test_a_simple_policy_is_repeated_with_the_capacity_that_was_stored(policy: Any) -> None:
    """Whatever became of it since."""
    first = decide(facts(iop(**EXECUTE), *instances(3), policy=simple("ChangeInCapacity", 1)))
    batch = first.status.current_batch.model_dump(by_alias=True, mode="json")
    found = decide(
        facts(iop({**ISSUED, "currentBatch": batch}, **EXECUTE), *instances(3), policy=policy, now=later(60))
    )
    assert (first.status.current_batch.target, found.call) == (4, SetDesiredCapacity("g-1", 4, UID))


def test_the_search_for_a_trace_ends_although_the_policy_is_gone() -> None:
    """Activities of nobody are none of it."""
    by_hand = Activity("a", ActivityType.OTHER, ActivityStatus.SUCCEEDED, started_at=later(-100))
    found = rig(3, iop(ISSUED, **EXECUTE), deaf=True, activities=[by_hand])
    found.policy = Unresolved("ScalingPolicyNotFound", "gone")
    found.run(looks=60)
    assert (found.calls, found.says("Failed")) == ([], ("True", "OutcomeUnknown"))


def test_a_simple_policy_without_effect_is_nothing_to_do() -> None:
    """No call."""
    found = decide(facts(iop(**EXECUTE), *instances(3), policy=simple("ExactCapacity", 3)))
    assert (found.call, found.says("Complete")) == (None, ("True", "NothingToDo"))
    assert (found.status.skipped, found.status.remaining) == (1, 0)


def test_a_policy_is_executed_once() -> None:
    """The activity is the proof."""
    found = rig(3, iop(**EXECUTE), policy=ALARM, busy_looks=2)
    found.run()
    assert found.calls == [ExecutePolicy("p-1", UID)]
    assert found.says("Complete") == ("True", "Succeeded")


@pytest.mark.parametrize(
    "proof",
    [
        {"activities": (Activity("a", ActivityType.OTHER, ActivityStatus.SUCCEEDED, policy_id="p-1", started_at=NOW),)},
        {"executions": (Execution("e", "Manual", ActivityStatus.SUCCEEDED, NOW),)},
        {"seen": observed(cloud_group(desired=4, current=4))},
    ],
    ids=["activity", "log entry", "desired moved"],
)
def test_any_trace_proves_the_execution(proof: dict[str, Any]) -> None:
    """Also after a lost answer."""
    found = decide(facts(iop(ISSUED, **EXECUTE), *instances(3), policy=ALARM, **proof))
    assert (found.call, found.status.succeeded) == (None, 1)


def test_an_older_trace_proves_nothing() -> None:
    """It was another execution."""
    old = Execution("e", "Manual", ActivityStatus.SUCCEEDED, later(-1000))
    found = decide(facts(iop(ISSUED, **EXECUTE), *instances(3), policy=ALARM, executions=(old,)))
    assert (found.call, found.status.succeeded) == (None, 0)


@pytest.mark.parametrize("behind_s", [-50, 0, 50, 3000])
def test_a_trace_is_known_whatever_the_clock_of_the_cloud_shows(behind_s: int) -> None:
    """Up to a minute behind, and any time ahead: what was there before the call is told apart by its id."""
    at = datetime(2026, 3, 2, 5, 58, tzinfo=UTC) + timedelta(seconds=behind_s)
    ran = Execution("e", "Manual", ActivityStatus.SUCCEEDED, at)
    found = decide(facts(iop(ISSUED, **EXECUTE), *instances(3), policy=ALARM, executions=(ran,)))
    assert (found.call, found.status.succeeded) == (None, 1)


def test_what_the_logs_showed_before_the_call_is_no_trace_of_it() -> None:
    """Its ids are stored with the call; older entries are told apart by their time."""
    logs: dict[str, Any] = {
        "activities": (
            Activity("a", ActivityType.OTHER, ActivityStatus.SUCCEEDED, policy_id="p-1", started_at=later(-30)),
            Activity("old", ActivityType.OTHER, ActivityStatus.SUCCEEDED, policy_id="p-1", started_at=later(-90)),
        ),
        "executions": (Execution("e", "Manual", ActivityStatus.SUCCEEDED, later(20)),),
    }
    first = decide(facts(iop(**EXECUTE), *instances(3), policy=ALARM, **logs))
    assert isinstance(first.call, ExecutePolicy)
    assert first.status.current_batch.prior_ids == ("a", "e")
    batch = first.status.current_batch.model_dump(by_alias=True, mode="json")
    issued = iop({**ISSUED, "currentBatch": batch}, **EXECUTE)
    assert decide(facts(issued, *instances(3), policy=ALARM, **logs)).status.succeeded == 0
    logs["executions"] = (Execution("e-2", "Manual", ActivityStatus.SUCCEEDED, later(-50)), *logs["executions"])
    assert decide(facts(issued, *instances(3), policy=ALARM, **logs)).status.succeeded == 1


def test_without_a_trace_the_outcome_stays_unknown() -> None:
    """Two reads at least a minute apart, and no second call."""

    def lost(found: Rig, where: str) -> None:
        if where == "answer":
            raise errors.OutcomeUnknown("no answer")

    found = rig(3, iop(**EXECUTE), policy=ALARM, deaf=True, fault=lost)
    found.run()
    assert len(found.calls) == 1
    assert found.says("Failed") == ("True", "OutcomeUnknown")
    assert (found.now - NOW).total_seconds() >= 90


def test_a_policy_that_was_refused_may_be_executed_again() -> None:
    """Busy certainly did nothing."""

    def once(found: Rig, where: str) -> None:
        if where == "call" and not found.busy_looks:
            found.busy_looks = 1
            raise errors.Busy("not now")

    found = rig(3, iop(**EXECUTE), policy=ALARM, fault=once)
    found.run()
    assert (len(found.calls), found.says("Complete")) == (1, ("True", "Succeeded"))
