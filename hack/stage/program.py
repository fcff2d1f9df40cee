"""kubectl and helm as people use them, with one kubeconfig. Used by the theatre, the tests and the benches."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class ProgramError(RuntimeError):
    """The program refused; the text is what it printed."""


@dataclass(frozen=True)
class Program:
    """One program and the flags that stand before every command."""

    binary: Path
    kubeconfig: Path
    flags: tuple[str, ...] = ()

    def command(self, *arguments: str) -> list[str]:
        return [str(self.binary), f"--kubeconfig={self.kubeconfig}", *self.flags, *arguments]

    def run(
        self, *arguments: str, stdin: str | None = None, timeout: float = 120.0
    ) -> subprocess.CompletedProcess[str]:
        """Run it, whatever comes of it."""
        command = self.command(*arguments)
        return subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=timeout, check=False)

    def __call__(self, *arguments: str, stdin: str | None = None, timeout: float = 120.0) -> str:
        """Run it and return what it printed; raises ProgramError with its words."""
        done = self.run(*arguments, stdin=stdin, timeout=timeout)
        if done.returncode != 0:
            raise ProgramError((done.stderr or done.stdout).strip())
        return done.stdout


class Kubectl(Program):
    """What the demo and the benches say most often."""

    def apply(self, manifest: str, *arguments: str) -> str:
        return self("apply", "-f", "-", *arguments, stdin=manifest)

    def json(self, *arguments: str) -> Any:
        return json.loads(self("get", *arguments, "-o", "json"))
