"""A known, idle-or-not cloud group against its spec: the first thing that differs. Called by the planner.

Order of writes: properties and bounds, load balancers, tags, children, enabled, desired capacity. Only what differs
is sent.
"""

from __future__ import annotations

from dataclasses import replace

from cloudscaling.api.meta import REAPPLY_DESIRED_CAPACITY
from cloudscaling.core.calls import DisableGroup, EnableGroup, SeedDesiredCapacity, SetDesiredCapacity, UpdateGroup
from cloudscaling.core.diff import Difference, differences
from cloudscaling.core.facts import Account, Observed, Unresolved
from cloudscaling.core.fields import Mutability
from cloudscaling.core.group import balancers, bounds, capacity, children, ledger, moves, tags
from cloudscaling.core.group import hanging as waiting_in_hooks
from cloudscaling.core.group.facts import Case, waiting_for_activity
from cloudscaling.core.holding import is_held
from cloudscaling.core.intent import issued
from cloudscaling.core.model import Change, Fields, Group, GroupState
from cloudscaling.core.plan import Do, Notice, Plan
from cloudscaling.core.verdict import Verdict, false, true

_ELSEWHERE = frozenset({"tags", *balancers.SHARED})


def converge(case: Case, group: Group) -> Plan:
    """The next write for an existing group, or the statement that it is as wanted."""
    found = [d for d in differences(case.want, group.fields) if d.path not in _ELSEWHERE]
    decision = _decide(case, group)
    by_schedule = bounds.left_to_schedule(case, group)
    if by_schedule:
        found = [d for d in found if d.path not in bounds.PATHS]
    immutable = tuple(d for d in found if _rule(case.account, d.path) is Mutability.NEVER)
    found = [d for d in found if d not in immutable]
    lists, hanging = balancers.compare(case, group), children.compare(case, group)
    if case.facts.observe_only:
        more = [*(one.difference for one in lists if one.differs), *hanging.differences]
        return _only_observed(case, group, [*found, *immutable, *more], decision)
    if case.facts.resource.status.last_applied_desired_capacity is None:
        # Recorded before any write: a wish that comes meanwhile is a change, not part of the first sight.
        recorded = _capacity(case, group, decision)
        if recorded is not None:
            return _report(recorded, decision, immutable)
    held = bounds.PATHS if bounds.held_after_loss(case, group) else frozenset[str]()
    balanced = balancers.plan(case, group, lists) if _may_balance(case.account, group) else None
    plans = (
        balanced if not any(one.dropped for one in lists) else None,  # a health check may need the new ones, or
        _update(case, group, [d for d in found if d.path not in held]),
        balanced,  # may have needed the old ones
        tags.plan(case, group),
        *hanging.plans,
        _enabled(case, group),
        _capacity(case, group, decision),
    )
    due = [plan for plan in plans if plan is not None]
    # What the cloud refuses must not keep the rest, above all the size, from being written.
    free = [plan for plan in due if not is_refused(case, plan)]
    waiting = [*(one.difference for one in lists if one.differs), *hanging.waiting]
    chosen = next(iter([*free, *due]), None) or _at_rest(case, [*found, *waiting], held)
    return _report(_remembering(case, group, chosen, lists, hanging), decision, immutable)


def _remembering(
    case: Case, group: Group, plan: Plan, lists: tuple[balancers.Listed, ...], hanging: children.Findings
) -> Plan:
    """The plan with what else is to be kept in mind: children that are gone, bounds in force, who waits in a hook."""
    gone = {balancers.SHARED[one.path]: (frozenset[str](), one.gone) for one in lists if one.gone}
    gone[tags.TAG_KEYS] = (frozenset[str](), tags.gone(case, group))
    forgotten = ledger.changes(case.facts.resource.status, {**gone, **hanging.gone})
    record = {**forgotten, **bounds.record(case, group), **plan.record}
    return replace(plan, record=record, notices=(*plan.notices, *waiting_in_hooks.overdue(case.facts)))


def _may_balance(account: Account, group: Group) -> bool:
    return all(_writable_now(account, path, group) for path in balancers.SHARED if path in account.group_fields)


def is_refused(case: Case, plan: Plan) -> bool:
    """The cloud has refused this very call, or every call, too recently."""
    facts = case.facts
    return any(is_held(plan, one, generation=facts.generation, now=facts.now) for one in facts.setbacks)


def _rule(account: Account, path: str) -> Mutability:
    rule = account.group_fields.get(path)
    return rule.mutability if rule is not None else Mutability.IN_PLACE


# --- properties and bounds ----------------------------------------------------------------------------------------


