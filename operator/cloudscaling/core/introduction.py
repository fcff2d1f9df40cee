"""What the planners say and ask first of an object of any kind: accepted, resolved, paused, ready for a write."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from cloudscaling.api.conditions import Condition
from cloudscaling.core.accept import Problem
from cloudscaling.core.facts import Account, ObjectFacts, Unresolved
from cloudscaling.core.plan import Notice, Plan
from cloudscaling.core.verdict import Verdict, false, is_true, true

_NOT_ACCEPTED = {
    "Unsupported": "UnsupportedField",
    "NotImplemented": "UnsupportedField",
    "CapacityOwnershipConflict": "CapacityOwnershipConflict",
}


def introduction(conditions: Iterable[Condition], problems: Sequence[Problem], *references: object) -> Plan:
    """What is said about every object with an account: Accepted, ReferencesResolved, the end of a pause."""
    known = tuple(conditions)
    was_accepted = not any(c.type == "Accepted" and c.status == "False" for c in known)
    return Plan(
        verdicts=(accepted(problems), resolved(*references), *resumed(is_true(known, "Paused"))),
        notices=not_accepted_notice(problems, was_accepted),
    )


def accepted(problems: Sequence[Problem]) -> Verdict:
    if not problems:
        return true("Accepted", "Valid")
    first = problems[0]
    more = f" (and {len(problems) - 1} more: {', '.join(p.path for p in problems[1:6])})" if len(problems) > 1 else ""
    return false("Accepted", first.reason, first.message + more)


def not_accepted_notice(problems: Sequence[Problem], was_accepted: bool) -> tuple[Notice, ...]:
    """A Warning when Accepted turns False."""
    if not problems or not was_accepted:
        return ()
    first = problems[0]
    return (Notice(_NOT_ACCEPTED.get(first.reason, "InvalidSpec"), first.message, warning=True),)


def duplicate_notices(used: str, rest: Sequence[str]) -> tuple[Notice, ...]:
    """A Warning that names what bears our mark beside the object that is used; none of it is ever deleted for that."""
    if not rest:
        return ()
    text = f"{used}, the oldest, is used; the same name is borne by: {', '.join(rest)}"
    return (Notice("DuplicateFound", text, warning=True),)


def resolved(*references: object) -> Verdict:
    """ReferencesResolved: the first reference that does not offer what is needed decides."""
    for reference in references:
        if isinstance(reference, Unresolved):
            return false("ReferencesResolved", reference.reason, reference.message)
    return true("ReferencesResolved", "Resolved")


def paused(*, spec_paused: bool, account: Account | Unresolved, deleting: bool) -> Plan | None:
    """The plan of a paused object: no call at all, not even a read."""
    if isinstance(account, Unresolved) and account.reason == "AccountPaused":
        verdict = resolved(account)  # Paused is said of what the object or its group asks for itself
    elif spec_paused:
        verdict = true("Paused", "ObjectPaused", "spec.paused is true")
    else:
        return None
    plan = Plan(verdicts=(verdict,))
    if deleting:
        return plan.with_(true("Deleting", "BlockedByPause", "deletion waits until the pause ends"))
    return plan


def resumed(was_paused: bool) -> tuple[Verdict, ...]:
    """Paused=False once it has been True; the condition appears only after the first pause."""
    return (false("Paused", "NotPaused"),) if was_paused else ()


def before_any_write(facts: ObjectFacts[Any], problems: Iterable[Problem]) -> Plan | None:
    """The finalizer has to be stored; a wrong vendor block or an older owner forbids every write."""
    if not facts.finalizer_stored:
        return Plan(synced=false("Synced", "Creating", "the finalizer is not stored yet"), wait_s=1.0)
    known = tuple(problems)
    if any(problem.fatal for problem in known):
        return Plan(synced=false("Synced", "NotAccepted", known[0].message))
    return None
