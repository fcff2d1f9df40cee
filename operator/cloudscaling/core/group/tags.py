"""Tags of a group, spec against cloud; only keys of ours are taken out. Called by update and planner."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cloudscaling.api.v1alpha1.scalinggroup_status import ScalingGroupStatus
from cloudscaling.core.calls import SetTags
from cloudscaling.core.diff import Difference
from cloudscaling.core.group import ledger
from cloudscaling.core.group.facts import Case
from cloudscaling.core.model import Group
from cloudscaling.core.naming import OWNER_TAG
from cloudscaling.core.plan import Do, Plan
from cloudscaling.core.verdict import false

TAG_KEYS = "tag_keys"


def with_keys(status: ScalingGroupStatus, keys: Iterable[str]) -> dict[str, Any]:
    """The status field that remembers which tag keys are ours to remove; stored before they are put."""
    return ledger.record(status, TAG_KEYS, keys)


def plan(case: Case, group: Group) -> Plan | None:
    """The call that puts and takes out."""
    put, remove = _changes(case, group)
    if not put and not remove:
        return None
    record = with_keys(case.facts.resource.status, [key for key in put if key != OWNER_TAG])
    return Plan(false("Synced", "Updating", "updating tags"), Do(SetTags(group.id, put, remove)), record, wait_s=0.0)


def gone(case: Case, group: Group) -> frozenset[str]:
    """Keys of ours that nobody wants and the cloud does not have."""
    if "tags" not in group.fields:
        return frozenset()
    kept = {**(case.want.get("tags") or {}), **(group.fields["tags"] or {})}
    return ledger.names(case.facts.resource.status, TAG_KEYS) - kept.keys()


def difference(case: Case, group: Group) -> tuple[Difference, ...]:
    """The tags as one difference, for a group that is only observed."""
    put, remove = _changes(case, group)
    return (Difference("tags", case.want.get("tags"), group.fields.get("tags")),) if put or remove else ()


def _changes(case: Case, group: Group) -> tuple[dict[str, str], tuple[str, ...]]:
    """(tags to put, keys of ours to take out)."""
    if "tags" not in case.account.group_fields or "tags" not in group.fields:
        return {}, ()
    want: dict[str, str] = dict(case.want.get("tags") or {})
    seen: dict[str, str] = group.fields["tags"] or {}
    put = {key: value for key, value in want.items() if seen.get(key) != value}
    refused = any(problem.path == "tags" for problem in case.problems)  # W4: neither written nor pruned
    ours = frozenset[str]() if refused else ledger.names(case.facts.resource.status, TAG_KEYS)
    if not case.account.owner_tag_at_create and group.owner_tag == "" and not case.facts.observe_only:
        put[OWNER_TAG] = case.facts.owner.mark
    return put, tuple(sorted(key for key in ours if key not in want and key in seen))
