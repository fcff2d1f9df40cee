"""A namespace on the real API server for tests of the Kubernetes port: kubectl, clients, fixtures."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from kube_port_shell import SystemClock

from cloudscaling.handlers import watch
from cloudscaling.kube.access import Access
from cloudscaling.kube.client import KubeClient
from cloudscaling.kube.session import Session
from stage.program import Program

if TYPE_CHECKING:
    from localplane.cluster import ControlPlane

CRDS = Path(__file__).resolve().parents[2] / "crds"
PROGRAM = Path(__file__).with_name("kube_port_shell.py")
ACCOUNTS, GROUPS = "cloudaccounts", "scalinggroups"
NAMESPACE = "kube-port"


class Cluster:
    """kubectl as the administrator, and clients of whoever is asked for."""

    def __init__(self, plane: ControlPlane, folder: Path) -> None:
        self.plane = plane
        self._folder = folder

    def do(self, *arguments: str, given: object = None) -> str:
        kubectl = Program(self.plane.kubectl, self.plane.kubeconfig)
        result = kubectl.run(*arguments, stdin=json.dumps(given), timeout=60)
        assert result.returncode == 0, result.stderr
        return result.stdout

    def make(self, name: str, namespace: str = NAMESPACE, **spec: Any) -> dict[str, Any]:
        """A CloudAccount, which refers to nothing that must exist."""
        content = {"vendor": "Huawei", "region": "eu-1", "credentials": {"secretRef": {"name": "c"}}, **spec}
        body = {
            "apiVersion": "cloudscaling.dev/v1alpha1",
            "kind": "CloudAccount",
            "metadata": {"name": name, "namespace": namespace},
            "spec": content,
        }
        made: dict[str, Any] = json.loads(self.do("create", "-o", "json", "-f", "-", given=body))
        return made

    def token(self, account: str) -> str:
        return self.do("create", "token", account, f"--namespace={NAMESPACE}")

    def kubeconfig(self, server: str = "", **user: str) -> Path:
        """A kubeconfig of another user or by another way, in the test's own folder."""
        known = yaml.safe_load(self.plane.kubeconfig.read_text())
        if user:
            known["users"][0]["user"] = user
        if server:
            known["clusters"][0]["cluster"]["server"] = server
        path = self._folder / "kubeconfig"
        path.write_text(yaml.safe_dump(known))
        return path

    @asynccontextmanager
    async def client(self, kubeconfig: Path | None = None) -> AsyncIterator[KubeClient]:
        access = await Access.load({"KUBECONFIG": str(kubeconfig or self.plane.kubeconfig)})
        kube = KubeClient(Session(access), SystemClock(), instance="test")
        try:
            yield kube
        finally:
            await kube.close()


@pytest.fixture(scope="module")
def prepared(plane: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """The released CRDs, a namespace, and a ServiceAccount with the rights of a namespaced installation."""
    cluster = Cluster(plane, tmp_path_factory.mktemp("prepared"))
    cluster.do("apply", "--server-side", "--force-conflicts", "-f", str(CRDS))
    released = [f"crd/{plural}.cloudscaling.dev" for plural in watch.PLURALS]
    cluster.do("wait", "--for=condition=Established", "--timeout=60s", *released)
    cluster.do("create", "namespace", NAMESPACE)
    inside = f"--namespace={NAMESPACE}"
    for account in ("operator", "nobody"):
        cluster.do("create", "serviceaccount", account, inside)
    watched = ",".join(f"{plural}.cloudscaling.dev" for plural in watch.PLURALS)
    cluster.do("create", "role", "operator", "--verb=get,list,watch", f"--resource={watched}", inside)
    subject = f"--serviceaccount={NAMESPACE}:operator"
    cluster.do("create", "rolebinding", "operator", "--role=operator", subject, inside)
    yield plane
    cluster.do("delete", "namespace", NAMESPACE, "--timeout=60s")


@pytest.fixture
def cluster(prepared: ControlPlane, tmp_path: Path) -> Cluster:
    """The prepared control plane."""
    return Cluster(prepared, tmp_path)


@pytest.fixture
async def kube(cluster: Cluster) -> AsyncIterator[KubeClient]:
    """The port, as the administrator."""
    async with cluster.client() as client:
        yield client
