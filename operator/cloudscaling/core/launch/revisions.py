"""A content that no revision has is the next revision: create before destroy. Called by the planner."""

from __future__ import annotations

from cloudscaling.api.v1alpha1.launchconfiguration import Revision
from cloudscaling.core.calls import CreateLaunchConfiguration
from cloudscaling.core.facts import Lookup
from cloudscaling.core.intent import issued, may_repeat_create
from cloudscaling.core.launch.case import Case
from cloudscaling.core.launch.facts import LaunchFacts, revision_name
from cloudscaling.core.model import NewLaunchConfiguration
from cloudscaling.core.plan import RESULT, Do, Notice, Plan, seconds_until
from cloudscaling.core.verdict import false


def in_flight(case: Case) -> Plan | None:
    """The create has a lost answer: found by its name it is ours, else it is made again after two misses."""
    facts, operation, lookup = case.facts, case.facts.resource.status.operation, case.facts.lookup
    if operation is None or not isinstance(lookup, Lookup):
        return None
    number = operation.target or 1
    name = revision_name(facts, number)
    found = next((c for c in lookup.candidates if c.name == name), None)
    if found is not None:
        record = _created(facts, number, found.id, name, facts.resource.status.applied_hash or case.content.hash)
        notice = Notice("RevisionCreated", f"created revision {number} ({found.id})")
        return Plan(false("Synced", "Creating"), record=record, notices=(notice,), wait_s=0.0)
    not_before = may_repeat_create(operation, lookup, case.account.timing)
    if not_before is None:
        return _create(case, number, again=True)
    text = "the answer to the create call was lost; looking for the configuration by its name before trying again"
    wait = min(seconds_until(not_before, facts.now), case.account.timing.active_s)
    return Plan(false("Synced", "OutcomeUnknown", text), wait_s=wait)


def revise(case: Case) -> Plan | None:
    """A content that no revision has: the next revision is made."""
    facts, current = case.facts, case.facts.current_revision
    if current is not None and current.hash == case.content.hash:
        return None
    if current is not None and _other_key(facts, current.hash):
        return Plan(record=_rehashed(facts, current, case.content.hash), wait_s=0.0)
    if facts.observe_only:
        text = "the content differs from the cloud's, and ObserveOnly writes nothing"
        return Plan(false("Synced", "DriftObserved", text))
    if case.problems:
        return Plan(false("Synced", "NotAccepted", case.problems[0].message))
    numbers = [r.revision for r in facts.resource.status.revisions]
    number = max([*numbers, facts.resource.status.current_revision or 0]) + 1
    lookup = facts.lookup
    if isinstance(lookup, Lookup) and any(c.name == revision_name(facts, number) for c in lookup.candidates):
        text = f"a launch configuration named {revision_name(facts, number)} exists and is not known to be ours"
        return Plan(false("Synced", "NameConflict", text), notices=(Notice("NameConflict", text, True),))
    return _create(case, number)


def _other_key(facts: LaunchFacts, hashed: str | None) -> bool:
    return hashed is not None and bool(facts.key_id) and not hashed.startswith(f"{facts.key_id}:")


def _rehashed(facts: LaunchFacts, current: Revision, hashed: str) -> dict[str, object]:
    revisions = tuple(
        r.model_copy(update={"hash": hashed}) if r is current else r for r in facts.resource.status.revisions
    )
    return {"revisions": revisions, "applied_hash": hashed}


def _create(case: Case, number: int, *, again: bool = False) -> Plan:
    facts = case.facts
    previous = facts.resource.status.operation if again else None
    intent = issued(facts.new_id, facts.now, previous, type="Create", target=number)
    name = revision_name(facts, number)
    text = f"creating revision {number}"
    return Plan(
        false("Synced", "Creating" if facts.current_revision is None else "Updating", text),
        Do(
            CreateLaunchConfiguration(NewLaunchConfiguration(name, case.content.content), intent.id),
            after=_created(facts, number, RESULT, name, case.content.hash),
            refused={"operation": None},
            notices=(Notice("RevisionCreated", f"created revision {number} ({name})"),),
        ),
        record={"operation": intent, "applied_hash": case.content.hash},
        wait_s=0.0,
    )


def _created(facts: LaunchFacts, number: int, external_id: object, name: str, hashed: str) -> dict[str, object]:
    older = tuple(
        r.model_copy(update={"state": "Superseded", "reason": None})
        for r in facts.resource.status.revisions
        if r.revision != number
    )
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
