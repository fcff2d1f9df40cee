"""LaunchConfiguration: one content, one hash, one revision; create before destroy."""

from __future__ import annotations

from dataclasses import replace
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
    setback,
)

from cloudscaling import errors
from cloudscaling.core.calls import CreateLaunchConfiguration, DeleteLaunchConfigurations
from cloudscaling.core.facts import ContentSource, Lookup, Setback, Unresolved, Untrusted
from cloudscaling.core.plan import RESULT

AS_WANTED = {"image": {"id": "image-a"}, "instanceTypes": ["s6"]}


def revision(number: int, state: str = "Current", hash: str | None = "key:old", **more: Any) -> dict[str, Any]:
    return {
        "revision": number,
        "scalingGroup": "",
        "externalId": f"id-{number}",
        "externalName": LAUNCH_OWNER.revision_name(number),
        "hash": hash,
        "state": state,
        **more,
    }


def known(*revisions: dict[str, Any], **more: Any) -> dict[str, Any]:
    current = next((r for r in revisions if r["state"] == "Current"), None)
    found = {"revisions": list(revisions), **more}
    if current is not None:
        found |= {"externalId": current["externalId"], "currentRevision": current["revision"]}
    return found


def issued(number: int, started: str = "2026-03-02T05:50:00Z") -> dict[str, Any]:
    return {"operation": {"id": "o", "type": "Create", "state": "Issued", "startedAt": started, "target": number}}


def test_the_first_revision_is_created_with_a_stored_intent() -> None:
    """Content and name, then the id into the list of revisions."""
    found = decide_launch(launch_facts(launch_configuration()))
    assert isinstance(found.call, CreateLaunchConfiguration)
    assert found.call.new.name.endswith("-r1")
    assert found.plan.record["operation"].target == 1
    assert found.plan.step is not None
    assert found.plan.step.after["external_id"] is RESULT
    assert found.plan.step.after["revisions"][0].state == "Current"
    assert found.says("Ready") == ("False", "Creating")


def test_a_new_content_is_a_new_revision_and_the_old_one_stays() -> None:
    """Create before destroy."""
    found = decide_launch(launch_facts(launch_configuration(known(revision(1))), current=observed(cloud_launch(1))))
    assert found.call.new.name.endswith("-r2")
    assert found.plan.step is not None
    states = {r.revision: r.state for r in found.plan.step.after["revisions"]}
    assert states == {2: "Current", 1: "Superseded"}
    assert found.says("Synced") == ("False", "Updating")


@pytest.mark.parametrize(
    ("name", "wanted", "new"),
    [
        ("one-r1", "two", "two-r2"),
        ("one-r1", None, LAUNCH_OWNER.revision_name(2)),
        (LAUNCH_OWNER.revision_name(1), "two", "two-r2"),
        ("one-r1", "one", None),
        (LAUNCH_OWNER.revision_name(1), None, None),
    ],
)
def test_another_name_is_another_revision(name: str, wanted: str | None, new: str | None) -> None:
    """The vendor cannot rename one; the same content under the same name is left alone."""
    resource = launch_configuration(known(revision(1, hash="key:new", externalName=name)), externalName=wanted)
    found = decide_launch(launch_facts(resource, current=observed(cloud_launch(1, name=name))))
    assert (found.call.new.name if found.call else None) == new


@pytest.mark.parametrize(("wanted", "new"), [(None, None), ("handmade", None), ("mine", "mine-r2")])
def test_what_was_adopted_keeps_its_name_unless_the_spec_gives_another(wanted: str | None, new: str | None) -> None:
    """0.5."""
    status = known(revision(1, hash="key:new", externalName="handmade"))
    resource = launch_configuration(status, externalId="id-1", externalName=wanted)
    seen = cloud_launch(1, name="handmade", content=AS_WANTED)
    found = decide_launch(launch_facts(resource, current=observed(seen)))
    assert (found.call.new.name if found.call else None) == new


