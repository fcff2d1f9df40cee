"""LaunchConfigurations that exist already: found again, adopted, gone, and how they differ from the spec."""

from __future__ import annotations

from typing import Any

import pytest
from core_samples import (
    LAUNCH_OWNER,
    NOW,
    cloud_launch,
    decide_launch,
    later,
    launch_configuration,
    launch_facts,
    observed,
)
from test_core_launch import AS_WANTED, issued, known, revision

from cloudscaling.core.facts import Absent

# --- lost status, adoption, deletion by others -----------------------------------------------------------------------


def test_a_lost_status_finds_its_revisions_by_their_names() -> None:
    """The newest is current; one that looks as wanted is not made again."""
    facts = launch_facts(launch_configuration(), cloud_launch(1), cloud_launch(3, content=AS_WANTED))
    found = decide_launch(facts)
    assert found.call is None
    assert found.says("Adopted") == ("True", "AdoptedByMarker")
    assert {r.revision: r.state for r in found.plan.record["revisions"]} == {1: "Superseded", 3: "Current"}
    assert found.plan.record["applied_hash"] == "key:new"


@pytest.mark.parametrize(
    ("content", "hidden", "spec"),
    [
        ({"image": {"id": "other"}}, frozenset(), {}),
        ({"image": {"id": "image-a"}}, frozenset(), {}),
        ({**AS_WANTED, "dataDisks": [{"type": "SSD", "sizeGiB": 500}]}, frozenset(), {}),
        ({**AS_WANTED, "huawei": {"files": [{"path": "/etc/role"}]}}, frozenset(), {}),
        (AS_WANTED, frozenset({"userData"}), {}),
        (AS_WANTED, frozenset({"userData"}), {"userData": {"inline": "#!/bin/sh"}}),
    ],
    ids=["another image", "a type is missing", "a disk too many", "a file", "a secret", "a secret of either"],
)
def test_a_lost_status_whose_revision_is_not_proven_makes_a_new_one_next(
    content: dict[str, Any], hidden: frozenset[str], spec: dict[str, Any]
) -> None:
    """Its hash stays unknown: the content is one value, and nothing in it may be left over or unknown."""
    row = cloud_launch(3, content=content, hidden=hidden)
    assert decide_launch(launch_facts(launch_configuration(**spec), row)).plan.record["applied_hash"] is None


def test_an_adopted_configuration_is_taken_as_it_is() -> None:
    """Nothing is written; a later change makes revision 2."""
    adopted = cloud_launch(9, id="theirs", name="handmade")
    found = decide_launch(launch_facts(launch_configuration(externalId="theirs"), adopted=observed(adopted)))
    assert found.call is None
    assert found.plan.record["external_id"] == "theirs"
    assert found.says("Adopted") == ("True", "AdoptedById")


def test_an_adopted_configuration_that_does_not_exist_is_named() -> None:
    """It is never made."""
    found = decide_launch(launch_facts(launch_configuration(externalId="theirs"), adopted=Absent(NOW)))
    assert found.call is None
    assert found.says("Adopted") == ("False", "ExternalIdNotFound")


def test_a_current_revision_that_is_gone_is_made_again() -> None:
    """W2; the event says so."""
    found = decide_launch(launch_facts(launch_configuration(known(revision(1))), current=Absent(NOW)))
    assert found.plan.record["external_id"] is None
    assert found.events == ["DeletedExternally"]
    assert found.says("Ready") == ("False", "DeletedExternally")


def test_an_adopted_revision_that_is_gone_is_not_made_again() -> None:
    """ExternalIdNotFound."""
    resource = launch_configuration(known(revision(1)), externalId="id-1")
    found = decide_launch(launch_facts(resource, current=Absent(NOW)))
    assert found.says("Adopted") == ("False", "ExternalIdNotFound")


