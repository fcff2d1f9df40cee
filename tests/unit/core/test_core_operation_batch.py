"""Operations on instances: who is chosen, what is called, what becomes of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from core_samples import instance, later, observed
from operation_samples import (
    OPERATOR_ACCOUNT,
    Rig,
    decide,
    facts,
    instances,
    iop,
    refusal,
    rig,
)

from cloudscaling import errors
from cloudscaling.core.calls import ActOnInstances
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


def test_instances_that_have_no_id_yet_are_not_chosen() -> None:
    """The vendor shows them before their machines are made; nothing could be called for them."""
    rows = [instance("", InstanceState.PENDING), instance("", InstanceState.PENDING), instance("i-1")]
    resource = iop(action="Protect", instanceSelector={"protected": False, "limit": 1})
    found = decide(facts(resource, *rows))
    assert (found.status.instance_ids, found.status.total) == (("i-1",), 1)


@pytest.mark.parametrize("chosen", [["i-1", "i-1"], ["i-1"], ["", "", "i-1"]], ids=["twice", "short", "without ids"])
def test_a_list_that_is_shorter_than_its_count_ends_all_the_same(chosen: list[str]) -> None:
    """What cannot be named any more has failed; nothing is looked at for ever."""
    status = {**FROZEN, "total": 3, "instanceIds": chosen}
    found = rig(5, iop(status, action="Protect", instanceIds=["i-1"]))
    found.run(looks=20)
    assert (found.status.succeeded, found.status.failed, found.status.remaining) == (1, 2, 0)
    assert found.says("Failed") == ("True", "SomeInstancesFailed")


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
    ("spec", "limits", "reason"),
    [
        ({"action": "Add", "instanceIds": ["x-1", "x-2", "i-1"]}, {"max_size": 4}, "WouldExceedMaxSize"),
        ({"instanceIds": ["i-1", "i-2", "x-1"]}, {"min_size": 3}, "WouldFallBelowMinSize"),
    ],
)
def test_a_list_that_is_refused_as_a_whole_has_a_result_for_each_instance(
    spec: dict[str, Any], limits: dict[str, int], reason: str
) -> None:
    """What is so already is skipped as ever."""
    found = rig(3, iop(**spec), **limits)
    found.run()
    assert [f.reason for f in found.status.failures] == [reason, reason]
    assert (found.status.failed, found.status.skipped, found.status.remaining) == (2, 1, 0)


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