def test_the_same_content_is_left_alone() -> None:
    """A second look plans nothing."""
    status = known(revision(1, hash="key:new"))
    found = decide_launch(launch_facts(launch_configuration(status), current=observed(cloud_launch(1))))
    assert (found.call, found.plan.record) == (None, {})
    assert found.says("Ready") == ("True", "Available")


def test_a_revision_number_is_never_used_twice() -> None:
    """Also when newer ones were collected."""
    status = known(revision(4)) | {"currentRevision": 7}
    found = decide_launch(launch_facts(launch_configuration(status), current=observed(cloud_launch(4))))
    assert found.call.new.name.endswith("-r8")


def test_a_hash_under_another_key_is_recorded_anew() -> None:
    """A lost key makes no revision."""
    status = known(revision(1, hash="lostkey:abc"))
    found = decide_launch(launch_facts(launch_configuration(status), current=observed(cloud_launch(1))))
    assert found.call is None
    assert found.plan.record["revisions"][0].hash == "key:new"


def test_a_name_that_stands_in_the_way_is_a_conflict() -> None:
    """Nothing is created over it."""
    status = known(revision(1))
    facts = launch_facts(
        launch_configuration(status), cloud_launch(1), cloud_launch(2), current=observed(cloud_launch(1))
    )
    found = decide_launch(facts)
    assert found.call is None
    assert found.says("Synced") == ("False", "NameConflict")


@pytest.mark.parametrize("part", ["lookup", "current", "adopted"])
def test_an_untrusted_read_creates_nothing(part: str) -> None:
    """Whichever it is."""
    found = decide_launch(launch_facts(launch_configuration(known(revision(1))), **{part: Untrusted("x", 4.0)}))
    assert found.call is None


def test_a_missing_secret_keeps_it_from_being_created() -> None:
    """It is named."""
    missing = Unresolved("SecretKeyMissing", "Secret login has no key password")
    found = decide_launch(launch_facts(launch_configuration(), content=missing))
    assert found.call is None
    assert found.says("ReferencesResolved") == ("False", "SecretKeyMissing")
    assert found.says("Ready") == ("False", "ReferencesNotResolved")


def test_a_spec_that_is_not_accepted_makes_no_revision() -> None:
    """Content is one value, so one wrong field holds all of it."""
    found = decide_launch(launch_facts(launch_configuration(instanceName="x")))
    assert found.call is None
    assert found.says("Accepted") == ("False", "Unsupported")
    assert found.events == ["UnsupportedField"]


def test_observe_only_makes_no_revision() -> None:
    """It reports."""
    found = decide_launch(launch_facts(launch_configuration(managementPolicy="ObserveOnly")))
    assert found.call is None
    assert found.says("Synced") == ("False", "DriftObserved")


def test_a_recent_refusal_is_not_repeated() -> None:
    """Quota: until the spec changes or half an hour has passed."""
    found = decide_launch(launch_facts(launch_configuration(), setback=setback("QuotaExceeded")))
    assert (found.call, found.plan.record) == (None, {})


# --- lost replies ----------------------------------------------------------------------------------------------------


def test_a_lost_create_is_found_by_its_name() -> None:
    """As if the reply had come, with the hash that was issued."""
    status = known(revision(1), **issued(2), appliedHash="key:issued")
    facts = launch_facts(
        launch_configuration(status), cloud_launch(1), cloud_launch(2), current=observed(cloud_launch(1))
    )
    found = decide_launch(facts)
    assert found.call is None
    newest = found.plan.record["revisions"][0]
    assert (newest.revision, newest.external_id, newest.hash) == (2, "id-2", "key:issued")
    assert found.plan.record["operation"] is None


@pytest.mark.parametrize(("first", "again"), [(None, False), (-10, False), (-600, True)])
def test_a_lost_create_is_repeated_under_the_same_name_after_two_misses(first: float | None, again: bool) -> None:
    """Older revisions in the list are no hit."""
    status = known(revision(1), **issued(2))
    lookup = Lookup((cloud_launch(1),), NOW, None if first is None else later(first))
    facts = launch_facts(launch_configuration(status), lookup=lookup, current=observed(cloud_launch(1)))
    found = decide_launch(facts)
    assert isinstance(found.call, CreateLaunchConfiguration) is again
    if again:
        assert found.call.new.name.endswith("-r2")
    else:
        assert found.says("Synced") == ("False", "OutcomeUnknown")


