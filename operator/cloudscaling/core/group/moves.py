"""Who moved the desired capacity, where it was not the spec of the group. Called by update."""

from __future__ import annotations

from collections.abc import Iterable

from cloudscaling.core.group.capacity import OPERATION, POLICY
from cloudscaling.core.group.facts import Case
from cloudscaling.core.model import Activity, Group
from cloudscaling.core.verdict import find


def author(case: Case, group: Group) -> str:
    """Whose doing the observed desired capacity is, "" when nobody known explains it; else the last word stays."""
    facts, desired = case.facts, group.desired
    if desired in facts.scheduled_sizes:  # the vendor's activities do not name the schedule
        return POLICY
    if facts.activities is not None and _explained(facts.activities, desired):
        return POLICY
    if desired in facts.operated_sizes:
        return OPERATION
    status = facts.resource.status
    last = find(status.conditions, "CapacityDrifted")
    if status.desired_capacity != desired or last is None or last.reason != "ScaledByPolicy":
        return ""
    return OPERATION if last.message.startswith(OPERATION) else POLICY


def _explained(activities: Iterable[Activity], desired: int) -> bool:
    """The newest activity that ended at, or heads for, `desired` came from a policy or schedule."""
    newest = next((a for a in activities if a.new_capacity == desired), None)
    return newest is not None and bool(newest.policy_id)
