"""ScalingGroup: what to do next. Called by engine.reconcile with facts, answers with a Plan.

The stages stand in one table, in order; the first that has an answer decides. No stage writes before the group
is known from a trusted read, and at most one call is planned at a time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from cloudscaling.core import accept
from cloudscaling.core.accept import Problem
from cloudscaling.core.deletion import given_up
from cloudscaling.core.diff import managed
from cloudscaling.core.facts import Absent, Account, LaunchTarget, Observed, Unresolved, Untrusted
from cloudscaling.core.group import capacity, creation, phases, sizing
from cloudscaling.core.group import deletion as group_deletion
from cloudscaling.core.group.facts import Case, GroupFacts
from cloudscaling.core.group.update import converge
from cloudscaling.core.holding import hold_back
from cloudscaling.core.introduction import before_any_write, introduction, paused, resolved
from cloudscaling.core.model import Fields, Group
from cloudscaling.core.plan import Notice, Plan
from cloudscaling.core.resource import spec_json
from cloudscaling.core.verdict import Verdict, false, find, true, unknown

# What status says of a cloud group that does not exist any more: nothing. The wishes of the spec count as never
# applied, so a group that is made again gets them as a new one does; an obeyed annotation stays obeyed.
_FORGOTTEN: dict[str, object] = {
    **dict.fromkeys(("external_id", "external_name", "operation", "state", "vendor_state")),
    **dict.fromkeys(("min_size", "max_size", "desired_capacity", "current_capacity", "in_service_capacity")),
    **dict.fromkeys(("last_applied_desired_capacity", "last_applied_bounds", "last_applied_enabled", "capacity_held")),
    **dict.fromkeys(("instances", "launch_configuration", "managed", "unmanaged", "warm_pool")),
    **dict.fromkeys(("lifecycle_hooks", "notifications", "pending_lifecycle_actions", "quotas"), ()),
    **dict.fromkeys(("recent_activities", "drift"), ()),
}


def plan(facts: GroupFacts) -> Plan:
    """The next step for the group, with what is to be said about it."""
    orphaned = given_up(facts)
    if orphaned is not None:
        return orphaned
    status, spec = facts.resource.status, facts.resource.spec
    held = paused(spec_paused=spec.paused, account=facts.account, deleting=facts.deleting)
    if held is not None:
        return replace(held, record=phases.frozen(facts)) if facts.deleting else held
    if facts.deleting:
        return hold_back(group_deletion.plan(facts), facts)
    if isinstance(facts.account, Unresolved):
        return _without_account(facts, facts.account)
    problems = _problems(facts, facts.account)
    case = Case(facts, facts.account, problems, _want(facts, facts.account, problems))
    decided = next(found for stage in _STAGES if (found := stage(case)) is not None)
    general = introduction(status.conditions, problems, facts.account, facts.launch).with_(*_ours_again(facts))
    return hold_back(general.followed_by(decided), facts)


def _without_account(facts: GroupFacts, account: Unresolved) -> Plan:
    waiting = Plan(verdicts=(resolved(account),))
    if facts.resource.status.external_id is None:
        return replace(waiting, synced=false("Synced", "ReferencesNotResolved", account.message))
    return waiting


def _problems(facts: GroupFacts, account: Account) -> tuple[Problem, ...]:
    if facts.older_owner:
        text = f"the cloud group is managed by ScalingGroup {facts.older_owner}, which is older"
        return (Problem("spec.externalId", "DuplicateOwner", text),)
    named, known = facts.resource.spec.external_id, facts.resource.status.external_id
    spec = spec_json(facts.resource.spec)
    found = list(accept.check(spec, account.group_fields, vendor=account.vendor, block=account.block))
    if known is not None and named not in (None, known):
        text = f"externalId: this object has made the cloud group {known}; adopt {named} with another object"
        found.append(Problem("externalId", "ImmutableValue", text))
    limit = account.max_group_size
    if limit and facts.resource.spec.max_size > limit and not any(p.path == "maxSize" for p in found):
        text = f"maxSize: {facts.resource.spec.max_size} is above the account's limit of {limit}"
        found.append(Problem("maxSize", "InvalidValue", text))
    return tuple(found)


def _want(facts: GroupFacts, account: Account, problems: tuple[Problem, ...]) -> Fields:
    refused = frozenset(problem.path for problem in problems)
    spec = spec_json(facts.resource.spec)
    want = managed(spec, account.group_fields, refused)
    if facts.resource.spec.external_name is not None:
        want["externalName"] = facts.resource.spec.external_name
    if isinstance(facts.launch, LaunchTarget):
        want["launchConfigurationRef"] = facts.launch.id
    return account.canonical_group(want)


# --- stages -----------------------------------------------------------------------------------------------------


def _ready_to_write(case: Case) -> Plan | None:
    return before_any_write(case.facts, case.problems)


def _unreadable(case: Case) -> Plan | None:
    for read in (case.facts.seen, case.facts.lookup):
        if isinstance(read, Untrusted):
            return Plan(synced=None, wait_s=read.retry_s)
    return None


def _adopt_by_id(case: Case) -> Plan | None:
    """An open create comes first: what it may have made is ours, and would be lost beside an adopted group."""
    facts, status = case.facts, case.facts.resource.status
    wanted = facts.resource.spec.external_id
    if status.external_id is not None or status.operation is not None or wanted is None:
        return None
    if isinstance(facts.seen, Observed):
        group = facts.seen.value
        if group.owner_tag not in ("", facts.owner.mark) or group.marker not in ("", facts.owner.mark):
            return _refused_as_anothers(group)
        return Plan(
            synced=false("Synced", "Updating", "the cloud group was adopted"),
            record={"external_id": group.id, "external_name": group.name},
            verdicts=(true("Adopted", "AdoptedById"),),
            notices=(Notice("Adopted", f"adopted the cloud group {group.id} ({group.name})"),),
            wait_s=0.0,
        )
    text = f"spec.externalId {wanted} does not exist in the account"
    return Plan(
        synced=false("Synced", "Rejected", text),
        verdicts=(false("Adopted", "ExternalIdNotFound", text),),
        wait_s=case.account.timing.idle_s,
    )


def _refused_as_anothers(group: Group) -> Plan:
    text = f"the cloud group {group.id} bears the mark of another owner"
    return Plan(synced=false("Synced", "NameConflict", text), verdicts=(false("Adopted", "OwnedByOther", text),))


def _taken_by_another(case: Case) -> Plan | None:
    """Two owners would write against each other: ours stops, with an open call as well."""
    if not case.facts.is_anothers or case.facts.observe_only or not isinstance(case.facts.seen, Observed):
        return None
    return _refused_as_anothers(case.facts.seen.value)


def _ours_again(facts: GroupFacts) -> tuple[Verdict, ...]:
    """Adopted is true again once the other's mark is gone."""
    said = find(facts.resource.status.conditions, "Adopted")
    lost = facts.resource.status.external_id is not None and said is not None and said.reason == "OwnedByOther"
    again = lost and isinstance(facts.seen, Observed) and not facts.is_anothers
    return (true("Adopted", "AdoptedById"),) if again else ()


