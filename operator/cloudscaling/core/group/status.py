"""Status of a ScalingGroup from facts and plan. Called by engine.reconcile. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from cloudscaling.api.meta import RECONCILE_REQUESTED_AT, SCALING_GROUP_UID_LABEL
from cloudscaling.api.v1alpha1 import scalinggroup_observed as api
from cloudscaling.api.v1alpha1.scalinggroup_status import ScalingGroupStatus
from cloudscaling.core import status
from cloudscaling.core.deletion import effective_policy
from cloudscaling.core.facts import Account, LaunchTarget, Observed, is_trusted
from cloudscaling.core.group import hanging
from cloudscaling.core.group.facts import GroupFacts
from cloudscaling.core.model import (
    Activity,
    ActivityStatus,
    ActivityType,
    Group,
    GroupState,
    Health,
    Instance,
    InstanceState,
)
from cloudscaling.core.plan import Plan
from cloudscaling.core.resource import evolve
from cloudscaling.core.verdict import Verdict, false, true

_ALWAYS = ("ScalingInProgress", "CapacityDrifted")
_RECENT = 10
_SCALING = {
    ActivityType.SCALE_OUT: "ScalingOut",
    ActivityType.SCALE_IN: "ScalingIn",
    ActivityType.ATTACH: "AttachingInstances",
    ActivityType.REMOVE: "RemovingInstances",
    ActivityType.DETACH: "RemovingInstances",
    ActivityType.REPLACE_UNHEALTHY: "ReplacingUnhealthy",
    ActivityType.LOAD_BALANCER_CHANGE: "ChangingLoadBalancers",
    ActivityType.ENTER_STANDBY: "StandbyChange",
    ActivityType.EXIT_STANDBY: "StandbyChange",
    ActivityType.START: "StartingOrStopping",
    ActivityType.STOP: "StartingOrStopping",
}


def project(facts: GroupFacts, plan: Plan) -> ScalingGroupStatus:
    """The status to be stored: record, observation, conditions."""
    old, metadata = facts.resource.status, facts.resource.metadata
    fields = status.common(
        plan, generation=facts.generation, annotation=metadata.annotations.get(RECONCILE_REQUESTED_AT)
    )
    fields["selector"] = f"{SCALING_GROUP_UID_LABEL}={metadata.uid}"
    fields["deletion_policy"] = effective_policy(facts.resource.spec, adopted=facts.adopted_by_id)
    if isinstance(facts.account, Account):
        fields["vendor"] = facts.account.vendor
        if is_trusted(facts.seen, facts.lookup):  # the deletion takes it as the proof that our mark was looked for
            fields["account"] = facts.account.name
    if isinstance(facts.seen, Observed):
        fields |= _observed(facts, facts.seen.value)
        fields |= hanging.project(facts, fields.get("managed", old.managed))
    if facts.instances is not None:
        fields["instances"] = count(facts.instances.value, _current_id(facts))
        fields["in_service_capacity"] = fields["instances"].in_service
    if facts.activities is not None:
        fields["recent_activities"] = tuple(_activity(a) for a in facts.activities[:_RECENT])
    new = evolve(old, fields)
    verdicts = (_scaling(facts),) if isinstance(facts.seen, Observed) else ()
    settled = status.conditions(
        old.conditions,
        plan.with_(*verdicts),
        ready(facts, plan, new),
        generation=facts.generation,
        now=facts.now,
        always=_ALWAYS,
        blind=facts.blind,
    )
    return evolve(new, {"conditions": settled})


def _observed(facts: GroupFacts, group: Group) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "state": group.state.value,
        "vendor_state": group.vendor_state,
        "external_name": group.name,
        "min_size": group.min_size,
        "max_size": group.max_size,
        "desired_capacity": group.desired,
        "current_capacity": group.current,
        "launch_configuration": _launch(facts, group),
    }
    return fields


def _launch(facts: GroupFacts, group: Group) -> api.LaunchSource | None:
    used = group.fields.get("launchConfigurationRef")
    if not used:
        return None
    if isinstance(facts.launch, LaunchTarget) and facts.launch.id == used and facts.launch.name:
        return api.LaunchSource(name=facts.launch.name, revision=facts.launch.revision, external_id=used)
    old = facts.resource.status.launch_configuration
    return old if old is not None and old.external_id == used else api.LaunchSource(external_id=used)


def _current_id(facts: GroupFacts) -> str:
    return facts.launch.id if isinstance(facts.launch, LaunchTarget) else ""


def count(instances: Iterable[Instance], current_configuration: str) -> api.InstanceCounts:
    """Instances by state; outdated: made by the group from another launch configuration than the current one."""
    rows = tuple(instances)

    def states(*wanted: InstanceState) -> int:
        return sum(row.state in wanted for row in rows)

    return api.InstanceCounts(
        total=len(rows),
        in_service=states(InstanceState.IN_SERVICE),
        pending=states(InstanceState.PENDING, InstanceState.PENDING_HOOK, InstanceState.STARTING),
        removing=states(InstanceState.REMOVING, InstanceState.REMOVING_HOOK),
        standby=states(InstanceState.STANDBY),
        stopped=states(InstanceState.STOPPED, InstanceState.STOPPING),
        failed=states(InstanceState.FAILED),
        protected=sum(row.protected for row in rows),
        unhealthy=sum(row.health is Health.UNHEALTHY for row in rows),
        attached=sum(row.attached for row in rows),
        outdated=sum(
            bool(current_configuration) and not row.attached and row.launch_configuration_id != current_configuration
            for row in rows
        ),
    )


def _activity(activity: Activity) -> api.Activity:
    return api.Activity(
        id=activity.id,
        type=activity.type.value,
        status=activity.status.value,
        cause=activity.cause or None,
        start_time=activity.started_at,
        end_time=activity.ended_at,
        old_capacity=activity.old_capacity,
        new_capacity=activity.new_capacity,
        failed_instances=activity.failed_instances or None,
        message=activity.message or None,
    )


def _scaling(facts: GroupFacts) -> Verdict:
    group = facts.seen.value if isinstance(facts.seen, Observed) else None
    if group is None or not group.busy:
        return false("ScalingInProgress", "Idle")
    kind = group.activity
    if kind in (None, ActivityType.OTHER) and group.desired != group.current:
        kind = ActivityType.SCALE_OUT if group.desired > group.current else ActivityType.SCALE_IN
    reason = _SCALING.get(kind, "OtherActivity") if kind is not None else "OtherActivity"
    return true("ScalingInProgress", reason, f"{group.current} instances, {group.desired} desired")


# --- Ready --------------------------------------------------------------------------------------------------------


def ready(facts: GroupFacts, plan: Plan, new: ScalingGroupStatus) -> Verdict:
    """Whether the group does what the spec asks for."""
    if facts.deleting:
        return false("Ready", "Deleting", next((v.message for v in plan.verdicts if v.type == "Deleting"), ""))
    if new.external_id is None:
        if any(n.reason == "DeletedExternally" for n in plan.notices):
            return false("Ready", "DeletedExternally", plan.notices[0].message)
        return status.not_ready_before_creation(new.conditions, plan)
    if not isinstance(facts.seen, Observed):
        return status.keep(new.conditions, "Ready", false("Ready", "Creating"))
    if new.operation is not None and new.operation.type == "Create":
        return false("Ready", "Creating", "the cloud group is being set up")
    return _of_state(facts, facts.seen.value, new)


def _of_state(facts: GroupFacts, group: Group, new: ScalingGroupStatus) -> Verdict:
    wanted = facts.resource.spec.enabled
    pending = new.last_applied_enabled is not None and new.last_applied_enabled != wanted  # it waits, or is refused
    if group.state in (GroupState.ABNORMAL, GroupState.DELETING):
        return false("Ready", "GroupAbnormal", group.detail or f"the vendor says {group.vendor_state}")
    if group.state is GroupState.DISABLED:
        if not wanted:
            return true("Ready", "Disabled", "spec.enabled is false")
        reason = "Enabling" if pending else "DisabledExternally"
        return false("Ready", reason, f"the vendor says {group.vendor_state}")
    if new.last_applied_enabled is False and not pending:
        return false("Ready", "EnabledExternally", f"spec.enabled is false, the vendor says {group.vendor_state}")
    return _of_instances(facts, group, new)


def _of_instances(facts: GroupFacts, group: Group, new: ScalingGroupStatus) -> Verdict:
    serving = new.in_service_capacity if new.in_service_capacity is not None else group.current
    if serving < group.min_size:
        return false("Ready", "BelowMinSize", f"{serving} instances in service, minSize is {group.min_size}")
    if serving < group.desired and not group.busy and (_last_failed(new) or _short_for_long(facts)):
        text = f"{serving} of {group.desired} desired instances in service"
        return false("Ready", "CapacityNotReached", f"{text}; {group.detail}" if group.detail else text)
    return true("Ready", "Available", f"{serving} instances in service")


def _last_failed(new: ScalingGroupStatus) -> bool:
    return bool(new.recent_activities) and new.recent_activities[0].status == ActivityStatus.FAILED


def _short_for_long(facts: GroupFacts) -> bool:
    if facts.short_since is None or not isinstance(facts.account, Account):
        return False
    return facts.now - facts.short_since >= timedelta(seconds=2 * facts.account.timing.idle_s)
