"""Deletion of a launch configuration: every revision that is ours goes, whoever still uses one is respected."""

from __future__ import annotations

from typing import Any

import pytest
from core_samples import (
    GONE,
    NOW,
    UID,
    Decided,
    cloud_launch,
    decide_launch,
    later,
    launch_configuration,
    launch_facts,
)

from cloudscaling.core.calls import DeleteLaunchConfigurations, ReleaseFinalizer
from cloudscaling.core.facts import Lookup, Unresolved, Untrusted

NO_CREDENTIALS = Unresolved("CredentialsInvalid", "refused")
REVISIONS = [
    {"revision": n, "scalingGroup": "", "externalId": f"id-{n}", "state": "Current" if n == 2 else "Retained"}
    for n in (2, 1)
]
MADE = {"externalId": "id-2", "currentRevision": 2, "revisions": REVISIONS}
OPEN = {"operation": {"id": "o", "type": "Create", "state": "Issued", "startedAt": "2026-03-02T05:50:00Z", "target": 3}}


def decide(
    *rows: Any, status: dict[str, Any] | None = None, facts: dict[str, Any] | None = None, **spec: Any
) -> Decided:
    annotations = spec.pop("annotations", {})
    resource = launch_configuration(MADE if status is None else status, {**GONE, "annotations": annotations}, **spec)
    return decide_launch(launch_facts(resource, *rows, **(facts or {})))


def released(found: Decided) -> bool:
    return isinstance(found.call, ReleaseFinalizer)


def test_all_revisions_go_in_one_call_and_then_the_object() -> None:
    """Ready says Deleting meanwhile."""
    found = decide(cloud_launch(1), cloud_launch(2))
    assert found.call == DeleteLaunchConfigurations(("id-1", "id-2"))
    assert found.says("Deleting") == ("True", "DeletingCloudObject")
    assert found.says("Ready") == ("False", "Deleting")
    assert released(decide())


def test_a_lost_status_still_finds_its_revisions_by_name() -> None:
    """The default name holds the mark."""
    assert decide(cloud_launch(7), status={}).call == DeleteLaunchConfigurations(("id-7",))


def test_configurations_of_others_are_left_alone() -> None:
    """A name that is only similar is no proof."""
    row = cloud_launch(1, name="lc-r1")
    assert released(decide(row, status={}))


def test_a_scaling_group_that_names_it_holds_it() -> None:
    """The message names the group."""
    found = decide(cloud_launch(2), facts={"users": ("web",)})
    assert found.call is None
    assert found.says("Deleting") == ("True", "BlockedInUse")


def test_a_cloud_group_of_an_object_here_that_still_uses_it_is_waited_for() -> None:
    """Its object names another configuration already, the cloud has not switched yet."""
    facts = {"used_ids": frozenset({"id-2"}), "held_ids": frozenset({"id-2"})}
    found = decide(cloud_launch(2), facts=facts)
    assert found.call is None
    assert found.says("Deleting") == ("True", "BlockedByConfigurationInUse")


def test_what_only_groups_without_an_object_use_is_left_behind_and_named() -> None:
    """Account and namespace do not hang."""
    found = decide(cloud_launch(2), facts={"used_ids": frozenset({"id-2"})})
    assert released(found)
    assert found.plan.step is not None
    assert [n.reason for n in found.plan.step.notices] == ["RevisionRetained"]


def test_what_is_free_goes_even_if_another_revision_is_in_use() -> None:
    """One by one."""
    found = decide(cloud_launch(1), cloud_launch(2), facts={"used_ids": frozenset({"id-2"})})
    assert found.call == DeleteLaunchConfigurations(("id-1",))


@pytest.mark.parametrize("rows", [(), (cloud_launch(2),)], ids=["nothing else", "one in use"])
def test_a_create_without_a_known_end_is_settled_first(rows: tuple[Any, ...]) -> None:
    """Whatever else is there."""
    facts: dict[str, Any] = {"used_ids": frozenset({"id-2"})}
    found = decide(status={**MADE, **OPEN}, facts={**facts, "lookup": Lookup(rows, NOW)})
    assert found.call is None
    assert found.says("Deleting") == ("True", "Confirming")
    assert released(decide(status={**MADE, **OPEN}, facts={**facts, "lookup": Lookup(rows, NOW, later(-600))}))


