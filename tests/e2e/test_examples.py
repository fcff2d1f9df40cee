"""The manifests in examples/ do what their comments say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from e2e_stage import Namespace
from manifests import secret

pytestmark = pytest.mark.e2e

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "huawei"
SIMULATOR = "http://127.0.0.1:9001"


def apply_examples(namespace: Namespace) -> list[dict[str, Any]]:
    """Apply every example of the folder for this test's account; return the objects."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    kubectl.apply(secret(cloud, "huawei-credentials"))
    objects: list[dict[str, Any]] = []
    for path in sorted(EXAMPLES.glob("*.yaml")):
        text = path.read_text().replace(SIMULATOR, cloud.simulator.url).replace("cn-north-4\n", "sim-region-1\n")
        objects += yaml.safe_load_all(text)
        kubectl.do("apply", "-f", "-", given=text)
    return objects


def test_examples_become_ready(namespace: Namespace) -> None:
    """All of them together."""
    objects = apply_examples(namespace)
    namespace.kubectl.ready(*[f"{found['kind'].lower()}/{found['metadata']['name']}" for found in objects])
    assert {found["kind"] for found in objects} == {
        "CloudAccount",
        "LaunchConfiguration",
        "ScalingGroup",
        "ScalingPolicy",
    }


def test_account_of_the_public_cloud_is_accepted(namespace: Namespace) -> None:
    """Only the API server is asked: no test calls a real cloud."""
    text = (EXAMPLES / "public-cloud" / "account.yaml").read_text()
    namespace.kubectl.do("apply", "--dry-run=server", "-f", "-", given=text)


def test_manifest_that_the_api_server_refuses(namespace: Namespace) -> None:
    """The message in the file's comment."""
    text = (EXAMPLES / "refused" / "by-the-api-server.yaml").read_text()
    assert "minSize must not exceed maxSize" in namespace.kubectl.refused("apply", "-f", "-", given=text)


@pytest.mark.parametrize("name", ["by-the-operator", "wrong-vendor-block"])
def test_manifest_that_the_operator_refuses(namespace: Namespace, name: str) -> None:
    """Reason and message in the file's comment; no group is created."""
    apply_examples(namespace)
    text = (EXAMPLES / "refused" / f"{name}.yaml").read_text()
    told = next(line for line in text.splitlines() if "Accepted" in line).removeprefix("#")
    _, status, reason, message = told.split(maxsplit=3)
    namespace.kubectl.do("apply", "-f", "-", given=text)
    refused = namespace.kubectl.until_reason("scalinggroup", "refused", "Accepted", reason)
    assert (refused["status"], refused["message"]) == (status, message)
    assert len(namespace.cloud.groups()) <= 1
