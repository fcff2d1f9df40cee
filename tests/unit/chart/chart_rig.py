"""The chart through the helm binary: lint, rendered objects, refusals. Used by the tests of this folder."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

CHART = Path(__file__).resolve().parents[3] / "helm" / "cloud-scaling-operator"

Manifest = dict[str, Any]


@dataclass(frozen=True)
class Chart:
    """helm on the chart's folder; no cluster is needed."""

    helm: Path

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run helm."""
        return subprocess.run([self.helm, *arguments], capture_output=True, text=True, timeout=60)

    def render(self, *settings: str, namespace: str = "cloud-scaling", release: str = "cso") -> list[Manifest]:
        """Return the objects that a release with these settings (`--set`) would have."""
        done = self.run("template", release, str(CHART), f"--namespace={namespace}", *_given(settings))
        assert done.returncode == 0, done.stderr
        return [document for document in yaml.safe_load_all(done.stdout) if document]

    def refused(self, *settings: str) -> str:
        """Return helm's words about settings that it must refuse."""
        done = self.run("template", "cso", str(CHART), *_given(settings))
        assert done.returncode != 0, f"accepted: {settings}"
        return done.stderr


def _given(settings: tuple[str, ...]) -> list[str]:
    return [f"--set={setting}" for setting in settings]


def only(objects: list[Manifest], kind: str, name_part: str = "") -> Manifest:
    """Return the one object of a kind, or the one of them with a part in its name."""
    found = [o for o in objects if o["kind"] == kind and name_part in o["metadata"]["name"]]
    assert len(found) == 1, [o["metadata"]["name"] for o in found]
    return found[0]


def kinds(objects: list[Manifest]) -> set[str]:
    """Return the kinds that appear."""
    return {o["kind"] for o in objects}


def rights(role: Manifest) -> set[tuple[str, str, str]]:
    """Return (group/resource, verb, name or "") for everything a role allows."""
    return {
        (f"{group}/{resource}", verb, name)
        for rule in role["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
        for name in rule.get("resourceNames", [""])
    }


def container(objects: list[Manifest]) -> Manifest:
    """Return the operator's container."""
    found: Manifest = only(objects, "Deployment")["spec"]["template"]["spec"]["containers"][0]
    return found


def environment(objects: list[Manifest]) -> dict[str, str]:
    """Return the plain environment variables of the operator."""
    return {item["name"]: item["value"] for item in container(objects)["env"] if "value" in item}
