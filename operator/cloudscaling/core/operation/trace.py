"""What the logs of the cloud show of a call: the activity of a chunk, the traces of an execution. Called by the planner
and core.operation.group.

Rule: an entry of before the call is never one of it. The clocks may be a minute apart, so its time alone does not tell;
for actions on the group the ids of what was there before are stored with the call.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from cloudscaling.api.v1alpha1.instanceoperation_parts import Action
from cloudscaling.api.v1alpha1.instanceoperation_status import CurrentBatch
from cloudscaling.core.facts import Unresolved
from cloudscaling.core.model import Activity, ActivityStatus, ActivityType
from cloudscaling.core.operation.facts import GROUP_ACTIONS, OperationFacts, PolicyTarget
from cloudscaling.core.operation.rules import needs_idle

# What the log calls an action, where it names the instances; a scale-out may have brought them a moment before.
_TYPES = {
    Action.ADD: ActivityType.ATTACH,
    Action.REMOVE: ActivityType.REMOVE,
    Action.DETACH: ActivityType.DETACH,
    Action.ENTER_STANDBY: ActivityType.ENTER_STANDBY,
    Action.EXIT_STANDBY: ActivityType.EXIT_STANDBY,
}
_SKEW = timedelta(seconds=60)  # between the clocks, as for creates


def prior(facts: OperationFacts) -> tuple[str, ...]:
    """What the logs show already; older entries need no id, their time tells them apart."""
    since = facts.now - _SKEW
    activities = (a.id for a in facts.activities or () if _is_new(a.started_at, since))
    return (*activities, *(e.id for e in facts.executions or () if _is_new(e.time, since)))


def ends(facts: OperationFacts, batch: CurrentBatch) -> tuple[ActivityStatus, ...]:
    """How the traces of an action on the group ended, newest first; in progress counts as well."""
    since, known = _since(facts, batch), frozenset(batch.prior_ids)
    runs = [e for e in facts.executions or () if _is_new(e.time, since) and e.id not in known]
    activities = (a.status for a in _of_group_action(facts, batch))
    return (*activities, *(e.status for e in runs if e.trigger == "Manual"))


def named(facts: OperationFacts, batch: CurrentBatch) -> CurrentBatch:
    """The chunk with the id of its activity, as soon as the log shows it; for people only, nothing is decided by it."""
    found = None if batch.activity_id else _activity(facts, batch)
    return batch if found is None else batch.model_copy(update={"activity_id": found.id})


def is_nameless(facts: OperationFacts) -> bool:
    """The cloud has answered the call of the chunk, and which activity it is has not been found yet."""
    batch = facts.resource.status.current_batch
    return batch is not None and needs_idle(facts.action) and batch.activity_id is None and batch.state == "Verifying"


def _activity(facts: OperationFacts, batch: CurrentBatch) -> Activity | None:
    if facts.action in GROUP_ACTIONS:
        return next(iter(reversed(_of_group_action(facts, batch))), None)
    if not batch.instance_ids or facts.action not in _TYPES:
        return None
    new = [a for a in facts.activities or () if _is_new(a.started_at, _since(facts, batch))]
    chunk = frozenset(batch.instance_ids)
    by_instance = (a for a in new if a.type is _TYPES[facts.action] and chunk.intersection(a.instance_ids))
    # The group was idle, and the cloud took the call: what runs now is its activity.
    running = (a for a in new if a.status is ActivityStatus.IN_PROGRESS and batch.state == "Verifying")
    return next(running, None) or next(by_instance, None)


def _of_group_action(facts: OperationFacts, batch: CurrentBatch) -> Sequence[Activity]:
    """New activities that nobody caused, or the policy that was executed, newest first."""
    if isinstance(facts.policy, Unresolved):  # it went away: whose activities are its own cannot be told
        return ()
    since, known = _since(facts, batch), frozenset(batch.prior_ids)
    cause = facts.policy.id if isinstance(facts.policy, PolicyTarget) else ""
    new = (a for a in facts.activities or () if _is_new(a.started_at, since) and a.id not in known)
    return [a for a in new if a.policy_id == cause]


def _since(facts: OperationFacts, batch: CurrentBatch) -> datetime:
    return (batch.started_at or facts.now) - _SKEW


def _is_new(at: datetime | None, since: datetime) -> bool:
    return at is not None and at >= since
