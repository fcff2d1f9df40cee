"""The operator as the chart installs it: with the rights of one namespace, and what it serves to a cluster."""

from __future__ import annotations

from pathlib import Path

import pytest
from e2e_stage import RELEASE, Namespace, Release, with_account
from kubectl import Kubectl
from manifests import account
from operator_process import OperatorProcess

pytestmark = pytest.mark.e2e


def test_rights_of_one_namespace_are_enough_for_it(
    bare_namespace: Namespace, operator: OperatorProcess, chart: Release, tmp_path: Path
) -> None:
    """watchNamespaces: a whole life of a group, and objects elsewhere are not even looked at."""
    kubectl = bare_namespace.kubectl
    elsewhere = kubectl.inside("default")
    operator.stop()
    release = Release(chart.helm, kubectl)
    namespaced = (f"watchNamespaces={{{bare_namespace.name}}}", "clusterName=blue", "rbac.aggregate=false")
    release.install(*namespaced, "credentials.protectSecrets=false")
    own = OperatorProcess(kubectl, RELEASE, tmp_path)
    try:
        elsewhere.apply(account(bare_namespace.cloud, "elsewhere"))
        own.start()
        with_account(bare_namespace).ready_group()
        assert "finalizers" not in kubectl.get("secret", "cloud-key")["metadata"]
        for kind, name in (("scalinggroup", "web"), ("launchconfiguration", "web"), ("cloudaccount", "cloud")):
            kubectl.delete(kind, name)
        assert bare_namespace.cloud.groups() == []
        assert "finalizers" not in elsewhere.get("cloudaccount", "elsewhere")["metadata"]
        assert "Forbidden" not in own.text
        assert "forbidden" not in own.text
    finally:
        own.stop()
        elsewhere.delete("cloudaccount", "elsewhere")
        assert release.run("uninstall", RELEASE, "--no-hooks").returncode == 0


def test_no_right_is_missing(namespace: Namespace, operator: OperatorProcess) -> None:
    """Nothing that the operator did in this session was forbidden."""
    namespace.ready_group()
    assert "forbidden" not in operator.text.lower()


def test_key_of_the_hashes_is_made_once(namespace: Namespace, operator: OperatorProcess, admin: Kubectl) -> None:
    """A restart reads it; another key would make every hash new."""
    before = admin.get("secret", "cloudscaling-state-key")["data"]
    operator.stop()
    operator.start()
    assert admin.get("secret", "cloudscaling-state-key")["data"] == before


def test_metrics_count_the_calls(namespace: Namespace, operator: OperatorProcess) -> None:
    """One listener for probes and metrics."""
    namespace.ready_group()
    assert (operator.probe("/livez"), operator.probe("/readyz")) == (200, 200)
    assert "CreateScalingGroup" in operator.metrics()
