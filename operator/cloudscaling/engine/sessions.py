"""Sessions to clouds: one per CloudAccount, and what equal identities share. Used by every look."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import NamedTuple

from cloudscaling import errors
from cloudscaling.core.calls import ActOnInstances, CloudCall
from cloudscaling.core.facts import Account, Timing, Unresolved
from cloudscaling.core.model import Identity, InstanceAction
from cloudscaling.engine.budget import Budget, Observer
from cloudscaling.engine.fleet import Fleet
from cloudscaling.engine.queue import Key
from cloudscaling.ports import AccountConfig, Clock, Cloud, Vendor, as_it_is

logger = logging.getLogger(__name__)

_USUAL_BATCH = 10  # instances in one call that every cloud takes


class RealmKey(NamedTuple):
    """Equal keys are one identity: they share snapshot, rate limit and circuit."""

    vendor: str
    endpoint: str
    region: str
    owner: str  # pinned project or account id, else what the spec names
    principal: str


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one CloudAccount allows; a realm obeys the lowest of its members."""

    rate: float
    burst: int
    idle_s: float
    active_s: float


@dataclass
class Realm:
    """Shared by all accounts of one identity."""

    key: RealmKey
    budget: Budget
    fleet: Fleet
    members: dict[Key, Allowance] = field(default_factory=dict)
    sweeper: asyncio.Task[None] | None = None
    batch_limits: dict[InstanceAction, int] = field(default_factory=dict)  # learnt from refusals, in this run

    def learn(self, call: CloudCall, refusal: errors.CloudError) -> None:
        """A batch that was too large is not tried again in that size: tens first, then halves."""
        if isinstance(refusal, errors.BatchTooLarge) and isinstance(call, ActOnInstances):
            size = len(call.instance_ids)
            smaller = _USUAL_BATCH if size > _USUAL_BATCH else max(1, size // 2)
            self.batch_limits[call.action] = min(smaller, self.batch_limits.get(call.action, smaller))

    def obey(self, timing: Timing) -> None:
        """Take the lowest limits and the shortest polling of the members."""
        allowed = self.members.values()
        self.budget.limit(min(a.rate for a in allowed), min(a.burst for a in allowed))
        self.fleet.timing = Timing(
            idle_s=min(a.idle_s for a in allowed),
            active_s=min(a.active_s for a in allowed),
            request_timeout_s=timing.request_timeout_s,
            absence_confirm_s=timing.absence_confirm_s,
            create_grace_s=timing.create_grace_s,
        )


@dataclass
class Session:
    """One CloudAccount in use: verified credentials, its cloud and its realm."""

    key: Key
    config: AccountConfig
    cloud: Cloud
    realm: Realm
    identity: Identity
    timing: Timing
    doubted: bool = False  # a call was refused for its credentials: verify again
    refused: Unresolved | None = None  # why dependants must wait: paused, credentials refused

    @property
    def fleet(self) -> Fleet:
        return self.realm.fleet

    def account(self) -> Account:
        """The account as planners see it."""
        able = self.cloud.capabilities
        can = {each.name: getattr(able, each.name) for each in fields(able)} | {"features": self.identity.capabilities}
        can["batch_sizes"] = {a: min(n, self.realm.batch_limits.get(a, n)) for a, n in able.batch_sizes.items()}
        return Account(
            **can,
            name=self.key.name,
            canonical_group=self.cloud.groups.canonical,
            canonical_launch=self.cloud.launch_configurations.canonical,
            canonical_policy=self.cloud.policies.canonical,
            canonical_hook=self.cloud.hooks.canonical,
            canonical_notification=self.cloud.notifications.canonical,
            timing=self.timing,
        )


@dataclass
class Accounts:
    """Every session and realm of this process."""

    vendors: Mapping[str, Vendor]
    clock: Clock
    observer: Observer
    sweep: Callable[[Realm], asyncio.Task[None]]  # starts the sweeps of a new realm
    clean: Callable[[str], str] = as_it_is  # takes secrets out of a vendor's words
    _sessions: dict[Key, Session] = field(default_factory=dict)
    _realms: dict[RealmKey, Realm] = field(default_factory=dict)
    _waiting: dict[Key, Unresolved] = field(default_factory=dict)
    _closing: set[asyncio.Task[None]] = field(default_factory=set)

    def session(self, key: Key) -> Session | None:
        return self._sessions.get(key)

    def resolve(self, key: Key, *, exists: bool) -> Session | Unresolved:
        """The session of an account, or why there is none to work with."""
        session = self._sessions.get(key)
        if session is not None:
            return session if session.refused is None else session.refused
        if not exists:
            return Unresolved("AccountNotFound", f"CloudAccount {key.name} does not exist")
        text = f"CloudAccount {key.name} is not verified yet"
        return self._waiting.get(key, Unresolved("AccountNotVerified", text))

    def hold(self, key: Key, why: Unresolved | None) -> None:
        """Let dependants of an account wait, or go on."""
        session = self._sessions.get(key)
        if session is not None:
            session.refused = why
        if why is None:
            self._waiting.pop(key, None)
        else:
            self._waiting[key] = why

    def endpoint(self, config: AccountConfig) -> str:
        return self.vendors[config.vendor].endpoint(config)

    def probe(self, config: AccountConfig) -> Cloud:
        """A cloud to verify credentials with, before it is known whose they are."""
        return self.vendors[config.vendor].build(config, self._budget(config.vendor), self.clock, self.clean)

    def _budget(self, vendor: str) -> Budget:
        return Budget(self.clock, vendor, self.observer)

    def open(
        self, key: Key, config: AccountConfig, identity: Identity, timing: Timing, allowance: Allowance
    ) -> Session:
        """The session of verified credentials; one with the same identity is shared with."""
        old = self._sessions.get(key)
        owner = identity.project_id or identity.account_id or config.project_id or config.project_name
        realm_key = RealmKey(config.vendor, self.endpoint(config), config.region, owner, config.credentials.principal)
        realm = self._realms.get(realm_key)
        budget = realm.budget if realm is not None else self._budget(config.vendor)
        cloud = self.vendors[config.vendor].build(config, budget, self.clock, self.clean)
        if realm is None:
            realm = Realm(realm_key, budget, Fleet(cloud, self.clock, timing))
            self._realms[realm_key] = realm
        realm.fleet.cloud = cloud
        realm.fleet.one_list_of_policies = identity.one_list_of_policies
        realm.members[key] = allowance
        realm.obey(timing)
        session = Session(key, config, cloud, realm, identity, timing)
        self._sessions[key] = session
        self._waiting.pop(key, None)
        if realm.sweeper is None:
            realm.sweeper = self.sweep(realm)
        if old is not None:
            self._leave(old, realm)
        return session

    def close(self, key: Key) -> None:
        """Forget an account; the last member takes its realm along."""
        self._waiting.pop(key, None)
        session = self._sessions.pop(key, None)
        if session is not None:
            self._leave(session, None)

    def _leave(self, session: Session, new_realm: Realm | None) -> None:
        realm = session.realm
        if realm is not new_realm:
            realm.members.pop(session.key, None)
        if not realm.members:
            self._realms.pop(realm.key, None)
            if realm.sweeper is not None:
                realm.sweeper.cancel()
        elif realm is not new_realm:
            realm.obey(session.timing)
            other = next(s for s in self._sessions.values() if s.realm is realm)
            realm.fleet.cloud = other.cloud
        # A call that is under way keeps its connection until it can no longer be answered.
        closing = asyncio.create_task(self._close_later(session.cloud, session.timing.request_timeout_s))
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)

    async def _close_later(self, cloud: Cloud, seconds: float) -> None:
        try:
            await asyncio.sleep(seconds)
        finally:
            await cloud.close()

    async def close_all(self) -> None:
        for key in list(self._sessions):
            self.close(key)
        for task in self._closing:
            task.cancel()
        await asyncio.gather(*self._closing, return_exceptions=True)
