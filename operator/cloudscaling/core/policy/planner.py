"""ScalingPolicy as a cloud object of its own: Alarm, Scheduled, Recurring. Called by engine.reconcile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from cloudscaling.core import accept
from cloudscaling.core import model as cloud
from cloudscaling.core.accept import Problem
from cloudscaling.core.common import (
    accepted,
    hold_back,
    issued,
    may_repeat_create,
    not_accepted_notice,
    paused,
    resolved,
    resumed,
    seconds_until,
    spec_json,
)
from cloudscaling.core.diff import Difference, differences, managed
from cloudscaling.core.facts import Absent, Account, Lookup, Observed, Unresolved, Untrusted
from cloudscaling.core.fields import Mutability
from cloudscaling.core.model import Change, Fields, NewPolicy
from cloudscaling.core.plan import (
    RESULT,
    CreatePolicy,
    DisablePolicy,
    Do,
    EnablePolicy,
    Notice,
    Plan,
    UpdatePolicy,
)
from cloudscaling.core.policy import deletion as policy_deletion
from cloudscaling.core.policy import schedule
from cloudscaling.core.policy.facts import GroupTarget, PolicyFacts, is_ours
from cloudscaling.core.verdict import Verdict, false, is_true, true


@dataclass(frozen=True, slots=True)
class Case:
    facts: PolicyFacts
    account: Account
    group: GroupTarget
    problems: tuple[Problem, ...]
    want: Fields

    @property
    def creating(self) -> bool:
        return self.facts.resource.status.external_id is None


def plan(facts: PolicyFacts) -> Plan:
    """The next step for the policy."""
    spec, status = facts.resource.spec, facts.resource.status
    held = paused(spec_paused=spec.paused, account=facts.account, deleting=facts.deleting)
    if held is None and isinstance(facts.group, GroupTarget) and facts.group.paused:
        held = Plan(verdicts=(true("Paused", "GroupPaused", f"ScalingGroup {facts.group.name} is paused"),))
        if facts.deleting:
            held = held.with_(true("Deleting", "BlockedByPause", "deletion waits until the pause of the group ends"))
    if held is not None:
        return held
    if facts.deleting:
        return _held(policy_deletion.plan(facts), facts)
    references = resolved(facts.account, facts.group)
    if isinstance(facts.account, Unresolved):
        return Plan(synced=_waits(facts, facts.account), verdicts=(references,))
    problems = _problems(facts, facts.account)
    verdicts = (accepted(problems), references, *resumed(is_true(status.conditions, "Paused")))
    was_accepted = not any(c.type == "Accepted" and c.status == "False" for c in status.conditions)
    notices = not_accepted_notice(problems, was_accepted)
    if isinstance(facts.group, Unresolved):
        wait = facts.seen.retry_s if isinstance(facts.seen, Untrusted) else None
        synced, record = _waits(facts, facts.group), _forget(facts)
        return Plan(synced=synced, verdicts=verdicts, notices=notices, record=record, wait_s=wait)
    case = Case(facts, facts.account, facts.group, problems, _want(facts, facts.account, problems))
    decided = next(found for stage in _STAGES if (found := stage(case)) is not None)
    return _held(replace(decided, notices=(*decided.notices, *notices)).with_(*verdicts), facts)


def _held(decided: Plan, facts: PolicyFacts) -> Plan:
    return hold_back(decided, facts.setback, generation=facts.generation, now=facts.now)


def _waits(facts: PolicyFacts, reference: Unresolved) -> Verdict | None:
    if facts.resource.status.external_id is None or isinstance(facts.seen, Absent):
        return false("Synced", "ReferencesNotResolved", reference.message)
    return None


def _forget(facts: PolicyFacts) -> dict[str, Any]:
    """The cloud object went with its group: the id is taken out once a trusted read says so."""
    gone = isinstance(facts.seen, Absent) and facts.resource.status.external_id is not None
    return {"external_id": None, "operation": None} if gone else {}


def _problems(facts: PolicyFacts, account: Account) -> tuple[Problem, ...]:
    spec = facts.resource.spec
    if facts.older_owner:
        text = f"the cloud policy is managed by ScalingPolicy {facts.older_owner}, which is older"
        return (Problem("spec.externalId", "DuplicateOwner", text),)
    found = list(accept.check(spec_json(spec), account.policy_fields, vendor=account.vendor, block=account.block))
    if isinstance(facts.group, GroupTarget) and facts.group.enforced:
        text = f"ScalingGroup {facts.group.name} enforces its desired capacity; a policy would fight it"
        found.append(Problem("scalingGroupRef", "CapacityOwnershipConflict", text))
    found += _schedule_problems(facts)
    return tuple(found)


def _schedule_problems(facts: PolicyFacts) -> list[Problem]:
    spec = facts.resource.spec
    if spec.schedule is None:
        return []
    status = facts.resource.status
    never_made = status.external_id is None and status.operation is None and status.cloud_object is None
    never_made = never_made and spec.external_id is None  # what is adopted may have fired long ago
    if never_made and spec.schedule.at is not None and spec.schedule.at <= facts.now:
        return [Problem("schedule.at", "InvalidValue", "schedule.at: must lie in the future")]
    if spec.schedule.cron is None:
        return []
    try:
        schedule.in_utc(spec.schedule.cron, spec.schedule.time_zone, facts.now)
    except schedule.BadSchedule as exc:
        return [Problem("schedule.cron", "InvalidValue", f"schedule.cron: {exc}")]
    return []


def _want(facts: PolicyFacts, account: Account, problems: tuple[Problem, ...]) -> dict[str, Any]:
    spec = facts.resource.spec
    refused = frozenset(problem.path for problem in problems)
    want = managed(spec_json(spec), account.policy_fields, refused)
    want = {path: value for path, value in want.items() if not path.startswith("schedule")}
    want["externalName"] = spec.external_name or facts.owner.cloud_name
    if spec.external_id is not None and spec.external_name is None:
        del want["externalName"]
    if not any(path.startswith("schedule") for path in refused):
        want.update(_schedule(facts, account))
    return account.canonical_policy(want)


def _schedule(facts: PolicyFacts, account: Account) -> dict[str, Any]:
    given = facts.resource.spec.schedule
    if given is None:
        return {}
    if given.at is not None:
        return {"schedule.at": schedule.minute_utc(given.at)}
    if given.cron is None:
        return {}
    fields = schedule.in_utc(given.cron, given.time_zone, facts.now)
    if given.start_time is not None:
        fields["schedule.start"] = schedule.minute_utc(given.start_time)
    if given.end_time is not None:
        fields["schedule.end"] = schedule.minute_utc(given.end_time)
    else:
        seen = facts.seen.value.fields.get("schedule.end") if isinstance(facts.seen, Observed) else None
        fields["schedule.end"] = schedule.end_of_endless(
            seen, facts.now, ahead_days=account.open_ended_days, renew_days=account.renew_days
        )
    return fields


def is_expired(facts: PolicyFacts) -> bool:
    """It has fired, or its end has passed: nothing is written any more."""
    given = facts.resource.spec.schedule
    if given is None:
        return False
    last = given.at or given.end_time
    return last is not None and last <= facts.now


# --- stages -------------------------------------------------------------------------------------------------------


def _finalizer(case: Case) -> Plan | None:
    if case.facts.finalizer_stored:
        return None
    return Plan(synced=false("Synced", "Creating", "the finalizer is not stored yet"), wait_s=1.0)


def _forbidden(case: Case) -> Plan | None:
    if not any(problem.fatal for problem in case.problems):
        return None
    return Plan(synced=false("Synced", "NotAccepted", case.problems[0].message))


def _unreadable(case: Case) -> Plan | None:
    for read in (case.facts.seen, case.facts.lookup):
        if isinstance(read, Untrusted):
            return Plan(wait_s=read.retry_s)
    return None


def _adopt_by_id(case: Case) -> Plan | None:
    facts, wanted = case.facts, case.facts.resource.spec.external_id
    if not case.creating or wanted is None:
        return None
    if not isinstance(facts.seen, Observed):
        text = f"spec.externalId {wanted} does not exist in the account"
        verdict = false("Adopted", "ExternalIdNotFound", text)
        return Plan(false("Synced", "Rejected", text), verdicts=(verdict,), wait_s=case.account.timing.idle_s)
    found = facts.seen.value
    if found.group_id != case.group.id:
        text = f"the cloud policy {found.id} belongs to another group"
        return Plan(false("Synced", "NameConflict", text), verdicts=(false("Adopted", "OwnedByOther", text),))
    return Plan(
        false("Synced", "Updating", "the cloud policy was adopted"),
        record={"external_id": found.id, "external_name": found.name, "cloud_object": "Policy"},
        verdicts=(true("Adopted", "AdoptedById"),),
        notices=(Notice("Adopted", f"adopted the cloud policy {found.id} ({found.name})"),),
        wait_s=0.0,
    )


def _vanished(case: Case) -> Plan | None:
    facts = case.facts
    if not isinstance(facts.seen, Absent) or case.creating:
        return None
    text = f"the cloud policy {facts.resource.status.external_id} does not exist any more"
    adopted = facts.resource.spec.external_id is not None
    return Plan(
        false("Synced", "Rejected" if adopted else "Creating", text),
        record={"external_id": None, "operation": None},
        verdicts=(false("Adopted", "ExternalIdNotFound", text),) if adopted else (),
        notices=(Notice("DeletedExternally", text, warning=True),),
        wait_s=case.account.timing.idle_s if adopted else 1.0,
    )


def _find_or_create(case: Case) -> Plan | None:
    facts = case.facts
    if not case.creating:
        return None
    if not isinstance(facts.lookup, Lookup):
        return Plan(wait_s=1.0)
    name = case.want["externalName"]
    hits = [p for p in facts.lookup.candidates if p.name == name and p.group_id == case.group.id]
    operation = facts.resource.status.operation
    if hits and is_ours(facts, hits[0]):
        return _take_over(facts, hits)
    if hits:
        text = f"a cloud policy named {name} exists ({hits[0].id}); adopt it by spec.externalId or use another name"
        return Plan(false("Synced", "NameConflict", text), notices=(Notice("NameConflict", text, True),))
    if facts.observe_only:
        text = "no cloud policy bears the name of this object, and ObserveOnly creates none"
        return Plan(false("Synced", "DriftObserved", text), wait_s=case.account.timing.idle_s)
    if operation is not None:
        not_before = may_repeat_create(operation, facts.lookup, case.account.timing)
        if not_before is not None:
            text = "the answer to the create call was lost; looking for the policy by its name before trying again"
            wait = min(seconds_until(not_before, facts.now), case.account.timing.active_s)
            return Plan(false("Synced", "OutcomeUnknown", text), wait_s=wait)
    if case.problems:
        return Plan(false("Synced", "NotAccepted", case.problems[0].message))
    if is_expired(facts):
        return Plan(true("Synced", "UpToDate", "the schedule has ended; nothing is created"))
    return _create(case)


def _take_over(facts: PolicyFacts, hits: list[cloud.Policy]) -> Plan:
    first = sorted(hits, key=lambda p: (p.created_at is None, p.created_at, p.id))[0]
    ours = facts.resource.status.operation is not None
    notice = Notice("Created", f"created the cloud policy {first.name} ({first.id})")
    if not ours:
        notice = Notice("Adopted", f"found the cloud policy {first.id} by its name")
    return Plan(
        false("Synced", "Creating"),
        record={
            "external_id": first.id,
            "external_name": first.name,
            "cloud_object": "Policy",
            "operation": None,
        },
        verdicts=() if ours else (true("Adopted", "AdoptedByMarker"),),
        notices=(notice,),
        wait_s=0.0,
    )


def _create(case: Case) -> Plan:
    facts = case.facts
    name = case.want["externalName"]
    intent = issued(facts.new_id, facts.now, facts.resource.status.operation, type="Create")
    return Plan(
        false("Synced", "Creating", "the cloud policy is being created"),
        Do(
            CreatePolicy(NewPolicy(case.group.id, facts.resource.spec.type, case.want), intent.id),
            after={"external_id": RESULT, "external_name": name, "cloud_object": "Policy", "operation": None},
            refused={"operation": None},
            notices=(Notice("Created", f"created the cloud policy {name}"),),
        ),
        record={"operation": intent},
        wait_s=0.0,
    )


def _converge(case: Case) -> Plan | None:
    facts = case.facts
    if not isinstance(facts.seen, Observed):
        return None
    policy = facts.seen.value
    if facts.resource.status.operation is not None:
        return Plan(record={"operation": None}, wait_s=0.0)
    if is_expired(facts):
        return Plan(true("Synced", "UpToDate", "the schedule has ended"), drift=())
    found = differences(case.want, policy.fields)
    if facts.observe_only:
        return _only_observed(found)
    immutable = tuple(d for d in found if _never(case.account, d.path))
    writable = tuple(d for d in found if d not in immutable)
    if writable:
        return _update(case, policy, writable)
    if facts.resource.spec.enabled != policy.enabled and not policy.executing:
        return _toggle(case, policy)
    if case.problems:
        return Plan(false("Synced", "NotAccepted", case.problems[0].message), drift=immutable)
    wait = case.account.timing.active_s if policy.executing else None
    return Plan(true("Synced", "UpToDate"), wait_s=wait, drift=immutable)


def _never(account: Account, path: str) -> bool:
    rule = account.policy_fields.get(path)
    return rule is not None and rule.mutability is Mutability.NEVER


def _only_observed(found: tuple[Difference, ...]) -> Plan:
    if not found:
        return Plan(true("Synced", "UpToDate"), drift=())
    text = "observed only; different: " + ", ".join(d.path for d in found)
    return Plan(false("Synced", "DriftObserved", text), drift=found)


def _update(case: Case, policy: cloud.Policy, found: tuple[Difference, ...]) -> Plan:
    paths = ", ".join(d.path for d in found)
    change = Change(case.want, policy.fields, frozenset(d.path for d in found))
    notice = Notice(_update_reason(case, found), f"updated {paths}")
    return Plan(
        false("Synced", "Updating", f"updating {paths}"),
        Do(UpdatePolicy(policy.id, change), notices=(notice,)),
        drift=found,
        wait_s=0.0,
    )


def _update_reason(case: Case, found: tuple[Difference, ...]) -> str:
    paths = {d.path for d in found}
    spec_changed = case.facts.resource.status.observed_generation != case.facts.generation
    if spec_changed:
        return "Updated"
    if paths == {"schedule.end"}:
        return "ScheduleRenewed"
    return "ScheduleShifted" if paths <= {"schedule.time", "schedule.days", "schedule.end"} else "Updated"


def _toggle(case: Case, policy: cloud.Policy) -> Plan:
    if case.facts.resource.spec.enabled:
        step = Do(EnablePolicy(policy.id), notices=(Notice("Enabled", "enabled the cloud policy"),))
    else:
        step = Do(DisablePolicy(policy.id), notices=(Notice("Disabled", "disabled the cloud policy"),))
    return Plan(false("Synced", "Updating", step.notices[0].message), step, wait_s=0.0)


def _nothing_known(case: Case) -> Plan | None:
    return Plan(wait_s=1.0)


_STAGES: tuple[Callable[[Case], Plan | None], ...] = (
    _finalizer,
    _forbidden,
    _unreadable,
    _adopt_by_id,
    _vanished,
    _find_or_create,
    _converge,
    _nothing_known,
)
