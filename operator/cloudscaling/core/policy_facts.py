"""What decides about one ScalingPolicy. Built by engine.look, read by core.policy and the modules beside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from cloudscaling.api.v1alpha1.scalingpolicy import ScalingPolicy
from cloudscaling.core import model as cloud
from cloudscaling.core.facts import Absent, Account, Lookup, Observed, Setback, Unresolved, Untrusted
from cloudscaling.core.naming import Owner

_CLOCK_SKEW = timedelta(seconds=60)  # creation times of vendors: skew and minute precision


@dataclass(frozen=True, slots=True)
class GroupTarget:
    """The ScalingGroup that the policy belongs to, as far as the policy needs it."""

    id: str
    name: str
    enforced: bool = False
    paused: bool = False


@dataclass(frozen=True, slots=True)
class PolicyFacts:
    """All that decides about one ScalingPolicy."""

    resource: ScalingPolicy
    owner: Owner
    now: datetime
    new_id: str
    finalizer_stored: bool
    account: Account | Unresolved
    group: GroupTarget | Unresolved
    seen: Observed[cloud.Policy] | Absent | Untrusted | None = None
    lookup: Lookup[cloud.Policy] | Untrusted | None = None  # policies of the group
    executing_since: datetime | None = None
    executions: tuple[cloud.Execution, ...] | None = None
    blind: bool = False  # no trusted read for too long
    older_owner: str = ""
    setback: Setback | None = None

    @property
    def generation(self) -> int:
        return self.resource.metadata.generation

    @property
    def observe_only(self) -> bool:
        return self.resource.spec.management_policy == "ObserveOnly"

    @property
    def deleting(self) -> bool:
        return self.resource.metadata.deletion_timestamp is not None


def is_ours(facts: PolicyFacts, hit: cloud.Policy) -> bool:
    """The default name holds our mark; an explicit one proves nothing unless our create is in flight and not older."""
    operation = facts.resource.status.operation
    if facts.resource.spec.external_name is None:
        return True
    if operation is None or operation.type != "Create":
        return False
    return hit.created_at is None or hit.created_at >= operation.started_at - _CLOCK_SKEW
