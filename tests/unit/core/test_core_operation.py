"""An operation from its acceptance to its end: what it waits for, what stops it, what it leaves behind."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from core_samples import ACCOUNT, NOW, cloud_group, later, observed
from operation_samples import (
    BEGUN,
    FROZEN,
    IN_WORK,
    NO_GROUP,
    OPERATOR_ACCOUNT,
    TARGET,
    decide,
    facts,
    instances,
    iop,
    refusal,
    rig,
    said,
)

from cloudscaling import errors
from cloudscaling.core.calls import ActOnInstances
from cloudscaling.core.facts import Absent, Unresolved, Untrusted
from cloudscaling.core.model import GroupState, InstanceAction
from cloudscaling.core.operation.facts import PolicyTarget

LATE = {"activeDeadlineSeconds": 60}
OTC = replace(OPERATOR_ACCOUNT, vendor="OTC", block="otc")
ENFORCED = replace(TARGET, enforced=True)


def without(*actions: InstanceAction) -> Any:
    sizes = {action: size for action, size in OTC.batch_sizes.items() if action not in actions}
    return replace(OTC, batch_sizes=sizes)


# --- acceptance ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spec", "changes", "reason"),
    [
        ({"alibaba": {"removePolicy": "Release"}}, {}, "VendorBlockMismatch"),
        (
            {"action": "EnterStandby", "instanceIds": ["a"]},
            {"account": without(InstanceAction.ENTER_STANDBY)},
            "Unsupported",
        ),
        ({"action": "Start", "instanceIds": ["a"]}, {}, "Unsupported"),
        ({"action": "Rebalance"}, {}, "Unsupported"),
        (
            {
                "action": "ExtendLifecycleAction",
                "instanceIds": ["a"],
                "lifecycleAction": {"hookName": "h", "extendSeconds": 60},
            },
            {},
            "Unsupported",
        ),
        (
            {"action": "ExecutePolicy", "policyRef": {"name": "p"}},
            {"policy": PolicyTarget("p-1", "p", "other", "Alarm")},
            "InvalidValue",
        ),
        (
            {"action": "ExecutePolicy", "policyRef": {"name": "p"}},
            {"policy": PolicyTarget("", "p", "web", "Scheduled")},
            "Unsupported",
        ),
        ({}, {"recorded": True}, "AlreadyExecuted"),
    ],
    ids=["block", "standby", "start", "rebalance", "extendSeconds", "other group", "no cloud policy", "repeated"],
)
def test_what_cannot_be_done_is_not_accepted(spec: dict[str, Any], changes: dict[str, Any], reason: str) -> None:
    """Nothing runs."""
    found = decide(facts(iop(**spec), *instances(3), **changes))
    assert (found.call, found.status.total) == (None, None)
    assert found.says("Accepted") == ("False", reason)
    assert found.says("Progressing") == ("False", "NotAccepted")
    assert found.says("Stalled") == ("True", reason)
    assert found.status.phase == "Pending"


@pytest.mark.parametrize(
    ("spec", "fights"),
    [
        ({}, True),
        ({"decrementDesiredCapacity": True}, True),
        ({"decrementDesiredCapacity": False}, False),
        ({"action": "Detach", "instanceIds": ["i-1"]}, True),
        ({"action": "Add", "instanceIds": ["x"]}, True),
        ({"action": "ScaleOut", "count": 1}, True),
        ({"action": "ScaleIn", "count": 1}, True),
        ({"action": "Protect", "instanceIds": ["i-1"]}, False),
    ],
)
def test_an_enforced_group_keeps_its_capacity(spec: dict[str, Any], fights: bool) -> None:
    """D6: only what leaves the desired capacity alone is accepted."""
    found = decide(facts(iop(**spec), *instances(5), group=ENFORCED))
    expected = ("False", "CapacityOwnershipConflict") if fights else ("True", "Valid")
    assert found.says("Accepted") == expected


def test_a_group_that_becomes_enforced_does_not_stop_what_has_begun() -> None:
    """What was accepted is brought to its end."""
    assert decide(facts(iop(FROZEN), *instances(5), group=ENFORCED)).says("Accepted") == ("True", "Valid")


def test_a_repeated_operation_is_told_once() -> None:
    """By an Event of its own."""
    assert decide(facts(iop(), *instances(3), recorded=True)).events == ["AlreadyExecuted"]
    known = said("Accepted", "False", "AlreadyExecuted")
    assert decide(facts(iop(known), *instances(3), recorded=True)).events == []


@pytest.mark.parametrize(
    "changes",
    [
        {"account": Unresolved("CredentialsInvalid", "refused")},
        {"group": NO_GROUP},
        {"group": Unresolved("ScalingGroupNotCreated", "not yet")},
        {"policy": Unresolved("ScalingPolicyNotFound", "no")},
    ],
    ids=["account", "group", "not created", "policy"],
)
def test_a_missing_reference_is_waited_for(changes: dict[str, Any]) -> None:
    """Until the deadline."""
    found = decide(facts(iop(), **changes))
    assert found.says("ReferencesResolved")[0] == "False"
    assert found.says("Progressing") == ("False", "ReferencesNotResolved")
    assert found.plan.wait_s == 3601.0


def test_nothing_is_called_before_the_finalizer_is_stored() -> None:
    """Else a deletion could not wait for the call."""
    assert decide(facts(iop(FROZEN), *instances(3), finalizer_stored=False)).call is None


# --- waiting ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spec", "changes", "reason"),
    [
        ({}, {"group": replace(TARGET, paused=True), "seen": None}, "WaitingForGroup"),
        ({}, {"group": replace(TARGET, observe_only=True), "seen": None}, "WaitingForGroup"),
        ({}, {"earlier": "first"}, "WaitingForGroup"),
        ({}, {"seen": Absent(NOW)}, "WaitingForGroup"),
        ({}, {"seen": observed(cloud_group(busy=True))}, "WaitingForActivity"),
        (
            {"action": "Add", "instanceIds": ["x"]},
            {"seen": observed(cloud_group(state=GroupState.DISABLED))},
            "WaitingForGroup",
        ),
    ],
    ids=["paused", "ObserveOnly", "an earlier operation", "vanished", "busy", "Add to a disabled group"],
)
def test_a_group_that_is_not_ready_is_waited_for(spec: dict[str, Any], changes: dict[str, Any], reason: str) -> None:
    """Phase Waiting."""
    found = decide(facts(iop(**spec), *instances(3), **changes))
    assert (found.call, found.status.total, found.status.phase) == (None, None, "Waiting")
    assert found.says("Progressing") == ("True", reason)
    assert found.says("Reconciling") == ("True", reason)


def test_a_disabled_group_may_be_shrunk() -> None:
    """Only Add needs an active one."""
    group = observed(cloud_group(state=GroupState.DISABLED, min_size=0, desired=5))
    assert isinstance(decide(facts(iop(FROZEN), *instances(5), seen=group)).call, ActOnInstances)


def test_an_operation_that_comes_first_is_let_through_between_chunks() -> None:
    """An open chunk is verified all the same."""
    assert decide(facts(iop(BEGUN), *instances(5), earlier="first")).call is None
    done = decide(facts(iop(IN_WORK), *instances(5)[2:], earlier="first"))
    assert done.status.succeeded == 2


# --- time ---------------------------------------------------------------------------------------------------------


def test_an_operation_that_did_not_start_in_time_expires() -> None:
    """NotAfter."""
    found = decide(facts(iop(FROZEN, notAfter="2026-03-02T05:00:00Z"), *instances(5)))
    assert (found.call, found.says("Failed")) == (None, ("True", "Expired"))


def test_what_has_started_does_not_expire() -> None:
    """The deadline is another one."""
    found = decide(facts(iop(BEGUN, notAfter="2026-03-02T05:00:00Z"), *instances(5)))
    assert isinstance(found.call, ActOnInstances)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"group": replace(TARGET, paused=True), "seen": None},
        {"account": Unresolved("AccountPaused", "paused")},
        {"group": Unresolved("ScalingGroupNotCreated", "no")},
        {"seen": Untrusted("no", 5.0)},
        {"seen": Absent(NOW)},
        {"seen": observed(cloud_group(busy=True))},
    ],
    ids=["idle", "paused", "account paused", "no group", "unreadable", "vanished", "busy"],
)
def test_waiting_is_part_of_the_deadline(changes: dict[str, Any]) -> None:
    """Whatever it waits for."""
    found = decide(facts(iop(**LATE), now=later(61), **changes))
    assert found.says("Failed") == ("True", "DeadlineExceeded")
    assert (found.call, found.status.phase) == (None, "Failed")


def test_a_chunk_in_work_at_the_deadline_is_read_once_more() -> None:
    """What did not arrive is NotVerified, what was not begun remains."""
    status = {**IN_WORK, "total": 3, "instanceIds": ["i-1", "i-2", "i-3"]}
    first = decide(facts(iop(status, **LATE), *instances(5)[1:], now=later(61)))
    assert (first.status.succeeded, first.status.failures[0].reason) == (1, "NotVerified")
    found = rig(5, iop(status, instanceIds=["i-1", "i-2", "i-3"], **LATE))
    found.now, found.deaf = later(61), True
    found.run()
    assert found.says("Failed") == ("True", "DeadlineExceeded")
    assert (found.status.remaining, found.recorded) == (1, True)


def test_the_clock_starts_again_when_a_suspension_ends() -> None:
    """As that of a Job."""
    status = {**FROZEN, **said("Suspended", "True", "SuspendedByUser")}
    found = decide(facts(iop(status, suspend=True, **LATE), now=later(500)))
    assert (found.says("Failed"), found.says("Progressing")) == (("", ""), ("False", "Suspended"))
    assert isinstance(decide(facts(iop(status, **LATE), *instances(5), now=later(500))).call, ActOnInstances)
    resumed = {**FROZEN, **said("Suspended", "False", "Resumed", "2026-03-02T06:08:00Z")}
    assert isinstance(decide(facts(iop(resumed, **LATE), *instances(5), now=later(500))).call, ActOnInstances)


# --- suspend ------------------------------------------------------------------------------------------------------


def test_a_suspended_operation_starts_no_chunk() -> None:
    """One Event."""
    found = decide(facts(iop(BEGUN, suspend=True), *instances(5)))
    assert (found.call, found.status.phase) == (None, "Suspended")
    assert found.says("Suspended") == ("True", "SuspendedByUser")
    assert found.events == ["Suspended"]
    known = {**BEGUN, **said("Suspended", "True", "SuspendedByUser")}
    assert decide(facts(iop(known, suspend=True), *instances(5))).events == []


def test_a_running_chunk_is_not_undone_by_a_suspension() -> None:
    """It is verified; what it missed is not called for again."""
    found = decide(facts(iop(IN_WORK, suspend=True), *instances(5)[1:]))
    assert (found.call, found.status.succeeded, found.status.remaining) == (None, 1, 1)
    assert found.status.current_batch is None


def test_a_resumed_operation_goes_on() -> None:
    """Suspended=False/Resumed stays to be seen."""
    status = {**BEGUN, **said("Suspended", "True", "SuspendedByUser")}
    found = decide(facts(iop(status), *instances(5)))
    assert isinstance(found.call, ActOnInstances)
    assert found.says("Suspended") == ("False", "Resumed")


# --- what is said -------------------------------------------------------------------------------------------------


def test_a_failed_call_says_nothing_that_the_kind_does_not_have() -> None:
    """No Synced, no Deleting; throttling is shown."""
    from cloudscaling.core.holding import failed
    from cloudscaling.core.operation import status as operation_status
    from cloudscaling.core.plan import Plan

    setback = replace(refusal(errors.Throttled), throttled=True)
    status = operation_status.project(facts(iop(BEGUN)), Plan(verdicts=failed(setback, deleting=True)))
    assert {c.type for c in status.conditions} >= {"Accepted", "ReferencesResolved", "Progressing", "Throttled"}
    assert not {"Synced", "Deleting", "Ready"} & {c.type for c in status.conditions}


def test_the_vendor_is_kept() -> None:
    """For the column."""
    assert decide(facts(iop(), *instances(3))).status.vendor == ACCOUNT.vendor
