"""Facts for the planners: references resolved, the cloud observed, as cheaply as trust allows. Called by reconcile."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cloudscaling import errors
from cloudscaling.api.meta import FINALIZER, REAPPLY_DESIRED_CAPACITY, RECONCILE_REQUESTED_AT
from cloudscaling.core import model
from cloudscaling.core.facts import Account, LaunchTarget, Observed, Timing, Unresolved
from cloudscaling.core.group_facts import GroupFacts
from cloudscaling.core.launch_facts import LaunchFacts
from cloudscaling.core.naming import Owner
from cloudscaling.core.policy_facts import GroupTarget, PolicyFacts
from cloudscaling.core.verdict import is_true
from cloudscaling.engine.accounts import Accounts, Session
from cloudscaling.engine.content import ContentReader
from cloudscaling.engine.memory import Memories, Memory
from cloudscaling.engine.queue import Key
from cloudscaling.engine.store import ACCOUNTS, GROUPS, LAUNCHES, POLICIES, Store, Stored
from cloudscaling.ports import Clock

_BLIND_SWEEPS = 5  # without a trusted read for so many sweeps, conditions turn Unknown
_NEWEST = 10


@dataclass
class Looker:
    """Builds the facts of one object at a time."""

    store: Store
    accounts: Accounts
    memories: Memories
    contents: ContentReader
    clock: Clock
    cluster: str

    def owner(self, key: Key, kind: str) -> Owner:
        return Owner(self.cluster, key.namespace, kind, key.name)

    def session(self, stored: Stored) -> Session | Unresolved:
        """The session of the account that the object, or its group, names."""
        name = account_name(stored, self.store)
        if not name:
            return Unresolved("AccountNotFound", "the account is not known yet")
        key = Key(ACCOUNTS, stored.key.namespace, name)
        return self.accounts.resolve(key, exists=self.store.get(key) is not None)

    def is_starting(self, stored: Stored) -> bool:
        """An earlier process had verified the account, this one has not come to it yet: nothing is known anew."""
        session = self.session(stored)
        if not isinstance(session, Unresolved) or session.reason != "AccountNotVerified":
            return False
        account = self.store.get(Key(ACCOUNTS, stored.key.namespace, account_name(stored, self.store)))
        return account is not None and is_true(account.resource.status.conditions, "CredentialsValid")

    def older_owner(self, stored: Stored) -> str:
        """Name of an older object of the kind with the same cloud object."""
        raw = stored.raw
        external_id = (raw.get("status") or {}).get("externalId") or raw["spec"].get("externalId")
        if not external_id:
            return ""
        rivals = [s for s in self.store.with_external_id(stored.key.plural, external_id) if s.key != stored.key]
        mine = _claim(stored, external_id)
        older = [s for s in rivals if _claim(s, external_id) < mine and self._same_account(s, stored)]
        return f"{older[0].key.namespace}/{older[0].key.name}" if older else ""

    def _same_account(self, one: Stored, other: Stored) -> bool:
        first, second = self.session(one), self.session(other)
        if isinstance(first, Session) and isinstance(second, Session):
            return first.realm.key[:4] == second.realm.key[:4]
        return one.key.namespace == other.key.namespace

    def blind(self, memory: Memory, timing: Timing) -> bool:
        if memory.last_trusted is None:
            memory.last_trusted = self.clock.now()  # the row of failures starts with the first look
        silent = (self.clock.now() - memory.last_trusted).total_seconds()
        return silent > _BLIND_SWEEPS * timing.idle_s

    def _in_the_dark(self, stored: Stored, session: Session | Unresolved, memory: Memory) -> bool:
        """An account that cannot be read keeps nobody's last word alive; a pause of the object itself does."""
        known = stored.resource.status.external_id is not None
        waits = isinstance(session, Unresolved) and not stored.resource.spec.paused and not stored.deleting
        return known and waits and self.blind(memory, Timing())

    # --- LaunchConfiguration --------------------------------------------------------------------------------------

    async def launch(self, stored: Stored) -> LaunchFacts:
        resource, memory = stored.resource, self.memories.of(stored.key, stored.uid)
        session = self.session(stored)
        users = self.store.referrers(stored.key, GROUPS)
        common: dict[str, Any] = {
            "resource": resource,
            "owner": self.owner(stored.key, "LaunchConfiguration"),
            "now": self.clock.now(),
            "new_id": str(uuid.uuid4()),
            "finalizer_stored": FINALIZER in stored.finalizers,
            "users": tuple(user.key.name for user in users),
            "switching": any(_is_switching(user, resource.status.external_id) for user in users),
            "key_id": self.contents.hasher.key_id,
            "older_owner": self.older_owner(stored),
            "setback": memory.setback,
        }
        if isinstance(session, Unresolved) or resource.spec.paused:
            content = None if resource.spec.paused else await self.contents.read(stored)
            dark = self._in_the_dark(stored, session, memory)
            return LaunchFacts(account=_account(session), content=content, blind=dark, **common)
        content = None if stored.deleting else await self.contents.read(stored)
        fleet, table = session.fleet, session.fleet.launch_configurations
        owner: Owner = common["owner"]
        head = resource.spec.external_name or owner.revision_name(0).rpartition("-r")[0]
        operation = resource.status.operation
        made = owner.revision_name((operation.target if operation else None) or 1, resource.spec.external_name)
        operation_id = f"{operation.id}/{operation.attempts}" if operation else None
        # An explicit name may have changed: earlier revisions bear the old one.
        handles = [head, *(r.external_name for r in resource.status.revisions if r.external_name)]
        lookup = await fleet.look_up(table, handles, memory, operation_id, lambda row: row.name == made)
        current = adopted = None
        wanted = resource.spec.external_id
        get = session.cloud.launch_configurations.get
        if resource.status.external_id:
            current = await fleet.find(table, get, resource.status.external_id, memory, fresh=False)
        elif wanted:
            adopted = await fleet.find(table, get, wanted, memory, fresh=True)
        return LaunchFacts(
            account=session.account(),
            content=content,
            lookup=lookup,
            current=current,
            adopted=adopted,
            used_ids=await self._used_ids(stored, session, memory),
            held_ids=self._held_ids(session) if stored.deleting else frozenset(),
            blind=self.blind(memory, session.timing),
            **common,
        )

    async def _used_ids(self, stored: Stored, session: Session, memory: Memory) -> frozenset[str] | None:
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

    def _held_ids(self, session: Session) -> frozenset[str]:
        """Configurations that cloud groups with an object here use: these groups will switch or go."""
        rows = session.fleet.groups.rows.values()
        used = (g.fields.get("launchConfigurationRef") for g in rows if self.store.with_external_id(GROUPS, g.id))
        return frozenset(configuration for configuration in used if configuration)

    # --- ScalingGroup ---------------------------------------------------------------------------------------------

    async def group(self, stored: Stored) -> GroupFacts:
        resource, memory = stored.resource, self.memories.of(stored.key, stored.uid)
        session = self.session(stored)
        common: dict[str, Any] = {
            "resource": resource,
            "owner": self.owner(stored.key, "ScalingGroup"),
            "now": self.clock.now(),
            "new_id": str(uuid.uuid4()),
            "finalizer_stored": FINALIZER in stored.finalizers,
            "account": _account(session),
            "launch": self._launch_target(stored),
            "older_owner": self.older_owner(stored),
            "setback": memory.setback,
        }
        if isinstance(session, Unresolved) or resource.spec.paused:
            return GroupFacts(blind=self._in_the_dark(stored, session, memory), **common)
        fleet, owner = session.fleet, common["owner"]
        handles = [owner.mark, owner.cloud_name, resource.spec.external_name or owner.cloud_name]
        known = resource.status.external_id or resource.spec.external_id
        if known is None:
            operation = resource.status.operation
            operation_id = f"{operation.id}/{operation.attempts}" if operation else None
            lookup = await fleet.look_up(
                fleet.groups,
                handles,
                memory,
                operation_id,
                lambda row: owner.mark in (row.marker, row.owner_tag) or row.name == owner.cloud_name,
            )
            blind = self.blind(memory, session.timing)
            return GroupFacts(lookup=lookup, blind=blind, **common)
        fresh = self._wants_fresh(stored, session, memory)
        seen = await fleet.find(fleet.groups, session.cloud.groups.get, known, memory, fresh=fresh)
        details = await self._details(stored, session, memory, seen)
        marked = fleet.groups.bearing(owner.mark)
        return GroupFacts(
            seen=seen,
            twins=tuple(sorted(g.id for g in marked if g.id != known)),
            blind=self.blind(memory, session.timing),
            cloud_policies=fleet.policies.bearing(f"group:{known}") if fleet.policies.at else None,
            managed_policy_ids=self._managed_policies(stored),
            short_since=_short_since(memory, seen, resource, self.clock.now()),
            **details,
            **common,
        )

    def _launch_target(self, stored: Stored) -> LaunchTarget | Unresolved | None:
        reference = stored.resource.spec.launch_configuration_ref
        if reference is None:
            return None
        if reference.external_id is not None:
            return LaunchTarget(reference.external_id)
        found = self.store.get(Key(LAUNCHES, stored.key.namespace, reference.name))
        if found is None:
            return Unresolved("LaunchConfigurationNotFound", f"LaunchConfiguration {reference.name} does not exist")
        status = found.resource.status
        if status.external_id is None or status.current_revision is None:
            text = f"LaunchConfiguration {reference.name} has no current revision yet"
            return Unresolved("LaunchConfigurationNotCreated", text)
        return LaunchTarget(status.external_id, reference.name, status.current_revision)

    def _wants_fresh(self, stored: Stored, session: Session, memory: Memory) -> bool:
        """A read by id instead of the table: while something is going on, or when it was asked for."""
        status = stored.resource.status
        known = status.external_id or stored.resource.spec.external_id
        row = session.fleet.groups.rows.get(known)
        token = stored.resource.metadata.annotations.get(REAPPLY_DESIRED_CAPACITY)
        return (
            status.operation is not None
            # sizes are decided anew: an older row could hide a move by somebody else, and undo it
            or status.observed_generation != stored.resource.metadata.generation
            or status.last_applied_desired_capacity is None
            or token != status.last_applied_desired_capacity_token
            or stored.deleting
            or is_true(status.conditions, "ScalingInProgress")
            or (row is not None and row.busy)
            or reconcile_requested(stored)
        )

    async def _details(self, stored: Stored, session: Session, memory: Memory, seen: object) -> dict[str, Any]:
        """Instances, activities and, for a deletion, policies; only when the row says that they moved."""
        if not isinstance(seen, Observed):
            return {}
        group = seen.value
        everything = stored.deleting or memory.details_due or _moved(stored, group)
        if not everything and not memory.instances_due:
            return {}
        deletes = stored.deleting and stored.resource.status.deletion is not None
        cloud, now = session.cloud, self.clock.now()
        try:
            instances = await cloud.instances.list(group.id)
            found: dict[str, Any] = {"instances": Observed(instances, now)}
            if deletes:
                await session.fleet.policies.newer_than(memory.last_write or stored.resource.status.deletion.started_at)
                rows = session.fleet.policies.bearing(f"group:{group.id}")
                found["policies"] = Observed(rows, now)
            elif everything:
                found["activities"] = await cloud.groups.activities(group.id, _NEWEST)
        except (errors.CloudError, errors.ReadUntrusted):
            memory.details_due = True
            return {}
        memory.details_due, memory.instances_due, memory.details_at = group.busy, False, now
        return found

    def _managed_policies(self, stored: Stored) -> frozenset[str]:
        policies = self.store.referrers(stored.key, POLICIES)
        return frozenset(p.resource.status.external_id for p in policies if p.resource.status.external_id)

    # --- ScalingPolicy --------------------------------------------------------------------------------------------

    async def policy(self, stored: Stored) -> PolicyFacts:
        resource, memory = stored.resource, self.memories.of(stored.key, stored.uid)
        session, group = self.session(stored), self._group_target(stored)
        common: dict[str, Any] = {
            "resource": resource,
            "owner": self.owner(stored.key, "ScalingPolicy"),
            "now": self.clock.now(),
            "new_id": str(uuid.uuid4()),
            "finalizer_stored": FINALIZER in stored.finalizers,
            "account": _account(session),
            "group": group,
            "older_owner": self.older_owner(stored),
            "setback": memory.setback,
        }
        held = resource.spec.paused or (isinstance(group, GroupTarget) and group.paused)
        if isinstance(session, Unresolved) or held:
            return PolicyFacts(blind=self._in_the_dark(stored, session, memory), **common)
        fleet, owner = session.fleet, common["owner"]
        known = resource.status.external_id or resource.spec.external_id
        if known is None:
            if isinstance(group, Unresolved) and resource.status.operation is None:
                return PolicyFacts(**common)
            operation = resource.status.operation
            operation_id = f"{operation.id}/{operation.attempts}" if operation else None
            name = resource.spec.external_name or owner.cloud_name
            group_id = group.id if isinstance(group, GroupTarget) else None
            lookup = await fleet.look_up(
                fleet.policies, [name], memory, operation_id, lambda row: group_id in (None, row.group_id)
            )
            return PolicyFacts(lookup=lookup, blind=self.blind(memory, session.timing), **common)
        row = fleet.policies.rows.get(known)
        executing, orphaned = row is not None and row.executing, isinstance(group, Unresolved)
        fresh = stored.deleting or executing or orphaned or reconcile_requested(stored)
        seen = await fleet.find(fleet.policies, session.cloud.policies.get, known, memory, fresh=fresh)
        executing = isinstance(seen, Observed) and seen.value.executing
        memory.executing_since = (memory.executing_since or self.clock.now()) if executing else None
        executions = await self._executions(session, memory, seen)
        return PolicyFacts(
            seen=seen,
            executing_since=memory.executing_since,
            executions=executions,
            blind=self.blind(memory, session.timing),
            **common,
        )

    async def _executions(self, session: Session, memory: Memory, seen: object) -> tuple[model.Execution, ...] | None:
        if not memory.details_due or not isinstance(seen, Observed):
            return None
        try:
            found = await session.cloud.policies.executions(seen.value.id, _NEWEST)
        except (errors.CloudError, errors.ReadUntrusted):
            return None
        memory.details_due = False
        return found

    def _group_target(self, stored: Stored) -> GroupTarget | Unresolved:
        reference = stored.resource.spec.scaling_group_ref
        if reference is None:
            return Unresolved("ScalingGroupNotFound", "no scaling group is named")
        found = self.store.get(Key(GROUPS, stored.key.namespace, reference.name))
        if found is None or found.deleting:
            gone = "is being deleted" if found is not None else "does not exist"
            return Unresolved("ScalingGroupNotFound", f"ScalingGroup {reference.name} {gone}")
        if found.resource.status.external_id is None:
            return Unresolved("ScalingGroupNotCreated", f"ScalingGroup {reference.name} is not created yet")
        spec = found.resource.spec
        enforced = spec.capacity_management == "Enforced"
        return GroupTarget(found.resource.status.external_id, reference.name, enforced, spec.paused)


