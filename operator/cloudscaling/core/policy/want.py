"""What a ScalingPolicy wants in the cloud, and what stands against it. Called by the planner."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from cloudscaling.core import accept
from cloudscaling.core.accept import Problem
from cloudscaling.core.diff import Difference, differences, leaves, managed
from cloudscaling.core.facts import Account
from cloudscaling.core.fields import Mutability
from cloudscaling.core.model import Fields
from cloudscaling.core.policy import forms, schedule
from cloudscaling.core.policy.cron import BadSchedule
from cloudscaling.core.policy.facts import GroupTarget, PolicyFacts
from cloudscaling.core.policy.forms import Form
from cloudscaling.core.resource import spec_json


@dataclass(frozen=True, slots=True)
class Want:
    """The fields to be held, without those that are refused; problems are the gravest first."""

    form: Form | None  # None: nothing in the cloud
    fields: Fields
    problems: tuple[Problem, ...]
    immutable: tuple[Difference, ...] = ()  # what the vendor cannot change

    def refuses(self, path: str) -> bool:
        return any(problem.path == path for problem in self.problems)


def work_out(facts: PolicyFacts, account: Account) -> Want:
    """Both sides of the spec: what is to be written, and what will not be."""
    form = forms.wanted(facts.resource.spec)
    problems = _problems(facts, account)
    want = Want(form, _fields(facts, account, problems) if form is not None else {}, problems)
    return _without_immutable(facts, account, want)


# --- problems --------------------------------------------------------------------------------------------------------


def _problems(facts: PolicyFacts, account: Account) -> tuple[Problem, ...]:
    if facts.older_owner:
        text = f"the cloud policy is managed by ScalingPolicy {facts.older_owner}, which is older"
        return (Problem("spec.externalId", "DuplicateOwner", text),)
    spec = spec_json(facts.resource.spec)
    found = accept.check(
        spec, account.policy_fields, vendor=account.vendor, block=account.block, features=account.features
    )
    return (*found, *(problem for check in _CHECKS for problem in check(facts, account)))


def _enforced(facts: PolicyFacts, account: Account) -> Iterator[Problem]:
    if isinstance(facts.target, GroupTarget) and facts.target.enforced:
        text = f"ScalingGroup {facts.target.name} enforces its desired capacity; a policy would fight it"
        yield Problem("scalingGroupRef", "CapacityOwnershipConflict", text)


def _of_the_form(facts: PolicyFacts, account: Account) -> Iterator[Problem]:
    """What the kind of cloud object cannot hold, though the vendor knows the field."""
    spec, form = facts.resource.spec, forms.wanted(facts.resource.spec)
    given = {path: value for path, value, _ in leaves(spec_json(spec), account.policy_fields)}
    for path, hint in (form.lacks if form is not None else {}).items():
        own = path.replace("+", account.block, 1)
        if own in given:
            yield Problem(own, "Unsupported", f"{own}: {hint}")
    if form is None and spec.external_id is not None:
        text = "externalId: a policy of type Simple has no cloud object to adopt"
        yield Problem("externalId", "Unsupported", text)
    if form is not None and not form.can_pause and not spec.enabled and spec.external_id is not None:
        text = (
            f"enabled: a {form.noun} can only be deleted, and one that was adopted is not made again; delete it there"
        )
        yield Problem("enabled", "Unsupported", text)
    alarm = f"{account.block}.deleteAlarm"
    if given.get(alarm) and spec.type != "Alarm":
        yield Problem(alarm, "InvalidValue", f"{alarm}: only a policy of type Alarm has an alarm")
    bandwidth, adjustment = f"{account.block}.bandwidth.id" in given, spec.adjustment
    if bandwidth and adjustment is not None and adjustment.type == "ExactCapacity" and adjustment.value == 0:
        yield Problem("adjustment", "InvalidValue", "adjustment: a bandwidth is set to 1 to 300 Mbit/s, not to 0")
    limit = f"{account.block}.bandwidth.limitMbps"
    if limit in given and spec.adjustment is not None and spec.adjustment.type == "ExactCapacity":
        yield Problem(limit, "InvalidValue", f"{limit}: an exact value needs no limit; leave it out")


def _schedule(facts: PolicyFacts, account: Account) -> Iterator[Problem]:
    given, status = facts.resource.spec.schedule, facts.resource.status
    if given is None:
        return
    never_made = status.external_id is None and status.operation is None and status.cloud_object is None
    never_made = never_made and facts.resource.spec.external_id is None  # what is adopted may have fired long ago
    if given.at is not None and given.at <= facts.now and (never_made or _still_to_come(facts)):
        yield Problem("schedule.at", "InvalidValue", "schedule.at: must lie in the future")
    if given.end_time is not None and given.end_time <= facts.now and _still_to_come(facts):
        text = "schedule.endTime: must lie in the future; set enabled to false to stop it now"
        yield Problem("schedule.endTime", "InvalidValue", text)
    if given.start_time is not None and given.end_time is not None and given.start_time >= given.end_time:
        yield Problem("schedule.endTime", "InvalidValue", "schedule.endTime: must be later than schedule.startTime")
    if given.cron is None or account.cron_native:
        return
    try:
        schedule.check(given.cron, given.time_zone, facts.now)
        schedule.in_utc(given.cron, given.time_zone, facts.now)
    except BadSchedule as exc:
        yield Problem("schedule.cron", "InvalidValue", f"schedule.cron: {exc}")


def _other_object(facts: PolicyFacts, account: Account) -> Iterator[Problem]:
    """What was adopted stays the kind of thing that it is."""
    spec, policy, form = facts.resource.spec, facts.cloud_policy, forms.wanted(facts.resource.spec)
    if policy is None or form is None:
        return
    if policy.type != spec.type:
        text = f"type: the {forms.of(policy).noun} {policy.id} is of type {policy.type or 'unknown'}"
        yield Problem("type", "ImmutableValue", f"{text}, which cannot be changed")
    elif forms.of(policy) is not form and spec.external_id is not None:
        path = "capacity" if spec.capacity is not None else "adjustment"
        text = f"{path}: {policy.id} was adopted as a {forms.of(policy).noun} and cannot become a {form.noun}"
        yield Problem(path, "ImmutableValue", text)


_CHECKS: tuple[Callable[[PolicyFacts, Account], Iterator[Problem]], ...] = (
    _enforced,
    _of_the_form,
    _schedule,
    _other_object,
)


# --- fields ----------------------------------------------------------------------------------------------------------


def _fields(facts: PolicyFacts, account: Account, problems: tuple[Problem, ...]) -> dict[str, Any]:
    spec = facts.resource.spec
    refused = frozenset(problem.path for problem in problems)
    want = managed(spec_json(spec), account.policy_fields, refused)
    want = {path: value for path, value in want.items() if not path.startswith("schedule")}
    want["externalName"] = spec.external_name or facts.owner.cloud_name
    if spec.external_id is not None and spec.external_name is None:
        del want["externalName"]
    if not any(path.startswith("schedule") for path in refused):
        want.update(_times(facts, account))
    return account.canonical_policy(want)


def _times(facts: PolicyFacts, account: Account) -> dict[str, Any]:
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
        seen = facts.cloud_policy.fields.get("schedule.end") if facts.cloud_policy is not None else None
        fields["schedule.end"] = schedule.end_of_endless(
            seen, facts.now, ahead_days=account.open_ended_days, renew_days=account.renew_days
        )
    return fields


def _without_immutable(facts: PolicyFacts, account: Account, want: Want) -> Want:
    """A value that the vendor cannot change is refused; the others are still written."""
    if facts.cloud_policy is None:
        return want
    found = tuple(
        d
        for d in differences(want.fields, facts.cloud_policy.fields)
        if (rule := account.policy_fields.get(d.path)) is not None and rule.mutability is Mutability.NEVER
    )
    if not found:
        return want
    paths = {d.path for d in found}
    problems = tuple(
        Problem(path, "ImmutableValue", f"{path}: the vendor cannot change it; create another ScalingPolicy")
        for path in sorted(paths)
    )
    kept = {path: value for path, value in want.fields.items() if path not in paths}
    return replace(want, fields=kept, problems=(*want.problems, *problems), immutable=found)


# --- time ------------------------------------------------------------------------------------------------------------


def is_expired(facts: PolicyFacts) -> bool:
    """It has fired, or its end has passed, and the cloud agrees: nothing is written any more."""
    given = facts.resource.spec.schedule
    last = (given.at or given.end_time) if given is not None else None
    return last is not None and last <= facts.now and not _still_to_come(facts)


def _still_to_come(facts: PolicyFacts) -> bool:
    """The cloud object would fire later than the spec, which was changed meanwhile, says."""
    path = "schedule.at" if facts.resource.spec.type == "Scheduled" else "schedule.end"
    last = schedule.read_minute(facts.cloud_policy.fields.get(path)) if facts.cloud_policy is not None else None
    return last is not None and last > facts.now


def due(facts: PolicyFacts, account: Account) -> datetime | None:
    """When time alone makes another look worthwhile: a firing, a change of the offset, an end."""
    given = facts.resource.spec.schedule
    if given is None:
        return None
    ends = [moment for moment in (given.at, given.end_time) if moment is not None]
    moments = [*ends, *(moment + schedule.LATE for moment in ends)]  # at once, and when the cloud tells how it went
    if given.cron is not None and not account.cron_native and not is_expired(facts):
        with suppress(BadSchedule):
            moments.append(schedule.wake_at(given.cron, given.time_zone, facts.now))
    return min((moment for moment in moments if moment > facts.now), default=None)
