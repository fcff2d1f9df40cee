"""Operations on instances: when a chunk goes out, how it is verified, what a crash or refusal leaves."""

from __future__ import annotations

from typing import Any

import pytest
from core_samples import cloud_group, instance, observed
from operation_samples import (
    Crash,
    Rig,
    decide,
    facts,
    instances,
    iop,
    refusal,
    rig,
)

from cloudscaling import errors
from cloudscaling.core.calls import ActOnInstances, SetDesiredCapacity
from cloudscaling.core.facts import Untrusted
from cloudscaling.core.model import InstanceAction, InstanceState

FROZEN = {"total": 2, "succeeded": 0, "skipped": 0, "failed": 0, "instanceIds": ["i-1", "i-2"], "desiredAtStart": 5}
STANDBY = {"state": InstanceState.STANDBY}
IN_WORK = {"index": 1, "instanceIds": ["i-1", "i-2"], "startedAt": "2026-03-02T05:59:00Z", "attempts": 1}
BEGUN = {**FROZEN, "startTime": "2026-03-02T05:59:00Z"}


def ids(count: int, first: int = 1) -> list[str]:
    return [f"i-{n}" for n in range(first, first + count)]


def in_work(state: str = "Verifying", **changes: Any) -> dict[str, Any]:
    return {**BEGUN, "currentBatch": {**IN_WORK, "state": state, **changes}}


def acts(found: Rig) -> list[ActOnInstances]:
    return [call for call in found.calls if isinstance(call, ActOnInstances)]


# --- idle or not --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "waits"), [("Remove", True), ("Detach", True), ("EnterStandby", True), ("Protect", False)]
)
def test_actions_that_are_activities_wait_for_an_idle_group(action: str, waits: bool) -> None:
    """Protection does not."""
    group = observed(cloud_group(min_size=0, busy=True, desired=2))
    found = decide(facts(iop(FROZEN, action=action, instanceIds=["i-1", "i-2"]), *instances(3), seen=group))
    assert (found.call is None) is waits
    reason = "WaitingForActivity" if waits else "RunningBatch"
    assert found.says("Progressing") == ("True", reason)
    assert found.status.phase == ("Waiting" if waits else "Running")


def test_an_untrusted_read_decides_nothing() -> None:
    """Neither a call nor a result."""
    found = decide(facts(iop(in_work()), seen=Untrusted("throttled", 7.0), instances=None))
    assert (found.call, found.plan.record, found.plan.wait_s) == (None, {}, 7.0)


# --- verification -------------------------------------------------------------------------------------------------


def test_a_chunk_is_stored_before_its_call() -> None:
    """Issued, and Verifying after it."""
    found = decide(facts(iop(FROZEN), *instances(5)))
    assert found.call == ActOnInstances("g-1", InstanceAction.REMOVE, ("i-1", "i-2"))
    assert (found.status.current_batch.state, found.status.current_batch.attempts) == ("Issued", 1)
    assert found.status.start_time is not None
    assert found.plan.step is not None
    assert found.plan.step.after["current_batch"].state == "Verifying"


def test_after_a_crash_the_list_decides_what_is_left() -> None:
    """i-1 went; i-2 alone is called for again."""
    found = decide(facts(iop(in_work("Issued")), *instances(5)[1:]))
    assert found.call == ActOnInstances("g-1", InstanceAction.REMOVE, ("i-2",))
    assert (found.status.succeeded, found.status.current_batch.attempts) == (1, 2)
    assert found.status.instance_ids == ("i-1", "i-2")


def test_the_effect_of_a_call_that_may_still_arrive_is_waited_for() -> None:
    """One request timeout."""
    resource = iop(in_work("Issued", startedAt="2026-03-02T05:59:50Z"))
    found = decide(facts(resource, *instances(5)))
    assert (found.call, found.says("Progressing")) == (None, ("True", "Verifying"))


def test_an_instance_that_is_leaving_is_waited_for() -> None:
    """Even when no activity shows."""
    rows = [instance("i-1", InstanceState.REMOVING), *instances(5)[2:]]
    found = decide(facts(iop(in_work()), *rows))
    assert (found.call, found.plan.record) == (None, {})


def test_a_partial_refusal_is_read_from_the_list() -> None:
    """Ids stand only in the vendor's text: who left succeeded, who did not failed with the vendor's words."""
    found = decide(facts(iop(in_work()), *instances(5)[1:], setback=refusal(errors.Rejected, code="AS.4029")))
    assert (found.status.succeeded, found.status.failed) == (1, 1)
    failure = found.status.failures[0]
    assert (failure.instance_id, failure.reason, failure.code) == ("i-2", "Rejected", "AS.4029")
    assert failure.message == "said the cloud"


@pytest.mark.parametrize("error", [errors.Busy, errors.Transient, errors.DependencyNotReady])
def test_errors_that_may_pass_are_retried_up_to_the_limit(error: type[errors.CloudError]) -> None:
    """Then the instances fail, and the operation says why."""

    def always(found: Rig, where: str) -> None:
        if where == "call":
            found.calls.append(where)
            raise error("not now", code="AS.9")

    found = rig(5, iop(backoffLimit=2), fault=always)
    found.run()
    assert len(found.calls) == 3
    assert found.says("Failed") == ("True", "BackoffLimitExceeded")
    assert {f.reason for f in found.status.failures} == {"NotVerified"}


