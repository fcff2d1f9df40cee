"""CloudAccount: identity pin, pause, rotation, refusals, deletion; on the whole engine with a simulated cloud."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from account_rig import READY, finalizers, secret, verified, with_group
from fake_kube import NAMESPACE
from operator_rig import ACCOUNT_SPEC, Rig
from sim_transport import FOREIGN_KEY_ID, OTHER_KEY_ID
from virtual_time import run

from cloudscaling.api.meta import CREDENTIALS_FINALIZER, RECONCILE_REQUESTED_AT
from cloudscaling.engine.queue import Key
from cloudscaling.engine.store import ACCOUNTS, GROUPS, LAUNCHES, POLICIES


def test_the_first_success_pins_the_identity() -> None:
    """Account, project, versions and capabilities; the Secret gets its finalizer; one Event."""

    async def scenario() -> None:
        rig = await verified()
        status = rig.kube.status(ACCOUNTS, "acme")
        assert status["projectId"] == "0123456789abcdef0123456789abcdef"
        assert status["accountId"]
        assert status["credentials"]["secretName"] == "key"
        assert finalizers(rig, "key") == [CREDENTIALS_FINALIZER]
        await asyncio.sleep(300)
        assert [reason for _, _, reason, _ in rig.kube.events] == ["CredentialsVerified"]
        assert not rig.kube.complaints
        await rig.kill()

    run(scenario())


def test_rotated_credentials_of_the_same_account_are_taken_without_a_restart() -> None:
    """One Event, no write."""

    async def scenario() -> None:
        rig = await with_group()
        writes = len(rig.simulator.writes)
        rig.kube.put_secret("key", secret(OTHER_KEY_ID))
        await asyncio.sleep(120)
        assert [r for _, _, r, _ in rig.kube.events].count("CredentialsRotated") == 1
        assert rig.kube.condition(ACCOUNTS, "acme", "Ready") == READY
        assert len(rig.simulator.writes) == writes
        await rig.kill()

    run(scenario())


def test_new_credentials_end_what_the_old_ones_were_refused_for() -> None:
    """A permission that was missing: nobody waits out the half hour."""

    async def scenario() -> None:
        rig = await with_group()
        rig.simulator.trouble = lambda operation, write: "AS.0031" if write else ""
        rig.kube.edit(GROUPS, "web", lambda spec: spec.update(desiredCapacity=4))
        await rig.until(lambda: rig.kube.condition(GROUPS, "web", "Synced") == ("False", "PermissionDenied"), 60)
        rig.simulator.trouble = lambda operation, write: ""
        rig.kube.put_secret("key", secret(OTHER_KEY_ID))
        await rig.until(lambda: rig.kube.status(GROUPS, "web")["desiredCapacity"] == 4, 120)
        await rig.kill()

    run(scenario())


def test_the_same_credentials_verified_again_are_no_reason_to_try_again_at_once() -> None:
    """A write that is refused although the verification succeeds must not hammer the vendor, who would lock the key."""

    async def scenario() -> None:
        rig = await with_group()
        rig.simulator.trouble = lambda operation, write: "AS.0005" if write else ""
        rig.kube.edit(GROUPS, "web", lambda spec: spec.update(desiredCapacity=4))
        before = len(rig.simulator.writes)
        await asyncio.sleep(600)
        assert 1 <= len(rig.simulator.writes) - before <= 25
        rig.simulator.trouble = lambda operation, write: ""
        await rig.until(lambda: rig.kube.status(GROUPS, "web")["desiredCapacity"] == 4, 120)
        await rig.kill()

    run(scenario())


def test_credentials_of_another_account_stop_every_write() -> None:
    """IdentityMismatch; the old ones restored let everything go on."""

    async def scenario() -> None:
        rig = await with_group()
        rig.kube.put_secret("key", secret(FOREIGN_KEY_ID))
        await rig.until(
            lambda: rig.kube.condition(ACCOUNTS, "acme", "CredentialsValid") == ("False", "IdentityMismatch"), 90
        )
        writes = len(rig.simulator.writes)
        rig.kube.edit(GROUPS, "web", lambda spec: spec.update(desiredCapacity=5))
        await asyncio.sleep(300)
        assert len(rig.simulator.writes) == writes
        assert rig.kube.condition(GROUPS, "web", "ReferencesResolved") == ("False", "CredentialsInvalid")
        rig.kube.put_secret("key", secret())
        await rig.until(lambda: rig.kube.status(GROUPS, "web").get("desiredCapacity") == 5, 120)
        assert not rig.kube.complaints
        await rig.kill()

    run(scenario())


def test_an_expected_account_that_is_edited_is_checked_at_once() -> None:
    """The credentials are the same and verified; the expectation is not, and no restart is needed to see it."""

    async def scenario() -> None:
        rig = await with_group()
        rig.kube.edit(ACCOUNTS, "acme", lambda spec: spec.update(expectedAccountId="somebody-else"))
        await rig.until(
            lambda: rig.kube.condition(ACCOUNTS, "acme", "CredentialsValid") == ("False", "IdentityMismatch"), 60
        )
        writes = len(rig.simulator.writes)
        rig.kube.edit(GROUPS, "web", lambda spec: spec.update(desiredCapacity=5))
        await asyncio.sleep(300)
        assert len(rig.simulator.writes) == writes
        assert [r for _, _, r, _ in rig.kube.events].count("IdentityMismatch") == 1
        rig.kube.edit(ACCOUNTS, "acme", lambda spec: spec.pop("expectedAccountId"))
        await rig.until(lambda: rig.kube.status(GROUPS, "web").get("desiredCapacity") == 5, 120)
        assert not rig.kube.complaints
        await rig.kill()

    run(scenario())


def test_refused_credentials_are_tried_again_when_asked_for_and_only_once_per_request() -> None:
    """What was wrong at the vendor is mended there; the annotation does not wait out the back-off."""

    async def scenario() -> None:
        rig = Rig()
        rig.simulator.trouble = lambda operation, write: "AS.0005"
        rig.account()
        await rig.start()
        await rig.until(
            lambda: rig.kube.condition(ACCOUNTS, "acme", "CredentialsValid") == ("False", "AuthenticationFailed"), 60
        )
        calls = len(rig.simulator.calls)
        rig.kube.annotate(ACCOUNTS, "acme", RECONCILE_REQUESTED_AT, "first")
        await asyncio.sleep(120)
        assert len(rig.simulator.calls) == calls + 1
        rig.simulator.trouble = lambda operation, write: ""
        rig.kube.annotate(ACCOUNTS, "acme", RECONCILE_REQUESTED_AT, "second")
        await rig.until(lambda: rig.kube.condition(ACCOUNTS, "acme", "Ready") == READY, 10)
        assert rig.kube.status(ACCOUNTS, "acme")["lastHandledReconcileAt"] == "second"
        await rig.kill()

    run(scenario())


def test_an_account_that_stays_refused_turns_what_depends_on_it_unknown() -> None:
    """After five sweeps without a trusted read nobody may believe the old words."""

    async def scenario() -> None:
        rig = await with_group()
        rig.kube.put_secret("key", secret(FOREIGN_KEY_ID))
        await asyncio.sleep(60)
        assert rig.kube.condition(GROUPS, "web", "Ready")[0] == "True"
        await asyncio.sleep(1500)
        assert rig.kube.condition(GROUPS, "web", "Ready") == ("Unknown", "ReadUntrusted")
        await rig.kill()

    run(scenario())


def test_a_paused_account_makes_no_call_and_its_objects_wait() -> None:
    """Not even a sweep for it; the end of the pause wakes them."""

    async def scenario() -> None:
        rig = await with_group()
        rig.kube.edit(ACCOUNTS, "acme", lambda spec: spec.update(paused=True))
        await asyncio.sleep(35)
        calls = len(rig.simulator.writes)
        rig.kube.edit(GROUPS, "web", lambda spec: spec.update(desiredCapacity=5))
        await asyncio.sleep(120)
        assert len(rig.simulator.writes) == calls
        assert rig.kube.condition(ACCOUNTS, "acme", "Paused") == ("True", "AccountPaused")
        assert rig.kube.condition(GROUPS, "web", "ReferencesResolved") == ("False", "AccountPaused")
        rig.kube.edit(ACCOUNTS, "acme", lambda spec: spec.update(paused=False))
        await rig.until(lambda: rig.kube.status(GROUPS, "web")["desiredCapacity"] == 5, 60)
        assert not rig.kube.complaints
        await rig.kill()

    run(scenario())


def test_an_account_in_use_is_not_deleted_and_names_its_users() -> None:
    """BlockedInUse; then everything goes in order, the Secret's finalizer last."""

    async def scenario() -> None:
        rig = await with_group()
        rig.kube.remove(ACCOUNTS, "acme")
        await asyncio.sleep(40)
        assert rig.kube.condition(ACCOUNTS, "acme", "Deleting") == ("True", "BlockedInUse")
        assert finalizers(rig, "key") == [CREDENTIALS_FINALIZER]
        rig.kube.remove(GROUPS, "web")
        rig.kube.remove(LAUNCHES, "lc")
        await rig.until(lambda: not rig.kube.objects, 600)
        assert finalizers(rig, "key") == []
        assert not rig.simulator.groups()
        assert not rig.simulator.configurations()
        await rig.kill()

    run(scenario())


