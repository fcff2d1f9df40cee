"""Operations on instances: who is chosen, what is called, what becomes of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from core_samples import cloud_group, instance, later, observed
from operation_samples import (
    OPERATOR_ACCOUNT,
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
from cloudscaling.core.facts import Untrusted
from cloudscaling.core.model import InstanceAction, InstanceState
from cloudscaling.core.plan import ActOnInstances, SetDesiredCapacity

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


# --- the whole way ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("limit", "chunks"), [(10, 12), (50, 3)], ids=["tens", "fifties"])
def test_a_hundred_and_twenty_instances_leave_in_as_few_calls_as_the_limit_allows(limit: int, chunks: int) -> None:
    """120 by 10 are 12 calls, by 50 are 3."""
    sizes = {**OPERATOR_ACCOUNT.batch_sizes, InstanceAction.REMOVE: limit}
    account = replace(OPERATOR_ACCOUNT, batch_sizes=sizes)
    found = rig(130, iop(instanceIds=ids(120)), account=account, limit=limit, busy_looks=2)
    found.run()
    assert [len(call.instance_ids) for call in acts(found)] == [limit] * (120 // limit) + (
        [120 % limit] if 120 % limit else []
    )
    assert len(found.calls) == chunks
    assert (found.status.succeeded, found.status.remaining, found.status.phase) == (120, 0, "Succeeded")
    assert found.says("Complete") == ("True", "Succeeded")
    assert found.recorded


def test_a_batch_that_is_too_large_is_sent_again_in_tens() -> None:
    """The refused call did nothing and fails nobody."""
    found = rig(60, iop(instanceIds=ids(55)), limit=10)
    found.run()
    assert [len(call.instance_ids) for call in acts(found)] == [50, 10, 10, 10, 10, 10, 5]
    assert found.status.succeeded == 55
    assert "BatchSizeReduced" in [word.reason for word in found.words]


def test_a_limit_that_is_still_too_high_is_halved() -> None:
    """50, 10, 5."""
    found = rig(20, iop(instanceIds=ids(12)), limit=6)
    found.run()
    assert [len(call.instance_ids) for call in acts(found)] == [12, 10, 5, 5, 2]


def test_the_batch_size_of_the_spec_only_lowers_the_limit() -> None:
    """100 is not above the account's 50."""
    found = rig(8, iop(instanceIds=ids(7), batchSize=3))
    found.run()
    assert [len(call.instance_ids) for call in acts(found)] == [3, 3, 1]


@pytest.mark.parametrize(
    ("action", "before", "after"),
    [
        ("Protect", {}, lambda i: i.protected),
        ("Unprotect", {"protected": True}, lambda i: not i.protected),
        ("EnterStandby", {}, lambda i: i.state is InstanceState.STANDBY),
        ("ExitStandby", STANDBY, lambda i: i.state is InstanceState.IN_SERVICE),
    ],
)
def test_every_action_reaches_its_state(action: str, before: dict[str, Any], after: Any) -> None:
    """And leaves the desired capacity alone."""
    found = rig(3, iop(action=action, instanceIds=["i-1", "i-2"]))
    found.rows = {row.id: row for row in instances(3, **before)}
    found.run()
    assert all(after(found.rows[i]) for i in ("i-1", "i-2"))
    assert (len(found.calls), found.status.succeeded) == (1, 2)


def test_instances_are_added() -> None:
    """The vendor moved the desired capacity, so nothing is written after it."""
    found = rig(2, iop(action="Add", instanceIds=["x-1", "x-2"]))
    found.run()
    assert (sorted(found.rows), found.desired, len(found.calls)) == (["i-1", "i-2", "x-1", "x-2"], 4, 1)


def test_replacements_for_standby_are_asked_for() -> None:
    """huawei.launchReplacements goes with the call."""
    found = rig(2, iop(action="EnterStandby", instanceIds=["i-1"], huawei={"launchReplacements": True}))
    found.run()
    assert found.calls == [ActOnInstances("g-1", InstanceAction.ENTER_STANDBY, ("i-1",), True)]


# --- choosing -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ({"states": ["Standby"]}, ("b",)),
        ({"protected": True}, ("c",)),
        ({"outdated": True}, ("d",)),
        ({"origin": "Attached"}, ("e",)),
        ({"health": ["Healthy"], "limit": 2}, ("e", "a")),
        ({"outdated": False, "states": ["InService"], "limit": 1}, ("e",)),
        ({"states": ["Failed"]}, ()),
    ],
    ids=["state", "protected", "outdated", "origin", "limit, oldest first", "several", "nobody"],
)
def test_the_selector_is_evaluated_once(selector: dict[str, Any], expected: tuple[str, ...]) -> None:
    """The result is kept, nothing is called yet."""
    rows = (
        instance("a", joined_at=later(-500)),
        instance("b", InstanceState.STANDBY, joined_at=later(-400)),
        instance("c", protected=True, joined_at=later(-300)),
        instance("d", launch_configuration_id="lc-0", joined_at=later(-200)),
        instance("e", attached=True, launch_configuration_id="", joined_at=later(-900)),
    )
    found = decide(facts(iop(action="Detach", instanceSelector=selector), *rows))
    assert found.call is None
    assert (found.status.instance_ids, found.status.total) == (expected, len(expected))
    assert found.status.desired_at_start == 5


