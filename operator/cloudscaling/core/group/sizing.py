"""A change of the desired capacity whose end is not known: arrived, repeated or given up. Called by the planner.

Rule D4 of the API document. The answer was lost, or the operator died, so what is stored is only an intent: whether
it still is one is asked of the spec as it stands now. A scale-in that was taken back must not be carried out later.
"""

from __future__ import annotations

from cloudscaling.api.v1alpha1.common import Operation
from cloudscaling.core.calls import SetDesiredCapacity
from cloudscaling.core.group import bounds, capacity
from cloudscaling.core.group.facts import Case, waiting_for_activity
from cloudscaling.core.intent import arrived_by, issued
from cloudscaling.core.model import Group
from cloudscaling.core.plan import Do, Notice, Plan, seconds_until
from cloudscaling.core.verdict import false


def finish(case: Case, group: Group) -> Plan:
    """Applied when the target is seen or others have moved the size since; else repeated while it is still wanted."""
    operation = case.facts.resource.status.operation
    if operation is None or operation.target is None:
        return Plan(record={"operation": None}, wait_s=0.0)
    if group.desired == operation.target or group.desired != operation.from_:
        return Plan(false("Synced", "Updating"), record=_applied(case, group, operation), wait_s=0.0)
    if not _still_wanted(case, group, operation):
        return _give_up(case, operation)
    return waiting_for_activity(case.account) if group.busy else _repeat(case, group, operation)


def _still_wanted(case: Case, group: Group, operation: Operation) -> bool:
    want = case.facts.resource.spec.desired_capacity
    return want is not None and capacity.clamp(want, *bounds.in_force(case, group)) == operation.target


def _applied(case: Case, group: Group, operation: Operation) -> dict[str, object]:
    """The same wish, clamped, counts as applied as a whole; a newer one is a change that comes next."""
    same = _still_wanted(case, group, operation)
    return {
        "operation": None,
        "last_applied_desired_capacity": case.facts.resource.spec.desired_capacity if same else operation.target,
        "capacity_held": None,
    }


def _give_up(case: Case, operation: Operation) -> Plan:
    """Nobody wants the target any more: no repeat; what was applied before stands, once the call cannot arrive."""
    due, now = arrived_by(operation, case.account.timing), case.facts.now  # the read is newer than `now`
    if now > due:
        return Plan(false("Synced", "Updating"), record={"operation": None}, wait_s=0.0)
    asked = f"the desired capacity {operation.from_} -> {operation.target} is not wanted any more"
    text = f"{asked}; waiting until the call for it can no longer be under way"
    return Plan(
        false("Synced", "OutcomeUnknown", text), wait_s=min(seconds_until(due, now), case.account.timing.active_s)
    )


def _repeat(case: Case, group: Group, operation: Operation) -> Plan:
    """Nothing has moved: the same call under the same id."""
    intent = issued(
        operation.id,
        case.facts.now,
        operation,
        type="SetDesiredCapacity",
        from_=group.desired,
        target=operation.target,
    )
    spec, applied = case.facts.resource.spec, case.facts.resource.status.last_applied_desired_capacity
    call = SetDesiredCapacity(group.id, operation.target or 0, intent.id, corrects=spec.desired_capacity == applied)
    notice = Notice("DesiredCapacityApplied", f"desired capacity {group.desired} -> {operation.target}")
    return Plan(
        false("Synced", "Updating", notice.message),
        Do(call, after=_applied(case, group, operation), refused={"operation": None}, notices=(notice,)),
        record={"operation": intent},
        wait_s=0.0,
    )
