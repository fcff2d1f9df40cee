"""Status of what hangs on a group: as it was read, kept where nothing was read. Called by status, update. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from cloudscaling.api.v1alpha1 import scalinggroup_observed as api
from cloudscaling.api.v1alpha1.common import Quota
from cloudscaling.api.v1alpha1.scalinggroup_status import ScalingGroupStatus
from cloudscaling.core.group import ledger
from cloudscaling.core.group.children import target
from cloudscaling.core.group.facts import GroupFacts
from cloudscaling.core.model import PendingAction
from cloudscaling.core.plan import Notice

_NAMED = 10  # children of others
_SOON = timedelta(minutes=10)
_TOLD = 5  # instances at a time
_PENDING = 20


def project(facts: GroupFacts, managed: Any) -> dict[str, Any]:
    """Status fields; `managed` is the ledger as it is about to be stored."""
    old, children = facts.resource.status, facts.children
    found: dict[str, Any] = {}
    if children.pending is not None:
        found["pending_lifecycle_actions"] = tuple(_action(one) for one in _soonest(children.pending))
    if children.hooks is not None or children.pending is not None:
        found["lifecycle_hooks"] = _hooks(facts)
    if children.notifications is not None:
        found["notifications"] = _notifications(facts)
    if children.warm_pools is not None:
        found["warm_pool"] = next((_pool(pool) for pool in children.warm_pools), None)
    if children.quotas is not None:
        rows = sorted(children.quotas, key=lambda quota: quota.name)
        found["quotas"] = tuple(Quota(name=q.name, used=q.used, limit=q.limit) for q in rows)
    found["unmanaged"] = _unmanaged(facts, old.model_copy(update={"managed": managed}))
    return found


def overdue(facts: GroupFacts) -> tuple[Notice, ...]:
    """Instances that nobody has answered for, shortly before the hook decides by itself."""
    rows = [one for one in _soonest(facts.children.pending or ()) if one.deadline is not None]
    return tuple(
        Notice(
            "LifecycleActionPending",
            f"hook {one.hook_name} holds {one.instance_id} until {one.deadline:%H:%M:%S} UTC; "
            f"then: {one.default_result or 'the default'}",
            warning=True,
        )
        for one in rows[:_TOLD]
        if one.deadline is not None and one.deadline - facts.now < _SOON
    )


def _soonest(pending: Iterable[PendingAction]) -> list[PendingAction]:
    rows = sorted(pending, key=lambda one: (one.deadline is None, one.deadline, one.instance_id, one.hook_name))
    return rows[:_PENDING]


def _action(one: PendingAction) -> api.PendingLifecycleAction:
    return api.PendingLifecycleAction(
        hook_name=one.hook_name,
        instance_id=one.instance_id,
        deadline=one.deadline,
        default_result=one.default_result or None,
    )


def _hooks(facts: GroupFacts) -> tuple[api.HookStatus, ...]:
    """Hooks of the spec that the cloud has; how many instances wait is said where it was read."""
    children, old = facts.children, {hook.name: hook for hook in facts.resource.status.lifecycle_hooks}
    wanted = {hook.name for hook in facts.resource.spec.lifecycle_hooks or ()}
    ids = (
        {hook.name: hook.external_id for hook in old.values()}
        if children.hooks is None
        else {hook.name: hook.id or None for hook in children.hooks if hook.name in wanted}
    )
    waiting = None if children.pending is None else Counter(one.hook_name for one in children.pending)
    return tuple(
        api.HookStatus(
            name=name,
            external_id=ids[name],
            waiting_instances=waiting[name]
            if waiting is not None
            else (old[name].waiting_instances if name in old else None),
        )
        for name in sorted(ids)
    )


def _notifications(facts: GroupFacts) -> tuple[api.NotificationStatus, ...]:
    """Notifications of the spec that the cloud has, by where they go."""
    ids = {target(one.fields): one.id for one in facts.children.notifications or ()}
    return tuple(
        api.NotificationStatus(name=name, external_id=ids[where])
        for name, where in sorted(_targets(facts).items())
        if where in ids
    )


def _targets(facts: GroupFacts) -> dict[str, str]:
    """Name -> where it goes, of the notifications of the spec."""
    return {
        one.name: target(
            {f"target.{key}": value for key, value in one.target.model_dump(by_alias=True, exclude_none=True).items()}
        )
        for one in facts.resource.spec.notifications or ()
    }


def _pool(pool: Any) -> api.WarmPoolStatus:
    return api.WarmPoolStatus(state=pool.state, capacity=pool.capacity, instances=pool.instances)


def _unmanaged(facts: GroupFacts, status: ScalingGroupStatus) -> api.Unmanaged | None:
    """What others have made: neither named in a spec nor in our ledger."""
    spec, children = facts.resource.spec, facts.children
    found = (status.unmanaged or api.Unmanaged()).model_dump()
    if children.hooks is not None:
        named = {hook.name for hook in spec.lifecycle_hooks or ()} | ledger.names(status, "lifecycle_hooks")
        found["lifecycle_hooks"] = _some(hook.name for hook in children.hooks if hook.name not in named)
    if children.notifications is not None:
        named = set(_targets(facts).values()) | ledger.names(status, "notifications")
        seen = (target(one.fields) for one in children.notifications)
        found["notifications"] = _some(where for where in seen if where not in named)
    if children.schedules is not None:
        rows = (task for task in children.schedules if task.id not in facts.managed_policy_ids)
        found["schedules"] = _some(task.name for task in rows)
    if facts.cloud_policies is not None:
        rows = (policy for policy in facts.cloud_policies if policy.id not in facts.managed_policy_ids)
        found["scaling_policies"] = _some(policy.name for policy in rows)
    return api.Unmanaged.model_validate(found) if any(found.values()) else None


def _some(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(names)[:_NAMED])