def test_nobody_chosen_is_nothing_to_do() -> None:
    """Complete, and no entry in the group."""
    found = rig(2, iop(instanceSelector={"states": ["Failed"]}))
    found.run()
    assert found.says("Complete") == ("True", "NothingToDo")
    assert (found.recorded, found.calls) == (False, [])


def test_nothing_is_chosen_without_a_fresh_list() -> None:
    """A list older than the look at the group is no basis."""
    found = decide(facts(iop(), *instances(3), instances=observed(instances(3), later(-1))))
    assert (found.call, found.status.total) == (None, None)


# --- classification -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "row", "reason"),
    [
        ("Remove", instance("i-1", protected=True), "InstanceProtected"),
        ("Detach", instance("i-1", protected=True), "InstanceProtected"),
        ("Remove", instance("i-1", InstanceState.STANDBY), "InstanceNotInService"),
        ("Detach", instance("i-1", InstanceState.PENDING), "InstanceNotInService"),
        ("Remove", instance("i-1", InstanceState.UNKNOWN), "InstanceNotInService"),
        ("Protect", instance("i-1", InstanceState.REMOVING), "InstanceNotInService"),
        ("EnterStandby", instance("i-1", InstanceState.PENDING_HOOK), "InstanceNotInService"),
        ("ExitStandby", instance("i-1", InstanceState.REMOVING), "InstanceNotInService"),
        ("Add", instance("i-1", InstanceState.PENDING), "InstanceNotInService"),
        ("Protect", None, "InstanceNotInGroup"),
        ("ExitStandby", None, "InstanceNotInGroup"),
    ],
)
def test_an_instance_that_the_action_is_not_for_fails_without_a_call(action: str, row: Any, reason: str) -> None:
    """The others of the list are worked on."""
    resource = iop({**FROZEN, "total": 1, "instanceIds": ["i-1"]}, action=action, instanceIds=["i-1"])
    found = decide(facts(resource, *([row] if row else [])))
    assert found.call is None
    assert [(f.instance_id, f.reason) for f in found.status.failures] == [("i-1", reason)]
    assert (found.status.failed, found.status.remaining) == (1, 0)


def test_what_is_so_already_is_skipped() -> None:
    """i-1 has left before."""
    found = rig(3, iop(instanceIds=["i-2", "gone"]))
    found.run()
    assert (found.status.succeeded, found.status.skipped, found.says("Complete")) == (1, 1, ("True", "Succeeded"))


def test_one_bad_instance_does_not_keep_the_others() -> None:
    """PartiallyFailed, with the list in the order of progress."""
    found = rig(4, iop(instanceIds=["i-1", "i-2", "i-3"]))
    found.rows["i-1"] = instance("i-1", protected=True)
    found.run()
    assert (found.status.succeeded, found.status.failed, found.status.phase) == (2, 1, "PartiallyFailed")
    assert found.says("Failed") == ("True", "SomeInstancesFailed")
    assert acts(found)[0].instance_ids == ("i-2", "i-3")


def test_stop_starts_no_chunk_after_a_failure() -> None:
    """The rest stays."""
    found = rig(4, iop(instanceIds=["i-1", "i-2"], onFailure="Stop"))
    found.rows["i-1"] = instance("i-1", protected=True)
    found.run()
    assert (found.calls, found.status.remaining) == ([], 1)
    assert found.says("Failed") == ("True", "SomeInstancesFailed")


# --- bounds -------------------------------------------------------------------------------------------------------


def test_a_removal_that_would_leave_too_few_is_refused_as_a_whole() -> None:
    """The whole list is counted before the first chunk, and nothing is called."""
    found = rig(5, iop(instanceIds=ids(3), batchSize=1), min_size=3)
    found.run()
    assert (found.calls, found.says("Failed")) == ([], ("True", "WouldFallBelowMinSize"))
    assert found.status.total == 3
    assert not found.recorded


def test_only_instances_that_would_leave_are_counted() -> None:
    """Protected ones stay and do not hurt."""
    found = rig(5, iop(instanceIds=ids(3)), min_size=3)
    found.rows["i-1"] = instance("i-1", protected=True)
    found.run()
    assert found.status.succeeded == 2


def test_an_addition_that_would_be_too_many_is_refused_as_a_whole() -> None:
    """Nothing is called."""
    found = rig(3, iop(action="Add", instanceIds=["x-1", "x-2"]), max_size=4)
    found.run()
    assert (found.calls, found.says("Failed")) == ([], ("True", "WouldExceedMaxSize"))


@pytest.mark.parametrize(
    ("action", "rows", "reason"),
    [
        ("Remove", instances(2), "WouldFallBelowMinSize"),
        ("Add", (), "WouldExceedMaxSize"),
        ("Protect", instances(2), "Rejected"),
    ],
)
def test_bounds_of_the_vendor_fail_each_instance(action: str, rows: Any, reason: str) -> None:
    """With the vendor's code."""
    resource = iop(in_work(), action=action, instanceIds=["i-1", "i-2"])
    found = decide(facts(resource, *rows, setback=refusal(errors.Bounds)))
    assert [(f.reason, f.code) for f in found.status.failures] == [(reason, "AS.1")] * 2
    assert found.status.current_batch is None


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
