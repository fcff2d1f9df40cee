"""What the state of an account means: conditions, pin, quotas, Events."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from core_samples import NOW, check, later

from cloudscaling.api.v1alpha1.cloudaccount import CloudAccount, CloudAccountStatus
from cloudscaling.core import account
from cloudscaling.core.account import UNREACHABLE, AccountFacts
from cloudscaling.core.facts import Unresolved
from cloudscaling.core.model import Identity, Quota
from cloudscaling.core.verdict import Verdict, false, true, unknown

IDENTITY = Identity("acc", "pro", "dom", (("v1", "CURRENT"),), frozenset({"PolicyV2"}))
SPEC = {"vendor": "Huawei", "region": "cn-north-4", "credentials": {"secretRef": {"name": "key"}}}
VERIFIED = true("CredentialsValid", "Verified")


def resource(status: Any = None, deleting: bool = False, **spec: Any) -> CloudAccount:
    metadata: dict[str, Any] = {"name": "acme", "namespace": "web", "generation": 2}
    if deleting:
        metadata["deletionTimestamp"] = "2026-03-02T05:59:00Z"
    found = CloudAccount.model_validate({"metadata": metadata, "spec": {**SPEC, **spec}})
    return found if status is None else found.model_copy(update={"status": status})


def project(
    status: Any = None, deleting: bool = False, spec: dict[str, Any] | None = None, **facts: Any
) -> CloudAccountStatus:
    found = account.project(AccountFacts(resource=resource(status, deleting, **(spec or {})), now=NOW, **facts))
    check("CloudAccount", found.conditions)
    return found


def says(status: CloudAccountStatus, type_: str) -> tuple[str, str]:
    return next(((str(c.status), c.reason) for c in status.conditions if c.type == type_), ("", ""))


def verified(**facts: Any) -> CloudAccountStatus:
    return project(**{"credentials": VERIFIED, "identity": IDENTITY, "secret": ("key", "7"), **facts})


def test_before_anything_is_known_it_is_not_verified() -> None:
    """Unknown, and Reconciling for deployment tools."""
    found = project()
    assert says(found, "Ready") == ("Unknown", "NotVerified")
    assert says(found, "CredentialsValid") == ("Unknown", "NotVerified")
    assert says(found, "Reconciling") == ("True", "NotVerified")
    assert {c.type for c in found.conditions} >= {"Accepted", "ReferencesResolved", "QuotaAvailable"}


def test_a_verified_account_is_ready_and_pinned() -> None:
    """With the version of the Secret that it was verified with."""
    found = verified()
    assert says(found, "Ready") == ("True", "Verified")
    assert (found.account_id, found.project_id, found.domain_id) == ("acc", "pro", "dom")
    assert found.credentials is not None
    assert (found.credentials.secret_resource_version, found.credentials.verified_at) == ("7", NOW)
    assert says(found, "Reconciling") == says(found, "Stalled") == ("", "")


def test_the_pin_never_moves() -> None:
    """Another identity is a mismatch, not a new pin."""
    found = project(
        verified(), credentials=VERIFIED, identity=replace(IDENTITY, account_id="other"), secret=("key", "8")
    )
    assert found.account_id == "acc"


def test_the_verification_time_moves_only_with_the_secret() -> None:
    """No volatile times in a status."""
    first = verified()
    facts = AccountFacts(resource(first), later(60), credentials=VERIFIED, identity=IDENTITY, secret=("key", "7"))
    assert account.project(facts).credentials == first.credentials
    rotated = account.project(replace(facts, secret=("key", "8")))
    assert rotated.credentials is not None
    assert rotated.credentials.verified_at == later(60)


@pytest.mark.parametrize(
    ("status", "expected", "identity", "wrong"),
    [
        ({}, None, IDENTITY, False),
        ({"account_id": "acc"}, None, IDENTITY, False),
        ({"account_id": "old"}, None, IDENTITY, True),
        ({"project_id": "old"}, None, IDENTITY, True),
        ({}, "acc", IDENTITY, False),
        ({}, "other", IDENTITY, True),
        ({"account_id": "old"}, None, Identity(), False),
    ],
)
def test_a_mismatch_compares_pin_and_expectation(
    status: dict[str, Any], expected: str | None, identity: Identity, wrong: bool
) -> None:
    """What the API does not show cannot differ."""
    assert bool(account.mismatch(CloudAccountStatus(**status), expected, identity)) is wrong


@pytest.mark.parametrize(
    ("credentials", "ready"),
    [
        (false("CredentialsValid", "AuthenticationFailed", "AS.0005"), ("False", "CredentialsInvalid")),
        (false("CredentialsValid", "IdentityMismatch", "other"), ("False", "CredentialsInvalid")),
        (false("CredentialsValid", "AccountSuspended", "frozen"), ("False", "CredentialsInvalid")),
        (unknown("CredentialsValid", "NotVerified", f"{UNREACHABLE}: timeout"), ("False", "EndpointUnreachable")),
        (unknown("CredentialsValid", "NotVerified", "later"), ("Unknown", "NotVerified")),
    ],
)
def test_ready_follows_the_credentials(credentials: Verdict, ready: tuple[str, str]) -> None:
    """Stalled when refused."""
    found = project(credentials=credentials)
    assert says(found, "Ready") == ready
    assert (says(found, "Stalled") != ("", "")) is (credentials.status == "False")


def test_a_missing_reference_is_named() -> None:
    """Secret or CA."""
    missing = Unresolved("SecretNotFound", "Secret key does not exist")
    found = project(reference=missing, credentials=false("CredentialsValid", "SecretNotFound", "gone"))
    assert says(found, "ReferencesResolved") == ("False", "SecretNotFound")
    assert says(found, "Ready") == ("False", "ReferencesNotResolved")


def test_the_last_word_on_credentials_stays_while_nothing_new_is_known() -> None:
    """A paused account keeps it."""
    found = project(verified(), spec={"paused": True})
    assert says(found, "CredentialsValid") == ("True", "Verified")
    assert says(found, "Paused") == ("True", "AccountPaused")
    assert says(project(found), "Paused") == ("False", "NotPaused")
    assert says(project(verified()), "Paused") == ("", "")


@pytest.mark.parametrize(
    ("quotas", "says_"),
    [
        ((), ("Unknown", "NotReported")),
        ((Quota("ScalingGroups", 1, 10),), ("True", "WithinQuota")),
        ((Quota("ScalingGroups", 9, 10),), ("False", "NearLimit")),
        ((Quota("A", 1, 10), Quota("B", 10, 10)), ("False", "Exhausted")),
        ((Quota("A", 0, 0),), ("True", "WithinQuota")),
    ],
)
def test_quotas_warn_in_time(quotas: tuple[Quota, ...], says_: tuple[str, str]) -> None:
    """The fullest decides."""
    assert says(project(quotas=quotas), "QuotaAvailable") == says_


def test_quotas_that_were_not_read_now_stay() -> None:
    """Read every ten minutes only."""
    first = project(quotas=(Quota("ScalingGroups", 9, 10),))
    assert says(project(first), "QuotaAvailable") == ("False", "NearLimit")


def test_a_vendor_that_is_not_served_is_not_accepted() -> None:
    """With a sentence."""
    found = project(not_served="vendor: not yet")
    assert says(found, "Accepted") == ("False", "NotImplemented")
    assert says(found, "Ready") == ("False", "NotAccepted")


def test_a_deletion_names_its_users() -> None:
    """BlockedInUse."""
    found = project(deleting=True, users=("ScalingGroup web",))
    assert says(found, "Deleting") == ("True", "BlockedInUse")
    assert says(found, "Ready") == ("False", "Deleting")


# --- Events ----------------------------------------------------------------------------------------------------------


def told(old: CloudAccountStatus, new: CloudAccountStatus) -> list[tuple[str, bool]]:
    return [(n.reason, n.warning) for n in account.notices(old, new)]


def test_each_change_is_told_once() -> None:
    """Verified, rotated, refused, mismatch, throttled, quota, in use."""
    none, ok = CloudAccountStatus(), verified()
    assert told(none, ok) == [("CredentialsVerified", False)]
    assert told(ok, ok) == []
    rotated = project(ok, credentials=VERIFIED, identity=IDENTITY, secret=("key", "8"))
    assert told(ok, rotated) == [("CredentialsRotated", False)]
    refused = project(ok, credentials=false("CredentialsValid", "AuthenticationFailed", "no"))
    assert told(ok, refused) == [("CredentialsInvalid", True)]
    assert told(refused, refused) == []
    other = project(ok, credentials=false("CredentialsValid", "IdentityMismatch", "no"))
    assert told(ok, other) == [("IdentityMismatch", True)]
    throttled = project(ok, credentials=VERIFIED, throttled=true("Throttled", "CircuitOpen"))
    assert told(ok, throttled) == [("Throttled", True)]
    near = project(ok, credentials=VERIFIED, quotas=(Quota("A", 10, 10),))
    assert told(ok, near) == [("QuotaNearLimit", True)]
    used = project(ok, deleting=True, credentials=VERIFIED, users=("ScalingGroup web",))
    assert told(ok, used) == [("InUse", True)]


def test_changed_abilities_and_an_endpoint_that_is_away_are_told() -> None:
    """Abilities only after the first verification."""
    ok = verified()
    more = ok.model_copy(update={"capabilities": ("ActivityLogV2", "PolicyV2")})
    assert told(ok.model_copy(update={"capabilities": ("PolicyV2",)}), more) == [("CapabilitiesChanged", False)]
    away = project(ok, credentials=unknown("CredentialsValid", "NotVerified", f"{UNREACHABLE}: timeout"))
    assert told(ok, away) == [("EndpointUnreachable", True)]
    assert told(away, away) == []
