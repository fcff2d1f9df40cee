"""The Secret of a CloudAccount: missing, forbidden, of no use, held and let go; on the whole engine."""

from __future__ import annotations

import asyncio
import copy

import pytest
from account_rig import READY, finalizers, secret, verified, with_group
from fake_kube import NAMESPACE
from operator_rig import ACCOUNT_SPEC, Rig
from sim_transport import KEY_ID, KEY_SECRET, OTHER_KEY_ID
from virtual_time import run

from cloudscaling import errors
from cloudscaling.api.meta import CREDENTIALS_FINALIZER
from cloudscaling.engine.store import ACCOUNTS, GROUPS, LAUNCHES


def test_a_missing_secret_and_a_missing_key_are_named() -> None:
    """And found within one poll once they are there."""

    async def scenario() -> None:
        rig = Rig()
        rig.kube.apply(ACCOUNTS, "acme", ACCOUNT_SPEC)
        await rig.start()
        await rig.until(
            lambda: rig.kube.condition(ACCOUNTS, "acme", "CredentialsValid") == ("False", "SecretNotFound"), 60
        )
        rig.kube.put_secret("key", {"accessKeyId": b"x"})
        await rig.until(
            lambda: rig.kube.condition(ACCOUNTS, "acme", "ReferencesResolved") == ("False", "SecretKeyMissing"), 60
        )
        rig.kube.put_secret("key", secret())
        await rig.until(lambda: rig.kube.condition(ACCOUNTS, "acme", "Ready") == READY, 60)
        assert not rig.kube.complaints
        await rig.kill()

    run(scenario())


@pytest.mark.parametrize(
    ("data", "resolved", "message"),
    [
        ({"accessKeyId": b"\xff\xfeA\x00"}, "Resolved", "Secret key, key accessKeyId: not visible ASCII"),
        ({"accessKeyId": "ключ".encode()}, "Resolved", "Secret key, key accessKeyId: not visible ASCII"),
        ({"accessKeyId": b"AK\nX-Evil: 1"}, "Resolved", "Secret key, key accessKeyId: not visible ASCII"),
        ({"securityToken": b"a\x80"}, "Resolved", "Secret key, key securityToken: not visible ASCII"),
        ({"accessKeyId": b" \n"}, "SecretKeyMissing", "Secret key, key accessKeyId: empty"),
    ],
    ids=["binary", "not ASCII", "a header inside", "token", "blank"],
)
def test_a_secret_that_cannot_be_sent_is_told_and_nothing_is_sent(
    data: dict[str, bytes], resolved: str, message: str
) -> None:
    """By Secret, key and what it should be, never by value; a blank key id is no reason to try a user name."""

    async def scenario() -> None:
        rig = Rig()
        rig.kube.put_secret("key", secret(**data))
        rig.kube.apply(ACCOUNTS, "acme", ACCOUNT_SPEC)
        operator = await rig.start()
        await asyncio.sleep(120)
        assert rig.kube.condition(ACCOUNTS, "acme", "CredentialsValid") == ("False", "SecretInvalid")
        assert rig.kube.condition(ACCOUNTS, "acme", "ReferencesResolved")[1] == resolved
        said = [c["message"] for c in rig.kube.status(ACCOUNTS, "acme")["conditions"] if c["status"] == "False"]
        assert any(text.startswith(message) for text in said)
        assert (rig.simulator.calls, operator.counter.errors, rig.kube.complaints) == ([], [], [])
        rig.kube.put_secret("key", secret())
        await rig.until(lambda: rig.kube.condition(ACCOUNTS, "acme", "Ready") == READY, 60)
        await rig.kill()

    run(scenario())


def test_a_user_name_that_is_no_text_is_told() -> None:
    """Keystone credentials may be any line of text, but no bytes."""

    async def scenario() -> None:
        rig = Rig()
        rig.kube.put_secret("key", {"username": b"me", "password": b"\xff\xfe", "domainName": b"acme"})
        credentials = {"type": "Keystone", "secretRef": {"name": "key"}}
        rig.kube.apply(ACCOUNTS, "acme", {**ACCOUNT_SPEC, "credentials": credentials})
        operator = await rig.start()
        await asyncio.sleep(60)
        assert rig.kube.condition(ACCOUNTS, "acme", "CredentialsValid") == ("False", "SecretInvalid")
        assert rig.kube.condition(ACCOUNTS, "acme", "Ready") == ("False", "CredentialsInvalid")
        assert (rig.simulator.calls, operator.counter.errors) == ([], [])
        await rig.kill()

    run(scenario())


def test_blanks_and_line_breaks_around_a_key_are_taken_off() -> None:
    """No access key has any; `echo` and editors add them."""

    async def scenario() -> None:
        rig = Rig()
        rig.kube.put_secret(
            "key", {"accessKeyId": f" {KEY_ID}\n".encode(), "secretAccessKey": f"{KEY_SECRET}\r\n".encode()}
        )
        rig.kube.apply(ACCOUNTS, "acme", ACCOUNT_SPEC)
        await rig.start()
        await rig.until(lambda: rig.kube.condition(ACCOUNTS, "acme", "Ready") == READY, 60)
        await rig.kill()

    run(scenario())


