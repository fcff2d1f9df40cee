"""Facts of a LaunchConfiguration. Called by engine.reconcile."""

from __future__ import annotations

from cloudscaling import errors
from cloudscaling.core import model
from cloudscaling.core.facts import Unresolved
from cloudscaling.core.launch.facts import LaunchFacts, adopts, is_ours, sent_name
from cloudscaling.core.naming import Owner
from cloudscaling.engine.look.base import Looker, attempt
from cloudscaling.engine.memory import Memory
from cloudscaling.engine.sessions import Session
from cloudscaling.engine.store import GROUPS, Stored


async def look_at_launch(looker: Looker, stored: Stored) -> LaunchFacts:
    resource, memory = stored.resource, looker.memories.of(stored.key, stored.uid)
    session = looker.session(stored)
    users = looker.store.referrers(stored.key, GROUPS)
    common = looker.common(stored, session)
    common |= {
        "users": tuple(user.key.name for user in users),
        "switching": any(_is_switching(user, resource.status.external_id) for user in users),
        "key_id": looker.contents.hasher.key_id,
    }
    if isinstance(session, Unresolved) or resource.spec.paused:
        content = None if resource.spec.paused else await looker.contents.read(stored)
        dark = looker.in_the_dark(stored, session, memory)
        return LaunchFacts(content=content, blind=dark, **common)
    content = None if stored.deleting else await looker.contents.read(stored)
    fleet, table = session.fleet, session.fleet.launch_configurations
    owner: Owner = common["owner"]
    head = resource.spec.external_name or owner.revision_name(0).rpartition("-r")[0]
    made = sent_name(resource, owner)
    # An explicit name may have changed: earlier revisions, and what an open create makes, bear the old one.
    handles = [head, made, *(r.external_name for r in resource.status.revisions if r.external_name)]

    def sought(row: model.LaunchConfiguration) -> bool:
        return row.name == made and is_ours(resource, owner, row)

    lookup = await fleet.look_up(table, handles, memory, attempt(stored), sought)
    current = adopted = None
    wanted = resource.spec.external_id
    get = session.cloud.launch_configurations.get
    if resource.status.external_id:
        current = await fleet.find(table, get, resource.status.external_id, memory, fresh=False)
    if wanted and adopts(resource):
        adopted = await fleet.find(table, get, wanted, memory, fresh=True)
    return LaunchFacts(
        content=content,
        lookup=lookup,
        current=current,
        adopted=adopted,
        used_ids=await _used_ids(looker, stored, session, memory),
        held_ids=_held_ids(looker, session),
        blind=looker.blind(memory, session.timing),
        **common,
    )


async def _used_ids(looker: Looker, stored: Stored, session: Session, memory: Memory) -> frozenset[str] | None:
    """Read anew after a group was written while something could be collected: it may have switched."""
    groups, after = session.fleet.groups, memory.last_write
    collecting = stored.deleting or any(r.state != "Current" for r in stored.resource.status.revisions)
    if collecting and groups.written_at is not None:
        after = max(after or groups.written_at, groups.written_at)
    try:
        await groups.newer_than(after)
    except (errors.CloudError, errors.ReadUntrusted):
        return None
    used = (group.fields.get("launchConfigurationRef") for group in groups.rows.values())
    return frozenset(configuration for configuration in used if configuration)


def _held_ids(looker: Looker, session: Session) -> frozenset[str]:
    """Configurations that cloud groups with an object here use: these groups will switch or go."""
    rows = session.fleet.groups.rows.values()
    used = (g.fields.get("launchConfigurationRef") for g in rows if looker.store.with_external_id(GROUPS, g.id))
    return frozenset(configuration for configuration in used if configuration)


def _is_switching(group: Stored, current_id: str | None) -> bool:
    """The group may still come to use an older revision: its create is open, or it has not switched yet."""
    status = group.resource.status
    if status.operation is not None and status.operation.type == "Create":
        return True
    used = status.launch_configuration.external_id if status.launch_configuration is not None else None
    return status.external_id is not None and (used != current_id or group.deleting)
