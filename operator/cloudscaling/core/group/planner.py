"""ScalingGroup: what to do next. Called by engine.reconcile with facts, answers with a Plan.

The stages stand in one table, in order; the first that has an answer decides. No stage writes before the group
is known from a trusted read, and at most one call is planned at a time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from cloudscaling.core import accept
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
from cloudscaling.core.diff import managed
from cloudscaling.core.facts import Absent, Account, LaunchTarget, Lookup, Observed, Unresolved, Untrusted
from cloudscaling.core.group import balancers, capacity, children, tags
from cloudscaling.core.group import deletion as group_deletion
from cloudscaling.core.group.facts import Case, GroupFacts, waiting_for_activity
from cloudscaling.core.group.update import converge, is_refused, unread
from cloudscaling.core.model import Fields, Group, GroupState, NewGroup
from cloudscaling.core.naming import OWNER_TAG
from cloudscaling.core.plan import (
    RESULT,
    CreateGroup,
    Do,
    EnableGroup,
    Notice,
    Plan,
    PutHook,
    SetDesiredCapacity,
    SetTags,
)
from cloudscaling.core.verdict import false, is_true, true, unknown

# What status says about children of a cloud group that does not exist any more: nothing.
CHILDLESS: dict[str, object] = {
    **dict.fromkeys(("managed", "unmanaged", "warm_pool")),
    **dict.fromkeys(("lifecycle_hooks", "notifications", "pending_lifecycle_actions", "quotas"), ()),
}


def plan(facts: GroupFacts) -> Plan:
    """The next step for the group, with what is to be said about it."""
    status, spec = facts.resource.status, facts.resource.spec
    held = paused(spec_paused=spec.paused, account=facts.account, deleting=facts.deleting)
    if held is not None:
        return replace(held, record=group_deletion.frozen(facts)) if facts.deleting else held
    if facts.deleting:
        return _held(group_deletion.plan(facts), facts)
    if isinstance(facts.account, Unresolved):
        return _without_account(facts, facts.account)
    problems = _problems(facts, facts.account)
    case = Case(facts, facts.account, problems, _want(facts, facts.account, problems))
    decided = next(found for stage in _STAGES if (found := stage(case)) is not None)
    was_accepted = not any(c.type == "Accepted" and c.status == "False" for c in status.conditions)
    decided = replace(decided, notices=(*decided.notices, *not_accepted_notice(problems, was_accepted)))
    general = (
        accepted(problems),
        resolved(facts.account, facts.launch),
        *resumed(is_true(status.conditions, "Paused")),
    )
    return _held(replace(decided, verdicts=(*general, *decided.verdicts)), facts)


def _held(decided: Plan, facts: GroupFacts) -> Plan:
    for setback in facts.setbacks:
        decided = hold_back(decided, setback, generation=facts.generation, now=facts.now)
    return decided


def _without_account(facts: GroupFacts, account: Unresolved) -> Plan:
    waiting = Plan(verdicts=(resolved(account),))
    if facts.resource.status.external_id is None:
        return replace(waiting, synced=false("Synced", "ReferencesNotResolved", account.message))
    return waiting


def _problems(facts: GroupFacts, account: Account) -> tuple[Problem, ...]:
    if facts.older_owner:
        text = f"the cloud group is managed by ScalingGroup {facts.older_owner}, which is older"
        return (Problem("spec.externalId", "DuplicateOwner", text),)
    spec = spec_json(facts.resource.spec)
    found = list(accept.check(spec, account.group_fields, vendor=account.vendor, block=account.block))
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


def _finalizer(case: Case) -> Plan | None:
    if case.facts.finalizer_stored:
        return None
    return Plan(synced=false("Synced", "Creating", "the finalizer is not stored yet"), wait_s=1.0)


def _forbidden(case: Case) -> Plan | None:
    """A wrong vendor block or an older owner: no write at all."""
    if not case.fatal:
        return None
    return Plan(synced=false("Synced", "NotAccepted", case.problems[0].message))


def _unreadable(case: Case) -> Plan | None:
    for read in (case.facts.seen, case.facts.lookup):
        if isinstance(read, Untrusted):
            return Plan(synced=None, wait_s=read.retry_s)
    return None


def _adopt_by_id(case: Case) -> Plan | None:
    facts = case.facts
    wanted = facts.resource.spec.external_id
    if facts.resource.status.external_id is not None or wanted is None:
        return None
    if isinstance(facts.seen, Observed):
        group = facts.seen.value
        if group.owner_tag not in ("", facts.owner.mark) or group.marker not in ("", facts.owner.mark):
            text = f"the cloud group {group.id} bears the mark of another owner"
            return Plan(
                synced=false("Synced", "NameConflict", text),
                verdicts=(false("Adopted", "OwnedByOther", text),),
            )
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


def _find_or_create(case: Case) -> Plan | None:
    facts = case.facts
    if facts.resource.status.external_id is not None:
        return None
    if not isinstance(facts.lookup, Lookup):
        return Plan(wait_s=1.0)
    ours, conflict = _sort_out(facts, facts.lookup)
    if ours:
        return _take_over(facts, ours)
    if conflict:
        text = f"a cloud group named {conflict[0].name} ({conflict[0].id}) belongs to another owner"
        return Plan(synced=false("Synced", "NameConflict", text), notices=(Notice("NameConflict", text, True),))
    return _create(case, facts.lookup)


def _sort_out(facts: GroupFacts, lookup: Lookup[Group]) -> tuple[list[Group], list[Group]]:
    """(groups that bear our mark, oldest first; groups that stand in the way of our name)."""
    mark, explicit = facts.owner.mark, facts.resource.spec.external_name
    ours, conflict = [], []
    for group in lookup.candidates:
        unmarked_but_named = not group.marker and group.name == facts.owner.cloud_name
        if mark in (group.marker, group.owner_tag) or unmarked_but_named:
            ours.append(group)
        elif explicit is not None and group.name == explicit and (group.marker or group.owner_tag):
            conflict.append(group)
    return sorted(ours, key=lambda g: (g.created_at is None, g.created_at, g.id)), conflict


def _take_over(facts: GroupFacts, ours: list[Group]) -> Plan:
    """Exactly one group bears our mark, or the oldest of several: it is ours, as if just created."""
    first = ours[0]
    if first.state is GroupState.DELETING:
        text = f"the earlier cloud group {first.id} is still being deleted"
        return Plan(synced=false("Synced", "WaitingForActivity", text), wait_s=10.0)
    operation = facts.resource.status.operation
    record: dict[str, object] = {"external_id": first.id, "external_name": first.name}
    verdicts, notices = [], []
    if operation is not None and operation.type == "Create":
        record["operation"] = operation.model_copy(update={"stage": "Created", "state": "Issued"})
        notices.append(Notice("Created", f"created the cloud group {first.name} ({first.id})"))
    else:
        verdicts.append(true("Adopted", "AdoptedByMarker"))
        notices.append(Notice("Adopted", f"found the cloud group {first.id} by its mark"))
    return Plan(
        synced=false("Synced", "Creating", "the cloud group was found by its mark"),
        record=record,
        verdicts=tuple(verdicts),
        notices=tuple(notices),
        wait_s=0.0,
    )


def _create(case: Case, lookup: Lookup[Group]) -> Plan:
    facts, spec = case.facts, case.facts.resource.spec
    if facts.observe_only:
        text = "no cloud group bears the mark of this object, and ObserveOnly creates none"
        return Plan(synced=false("Synced", "DriftObserved", text), wait_s=case.account.timing.idle_s)
    operation = facts.resource.status.operation
    not_before = may_repeat_create(operation, lookup, case.account.timing) if operation is not None else None
    if not_before is not None:
        text = "the answer to the create call was lost; looking for the group by its mark before trying again"
        wait = min(seconds_until(not_before, facts.now), case.account.timing.active_s)
        return Plan(synced=false("Synced", "OutcomeUnknown", text), wait_s=wait)
    if case.problems:
        return Plan(synced=false("Synced", "NotAccepted", case.problems[0].message))
    if not isinstance(facts.launch, LaunchTarget):
        why = facts.launch.message if facts.launch is not None else "no launch configuration is named"
        return Plan(synced=false("Synced", "ReferencesNotResolved", why))
    desired = spec.min_size if spec.desired_capacity is None else spec.desired_capacity
    target = capacity.clamp(desired, spec.min_size, spec.max_size)
    fields = {**case.want, "externalName": spec.external_name or facts.owner.cloud_name}
    fields.pop("tags", None)  # a second call at every vendor that has the ownership tag as one
    intent = issued(facts.new_id, facts.now, operation, type="Create", target=target)
    call = CreateGroup(NewGroup(fields, target, facts.owner.mark), token=intent.id)
    listed = balancers.made_with_the_group(case)
    return Plan(
        synced=false("Synced", "Creating", "the cloud group is being created"),
        record={"operation": intent, **listed},
        step=Do(
            call,
            after={
                "external_id": RESULT,
                "external_name": fields["externalName"],
                "operation": intent.model_copy(update={"stage": "Created"}),
            },
            refused={"operation": None, **({"managed": facts.resource.status.managed} if listed else {})},
            notices=(
                *capacity.clamped_notice(desired if target != desired else None, spec.min_size, spec.max_size),
                Notice("Created", f"created the cloud group {fields['externalName']}"),
            ),
        ),
        wait_s=0.0,
    )


def _vanished(case: Case) -> Plan | None:
    """Absent by list and by id, twice: cleared, and created again unless it was adopted by its id."""
    facts = case.facts
    if not isinstance(facts.seen, Absent):
        return None
    old = facts.resource.status.external_id
    text = f"the cloud group {old} does not exist any more"
    cleared = {
        "external_id": None,
        "operation": None,
        "last_applied_desired_capacity": None,
        "last_applied_enabled": None,
        "capacity_held": None,
        **CHILDLESS,
    }
    verdicts = (false("Adopted", "ExternalIdNotFound", text),) if facts.adopted_by_id else ()
    return Plan(
        synced=false("Synced", "Rejected" if facts.adopted_by_id else "Creating", text),
        record=cleared,
        verdicts=verdicts,
        notices=(Notice("DeletedExternally", text, warning=True),),
        wait_s=case.account.timing.idle_s if facts.adopted_by_id else 1.0,
    )


def _in_flight(case: Case) -> Plan | None:
    operation = case.facts.resource.status.operation
    if operation is None or case.facts.observe_only or not isinstance(case.facts.seen, Observed):
        return None
    if operation.type == "Create":
        return _finish_create(case, case.facts.seen.value)
    return _finish_sizing(case, case.facts.seen.value)


def _finish_create(case: Case, group: Group) -> Plan:
    """The stages after the call; each is absolute, so a crash between two is resumed from what is observed."""
    facts, spec = case.facts, case.facts.resource.spec
    operation = facts.resource.status.operation
    if operation is None:
        raise ValueError("no create is in flight")
    creating = false("Synced", "Creating", f"the cloud group {group.id} is being set up")
    asked = capacity.NONE_ASKED if spec.desired_capacity is None else (operation.target or 0)
    done = {
        "operation": None,
        "last_applied_desired_capacity": asked,
        "last_applied_enabled": spec.enabled,
    }
    if group.owner_tag != facts.owner.mark:
        given = case.want.get("tags") or {}
        after = {"operation": operation.model_copy(update={"stage": "Tagged"})}
        step = Do(SetTags(group.id, {OWNER_TAG: facts.owner.mark, **given}), after)
        return Plan(creating, step, tags.with_keys(facts.resource.status, given), wait_s=0.0)
    attaching = _attach(case, group)
    if attaching is not None:
        return attaching
    if spec.enabled and group.state is GroupState.DISABLED:
        notice = Notice("Enabled", "enabled the cloud group")
        attached = {"operation": operation.model_copy(update={"stage": "Attached"})}
        return Plan(creating, Do(EnableGroup(group.id), after=done, notices=(notice,)), attached, wait_s=0.0)
    return Plan(creating, record=done, wait_s=0.0)


def _attach(case: Case, group: Group) -> Plan | None:
    """What hangs on the group, before its first instance. A refused hook keeps the group disabled, no other child."""
    if case.facts.children.missed:
        return unread(case)
    plans = children.compare(case, group).plans
    due = next((plan for plan in plans if not is_refused(case, plan)), None)
    due = due or next((plan for plan in plans if plan.step is not None and isinstance(plan.step.call, PutHook)), None)
    return replace(due, synced=false("Synced", "Creating", due.synced.message)) if due and due.synced else None


def _finish_sizing(case: Case, group: Group) -> Plan:
    """D4: applied when the target is seen, repeated only while nothing has moved, else taken as applied."""
    facts = case.facts
    operation = facts.resource.status.operation
    if operation is None or operation.target is None:
        return Plan(record={"operation": None}, wait_s=0.0)
    spec = facts.resource.spec
    want = spec.desired_capacity  # the same wish, clamped, counts as applied as a whole
    clamped = want is not None and capacity.clamp(want, spec.min_size, spec.max_size) == operation.target
    done = {
        "operation": None,
        "last_applied_desired_capacity": want if clamped else operation.target,
        "capacity_held": None,
    }
    if group.desired == operation.target or group.desired != operation.from_:
        return Plan(false("Synced", "Updating"), record=done, wait_s=0.0)
    if group.busy:
        return waiting_for_activity(case.account)
    intent = issued(
        operation.id,
        facts.now,
        operation,
        type="SetDesiredCapacity",
        from_=group.desired,
        target=operation.target,
    )
    call = SetDesiredCapacity(group.id, operation.target, intent.id)
    notice = Notice("DesiredCapacityApplied", f"desired capacity {group.desired} -> {operation.target}")
    return Plan(
        false("Synced", "Updating", notice.message),
        Do(call, after=done, refused={"operation": None}, notices=(notice,)),
        record={"operation": intent},
        wait_s=0.0,
    )


def _converge(case: Case) -> Plan | None:
    if not isinstance(case.facts.seen, Observed):
        return None
    return converge(case, case.facts.seen.value)


def _nothing_known(case: Case) -> Plan | None:
    return Plan(synced=unknown("Synced", "ReadUntrusted", "no trusted read yet"), wait_s=1.0)


_STAGES: tuple[Callable[[Case], Plan | None], ...] = (
    _finalizer,
    _forbidden,
    _unreadable,
    _adopt_by_id,
    _vanished,
    _find_or_create,
    _in_flight,
    _converge,
    _nothing_known,
)
