"""From facts and plan to a status, what all kinds share. Called by the status modules of the kinds. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from cloudscaling.api.conditions import Condition
from cloudscaling.api.v1alpha1.common import Drift
from cloudscaling.core.diff import Difference
from cloudscaling.core.model import Json
from cloudscaling.core.plan import Plan
from cloudscaling.core.verdict import Verdict, false, find, flag, settle, true, unknown

PENDING = frozenset({"Creating", "Updating", "WaitingForActivity", "OutcomeUnknown", "ReferencesNotResolved"})
REFUSED = frozenset(
    {
        "NotAccepted",
        "Rejected",
        "PermissionDenied",
        "QuotaExceeded",
        "InsufficientCapacity",
        "InsufficientBalance",
        "DependencyNotReady",
        "NameConflict",
        "DuplicateFound",
        "UpdateLoop",
    }
)
_DRIFT_LIMIT = 20
_VALUE_LIMIT = 1024


def conditions(
    old: Sequence[Condition],
    plan: Plan,
    ready: Verdict,
    *,
    generation: int,
    now: datetime,
    always: Iterable[str] = (),
    blind: bool = False,
) -> tuple[Condition, ...]:
    """All conditions after `plan`; types in `always` exist from the first time on, Unknown until something is known."""
    verdicts = [*plan.verdicts, ready]
    if plan.synced is not None:
        verdicts.append(plan.synced)
    if blind:
        text = "no trusted read for a long time"
        verdicts += [unknown(type_, "ReadUntrusted", text) for type_ in ("Ready", "Synced", *always)]
    stated = {verdict.type for verdict in verdicts} | {condition.type for condition in old}
    missing = [t for t in ("Accepted", "ReferencesResolved", "Synced", *always) if t not in stated]
    verdicts += [_not_known_yet(type_) for type_ in missing]
    settled = settle(old, verdicts, generation=generation, now=now)
    return settle(settled, _kstatus(settled), generation=generation, now=now)


def _not_known_yet(type_: str) -> Verdict:
    if type_ == "Accepted":
        return true("Accepted", "Valid")
    if type_ == "ReferencesResolved":
        return false("ReferencesResolved", "AccountNotVerified", "not looked at yet")
    return unknown(type_, "ReadUntrusted", "no trusted read yet")


def _kstatus(settled: Sequence[Condition]) -> tuple[Verdict, Verdict]:
    """Reconciling and Stalled, which kubectl wait and deployment tools look for."""
    synced, accepted = find(settled, "Synced"), find(settled, "Accepted")
    pending = synced is not None and synced.status == "False" and synced.reason in PENDING
    refused = synced is not None and synced.status == "False" and synced.reason in REFUSED
    not_accepted = accepted is not None and accepted.status == "False"
    cause = accepted if not_accepted else synced
    stalled = not_accepted or refused
    return (
        flag("Reconciling", synced if pending and not stalled else None),
        flag("Stalled", cause if stalled else None),
    )


def drift(found: Iterable[Difference]) -> tuple[Drift, ...]:
    """Differences for people, short and without surprises."""
    return tuple(
        Drift(path=d.path, desired=_shown(d.desired), observed=_shown(d.observed)) for d in list(found)[:_DRIFT_LIMIT]
    )


def _shown(value: Json) -> str | None:
    if value is None:
        return None
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True)
    return text[:_VALUE_LIMIT]


def not_ready_before_creation(conditions_: Sequence[Condition], plan: Plan) -> Verdict:
    """Ready of an object without a cloud object: what keeps it from being created."""
    verdicts = {v.type: v for v in plan.verdicts}
    for type_, reason in (("Accepted", "NotAccepted"), ("ReferencesResolved", "ReferencesNotResolved")):
        verdict = verdicts.get(type_)
        if verdict is not None and verdict.status == "False":
            return false("Ready", reason, verdict.message)
        before = find(conditions_, type_)
        if verdict is None and before is not None and before.status == "False":
            return false("Ready", reason, before.message)
    synced = plan.synced or verdicts.get("Synced")
    return false("Ready", "Creating", synced.message if synced is not None else "")


def keep(conditions_: Sequence[Condition], type_: str, otherwise: Verdict) -> Verdict:
    """The last word on `type_`, for when nothing new is known."""
    found = find(conditions_, type_)
    return otherwise if found is None else Verdict(type_, str(found.status), found.reason, found.message)


def common(plan: Plan, *, generation: int, annotation: str | None) -> dict[str, Any]:
    """Fields of every status that owns a cloud object."""
    fields: dict[str, Any] = {**plan.record, "observed_generation": generation}
    looked = plan.synced is not None or any(verdict.type in ("Synced", "Deleting") for verdict in plan.verdicts)
    if annotation is not None and looked:  # not while paused or without a trusted read
        fields["last_handled_reconcile_at"] = annotation
    if plan.drift is not None:
        fields["drift"] = drift(plan.drift)
    return fields
