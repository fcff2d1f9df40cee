"""Choosing the instances of an operation, once, and whether the group can bear it. Called by the planner."""

from __future__ import annotations

from datetime import UTC, datetime

from cloudscaling.api.v1alpha1.instanceoperation_parts import InstanceSelector
from cloudscaling.core.model import Group, Instance
from cloudscaling.core.operation.batch import sort_out
from cloudscaling.core.operation.case import Case, Waits
from cloudscaling.core.operation.end import finish
from cloudscaling.core.operation.facts import OperationFacts, OperationTarget
from cloudscaling.core.operation.progress import Progress
from cloudscaling.core.operation.rules import GROWS, SHRINKS, Bench, bench, token_label, waiting
from cloudscaling.core.plan import Notice, Plan
from cloudscaling.core.verdict import Verdict, true

_FIRST = datetime.min.replace(tzinfo=UTC)


def freeze(case: Case, group: Group) -> Plan:
    """The list of instances and the desired capacity at the start; nothing is called yet."""
    facts, judge = case.facts, bench(case.facts)
    needs_list = facts.resource.spec.instance_selector is not None
    if judge is None or (needs_list and facts.instances is None):
        return Waits("RunningBatch", "waiting for a fresh list of instances").plan(1.0)
    ids = chosen(facts, group)
    record = {
        **Progress(ids).record(),
        "total": len(ids),
        "scaling_group_id": group.id,
        "desired_at_start": group.desired,
        "last_applied_at_start": case.target.applied,
    }
    refusal = _out_of_bounds(facts, group, judge, ids)
    if refusal is not None:
        progress = _refused(sort_out(Progress(ids), judge), refusal.reason, refusal.message)
        return finish(facts, refusal, {**record, **progress.record()})
    text = _no_such_hook(facts)
    if text:
        progress = _refused(Progress(ids), "HookNotWaiting", text)
        return finish(facts, true("Failed", "AllInstancesFailed", text), {**record, **progress.record()})
    notice = Notice("Started", f"{facts.action}: {len(ids)} instances")
    return Waits("RunningBatch", notice.message, record, (notice,)).plan(0.0)


def chosen(facts: OperationFacts, group: Group) -> tuple[str, ...]:
    """By id, by selector, or by the tokens that hooks gave out; a token that nothing waits with keeps its number."""
    spec = facts.resource.spec
    if spec.instance_ids is not None:
        return tuple(dict.fromkeys(spec.instance_ids))
    if spec.lifecycle_action is not None and spec.lifecycle_action.tokens is not None:
        known = {p.token: p.instance_id for p in waiting(facts)}
        tokens = enumerate(spec.lifecycle_action.tokens, start=1)
        return tuple(dict.fromkeys(known.get(token) or token_label(n) for n, token in tokens))
    if spec.instance_selector is None or facts.instances is None:
        return ()
    current = group.fields.get("launchConfigurationRef")
    if not isinstance(facts.group, OperationTarget) or not facts.group.launch_configuration_id:
        return select(spec.instance_selector, facts.instances.value, str(current or ""))
    return select(spec.instance_selector, facts.instances.value, facts.group.launch_configuration_id)


def select(selector: InstanceSelector, instances: tuple[Instance, ...], current: str) -> tuple[str, ...]:
    """The instances that the selector means, the oldest first; one without an id yet cannot be named in a call."""
    found = [i for i in instances if i.id and _matches(selector, i, current)]
    found.sort(key=lambda i: (i.joined_at or _FIRST, i.id))
    return tuple(dict.fromkeys(i.id for i in found))[: selector.limit]


def _matches(selector: InstanceSelector, instance: Instance, current: str) -> bool:
    outdated = bool(current) and not instance.attached and instance.launch_configuration_id != current
    origin = "Attached" if instance.attached else "AutoCreated"
    return (
        (selector.states is None or instance.state.value in selector.states)
        and (selector.health is None or instance.health.value in selector.health)
        and selector.protected in (None, instance.protected)
        and selector.outdated in (None, outdated)
        and selector.origin in (None, origin)
    )


def _refused(progress: Progress, reason: str, message: str) -> Progress:
    """Every instance has its result, as at any other end."""
    for instance_id in progress.pending:
        progress = progress.fail(instance_id, reason, message)
    return progress


def _no_such_hook(facts: OperationFacts) -> str:
    """A slip in the name would look like instances that have gone on; later on, a hook that is gone holds nobody."""
    action = facts.resource.spec.lifecycle_action
    if action is None or facts.hooks is None or action.hook_name in facts.hooks:
        return ""
    return f"the group has no lifecycle hook {action.hook_name}; it has {', '.join(sorted(facts.hooks)) or 'none'}"


def _out_of_bounds(facts: OperationFacts, group: Group, judge: Bench, ids: tuple[str, ...]) -> Verdict | None:
    """The whole list is checked before the first chunk; nothing is called when it does not fit."""
    if facts.instances is None or facts.action not in GROWS | SHRINKS:
        return None
    count, have = len(sort_out(Progress(ids), judge).pending), len(facts.instances.value)
    if not count:
        return None
    if facts.action in GROWS and have + count > group.max_size:
        text = f"{have} + {count} instances would exceed the group's maximum of {group.max_size}"
        return true("Failed", "WouldExceedMaxSize", text)
    if facts.action in SHRINKS and have - count < group.min_size:
        text = f"{have} - {count} instances would fall below the group's minimum of {group.min_size}"
        return true("Failed", "WouldFallBelowMinSize", text)
    return None