def test_an_endpoint_that_does_not_answer_is_told_and_ends() -> None:
    """Unknown, not invalid."""

    async def scenario() -> None:
        rig = Rig()
        rig.simulator.trouble = lambda operation, write: "drop-before"
        rig.account()
        await rig.start()
        await rig.until(lambda: rig.kube.condition(ACCOUNTS, "acme", "Ready") == ("False", "EndpointUnreachable"), 60)
        rig.simulator.trouble = lambda operation, write: ""
        await rig.until(lambda: rig.kube.condition(ACCOUNTS, "acme", "Ready") == READY, 120)
        await rig.kill()

    run(scenario())


def test_a_throttled_account_says_so_and_recovers() -> None:
    """The circuit opens, nothing is written, and it closes again."""

    async def scenario() -> None:
        rig = await with_group()
        rig.simulator.trouble = lambda operation, write: "throttle"
        rig.kube.edit(GROUPS, "web", lambda spec: spec.update(desiredCapacity=6))
        writes = [w for w in rig.simulator.writes if w.status < 300]
        await asyncio.sleep(600)
        assert [w for w in rig.simulator.writes if w.status < 300] == writes
        rig.simulator.trouble = lambda operation, write: ""
        await rig.until(lambda: rig.kube.status(GROUPS, "web")["desiredCapacity"] == 6, 600)
        await asyncio.sleep(120)
        assert rig.kube.condition(GROUPS, "web", "Throttled") in (("False", "NotThrottled"), ("", ""))
        assert not rig.kube.complaints
        await rig.kill()

    run(scenario())


