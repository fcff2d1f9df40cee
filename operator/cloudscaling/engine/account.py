"""CloudAccount: read its Secret, verify, pin the identity, open the session. Called by the workers of runtime."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from cloudscaling import errors
from cloudscaling.api.meta import FINALIZER
from cloudscaling.api.v1alpha1.cloudaccount import AccountUse, CloudAccountSpec
from cloudscaling.core import account
from cloudscaling.core.account import UNREACHABLE, AccountFacts
from cloudscaling.core.facts import Timing, Unresolved
from cloudscaling.core.model import Identity, Quota
from cloudscaling.core.verdict import Verdict, false, is_true, true, unknown
from cloudscaling.engine import credentials
from cloudscaling.engine.credentials import Secrets
from cloudscaling.engine.kube_calls import KubeCalls
from cloudscaling.engine.look.base import reconcile_requested
from cloudscaling.engine.memory import Memories
from cloudscaling.engine.notices import Notices
from cloudscaling.engine.queue import Key
from cloudscaling.engine.secret_hold import SecretHold
from cloudscaling.engine.sessions import Accounts, Allowance, Session
from cloudscaling.engine.store import GROUPS, LAUNCHES, OPERATIONS, POLICIES, Store, Stored
from cloudscaling.ports import AccountConfig, Clock, Kube

logger = logging.getLogger(__name__)

_NAMED = 10
_FIRST_RETRY_S = 300.0  # of refused credentials that have not changed
_LONGEST_RETRY_S = 3600.0


@dataclass(frozen=True, slots=True)
class Periods:
    """Seconds."""

    secret_poll_s: float
    quota_poll_s: float
    absence_confirm_s: float
    create_grace_s: float
    protect_secrets: bool


def _nothing(*_: str) -> None:
    return None


@dataclass(frozen=True, slots=True)
class _Refusal:
    config: AccountConfig
    times: int
    until: datetime


@dataclass
class AccountReconciler:
    """The loop body for CloudAccounts; conditions of credentials, circuit and pause live here only."""

    kube: Kube
    store: Store
    accounts: Accounts
    notices: Notices
    clock: Clock
    periods: Periods
    memories: Memories
    account_of: Callable[[Stored], str]
    hide: Callable[..., None] = _nothing  # is told the values that no log may show
    calls: KubeCalls = field(init=False)
    secret_hold: SecretHold = field(init=False)
    _quotas_at: dict[Key, datetime] = field(default_factory=dict)
    _refused: dict[Key, _Refusal] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.calls = KubeCalls(self.kube, self.store)
        self.secret_hold = SecretHold(self.kube, self.store, wanted=self.periods.protect_secrets)

    async def __call__(self, key: Key) -> float | None:
        """Look at the account; seconds until its Secret is read again."""
        stored = self.store.get(key)
        if stored is None:
            self.accounts.close(key)
            self._quotas_at.pop(key, None)
            self._refused.pop(key, None)
            return None
        if not stored.deleting and FINALIZER not in stored.finalizers:
            stored = await self.calls.set_finalizers(stored, (*stored.finalizers, FINALIZER))
        facts = self._usage(stored, AccountFacts(resource=stored.resource, now=self.clock.now()))
        if stored.deleting and not facts.users:
            await self._let_go(stored)
            return None
        facts = await self._find_out(stored, facts)
        status = account.project(facts)
        said = account.notices(stored.resource.status, status)
        await self.calls.write_status(stored, status, stored.version)
        await self.notices.post(stored, said)
        return self.periods.secret_poll_s

    # --- what is found out ----------------------------------------------------------------------------------------

    async def _find_out(self, stored: Stored, facts: AccountFacts) -> AccountFacts:
        spec: CloudAccountSpec = stored.resource.spec
        if str(spec.vendor) not in self.accounts.vendors:
            text = f"vendor: this release does not serve {spec.vendor} yet"
            self.accounts.hold(stored.key, Unresolved("AccountNotVerified", text))
            return replace(facts, not_served=text)
        wrong = account.invalid(spec)
        if wrong:
            self.accounts.hold(stored.key, Unresolved("AccountNotVerified", wrong))
            return replace(facts, invalid=wrong)
        if spec.paused:
            self.accounts.hold(stored.key, Unresolved("AccountPaused", f"CloudAccount {stored.key.name} is paused"))
            return facts
        secrets = await credentials.read(self.kube, stored.key.namespace, spec)
        if isinstance(secrets, Unresolved):
            return self._without_secret(stored, facts, secrets)
        self.hide(*secrets.credentials.values())
        if await self.secret_hold.take(stored, secrets):  # which moved its resourceVersion
            secrets = await credentials.read(self.kube, stored.key.namespace, spec)
            if isinstance(secrets, Unresolved):
                return self._without_secret(stored, facts, secrets)
        await self.secret_hold.release_former(stored)
        config = credentials.config(spec, secrets)
        facts = replace(facts, endpoint=self.accounts.endpoint(config))
        facts = await self._verified(stored, facts, config, secrets)
        session = self.accounts.session(stored.key)
        if session is None:
            return facts
        facts = replace(facts, throttled=_throttled(stored, session))
        return replace(facts, quotas=await self._quotas(session))

    def _without_secret(self, stored: Stored, facts: AccountFacts, missing: Unresolved) -> AccountFacts:
        """The credentials in memory go on serving what depends on them; new work waits only without a session."""
        if self.accounts.session(stored.key) is None:
            self.accounts.hold(stored.key, Unresolved("CredentialsInvalid", missing.message))
        reason = "SecretNotFound" if missing.reason == "SecretNotFound" else "SecretInvalid"
        facts = replace(facts, credentials=false("CredentialsValid", reason, missing.message))
        return facts if missing.reason == "SecretInvalid" else replace(facts, reference=missing)

    async def _verified(
        self, stored: Stored, facts: AccountFacts, config: AccountConfig, secrets: Secrets
    ) -> AccountFacts:
        session = self.accounts.session(stored.key)
        opened_with = replace(config, project_id=session.identity.project_id) if session is not None else config
        unchanged = session is not None and session.config == opened_with and not session.doubted
        if session is not None and unchanged:
            identity: Identity | Verdict = session.identity
        elif self._refused_lately(stored.key, config) and not reconcile_requested(stored):
            return facts
        else:
            identity = await self._verify(config)
        if isinstance(identity, Verdict):
            if identity.status == "False":
                self._remember_refusal(stored.key, config)
                self.accounts.hold(stored.key, Unresolved("CredentialsInvalid", identity.message))
            return replace(facts, credentials=identity)
        # The expectation may have been edited since, so it is no matter of new credentials alone.
        other = account.mismatch(stored.resource.status, stored.resource.spec.expected_account_id, identity)
        if other:
            self.accounts.hold(stored.key, Unresolved("CredentialsInvalid", other))
            return replace(facts, credentials=false("CredentialsValid", "IdentityMismatch", other))
        if session is not None and unchanged:
            self._reopen(stored, session)
        else:
            self._open(stored, replace(config, project_id=identity.project_id), identity)
        secret = (secrets.name, secrets.version)
        return replace(facts, identity=identity, secret=secret, credentials=true("CredentialsValid", "Verified"))

    def _refused_lately(self, key: Key, config: AccountConfig) -> bool:
        """Vendors lock a key after a few refused signatures: the same credentials are not tried again soon."""
        refused = self._refused.get(key)
        return refused is not None and refused.config == config and self.clock.now() < refused.until

    def _remember_refusal(self, key: Key, config: AccountConfig) -> None:
        before = self._refused.get(key)
        times = before.times + 1 if before is not None and before.config == config else 1
        wait = min(_FIRST_RETRY_S * 2.0 ** min(times - 1, 16), _LONGEST_RETRY_S)
        self._refused[key] = _Refusal(config, times, self.clock.now() + timedelta(seconds=wait))

    async def _verify(self, config: AccountConfig) -> Identity | Verdict:
        cloud = self.accounts.probe(config)
        try:
            return await cloud.verify()
        except (errors.AuthenticationFailed, errors.PermissionDenied, errors.AccountSuspended) as exc:
            return false("CredentialsValid", type(exc).__name__, str(exc))  # the reasons bear these names
        except (errors.CloudError, errors.ReadUntrusted) as exc:
            return unknown("CredentialsValid", "NotVerified", f"{UNREACHABLE}: {exc}")
        finally:
            await cloud.close()

    def _timing(self, spec: CloudAccountSpec) -> Timing:
        return Timing(
            idle_s=float(spec.polling.idle_seconds),
            active_s=float(spec.polling.active_seconds),
            request_timeout_s=float(spec.request_timeout_seconds),
            absence_confirm_s=self.periods.absence_confirm_s,
            create_grace_s=self.periods.create_grace_s,
        )

    def _open(self, stored: Stored, config: AccountConfig, identity: Identity) -> None:
        spec: CloudAccountSpec = stored.resource.spec
        before = self.accounts.session(stored.key)
        # The same credentials verified again would be refused again: their failures go on counting.
        same = before is not None and before.refused is None and before.config.credentials == config.credentials
        self.accounts.open(stored.key, config, identity, self._timing(spec), _allowance(spec))
        self._wake_users(stored, anew=not same)

    def _reopen(self, stored: Stored, session: Session) -> None:
        """Take over polling and limits of a changed spec; end a pause."""
        spec: CloudAccountSpec = stored.resource.spec
        session.timing = self._timing(spec)
        session.realm.members[stored.key] = _allowance(spec)
        session.realm.obey(session.timing)
        if session.refused is not None:
            self.accounts.hold(stored.key, None)
            self._wake_users(stored, anew=True)

    def _wake_users(self, stored: Stored, *, anew: bool) -> None:
        """Look at what depends on the account; `anew`: what was refused for its credentials may be tried again."""
        for user in self._users(stored):
            if anew:
                self.memories.of(user.key, user.uid).trust_credentials()
            self.store.wake(user.key)

    async def _quotas(self, session: Session) -> tuple[Quota, ...] | None:
        now, last = self.clock.now(), self._quotas_at.get(session.key)
        if last is not None and (now - last).total_seconds() < self.periods.quota_poll_s:
            return None
        try:
            found = await session.cloud.quotas()
        except (errors.CloudError, errors.ReadUntrusted) as exc:
            logger.info("%s: quotas could not be read: %s", session.key, exc)
            return None
        self._quotas_at[session.key] = now
        return found

    # --- users, end -----------------------------------------------------------------------------------------------

    def _users(self, stored: Stored) -> list[Stored]:
        direct = [s for plural in (LAUNCHES, GROUPS) for s in self.store.referrers(stored.key, plural)]
        by_group = (key for plural in (POLICIES, OPERATIONS) for key in self.store.every(plural))
        inside = (self.store.get(key) for key in by_group if key.namespace == stored.key.namespace)
        return direct + [one for one in inside if one is not None and self.account_of(one) == stored.key.name]

    def _usage(self, stored: Stored, facts: AccountFacts) -> AccountFacts:
        users = [user for user in self._users(stored) if _counts(user)]

        def number(plural: str) -> int:
            return sum(user.key.plural == plural for user in users)

        used_by = AccountUse(
            launch_configurations=number(LAUNCHES),
            scaling_groups=number(GROUPS),
            scaling_policies=number(POLICIES),
            instance_operations=number(OPERATIONS),
        )
        names = tuple(f"{user.raw.get('kind', user.key.plural)} {user.key.name}" for user in users[:_NAMED])
        return replace(facts, used_by=used_by, users=names)

    async def _let_go(self, stored: Stored) -> None:
        """Nothing uses the account: the Secret and the object are free."""
        await self.secret_hold.release(stored)
        self.accounts.close(stored.key)
        if FINALIZER in stored.finalizers:
            await self.calls.set_finalizers(stored, tuple(f for f in stored.finalizers if f != FINALIZER))


def _counts(user: Stored) -> bool:
    """Groups and configurations count by name; a policy by its cloud object, its own accountRef or a running call."""
    status, spec = user.resource.status, user.resource.spec
    if user.key.plural == OPERATIONS:
        return status.current_batch is not None
    if user.key.plural != POLICIES:
        return True
    return status.external_id is not None or status.operation is not None or spec.account_ref is not None


def _allowance(spec: CloudAccountSpec) -> Allowance:
    return Allowance(
        rate=float(spec.rate_limit.requests_per_second),
        burst=spec.rate_limit.burst,
        idle_s=float(spec.polling.idle_seconds),
        active_s=float(spec.polling.active_seconds),
    )


def _throttled(stored: Stored, session: Session) -> Verdict | None:
    budget = session.realm.budget
    if budget.circuit_open:
        return true("Throttled", "CircuitOpen", "the vendor throttles; requests wait")
    if budget.starved:
        return true("Throttled", "RateLimited", "requests wait for the account's rate limit")
    was = is_true(stored.resource.status.conditions, "Throttled")
    return false("Throttled", "NotThrottled") if was else None
