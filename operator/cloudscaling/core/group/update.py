"""A known, idle-or-not cloud group against its spec: the first thing that differs. Called by the planner.

Order of writes: properties and bounds, tags, enabled, desired capacity. Only what differs is sent.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from cloudscaling.api.meta import REAPPLY_DESIRED_CAPACITY
from cloudscaling.api.v1alpha1.scalinggroup_status import Bounds, Managed, ScalingGroupStatus
from cloudscaling.core.common import is_held, issued
from cloudscaling.core.diff import Difference, differences
from cloudscaling.core.facts import Account, Observed, Unresolved
from cloudscaling.core.fields import Mutability
from cloudscaling.core.group import capacity
from cloudscaling.core.group.facts import Case, waiting_for_activity
from cloudscaling.core.model import Activity, Change, Fields, Group, GroupState
from cloudscaling.core.naming import OWNER_TAG
from cloudscaling.core.plan import (
    DisableGroup,
    Do,
    EnableGroup,
    Notice,
    Plan,
    SeedDesiredCapacity,
    SetDesiredCapacity,
    SetTags,
    UpdateGroup,
)
from cloudscaling.core.verdict import Verdict, false, find, true

_BOUNDS = frozenset({"minSize", "maxSize"})


def converge(case: Case, group: Group) -> Plan:
    """The next write for an existing group, or the statement that it is as wanted."""
    found = [d for d in differences(case.want, group.fields) if d.path != "tags"]
    decision = capacity.decide(_view(case, group))
    immutable = tuple(d for d in found if _rule(case.account, d.path) is Mutability.NEVER)
    found = [d for d in found if d not in immutable]
    tags = _tag_changes(case, group)
    if case.facts.observe_only:
        return _only_observed(case, group, [*found, *immutable], tags, decision)
    if case.facts.resource.status.last_applied_desired_capacity is None:
        # Recorded before any write: a wish that comes meanwhile is a change, not part of the first sight.
        recorded = _capacity(case, group, decision)
        if recorded is not None:
            return _report(recorded, decision, immutable)
    held = _held_bounds(case, group)
    plans = (
        _update(case, group, [d for d in found if d.path not in held]),
        _tags(case, group, tags),
        _enabled(case, group),
        _capacity(case, group, decision),
    )
    due = [plan for plan in plans if plan is not None]
    # What the cloud refuses must not keep the rest, above all the size, from being written.
    free = [plan for plan in due if not _is_refused(case, plan)]
    chosen = next(iter([*free, *due]), None)
    return _report(chosen or _at_rest(case, found, held), decision, immutable)


def _is_refused(case: Case, plan: Plan) -> bool:
    facts = case.facts
    return is_held(plan, facts.setback, generation=facts.generation, now=facts.now)


def with_tag_keys(status: ScalingGroupStatus, keys: Iterable[str], without: Iterable[str] = ()) -> dict[str, Any]:
    """The status field that remembers which tag keys are ours to remove; stored before they are put."""
    managed = status.managed
    known = frozenset(managed.tag_keys if managed is not None else ())
    wanted = (known | frozenset(keys)) - frozenset(without)
    if known == wanted:
        return {}
    fields = {"tag_keys": tuple(sorted(wanted))}
    return {"managed": managed.model_copy(update=fields) if managed else Managed.model_validate(fields)}


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
    return Plan(
        false("Synced", "Updating", text),
        Do(UpdateGroup(group.id, change), notices=(Notice("Updated", "updated " + ", ".join(sorted(changed))),)),
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
    if not paths & _BOUNDS:
        return None
    fitting = capacity.clamp(group.desired, want["minSize"], want["maxSize"])
    return fitting if fitting != group.desired else None


def _held_bounds(case: Case, group: Group) -> frozenset[str]:
    """Lost state never scales in: bounds below an unexplained desired capacity wait for a wish of the user."""
    spec, status = case.facts.resource.spec, case.facts.resource.status
    unexplained = status.last_applied_desired_capacity is None or bool(status.capacity_held)
    known = status.last_applied_bounds
    changed = known is not None and (known.min_size, known.max_size) != (spec.min_size, spec.max_size)
    return _BOUNDS if unexplained and not changed and group.desired > spec.max_size else frozenset()


# --- tags ---------------------------------------------------------------------------------------------------------


def _tag_changes(case: Case, group: Group) -> tuple[dict[str, str], tuple[str, ...]]:
    """(tags to put, keys of ours to take out)."""
    if "tags" not in case.account.group_fields or "tags" not in group.fields:
        return {}, ()
    want: dict[str, str] = dict(case.want.get("tags") or {})
    seen: dict[str, str] = group.fields["tags"] or {}
    put = {key: value for key, value in want.items() if seen.get(key) != value}
    managed = case.facts.resource.status.managed
    refused = any(problem.path == "tags" for problem in case.problems)  # W4: neither written nor pruned
    ours = managed.tag_keys if managed is not None and not refused else ()
    if not case.account.owner_tag_at_create and group.owner_tag == "" and not case.facts.observe_only:
        put[OWNER_TAG] = case.facts.owner.mark
    return put, tuple(sorted(key for key in ours if key not in want and key in seen))


def _tags(case: Case, group: Group, tags: tuple[dict[str, str], tuple[str, ...]]) -> Plan | None:
    put, remove = tags
    status, want, seen = case.facts.resource.status, case.want.get("tags") or {}, group.fields.get("tags") or {}
    gone = [k for k in (status.managed.tag_keys if status.managed else ()) if k not in want and k not in seen]
    record = with_tag_keys(status, [key for key in put if key != OWNER_TAG], gone)
    if not put and not remove:
        return Plan(record=record, wait_s=0.0) if record and "tags" in group.fields else None
    step = Do(SetTags(group.id, put, remove))
    return Plan(false("Synced", "Updating", "updating tags"), step, record, wait_s=0.0)


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


def _view(case: Case, group: Group) -> capacity.View:
    spec, status = case.facts.resource.spec, case.facts.resource.status
    bounds_known = not any(problem.path in _BOUNDS for problem in case.problems)
    return capacity.View(
        want=spec.desired_capacity,
        applied=status.last_applied_desired_capacity,
        seen=group.desired,
        min_size=spec.min_size if bounds_known else group.min_size,
        max_size=spec.max_size if bounds_known else group.max_size,
        enforced=spec.capacity_management == "Enforced",
        held=bool(status.capacity_held),
        token=case.facts.resource.metadata.annotations.get(REAPPLY_DESIRED_CAPACITY, ""),
        applied_token=status.last_applied_desired_capacity_token or "",
        policy_moved_it=_moved_by_policy(case, group),
        may_write=not case.facts.observe_only,
    )


def _moved_by_policy(case: Case, group: Group) -> bool:
    """An activity of a policy explains the observed desired capacity; without fresh activities the last word stays."""
    if case.facts.activities is not None and _explained(case.facts.activities, group.desired):
        return True
    status = case.facts.resource.status
    last = find(status.conditions, "CapacityDrifted")
    return status.desired_capacity == group.desired and last is not None and last.reason == "ScaledByPolicy"


def _explained(activities: Iterable[Activity], desired: int) -> bool:
    """The newest activity that ended at, or heads for, `desired` came from a policy or schedule."""
    newest = next((a for a in activities if a.new_capacity == desired), None)
    return newest is not None and bool(newest.policy_id)


def _capacity(case: Case, group: Group, decision: capacity.Decision) -> Plan | None:
    bounds = case.facts.resource.spec
    notices = capacity.clamped_notice(decision.clamped_from, bounds.min_size, bounds.max_size)
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
        return Plan(record={**decision.record, **_bounds_at_first_sight(case)}, notices=notices, wait_s=0.0)
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
            SetDesiredCapacity(group.id, decision.write, intent.id),
            after=after,
            refused=refused,
            notices=(*notices, applied),
        ),
        record={"operation": intent, "last_applied_desired_capacity_token": token},
        wait_s=0.0,
    )


def _bounds_at_first_sight(case: Case) -> dict[str, Any]:
    spec, status = case.facts.resource.spec, case.facts.resource.status
    if status.last_applied_desired_capacity is not None:
        return {}
    return {"last_applied_bounds": Bounds(min_size=spec.min_size, max_size=spec.max_size)}


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
    if case.problems:
        return Plan(false("Synced", "NotAccepted", case.problems[0].message), wait_s=wait, drift=tuple(found))
    if held and any(d.path in held for d in found):
        text = "the cloud stands above maxSize and nothing says who moved it; change a size or desiredCapacity to go on"
        return Plan(false("Synced", "DriftObserved", text), wait_s=wait, drift=tuple(found))
    if found:
        text = "written once the group is idle, or disabled and empty: " + ", ".join(d.path for d in found)
        reason = "WaitingForActivity" if _is_busy(case) else "Updating"
        return Plan(false("Synced", reason, text), wait_s=case.account.timing.active_s, drift=tuple(found))
    if facts.twins:
        text = "more cloud groups bear this object's mark: " + ", ".join(facts.twins)
        return Plan(false("Synced", "DuplicateFound", text), notices=(Notice("DuplicateFound", text, True),), drift=())
    if isinstance(facts.launch, Unresolved):
        return Plan(false("Synced", "ReferencesNotResolved", facts.launch.message), wait_s=wait, drift=())
    return Plan(true("Synced", "UpToDate"), wait_s=wait, drift=())


def _is_busy(case: Case) -> bool:
    return isinstance(case.facts.seen, Observed) and case.facts.seen.value.busy


def _only_observed(
    case: Case,
    group: Group,
    found: list[Difference],
    tags: tuple[dict[str, str], tuple[str, ...]],
    decision: capacity.Decision,
) -> Plan:
    """ObserveOnly: differences are reported and nothing is written."""
    spec = case.facts.resource.spec
    drift = list(found)
    if tags[0] or tags[1]:
        drift.append(Difference("tags", case.want.get("tags"), group.fields.get("tags")))
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