def test_throttling_costs_no_try() -> None:
    """It says nothing about the chunk."""

    def five_times(found: Rig, where: str) -> None:
        if where == "call" and len(found.words) < 100 and found.busy_looks < 5:
            found.busy_looks += 1
            raise errors.Throttled("slow down")

    found = rig(5, iop(backoffLimit=0), fault=five_times)
    found.run()
    assert found.says("Complete") == ("True", "Succeeded")


def test_a_recent_failure_is_not_repeated_at_once() -> None:
    """The backoff is the engine's."""
    found = decide(facts(iop(in_work()), *instances(5), setback=refusal(errors.Busy, seconds=20)))
    assert (found.call, found.plan.wait_s) == (None, 20.0)
    assert found.says("Progressing") == ("True", "WaitingForActivity")


def test_a_vendor_that_accepts_and_does_nothing_is_not_believed() -> None:
    """NotVerified after the last try."""
    found = rig(5, iop(backoffLimit=1), deaf=True)
    found.run()
    assert (len(found.calls), {f.reason for f in found.status.failures}) == (2, {"NotVerified"})


def test_a_crash_at_any_point_acts_on_nobody_twice() -> None:
    """Before and after the record and the call."""
    for place in ("before the record", "before the call", "call", "answer"):
        struck: list[str] = []

        def once(found: Rig, where: str, place: str = place, struck: list[str] = struck) -> None:
            if where == place and found.status.total and not struck:
                struck.append(where)
                raise Crash

        found = rig(30, iop(instanceIds=ids(25), batchSize=10), fault=once)
        found.run()
        assert struck
        assert len(found.acted) == len(set(found.acted)) == 25
        assert found.says("Complete") == ("True", "Succeeded")


# --- desired capacity afterwards ----------------------------------------------------------------------------------


def test_a_desired_capacity_that_the_vendor_did_not_move_is_written_once() -> None:
    """Observed less what left; else an activity would undo the operation."""
    found = rig(5, iop(), decrements=False)
    found.run()
    assert [c.desired for c in found.calls if isinstance(c, SetDesiredCapacity)] == [3]


def test_a_desired_capacity_that_could_not_be_set_is_the_result() -> None:
    """Also beside instances that failed: the cloud may undo what was done."""

    def fault(found: Rig, where: str) -> None:
        if where == "call" and found.calls:  # the first takes the instance out, the next would set the capacity
            raise errors.Rejected("no")

    rows = {row.id: row for row in (*instances(4), instance("i-5", **STANDBY))}
    found = Rig(iop(instanceIds=["i-1", "i-5"]), rows, desired=5, decrements=False, fault=fault)
    found.run()
    assert (found.status.succeeded, found.status.failed, found.desired) == (1, 1, 5)
    assert found.says("Failed") == ("True", "Rejected")


def test_a_desired_capacity_that_moved_is_left_alone() -> None:
    """By the vendor or by somebody else."""
    found = rig(5, iop())
    found.run()
    assert (found.desired, len(found.calls)) == (3, 1)


@pytest.mark.parametrize("decrements", [True, False])
def test_a_desired_capacity_that_shall_stay_is_set_back(decrements: bool) -> None:
    """Replacements come."""
    found = rig(5, iop(decrementDesiredCapacity=False), decrements=decrements)
    found.run()
    assert found.desired == 5
    assert found.says("Complete") == ("True", "Succeeded")


@pytest.mark.parametrize("desired", [8, 2])
def test_a_desired_capacity_that_others_moved_meanwhile_is_not_set_back(desired: int) -> None:
    """Neither raised against a scale-in nor lowered against a scale-out: that would cost instances."""
    resource = iop({**BEGUN, "succeeded": 2}, decrementDesiredCapacity=False)
    group = observed(cloud_group(min_size=0, max_size=300, desired=desired, current=desired))
    found = decide(facts(resource, *instances(desired), seen=group, recorded=True))
    assert (found.call, found.says("Complete")) == (None, ("True", "Succeeded"))


def test_a_lost_answer_to_the_correction_is_read_from_the_group() -> None:
    """The absolute value is not written twice."""

    def lost(found: Rig, where: str) -> None:
        if where == "answer" and isinstance(found.calls[-1], SetDesiredCapacity):
            raise errors.OutcomeUnknown("no answer")

    found = rig(5, iop(decrementDesiredCapacity=False), fault=lost)
    found.run()
    assert [c.desired for c in found.calls if isinstance(c, SetDesiredCapacity)] == [5]
    assert found.says("Complete") == ("True", "Succeeded")


def test_a_correction_that_is_refused_is_reported() -> None:
    """The instances are done all the same."""

    def never(found: Rig, where: str) -> None:
        if where == "call" and found.status.succeeded:
            raise errors.Rejected("no", code="AS.7")

    found = rig(5, iop(decrementDesiredCapacity=False), fault=never)
    found.run()
    assert (found.says("Failed"), found.status.succeeded) == (("True", "Rejected"), 2)
