"""Which activity of the cloud a chunk is, for people who look for it in the vendor's console."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from core_samples import cloud_group, later, observed
from operation_samples import BEGUN, decide, facts, instances, iop

from cloudscaling.core.model import Activity, ActivityStatus, ActivityType
from cloudscaling.core.operation.facts import PolicyTarget

BATCH = {"index": 1, "instanceIds": ["i-1", "i-2"], "startedAt": "2026-03-02T05:59:00Z", "attempts": 1}
ENDED = ActivityStatus.SUCCEEDED


def activity(name: str, at_s: float = -58, ids: tuple[str, ...] = (), **more: Any) -> Activity:
    base = Activity(name, ActivityType.REMOVE, ENDED, started_at=later(at_s), instance_ids=ids)
    return replace(base, **more)


def verifying(state: str = "Verifying", **batch: Any) -> Any:
    return iop({**BEGUN, "currentBatch": {**BATCH, "state": state, **batch}})


@pytest.mark.parametrize(
    ("log", "name"),
    [
        ((activity("a", ids=("i-2", "x")),), "a"),
        ((activity("b", ids=("i-9",)), activity("a", ids=("i-1",))), "a"),
        ((activity("old", -300, ("i-1",)),), None),
        ((activity("nobody's"),), None),
        ((activity("made it", ids=("i-1",), type=ActivityType.SCALE_OUT),), None),
        ((), None),
    ],
    ids=["by instance", "not the newest", "of an earlier try", "without instances", "of another kind", "nothing"],
)
@pytest.mark.parametrize("state", ["Issued", "Verifying"])
def test_the_activity_of_a_chunk_is_known_by_time_and_instances(log: Any, name: str | None, state: str) -> None:
    """It stays in the list of chunks."""
    found = decide(facts(verifying(state), *instances(5)[2:], activities=log))
    assert [(b.activity_id, b.status) for b in found.status.batches] == [(name, "Succeeded")]


def test_the_activity_that_runs_after_an_answer_is_the_chunks() -> None:
    """The group was idle before; the column shows it while it runs, and it is looked for once."""
    running = activity("a", status=ActivityStatus.IN_PROGRESS)
    busy = {"seen": observed(cloud_group(busy=True)), "instances": None}
    found = decide(facts(verifying(), activities=(running, activity("b")), **busy))
    assert found.status.current_batch.activity_id == "a"
    again = decide(facts(iop({**BEGUN, "currentBatch": found.status.current_batch}), activities=None, **busy))
    assert again.plan.record == {}
    lost = decide(facts(verifying("Issued"), activities=(running,), **busy))
    assert lost.status.current_batch.activity_id is None


def test_the_activity_of_a_scaling_is_the_first_one_after_the_call() -> None:
    """Not one that was there before, nor the one of a policy."""
    spec = {"action": "ScaleOut", "count": 1}
    status = {"total": 1, "desiredAtStart": 3, "startTime": "2026-03-02T05:59:00Z"}
    batch = {**BATCH, "instanceIds": [], "state": "Verifying", "target": 4, "priorIds": ["before"]}
    log = (activity("later", -5), activity("policy's", -50, policy_id="p"), activity("a"), activity("before"))
    found = decide(facts(iop({**status, "currentBatch": batch}, **spec), *instances(4), activities=log))
    assert [b.activity_id for b in found.status.batches] == ["a"]


def test_the_activity_of_an_executed_policy_is_one_of_that_policy() -> None:
    """While it runs."""
    spec = {"action": "ExecutePolicy", "policyRef": {"name": "night"}}
    status = {"total": 1, "desiredAtStart": 3, "startTime": "2026-03-02T05:59:00Z"}
    log = (activity("x", policy_id="p-2"), activity("a", policy_id="p-1", status=ActivityStatus.IN_PROGRESS))
    batch = {**BATCH, "instanceIds": [], "state": "Verifying"}
    busy = observed(cloud_group(busy=True, desired=3))
    alarm = PolicyTarget("p-1", "night", "web", "Alarm")
    resource = iop({**status, "currentBatch": batch}, **spec)
    found = decide(facts(resource, *instances(3), activities=log, seen=busy, policy=alarm))
    assert found.status.current_batch.activity_id == "a"