def _vanished(case: Case) -> Plan | None:
    """Absent by list and by id, twice: cleared, and created again unless it was adopted by its id."""
    facts = case.facts
    if not isinstance(facts.seen, Absent):
        return None
    old = facts.resource.status.external_id
    text = f"the cloud group {old} does not exist any more"
    idle, size = false("ScalingInProgress", "Idle"), capacity.without_group(facts.resource.spec.desired_capacity)
    adopted = (false("Adopted", "ExternalIdNotFound", text),) if facts.adopted_by_id else ()
    return Plan(
        synced=false("Synced", "Rejected" if facts.adopted_by_id else "Creating", text),
        record=_FORGOTTEN,
        verdicts=(idle, size, *adopted),
        notices=(Notice("DeletedExternally", text, warning=True),),
        wait_s=case.account.timing.idle_s if facts.adopted_by_id else 1.0,
    )


def _in_flight(case: Case) -> Plan | None:
    operation = case.facts.resource.status.operation
    if operation is None or case.facts.observe_only or not isinstance(case.facts.seen, Observed):
        return None
    if operation.type == "Create":
        return creation.finish_create(case, case.facts.seen.value)
    return sizing.finish(case, case.facts.seen.value)


def _converge(case: Case) -> Plan | None:
    if not isinstance(case.facts.seen, Observed):
        return None
    return converge(case, case.facts.seen.value)


def _nothing_known(case: Case) -> Plan | None:
    return Plan(synced=unknown("Synced", "ReadUntrusted", "no trusted read yet"), wait_s=1.0)


_STAGES: tuple[Callable[[Case], Plan | None], ...] = (
    _ready_to_write,
    _unreadable,
    _adopt_by_id,
    _vanished,
    creation.find_or_create,
    _taken_by_another,
    _in_flight,
    _converge,
    _nothing_known,
)
