"""What decides about one ScalingGroup. Built by engine.look, read by the modules beside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cloudscaling.api.v1alpha1.scalinggroup import ScalingGroup
from cloudscaling.core.accept import Problem
from cloudscaling.core.facts import (
    Absent,
    Account,
    LaunchTarget,
    Lookup,
    ObjectFacts,
    Observed,
    Unresolved,
    Untrusted,
)
from cloudscaling.core.model import (
    Activity,
    Fields,
    Group,
    Hook,
    Instance,
    Notification,
    PendingAction,
    Policy,
    Quota,
    WarmPool,
)
from cloudscaling.core.plan import Plan
from cloudscaling.core.verdict import false


@dataclass(frozen=True, slots=True)
class Children:
    """What hangs on the group, read in full just now; None: not read, so nothing is decided about it."""

    hooks: tuple[Hook, ...] | None = None
    notifications: tuple[Notification, ...] | None = None
    warm_pools: tuple[WarmPool, ...] | None = None  # one at most
    schedules: tuple[Policy, ...] | None = None  # that move the bounds of the group
    pending: tuple[PendingAction, ...] | None = None
    quotas: tuple[Quota, ...] | None = None
    missed: bool = False  # a read that a decision needs has failed
    denied: str = ""  # the cloud's words, where it forbids that read


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupFacts(ObjectFacts[ScalingGroup]):
    """All that decides about one ScalingGroup."""

    launch: LaunchTarget | Unresolved | None  # None: the spec names none
    seen: Observed[Group] | Absent | Untrusted | None = None  # None: no id known
    lookup: Lookup[Group] | Untrusted | None = None  # only while no id is known
    twins: tuple[str, ...] = ()  # other groups that bear our mark
    instances: Observed[tuple[Instance, ...]] | None = None
    activities: tuple[Activity, ...] | None = None
    policies: Observed[tuple[Policy, ...]] | None = None  # of the group, read freshly while it is being deleted
    managed_policy_ids: frozenset[str] = frozenset()  # policies with an object here
    cloud_policies: tuple[Policy, ...] | None = None  # all of the group, from the last sweep
    children: Children = Children()
    bounds_scheduled: bool = False  # a ScalingPolicy here moves the bounds at times
    scheduled_sizes: frozenset[int] = frozenset()  # that such policies bring the desired capacity to
    operated_sizes: frozenset[int] = frozenset()  # that InstanceOperations bring it to
    short_since: datetime | None = None  # fewer in service than desired, without an activity, since then

    @property
    def observe_only(self) -> bool:
        return self.resource.spec.management_policy == "ObserveOnly"

    @property
    def adopted_by_id(self) -> bool:
        """Of what spec.externalId names; it may have been named only after a create of ours had made another group."""
        named, known = self.resource.spec.external_id, self.resource.status.external_id
        return named is not None and known in (None, named)

    @property
    def is_anothers(self) -> bool:
        """The adopted group bears the tag of another owner: it was given away, or taken, since."""
        group = self.seen.value if isinstance(self.seen, Observed) else None
        return self.adopted_by_id and group is not None and group.owner_tag not in ("", self.owner.mark)


@dataclass(frozen=True, slots=True)
class Case:
    """The facts with what every stage needs of them."""

    facts: GroupFacts
    account: Account
    problems: tuple[Problem, ...]
    want: Fields  # managed properties in the vendor adapter's canonical form


def waiting_for_activity(account: Account) -> Plan:
    text = "waiting until the running activity of the group ends"
    return Plan(synced=false("Synced", "WaitingForActivity", text), wait_s=account.timing.active_s)
