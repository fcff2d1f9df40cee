"""Which desired capacities an operation brings about. Called by engine.look for the facts of the group."""

from __future__ import annotations

from datetime import datetime, timedelta

from cloudscaling.api.v1alpha1.instanceoperation import InstanceOperation, InstanceOperationSpec
from cloudscaling.api.v1alpha1.instanceoperation_parts import Action
from cloudscaling.core.accept import BLOCKS

# By how much each instance moves the desired capacity; also used by end.
STEPS = {Action.ADD: 1, Action.REMOVE: -1, Action.DETACH: -1}
_SIGNS = {Action.SCALE_OUT: 1, Action.SCALE_IN: -1}
_REMEMBERED = timedelta(minutes=10)  # after its end; the group has looked by then and keeps its word


def brought_about(one: InstanceOperation, now: datetime) -> frozenset[int]:
    """Sizes on its way from its first call on; none of what was there at the start."""
    spec, status = one.spec, one.status
    over = status.completion_time is not None and now >= status.completion_time + _REMEMBERED
    base = status.desired_at_start
    if over or base is None or status.start_time is None:
        return frozenset()
    if spec.action in _SIGNS:
        return frozenset({base + _SIGNS[spec.action] * (spec.count or 0)})
    if spec.action is Action.EXECUTE_POLICY:
        calls = (*status.batches, status.current_batch)
        return frozenset(call.target for call in calls if call is not None and call.target is not None)
    step = STEPS.get(spec.action, 0)
    if spec.action is Action.ENTER_STANDBY and _replaces(spec):
        step = 1
    return frozenset(base + step * n for n in range(1, (status.total or 0) + 1)) if step else frozenset()


def _replaces(spec: InstanceOperationSpec) -> bool:
    """Whether whoever goes into standby is replaced; a spec has one vendor's block at most."""
    return any(getattr(getattr(spec, block), "launch_replacements", None) for block in BLOCKS)