def test_a_ca_that_is_no_certificate_is_told_and_nothing_is_sent() -> None:
    """Binary, or another text; the comments of a bundle do not matter."""

    async def scenario() -> None:
        rig = Rig()
        rig.kube.put_secret("ca", {"ca.crt": b"\x30\x82\xff"})
        rig.account(tls={"caRef": {"kind": "Secret", "name": "ca", "key": "ca.crt"}})
        operator = await rig.start()
        await asyncio.sleep(60)
        assert rig.kube.condition(ACCOUNTS, "acme", "CredentialsValid") == ("False", "SecretInvalid")
        said = next(c for c in rig.kube.status(ACCOUNTS, "acme")["conditions"] if c["type"] == "CredentialsValid")
        assert said["message"] == "Secret ca, key ca.crt: not certificates in PEM"
        assert (rig.simulator.calls, operator.counter.errors) == ([], [])
        await rig.kill()

    run(scenario())


def test_a_secret_that_may_not_be_read_is_told() -> None:
    """RBAC is for somebody to mend, who has to find out that it is RBAC."""

    async def scenario() -> None:
        rig = Rig()
        rig.kube.fail = lambda verb: errors.Forbidden("get secrets: forbidden") if verb == "read_secret" else None
        rig.account()
        operator = await rig.start()
        await asyncio.sleep(60)
        assert rig.kube.condition(ACCOUNTS, "acme", "ReferencesResolved") == ("False", "SecretNotFound")
        said = next(c for c in rig.kube.status(ACCOUNTS, "acme")["conditions"] if c["type"] == "ReferencesResolved")
        assert said["message"] == "Secret key may not be read: get secrets: forbidden"
        assert (rig.simulator.calls, operator.counter.errors) == ([], [])
        await rig.kill()

    run(scenario())


def test_an_account_whose_secret_cannot_be_protected_is_used_all_the_same() -> None:
    """The permission to patch Secrets is missing: that is no fault of the credentials."""

    async def scenario() -> None:
        rig = Rig()
        forbidden = errors.Forbidden("patch secrets: forbidden")
        rig.kube.fail = lambda verb: forbidden if verb == "set_secret_finalizers" else None
        await verified(rig)
        assert finalizers(rig, "key") == []
        await rig.kill()

    run(scenario())


def test_a_secret_that_goes_away_does_not_end_the_session() -> None:
    """What depends on the account goes on with the credentials in memory."""

    async def scenario() -> None:
        rig = await with_group()
        del rig.kube.secrets[NAMESPACE, "key"]
        await asyncio.sleep(40)
        assert rig.kube.condition(ACCOUNTS, "acme", "CredentialsValid") == ("False", "SecretNotFound")
        rig.kube.edit(GROUPS, "web", lambda spec: spec.update(desiredCapacity=4))
        await rig.until(lambda: rig.kube.status(GROUPS, "web")["desiredCapacity"] == 4, 60)
        await rig.kill()

    run(scenario())


def second(rig: Rig) -> None:
    """Another account with the same Secret, in use."""
    rig.kube.apply(ACCOUNTS, "other", copy.deepcopy(ACCOUNT_SPEC))
    rig.launch("lc-other", accountRef={"name": "other"})


def test_a_secret_that_a_deleted_account_still_needs_is_kept() -> None:
    """Namespace deletion: the first of two accounts is gone, the second waits for its users."""

    async def scenario() -> None:
        rig = Rig()
        second(rig)
        await verified(rig)
        await rig.until(lambda: rig.synced(LAUNCHES, "lc-other"), 120)
        rig.kube.remove(ACCOUNTS, "other")
        rig.kube.remove(ACCOUNTS, "acme")
        await rig.until(lambda: not rig.kube.exists(ACCOUNTS, "acme"), 60)
        assert finalizers(rig, "key") == [CREDENTIALS_FINALIZER]
        rig.kube.remove(LAUNCHES, "lc-other")
        await rig.until(lambda: not rig.kube.objects, 300)
        assert finalizers(rig, "key") == []
        await rig.kill()

    run(scenario())


def test_a_secret_that_is_no_longer_named_is_let_go() -> None:
    """Otherwise it could never be deleted, nor its namespace."""

    async def scenario() -> None:
        rig = await verified()
        rig.kube.put_secret("new", secret(OTHER_KEY_ID))
        rig.kube.edit(ACCOUNTS, "acme", lambda spec: spec["credentials"].update(secretRef={"name": "new"}))
        await rig.until(lambda: rig.kube.status(ACCOUNTS, "acme")["credentials"]["secretName"] == "new", 60)
        await asyncio.sleep(60)
        assert finalizers(rig, "new") == [CREDENTIALS_FINALIZER]
        assert finalizers(rig, "key") == []
        await rig.kill()

    run(scenario())