def _update(case: Case, group: Group, found: list[Difference]) -> Plan | None:
    writable = [d for d in found if _writable_now(case.account, d.path, group)]
    if not writable:
        return None
    changed = frozenset(d.path for d in writable)
    want = {
        **case.want,
        "minSize": case.facts.resource.spec.min_size,
        "maxSize": case.facts.resource.spec.max_size,
    }
    change = Change(want, group.fields, changed, case.facts.owner.mark, _desired_with_bounds(want, group, changed))
    text = "updating " + ", ".join(sorted(changed))
    after = bounds.applied(case) if changed & bounds.PATHS and bounds.scheduled(case) else {}
    return Plan(
        false("Synced", "Updating", text),
        Do(UpdateGroup(group.id, change), after, notices=(Notice("Updated", "updated " + ", ".join(sorted(changed))),)),
        drift=tuple(found),
        wait_s=0.0,
    )


def _writable_now(account: Account, path: str, group: Group) -> bool:
    rule = _rule(account, path)
    if rule is Mutability.WHEN_IDLE:
        return not group.busy
    if rule is Mutability.WHEN_EMPTY:
        return group.state is GroupState.DISABLED and group.current == 0 and not group.busy
    return True


def _desired_with_bounds(want: Fields, group: Group, paths: frozenset[str]) -> int | None:
    """D8: bounds that would exclude the observed desired capacity move it along, in the same call."""
    if not paths & bounds.PATHS:
        return None
    fitting = capacity.clamp(group.desired, want["minSize"], want["maxSize"])
    return fitting if fitting != group.desired else None


# --- enabled ------------------------------------------------------------------------------------------------------


def _enabled(case: Case, group: Group) -> Plan | None:
    """D10: written once per change of spec.enabled; an external change is only reported."""
    wanted, applied = case.facts.resource.spec.enabled, case.facts.resource.status.last_applied_enabled
    if applied == wanted:
        return None
    after = {"last_applied_enabled": wanted}
    is_enabled = group.state is not GroupState.DISABLED
    if applied is None or is_enabled == wanted:
        return Plan(record=after, wait_s=0.0)
    call = EnableGroup(group.id) if wanted else DisableGroup(group.id)
    notice = Notice("Enabled", "enabled the cloud group") if wanted else Notice("Disabled", "disabled the cloud group")
    return Plan(false("Synced", "Updating", notice.message), Do(call, after, notices=(notice,)), wait_s=0.0)


# --- desired capacity ---------------------------------------------------------------------------------------------


def _decide(case: Case, group: Group) -> capacity.Decision:
    decision = capacity.decide(_view(case, group))
    if decision.drifted.status == "True" or not bounds.scheduled(case) or not bounds.left_to_schedule(case, group):
        return decision
    text = f"a schedule moved the bounds to {group.min_size}..{group.max_size}"
    return replace(decision, drifted=false("CapacityDrifted", "BoundsChangedBySchedule", text))


def _view(case: Case, group: Group) -> capacity.View:
    spec, status = case.facts.resource.spec, case.facts.resource.status
    low, high = bounds.in_force(case, group)
    return capacity.View(
        want=spec.desired_capacity,
        applied=status.last_applied_desired_capacity,
        seen=group.desired,
        min_size=low,
        max_size=high,
        enforced=spec.capacity_management == "Enforced",
        held=bool(status.capacity_held),
        token=case.facts.resource.metadata.annotations.get(REAPPLY_DESIRED_CAPACITY, ""),
        applied_token=status.last_applied_desired_capacity_token or "",
        moved_by=moves.author(case, group),
        may_write=not case.facts.observe_only,
    )


def _capacity(case: Case, group: Group, decision: capacity.Decision) -> Plan | None:
    sizes = bounds.wanted(case)
    notices = capacity.clamped_notice(decision.clamped_from, *sizes)
    if decision.seed is not None:
        return Plan(
            false("Synced", "Updating", "spec.desiredCapacity is being set from the cloud"),
            Do(SeedDesiredCapacity(decision.seed)),
            record=decision.record,
            wait_s=1.0,
        )
    if decision.write is None:
        if not decision.record:
            return None
        first_sight = case.facts.resource.status.last_applied_desired_capacity is None
        seen = bounds.applied(case) if first_sight else {}
        return Plan(record={**decision.record, **seen}, notices=notices, wait_s=0.0)
    if group.busy:
        return waiting_for_activity(case.account)
    spec, status = case.facts.resource.spec, case.facts.resource.status
    token = case.facts.resource.metadata.annotations.get(REAPPLY_DESIRED_CAPACITY)
    intent = issued(
        case.facts.new_id,
        case.facts.now,
        type="SetDesiredCapacity",
        from_=group.desired,
        target=decision.write,
    )
    after = {"operation": None, "last_applied_desired_capacity": spec.desired_capacity, "capacity_held": None}
    applied = Notice("DesiredCapacityApplied", f"desired capacity {group.desired} -> {decision.write}")
    refused = {
        "operation": None,
        "last_applied_desired_capacity_token": status.last_applied_desired_capacity_token,
    }
    return Plan(
        false("Synced", "Updating", f"setting the desired capacity to {decision.write}"),
        Do(
            SetDesiredCapacity(group.id, decision.write, intent.id, corrects=decision.corrects),
            after=after,
            refused=refused,
            notices=(*notices, applied),
        ),
        record={"operation": intent, "last_applied_desired_capacity_token": token},
        wait_s=0.0,
    )