def starve(rig: Rig, rate: float) -> None:
    """Leave so many tokens a second, whatever the spec says."""
    assert rig.running is not None
    budget = rig.running.accounts.session(Key(ACCOUNTS, NAMESPACE, "acme")).realm.budget  # type: ignore[union-attr]
    budget.limit(rate, 1)
    budget._tokens = 0.0
    budget.limit = lambda rate, burst: None  # type: ignore[method-assign]


def test_a_call_that_waits_for_the_rate_limit_says_so_while_it_waits() -> None:
    """After half a minute, on the object and on its account; the result of the call is stored as ever."""

    async def scenario() -> None:
        rig = await with_group()
        starve(rig, 0.01)
        rig.kube.edit(GROUPS, "web", lambda spec: spec.update(desiredCapacity=4))
        said = lambda plural, name: rig.kube.condition(plural, name, "Throttled")  # noqa: E731
        writes = len(rig.simulator.writes)
        await rig.until(lambda: said(GROUPS, "web") == ("True", "RateLimited"), 2000)
        assert len(rig.simulator.writes) == writes
        assert said(ACCOUNTS, "acme") == ("True", "RateLimited")
        told = [message for name, _, reason, message in rig.kube.events if (name, reason) == ("acme", "Throttled")]
        assert told == ["requests wait for the account's rate limit"]  # which is no fault of the vendor's
        await rig.until(lambda: len(rig.simulator.writes) > writes, 2000)
        del rig.running.accounts.session(Key(ACCOUNTS, NAMESPACE, "acme")).realm.budget.limit  # type: ignore[union-attr]
        await rig.until(lambda: rig.kube.status(GROUPS, "web")["desiredCapacity"] == 4, 600)
        await rig.until(lambda: said(GROUPS, "web") == said(ACCOUNTS, "acme") == ("False", "NotThrottled"), 120)
        assert rig.kube.status(GROUPS, "web")["lastAppliedDesiredCapacity"] == 4
        assert not rig.kube.complaints
        await rig.kill()

    run(scenario())


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"projectId": "projekt-ä"}, "projectId"),
        ({"projectId": "eu-de/web"}, "projectId"),
        ({"endpoints": {"autoscaling": "https://as.example.com:99999"}}, "endpoints.autoscaling"),
        ({"endpoints": {"autoscaling": "https://:443"}}, "endpoints.autoscaling"),
        ({"endpoints": {"autoscaling": "https://me:secret@as.example.com"}}, "endpoints.autoscaling"),
        ({"endpoints": {"iam": "https://iam.example.com/?a=b"}}, "endpoints.iam"),
        ({"endpoints": {"iam": "https://bücher.example"}}, "endpoints.iam"),
        ({"endpoints": {"iam": "https://[::1"}}, "endpoints.iam"),
    ],
)
def test_a_value_that_no_call_can_be_made_with_is_not_accepted(change: dict[str, Any], path: str) -> None:
    """By its path, with no call and nothing of a password in the status; put right, it is taken at once."""

    async def scenario() -> None:
        rig = Rig()
        rig.account(**change)
        operator = await rig.start()
        await asyncio.sleep(60)
        assert rig.kube.condition(ACCOUNTS, "acme", "Accepted") == ("False", "InvalidValue")
        assert rig.kube.condition(ACCOUNTS, "acme", "Ready") == ("False", "NotAccepted")
        said = next(c for c in rig.kube.status(ACCOUNTS, "acme")["conditions"] if c["type"] == "Accepted")
        assert said["message"].startswith(f"{path}: ")
        assert "secret" not in repr(rig.kube.status(ACCOUNTS, "acme")).lower()
        assert (rig.simulator.calls, operator.counter.errors, rig.kube.complaints) == ([], [], [])
        rig.kube.edit(ACCOUNTS, "acme", lambda spec: [spec.pop(key) for key in change])
        await rig.until(lambda: rig.kube.condition(ACCOUNTS, "acme", "Ready") == READY, 60)
        assert rig.kube.condition(ACCOUNTS, "acme", "Accepted") == ("True", "Valid")
        await rig.kill()

    run(scenario())


def test_a_vendor_that_is_not_served_yet_says_so() -> None:
    """NotImplemented, and its objects wait."""

    async def scenario() -> None:
        rig = Rig()
        rig.kube.put_secret("key", secret())
        spec: dict[str, Any] = {**ACCOUNT_SPEC, "vendor": "Tencent"}
        rig.kube.apply(ACCOUNTS, "acme", spec)
        rig.launch()
        await rig.start()
        await rig.until(lambda: rig.kube.condition(ACCOUNTS, "acme", "Accepted") == ("False", "NotImplemented"), 60)
        assert rig.kube.condition(LAUNCHES, "lc", "ReferencesResolved") == ("False", "AccountNotVerified")
        assert rig.simulator.calls == []
        assert not rig.kube.exists(POLICIES, "night")
        assert not rig.kube.complaints
        await rig.kill()

    run(scenario())
