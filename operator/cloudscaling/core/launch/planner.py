"""LaunchConfiguration at vendors that cannot change one in place: create before destroy. Called by engine.reconcile.

The whole content is one value with one hash. A new hash is a new revision; groups switch to it by themselves,
and what no group uses any more is collected beyond the history that is to be kept.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from cloudscaling.core import accept
from cloudscaling.core.accept import Problem
from cloudscaling.core.deletion import given_up
from cloudscaling.core.facts import Account, Lookup, Unresolved, Untrusted
from cloudscaling.core.holding import hold_back
from cloudscaling.core.introduction import before_any_write, duplicate_notices, introduction, paused, resolved
from cloudscaling.core.launch import adoption, collection, revisions
from cloudscaling.core.launch import deletion as launch_deletion
from cloudscaling.core.launch.case import Case
from cloudscaling.core.launch.facts import LaunchFacts, is_ours
from cloudscaling.core.plan import Plan
from cloudscaling.core.resource import spec_json
from cloudscaling.core.verdict import Verdict, false, true


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


def _duplicates(case: Case) -> Plan | None:
    """More of one of our names than one: said as long as it is so."""
    facts, lookup = case.facts, case.facts.lookup
    known = {r.external_id: r.external_name for r in facts.resource.status.revisions}
    if not isinstance(lookup, Lookup) or case.problems:
        return None
    rest = [c for c in lookup.candidates if c.id not in known and is_ours(facts.resource, facts.owner, c)]
    twins = sorted(c.id for c in rest if c.name in known.values())
    notices = duplicate_notices(facts.resource.status.external_id or "", twins)
    if not notices:
        return None
    again = case.account.timing.idle_s  # nothing tells when the others are gone
    return Plan(false("Synced", "DuplicateFound", notices[0].message), notices=notices, drift=(), wait_s=again)


def _at_rest(case: Case) -> Plan | None:
    if case.problems:
        return Plan(false("Synced", "NotAccepted", case.problems[0].message), drift=())
    return Plan(true("Synced", "UpToDate"), drift=())


_STAGES: tuple[Callable[[Case], Plan | None], ...] = (
    _ready_to_write,
    _unreadable,
    revisions.in_flight,
    adoption.adopt_by_id,
    adoption.vanished,
    adoption.recover,
    revisions.revise,
    collection.collect,
    _duplicates,
    _at_rest,
)
