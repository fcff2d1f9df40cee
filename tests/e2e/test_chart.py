"""The chart on a real API server: its objects exist, its rights suffice and go no further, its policy protects."""

from __future__ import annotations

import pytest
from e2e_stage import RELEASE, Release
from kubectl import Kubectl
from manifests import group

from localplane.cluster import ControlPlane

pytestmark = pytest.mark.e2e

KINDS = ("cloudaccounts", "launchconfigurations", "scalinggroups", "scalingpolicies", "instanceoperations")


def may(admin: Kubectl, account: str, verb: str, resource: str, *more: str) -> bool:
    """Whether a ServiceAccount of the operator's namespace may do something."""
    who = f"--as=system:serviceaccount:{admin.namespace}:{account}"
    return admin.run("auth", "can-i", verb, resource, who, *more).stdout.strip() == "yes"


def test_installed_objects_exist(chart: Release, admin: Kubectl) -> None:
    """Nothing of the release was dropped or refused."""
    manifest = chart.run("get", "manifest", RELEASE).stdout
    assert len(admin.do("get", "-f", "-", "-o", "name", given=manifest).split()) == manifest.count("\nkind:")
    crds = [f"crd/{kind}.cloudscaling.dev" for kind in KINDS]
    admin.do("wait", "--for=condition=Established", "--timeout=60s", *crds)


def test_second_release_of_the_same_name_is_told_apart(chart: Release, admin: Kubectl) -> None:
    """Cluster-scoped names carry the namespace, so one elsewhere meets nothing of the first."""
    elsewhere = Release(chart.helm, admin.inside("default"))
    elsewhere.install("watchNamespaces={default}", "clusterName=blue", "rbac.aggregate=false")
    try:
        roles = admin.inside("default").do("get", "role,rolebinding", "-o", "name").split()
        assert {role.rpartition("/")[2] for role in roles} == {RELEASE, f"{RELEASE}-watch"}
    finally:
        assert elsewhere.run("uninstall", RELEASE, "--no-hooks").returncode == 0


@pytest.mark.parametrize(
    ("verb", "resource", "more"),
    [
        ("list", "secrets", ("--all-namespaces",)),
        ("watch", "secrets", ("--all-namespaces",)),
        ("create", "secrets", ("--namespace=default",)),
        ("delete", "secrets", ("--all-namespaces",)),
        ("list", "configmaps", ("--all-namespaces",)),
        ("list", "namespaces", ()),
        ("get", "namespaces/default", ()),
        ("delete", "scalinggroups.cloudscaling.dev", ("--all-namespaces",)),
        ("create", "scalinggroups.cloudscaling.dev", ("--all-namespaces",)),
        ("update", "scalinggroups.cloudscaling.dev", ("--all-namespaces",)),
        ("get", "customresourcedefinitions", ()),
        ("get", "pods", ("--all-namespaces",)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_operator_may_not(chart: Release, admin: Kubectl, verb: str, resource: str, more: tuple[str, ...]) -> None:
    """What it does not need, it cannot do."""
    assert not may(admin, RELEASE, verb, resource, *more)


def test_cluster_roles_reach_people(chart: Release, admin: Kubectl) -> None:
    """Aggregation: `view` may look, `edit` may change, and only the operator writes status."""
    admin.do("create", "serviceaccount", "reader")
    admin.do("create", "serviceaccount", "writer")
    for account, role in (("reader", "view"), ("writer", "edit")):
        admin.do(
            "create", "rolebinding", account, f"--clusterrole={role}", f"--serviceaccount={admin.namespace}:{account}"
        )
    resource = "scalinggroups.cloudscaling.dev"
    assert may(admin, "reader", "list", resource)
    assert not may(admin, "reader", "patch", resource)
    assert may(admin, "writer", "delete", resource)
    assert may(admin, "writer", "patch", resource, "--subresource=scale")
    assert not may(admin, "writer", "patch", resource, "--subresource=status")


def test_protected_group_cannot_be_deleted(chart: Release, plane: ControlPlane, admin: Kubectl) -> None:
    """The documented message; once the protection is off, deletion goes through."""
    kubectl = admin.inside("default")
    kubectl.apply(group("guarded", deletionProtection=True))
    refusal = kubectl.refused("delete", "scalinggroup", "guarded")
    assert "spec.deletionProtection is true; set it to false first" in refusal
    kubectl.set_spec("scalinggroup", "guarded", deletionProtection=False)
    kubectl.delete("scalinggroup", "guarded")
    assert not kubectl.exists("scalinggroup", "guarded")
