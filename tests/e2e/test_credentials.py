"""Credentials: missing, wrong, rotated, of another account; and the Secret that must not go first."""

from __future__ import annotations

import pytest
from e2e_stage import Namespace
from kubectl import condition
from manifests import account, group, launch, secret
from operator_process import OperatorProcess
from simulated_cloud import Simulator

pytestmark = pytest.mark.e2e


def test_missing_secret_is_named_and_found_when_it_comes(bare_namespace: Namespace) -> None:
    """Nobody has to touch the account afterwards."""
    kubectl, cloud = bare_namespace.kubectl, bare_namespace.cloud
    kubectl.apply(account(cloud))
    missing = kubectl.until_reason("cloudaccount", "cloud", "ReferencesResolved", "SecretNotFound")
    assert "cloud-key" in missing["message"]
    kubectl.apply(secret(cloud))
    kubectl.ready("cloudaccount/cloud")
    assert kubectl.status("cloudaccount", "cloud")["projectId"] == cloud.project_id


def test_wrong_key_of_the_secret_is_named(bare_namespace: Namespace) -> None:
    """The most common mistake of all."""
    kubectl, cloud = bare_namespace.kubectl, bare_namespace.cloud
    wrong = secret(cloud)
    wrong["stringData"] = {"accessKeyID": cloud.key_id, "secretAccessKey": cloud.secret}
    kubectl.apply(wrong, account(cloud))
    missing = kubectl.until_reason("cloudaccount", "cloud", "ReferencesResolved", "SecretKeyMissing")
    assert "accessKeyId" in missing["message"]
    kubectl.until_reason("cloudaccount", "cloud", "CredentialsValid", "SecretInvalid")


def test_wrong_credentials_write_nothing(bare_namespace: Namespace) -> None:
    """Not one call reaches the account, and the secret appears nowhere."""
    kubectl, cloud = bare_namespace.kubectl, bare_namespace.cloud
    kubectl.apply(secret(cloud, secretAccessKey="not-the-secret"), account(cloud), launch(), group())
    kubectl.until_reason("cloudaccount", "cloud", "CredentialsValid", "AuthenticationFailed")
    kubectl.until_reason("cloudaccount", "cloud", "Ready", "CredentialsInvalid")
    waiting = kubectl.until_reason("scalinggroup", "web", "ReferencesResolved", "CredentialsInvalid")
    assert waiting["status"] == "False"
    assert cloud.writes() == []
    assert ("Warning", "CredentialsInvalid") in [e[:2] for e in kubectl.events("CloudAccount", "cloud")]
    assert "not-the-secret" not in kubectl.do("get", "cloudaccount,scalinggroup,events", "-o", "yaml")


def test_rotation_needs_no_restart(namespace: Namespace) -> None:
    """A bad Secret stops all writes; a good one, with another key of the account, lets them go on."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    namespace.ready_group(desiredCapacity=1)
    kubectl.apply(secret(cloud, secretAccessKey="mistyped"))
    kubectl.until_reason("cloudaccount", "cloud", "CredentialsValid", "AuthenticationFailed")
    cloud.forget_calls()
    kubectl.scale("web", 3)
    kubectl.until_reason("scalinggroup", "web", "ReferencesResolved", "CredentialsInvalid")
    assert cloud.writes() == []
    assert condition(kubectl.get("scalinggroup", "web"), "Ready")["status"] == "True"
    kubectl.apply(secret(cloud, accessKeyId=cloud.other_key_id))
    kubectl.until_reason("cloudaccount", "cloud", "CredentialsValid", "Verified")
    kubectl.until("scalinggroup", "web", lambda o: o["status"].get("desiredCapacity") == 3, "desired 3")
    assert cloud.desired() == 3


def test_valid_rotation_is_told_as_an_event(namespace: Namespace) -> None:
    """From one good key to another: nothing is disturbed."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    namespace.ready_group()
    before = kubectl.status("cloudaccount", "cloud")["credentials"]["secretResourceVersion"]
    kubectl.apply(secret(cloud, accessKeyId=cloud.other_key_id))
    kubectl.until(
        "cloudaccount",
        "cloud",
        lambda o: o["status"]["credentials"]["secretResourceVersion"] != before,
        "another version verified",
    )
    assert "CredentialsRotated" in [reason for _, reason, _ in kubectl.events("CloudAccount", "cloud")]


def test_keys_of_another_account_are_refused(namespace: Namespace, simulator: Simulator) -> None:
    """Same vendor, valid signature, other owner: not one write, to neither account."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    namespace.ready_group(desiredCapacity=1)
    other = simulator.account()
    kubectl.apply(secret(other))
    kubectl.until_reason("cloudaccount", "cloud", "CredentialsValid", "IdentityMismatch")
    cloud.forget_calls()
    kubectl.scale("web", 3)
    kubectl.until_reason("scalinggroup", "web", "ReferencesResolved", "CredentialsInvalid")
    assert (cloud.writes(), other.writes()) == ([], [])
    assert "IdentityMismatch" in [reason for _, reason, _ in kubectl.events("CloudAccount", "cloud")]
    assert kubectl.status("cloudaccount", "cloud")["projectId"] == cloud.project_id
    kubectl.apply(secret(cloud))
    kubectl.until("scalinggroup", "web", lambda _: cloud.desired() == 3, "desired 3")


def test_expected_account_is_checked_at_the_first_look(bare_namespace: Namespace) -> None:
    """Before anything is pinned."""
    kubectl, cloud = bare_namespace.kubectl, bare_namespace.cloud
    kubectl.apply(secret(cloud), account(cloud, expectedAccountId="another"), launch())
    kubectl.until_reason("cloudaccount", "cloud", "CredentialsValid", "IdentityMismatch")
    assert cloud.writes() == []


def test_secret_in_use_is_kept(namespace: Namespace) -> None:
    """It is deleted together with the account, not before."""
    kubectl = namespace.kubectl
    namespace.ready_group()
    finalizers = kubectl.get("secret", "cloud-key")["metadata"]["finalizers"]
    assert finalizers == ["cloudscaling.dev/credentials-in-use"]
    kubectl.delete("secret", "cloud-key", wait=False)
    kubectl.scale("web", 2)
    kubectl.until("scalinggroup", "web", lambda _: namespace.cloud.desired() == 2, "still working")
    kubectl.delete("scalinggroup", "web")
    kubectl.delete("launchconfiguration", "web")
    kubectl.delete("cloudaccount", "cloud")
    kubectl.until_gone("secret", "cloud-key")


def test_account_in_use_cannot_go(namespace: Namespace) -> None:
    """It names its users and leaves after them."""
    kubectl = namespace.kubectl
    namespace.ready_group()
    kubectl.delete("cloudaccount", "cloud", wait=False)
    blocked = kubectl.until_reason("cloudaccount", "cloud", "Deleting", "BlockedInUse")
    assert "ScalingGroup web" in blocked["message"]
    kubectl.delete("scalinggroup", "web")
    kubectl.delete("launchconfiguration", "web")
    kubectl.until_gone("cloudaccount", "cloud")
    assert namespace.cloud.groups() == []


def test_log_shows_no_secret(namespace: Namespace, operator: OperatorProcess) -> None:
    """Whatever went wrong before."""
    namespace.ready_group()
    assert namespace.cloud.secret not in operator.text
    assert "secret-of-key" not in operator.text
