"""CloudAccount: what its state means. Called by engine.account with what was found out. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from cloudscaling.api.conditions import Condition
from cloudscaling.api.meta import RECONCILE_REQUESTED_AT
from cloudscaling.api.v1alpha1.cloudaccount import (
    AccountUse,
    ApiVersionInfo,
    CloudAccount,
    CloudAccountSpec,
    CloudAccountStatus,
    CredentialsInUse,
)
from cloudscaling.api.v1alpha1.common import Quota as QuotaStatus
from cloudscaling.core.facts import Unresolved
from cloudscaling.core.model import Identity, Quota
from cloudscaling.core.plan import Notice
from cloudscaling.core.resource import evolve
from cloudscaling.core.transitions import of_object
from cloudscaling.core.verdict import Verdict, false, find, flag, is_true, settle, true, unknown

_NEAR = 0.9
_PROJECT_ID = re.compile(r"[A-Za-z0-9_-]+")
UNREACHABLE = "the endpoint does not answer"


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """What is known of an account at one look."""

    resource: CloudAccount
    now: datetime
    endpoint: str = ""
    not_served: str = ""  # why this release cannot serve the account's vendor; "" when it can
    invalid: str = ""  # a value that no call can be made with; "" when there is none
    reference: Unresolved | None = None  # Secret or CA that is missing
    credentials: Verdict | None = None  # None: keep the last word
    identity: Identity | None = None
    secret: tuple[str, str] | None = None  # (name, resourceVersion) that `identity` was verified with
    quotas: tuple[Quota, ...] | None = None  # None: not read now
    used_by: AccountUse = field(default_factory=AccountUse)
    users: tuple[str, ...] = ()  # first names of what uses it, for a blocked deletion
    throttled: Verdict | None = None


def invalid(spec: CloudAccountSpec) -> str:
    """What rules of the CRD cannot tell, with the path; "" when a call can be made."""
    if spec.project_id is not None and not _PROJECT_ID.fullmatch(spec.project_id):
        return "projectId: an id has letters, digits, - and _ only; a name belongs into projectName"
    urls = (spec.endpoints.autoscaling, spec.endpoints.iam) if spec.endpoints is not None else ()
    for name, url in zip(("autoscaling", "iam"), urls, strict=False):
        wrong = _wrong_with(url) if url is not None else ""
        if wrong:
            return f"endpoints.{name}: {wrong}"
    return ""


def _wrong_with(url: str) -> str:
    """Credentials in it would be shown in status.endpoint; the rest could not be called, or not as it stands."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "host or port cannot be read"
    if not host or not url.isascii():
        return "a host in ASCII is needed"
    if "@" in parts.netloc:
        return "credentials do not belong into it"
    return "a base URL has no query and no fragment" if parts.query or parts.fragment else ""


def mismatch(status: CloudAccountStatus, expected: str | None, identity: Identity) -> str:
    """Why these credentials are of another account than pinned or expected; "" when they are of the same."""
    pins = (
        ("account", status.account_id, identity.account_id),
        ("project", status.project_id, identity.project_id),
        ("account", expected, identity.account_id),
    )
    for what, pinned, found in pins:
        if pinned and found and pinned != found:
            return f"the credentials belong to {what} {found}, not to {pinned}"
    return ""


def project(facts: AccountFacts) -> CloudAccountStatus:
    """The status to be stored."""
    resource, old = facts.resource, facts.resource.status
    fields: dict[str, Any] = {"observed_generation": resource.metadata.generation, "used_by": facts.used_by}
    asked = resource.metadata.annotations.get(RECONCILE_REQUESTED_AT)
    if asked is not None:
        fields["last_handled_reconcile_at"] = asked
    if facts.endpoint:
        fields["endpoint"] = facts.endpoint
    if facts.identity is not None and facts.secret is not None:
        fields |= _identified(old, facts.identity, facts.secret, facts.now)
    if facts.quotas is not None:
        fields["quotas"] = tuple(QuotaStatus(name=q.name, used=q.used, limit=q.limit) for q in facts.quotas)
    new = evolve(old, fields)
    verdicts = [_accepted(facts), _resolved(facts), *_stated(facts, new)]
    generation = resource.metadata.generation
    settled = settle(old.conditions, verdicts, generation=generation, now=facts.now)
    settled = settle(settled, [_ready(facts, settled)], generation=generation, now=facts.now)
    settled = settle(settled, _kstatus(settled), generation=generation, now=facts.now)
    return evolve(new, {"conditions": settled})


def _identified(old: CloudAccountStatus, identity: Identity, secret: tuple[str, str], now: datetime) -> dict[str, Any]:
    """The pin, once, and the verification, when the Secret changed."""
    name, version = secret
    verified = old.credentials
    if verified is None or (verified.secret_name, verified.secret_resource_version) != secret:
        verified = CredentialsInUse(secret_name=name, secret_resource_version=version, verified_at=now)
    return {
        "account_id": old.account_id or identity.account_id or None,
        "project_id": old.project_id or identity.project_id or None,
        "domain_id": identity.domain_id or None,
        "api_versions": tuple(ApiVersionInfo(id=i, status=s) for i, s in identity.api_versions),
        "capabilities": tuple(sorted(identity.capabilities)),
        "credentials": verified,
    }


def _accepted(facts: AccountFacts) -> Verdict:
    if facts.not_served:
        return false("Accepted", "NotImplemented", facts.not_served)
    return false("Accepted", "InvalidValue", facts.invalid) if facts.invalid else true("Accepted", "Valid")


