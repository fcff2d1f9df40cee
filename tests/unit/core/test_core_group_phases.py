"""The phases of a deletion, one by one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from core_samples import (
    NOW,
    Decided,
    cloud_group,
    cloud_policy,
    decide_group,
    deleted,
    group_facts,
    instance,
    observed,
    setback,
)

from cloudscaling.core.calls import (
    ActOnInstances,
    DeleteGroup,
    DeletePolicies,
    DisableGroup,
    ReleaseFinalizer,
    UpdateGroup,
)
from cloudscaling.core.facts import Absent, Untrusted
from cloudscaling.core.model import GroupState, InstanceAction, InstanceState

STARTED = {"deletion": {"phase": "DeletingPolicies", "startedAt": "2026-03-02T05:59:00Z"}}


def decide(*instances: Any, seen: Any = None, facts: dict[str, Any] | None = None, **spec: Any) -> Decided:
    """A deletion with trusted lists of instances and policies, its start stored."""
    known = {
        "seen": observed(cloud_group(min_size=0, desired=0, current=len(instances)) if seen is None else seen),
        "instances": observed(instances),
        "policies": observed(()),
    }
    return decide_group(group_facts(deleted(STARTED, **spec), **{**known, **(facts or {})}))


def released(found: Decided) -> bool:
    return isinstance(found.call, ReleaseFinalizer)


# --- the phases ------------------------------------------------------------------------------------------------------


def test_policies_go_first_twenty_at_a_time() -> None:
    """Whatever could move the capacity."""
    policies = tuple(cloud_policy(id=f"p-{n}") for n in range(25))
    found = decide(instance("a"), facts={"policies": observed(policies)})
    assert found.call == DeletePolicies(tuple(f"p-{n}" for n in range(20)))
    assert found.says("Deleting") == ("True", "DeletingPolicies")


@pytest.mark.parametrize("missing", ["instances", "policies"])
def test_without_a_trusted_list_nothing_is_deleted(missing: str) -> None:
    """An unread list is not an empty one."""
    assert decide(facts={missing: None}).call is None


def test_release_drains_an_enabled_group_in_one_call() -> None:
    """min = desired = 0."""
    found = decide(instance("a"), seen=cloud_group(desired=1, current=1))
    assert isinstance(found.call, UpdateGroup)
    assert found.call.change.changed == {"minSize": 0}
    assert found.call.change.desired == 0
    assert found.says("Deleting") == ("True", "Draining")
    assert "DeletionPhase" in found.events


def test_release_empties_a_disabled_group_by_hand() -> None:
    """First min 0 without touching desired, then batches."""
    off = cloud_group(state=GroupState.DISABLED, desired=3, current=3)
    bounds = decide(instance("a"), seen=off)
    assert bounds.call.change.desired is None
    rows = [instance(name) for name in "abc"]
    found = decide(*rows, seen=replace(off, min_size=0))
    assert found.call == ActOnInstances("g-1", InstanceAction.REMOVE, ("a", "b"))


def test_release_detaches_what_joined_by_hand_first() -> None:
    """Attached instances are never released."""
    rows = (instance("a"), instance("b", attached=True))
    found = decide(*rows, seen=cloud_group(min_size=0, desired=2, current=2))
    assert found.call == ActOnInstances("g-1", InstanceAction.DETACH, ("b",))
    bounds = decide(*rows, seen=cloud_group(min_size=1, desired=2, current=2))
    assert (bounds.call.change.changed, bounds.call.change.desired) == ({"minSize": 0}, None)


def test_detach_disables_then_lowers_then_detaches_in_batches() -> None:
    """Nothing is replaced while instances leave, and none is released."""
    rows = [instance(name) for name in "abc"]
    spec: dict[str, Any] = {"instanceDeletionPolicy": "Detach"}
    assert decide(*rows, seen=cloud_group(), **spec).call == DisableGroup("g-1")
    off = cloud_group(state=GroupState.DISABLED)
    assert decide(*rows, seen=off, **spec).call.change.changed == {"minSize": 0}
    found = decide(*rows, seen=replace(off, min_size=0), **spec)
    assert found.call == ActOnInstances("g-1", InstanceAction.DETACH, ("a", "b"))
    assert found.says("Deleting") == ("True", "Detaching")


@pytest.mark.parametrize("policy", ["Release", "Detach"])
@pytest.mark.parametrize(
    ("blocker", "reason"),
    [
        (instance("a", protected=True), "BlockedByProtection"),
        (instance("a", InstanceState.STANDBY), "BlockedByStandby"),
    ],
)
def test_protected_and_standby_instances_are_respected_and_named(policy: str, blocker: Any, reason: str) -> None:
    """Before the deadline, under both policies."""
    found = decide(blocker, instanceDeletionPolicy=policy)
    assert found.call is None
    assert found.says("Deleting") == ("True", reason)
    message = next(c.message for c in found.status.conditions if c.type == "Deleting")
    assert "a" in message


@pytest.mark.parametrize("state", [InstanceState.PENDING_HOOK, InstanceState.FAILED, InstanceState.UNKNOWN])
def test_an_instance_that_does_not_leave_is_named(state: InstanceState) -> None:
    """Hooks and broken instances are waited for."""
    found = decide(instance("a", state))
    assert found.says("Deleting") == ("True", "BlockedByInstanceState")


def test_a_running_activity_is_waited_for() -> None:
    """Without a Warning."""
    found = decide(instance("a"), seen=cloud_group(desired=1, current=1, busy=True))
    assert found.call is None
    assert found.plan.wait_s == 10


def test_an_empty_group_is_deleted_without_force() -> None:
    """Only then."""
    found = decide()
    assert found.call == DeleteGroup("g-1", force=False)
    assert found.says("Deleting") == ("True", "DeletingCloudObject")


def test_a_group_that_the_vendor_is_deleting_is_waited_for() -> None:
    """No second call."""
    found = decide(seen=cloud_group(state=GroupState.DELETING))
    assert found.call is None
    assert found.says("Deleting") == ("True", "Confirming")


def test_the_object_goes_when_the_group_is_proven_gone() -> None:
    """W2, never on a failed read."""
    assert released(decide(facts={"seen": Absent(NOW)}))
    assert decide(facts={"seen": Untrusted("timeout", 3.0)}).call is None


def test_a_refusal_of_the_vendor_is_named() -> None:
    """Deleting says why it does not move."""
    found = decide(facts={"setback": setback()})
    assert found.call is None
    assert found.says("Deleting") == ("True", "BlockedByVendor")