def test_a_create_stores_the_name_that_it_is_sent_with() -> None:
    """And takes it back when the cloud has refused the call."""
    found = decide_launch(launch_facts(launch_configuration(known(revision(1))), current=observed(cloud_launch(1))))
    assert found.plan.record["external_name"] == LAUNCH_OWNER.revision_name(2)
    assert found.plan.step is not None
    assert found.plan.step.refused == {"operation": None, "external_name": revision(1)["externalName"]}


@pytest.mark.parametrize(("sent", "wanted"), [(LAUNCH_OWNER.revision_name(1), "new"), ("mine-r1", None)])
def test_a_name_that_changed_during_a_lost_reply_still_finds_what_was_made(sent: str, wanted: str | None) -> None:
    """By the name that was stored with the intent."""
    resource = launch_configuration({**issued(1), "externalName": sent}, externalName=wanted)
    found = decide_launch(launch_facts(resource, cloud_launch(1, name=sent, created_at=NOW)))
    assert found.plan.record["external_id"] == "id-1"
    assert found.plan.record["revisions"][0].external_name == sent


def test_a_name_that_changed_is_used_only_once_the_former_create_is_known_to_have_made_nothing() -> None:
    """Two misses of the former name."""
    resource = launch_configuration({**issued(1), "externalName": "mine-r1"}, externalName="new")
    assert decide_launch(launch_facts(resource)).says("Synced") == ("False", "OutcomeUnknown")
    found = decide_launch(launch_facts(resource, lookup=Lookup((), NOW, later(-600))))
    assert found.call.new.name == "new-r1"


def test_an_id_given_during_a_lost_reply_is_adopted_after_what_was_made_is_known() -> None:
    """That is an older revision then, which is collected when nothing uses it."""
    theirs = {"adopted": observed(cloud_launch(9, id="theirs", name="handmade"))}
    resource = launch_configuration(issued(1), externalId="theirs")
    assert decide_launch(launch_facts(resource, **theirs)).says("Synced") == ("False", "OutcomeUnknown")
    found = decide_launch(launch_facts(resource, lookup=Lookup((), NOW, later(-600)), **theirs))
    assert (found.plan.record["external_id"], found.plan.record["operation"]) == ("theirs", None)
    resource = launch_configuration(known(revision(1)), externalId="theirs")
    found = decide_launch(launch_facts(resource, current=observed(cloud_launch(1)), **theirs))
    assert {r.external_id: r.state for r in found.plan.record["revisions"]} == {
        "theirs": "Current",
        "id-1": "Superseded",
    }


@pytest.mark.parametrize("first", [None, -600])
def test_a_configuration_of_others_that_bears_the_explicit_name_is_never_taken(first: float | None) -> None:
    """It is older than our call, so the call did not make it."""
    resource = launch_configuration({**issued(1), "externalName": "mine-r1"}, externalName="mine")
    theirs = cloud_launch(1, name="mine-r1", created_at=later(-9000))
    lookup = Lookup((theirs,), NOW, None if first is None else later(first))
    found = decide_launch(launch_facts(resource, lookup=lookup))
    assert (found.call, found.status.external_id) == (None, None)
    assert found.says("Synced") == ("False", "OutcomeUnknown" if first is None else "NameConflict")
    assert (found.status.operation is None) is (first is not None)


# --- collection ------------------------------------------------------------------------------------------------------

OLD = [revision(n, "Superseded") for n in (4, 3, 2, 1)]


def history(**facts: Any) -> Any:
    status = known(revision(5, hash="key:new"), *OLD)
    rows = [cloud_launch(n) for n in (1, 2, 3, 4, 5)]
    resource = launch_configuration(status, **facts.pop("spec", {}))
    return decide_launch(launch_facts(resource, *rows, current=observed(cloud_launch(5)), **facts))


