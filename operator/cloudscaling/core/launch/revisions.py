"""A content that no revision has is the next revision: create before destroy. Called by the planner."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from cloudscaling.api.v1alpha1.launchconfiguration import Revision
from cloudscaling.core.calls import CreateLaunchConfiguration
from cloudscaling.core.diff import Difference
from cloudscaling.core.facts import Lookup
from cloudscaling.core.intent import issued, may_repeat_create, oldest_first, open_create
from cloudscaling.core.introduction import duplicate_notices
from cloudscaling.core.launch import content
from cloudscaling.core.launch.case import Case
from cloudscaling.core.launch.facts import LaunchFacts, is_named_as_wanted, is_ours, revision_name, sent_name
from cloudscaling.core.model import NewLaunchConfiguration
from cloudscaling.core.plan import RESULT, Do, Notice, Plan, seconds_until
from cloudscaling.core.verdict import false


def in_flight(case: Case) -> Plan | None:
    """A create has a lost answer: what bears the name it was sent with is its work, two misses prove that it failed."""
    facts, operation, lookup = case.facts, open_create(case.facts.resource.status), case.facts.lookup
    if operation is None or not isinstance(lookup, Lookup):
        return None
    number, name = operation.target or 1, sent_name(facts.resource, facts.owner)
    hits = [c for c in lookup.candidates if c.name == name and is_ours(facts.resource, facts.owner, c)]
    if hits:
        found, *rest = oldest_first(hits)
        record = _created(facts, number, found.id, name, facts.resource.status.applied_hash or case.content.hash)
        notice = Notice("RevisionCreated", f"created revision {number} ({found.id})")
        notices = (notice, *duplicate_notices(found.id, [c.id for c in rest]))
        return Plan(false("Synced", "Creating"), record=record, notices=notices, wait_s=0.0)
    not_before = may_repeat_create(operation, lookup, case.account.timing)
    if not_before is None:
        return None  # it has made nothing; what is wanted by now decides
    text = "the answer to the create call was lost; looking for the configuration by its name before trying again"
    wait = min(seconds_until(not_before, facts.now), case.account.timing.active_s)
    return Plan(false("Synced", "OutcomeUnknown", text), wait_s=wait)


def revise(case: Case) -> Plan | None:
    """A content or a name that the current revision has not: the next revision is made."""
    facts, current = case.facts, case.facts.current_revision
    settled, found = forgotten_create(facts), content.of_current(case)
    if current is not None and (_other_key(facts, current.hash) or _follows(case, current, found)):
        return Plan(record=_rehashed(facts, current, case.content.hash), wait_s=0.0)
    as_wanted = current is not None and current.hash == case.content.hash and is_named_as_wanted(facts, current)
    if as_wanted and not found:
        return Plan(record=settled, wait_s=0.0) if settled else None
    if facts.observe_only:
        return replace(_only_observed(case, found), record=settled)
    if case.problems:
        return Plan(false("Synced", "NotAccepted", case.problems[0].message), record=settled, drift=found)
    number = _next_number(facts)
    lookup = facts.lookup
    if isinstance(lookup, Lookup) and any(c.name == revision_name(facts, number) for c in lookup.candidates):
        text = f"a launch configuration named {revision_name(facts, number)} exists and is not known to be ours"
        notices = (Notice("NameConflict", text, True),)
        return Plan(false("Synced", "NameConflict", text), record=settled, notices=notices)
    return replace(_create(case, number), drift=found)


def _only_observed(case: Case, found: tuple[Difference, ...]) -> Plan:
    """Differences are reported; what cannot be read back is told without its value."""
    if found:
        text = "observed only; different: " + ", ".join(d.path for d in found)
    elif case.facts.current_revision is None:
        text = "no launch configuration bears the name of this object, and ObserveOnly creates none"
    else:
        text = "observed only; a secret, or something else that cannot be read back, was changed in the spec"
    return Plan(false("Synced", "DriftObserved", text), drift=found)


def _next_number(facts: LaunchFacts) -> int:
    """A number is used once; a create that is known to have made nothing has not used its own."""
    status = facts.resource.status
    operation = open_create(status)
    if operation is not None and operation.target is not None:
        return operation.target
    return max([*(r.revision for r in status.revisions), status.current_revision or 0]) + 1


def forgotten_create(facts: LaunchFacts) -> dict[str, object]:
    """What ends an open create that is known to have made nothing."""
    if open_create(facts.resource.status) is None:
        return {}
    current = facts.current_revision
    return {"operation": None, "external_name": current.external_name if current is not None else None}


def _follows(case: Case, current: Revision, found: tuple[Difference, ...]) -> bool:
    """The manifest of what is adopted was changed into what the cloud has, so that taking it over writes nothing."""
    facts = case.facts
    adopted = current.external_id == facts.resource.spec.external_id
    return facts.observe_only and adopted and not found and current.hash != case.content.hash


def _other_key(facts: LaunchFacts, hashed: str | None) -> bool:
    return hashed is not None and bool(facts.key_id) and not hashed.startswith(f"{facts.key_id}:")


def _rehashed(facts: LaunchFacts, current: Revision, hashed: str) -> dict[str, object]:
    revisions = tuple(
        r.model_copy(update={"hash": hashed}) if r is current else r for r in facts.resource.status.revisions
    )
    return {"revisions": revisions, "applied_hash": hashed}


def _create(case: Case, number: int) -> Plan:
    facts, current = case.facts, case.facts.current_revision
    intent = issued(facts.new_id, facts.now, open_create(facts.resource.status), type="Create", target=number)
    name = revision_name(facts, number)
    text = f"creating revision {number}"
    return Plan(
        false("Synced", "Creating" if current is None else "Updating", text),
        Do(
            CreateLaunchConfiguration(NewLaunchConfiguration(name, case.content.content), intent.id),
            after=_created(facts, number, RESULT, name, case.content.hash),
            refused={"operation": None, "external_name": current.external_name if current is not None else None},
            notices=(Notice("RevisionCreated", f"created revision {number} ({name})"),),
        ),
        # The spec may ask for another name before the answer is there.
        record={"operation": intent, "external_name": name, "applied_hash": case.content.hash},
        wait_s=0.0,
    )


def superseded(revisions: Iterable[Revision]) -> tuple[Revision, ...]:
    """They were current, and another one is now."""
    return tuple(r.model_copy(update={"state": "Superseded", "reason": None}) for r in revisions)


def _created(facts: LaunchFacts, number: int, external_id: object, name: str, hashed: str) -> dict[str, object]:
    older = superseded(r for r in facts.resource.status.revisions if r.revision != number)
    fields = {"external_id": external_id, "external_name": name, "hash": hashed, "created_at": facts.now}
    current = Revision(revision=number, scaling_group="", state="Current").model_copy(update=fields)
    return {
        "operation": None,
        "revisions": (current, *older),
        "current_revision": number,
        "external_id": external_id,
        "external_name": name,
        "applied_hash": hashed,
    }
