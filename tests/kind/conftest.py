"""Fixtures of the tests with the operator as a pod: one kind cluster, two releases of the chart.

The release under test watches all namespaces. The simulated cloud comes from a release of its own, so that
it is still there when the other is uninstalled; the operator of that release watches its own namespace only.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

sys.path.append(str(Path(__file__).resolve().parents[1] / "e2e"))

from e2e_stage import CHART, RELEASE, SETTINGS, MakeNamespace, Namespace, Release, namespaces, with_account
from kind_cluster import KindCluster, cluster
from kind_pods import OperatorPod, simulator
from kubectl import Kubectl, eventually
from simulated_cloud import Simulator, options

from localplane import binaries

NAMESPACE, CLOUD_NAMESPACE = "cloud-scaling", "simulated-clouds"
ACCOUNTS = 20
# Longer than a delayed call travels on after its sender was killed; the other tests never meet this.
GRACE = "absence.createGraceSeconds=10"
FIGURES = pytest.StashKey[list[str]]()


@pytest.fixture(scope="session")
def figure(pytestconfig: pytest.Config) -> Callable[[str], None]:
    """Takes a line for the end of the report."""
    return pytestconfig.stash.setdefault(FIGURES, []).append


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Show what was measured."""
    for line in config.stash.get(FIGURES, []):
        terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def images(figure: Callable[[str], None]) -> tuple[str, str]:
    """The images of operator and simulator, which `make image` has built."""
    names = (os.environ["IMAGE"], os.environ["SIMULATOR_IMAGE"])
    for name in names:
        size = subprocess.check_output(["docker", "image", "inspect", "--format={{.Size}}", name], text=True)
        figure(f"image {name}: {int(size) / 1e6:.0f} MB")
    return names


@pytest.fixture(scope="session")
def kind(images: tuple[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[KindCluster]:
    """The cluster, with the images in it and the CRDs of this checkout."""
    wanted = os.environ.get("KIND_CLUSTER", "")
    with cluster(os.environ.get("KIND_BIN") or "kind", wanted, tmp_path_factory.mktemp("kind")) as running:
        running.load(*images)
        yield running


@pytest.fixture(scope="session")
def admin(kind: KindCluster) -> Iterator[Kubectl]:
    """kubectl as the administrator, with namespaces that refuse a pod that is not restricted."""
    kubectl = Kubectl(binaries.kubectl(), kind.kubeconfig, NAMESPACE)
    # Helm leaves CRDs that exist as they are, and this may not be the cluster's first session.
    kubectl.do("apply", "--server-side", "--force-conflicts", "-f", str(CHART / "crds"))
    for name in (NAMESPACE, CLOUD_NAMESPACE):
        labels = {"pod-security.kubernetes.io/enforce": "restricted"}
        kubectl.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}})
    yield kubectl
    kubectl.do("delete", "namespace", NAMESPACE, CLOUD_NAMESPACE, "--timeout=120s")


@pytest.fixture(scope="session")
def settings(images: tuple[str, str]) -> tuple[str, ...]:
    """Values that every release is given: these images and no others."""
    given = [*SETTINGS, GRACE]
    for part, image in zip(("image", "simulator.image"), images, strict=True):
        repository, _, tag = image.rpartition(":")
        given += [f"{part}.repository={repository}", f"{part}.tag={tag}", f"{part}.pullPolicy=Never"]
    return tuple(given)


@pytest.fixture(scope="session")
def simulated(
    admin: Kubectl, settings: tuple[str, ...], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Simulator]:
    """The simulated cloud, from a release of its own."""
    values = tmp_path_factory.mktemp("values") / "simulator.yaml"
    values.write_text(yaml.safe_dump({"simulator": {"enabled": True, "args": options(ACCOUNTS, ["huawei"])}}))
    release = Release(binaries.helm(), admin.inside(CLOUD_NAMESPACE))
    apart = (f"watchNamespaces={{{CLOUD_NAMESPACE}}}", "clusterName=apart", "rbac.aggregate=false")
    helm_install(release, *settings, *apart, "deletionProtection.enabled=false", values=values)
    try:
        with simulator(release.kubectl) as running:
            yield running
    finally:
        done = release.run("uninstall", RELEASE, "--wait", "--timeout=90s")
        assert done.returncode == 0, done.stderr  # its hook has found no object in its one namespace


@pytest.fixture(scope="session")
def install(admin: Kubectl, settings: tuple[str, ...]) -> Iterator[Callable[[], Release]]:
    """Installs the release under test and waits for its pod."""
    release = Release(binaries.helm(), admin)

    def installed() -> Release:
        helm_install(release, *settings)
        return release

    yield installed
    # Without the hook: what a failed test has left must not keep the release.
    release.run("uninstall", RELEASE, "--wait", "--ignore-not-found", "--no-hooks")


def helm_install(release: Release, *settings: str, values: Path | None = None) -> None:
    """helm install --wait."""
    more = [f"--set={setting}" for setting in settings] + ([f"--values={values}"] if values else [])
    done = release.run("install", RELEASE, str(CHART), "--wait", "--timeout=90s", *more)
    assert done.returncode == 0, done.stderr + release.kubectl.run("describe", "pods").stdout


@pytest.fixture(scope="session")
def release(install: Callable[[], Release]) -> Release:
    """The release under test."""
    return install()


@pytest.fixture(scope="session")
def operator(release: Release) -> OperatorPod:
    """Its pod."""
    return OperatorPod(release.kubectl)


@pytest.fixture(scope="session")
def make_namespace(operator: OperatorPod, admin: Kubectl, simulated: Simulator) -> Iterator[MakeNamespace]:
    """Makes namespaces with a cloud account; they are gone before the operator that empties them is."""
    made: list[str] = []
    with namespaces(admin, simulated) as make:

        def remembered() -> Namespace:
            namespace = make()
            made.append(namespace.name)
            return with_account(namespace)

        yield remembered
        simulated.heal()
    eventually(lambda: not admin.do("get", "namespace", *made, "--ignore-not-found"), "namespaces gone", limit_s=120)


@pytest.fixture
def namespace(make_namespace: MakeNamespace, simulated: Simulator) -> Iterator[Namespace]:
    """A namespace with the credentials and a CloudAccount `cloud`."""
    yield make_namespace()
    simulated.heal()
