"""What the fixtures of conftest hand to a test: the installed chart, and a namespace with its cloud."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import manifests
from kubectl import Kubectl
from simulated_cloud import Cloud, Simulator

from stage.program import Program

CHART = Path(__file__).resolve().parents[2] / "helm" / "cloud-scaling-operator"
RELEASE = "cloud-scaling-operator"
# Short periods, so that nobody waits; what they mean is the same.
SETTINGS = (
    "logFormat=text",
    "absence.confirmSeconds=1",
    "absence.createGraceSeconds=1",
    "intervals.secretPollSeconds=1",
)


@dataclass(frozen=True)
class Namespace:
    """A namespace with a CloudAccount, and the cloud behind it."""

    kubectl: Kubectl
    cloud: Cloud

    @property
    def name(self) -> str:
        return self.kubectl.namespace

    def ready_group(self, **spec: Any) -> None:
        """A launch configuration `web` and a group `web`, both ready."""
        self.kubectl.apply(manifests.launch(), manifests.group(**spec))
        self.kubectl.ready("scalinggroup/web")


@dataclass(frozen=True)
class Release:
    """helm install of the chart; no pod runs here, so nothing waits for one."""

    helm: Path
    kubectl: Kubectl

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run helm in the operator's namespace."""
        helm = Program(self.helm, self.kubectl.kubeconfig, (f"--namespace={self.kubectl.namespace}",))
        return helm.run(*arguments)

    def install(self, *settings: str) -> None:
        """Install the release with the tests' periods and further settings for `--set`."""
        given = [f"--set={setting}" for setting in (*SETTINGS, *settings)]
        done = self.run("install", RELEASE, str(CHART), "--create-namespace", *given)
        assert done.returncode == 0, done.stderr


MakeNamespace = Callable[[], Namespace]


@contextmanager
def namespaces(admin: Kubectl, simulator: Simulator) -> Iterator[MakeNamespace]:
    """Makes namespaces; they are deleted afterwards, with all that is in them, while the next test begins."""
    made: list[Namespace] = []

    def make() -> Namespace:
        cloud = simulator.account()
        name = f"test-{cloud.number}"
        admin.do("create", "namespace", name)
        made.append(Namespace(admin.inside(name), cloud))
        return made[-1]

    try:
        yield make
    finally:
        for namespace in made:
            admin.do("delete", "namespace", namespace.name, "--wait=false", "--ignore-not-found")


def with_account(namespace: Namespace) -> Namespace:
    """Put the credentials and a CloudAccount `cloud` into a namespace."""
    namespace.kubectl.apply(manifests.secret(namespace.cloud), manifests.account(namespace.cloud))
    return namespace
