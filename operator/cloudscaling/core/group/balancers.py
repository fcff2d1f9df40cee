"""Lists of a group that others add items to, above all load balancers, spec against cloud. Called by update, planner.

Compared item by item: what the spec names is held, what it no longer names goes only if it stands in status.managed,
every other item goes back to the vendor as it was seen. One call changes all such lists, for a vendor may refuse two
of them at a time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from cloudscaling.core.calls import UpdateGroup
from cloudscaling.core.diff import Difference
from cloudscaling.core.group import ledger
from cloudscaling.core.group.facts import Case
from cloudscaling.core.model import Change, Group, Json
from cloudscaling.core.plan import Do, Notice, Plan
from cloudscaling.core.verdict import false

# path -> field of status.managed
SHARED = {"loadBalancers.targets": "load_balancer_targets", "loadBalancers.classicIds": "classic_ids"}


@dataclass(frozen=True, slots=True)
class Listed:
    """One list: what is wanted, how that differs from what the cloud shows, and which of our items go."""

    path: str
    want: list[Json]
    seen: list[Json]  # of ours and of the wanted ones
    new: frozenset[str]  # keys that the cloud does not have
    dropped: frozenset[str]  # keys of ours that nobody wants any more
    gone: frozenset[str]  # keys of ours that nobody wants and the cloud does not have
    differs: bool

    @property
    def difference(self) -> Difference:
        return Difference(self.path, self.want, self.seen)


def compare(case: Case, group: Group) -> tuple[Listed, ...]:
    """Every shared list that the vendor shows and that the spec is clear about."""
    return tuple(_compare(case, group, path) for path in SHARED if _is_held(case, path) and path in group.fields)


def plan(case: Case, group: Group, lists: tuple[Listed, ...]) -> Plan | None:
    """The one call that brings every list to what is wanted."""
    due = [one for one in lists if one.differs]
    if not due:
        return None
    change = Change(
        {**case.want, **{one.path: one.want for one in due}},
        group.fields,
        frozenset(one.path for one in due),
        case.facts.owner.mark,
        dropped={one.path: one.dropped for one in due if one.dropped},
    )
    status = case.facts.resource.status
    record = ledger.changes(status, {SHARED[one.path]: (one.new, frozenset()) for one in due})
    text = "updating " + ", ".join(one.path for one in due)
    step = Do(
        UpdateGroup(group.id, change),
        refused={"managed": status.managed} if record else {},
        notices=(Notice("Updated", text.replace("updating", "updated")),),
    )
    return replace(Plan(false("Synced", "Updating", text), step, record), wait_s=0.0)


def made_with_the_group(case: Case) -> dict[str, Any]:
    """What status.managed gets before a create that has the wanted items in it."""
    status = case.facts.resource.status
    moves = {
        SHARED[path]: (frozenset(map(key, case.want[path] or ())), frozenset[str]())
        for path in SHARED
        if path in case.want
    }
    return ledger.changes(status, moves)


def key(item: Json) -> str:
    """What an item is known by."""
    return str(item["key"]) if isinstance(item, dict) else str(item)


def _is_held(case: Case, path: str) -> bool:
    """W4: a list that the vendor cannot carry out is neither written nor pruned."""
    rule = case.account.group_fields.get(path)
    refused = any(p.path == path or p.path.startswith(f"{path}[") for p in case.problems)
    return rule is not None and rule.shared and not refused


def _compare(case: Case, group: Group, path: str) -> Listed:
    want, seen = list(case.want.get(path) or ()), {key(item): item for item in group.fields[path] or ()}
    wanted = {key(item): item for item in want}
    ours = ledger.names(case.facts.resource.status, SHARED[path]) - wanted.keys()
    new = frozenset(wanted.keys() - seen.keys())
    changed = any(name in seen and seen[name] != item for name, item in wanted.items())
    dropped = ours & seen.keys()
    shown = [item for name, item in seen.items() if name in wanted or name in dropped]
    return Listed(path, want, shown, new, dropped, ours - seen.keys(), bool(new or dropped or changed))
