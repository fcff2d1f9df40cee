"""Launch configurations that exist already: adopted by id, found again by name, gone. Called by the planner."""

from __future__ import annotations

from cloudscaling.api.v1alpha1.launchconfiguration import Revision
from cloudscaling.core.facts import Absent, Lookup, Observed
from cloudscaling.core.intent import oldest_first
from cloudscaling.core.launch import content
from cloudscaling.core.launch.case import Case
from cloudscaling.core.launch.facts import adopts, revision_number
from cloudscaling.core.launch.revisions import forgotten_create, superseded
from cloudscaling.core.plan import Notice, Plan
from cloudscaling.core.verdict import false, true


def adopt_by_id(case: Case) -> Plan | None:
    """What spec.externalId names becomes the current revision, also after one that an open create had made."""
    facts, wanted = case.facts, case.facts.resource.spec.external_id
    if not adopts(facts.resource):
        return None
    known, settled = facts.resource.status.revisions, forgotten_create(facts)
    if not isinstance(facts.adopted, Observed):
        text = f"spec.externalId {wanted} does not exist in the account"
        return Plan(
            synced=false("Synced", "Rejected", text),
            verdicts=(false("Adopted", "ExternalIdNotFound", text),),
            record=settled,
            wait_s=case.account.timing.idle_s,
        )
    found, number = facts.adopted.value, max((r.revision for r in known), default=0) + 1
    first = Revision(
        revision=number,
        scaling_group="",
        external_id=found.id,
        external_name=found.name,
        hash=case.content.hash,
        state="Current",
        created_at=found.created_at,
    )
    return Plan(
        synced=false("Synced", "Updating", "the launch configuration was adopted"),
        record={
            **settled,
            "revisions": (first, *superseded(known)),
            "current_revision": number,
            "external_id": found.id,
            "external_name": found.name,
            "applied_hash": case.content.hash,
        },
        verdicts=(true("Adopted", "AdoptedById"),),
        notices=(Notice("Adopted", f"adopted the launch configuration {found.id} ({found.name})"),),
        wait_s=0.0,
    )


def vanished(case: Case) -> Plan | None:
    """The current revision is gone: made again, unless it was adopted by its id."""
    facts, current = case.facts, case.facts.current_revision
    if not isinstance(facts.current, Absent) or current is None:
        return None
    text = f"the launch configuration {current.external_id} does not exist any more"
    notice = Notice("DeletedExternally", text, warning=True)
    rest = tuple(r for r in facts.resource.status.revisions if r is not current)
    record = {"revisions": rest, "operation": None, "external_id": None, "external_name": None, "applied_hash": None}
    if facts.resource.spec.external_id == current.external_id:
        verdict = false("Adopted", "ExternalIdNotFound", text)
        return Plan(false("Synced", "Rejected", text), record=record, verdicts=(verdict,), notices=(notice,), wait_s=60)
    return Plan(false("Synced", "Creating", text), record=record, notices=(notice,), wait_s=0.0)


def recover(case: Case) -> Plan | None:
    """No revision known, but the cloud has some of our name: the newest is current if it looks as wanted."""
    facts, lookup = case.facts, case.facts.lookup
    if facts.resource.status.revisions or not isinstance(lookup, Lookup):
        return None
    # Of several with one number the oldest counts; the others show as duplicates once this is stored.
    youngest_first = reversed(oldest_first(lookup.candidates))
    ours = sorted({n: c for c in youngest_first if (n := revision_number(c.name)) is not None}.items())
    if not ours or facts.resource.spec.external_name is not None:
        return None
    newest, found = ours[-1]
    as_wanted = content.is_proven(case, found)
    revisions = tuple(
        Revision(
            revision=number,
            scaling_group="",
            external_id=configuration.id,
            external_name=configuration.name,
            hash=case.content.hash if number == newest and as_wanted else None,
            state="Current" if number == newest else "Superseded",
            created_at=configuration.created_at,
        )
        for number, configuration in ours
    )
    record = {
        "operation": None,
        "revisions": revisions,
        "current_revision": newest,
        "external_id": found.id,
        "external_name": found.name,
        "applied_hash": case.content.hash if as_wanted else None,
    }
    notice = Notice("Adopted", f"found the launch configuration {found.id} by its name")
    return Plan(record=record, verdicts=(true("Adopted", "AdoptedByMarker"),), notices=(notice,), wait_s=0.0)
