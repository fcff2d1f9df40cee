"""LaunchConfiguration at vendors that cannot change one in place: create before destroy. Called by engine.reconcile.

The whole content is one value with one hash. A new hash is a new revision; groups switch to it by themselves,
and what no group uses any more is collected beyond the history that is to be kept.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from cloudscaling.api.v1alpha1.launchconfiguration import Revision
from cloudscaling.core import accept
from cloudscaling.core.accept import Problem
from cloudscaling.core.calls import CreateLaunchConfiguration, DeleteLaunchConfigurations
from cloudscaling.core.deletion import given_up
from cloudscaling.core.diff import differences
from cloudscaling.core.facts import Absent, Account, ContentSource, Lookup, Observed, Unresolved, Untrusted
from cloudscaling.core.holding import hold_back
from cloudscaling.core.intent import issued, may_repeat_create
from cloudscaling.core.introduction import before_any_write, introduction, paused, resolved
from cloudscaling.core.launch import deletion as launch_deletion
from cloudscaling.core.launch.facts import LaunchFacts, revision_name, revision_number
from cloudscaling.core.model import NewLaunchConfiguration
from cloudscaling.core.plan import RESULT, Do, Notice, Plan, seconds_until
from cloudscaling.core.resource import spec_json
from cloudscaling.core.verdict import Verdict, false, true


@dataclass(frozen=True, slots=True)
class Case:
    facts: LaunchFacts
    account: Account
    content: ContentSource
    problems: tuple[Problem, ...] = field(default=())


def plan(facts: LaunchFacts) -> Plan:
    """The next step for the launch configuration."""
    orphaned = given_up(facts)
    if orphaned is not None:
        return orphaned
    spec, status = facts.resource.spec, facts.resource.status
    held = paused(spec_paused=spec.paused, account=facts.account, deleting=facts.deleting)
    if held is not None:
        return held
    if facts.deleting:
        return hold_back(launch_deletion.plan(facts), facts)
    if isinstance(facts.account, Unresolved):
        return Plan(synced=_unresolved(facts, facts.account), verdicts=(resolved(facts.account, facts.content),))
    problems = _problems(facts, facts.account)
    general = introduction(status.conditions, problems, facts.account, facts.content)
    if isinstance(facts.content, Unresolved) or facts.content is None:
        missing = facts.content or Unresolved("SecretNotFound", "the content is not read yet")
        return replace(general, synced=_unresolved(facts, missing))
    case = Case(facts, facts.account, facts.content, problems)
    decided = next(found for stage in _STAGES if (found := stage(case)) is not None)
    return hold_back(general.followed_by(decided), facts)


def _unresolved(facts: LaunchFacts, reference: Unresolved) -> Verdict | None:
    if facts.resource.status.external_id is None:
        return false("Synced", "ReferencesNotResolved", reference.message)
    return None


def _problems(facts: LaunchFacts, account: Account) -> tuple[Problem, ...]:
    if facts.older_owner:
        text = f"the cloud object is managed by LaunchConfiguration {facts.older_owner}, which is older"
        return (Problem("spec.externalId", "DuplicateOwner", text),)
    spec = spec_json(facts.resource.spec)
    return accept.check(spec, account.launch_configuration_fields, vendor=account.vendor, block=account.block)


# --- stages -------------------------------------------------------------------------------------------------------


def _ready_to_write(case: Case) -> Plan | None:
    return before_any_write(case.facts, case.problems)


def _unreadable(case: Case) -> Plan | None:
    for read in (case.facts.lookup, case.facts.current, case.facts.adopted):
        if isinstance(read, Untrusted):
            return Plan(wait_s=read.retry_s)
    return None if isinstance(case.facts.lookup, Lookup) else Plan(wait_s=1.0)


def _adopt_by_id(case: Case) -> Plan | None:
    facts, wanted = case.facts, case.facts.resource.spec.external_id
    if wanted is None or facts.current_revision is not None or facts.resource.status.operation is not None:
        return None
    if not isinstance(facts.adopted, Observed):
        text = f"spec.externalId {wanted} does not exist in the account"
        return Plan(
            synced=false("Synced", "Rejected", text),
            verdicts=(false("Adopted", "ExternalIdNotFound", text),),
            wait_s=case.account.timing.idle_s,
        )
    found = facts.adopted.value
    first = Revision(
        revision=1,
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
            "revisions": (first,),
            "current_revision": 1,
            "external_id": found.id,
            "external_name": found.name,
            "applied_hash": case.content.hash,
        },
        verdicts=(true("Adopted", "AdoptedById"),),
        notices=(Notice("Adopted", f"adopted the launch configuration {found.id} ({found.name})"),),
        wait_s=0.0,
    )


def _vanished(case: Case) -> Plan | None:
    """The current revision is gone: made again, unless it was adopted by its id."""
    facts, current = case.facts, case.facts.current_revision
    if not isinstance(facts.current, Absent) or current is None:
        return None
    text = f"the launch configuration {current.external_id} does not exist any more"
    notice = Notice("DeletedExternally", text, warning=True)
    rest = tuple(r for r in facts.resource.status.revisions if r is not current)
    record = {"revisions": rest, "external_id": None, "external_name": None, "applied_hash": None}
    if facts.resource.spec.external_id == current.external_id:
        verdict = false("Adopted", "ExternalIdNotFound", text)
        return Plan(false("Synced", "Rejected", text), record=record, verdicts=(verdict,), notices=(notice,), wait_s=60)
    return Plan(false("Synced", "Creating", text), record=record, notices=(notice,), wait_s=0.0)


def _recover(case: Case) -> Plan | None:
    """No revision known, but the cloud has some of our name: the newest is current if it looks as wanted."""
    facts, lookup = case.facts, case.facts.lookup
    if facts.resource.status.revisions or facts.resource.status.operation or not isinstance(lookup, Lookup):
        return None
    ours = sorted(
        ((n, c) for c in lookup.candidates if (n := revision_number(c.name)) is not None), key=lambda pair: pair[0]
    )
    if not ours or facts.resource.spec.external_name is not None:
        return None
    newest, found = ours[-1]
    as_wanted = not differences(spec_json(facts.resource.spec), found.content)
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
        "revisions": revisions,
        "current_revision": newest,
        "external_id": found.id,
        "external_name": found.name,
        "applied_hash": case.content.hash if as_wanted else None,
    }
    notice = Notice("Adopted", f"found the launch configuration {found.id} by its name")
    return Plan(record=record, verdicts=(true("Adopted", "AdoptedByMarker"),), notices=(notice,), wait_s=0.0)


def _in_flight(case: Case) -> Plan | None:
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


def _revise(case: Case) -> Plan | None:
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


def _collect(case: Case) -> Plan | None:
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


def _at_rest(case: Case) -> Plan | None:
    if case.problems:
        return Plan(false("Synced", "NotAccepted", case.problems[0].message))
    return Plan(true("Synced", "UpToDate"))


_STAGES: tuple[Callable[[Case], Plan | None], ...] = (
    _ready_to_write,
    _unreadable,
    _adopt_by_id,
    _in_flight,
    _vanished,
    _recover,
    _revise,
    _collect,
    _at_rest,
)