def _resolved(facts: AccountFacts) -> Verdict:
    if facts.reference is not None:
        return false("ReferencesResolved", facts.reference.reason, facts.reference.message)
    return true("ReferencesResolved", "Resolved")


def _stated(facts: AccountFacts, new: CloudAccountStatus) -> list[Verdict]:
    verdicts = [facts.credentials] if facts.credentials is not None else []
    if facts.credentials is None and find(new.conditions, "CredentialsValid") is None:
        verdicts.append(unknown("CredentialsValid", "NotVerified", "not verified yet"))
    verdicts.append(_quota(new.quotas))
    if facts.throttled is not None:
        verdicts.append(facts.throttled)
    if facts.resource.spec.paused:
        verdicts.append(true("Paused", "AccountPaused", "spec.paused is true"))
    elif is_true(new.conditions, "Paused"):
        verdicts.append(false("Paused", "NotPaused"))
    if facts.resource.metadata.deletion_timestamp is not None and facts.users:
        verdicts.append(true("Deleting", "BlockedInUse", "used by " + ", ".join(facts.users)))
    return verdicts


def _quota(quotas: Iterable[QuotaStatus]) -> Verdict:
    known = list(quotas)
    if not known:
        return unknown("QuotaAvailable", "NotReported", "the vendor reports no quotas")
    fullest = max(known, key=lambda q: q.used / q.limit if q.limit else 0.0)
    text = f"{fullest.name}: {fullest.used} of {fullest.limit}"
    if fullest.limit and fullest.used >= fullest.limit:
        return false("QuotaAvailable", "Exhausted", text)
    if fullest.limit and fullest.used >= _NEAR * fullest.limit:
        return false("QuotaAvailable", "NearLimit", text)
    return true("QuotaAvailable", "WithinQuota")


_READY_BY_CREDENTIALS = {
    "EndpointUnreachable": "EndpointUnreachable",
    "SecretNotFound": "ReferencesNotResolved",
}


def _ready(facts: AccountFacts, settled: Sequence[Condition]) -> Verdict:
    if facts.resource.metadata.deletion_timestamp is not None:
        return false("Ready", "Deleting", "used by " + ", ".join(facts.users) if facts.users else "")
    if facts.not_served or facts.invalid:
        return false("Ready", "NotAccepted", facts.not_served or facts.invalid)
    if facts.reference is not None:
        return false("Ready", "ReferencesNotResolved", facts.reference.message)
    credentials = find(settled, "CredentialsValid")
    if credentials is None or credentials.status == "Unknown":
        message = credentials.message if credentials is not None else ""
        if message.startswith(UNREACHABLE):
            return false("Ready", "EndpointUnreachable", message)
        return unknown("Ready", "NotVerified", message)
    if credentials.status == "False":
        reason = _READY_BY_CREDENTIALS.get(credentials.reason, "CredentialsInvalid")
        return false("Ready", reason, credentials.message)
    return true("Ready", "Verified")


def _kstatus(settled: Sequence[Condition]) -> tuple[Verdict, Verdict]:
    credentials = find(settled, "CredentialsValid")
    accepted = find(settled, "Accepted")
    pending = credentials is not None and credentials.status == "Unknown"
    refused = credentials is not None and credentials.status == "False"
    unaccepted = accepted is not None and accepted.status == "False"
    return (
        flag("Reconciling", credentials if pending and not unaccepted else None),
        flag("Stalled", accepted if unaccepted else credentials if refused else None),
    )


def notices(old: CloudAccountStatus, new: CloudAccountStatus) -> tuple[Notice, ...]:
    """Events that follow from two statuses."""
    before, after = find(old.conditions, "CredentialsValid"), find(new.conditions, "CredentialsValid")
    found: list[Notice] = []
    if after is not None and after.status == "True" and (before is None or before.status != "True"):
        found.append(Notice("CredentialsVerified", f"account {new.account_id or '-'}, project {new.project_id or '-'}"))
    elif after is not None and after.status == "True" and old.credentials != new.credentials:
        found.append(Notice("CredentialsRotated", "the changed Secret was verified"))
    if after is not None and after.status == "False" and (before is None or before.reason != after.reason):
        reason = "IdentityMismatch" if after.reason == "IdentityMismatch" else "CredentialsInvalid"
        found.append(Notice(reason, after.message, warning=True))
    throttled = find(new.conditions, "Throttled")
    if throttled is not None and throttled.status == "True" and not is_true(old.conditions, "Throttled"):
        found.append(Notice("Throttled", throttled.message, warning=True))
    quota = find(new.conditions, "QuotaAvailable")
    quota_before = find(old.conditions, "QuotaAvailable")
    if quota is not None and quota.status == "False" and (quota_before is None or quota_before.status != "False"):
        found.append(Notice("QuotaNearLimit", quota.message, warning=True))
    if is_true(new.conditions, "Deleting") and not is_true(old.conditions, "Deleting"):
        deleting = find(new.conditions, "Deleting")
        found.append(Notice("InUse", deleting.message if deleting is not None else "", warning=True))
    return (*found, *_capabilities(old, new), *of_object(old, new))


def _capabilities(old: CloudAccountStatus, new: CloudAccountStatus) -> tuple[Notice, ...]:
    """What the vendor can do for this account is another thing than at the last verification."""
    before, now = set(old.capabilities), set(new.capabilities)
    if old.credentials is None or before == now:
        return ()
    moved = [*(f"+{name}" for name in sorted(now - before)), *(f"-{name}" for name in sorted(before - now))]
    return (Notice("CapabilitiesChanged", " ".join(moved)),)
