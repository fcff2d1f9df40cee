"""Fixtures of the end-to-end tests: one control plane, one chart, one operator and one simulated cloud per session.

Every test has a namespace and a cloud account of its own. The operator watches all namespaces, so tests that do
not want it run first.
"""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from e2e_stage import RELEASE, MakeNamespace, Namespace, Release, namespaces, with_account
from kubectl import Kubectl
from operator_process import OperatorProcess
from simulated_cloud import Simulator, SimulatorProcess

from localplane.cluster import ControlPlane

# What these tests share with the unit tests: examples of specs, an account made by hand.
sys.path += [str(Path(__file__).resolve().parents[1] / "unit" / part) for part in ("api", "cli")]

OPERATOR_NAMESPACE = "cloud-scaling"
_OPERATOR = pytest.StashKey[OperatorProcess]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests with the operator last: it would take over the objects of the others."""
    items.sort(key=lambda item: "operator" in getattr(item, "fixturenames", ()))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show the operator's last words beside a failure."""
    report = yield
    operator = item.session.stash.get(_OPERATOR, None)
    if report.failed and operator is not None:
        report.sections.append(("operator log", operator.tail(60)))
    return report


@pytest.fixture(scope="session")
def plane() -> Iterator[ControlPlane]:
    """A running control plane: real etcd, kube-apiserver and kube-controller-manager."""
    with ControlPlane.start() as running:
        yield running


@pytest.fixture(scope="session")
def admin(plane: ControlPlane) -> Kubectl:
    """kubectl as the administrator, in the operator's namespace."""
    return Kubectl(plane.kubectl, plane.kubeconfig, OPERATOR_NAMESPACE)


@pytest.fixture(scope="session")
def chart(plane: ControlPlane, admin: Kubectl) -> Release:
    """The chart, installed once."""
    release = Release(plane.helm, admin)
    release.install()
    return release


@pytest.fixture(scope="session")
def operator(
    request: pytest.FixtureRequest, chart: Release, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[OperatorProcess]:
    """The operator with the chart's ServiceAccount, environment and rights; a test that ends it starts it again."""
    process = OperatorProcess(chart.kubectl, RELEASE, tmp_path_factory.mktemp("operator"))
    request.session.stash[_OPERATOR] = process
    process.start()
    yield process
    process.stop()


@pytest.fixture(scope="session")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """The simulated cloud."""
    running = SimulatorProcess(tmp_path_factory.mktemp("cloud") / "cloudsim.log")
    yield running
    running.stop()


@pytest.fixture
def make_bare_namespace(operator: OperatorProcess, admin: Kubectl, simulator: Simulator) -> Iterator[MakeNamespace]:
    """Makes empty namespaces with a cloud account behind each."""
    operator.start()
    with namespaces(admin, simulator) as make:
        yield make
        simulator.heal()


@pytest.fixture(scope="module")
def make_lasting_namespace(operator: OperatorProcess, admin: Kubectl, simulator: Simulator) -> Iterator[MakeNamespace]:
    """The same with credentials and a CloudAccount, for the tests of a module that share some."""
    operator.start()
    with namespaces(admin, simulator) as make:
        yield lambda: with_account(make())


@pytest.fixture
def bare_namespace(make_bare_namespace: MakeNamespace) -> Namespace:
    """An empty namespace with a cloud account behind it."""
    return make_bare_namespace()


@pytest.fixture
def namespace(bare_namespace: Namespace) -> Namespace:
    """A namespace with the credentials and a CloudAccount `cloud`."""
    return with_account(bare_namespace)
