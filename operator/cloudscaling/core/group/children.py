"""What hangs on a group by calls of its own, spec against cloud. Called by update, creation and clearing.

One table and one comparison for all kinds. What the spec names is made or corrected; what it no longer names is
removed only if it stands in status.managed. What others made and nobody names here is never touched. A child's
name is its key in the cloud, so a call that is repeated after a crash makes no second one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from cloudscaling.core.calls import (
    CloseWarmPool,
    CloudCall,
    DeleteHook,
    DeleteNotification,
    PutHook,
    PutNotification,
    SetWarmPool,
)
from cloudscaling.core.diff import Difference, leaves
from cloudscaling.core.fields import Mutability, Support
from cloudscaling.core.group import ledger
from cloudscaling.core.group.facts import Case, Children, GroupFacts
from cloudscaling.core.model import Fields, Group, Hook, Json, Notification
from cloudscaling.core.plan import Do, Notice, Plan
from cloudscaling.core.resource import spec_json
from cloudscaling.core.verdict import false

_TARGET = "target."


@dataclass(frozen=True, slots=True)
class Seen:
    """One child as the cloud shows it."""

    key: str  # what the spec knows it by
    id: str  # what the vendor knows it by
    fields: Fields
    leaving: bool = False  # on its way out: neither there nor gone


Put = Callable[[str, str, Fields, Seen | None, frozenset[str]], CloudCall]


@dataclass(frozen=True, slots=True)
class Kind:
    """How children of one kind are found in spec, cloud and ledger, and which calls they take."""

    title: str
    path: str  # in the spec; "+" stands for the vendor's block
    ledger: str  # field of status.managed
    want: Callable[[Case, str], dict[str, Fields]]
    seen: Callable[[Children], tuple[Seen, ...] | None]
    put: Put  # (group, key, wanted, seen or None when it is new, paths to write)
    delete: Callable[[str, Seen], CloudCall]
    replaced: bool = False  # cannot be changed: removed and made again
    removed_when_idle: bool = False


@dataclass
class Findings:
    """What one comparison says: differences, the calls that may be made now, names to be forgotten."""

    differences: list[Difference] = field(default_factory=list)
    waiting: list[Difference] = field(default_factory=list)  # of them, those that the vendor does not take now
    plans: list[Plan] = field(default_factory=list)
    gone: dict[str, tuple[frozenset[str], frozenset[str]]] = field(default_factory=dict)


def compare(case: Case, group: Group) -> Findings:
    """Everything that is not as wanted, in the order in which it is to be written."""
    found = Findings()
    for kind in KINDS:
        seen = kind.seen(case.facts.children)
        if seen is not None:
            _compare(kind, case, group, {child.key: child for child in seen}, found)
    return found


def owned(facts: GroupFacts) -> Iterator[tuple[Kind, Seen]]:
    """What the cloud shows of our children, in the order in which it goes when the group goes."""
    for kind in KINDS:
        ours = ledger.names(facts.resource.status, kind.ledger)
        yield from ((kind, seen) for seen in kind.seen(facts.children) or () if seen.key in ours and not seen.leaving)


def _compare(kind: Kind, case: Case, group: Group, seen: dict[str, Seen], found: Findings) -> None:
    path, status = _path(kind, case), case.facts.resource.status
    wanted, ours = kind.want(case, path), ledger.names(status, kind.ledger)
    for key, fields in wanted.items():
        _hold(kind, case, group, key, fields, seen.get(key), found)
    if _problems_below(case, path):
        return  # W4: what the spec says about this kind is not understood, so nothing is pruned
    surplus = sorted(ours - wanted.keys())
    for key in surplus:
        if key in seen:
            _remove(kind, group, seen[key], _where(path, key), found)
    gone = frozenset(key for key in surplus if key not in seen)
    if gone:
        found.gone[kind.ledger] = (frozenset(), gone)


def _hold(kind: Kind, case: Case, group: Group, key: str, fields: Fields, child: Seen | None, found: Findings) -> None:
    where = _where(_path(kind, case), key)
    if child is None:
        found.differences.append(Difference(where, dict(fields), None))
        found.plans.append(_made(kind, case, group, key, fields))
        return
    if child.leaving:
        found.differences.append(Difference(where, dict(fields), None))
        found.waiting.append(found.differences[-1])
        return
    changed = sorted(path for path, value in fields.items() if path in child.fields and child.fields[path] != value)
    if not changed:
        return
    found.differences += [Difference(f"{where}.{path}", fields[path], child.fields[path]) for path in changed]
    if kind.replaced:
        text = f"replacing the {said(kind, key)}"
        found.plans.append(_plan(text, Do(kind.delete(group.id, child))))
        return
    call = kind.put(group.id, key, fields, child, frozenset(changed))
    found.plans.append(_plan(f"updating the {said(kind, key)}", Do(call)))


def _made(kind: Kind, case: Case, group: Group, key: str, fields: Fields) -> Plan:
    """A new child; that it is ours is stored before the call and taken back when the call is refused."""
    status = case.facts.resource.status
    record = ledger.record(status, kind.ledger, add={key})
    call = kind.put(group.id, key, fields, None, frozenset())
    return _plan(
        f"making the {said(kind, key)}", Do(call, refused={"managed": status.managed} if record else {}), record
    )


def _remove(kind: Kind, group: Group, child: Seen, where: str, found: Findings) -> None:
    found.differences.append(Difference(where, None, dict(child.fields)))
    if child.leaving or (kind.removed_when_idle and group.busy):
        found.waiting.append(found.differences[-1])
        return
    found.plans.append(_plan(f"removing the {said(kind, child.key)}", Do(kind.delete(group.id, child))))


def said(kind: Kind, key: str) -> str:
    """The child in a sentence."""
    return kind.title if key == ledger.WARM_POOL else f"{kind.title} {key}"


def _plan(text: str, step: Do, record: dict[str, Any] | None = None) -> Plan:
    said = Do(step.call, step.after, step.refused, (Notice("Updated", text),))
    return Plan(false("Synced", "Updating", text), said, record or {}, wait_s=0.0)


# --- what the spec wants --------------------------------------------------------------------------------------------


def _path(kind: Kind, case: Case) -> str:
    return kind.path.replace("+", case.account.block)


def _where(path: str, key: str) -> str:
    return path if key == ledger.WARM_POOL else f"{path}[{key}]"


def _problems_below(case: Case, path: str) -> bool:
    return any(_is_below(problem.path, path) for problem in case.problems)


def _is_below(inner: str, path: str) -> bool:
    return inner == path or inner.startswith((f"{path}[", f"{path}."))


def _given(case: Case, path: str) -> Json:
    found: Json = spec_json(case.facts.resource.spec)
    for part in path.split("."):
        found = (found or {}).get(part)
    return found


def _items(case: Case, path: str) -> Iterator[tuple[str, Fields]]:
    """(name, what is sent) of every item that the vendor can carry out."""
    table, refused = case.account.group_fields, {problem.path for problem in case.problems}
    if path in refused:
        return
    prefix = f"{path}[]."
    for index, item in enumerate(_given(case, path) or ()):
        if any(_is_below(problem, f"{path}[{index}]") for problem in refused):
            continue
        yield (
            str(item["name"]),
            {
                inner.removeprefix(prefix): value
                for inner, value, rule in leaves(item, table, prefix)
                if rule is not None and rule.support is Support.SERVED and rule.mutability is not Mutability.OPERATOR
            },
        )


def _want_hooks(case: Case, path: str) -> dict[str, Fields]:
    return {name: case.account.canonical_hook(fields) for name, fields in _items(case, path)}


def _want_notifications(case: Case, path: str) -> dict[str, Fields]:
    fields = [case.account.canonical_notification(fields) for _, fields in _items(case, path)]
    return {target(one): one for one in fields}


def _want_warm_pool(case: Case, path: str) -> dict[str, Fields]:
    given = _given(case, path)
    return {} if given is None or _problems_below(case, path) else {ledger.WARM_POOL: given}


def target(fields: Fields) -> str:
    """Where a notification goes, which is what it is known by; its name is the spec's own."""
    found = [value for path, value in sorted(fields.items()) if path.startswith(_TARGET)]
    return ",".join(str(part) for value in found for part in (value if isinstance(value, list) else [value]))


