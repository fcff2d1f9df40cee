"""The generated CustomResourceDefinitions against a real API server, those of unreleased kinds included."""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from crd_cases import BASE, UPDATE, Case, Json, merged
from crd_create_cases import CREATE
from schema_examples import complete

from cloudscaling.api import crdgen, meta
from cloudscaling.api.schema import kind_schema
from cloudscaling.api.v1alpha1 import MODELS
from localplane.cluster import ControlPlane
from stage.program import Program

pytestmark = pytest.mark.e2e

NAMESPACE = "crds"
EXAMPLES: list[Json] = list(yaml.safe_load_all(Path(__file__).with_name("crd_examples.yaml").read_text()))
UNRELEASED = [kind for kind in meta.KINDS if kind not in meta.RELEASED_KINDS]


@dataclass(frozen=True)
class Cluster:
    """kubectl with the kubeconfig of the control plane."""

    plane: ControlPlane

    def run(self, *arguments: str, given: object = None) -> subprocess.CompletedProcess[str]:
        """Run kubectl; `given` goes to its standard input as JSON or, if it is text, as it is."""
        text = given if isinstance(given, str) else json.dumps(given)
        kubectl = Program(self.plane.kubectl, self.plane.kubeconfig, (f"--namespace={NAMESPACE}",))
        return kubectl.run(*arguments, stdin=text, timeout=60)

    def do(self, *arguments: str, given: object = None) -> str:
        """Run kubectl, which must succeed."""
        result = self.run(*arguments, given=given)
        assert result.returncode == 0, result.stderr
        return result.stdout

    def refused(self, *arguments: str, given: object = None) -> str:
        """Run kubectl, which must fail, and return its error."""
        result = self.run(*arguments, given=given)
        assert result.returncode != 0, f"accepted: {given}"
        return result.stderr


@pytest.fixture(scope="module")
def cluster(plane: ControlPlane) -> Iterator[Cluster]:
    """The control plane with all six CRDs and a namespace."""
    cluster = Cluster(plane)
    for kind in meta.KINDS:
        cluster.do("apply", "--server-side", "-f", "-", given=crdgen.text(kind))
    names = [f"crd/{about.crd_name}" for about in meta.KINDS.values()]
    cluster.do("wait", "--for=condition=Established", "--timeout=60s", *names)
    cluster.do("create", "namespace", NAMESPACE)
    yield cluster
    cluster.do("delete", "namespace", NAMESPACE, "--wait=false")
    for kind in UNRELEASED:  # other tests shall find what a user finds
        cluster.do("delete", f"crd/{meta.KINDS[kind].crd_name}")


def resource(kind: str, spec: Json, name: str = "web") -> Json:
    """An object of a kind."""
    return {
        "apiVersion": meta.API_VERSION,
        "kind": kind,
        "metadata": {"name": name, "namespace": NAMESPACE},
        "spec": spec,
    }


def rule_named(case: Case) -> str:
    """The message of a case's rule."""
    (message,) = [
        placed.rule.message
        for placed in kind_schema(MODELS[case.kind]).rules
        if (placed.path, placed.rule.id) == (case.path, case.rule)
    ]
    return message


def assert_only(error: str, message: str) -> None:
    """The error is this rule's and no other's."""
    assert message in error
    assert error.count("Invalid value") == 1, error


@pytest.mark.parametrize("case", CREATE, ids=lambda case: case.id)
def test_rule_looks_at_the_object(cluster: Cluster, case: Case) -> None:
    """One object passes the rule, another one is refused with its message and nothing else."""
    good, bad = (resource(case.kind, merged(BASE[case.kind], change)) for change in (case.good, case.bad))
    cluster.do("create", "--dry-run=server", "-f", "-", given=good)
    assert_only(cluster.refused("create", "--dry-run=server", "-f", "-", given=bad), rule_named(case))


@pytest.mark.parametrize("case", UPDATE, ids=lambda case: case.id)
def test_rule_compares_with_the_old_object(cluster: Cluster, case: Case) -> None:
    """One update passes the rule, another one is refused with its message and nothing else."""
    before = merged(BASE[case.kind], case.before or {})
    plural = meta.KINDS[case.kind].plural
    cluster.do("create", "-f", "-", given=resource(case.kind, before))
    try:
        if case.status:
            patch = json.dumps({"status": case.status})
            cluster.do("patch", plural, "web", "--subresource=status", "--type=merge", "-p", patch)
        bad, good = (resource(case.kind, merged(before, change)) for change in (case.bad, case.good))
        assert_only(cluster.refused("replace", "-f", "-", given=bad), rule_named(case))
        cluster.do("replace", "-f", "-", given=good)
    finally:
        cluster.do("delete", plural, "web")


def test_every_rule_has_a_case() -> None:
    """No rule of any kind goes untried."""
    rules = {(kind, placed.path, placed.rule.id) for kind in MODELS for placed in kind_schema(MODELS[kind]).rules}
    assert {(case.kind, case.path, case.rule) for case in [*CREATE, *UPDATE]} == rules


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["metadata"]["name"])
def test_examples_are_accepted_and_read(cluster: Cluster, example: Json) -> None:
    """What users write is accepted, and the model has the same defaults as the server."""
    stored = json.loads(cluster.do("create", "--dry-run=server", "-o", "json", "-f", "-", given=example))
    assert spec_of(example) == spec_of(stored) == in_utc(stored["spec"])


