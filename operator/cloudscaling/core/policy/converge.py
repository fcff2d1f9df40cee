"""An existing cloud object of a ScalingPolicy becomes as wanted. Called by the planner.

Fields first, then enabling. What cannot be changed in place is deleted and made again: a policy that becomes a
scheduled task or the other way round, and a scheduled task that is disabled, which no vendor can.
"""

from __future__ import annotations

from cloudscaling.core import model as cloud
from cloudscaling.core.calls import DisablePolicy, EnablePolicy
from cloudscaling.core.diff import Difference, differences
from cloudscaling.core.facts import Account
from cloudscaling.core.introduction import duplicate_notices
from cloudscaling.core.model import Change
from cloudscaling.core.plan import Do, Notice, Plan, seconds_until
from cloudscaling.core.policy import forms, want
from cloudscaling.core.policy.facts import PolicyFacts
from cloudscaling.core.policy.forms import Form
from cloudscaling.core.policy.want import Want
from cloudscaling.core.verdict import false, true

_SCHEDULE = frozenset({"schedule.time", "schedule.recurrence", "schedule.days", "schedule.end"})


def removal(facts: PolicyFacts, wanted: Want, form: Form, present: Form, cloud_id: str | None) -> str:
    """Why the cloud object has to go, "" when it has not; what was adopted never has."""
    adopted = facts.resource.spec.external_id
    if adopted is not None:  # a create whose answer was lost may have made another one before the id was given
        return "" if cloud_id == adopted else f"to be replaced by {adopted}, which spec.externalId adopts"
    if not present.can_pause and not facts.resource.spec.enabled:
        return "disabled"
    return f"to be replaced by a {form.noun}" if present is not form and not wanted.problems else ""


def plan(facts: PolicyFacts, account: Account, wanted: Want, form: Form, policy: cloud.Policy) -> Plan:
    """The next step for `policy`."""
    if facts.resource.status.operation is not None:
        return Plan(record={"operation": None}, wait_s=0.0)
    wait = _next_look(facts, account, policy)
    if want.is_expired(facts):
        return Plan(true("Synced", "UpToDate", "the schedule has ended"), wait_s=wait, drift=())
    found = differences(wanted.fields, policy.fields)
    off = facts.resource.spec.enabled != policy.enabled
    if facts.observe_only:
        switch = (Difference("enabled", facts.resource.spec.enabled, policy.enabled),) if off else ()
        return _only_observed((*found, *wanted.immutable, *switch))
    why = removal(facts, wanted, form, forms.of(policy), policy.id)
    if why:
        return _remove(policy, why, account)
    if found:
        return _update(facts, wanted, policy, found)
    if off and not policy.executing and forms.of(policy).can_pause:
        return _toggle(facts, policy)
    if wanted.problems:
        return Plan(false("Synced", "NotAccepted", wanted.problems[0].message), wait_s=wait, drift=wanted.immutable)
    twins = duplicate_notices(policy.id, facts.twins)
    if twins:
        again = min(wait or account.timing.idle_s, account.timing.idle_s)  # nothing tells when the others are gone
        return Plan(false("Synced", "DuplicateFound", twins[0].message), wait_s=again, notices=twins, drift=())
    return Plan(true("Synced", "UpToDate"), wait_s=wait, drift=())


def _next_look(facts: PolicyFacts, account: Account, policy: cloud.Policy) -> float | None:
    if policy.executing:
        return account.timing.active_s
    due = want.due(facts, account)
    return seconds_until(due, facts.now) if due is not None else None


def _only_observed(found: tuple[Difference, ...]) -> Plan:
    if not found:
        return Plan(true("Synced", "UpToDate"), drift=())
    text = "observed only; different: " + ", ".join(d.path for d in found)
    return Plan(false("Synced", "DriftObserved", text), drift=found)


def _remove(policy: cloud.Policy, why: str, account: Account) -> Plan:
    present = forms.of(policy)
    if policy.executing:
        text = f"the {present.noun} is being executed; afterwards it is {why}"
        return Plan(false("Synced", "WaitingForActivity", text), wait_s=account.timing.active_s)
    notice = Notice("Disabled" if why == "disabled" else "Updated", f"deleted the {present.noun}: {why}")
    step = Do(present.delete(policy, False, False), notices=(notice,))
    return Plan(false("Synced", "Updating", f"deleting the {present.noun}: {why}"), step, wait_s=0.0)


def _update(facts: PolicyFacts, wanted: Want, policy: cloud.Policy, found: tuple[Difference, ...]) -> Plan:
    paths = ", ".join(d.path for d in found)
    change = Change(wanted.fields, policy.fields, frozenset(d.path for d in found))
    notice = Notice(_reason(facts, found), f"updated {paths}")
    return Plan(
        false("Synced", "Updating", f"updating {paths}"),
        Do(forms.of(policy).update(policy, change), notices=(notice,)),
        drift=(*found, *wanted.immutable),
        wait_s=0.0,
    )


def _reason(facts: PolicyFacts, found: tuple[Difference, ...]) -> str:
    paths = {d.path for d in found}
    spec_changed = facts.resource.status.observed_generation != facts.generation
    if spec_changed or not paths <= _SCHEDULE:
        return "Updated"
    return "ScheduleRenewed" if paths == {"schedule.end"} else "ScheduleShifted"


def _toggle(facts: PolicyFacts, policy: cloud.Policy) -> Plan:
    if facts.resource.spec.enabled:
        step = Do(EnablePolicy(policy.id), notices=(Notice("Enabled", "enabled the cloud policy"),))
    else:
        step = Do(DisablePolicy(policy.id), notices=(Notice("Disabled", "disabled the cloud policy"),))
    return Plan(false("Synced", "Updating", step.notices[0].message), step, wait_s=0.0)