# --- what the cloud shows, and the calls ------------------------------------------------------------------------------


def _hooks(children: Children) -> tuple[Seen, ...] | None:
    if children.hooks is None:
        return None
    return tuple(Seen(hook.name, hook.id or hook.name, hook.fields) for hook in children.hooks)


def _notifications(children: Children) -> tuple[Seen, ...] | None:
    if children.notifications is None:
        return None
    return tuple(Seen(target(one.fields), one.id, one.fields) for one in children.notifications)


def _warm_pools(children: Children) -> tuple[Seen, ...] | None:
    if children.warm_pools is None:
        return None
    return tuple(
        Seen(
            ledger.WARM_POOL,
            ledger.WARM_POOL,
            {"capacity": pool.capacity, "instanceInitWaitSeconds": pool.instance_init_wait_s},
            leaving=not pool.active,
        )
        for pool in children.warm_pools
    )


def _put_hook(group_id: str, key: str, want: Fields, seen: Seen | None, paths: frozenset[str]) -> CloudCall:
    return PutHook(group_id, Hook(key, want), paths)


def _put_notification(group_id: str, key: str, want: Fields, seen: Seen | None, paths: frozenset[str]) -> CloudCall:
    return PutNotification(group_id, Notification(key, want))


def _set_warm_pool(group_id: str, key: str, want: Fields, seen: Seen | None, paths: frozenset[str]) -> CloudCall:
    """Both members go along, the one that nobody manages as it was seen."""
    whole = {**(seen.fields if seen is not None else {}), **want}
    return SetWarmPool(group_id, whole.get("capacity"), whole.get("instanceInitWaitSeconds"))


HOOKS = Kind(
    "lifecycle hook",
    "lifecycleHooks",
    "lifecycle_hooks",
    _want_hooks,
    _hooks,
    _put_hook,
    lambda group_id, seen: DeleteHook(group_id, seen.key),
    removed_when_idle=True,
)
NOTIFICATIONS = Kind(
    "notification",
    "notifications",
    "notifications",
    _want_notifications,
    _notifications,
    _put_notification,
    lambda group_id, seen: DeleteNotification(group_id, seen.id),
    replaced=True,
)
WARM_POOL = Kind(
    "warm pool",
    "+.warmPool",
    ledger.WARM_POOL,
    _want_warm_pool,
    _warm_pools,
    _set_warm_pool,
    lambda group_id, seen: CloseWarmPool(group_id),
)
KINDS = (HOOKS, NOTIFICATIONS, WARM_POOL)