def test_unused_revisions_beyond_the_history_are_collected_oldest_first() -> None:
    """Two are kept by default."""
    found = history()
    assert found.call == DeleteLaunchConfigurations(("id-2", "id-1"))
    assert found.plan.step.notices[0].reason == "RevisionDeleted"
    kept = {r.revision: (r.state, r.reason) for r in found.plan.step.after["revisions"]}
    assert kept == {5: ("Current", None), 4: ("Retained", "History"), 3: ("Retained", "History")}


def test_a_revision_that_a_group_uses_is_never_collected() -> None:
    """It does not count as history either."""
    found = history(used_ids=frozenset({"id-1", "id-5"}), spec={"revisionHistoryLimit": 0})
    assert found.call == DeleteLaunchConfigurations(("id-4", "id-3", "id-2"))
    assert [r.revision for r in found.plan.step.after["revisions"]] == [5, 1]


@pytest.mark.parametrize(
    "facts", [{"used_ids": None}, {"switching": True}, {"spec": {"managementPolicy": "ObserveOnly"}}]
)
def test_nothing_is_collected_while_it_is_not_known_who_uses_it(facts: dict[str, Any]) -> None:
    """Or while a group may still come to use it."""
    assert history(**facts).call is None


def test_an_adopted_revision_is_never_collected() -> None:
    """It was not made by us."""
    status = known(revision(2, hash="key:new"), revision(1, "Superseded"))
    resource = launch_configuration(status, externalId="id-1", revisionHistoryLimit=0)
    found = decide_launch(launch_facts(resource, current=observed(cloud_launch(2))))
    assert found.call is None
    assert {r.revision: r.reason for r in found.status.revisions} == {2: None, 1: "Adopted"}


def test_another_secret_is_another_hash() -> None:
    """Same spec, other content."""
    status = known(revision(1, hash="key:new"))
    content = ContentSource({"login": {"password": "other"}}, "key:other")
    facts = launch_facts(launch_configuration(status), content=content, current=observed(cloud_launch(1)))
    assert isinstance(decide_launch(facts).call, CreateLaunchConfiguration)


def test_a_revision_that_a_foreign_group_uses_says_so() -> None:
    """A group with an object here will switch; the Event is for what is more than the history."""
    used = {"used_ids": frozenset({"id-1", "id-2", "id-5"}), "held_ids": frozenset({"id-2", "id-5"})}
    found = history(**used)
    told = {r.revision: (r.state, r.reason) for r in found.status.revisions}
    assert (told[1], told[2]) == (("Retained", "UsedByForeignGroup"), ("Superseded", None))
    assert found.events == ["RevisionRetained"]
    assert history(**used, spec={"revisionHistoryLimit": 3}).events == []


def test_a_revision_whose_group_is_not_seen_is_kept_once_the_cloud_refuses_to_delete_it() -> None:
    """AS.1006. What else the call has deleted is forgotten; it is tried again when the spec changes."""
    held_up = Setback("WaitingForActivity", "in use", 3, later(10), error=errors.InUse)
    status = known(revision(5, hash="key:new"), *OLD, observedGeneration=3)
    left = [cloud_launch(n) for n in (1, 3, 4, 5)]
    facts = launch_facts(launch_configuration(status), *left, current=observed(cloud_launch(5)), setback=held_up)
    found = decide_launch(facts)
    assert found.call is None
    told = {r.revision: r.reason for r in found.status.revisions}
    assert told == {5: None, 4: "History", 3: "History", 1: "UsedByForeignGroup"}
    assert found.events == ["RevisionRetained"]
    rest = replace(facts, resource=facts.resource.model_copy(update={"status": found.status}), setback=None)
    assert (decide_launch(rest).call, decide_launch(rest).says("Synced")) == (None, ("True", "UpToDate"))
    changed = found.status.model_copy(update={"observed_generation": 2})
    again = replace(rest, resource=facts.resource.model_copy(update={"status": changed}))
    assert decide_launch(again).call == DeleteLaunchConfigurations(("id-1",))
