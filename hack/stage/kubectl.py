"""kubectl as people use it, with one kubeconfig."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any


class KubectlError(RuntimeError):
    """kubectl refused; the text is what it printed."""


class Kubectl:
    """Runs kubectl; raises KubectlError with its words."""

    def __init__(self, binary: Path, kubeconfig: Path) -> None:
        self.binary = binary
        self.kubeconfig = kubeconfig

    def command(self, *arguments: str) -> list[str]:
        return [str(self.binary), "--kubeconfig", str(self.kubeconfig), *arguments]

    def __call__(self, *arguments: str, stdin: str | None = None, timeout: float = 120.0) -> str:
        """Run it and return what it printed."""
        done = subprocess.run(
            self.command(*arguments), input=stdin, capture_output=True, text=True, timeout=timeout, check=False
        )
        if done.returncode != 0:
            raise KubectlError((done.stderr or done.stdout).strip())
        return done.stdout

    def apply(self, manifest: str, *arguments: str) -> str:
        return self("apply", "-f", "-", *arguments, stdin=manifest)

    def json(self, *arguments: str) -> Any:
        return json.loads(self("get", *arguments, "-o", "json"))