def test_a_create_under_a_former_name_is_settled_by_that_name() -> None:
    """Found it goes; one of others, which is older than the call, is no sign of it."""
    status = {**OPEN, "externalName": "mine-r3"}
    young, old = (cloud_launch(3, name="mine-r3", created_at=later(seconds)) for seconds in (-600, -9000))
    assert decide(young, status=status).call == DeleteLaunchConfigurations(("id-3",))
    settled = decide(status=status, facts={"lookup": Lookup((old,), NOW, later(-600))})
    assert released(settled)


@pytest.mark.parametrize("facts", [{"lookup": Untrusted("x", 3.0)}, {"used_ids": None}])
def test_without_a_trusted_list_nothing_goes(facts: dict[str, Any]) -> None:
    """Neither a configuration nor the finalizer."""
    assert decide(cloud_launch(2), facts=facts).call is None


@pytest.mark.parametrize(
    "spec", [{"deletionPolicy": "Orphan"}, {"managementPolicy": "ObserveOnly"}, {"externalId": "id-2"}]
)
def test_what_is_kept_is_left_without_a_call_or_credentials(spec: dict[str, Any]) -> None:
    """Orphan, ObserveOnly, adopted."""
    assert released(decide(cloud_launch(2), facts={"account": NO_CREDENTIALS}, **spec))


def test_what_is_kept_waits_for_a_create_without_a_known_end() -> None:
    """3.6: the finalizer never goes before, and nothing is deleted."""
    for spec in ({"deletionPolicy": "Orphan"}, {"managementPolicy": "ObserveOnly"}):
        status = {**MADE, **OPEN}
        assert decide(status=status, **spec).says("Deleting") == ("True", "Confirming")
        assert decide(status=status, facts={"account": NO_CREDENTIALS}, **spec).call is None
        assert decide(status=status, facts={"lookup": Untrusted("x", 3.0)}, **spec).call is None
        assert released(decide(cloud_launch(3), status=status, **spec))
        assert released(decide(status=status, facts={"lookup": Lookup((), NOW, later(-600))}, **spec))


def test_an_adopted_revision_goes_when_the_spec_says_so() -> None:
    """As an adopted group does; what was named but never adopted is not ours to delete."""
    adopted = cloud_launch(1, name="handmade")
    spec = {"externalId": "id-1", "deletionPolicy": "Delete"}
    assert decide(adopted, cloud_launch(2), **spec).call == DeleteLaunchConfigurations(("id-1", "id-2"))
    assert released(decide(adopted, status={}, **spec))


def test_missing_credentials_protection_and_pause_are_named() -> None:
    """Each has its reason."""
    assert decide(facts={"account": NO_CREDENTIALS}).says("Deleting") == ("True", "BlockedByCredentials")
    assert decide(deletionProtection=True).says("Deleting") == ("True", "BlockedByDeletionProtection")
    assert decide(paused=True).says("Deleting") == ("True", "BlockedByPause")


def test_force_orphan_gives_up_without_a_call() -> None:
    """Only with the uid."""
    found = decide(annotations={"cloudscaling.dev/force-orphan": UID}, facts={"account": NO_CREDENTIALS})
    assert released(found)


def test_without_credentials_only_an_object_whose_name_was_looked_for_goes() -> None:
    """A lost status looks like one that never made anything; the account in the status is the proof of the look."""
    found = decide(status={}, facts={"account": NO_CREDENTIALS})
    assert found.says("Deleting") == ("True", "BlockedByCredentials")
    assert "force-orphan" in found.message("Deleting")
    assert released(decide(status={"account": "acme"}, facts={"account": NO_CREDENTIALS}))


def test_the_account_is_recorded_only_with_a_trusted_look() -> None:
    """A list in doubt proves nothing."""
    resource = launch_configuration()
    assert decide_launch(launch_facts(resource)).status.account == "acme"
    assert decide_launch(launch_facts(resource, lookup=Untrusted("truncated", 4.0))).status.account is None
