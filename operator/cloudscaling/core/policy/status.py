"""Status of a ScalingPolicy from facts and plan. Called by engine.reconcile. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from cloudscaling.api.meta import RECONCILE_REQUESTED_AT
from cloudscaling.api.v1alpha1.scalingpolicy import Execution, ScalingPolicyStatus, ScheduleStatus
from cloudscaling.core import model, status
from cloudscaling.core.facts import Account, Observed
from cloudscaling.core.plan import Plan
from cloudscaling.core.policy import cron, forms, schedule, want
from cloudscaling.core.policy.deletion import policy_of
from cloudscaling.core.policy.facts import PolicyFacts
from cloudscaling.core.resource import evolve
from cloudscaling.core.verdict import Verdict, false, true

_RECENT = 5


def project(facts: PolicyFacts, plan: Plan) -> ScalingPolicyStatus:
    """The status to be stored: record, schedule, executions, conditions."""
    old = facts.resource.status
    annotation = facts.resource.metadata.annotations.get(RECONCILE_REQUESTED_AT)
    fields = status.common(plan, generation=facts.generation, annotation=annotation)
    fields["deletion_policy"] = policy_of(facts.resource)
    if isinstance(facts.account, Account):
        fields |= {"vendor": facts.account.vendor, "account": facts.account.name}
    if isinstance(facts.seen, Observed):
        fields["vendor_state"] = facts.seen.value.vendor_state or None
        fields["schedule"] = _schedule(facts, facts.seen.value)
    if facts.executions is not None:
        fields["recent_executions"] = tuple(_execution(e) for e in facts.executions[:_RECENT])
    new = evolve(old, fields)
    if new.external_id is None:
        new = evolve(new, {"schedule": None, "vendor_state": None})
    settled = status.conditions(
        old.conditions,
        plan,
        _ready(facts, plan, new),
        generation=facts.generation,
        now=facts.now,
        blind=facts.blind,
    )
    return evolve(new, {"conditions": settled})


def _ready(facts: PolicyFacts, plan: Plan, new: ScalingPolicyStatus) -> Verdict:
    if facts.deleting:
        return false("Ready", "Deleting", next((v.message for v in plan.verdicts if v.type == "Deleting"), ""))
    if any(notice.reason == "DeletedExternally" for notice in plan.notices):
        return false("Ready", "DeletedExternally", plan.notices[0].message)
    if _is_being_replaced(facts, plan, new):
        return false("Ready", "Replacing", plan.synced.message if plan.synced is not None else "")
    if new.external_id is None:
        return _ready_without_cloud_object(facts, plan, new)
    if want.is_expired(facts):
        return true("Ready", "Expired", "the schedule has ended")
    if not isinstance(facts.seen, Observed):
        return status.keep(new.conditions, "Ready", false("Ready", "Creating"))
    if not facts.resource.spec.enabled:
        return true("Ready", "Disabled", "spec.enabled is false")
    return true("Ready", "Active")


def _is_being_replaced(facts: PolicyFacts, plan: Plan, new: ScalingPolicyStatus) -> bool:
    """One kind of cloud object goes, another one is to come."""
    spec, form = facts.resource.spec, forms.wanted(facts.resource.spec)
    refused = any(v.type == "Accepted" and v.status == "False" for v in plan.verdicts)
    if form is None or refused or facts.observe_only or not spec.enabled or want.is_expired(facts):
        return False
    return new.cloud_object is not None and forms.known(new.cloud_object) is not form


def _ready_without_cloud_object(facts: PolicyFacts, plan: Plan, new: ScalingPolicyStatus) -> Verdict:
    if plan.synced is None or plan.synced.status != "True":
        return status.not_ready_before_creation(new.conditions, plan)
    if want.is_expired(facts):
        return true("Ready", "Expired", plan.synced.message)
    if not facts.resource.spec.enabled:
        return true("Ready", "Disabled", "spec.enabled is false")
    return true("Ready", "Emulated", "the operator carries it out when an InstanceOperation asks for it")


def _schedule(facts: PolicyFacts, seen: model.Policy) -> ScheduleStatus | None:
    given = facts.resource.spec.schedule
    if given is None:
        return None
    fields = seen.fields
    days = fields.get("schedule.days")
    words = [fields.get("schedule.recurrence"), ",".join(map(str, days)) if days else None, fields.get("schedule.time")]
    expression = fields.get("schedule.at") or " ".join(word for word in words if word)
    return ScheduleStatus(
        cloud_expression=expression or None,
        cloud_start_time=fields.get("schedule.start"),
        cloud_end_time=fields.get("schedule.end"),
        next_time=_next(facts),
    )


def _next(facts: PolicyFacts) -> datetime | None:
    """The next firing; one that is just over stays until the cloud can tell how it went."""
    given, shown = facts.resource.spec.schedule, facts.resource.status.schedule
    before = shown.next_time if shown is not None else None
    unchanged = facts.resource.status.observed_generation == facts.generation
    if before is not None and unchanged and before <= facts.now < before + schedule.LATE:
        return before
    if given is None or not facts.resource.spec.enabled or want.is_expired(facts):
        return None
    if given.at is not None:
        return given.at
    if given.cron is None:
        return None
    try:
        start = given.start_time - timedelta(seconds=1) if given.start_time is not None else facts.now
        after = max(facts.now, start)
        moment = cron.next_firing(cron.parse(given.cron), given.time_zone, after).at
    except cron.BadSchedule:
        return None
    return None if given.end_time is not None and moment > given.end_time else moment


def _execution(run: model.Execution) -> Execution:
    return Execution(
        id=run.id,
        trigger=run.trigger,
        status=run.status.value,
        time=run.time,
        old_value=run.old_value,
        new_value=run.new_value,
        limit_value=run.limit_value,
        message=run.message or None,
    )
