"""What a look at any kind needs: session, rivals, the facts that every kind has. Used by the modules beside it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from cloudscaling.api.meta import FINALIZER, RECONCILE_REQUESTED_AT
from cloudscaling.core.facts import Timing, Unresolved
from cloudscaling.core.naming import Owner
from cloudscaling.core.verdict import is_true
from cloudscaling.engine.content import ContentReader
from cloudscaling.engine.memory import Memories, Memory
from cloudscaling.engine.queue import Key
from cloudscaling.engine.sessions import Accounts, Session
from cloudscaling.engine.store import ACCOUNTS, GROUPS, Store, Stored
from cloudscaling.ports import Clock

_BLIND_SWEEPS = 5  # without a trusted read for so many sweeps, conditions turn Unknown


@dataclass
class Looker:
    """Builds the facts of one object at a time."""

    store: Store
    accounts: Accounts
    memories: Memories
    contents: ContentReader
    clock: Clock
    cluster: str

    def owner(self, stored: Stored) -> Owner:
        return Owner(self.cluster, stored.key.namespace, stored.resource.kind, stored.key.name)

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

    def common(self, stored: Stored, session: Session | Unresolved) -> dict[str, Any]:
        """The facts that every kind has, but `blind`."""
        memory = self.memories.of(stored.key, stored.uid)
        return {
            "resource": stored.resource,
            "owner": self.owner(stored),
            "now": self.clock.now(),
            "new_id": str(uuid.uuid4()),
            "finalizer_stored": FINALIZER in stored.finalizers,
            "account": session if isinstance(session, Unresolved) else session.account(),
            "older_owner": self.older_owner(stored),
            "setback": memory.setback,
            "refusals": tuple(memory.refusals.values()),
            "untouched": memory.newborn and memory.last_write is None,
        }

    def blind(self, memory: Memory, timing: Timing) -> bool:
        if memory.last_trusted is None:
            memory.last_trusted = self.clock.now()  # the row of failures starts with the first look
        silent = (self.clock.now() - memory.last_trusted).total_seconds()
        return silent > _BLIND_SWEEPS * timing.idle_s

    def in_the_dark(self, stored: Stored, session: Session | Unresolved, memory: Memory) -> bool:
        """An account that cannot be read keeps nobody's last word alive; a pause of the object itself does."""
        known = stored.resource.status.external_id is not None
        waits = isinstance(session, Unresolved) and not stored.resource.spec.paused and not stored.deleting
        return known and waits and self.blind(memory, Timing())


def attempt(stored: Stored) -> str | None:
    """Names one try of the operation on record: misses of a look-up are counted per try."""
    operation = stored.resource.status.operation
    return f"{operation.id}/{operation.attempts}" if operation else None


def account_name(stored: Stored, store: Store) -> str:
    """Name of the CloudAccount that the object, or the group it belongs to, was made with; "" when unknown."""
    spec, status = stored.raw["spec"], stored.raw.get("status") or {}
    named = (spec.get("accountRef") or {}).get("name") or status.get("account")
    if named:
        return str(named)
    group = (spec.get("scalingGroupRef") or {}).get("name")
    found = store.get(Key(GROUPS, stored.key.namespace, group)) if group else None
    return str(found.raw["spec"]["accountRef"]["name"]) if found is not None else ""


def reconcile_requested(stored: Stored) -> bool:
    """The annotation asks for a look that was not made yet."""
    asked = stored.resource.metadata.annotations.get(RECONCILE_REQUESTED_AT)
    return asked is not None and asked != stored.resource.status.last_handled_reconcile_at


def _claim(stored: Stored, external_id: str) -> tuple[bool, str, str]:
    """Orders by right: who has the cloud object before who only names it, then by creation, then by uid."""
    only_names_it = (stored.raw.get("status") or {}).get("externalId") != external_id
    return (only_names_it, str(stored.raw["metadata"].get("creationTimestamp", "")), stored.uid)