# --- what is said -------------------------------------------------------------------------------------------------


def _report(plan: Plan, decision: capacity.Decision, immutable: tuple[Difference, ...]) -> Plan:
    """The plan with what is true beside it: drift of the capacity, fields that the vendor cannot change."""
    verdicts: tuple[Verdict, ...] = (*plan.verdicts, decision.drifted)
    drift = (*(plan.drift or ()), *immutable)
    plan = replace(plan, verdicts=verdicts, drift=drift)
    if not immutable:
        return plan
    text = f"{immutable[0].path}: the vendor cannot change it; create another ScalingGroup"
    refused = false("Accepted", "ImmutableValue", text)
    at_rest = plan.step is None and plan.synced is not None and plan.synced.status == "True"
    return replace(plan, synced=false("Synced", "NotAccepted", text) if at_rest else plan.synced).with_(refused)


def _at_rest(case: Case, found: list[Difference], held: frozenset[str]) -> Plan:
    """Nothing to write now: why, or that all is as wanted."""
    facts = case.facts
    wait = case.account.timing.active_s if facts.seen is not None and _is_busy(case) else None
    if facts.children.missed:
        return replace(unread(case), drift=tuple(found) or None)
    if case.problems:
        return Plan(false("Synced", "NotAccepted", case.problems[0].message), wait_s=wait, drift=tuple(found))
    if held and any(d.path in held for d in found):
        text = "the cloud stands above maxSize and nothing says who moved it; change a size or desiredCapacity to go on"
        return Plan(false("Synced", "DriftObserved", text), wait_s=wait, drift=tuple(found))
    if found:
        text = "not possible now (the group must be idle, or disabled and empty): " + ", ".join(d.path for d in found)
        reason = "WaitingForActivity" if _is_busy(case) else "Updating"
        return Plan(false("Synced", reason, text), wait_s=case.account.timing.active_s, drift=tuple(found))
    if facts.twins:
        text = "more cloud groups bear this object's mark: " + ", ".join(facts.twins)
        return Plan(false("Synced", "DuplicateFound", text), notices=(Notice("DuplicateFound", text, True),), drift=())
    if isinstance(facts.launch, Unresolved) and not _stays(case):
        return Plan(false("Synced", "ReferencesNotResolved", facts.launch.message), wait_s=wait, drift=())
    return Plan(true("Synced", "UpToDate"), wait_s=wait, drift=())


def _stays(case: Case) -> bool:
    """The launch configuration that is missing is the one in use, so no write waits for it."""
    launch, reference = case.facts.launch, case.facts.resource.spec.launch_configuration_ref
    used = case.facts.resource.status.launch_configuration
    missing = isinstance(launch, Unresolved) and launch.reason == "LaunchConfigurationNotFound"
    return missing and reference is not None and used is not None and used.name == reference.name


def unread(case: Case) -> Plan:
    """Nothing is said about children that could not be read, but that the cloud forbids it."""
    denied = case.facts.children.denied
    return Plan(
        synced=false("Synced", "PermissionDenied", denied) if denied else None, wait_s=case.account.timing.active_s
    )


def _is_busy(case: Case) -> bool:
    return isinstance(case.facts.seen, Observed) and case.facts.seen.value.busy


def _only_observed(
    case: Case,
    group: Group,
    found: list[Difference],
    decision: capacity.Decision,
) -> Plan:
    """ObserveOnly: differences are reported and nothing is written."""
    spec = case.facts.resource.spec
    drift = [*found, *tags.difference(case, group)]
    if spec.desired_capacity is not None and spec.desired_capacity != group.desired:
        drift.append(Difference("desiredCapacity", spec.desired_capacity, group.desired))
    if spec.enabled != (group.state is not GroupState.DISABLED):
        drift.append(Difference("enabled", spec.enabled, group.state is not GroupState.DISABLED))
    wait = case.account.timing.active_s if group.busy else None
    verdict = decision.drifted
    if not drift:
        return Plan(true("Synced", "UpToDate"), wait_s=wait, verdicts=(verdict,), drift=())
    text = "observed only; different: " + ", ".join(d.path for d in drift)
    return Plan(false("Synced", "DriftObserved", text), wait_s=wait, verdicts=(verdict,), drift=tuple(drift))
