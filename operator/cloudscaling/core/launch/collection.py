"""Old revisions that no group uses are deleted beyond the history that is to be kept. Called by the planner.

What a group without an object here uses stays, whether its group can be seen or only the refusal tells of it. It is
tried again with the next revision that goes, and after a change of the spec.
"""

from __future__ import annotations

from collections.abc import Sequence

from cloudscaling import errors
from cloudscaling.api.v1alpha1.launchconfiguration import Revision
from cloudscaling.core.calls import DeleteLaunchConfigurations
from cloudscaling.core.facts import Lookup
from cloudscaling.core.launch.case import Case
from cloudscaling.core.launch.facts import LaunchFacts
from cloudscaling.core.plan import Do, Notice, Plan
from cloudscaling.core.verdict import false

_HISTORY, _ADOPTED, _FOREIGN = "History", "Adopted", "UsedByForeignGroup"


def collect(case: Case) -> Plan | None:
    """Old revisions that no group uses, beyond the history; what must stay says why."""
    facts, status = case.facts, case.facts.resource.status
    if facts.observe_only or facts.used_ids is None or facts.switching:
        return None
    surplus = _unused(facts)[facts.resource.spec.revision_history_limit :]
    refused = any(s.error is not None and issubclass(s.error, errors.InUse) for s in facts.setbacks)
    again = status.observed_generation != facts.generation
    due = [] if refused else [r for r in surplus if r.reason != _FOREIGN or again]
    gone = surplus if due else [r for r in surplus if refused and not _is_there(facts, r)]
    revisions = tuple(_told(r, facts, surplus) for r in status.revisions if r not in gone)
    notices = _retained(facts, revisions)
    if due:
        ids = tuple(r.external_id for r in surplus if r.external_id)
        names = ", ".join(f"r{r.revision}" for r in surplus)
        notice = Notice("RevisionDeleted", f"deleted unused revisions {names}")
        step = Do(DeleteLaunchConfigurations(ids), after={"revisions": revisions}, notices=(notice,))
        return Plan(false("Synced", "Updating", f"deleting unused revisions {names}"), step, wait_s=0.0)
    if revisions != status.revisions:
        return Plan(record={"revisions": revisions}, notices=notices, wait_s=0.0)
    return None


def _unused(facts: LaunchFacts) -> list[Revision]:
    """Those of ours that no cloud group is seen to use, the newest first."""
    used = facts.used_ids or frozenset()
    old = [r for r in _old(facts, facts.resource.status.revisions) if r.external_id not in used]
    return sorted(old, key=lambda r: -r.revision)


def _old(facts: LaunchFacts, revisions: Sequence[Revision]) -> list[Revision]:
    adopted = facts.resource.spec.external_id
    return [r for r in revisions if r.state != "Current" and (adopted is None or r.external_id != adopted)]


def _is_there(facts: LaunchFacts, revision: Revision) -> bool:
    """Of a batch that was refused in part some are gone; a name that is not known proves nothing."""
    if revision.external_name is None or not isinstance(facts.lookup, Lookup):
        return True
    return any(c.id == revision.external_id for c in facts.lookup.candidates)


def _told(revision: Revision, facts: LaunchFacts, surplus: Sequence[Revision]) -> Revision:
    """The revision with the reason why it is still there."""
    if revision.state == "Current":
        return revision
    used = revision.external_id in (facts.used_ids or frozenset())
    if facts.resource.spec.external_id is not None and revision.external_id == facts.resource.spec.external_id:
        reason = _ADOPTED
    elif used and revision.external_id in facts.held_ids:
        return revision.model_copy(update={"state": "Superseded", "reason": None})  # its group will switch, or go
    else:
        reason = _FOREIGN if used or revision in surplus else _HISTORY
    return revision.model_copy(update={"state": "Retained", "reason": reason})


def _retained(facts: LaunchFacts, revisions: Sequence[Revision]) -> tuple[Notice, ...]:
    """A Warning when another one stays for a foreign group and there are more of no use here than wanted."""
    before = {r.external_id for r in facts.resource.status.revisions if r.reason == _FOREIGN}
    kept = [r for r in revisions if r.reason == _FOREIGN]
    idle = [r for r in _old(facts, revisions) if r.external_id not in facts.held_ids]
    if len(idle) <= facts.resource.spec.revision_history_limit or all(r.external_id in before for r in kept):
        return ()
    names = ", ".join(f"r{r.revision} ({r.external_id})" for r in kept)
    text = f"cloud groups without an object here use {names}; they count against the account's quota"
    return (Notice("RevisionRetained", text, warning=True),)
