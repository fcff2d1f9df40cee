"""What the deletion of an object of any kind shares. Called by the deletion modules and planners of the kinds."""

from __future__ import annotations

from typing import Any

from cloudscaling.api.meta import FORCE_ORPHAN
from cloudscaling.api.v1alpha1.common import ControlledSpec
from cloudscaling.core.calls import ReleaseFinalizer
from cloudscaling.core.facts import ObjectFacts, Unresolved
from cloudscaling.core.plan import Do, Notice, Plan
from cloudscaling.core.verdict import true


def before_any_question(facts: ObjectFacts[Any]) -> Plan | None:
    """What is decided without the account and the cloud: nothing of ours holds it, or it is protected."""
    if not facts.finalizer_stored:
        return Plan()
    if facts.resource.spec.deletion_protection:
        return blocked("BlockedByDeletionProtection", "spec.deletionProtection is true")
    return None


def given_up(facts: ObjectFacts[Any]) -> Plan | None:
    """What the user gives up by annotation goes at once: no call is made, so neither a pause nor an account matters."""
    metadata = facts.resource.metadata
    if not facts.deleting or metadata.annotations.get(FORCE_ORPHAN) != metadata.uid:
        return None
    if not facts.finalizer_stored:
        return Plan()
    return release(Notice("ForceOrphaned", "given up without any cloud call, as asked by annotation", warning=True))


def effective_policy(spec: ControlledSpec, *, adopted: bool | None = None) -> str:
    """Delete or Orphan; what was adopted by its id, as spec.externalId or `adopted` says, is kept by default."""
    if adopted is None:
        adopted = spec.external_id is not None
    return spec.deletion_policy or ("Orphan" if adopted else "Delete")


def blocked(reason: str, message: str, wait_s: float | None = None) -> Plan:
    """A deletion that does not move, and why."""
    notice = Notice("DeletionBlocked", f"{reason}: {message}", warning=True)
    return Plan(wait_s=wait_s, verdicts=(true("Deleting", reason, message),), notices=(notice,))


def unreachable(account: Unresolved) -> str:
    """What is said of a deletion that cannot ask the cloud, with the way out."""
    return f"{account.message}; the annotation {FORCE_ORPHAN} with the uid of this object gives the cloud object up"


def release(*notices: Notice) -> Plan:
    """Nothing is left to be done for an object that is being deleted."""
    return Plan(step=Do(ReleaseFinalizer(), notices=notices))
