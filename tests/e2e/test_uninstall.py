"""Uninstalling the chart: the rights of its hook on a real API server, and what Helm makes of a hook that does not end.

There are no nodes, so the Job's command runs here, with the Job's arguments and the token of its ServiceAccount.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from e2e_stage import CHART, RELEASE, Namespace, Release, with_account
from operator_process import OperatorProcess

pytestmark = pytest.mark.e2e

FINALIZER, IN_USE = "cloudscaling.dev/finalizer", "cloudscaling.dev/credentials-in-use"
KEPT = ("--reset-then-reuse-values", "--set=uninstall.orphan=true")


@dataclass(frozen=True)
class Installation:
    """A release that watches its own namespace only, and its operator."""

    namespace: Namespace
    release: Release
    operator: OperatorProcess
    kubeconfig: Path

    def hooks(self) -> dict[str, Any]:
        """The objects that Helm makes before it uninstalls, by kind."""
        found = yaml.safe_load_all(self.release.run("get", "hooks", RELEASE).stdout)
        return {document["kind"]: document for document in found if document}

    def job(self) -> subprocess.CompletedProcess[str]:
        """Run what the Job runs."""
        (container,) = self.hooks()["Job"]["spec"]["template"]["spec"]["containers"]
        environment = {"PATH": os.environ["PATH"], "KUBECONFIG": str(self.kubeconfig)}
        command = [sys.executable, "-m", "cloudscaling", *container["args"]]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=150)

    def finalizers(self) -> list[str]:
        """Of every object and of the Secret."""
        kinds = ("scalinggroup/web", "launchconfiguration/web", "cloudaccount/cloud", "secret/cloud-key")
        held = (self.namespace.kubectl.get(*name.split("/"))["metadata"].get("finalizers", []) for name in kinds)
        return [finalizer for several in held for finalizer in several]


@pytest.fixture
def installation(
    bare_namespace: Namespace, operator: OperatorProcess, chart: Release, tmp_path: Path
) -> Iterator[Installation]:
    """A ready group under a release of its own."""
    operator.stop()
    release = Release(chart.helm, bare_namespace.kubectl)
    release.install(f"watchNamespaces={{{bare_namespace.name}}}", "clusterName=blue", "rbac.aggregate=false")
    own = OperatorProcess(bare_namespace.kubectl, RELEASE, tmp_path)
    try:
        own.start()
        with_account(bare_namespace).ready_group(desiredCapacity=1)
        yield Installation(bare_namespace, release, own, tmp_path / "operator.kubeconfig")
    finally:
        own.stop()
        release.run("uninstall", RELEASE, "--no-hooks", "--ignore-not-found")


def test_an_uninstall_is_refused_and_then_orphans(installation: Installation) -> None:
    """With the chart's rights and no more: the Deployment ends, finalizers go, the cloud hears nothing."""
    kubectl, cloud = installation.namespace.kubectl, installation.namespace.cloud
    refused = installation.job()
    assert refused.returncode == 1
    assert f"ScalingGroup {kubectl.namespace}/web" in refused.stderr
    assert sorted(installation.finalizers()) == [IN_USE, FINALIZER, FINALIZER, FINALIZER]

    # Helm waits for a Job that nothing runs here, gives up, and has taken nothing away.
    assert installation.release.run("uninstall", RELEASE, "--timeout=2s").returncode != 0
    assert kubectl.exists("deployment", RELEASE)
    assert kubectl.exists("job", f"{RELEASE}-uninstall")
    upgrade = ("upgrade", RELEASE, str(CHART), *KEPT)
    assert "has no deployed releases" in installation.release.run(*upgrade).stderr
    assert installation.release.run("rollback", RELEASE, "1").returncode == 0, "as the documentation says"
    upgraded = installation.release.run(*upgrade)
    assert upgraded.returncode == 0, upgraded.stderr

    installation.operator.stop()  # the process beside the cluster: no Deployment ends it
    cloud.forget_calls()
    there = (cloud.groups(), cloud.configurations(), cloud.servers())
    without = installation.job()
    assert without.returncode == 1, "the operator's own rights do not reach so far"
    assert "deployments.apps/scale" in without.stderr
    hooks = installation.hooks()
    kubectl.apply(hooks["Role"], hooks["RoleBinding"])
    done = installation.job()
    assert done.returncode == 0, done.stderr
    assert kubectl.get("deployment", RELEASE)["spec"]["replicas"] == 0
    assert installation.finalizers() == []
    assert cloud.groups()[0]["scaling_group_id"] in done.stdout
    assert cloud.calls() == []
    assert (cloud.groups(), cloud.configurations(), cloud.servers()) == there
    kubectl.do("delete", "job,role,rolebinding", f"{RELEASE}-uninstall", "--ignore-not-found")


def test_nothing_left_lets_it_go(installation: Installation) -> None:
    """The usual way: objects first, while the operator runs."""
    kubectl = installation.namespace.kubectl
    for kind, name in (("scalinggroup", "web"), ("launchconfiguration", "web"), ("cloudaccount", "cloud")):
        kubectl.delete(kind, name)
    done = installation.job()
    assert (done.returncode, done.stderr) == (0, "")
    assert kubectl.get("secret", "cloud-key")["metadata"].get("finalizers", []) == []
