"""The manifests in examples/ do what their comments say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from e2e_stage import MakeNamespace
from kubectl import Kubectl

from stage.examples import FOLDER, VENDORS, Examples
from stage.simulator import Simulator
from stage.theatre import account

pytestmark = pytest.mark.e2e


@dataclass(frozen=True)
class Applied:
    """A namespace, and the examples of one vendor with a simulated cloud for them."""

    kubectl: Kubectl
    vendor: str
    url: str

    def apply(self) -> list[str]:
        """Apply every example of the folder; return KIND/NAME of each object."""
        examples = Examples(self.vendor)
        self.kubectl.do("apply", "-f", "-", given=examples.secret())
        names = []
        for _, text in examples.manifests(self.url):
            names += [f"{found['kind'].lower()}/{found['metadata']['name']}" for found in yaml.safe_load_all(text)]
            self.kubectl.do("apply", "-f", "-", given=text)
        return names

    def text(self, *path: str) -> str:
        return FOLDER.joinpath(self.vendor, *path).read_text()

    def refused_by_the_operator(self) -> list[str]:
        """Texts of the manifests that the API server lets pass."""
        paths = sorted((FOLDER / self.vendor / "refused").glob("*.yaml"))
        return [path.read_text() for path in paths if path.stem != "by-the-api-server"]


@pytest.fixture(scope="module", params=VENDORS)
def cloud(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """A vendor, and the address of a simulated cloud with the account of its examples."""
    log: Path = tmp_path_factory.mktemp("cloud") / "log"
    region = Examples(request.param).region
    simulator = Simulator(log, vendors=(request.param,), arguments=("--activity-seconds", "0", *account(region)))
    simulator.start()
    yield request.param, simulator.urls[request.param]
    simulator.stop()


@pytest.fixture
def bare(make_bare_namespace: MakeNamespace, cloud: tuple[str, str]) -> Iterator[Applied]:
    """Gone before the next test begins: they share an account, and an alarm rule serves one group only."""
    applied = Applied(make_bare_namespace().kubectl, *cloud)
    yield applied
    applied.kubectl.do("delete", "namespace", applied.kubectl.namespace, "--timeout=120s")


def test_examples_become_ready(bare: Applied) -> None:
    """All of them together."""
    names = bare.apply()
    bare.kubectl.ready(*names)
    kinds = {name.partition("/")[0] for name in names}
    assert kinds >= {"cloudaccount", "launchconfiguration", "scalinggroup", "scalingpolicy"}


def test_example_of_an_operation_ends(bare: Applied) -> None:
    """Nothing is out of date, so there is nothing to do."""
    bare.apply()
    bare.kubectl.ready("scalinggroup/web")
    text = (FOLDER / "huawei" / "operations" / "replace-outdated.yaml").read_text()
    bare.kubectl.do("apply", "-f", "-", given=text)
    bare.kubectl.do("wait", "--for=condition=Complete", "--timeout=60s", "instanceoperation/replace-outdated")
    assert bare.kubectl.condition("instanceoperation", "replace-outdated", "Complete")["reason"] == "NothingToDo"


def test_examples_of_every_kind_of_policy_become_ready(bare: Applied) -> None:
    """Whatever they are in the cloud, if anything."""
    paths = sorted((FOLDER / bare.vendor / "policies").glob("*.yaml"))
    if not paths:
        pytest.skip("the vendor has no examples of its own")
    bare.apply()
    names = []
    for path in paths:
        names += [f"scalingpolicy/{found['metadata']['name']}" for found in yaml.safe_load_all(path.read_text())]
        bare.kubectl.do("apply", "-f", str(path))
    bare.kubectl.ready(*names)


def test_account_of_the_public_cloud_is_accepted(bare: Applied) -> None:
    """Only the API server is asked: no test calls a real cloud."""
    bare.kubectl.do("apply", "--dry-run=server", "-f", "-", given=bare.text("public-cloud", "account.yaml"))


def test_manifest_that_the_api_server_refuses(bare: Applied) -> None:
    """The message in the file's comment."""
    text = bare.text("refused", "by-the-api-server.yaml")
    assert "minSize must not exceed maxSize" in bare.kubectl.refused("apply", "-f", "-", given=text)


def test_manifests_that_the_operator_refuses(bare: Applied) -> None:
    """Reason and message in the file's comment; no group is made."""
    bare.apply()
    for text in bare.refused_by_the_operator():
        told = next(line for line in text.splitlines() if "Accepted" in line).removeprefix("#")
        _, status, reason, message = told.split(maxsplit=3)
        bare.kubectl.do("apply", "-f", "-", given=text)
        refused = bare.kubectl.until_reason("scalinggroup", "refused", "Accepted", reason)
        assert (refused["status"], refused["message"]) == (status, message)
        assert not bare.kubectl.status("scalinggroup", "refused").get("externalId")
        bare.kubectl.delete("scalinggroup", "refused")
