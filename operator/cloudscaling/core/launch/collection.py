"""Old revisions that no group uses are deleted beyond the history that is to be kept. Called by the planner."""

from __future__ import annotations

from cloudscaling.api.v1alpha1.launchconfiguration import Revision
from cloudscaling.core.calls import DeleteLaunchConfigurations
from cloudscaling.core.launch.case import Case
from cloudscaling.core.launch.facts import LaunchFacts
from cloudscaling.core.plan import Do, Notice, Plan
from cloudscaling.core.verdict import false


def collect(case: Case) -> Plan | None:
    """Old revisions that no group uses, beyond the history; what must stay says why."""
    facts = case.facts
    if facts.observe_only or facts.used_ids is None or facts.switching:
        return None
    spec, status = facts.resource.spec, facts.resource.status
    used = facts.used_ids
    old = sorted((r for r in status.revisions if r.state != "Current"), key=lambda r: -r.revision)
    adopted = [r for r in old if r.external_id == spec.external_id]
    unused = [r for r in old if r.external_id not in used and r not in adopted]
    surplus = unused[spec.revision_history_limit :]
    revisions = tuple(_retained(r, facts, adopted, unused) for r in status.revisions if r not in surplus)
    if surplus:
        ids = tuple(r.external_id for r in surplus if r.external_id)
        names = ", ".join(f"r{r.revision}" for r in surplus)
        notice = Notice("RevisionDeleted", f"deleted unused revisions {names}")
        step = Do(DeleteLaunchConfigurations(ids), after={"revisions": revisions}, notices=(notice,))
        return Plan(false("Synced", "Updating", f"deleting unused revisions {names}"), step, wait_s=0.0)
    if revisions != status.revisions:
        return Plan(record={"revisions": revisions}, wait_s=0.0)
    return None


def _retained(revision: Revision, facts: LaunchFacts, adopted: list[Revision], unused: list[Revision]) -> Revision:
    if revision.state == "Current":
        return revision
    if revision in adopted:
        return revision.model_copy(update={"state": "Retained", "reason": "Adopted"})
    if revision in unused:
        return revision.model_copy(update={"state": "Retained", "reason": "History"})
    return revision.model_copy(update={"state": "Superseded", "reason": None})
