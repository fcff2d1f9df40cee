"""The operator as a process that may do no more than the chart's ServiceAccount."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

import yaml

from stage.actor import Actor
from stage.program import Program


def service_account_kubeconfig(kubectl: Program, path: Path, *, namespace: str, name: str) -> Path:
    """A kubeconfig with a TokenRequest token of the ServiceAccount and nothing else, readable by its owner."""
    token = kubectl("create", "token", name, "--namespace", namespace, "--duration", "8h").strip()
    content = yaml.safe_load(kubectl.kubeconfig.read_text())
    user = "operator"
    content["users"] = [{"name": user, "user": {"token": token}}]
    for context in content["contexts"]:
        context["context"]["user"] = user
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        yaml.safe_dump(content, file, sort_keys=False)
    return path


class OperatorProcess(Actor):
    """`cloudscaling run` beside the control plane; can be started again after it ended."""

    def __init__(self, log: Path, kubeconfig: Path, *, namespace: str, settings: Mapping[str, str]) -> None:
        super().__init__("operator", log)
        self._env = {
            "KUBECONFIG": str(kubeconfig),
            "POD_NAMESPACE": namespace,
            "CLOUDSCALING_LISTEN": "127.0.0.1:0",
            "CLOUDSCALING_LOG_FORMAT": "text",
            **{f"CLOUDSCALING_{name.upper()}": value for name, value in settings.items()},
        }

    def start(self) -> None:
        self.launch([sys.executable, "-m", "cloudscaling", "run"], self._env)
