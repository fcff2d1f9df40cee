"""What decides about one LaunchConfiguration. Built by engine.look, read by the modules beside it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cloudscaling.api.v1alpha1.launchconfiguration import LaunchConfiguration, Revision
from cloudscaling.core import model as cloud
from cloudscaling.core.facts import (
    Absent,
    ContentSource,
    Lookup,
    ObjectFacts,
    Observed,
    Unresolved,
    Untrusted,
)
from cloudscaling.core.intent import may_have_made, open_create
from cloudscaling.core.naming import Owner

_REVISION = re.compile(r"-r(\d+)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchFacts(ObjectFacts[LaunchConfiguration]):
    """All that decides about one LaunchConfiguration."""

    content: ContentSource | Unresolved | None
    lookup: Lookup[cloud.LaunchConfiguration] | Untrusted | None = None  # every one of the account that bears our name
    current: Observed[cloud.LaunchConfiguration] | Absent | Untrusted | None = None
    adopted: Observed[cloud.LaunchConfiguration] | Absent | Untrusted | None = None  # of spec.externalId, not yet taken
    used_ids: frozenset[str] | None = None  # ids that cloud groups use, from a trusted list; None: not known
    held_ids: frozenset[str] = frozenset()  # those of them that groups with an object here use
    users: tuple[str, ...] = ()  # ScalingGroups that name this object
    switching: bool = False  # one of them has a create in flight or no settled configuration yet
    key_id: str = ""  # of the hash key; hashes under another key are recorded anew

    @property
    def observe_only(self) -> bool:
        return self.resource.spec.management_policy == "ObserveOnly"

    @property
    def current_configuration(self) -> cloud.LaunchConfiguration | None:
        return self.current.value if isinstance(self.current, Observed) else None

    @property
    def current_revision(self) -> Revision | None:
        return next((r for r in self.resource.status.revisions if r.state == "Current"), None)


def revision_name(facts: LaunchFacts, number: int) -> str:
    """Vendor-side name of one revision."""
    return facts.owner.revision_name(number, facts.resource.spec.external_name)


def is_named_as_wanted(facts: LaunchFacts, revision: Revision) -> bool:
    """It bears the name that the spec asks for; what was adopted keeps its own unless the spec gives one."""
    spec, name = facts.resource.spec, revision.external_name
    if revision.external_id == spec.external_id and name == (spec.external_name or name):
        return True
    return name in (None, revision_name(facts, revision.revision))


def adopts(resource: LaunchConfiguration) -> bool:
    """The spec names a configuration of the cloud that is not one of the revisions yet."""
    wanted = resource.spec.external_id
    return wanted is not None and all(r.external_id != wanted for r in resource.status.revisions)


def sent_name(resource: LaunchConfiguration, owner: Owner) -> str:
    """The name that an open create was sent with, which the spec may have changed since."""
    operation, stored = open_create(resource.status), resource.status.external_name
    number = (operation.target if operation is not None else None) or 1
    if stored is not None and revision_number(stored) == number:
        return stored
    return owner.revision_name(number, resource.spec.external_name)


def is_ours(resource: LaunchConfiguration, owner: Owner, hit: cloud.LaunchConfiguration) -> bool:
    """The default name holds our mark; an explicit one proves nothing unless our create is in flight and not older."""
    number = revision_number(hit.name)
    if number is not None and hit.name == owner.revision_name(number):
        return True
    return hit.name == sent_name(resource, owner) and may_have_made(open_create(resource.status), hit.created_at)


def revision_number(name: str) -> int | None:
    """The revision that a vendor-side name tells, None for other names."""
    found = _REVISION.search(name)
    return int(found.group(1)) if found else None