def test_of_several_with_one_name_the_oldest_is_used_and_the_others_are_named() -> None:
    """0.5: none is deleted, and it is said as long as it is so."""
    older, younger = (cloud_launch(1, id=f"id-{age}", created_at=later(-age), content=AS_WANTED) for age in (900, 100))
    found = decide_launch(launch_facts(launch_configuration(), younger, older))
    assert [r.external_id for r in found.plan.record["revisions"]] == ["id-900"]
    lost = decide_launch(launch_facts(launch_configuration(issued(1)), younger, older))
    assert (lost.plan.record["external_id"], lost.events) == ("id-900", ["RevisionCreated", "DuplicateFound"])
    status = known(revision(1, hash="key:new", externalId="id-900"))
    rest = decide_launch(launch_facts(launch_configuration(status), younger, older, current=observed(older)))
    assert (rest.call, rest.says("Synced"), rest.events) == (None, ("False", "DuplicateFound"), ["DuplicateFound"])
    assert "id-100" in rest.message("Synced")


# --- differences -----------------------------------------------------------------------------------------------------

THEIRS = {"externalId": "id-1"}


def adopted(content: dict[str, Any], hash: str = "key:new", **spec: Any) -> Any:
    resource = launch_configuration(known(revision(1, hash=hash, externalName="handmade")), **THEIRS, **spec)
    seen = cloud_launch(1, name="handmade", content=content, hidden=frozenset({"userData"}))
    return decide_launch(launch_facts(resource, current=observed(seen)))


def test_what_is_only_observed_shows_its_differences() -> None:
    """Both ways: another value, and what the spec lacks."""
    content = {"image": {"id": "other"}, "instanceTypes": ["s6"], "dataDisks": [{"type": "SSD", "sizeGiB": 10}]}
    found = adopted(content, managementPolicy="ObserveOnly")
    assert found.call is None
    assert found.says("Synced") == ("False", "DriftObserved")
    assert [(d.path, d.desired, d.observed) for d in found.status.drift] == [
        ("dataDisks", None, '[{"sizeGiB": 10, "type": "SSD"}]'),
        ("image.id", "image-a", "other"),
    ]


def test_what_is_adopted_as_it_is_shows_none() -> None:
    """Secrets are not compared; what was shown before is taken out."""
    for policy in ("ObserveOnly", "Full"):
        found = adopted(AS_WANTED, managementPolicy=policy)
        assert (found.call, found.plan.drift) == (None, ())
        assert found.says("Synced") == ("True", "UpToDate")


def test_what_is_adopted_with_another_content_is_replaced_by_a_revision() -> None:
    """Under Full the content is one value, and the one in the spec."""
    found = adopted({**AS_WANTED, "image": {"id": "other"}})
    assert found.call.new.name == LAUNCH_OWNER.revision_name(2)
    assert [d.path for d in found.status.drift] == ["image.id"]


def test_a_manifest_that_was_brought_in_line_with_the_cloud_is_not_written_when_it_is_taken_over() -> None:
    """Its hash is recorded while it is only observed."""
    found = adopted(AS_WANTED, hash="key:before", managementPolicy="ObserveOnly")
    assert found.status.revisions[0].hash == "key:new"


def test_a_secret_that_was_changed_while_only_observed_is_told_without_a_path() -> None:
    """It cannot be compared, but its hash differs."""
    resource = launch_configuration(known(revision(1)), managementPolicy="ObserveOnly")
    found = decide_launch(launch_facts(resource, current=observed(cloud_launch(1, content=AS_WANTED))))
    assert found.says("Synced") == ("False", "DriftObserved")
    assert "secret" in found.message("Synced")


def test_what_the_vendor_copies_from_a_template_is_no_difference() -> None:
    """The spec excludes it."""
    spec = {"image": None, "instanceTypes": None, "huawei": {"templateInstanceId": "i-1"}}
    found = adopted({"instanceTypes": ["s6"]}, managementPolicy="ObserveOnly", **spec)
    assert found.says("Synced") == ("True", "UpToDate")
