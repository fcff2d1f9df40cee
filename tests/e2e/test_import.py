"""`cloudscaling import` and `account verify` as their users run them: an account made by hand comes under control."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from typing import Any

import account_by_hand
import pytest
import yaml
from e2e_stage import MakeNamespace, Namespace, with_account
from kubectl import condition, eventually
from manifests import ACCOUNT
from simulated_cloud import VENDORS

pytestmark = pytest.mark.e2e

KINDS = ("launchconfigurations", "scalinggroups", "scalingpolicies")
LIMIT_S = 180.0


def run(namespace: Namespace, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command line with the account of the namespace."""
    kubeconfig = f"--kubeconfig={namespace.kubectl.kubeconfig}"
    where = ("--account", ACCOUNT, "--namespace", namespace.name, kubeconfig)
    command = [sys.executable, "-m", "cloudscaling", *arguments, *where]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert namespace.cloud.secret not in done.stdout + done.stderr
    return done


def fill(namespace: Namespace) -> None:
    """25 groups with configurations, policies and what else hangs on a group."""
    cloud, older = namespace.cloud, namespace.cloud.vendor != "huawei"
    made = cloud.seed(configurations=account_by_hand.configurations(older=older))["configurations"]
    groups = cloud.seed(groups=account_by_hand.groups(made, older=older))["groups"]
    cloud.seed(policies=account_by_hand.policies(groups, older=older))
    for operation, group_id, body in account_by_hand.children(groups, older=older):
        cloud.console(operation, body, scaling_group_id=group_id)
    cloud.forget_calls()


def objects(namespace: Namespace) -> list[dict[str, Any]]:
    return namespace.kubectl.items(",".join(KINDS))


def until_synced(namespace: Namespace, count: int) -> None:
    """Every object is as wanted, and says so about its newest spec."""

    def unsettled() -> list[str]:
        found = [(o, condition(o, "Synced")) for o in objects(namespace)]
        assert len(found) == count
        return [
            f"{o['kind']} {o['metadata']['name']} {said.get('reason')} {said.get('message')}"
            for o, said in found
            if said.get("status") != "True" or said["observedGeneration"] != o["metadata"]["generation"]
        ]

    eventually(lambda: not unsettled(), lambda: "\n".join(unsettled()), LIMIT_S)


@pytest.mark.parametrize("vendor", sorted(VENDORS))
def test_an_account_made_by_hand_is_imported_without_a_write(make_bare_namespace: MakeNamespace, vendor: str) -> None:
    """Import, apply: not one write and no drift. Then Full: nothing is written but the mark of ownership."""
    bare = make_bare_namespace()
    namespace = with_account(replace(bare, cloud=replace(bare.cloud, vendor=vendor)))
    kubectl, cloud = namespace.kubectl, namespace.cloud
    kubectl.ready(f"cloudaccount/{ACCOUNT}")
    fill(namespace)
    done = run(namespace, "import", "-o", "yaml")
    assert done.returncode == 0, done.stderr
    manifests = [document for document in yaml.safe_load_all(done.stdout) if document]
    assert Counter(m["kind"] for m in manifests)["ScalingGroup"] == account_by_hand.GROUPS
    kubectl.do("apply", "-f", "-", given=done.stdout)
    until_synced(namespace, len(manifests))
    assert all(not o["status"].get("drift") for o in objects(namespace))
    assert all(condition(o, "Accepted")["status"] == "True" for o in objects(namespace))
    assert cloud.writes() == []

    kubectl.apply(*({**m, "spec": {**m["spec"], "managementPolicy": "Full"}} for m in manifests))
    until_synced(namespace, len(manifests))
    assert all(not o["status"].get("drift") for o in objects(namespace))
    assert Counter(call["operation"] for call in cloud.writes()) == {"ActionScalingTags": account_by_hand.GROUPS}
    bodies = [call["body"] for call in cloud.writes()]
    assert all([tag["key"] for tag in body["tags"]] == ["cso-owner"] for body in bodies)

    again = run(namespace, "import")
    assert again.stdout.count("managed by ScalingGroup") == account_by_hand.GROUPS
    assert " yes" not in again.stdout


def test_an_account_is_verified(namespace: Namespace) -> None:
    """Exit code 0 with everything in order, 2 without an account; one line says why."""
    done = run(namespace, "account", "verify", "-o", "json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["identity"]["projectId"] == namespace.cloud.project_id
    namespace.kubectl.delete("cloudaccount", ACCOUNT)
    done = run(namespace, "account", "verify")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "there is no CloudAccount" in done.stderr
