"""Finds a Go toolchain that is new enough for hack/controlplane-bin. Called by build."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from localplane import errors, places, wheels


@dataclass(frozen=True, slots=True)
class Toolchain:
    """A `go` command and what `go env GOVERSION` says of it, such as `go1.26.6`."""

    program: Path
    version: str


def environment() -> dict[str, str]:
    """Return the environment of every go command: no C compiler, no other toolchain, no workspace file."""
    return {**os.environ, "CGO_ENABLED": "0", "GOTOOLCHAIN": "local", "GOWORK": "off"}


def find(report: Callable[[str], None]) -> Toolchain:
    """Return Go from PATH if it is new enough, else the pinned wheel's."""
    on_path = shutil.which("go")
    if on_path:
        toolchain = Toolchain(Path(on_path), _version(Path(on_path)))
        if _numbers(toolchain.version) >= needed():
            return toolchain
        report(f"{on_path} is {toolchain.version}: too old for {places.GO_MODULE.name}")
    try:
        installed = wheels.program(wheels.GO, report)
        return Toolchain(installed, _version(installed))
    except errors.ToolMissing as exc:
        wanted = ".".join(map(str, needed()))
        raise errors.ToolMissing(
            f"Go {wanted} or newer is needed to build the control plane once. Put `go` on PATH, or let pip reach "
            f"an index that has {wheels.GO.requirement}, or set KUBEBUILDER_ASSETS to a folder with etcd, "
            f"kube-apiserver and kube-controller-manager.\n{exc}"
        ) from exc


def needed() -> tuple[int, ...]:
    """Return the version that go.mod asks for."""
    text = (places.GO_MODULE / "go.mod").read_text()
    line = re.search(r"^go (\S+)$", text, re.MULTILINE)
    if line is None:
        raise errors.PlaneError(f"{places.GO_MODULE}/go.mod has no go line")
    return _numbers(line[1])


def _version(program: Path) -> str:
    # Away from any module: an old go refuses to say anything inside one that wants a newer go.
    command = [str(program), "env", "GOVERSION"]
    done = subprocess.run(command, cwd="/", env=environment(), capture_output=True, text=True)
    return done.stdout.strip()


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:3])
