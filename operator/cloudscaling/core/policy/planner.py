"""ScalingPolicy: what is to be done next. Called by engine.reconcile.

Here stands the way to a cloud object: references, adoption, look-up, creation. What happens to an existing one is in
converge, what the spec wants and may not want in want, which kind of cloud object it is in forms.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from cloudscaling.core import model as cloud
from cloudscaling.core.deletion import given_up
from cloudscaling.core.facts import Absent, Account, Lookup, Unresolved, Untrusted
from cloudscaling.core.holding import hold_back
from cloudscaling.core.intent import issued, may_repeat_create, oldest_first, open_create
from cloudscaling.core.introduction import before_any_write, duplicate_notices, introduction, paused, resolved
from cloudscaling.core.plan import RESULT, Do, Notice, Plan, seconds_until
from cloudscaling.core.policy import converge, forms
from cloudscaling.core.policy import deletion as policy_deletion
from cloudscaling.core.policy import want as wants
from cloudscaling.core.policy.facts import BandwidthTarget, GroupTarget, PolicyFacts, doubt, is_ours, wanted_name
from cloudscaling.core.policy.forms import Form
from cloudscaling.core.policy.want import Want, is_expired
from cloudscaling.core.verdict import Verdict, false, true


@dataclass(frozen=True, slots=True)
class Case:
    facts: PolicyFacts
    account: Account
    target: GroupTarget | BandwidthTarget
    want: Want
    form: Form

    @property
    def creating(self) -> bool:
        return self.facts.resource.status.external_id is None


def plan(facts: PolicyFacts) -> Plan:
    """The next step for the policy."""
    orphaned = given_up(facts)
    if orphaned is not None:
        return orphaned
    spec, status = facts.resource.spec, facts.resource.status
    held = paused(spec_paused=spec.paused, account=facts.account, deleting=facts.deleting)
    if held is None and isinstance(facts.target, GroupTarget) and facts.target.paused:
        held = Plan(verdicts=(true("Paused", "GroupPaused", f"ScalingGroup {facts.target.name} is paused"),))
        if facts.deleting:
            held = held.with_(true("Deleting", "BlockedByPause", "deletion waits until the pause of the group ends"))
    if held is not None:
        return replace(held, record=doubt(facts))
    if facts.deleting:
        return hold_back(policy_deletion.plan(facts), facts)
    if isinstance(facts.account, Unresolved):
        references = resolved(facts.account, facts.target)
        return Plan(synced=_waits(facts, facts.account), verdicts=(references,), record=doubt(facts))
    want = wants.work_out(facts, facts.account)
    general = introduction(status.conditions, want.problems, facts.account, facts.target)
    if isinstance(facts.target, Unresolved):
        wait = facts.seen.retry_s if isinstance(facts.seen, Untrusted) else None
        synced, record = _waits(facts, facts.target), {**_forget(facts), **doubt(facts)}
        return replace(general, synced=synced, record=record, wait_s=wait)
    return hold_back(general.followed_by(_decide(facts, facts.account, facts.target, want)), facts)


def _decide(facts: PolicyFacts, account: Account, target: GroupTarget | BandwidthTarget, want: Want) -> Plan:
    if want.form is None:
        return _emulated(want)
    case = Case(facts, account, target, want, want.form)
    return next(found for stage in _STAGES if (found := stage(case)) is not None)


def _emulated(want: Want) -> Plan:
    """Nothing is ever written: what executes the policy reads its spec."""
    if want.problems:
        return Plan(false("Synced", "NotAccepted", want.problems[0].message))
    return Plan(true("Synced", "UpToDate"), record={"cloud_object": forms.EMULATED})


def _waits(facts: PolicyFacts, reference: Unresolved) -> Verdict | None:
    if facts.resource.status.external_id is None or isinstance(facts.seen, Absent):
        return false("Synced", "ReferencesNotResolved", reference.message)
    return None


def _forget(facts: PolicyFacts) -> dict[str, Any]:
    """The cloud object went with its group: the id is taken out once a trusted read says so."""
    gone = isinstance(facts.seen, Absent) and facts.resource.status.external_id is not None
    return {"external_id": None, "operation": None} if gone else {}


# --- stages -------------------------------------------------------------------------------------------------------


def _ready_to_write(case: Case) -> Plan | None:
    return before_any_write(case.facts, case.want.problems)


def _unreadable(case: Case) -> Plan | None:
    for read in (case.facts.seen, case.facts.lookup):
        if isinstance(read, Untrusted):
            return Plan(wait_s=read.retry_s)
    return None


def _of_another_type(case: Case) -> Plan | None:
    if not case.want.refuses("type") or case.facts.cloud_policy is None:
        return None
    return Plan(false("Synced", "NotAccepted", case.want.problems[0].message))


def _adopt_by_id(case: Case) -> Plan | None:
    facts, wanted = case.facts, case.facts.resource.spec.external_id
    if not case.creating or wanted is None or open_create(facts.resource.status) is not None:
        return None  # what an open create makes would be forgotten, and stay active beside the adopted one
    found = facts.cloud_policy
    if found is None:
        text = f"spec.externalId {wanted} does not exist in the account"
        verdict = false("Adopted", "ExternalIdNotFound", text)
        return Plan(false("Synced", "Rejected", text), verdicts=(verdict,), wait_s=case.account.timing.idle_s)
    if not case.target.has(found):
        text = f"the {forms.of(found).noun} {found.id} belongs to another {_target_kind(case)}"
        return Plan(false("Synced", "NameConflict", text), verdicts=(false("Adopted", "OwnedByOther", text),))
    return Plan(
        false("Synced", "Updating", f"the {forms.of(found).noun} was adopted"),
        record=_taken(found),
        verdicts=(true("Adopted", "AdoptedById"),),
        notices=(Notice("Adopted", f"adopted the {forms.of(found).noun} {found.id} ({found.name})"),),
        wait_s=0.0,
    )


def _target_kind(case: Case) -> str:
    return "group" if isinstance(case.target, GroupTarget) else "bandwidth"


def _taken(found: cloud.Policy) -> dict[str, Any]:
    return {"external_id": found.id, "external_name": found.name, "cloud_object": forms.of(found).cloud_object}


def _vanished(case: Case) -> Plan | None:
    facts, status = case.facts, case.facts.resource.status
    if not isinstance(facts.seen, Absent) or case.creating:
        return None
    gone = forms.known(status.cloud_object)
    if converge.removal(facts, case.want, case.form, gone, status.external_id):
        return Plan(false("Synced", "Updating"), record={"external_id": None, "operation": None}, wait_s=0.0)
    text = f"the {gone.noun} {status.external_id} does not exist any more"
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
    here = [p for p in facts.lookup.candidates if case.target.has(p)]
    ours = [p for p in here if is_ours(facts.resource, facts.owner, p)]
    if ours:
        return _take_over(facts, ours)
    operation = open_create(facts.resource.status)
    not_before = may_repeat_create(operation, facts.lookup, case.account.timing) if operation is not None else None
    in_the_way = next((p for p in here if p.name == wanted_name(facts.resource, facts.owner)), None)
    if not_before is not None:
        wait = min(seconds_until(not_before, facts.now), case.account.timing.active_s)
        if in_the_way is not None:
            return replace(_conflict(in_the_way), wait_s=wait)
        text = "a create call may have been made; looking for what it made by its name before making another"
        return Plan(false("Synced", "OutcomeUnknown", text), wait_s=wait)
    return _nothing_to_create(case, in_the_way) or _create(case)


def _conflict(policy: cloud.Policy) -> Plan:
    found = f"a {forms.of(policy).noun} named {policy.name} exists ({policy.id})"
    text = f"{found}; adopt it by spec.externalId or use another name"
    return Plan(false("Synced", "NameConflict", text), notices=(Notice("NameConflict", text, True),))


def _nothing_to_create(case: Case, in_the_way: cloud.Policy | None) -> Plan | None:
    """An earlier create is known to have made nothing, and nothing is to be made."""
    facts, open_ = case.facts, open_create(case.facts.resource.status) is not None
    settled: dict[str, Any] = {"operation": None, "external_name": None} if open_ else {}
    if facts.resource.spec.external_id is not None:  # given while the create was open
        return Plan(record=settled, wait_s=0.0)
    if in_the_way is not None:
        return replace(_conflict(in_the_way), record=settled)
    if facts.observe_only:
        text = f"no {case.form.noun} bears the name of this object, and ObserveOnly creates none"
        wait = case.account.timing.idle_s
        return Plan(false("Synced", "DriftObserved", text), record=settled, wait_s=wait)
    if case.want.problems:
        return Plan(false("Synced", "NotAccepted", case.want.problems[0].message))
    if is_expired(facts):
        return Plan(true("Synced", "UpToDate", "the schedule has ended; nothing is created"), record=settled)
    if not facts.resource.spec.enabled and not case.form.can_pause:
        text = f"a disabled {case.form.noun} does not exist in the cloud"
        return Plan(true("Synced", "UpToDate", text), record=settled)
    return None


def _take_over(facts: PolicyFacts, hits: list[cloud.Policy]) -> Plan:
    first, *rest = oldest_first(hits)
    operation, noun = facts.resource.status.operation, forms.of(first).noun
    ours = operation is not None and operation.state == "Issued"
    notice = Notice("Created", f"created the {noun} {first.name} ({first.id})")
    if not ours:
        notice = Notice("Adopted", f"found the {noun} {first.id} by its name")
    return Plan(
        false("Synced", "Creating"),
        record={**_taken(first), "operation": None},
        verdicts=() if ours else (true("Adopted", "AdoptedByMarker"),),
        notices=(notice, *duplicate_notices(first.id, [p.id for p in rest])),
        wait_s=0.0,
    )


def _create(case: Case) -> Plan:
    facts, form, name = case.facts, case.form, case.want.fields["externalName"]
    intent = issued(facts.new_id, facts.now, facts.resource.status.operation, type="Create")
    made = {"external_id": RESULT, "external_name": name, "cloud_object": form.cloud_object, "operation": None}
    return Plan(
        false("Synced", "Creating", f"the {form.noun} is being created"),
        Do(
            forms.new(form, case.target.group_id, facts.resource.spec.type, case.want.fields, intent.id),
            after=made,
            refused={"operation": None, "external_name": None},
            notices=(Notice("Created", f"created the {form.noun} {name}"),),
        ),
        record={"operation": intent, "external_name": name},  # the spec may ask for another before the answer
        wait_s=0.0,
    )


def _converge(case: Case) -> Plan | None:
    policy = case.facts.cloud_policy
    return converge.plan(case.facts, case.account, case.want, case.form, policy) if policy is not None else None


def _nothing_known(case: Case) -> Plan | None:
    return Plan(wait_s=1.0)


_STAGES: tuple[Callable[[Case], Plan | None], ...] = (
    _ready_to_write,
    _unreadable,
    _of_another_type,
    _adopt_by_id,
    _vanished,
    _find_or_create,
    _converge,
    _nothing_known,
)
