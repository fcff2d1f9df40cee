"""The end of an operation: its result, its record in the group, its time to live, its deletion."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from core_samples import NOW, cloud_group, later, observed
from operation_samples import (
    BEGUN,
    DONE,
    FROZEN,
    GONE,
    IN_WORK,
    NO_GROUP,
    TARGET,
    decide,
    facts,
    instances,
    iop,
    rig,
    said,
)

from cloudscaling.core.calls import ActOnInstances, DeleteObject, RecordOperation, ReleaseFinalizer, SetDesiredCapacity
from cloudscaling.core.facts import Absent, Unresolved

# --- the end ------------------------------------------------------------------------------------------------------


def test_the_group_knows_of_the_end_before_it_is_reported() -> None:
    """A lost object that is made again finds itself there."""
    first = decide(facts(iop(DONE), *instances(3)))
    assert first.call == RecordOperation("web", "drop", "hash", NOW)
    assert (first.says("Complete"), first.status.completion_time) == (("", ""), None)
    second = decide(facts(iop(DONE), *instances(3), recorded=True))
    assert (second.call, second.says("Complete")) == (None, ("True", "Succeeded"))
    assert second.says("Progressing") == ("False", "Finished")
    assert (second.status.completion_time, second.events) == (NOW, ["Completed"])


@pytest.mark.parametrize(
    ("counts", "type_", "reason", "phase"),
    [
        ({"succeeded": 2}, "Complete", "Succeeded", "Succeeded"),
        ({"skipped": 2}, "Complete", "NothingToDo", "Succeeded"),
        ({"succeeded": 1, "failed": 1}, "Failed", "SomeInstancesFailed", "PartiallyFailed"),
        ({"failed": 2}, "Failed", "AllInstancesFailed", "Failed"),
    ],
)
def test_the_counters_are_the_result(counts: dict[str, int], type_: str, reason: str, phase: str) -> None:
    """Exactly one of Complete and Failed."""
    found = decide(facts(iop({**BEGUN, **counts}), *instances(3), recorded=True))
    assert found.says(type_) == ("True", reason)
    assert found.says("Failed" if type_ == "Complete" else "Complete") == ("", "")
    assert (found.status.phase, found.status.remaining) == (phase, 0)


def test_tries_that_ran_out_are_the_reason_only_when_there_was_no_other() -> None:
    """The status keeps the newest 20 chunks; of those before, the counters and the first failures tell."""
    chunks = [{"index": n, "size": 1, "status": "BackoffLimitExceeded"} for n in range(5, 25)]
    missed = {"instanceId": "i-9", "reason": "NotVerified"}
    base = {**BEGUN, "total": 24, "succeeded": 0, "failed": 24, "batches": chunks, "failures": [missed]}
    ends = [
        (base, "BackoffLimitExceeded"),
        ({**base, "batches": [*chunks[1:], {"index": 25, "status": "DesiredCapacitySet"}]}, "BackoffLimitExceeded"),
        ({**base, "batches": [*chunks[1:], {"index": 25, "size": 10, "status": "TooLarge"}]}, "BackoffLimitExceeded"),
        ({**base, "succeeded": 4, "failed": 20}, "SomeInstancesFailed"),
        ({**base, "failures": [{"instanceId": "i-1", "reason": "Rejected"}, missed]}, "AllInstancesFailed"),
    ]
    for status, reason in ends:
        assert decide(facts(iop(status), *instances(3), recorded=True)).says("Failed") == ("True", reason)


@pytest.mark.parametrize("changes", [{"group": NO_GROUP}, {"seen": Absent(NOW), "recorded": True}])
def test_a_group_that_goes_ends_what_was_running(changes: dict[str, Any]) -> None:
    """GroupDeleted."""
    found = decide(facts(iop(IN_WORK), **changes))
    assert (found.call, found.says("Failed")) == (None, ("True", "GroupDeleted"))
    assert found.status.current_batch is None


OTHER = replace(TARGET, id="g-2")
NOT_CREATED = Unresolved("ScalingGroupNotCreated", "ScalingGroup web is not created yet")


@pytest.mark.parametrize("status", [BEGUN, {**BEGUN, "succeeded": 1}, IN_WORK], ids=["chosen", "between", "in work"])
@pytest.mark.parametrize("group", [OTHER, NOT_CREATED], ids=["another one", "not created any more"])
def test_work_that_was_chosen_on_a_cloud_group_is_done_on_no_other(status: dict[str, Any], group: Any) -> None:
    """Its ids mean nothing there, nor does its desired capacity; the entry comes first, as ever."""
    resource = iop({**status, "scalingGroupId": "g-1"})
    first = decide(facts(resource, *instances(5), group=group))
    assert first.call == RecordOperation("web", "drop", "hash", NOW)
    found = decide(facts(resource, *instances(5), group=group, recorded=True))
    assert (found.call, found.says("Failed")) == (None, ("True", "GroupDeleted"))
    assert (found.status.skipped, found.status.current_batch) == (0, None)


def test_work_on_a_cloud_group_that_was_replaced_ends_while_the_account_is_unusable() -> None:
    """No cloud is asked for it."""
    refused = Unresolved("CredentialsInvalid", "refused")
    resource = iop({**BEGUN, "scalingGroupId": "g-1"})
    assert decide(facts(resource, group=OTHER, account=refused, recorded=True)).says("Failed")[1] == "GroupDeleted"


def test_a_deleted_operation_sets_no_desired_capacity_on_another_cloud_group() -> None:
    """It is entered in its group and let go."""
    resource = iop({**BEGUN, "succeeded": 1, "scalingGroupId": "g-1"}, GONE, decrementDesiredCapacity=False)
    group = observed(cloud_group(min_size=0, desired=4))
    assert decide(facts(resource, seen=group, group=OTHER)).call == RecordOperation("web", "drop", "hash", NOW)
    assert decide(facts(resource, seen=group, group=OTHER, recorded=True)).call == ReleaseFinalizer()


@pytest.mark.parametrize("spec", [{}, {"action": "ScaleOut", "count": 1}], ids=["instances", "the group"])
def test_the_cloud_group_is_remembered_with_the_work(spec: dict[str, Any]) -> None:
    """Of actions on instances and on the group alike."""
    found = decide(facts(iop(**spec), *instances(3)))
    assert (found.status.total is not None, found.status.scaling_group_id) == (True, "g-1")


def test_a_finished_operation_does_nothing() -> None:
    """Whatever becomes of the cloud."""
    status = {**DONE, "completionTime": "2026-03-02T06:00:00Z", **said("Complete", "True", "Succeeded")}
    found = decide(facts(iop(status), *instances(5), finalizer_stored=False))
    assert (found.call, found.plan.record, found.plan.wait_s) == (None, {}, None)


def test_nothing_holds_an_operation_that_has_ended() -> None:
    """The finalizer stands for calls that may still be made."""
    status = {**DONE, "completionTime": "2026-03-02T06:00:00Z", **said("Complete", "True", "Succeeded")}
    found = decide(facts(iop(status, ttlSecondsAfterFinished=100), now=later(40)))
    assert (found.call, found.plan.wait_s) == (ReleaseFinalizer(), 60.0)


def test_a_finished_operation_deletes_itself_after_its_time_to_live() -> None:
    """And not before."""
    status = {**DONE, "completionTime": "2026-03-02T06:00:00Z", **said("Complete", "True", "Succeeded")}
    resource = iop(status, ttlSecondsAfterFinished=100)
    assert decide(facts(resource, now=later(40), finalizer_stored=False)).plan.wait_s == 60.0
    assert decide(facts(resource, now=later(100), finalizer_stored=False)).call == DeleteObject()


# --- deletion -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "changes"),
    [
        ({}, {}),
        (FROZEN, {}),
        ({**DONE, **said("Complete", "True", "Succeeded")}, {}),
        (IN_WORK, {"group": NO_GROUP}),
        (IN_WORK, {"account": Unresolved("CredentialsInvalid", "refused"), "recorded": True}),
    ],
    ids=["new", "chosen", "finished", "group gone", "no credentials"],
)
def test_an_object_without_an_open_call_is_let_go(status: dict[str, Any], changes: dict[str, Any]) -> None:
    """No call is made for it."""
    assert decide(facts(iop(status, GONE), *instances(5), **changes)).call == ReleaseFinalizer()


@pytest.mark.parametrize("reason", ["CredentialsInvalid", "AccountNotFound", "AccountNotVerified"])
def test_what_has_begun_is_entered_in_its_group_before_it_goes_without_an_account(reason: str) -> None:
    """Made again under its name it would run twice; the entry needs no cloud."""
    resource = iop(BEGUN, GONE)
    found = decide(facts(resource, account=Unresolved(reason, "unusable")))
    assert found.call == RecordOperation("web", "drop", "hash", NOW)
    gone = decide(facts(resource, account=Unresolved(reason, "unusable"), recorded=True))
    assert gone.call == ReleaseFinalizer()


def test_an_operation_is_given_up_without_a_call_when_its_annotation_says_so() -> None:
    """The value must be the uid of this very object; its group keeps the entry all the same."""
    asked = {**GONE, "annotations": {"cloudscaling.dev/force-orphan": "uid-1"}}
    paused = {"account": Unresolved("AccountPaused", "paused")}
    assert decide(facts(iop(IN_WORK, asked), **paused)).call == RecordOperation("web", "drop", "hash", NOW)
    found = decide(facts(iop(IN_WORK, asked), **paused, recorded=True))
    step = found.plan.step
    assert step is not None
    assert (step.call, [n.reason for n in step.notices]) == (ReleaseFinalizer(), ["ForceOrphaned"])
    asked["annotations"] = {"cloudscaling.dev/force-orphan": "uid-2"}
    assert decide(facts(iop(IN_WORK, asked), account=Unresolved("AccountPaused", "paused"))).call is None


def test_an_operation_that_may_not_begin_yet_asks_for_no_read() -> None:
    """Behind another one, or suspended from the start."""
    behind = facts(iop(), earlier="first", seen=None)
    assert behind.needs_no_read
    assert decide(behind).says("Progressing") == ("True", "WaitingForGroup")
    held = facts(iop(suspend=True), seen=None)
    assert held.needs_no_read
    assert decide(held).says("Suspended") == ("True", "SuspendedByUser")
    assert not facts(iop(IN_WORK, suspend=True), earlier="first").needs_no_read


def test_an_operation_whose_group_object_is_gone_has_no_account_either() -> None:
    """GroupDeleted all the same."""
    found = decide(facts(iop(IN_WORK), group=NO_GROUP, account=Unresolved("AccountNotFound", "not known yet")))
    assert (found.says("Failed"), found.says("ReferencesResolved")) == (
        ("True", "GroupDeleted"),
        ("False", "ScalingGroupNotFound"),
    )


def test_a_deleted_operation_stops_before_the_next_chunk() -> None:
    """The open one is verified, the group learns of it, nothing more is called."""
    found = rig(30, iop(instanceIds=[f"i-{n}" for n in range(1, 26)], batchSize=10), busy_looks=2)
    while not found.calls:
        found.now = later((found.now - NOW).total_seconds() + (found.look() or 1))
    found.edit(GONE)
    found.run()
    assert (len(found.acted), found.gone, found.recorded) == (10, True, True)
    assert len([c for c in found.calls if isinstance(c, ActOnInstances)]) == 1


def test_a_deleted_operation_still_sets_the_desired_capacity_back() -> None:
    """Else an activity would undo what was done."""
    resource = iop({**BEGUN, "succeeded": 1}, GONE, decrementDesiredCapacity=False)
    group = observed(cloud_group(min_size=0, desired=4))
    assert decide(facts(resource, *instances(4), seen=group)).call == SetDesiredCapacity("g-1", 5, "uid-1")


@pytest.mark.parametrize("spec", [{"decrementDesiredCapacity": False}, {}], ids=["replaced", "lowered"])
def test_a_size_that_the_user_had_applied_meanwhile_is_left_alone(spec: dict[str, Any]) -> None:
    """It is the younger wish; without one the desired capacity is corrected."""
    desired = 3 if spec else 5
    status = {**DONE, "lastAppliedAtStart": 5}
    group = observed(cloud_group(min_size=0, desired=desired))
    for applied, wanted, corrected in ((5, None, True), (5, 5, True), (None, None, True), (3, 3, False), (5, 3, False)):
        target = replace(TARGET, applied=applied, wanted=wanted)
        found = decide(facts(iop(status, **spec), *instances(3), seen=group, group=target, recorded=True))
        assert isinstance(found.call, SetDesiredCapacity) is corrected
        assert found.says("Complete")[1] == ("" if corrected else "Succeeded")


def test_what_was_applied_at_the_start_is_remembered() -> None:
    """With the work."""
    found = decide(facts(iop(), *instances(3), group=replace(TARGET, applied=5)))
    assert found.status.last_applied_at_start == 5


@pytest.mark.parametrize("status", [{**BEGUN, "succeeded": 1}, IN_WORK], ids=["between chunks", "open call"])
def test_an_operation_on_a_group_that_is_only_observed_now_goes_without_a_call(status: dict[str, Any]) -> None:
    """ObserveOnly may last for ever; the entry is in Kubernetes, the desired capacity stays as it is."""
    watched = replace(TARGET, observe_only=True)
    resource = iop(status, GONE, decrementDesiredCapacity=False)
    first = decide(facts(resource, group=watched, seen=None))
    assert first.call == RecordOperation("web", "drop", "hash", NOW)
    assert decide(facts(resource, group=watched, seen=None, recorded=True)).call == ReleaseFinalizer()


def test_a_pause_holds_a_deletion_with_an_open_call() -> None:
    """Nothing can be read."""
    paused = replace(TARGET, paused=True)
    assert decide(facts(iop(IN_WORK, GONE), group=paused, seen=None)).call is None
