"""Making the cloud group: looked for by its mark, created, tagged, fitted out, enabled. Called by the planner.

Every step after the call is absolute, so a crash between two of them is resumed from what is observed.
"""

from __future__ import annotations

from dataclasses import replace

from cloudscaling.core.calls import CreateGroup, EnableGroup, PutHook, SetTags
from cloudscaling.core.facts import LaunchTarget, Lookup
from cloudscaling.core.group import balancers, capacity, children, tags
from cloudscaling.core.group.facts import Case, GroupFacts
from cloudscaling.core.group.update import is_refused, unread
from cloudscaling.core.intent import issued, may_repeat_create
from cloudscaling.core.model import Group, GroupState, NewGroup
from cloudscaling.core.naming import OWNER_TAG
from cloudscaling.core.plan import RESULT, Do, Notice, Plan, seconds_until
from cloudscaling.core.verdict import false, true


def find_or_create(case: Case) -> Plan | None:
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
    operation = facts.resource.status.operation
    not_before = may_repeat_create(operation, lookup, case.account.timing) if operation is not None else None
    if spec.external_id is not None and not_before is None:  # named while the create was open, which has made nothing
        return Plan(synced=false("Synced", "Updating"), record={"operation": None}, wait_s=0.0)
    if facts.observe_only:
        text = "no cloud group bears the mark of this object, and ObserveOnly creates none"
        return Plan(synced=false("Synced", "DriftObserved", text), wait_s=case.account.timing.idle_s)
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


def finish_create(case: Case, group: Group) -> Plan:
    """The stages after the call."""
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