def spec_of(document: Json) -> Json:
    """The spec as the model reads and writes it."""
    read: Any = MODELS[document["kind"]].model_validate(document)
    spec: Json = read.spec.model_dump(by_alias=True, exclude_none=True, mode="json")
    return spec


def in_utc(spec: Json) -> Json:
    """The spec with the one time that has another offset turned into UTC, as the model writes it."""
    text = json.dumps(spec).replace("2026-01-01T00:00:00+08:00", "2025-12-31T16:00:00Z")
    result: Json = json.loads(text)
    return result


@pytest.mark.parametrize("kind", MODELS)
def test_every_status_field_survives(cluster: Cluster, kind: str) -> None:
    """A status with every field goes through the server and the model without a change."""
    plural = meta.KINDS[kind].plural
    status = complete(kind_schema(MODELS[kind]).schema["properties"]["status"])
    cluster.do("create", "-f", "-", given=resource(kind, BASE[kind], name="full"))
    patch = json.dumps({"status": status})
    cluster.do("patch", plural, "full", "--subresource=status", "--type=merge", "-p", patch)
    stored = json.loads(cluster.do("get", plural, "full", "-o", "json"))
    assert stored["status"] == status
    read: Any = MODELS[kind].model_validate(stored)
    assert read.status.model_dump(by_alias=True, exclude_none=True, mode="json") == status
    cluster.do("delete", plural, "full")


@pytest.mark.parametrize("kind", MODELS)
def test_unknown_field_is_refused(cluster: Cluster, kind: str) -> None:
    """A mistyped field is an error, and pruned where validation is switched off."""
    typo = resource(kind, merged(BASE[kind], {"desiredCapactiy": 3}))
    assert 'unknown field "spec.desiredCapactiy"' in cluster.refused(
        "create", "--dry-run=server", "-f", "-", given=typo
    )
    stored = cluster.do("create", "--dry-run=server", "--validate=false", "-o", "json", "-f", "-", given=typo)
    assert "desiredCapactiy" not in json.loads(stored)["spec"]


@pytest.mark.parametrize("kind", MODELS)
def test_columns_come_in_order(cluster: Cluster, kind: str) -> None:
    """kubectl get prints NAME and our columns by short name; -o wide adds the others."""
    about = meta.KINDS[kind]
    cluster.do("create", "-f", "-", given=resource(kind, BASE[kind], name="columns"))
    normal = cluster.do("get", about.short_name, "columns").splitlines()[0].split()
    wide = cluster.do("get", about.short_name, "columns", "-o", "wide").splitlines()[0].split()
    assert normal == ["NAME", *[column.name for column in about.columns if not column.wide]]
    assert wide == ["NAME", *[column.name for column in about.columns]]
    assert about.kind.lower() in cluster.do("get", meta.CATEGORY, "-o", "name")
    cluster.do("delete", about.plural, "columns")


def test_explain_is_the_manual(cluster: Cluster) -> None:
    """kubectl explain prints the description of the model."""
    out = cluster.do("explain", "scalinggroup.spec.desiredCapacity")
    assert "Instances the group shall hold, between minSize and maxSize." in " ".join(out.split())


def test_scale_writes_desired_capacity(cluster: Cluster) -> None:
    """kubectl scale reaches spec.desiredCapacity although it was left out, and the bounds hold there too."""
    cluster.do("create", "-f", "-", given=resource("ScalingGroup", BASE["ScalingGroup"], name="scaled"))
    cluster.do("scale", "scg/scaled", "--replicas=4")
    assert cluster.do("get", "scg/scaled", "-o", "jsonpath={.spec.desiredCapacity}") == "4"
    assert "desiredCapacity must be between" in cluster.refused("scale", "scg/scaled", "--replicas=11")
    cluster.do("delete", "scg/scaled")


@pytest.mark.parametrize("kind", [kind for kind, about in meta.KINDS.items() if about.selectable])
def test_references_can_be_selected(cluster: Cluster, kind: str) -> None:
    """A field selector finds the objects that refer to something."""
    about = meta.KINDS[kind]
    cluster.do("create", "-f", "-", given=resource(kind, BASE[kind], name="chosen"))
    for path in about.selectable:
        value = BASE[kind].get(path.split(".")[2], {}).get("name", "")
        found = cluster.do("get", about.plural, "-o", "name", f"--field-selector={path[1:]}={value}")
        assert found.strip().endswith("/chosen")
        assert not cluster.do("get", about.plural, "-o", "name", f"--field-selector={path[1:]}=other")
    cluster.do("delete", about.plural, "chosen")


def test_times_need_an_offset(cluster: Cluster) -> None:
    """A time without offset would be read differently by different readers."""
    schedule = {"type": "Scheduled", "schedule": {"at": "2030-01-01T00:00:00"}}
    policy = resource("ScalingPolicy", merged(BASE["ScalingPolicy"], schedule))
    assert "spec.schedule.at" in cluster.refused("create", "--dry-run=server", "-f", "-", given=policy)