def _account(session: Session | Unresolved) -> Account | Unresolved:
    return session if isinstance(session, Unresolved) else session.account()


def account_name(stored: Stored, store: Store) -> str:
    """Name of the CloudAccount that the object, or the group it belongs to, was made with; "" when unknown."""
    spec, status = stored.raw["spec"], stored.raw.get("status") or {}
    named = (spec.get("accountRef") or {}).get("name") or status.get("account")
    if named:
        return str(named)
    group = (spec.get("scalingGroupRef") or {}).get("name")
    found = store.get(Key(GROUPS, stored.key.namespace, group)) if group else None
    return str(found.raw["spec"]["accountRef"]["name"]) if found is not None else ""


def _claim(stored: Stored, external_id: str) -> tuple[bool, str, str]:
    """Orders by right: who has the cloud object before who only names it, then by creation, then by uid."""
    only_names_it = (stored.raw.get("status") or {}).get("externalId") != external_id
    return (only_names_it, str(stored.raw["metadata"].get("creationTimestamp", "")), stored.uid)


def _is_switching(group: Stored, current_id: str | None) -> bool:
    """The group may still come to use an older revision: its create is open, or it has not switched yet."""
    status = group.resource.status
    if status.operation is not None and status.operation.type == "Create":
        return True
    used = status.launch_configuration.external_id if status.launch_configuration is not None else None
    return status.external_id is not None and (used != current_id or group.deleting)


def reconcile_requested(stored: Stored) -> bool:
    """The annotation asks for a look that was not made yet."""
    asked = stored.resource.metadata.annotations.get(RECONCILE_REQUESTED_AT)
    return asked is not None and asked != stored.resource.status.last_handled_reconcile_at


def _moved(stored: Stored, group: model.Group) -> bool:
    """The row is not what the status says, or an activity runs or has just ended."""
    status = stored.resource.status
    shown = (status.desired_capacity, status.current_capacity, status.vendor_state)
    return (
        group.busy
        or status.instances is None
        or shown != (group.desired, group.current, group.vendor_state)
        or is_true(status.conditions, "ScalingInProgress")
        or reconcile_requested(stored)
    )


def _short_since(memory: Memory, seen: object, resource: Any, now: datetime) -> datetime | None:
    """Since when fewer instances serve than are desired, with nothing going on about it."""
    serving = resource.status.in_service_capacity
    group = seen.value if isinstance(seen, Observed) else None
    if group is None or group.busy or serving is None or serving >= group.desired:
        memory.short_since = None
    elif memory.short_since is None:
        memory.short_since = now
    return memory.short_since
