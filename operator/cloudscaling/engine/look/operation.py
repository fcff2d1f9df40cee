"""Facts of an InstanceOperation. Called by engine.reconcile.

Cloud reads only while there is something to decide: none for an operation that has ended, is refused, waits for its
turn or is held, and no list while an activity of the group runs.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Any

from cloudscaling import errors
from cloudscaling.core.facts import Account, LaunchTarget, Observed, Unresolved, Untrusted
from cloudscaling.core.operation.accept import problems
from cloudscaling.core.operation.facts import (
    GROUP_ACTIONS,
    HOOK_ACTIONS,
    OperationFacts,
    OperationTarget,
    PolicyTarget,
)
from cloudscaling.core.operation.line import comes_first
from cloudscaling.core.operation.rules import needs_idle
from cloudscaling.core.operation.trace import is_nameless
from cloudscaling.core.policy import forms
from cloudscaling.core.verdict import is_true
from cloudscaling.engine.hashing import plain_hash
from cloudscaling.engine.look.base import Looker
from cloudscaling.engine.look.group import launch_target
from cloudscaling.engine.queue import Key
from cloudscaling.engine.sessions import Session
from cloudscaling.engine.store import GROUPS, OPERATIONS, POLICIES, Stored

_NEWEST = 20  # activities and executions
_MAY_CHANGE = frozenset({"suspend", "ttlSecondsAfterFinished"})


async def look_at_operation(looker: Looker, stored: Stored) -> OperationFacts:
    session, group = looker.session(stored), _group_target(looker, stored)
    facts = OperationFacts(**_known(looker, stored, session, group))
    if isinstance(session, Unresolved) or isinstance(group, Unresolved):
        return facts
    unread = facts.needs_no_read or facts.group_lost or group.paused or group.observe_only
    if unread or (isinstance(facts.account, Account) and problems(facts, facts.account, group)):
        return facts
    memory = looker.memories.of(stored.key, stored.uid)
    get = session.cloud.groups.get
    seen = await session.fleet.find(session.fleet.groups, get, group.id, memory, fresh=True)
    facts = replace(facts, seen=seen)
    if not isinstance(seen, Observed):
        return facts
    waits = seen.value.busy and needs_idle(facts.action) and not facts.overdue
    try:
        details = {} if waits else await _details(looker, session, facts, group.id)
    except (errors.CloudError, errors.ReadUntrusted) as exc:
        return replace(facts, seen=Untrusted(str(exc)[:256], session.timing.active_s))
    return await _with_log(session, replace(facts, **details), group.id)


async def _with_log(session: Session, facts: OperationFacts, group_id: str) -> OperationFacts:
    """The log once per chunk, as long as it does not show which activity is its own; nothing hangs on it."""
    if facts.activities is not None or not is_nameless(facts):
        return facts
    with suppress(errors.CloudError, errors.ReadUntrusted):
        return replace(facts, activities=await session.cloud.groups.activities(group_id, _NEWEST))
    return facts


def is_running(stored: Stored) -> bool:
    """The operation may still make a call; once it has ended its object may go at any time."""
    conditions = stored.resource.status.conditions
    return not (is_true(conditions, "Complete") or is_true(conditions, "Failed"))


def _known(
    looker: Looker, stored: Stored, session: Session | Unresolved, group: OperationTarget | Unresolved
) -> dict[str, Any]:
    """What is known without a call."""
    name, spec_hash = stored.key.name, _spec_hash(stored)
    owner = looker.store.get(_group_key(stored))
    recent = owner.resource.status.recent_operations if owner is not None else ()
    return looker.common(stored, session) | {
        "group": group,
        "policy": _policy_target(looker, stored),
        "spec_hash": spec_hash,
        "recorded": any((entry.name, entry.spec_hash) == (name, spec_hash) for entry in recent),
        "earlier": _earlier(looker, stored),
    }


async def _details(looker: Looker, session: Session, facts: OperationFacts, group_id: str) -> dict[str, Any]:
    """Lists that are read after the group, only those that the action is decided by."""
    cloud, clock = session.cloud, looker.clock
    if facts.action in GROUP_ACTIONS:
        found: dict[str, Any] = {"activities": await cloud.groups.activities(group_id, _NEWEST)}
        if isinstance(facts.policy, PolicyTarget) and facts.policy.id:
            found["executions"] = await cloud.policies.executions(facts.policy.id, _NEWEST)
        return found
    found = {}
    answers = facts.resource.spec.lifecycle_action
    if answers is not None:
        pending = await cloud.hooks.pending(group_id)
        found["pending"] = Observed(pending, clock.now())
        if not facts.frozen and answers.hook_name not in {one.hook_name for one in pending}:
            found["hooks"] = frozenset(hook.name for hook in await cloud.hooks.list(group_id))
    if facts.action not in HOOK_ACTIONS or facts.resource.spec.instance_selector is not None:
        found["instances"] = Observed(await cloud.instances.list(group_id), clock.now())
    return found


def _spec_hash(stored: Stored) -> str:
    """Of what was asked and cannot change: without defaults, which may grow; the order of a set means nothing."""
    asked = stored.resource.spec.model_dump(by_alias=True, exclude_defaults=True, exclude_none=True, mode="json")
    spec = {name: value for name, value in asked.items() if name not in _MAY_CHANGE}
    if "instanceIds" in spec:
        spec["instanceIds"] = sorted(spec["instanceIds"])
    return plain_hash(spec)


def _group_key(stored: Stored) -> Key:
    return Key(GROUPS, stored.key.namespace, stored.resource.spec.scaling_group_ref.name)


def _earlier(looker: Looker, stored: Stored) -> str:
    rivals = (one for one in looker.store.referrers(_group_key(stored), OPERATIONS) if one.key != stored.key)
    return comes_first(stored.resource, [one.resource for one in rivals])


def _group_target(looker: Looker, stored: Stored) -> OperationTarget | Unresolved:
    key = _group_key(stored)
    found = looker.store.get(key)
    if found is None or found.deleting:
        gone = "is being deleted" if found is not None else "does not exist"
        return Unresolved("ScalingGroupNotFound", f"ScalingGroup {key.name} {gone}")
    spec, status = found.resource.spec, found.resource.status
    if status.external_id is None:
        return Unresolved("ScalingGroupNotCreated", f"ScalingGroup {key.name} is not created yet")
    launch = launch_target(looker, found)
    return OperationTarget(
        id=status.external_id,
        name=key.name,
        enforced=spec.capacity_management == "Enforced",
        paused=spec.paused,
        observe_only=spec.management_policy == "ObserveOnly",
        wanted=spec.desired_capacity,
        applied=status.last_applied_desired_capacity,
        launch_configuration_id=launch.id if isinstance(launch, LaunchTarget) else "",
    )


def _policy_target(looker: Looker, stored: Stored) -> PolicyTarget | Unresolved | None:
    reference = stored.resource.spec.policy_ref
    if reference is None:
        return None
    found = looker.store.get(Key(POLICIES, stored.key.namespace, reference.name))
    if found is None or found.deleting:
        gone = "is being deleted" if found is not None else "does not exist"
        return Unresolved("ScalingPolicyNotFound", f"ScalingPolicy {reference.name} {gone}")
    spec, status = found.resource.spec, found.resource.status
    if status.external_id is None and status.cloud_object != forms.EMULATED:
        return Unresolved("ScalingPolicyNotCreated", f"ScalingPolicy {reference.name} is not created yet")
    return PolicyTarget(
        id=status.external_id if status.external_id and forms.known(status.cloud_object) is forms.POLICY else "",
        name=reference.name,
        group=spec.scaling_group_ref.name if spec.scaling_group_ref is not None else "",
        type=spec.type,
        adjustment=spec.adjustment,
    )
