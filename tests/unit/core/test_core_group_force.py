"""Forced deletion: only after the deadline, and never more than the policy allows."""

from __future__ import annotations

from typing import Any

import pytest
from core_samples import NOW, Decided, cloud_group, cloud_policy, decide_group, deleted, group_facts, instance, observed

from cloudscaling.core.calls import ActOnInstances, DeleteGroup, DeletePolicies, DisableGroup, ReleaseFinalizer
from cloudscaling.core.facts import Absent
from cloudscaling.core.model import GroupState, InstanceAction, InstanceState

OVERDUE = {
    "deletion": {"phase": "Draining", "startedAt": "2026-03-02T05:58:00Z", "deadline": "2026-03-02T05:59:00Z"},
}


def decide(
    *instances: Any, seen: Any = None, seconds: int = 60, policies: tuple[Any, ...] = (), **spec: Any
) -> Decided:
    status = OVERDUE if seconds == 60 else {"deletion": {"phase": "Draining", "startedAt": "2026-03-02T05:58:00Z"}}
    resource = deleted(status, forceDeleteAfterSeconds=seconds, **spec)
    group = cloud_group(min_size=0, desired=0, current=len(instances)) if seen is None else seen
    facts = group_facts(resource, seen=observed(group), instances=observed(instances), policies=observed(policies))
    return decide_group(facts)


def test_release_stores_the_instance_ids_and_then_forces() -> None:
    """The vendor may leave servers behind; attached ones are not ours to list."""
    found = decide(instance("a", protected=True), instance("b", attached=True))
    assert found.call == DeleteGroup("g-1", force=True)
    assert found.status.deletion.leftover_instance_ids == ("a",)
    assert found.says("Deleting") == ("True", "Forcing")
    assert found.plan.step is not None
    assert [n.reason for n in found.plan.step.notices] == ["ForcedDeletion", "DeletionPhase"]


def test_what_a_forced_deletion_may_have_left_is_told_at_the_end() -> None:
    """Somebody pays for it every hour."""
    status = {"deletion": {**OVERDUE["deletion"], "leftoverInstanceIds": ["a", "b"]}}
    found = decide_group(group_facts(deleted(status), seen=Absent(NOW)))
    assert isinstance(found.call, ReleaseFinalizer)
    assert found.said == ["LeftoverInstances", "Deleted"]
    assert decide_group(group_facts(deleted(OVERDUE), seen=Absent(NOW))).said == ["Deleted"]


def test_a_forced_deletion_that_is_repeated_forgets_no_instance() -> None:
    """The group may still be there when its instances are out of the list already."""
    known = {"deletion": {**OVERDUE["deletion"], "phase": "Confirming", "leftoverInstanceIds": ["b", "a"]}}
    resource = deleted(known, forceDeleteAfterSeconds=60)
    rows = observed((instance("a"), instance("c")))
    found = decide_group(group_facts(resource, seen=observed(cloud_group()), instances=rows, policies=observed(())))
    assert found.call == DeleteGroup("g-1", force=True)
    assert found.status.deletion.leftover_instance_ids == ("b", "a", "c")


def test_policies_are_forced_as_well() -> None:
    """An executing policy must not hold it up any longer."""
    assert decide(policies=(cloud_policy(executing=True),)).call == DeletePolicies(("p-1",), force=True)


def test_without_a_deadline_nothing_is_ever_forced() -> None:
    """-1 is the default."""
    found = decide(instance("a", protected=True), seconds=-1)
    assert found.says("Deleting") == ("True", "BlockedByProtection")


def test_zero_seconds_force_at_once() -> None:
    """As asked."""
    resource = deleted(
        {"deletion": {"phase": "Draining", "startedAt": NOW, "deadline": NOW}}, forceDeleteAfterSeconds=0
    )
    facts = group_facts(resource, seen=observed(cloud_group()), instances=observed(()), policies=observed(()))
    assert decide_group(facts).call == DeleteGroup("g-1", force=True)


@pytest.mark.parametrize(
    ("row", "action"),
    [
        (instance("a", protected=True), InstanceAction.UNPROTECT),
        (instance("a", InstanceState.STANDBY), InstanceAction.EXIT_STANDBY),
    ],
)
def test_detach_unprotects_and_ends_standby_but_never_deletes_by_force(row: Any, action: InstanceAction) -> None:
    """Force never turns Detach into Release."""
    found = decide(row, instanceDeletionPolicy="Detach")
    assert found.call == ActOnInstances("g-1", action, ("a",))


def test_detach_past_its_deadline_still_detaches() -> None:
    """Disable, detach, delete without force."""
    spec: dict[str, Any] = {"instanceDeletionPolicy": "Detach"}
    assert decide(instance("a"), seen=cloud_group(), **spec).call == DisableGroup("g-1")
    off = cloud_group(state=GroupState.DISABLED, min_size=0)
    assert decide(instance("a"), seen=off, **spec).call == ActOnInstances("g-1", InstanceAction.DETACH, ("a",))
    empty = cloud_group(state=GroupState.DISABLED, min_size=0, current=0)
    assert decide(seen=empty, **spec).call == DeleteGroup("g-1", force=False)


def test_detach_stays_blocked_by_an_instance_that_cannot_leave() -> None:
    """Rather than being released."""
    off = cloud_group(state=GroupState.DISABLED, min_size=0, current=1)
    found = decide(instance("a", InstanceState.FAILED), seen=off, instanceDeletionPolicy="Detach")
    assert found.call is None
    assert found.says("Deleting") == ("True", "BlockedByInstanceState")


def test_a_forced_deletion_that_runs_is_not_asked_for_again() -> None:
    """The vendor says DELETING."""
    found = decide(instance("a"), seen=cloud_group(state=GroupState.DELETING))
    assert found.call is None
