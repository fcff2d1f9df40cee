"""What decides about one ScalingPolicy. Built by engine.look, read by the modules beside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cloudscaling.api.v1alpha1.common import Operation
from cloudscaling.api.v1alpha1.scalingpolicy import ScalingPolicy
from cloudscaling.core import model as cloud
from cloudscaling.core.facts import Absent, Lookup, ObjectFacts, Observed, Unresolved, Untrusted
from cloudscaling.core.intent import may_have_made, open_create
from cloudscaling.core.naming import Owner
from cloudscaling.core.policy import forms


@dataclass(frozen=True, slots=True)
class GroupTarget:
    """The ScalingGroup that the policy belongs to, as far as the policy needs it."""

    id: str
    name: str
    enforced: bool = False
    paused: bool = False

    @property
    def group_id(self) -> str:
        return self.id

    def has(self, policy: cloud.Policy) -> bool:
        return policy.group_id == self.id


@dataclass(frozen=True, slots=True)
class BandwidthTarget:
    """The bandwidth that the policy changes; it has no object here."""

    id: str
    path: str  # of the bandwidth's id in the fields of a policy
    group_id: str = ""

    def has(self, policy: cloud.Policy) -> bool:
        return policy.fields.get(self.path) == self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyFacts(ObjectFacts[ScalingPolicy]):
    """All that decides about one ScalingPolicy."""

    target: GroupTarget | BandwidthTarget | Unresolved
    seen: Observed[cloud.Policy] | Absent | Untrusted | None = None
    lookup: Lookup[cloud.Policy] | Untrusted | None = None  # policies and tasks that bear the name
    twins: tuple[str, ...] = ()  # ids of others that bear our mark
    restored: bool = False  # its status is blank although the operator had known the object before
    executing_since: datetime | None = None
    executions: tuple[cloud.Execution, ...] | None = None

    @property
    def observe_only(self) -> bool:
        return self.resource.spec.management_policy == "ObserveOnly"

    @property
    def cloud_policy(self) -> cloud.Policy | None:
        return self.seen.value if isinstance(self.seen, Observed) else None


def wanted_name(resource: ScalingPolicy, owner: Owner) -> str:
    """The name that the spec asks for."""
    return resource.spec.external_name or owner.cloud_name


def sent_name(resource: ScalingPolicy, owner: Owner) -> str:
    """The name that an open create was sent with, which the spec may have changed since; else the wanted one."""
    sent = resource.status.external_name if open_create(resource.status) is not None else None
    return sent or wanted_name(resource, owner)


def is_ours(resource: ScalingPolicy, owner: Owner, hit: cloud.Policy) -> bool:
    """The default name holds our mark; an explicit one proves nothing unless our create is in flight and not older."""
    if hit.name == owner.cloud_name:
        return True
    return hit.name == sent_name(resource, owner) and may_have_made(open_create(resource.status), hit.created_at)


def is_here(target: GroupTarget | BandwidthTarget | Unresolved, owner: Owner, hit: cloud.Policy) -> bool:
    """It belongs to what the policy is for; without its group only the default name proves anything."""
    return hit.name == owner.cloud_name if isinstance(target, Unresolved) else target.has(hit)


def doubt(facts: PolicyFacts) -> dict[str, Any]:
    """A blank status of a known object proves nothing: it counts as a create without a known end, until a look-up."""
    spec, status = facts.resource.spec, facts.resource.status
    may_exist = facts.restored and forms.wanted(spec) is not None and spec.external_id is None
    if not may_exist or facts.observe_only or status.external_id is not None or status.operation is not None:
        return {}
    intent = Operation(id=facts.new_id, type="Create", state="Unknown", started_at=facts.now)
    return {"operation": intent, "external_name": wanted_name(facts.resource, facts.owner)}
