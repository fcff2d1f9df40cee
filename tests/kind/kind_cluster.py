"""A kind cluster by its name: used as it is, or made for the session and deleted afterwards. Used by conftest."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

OWN_NAME = "cloud-scaling-e2e"


@dataclass(frozen=True)
class KindCluster:
    """A cluster that runs, and the kubeconfig of its administrator."""

    kind: str
    name: str
    kubeconfig: Path

    def load(self, *images: str) -> None:
        """Bring local images into the cluster."""
        run(self.kind, "load", "docker-image", *images, "--name", self.name)


@contextmanager
def cluster(kind: str, wanted: str, folder: Path) -> Iterator[KindCluster]:
    """The cluster that is wanted by name, which must exist; with no name one of our own."""
    there = run(kind, "get", "clusters").split()
    if wanted:
        assert wanted in there, f"there is no kind cluster {wanted!r}, only {there}"
    name, made = wanted or OWN_NAME, not wanted and OWN_NAME not in there
    kubeconfig = folder / "kubeconfig"
    kubeconfig.touch(mode=0o600)
    if made:
        # With a kubeconfig of its own: the user's stays as it is.
        run(kind, "create", "cluster", "--name", name, "--kubeconfig", str(kubeconfig), "--wait", "180s")
    try:
        # Asked of kind, not taken from the environment: this can only ever be the cluster of that name.
        kubeconfig.write_text(run(kind, "get", "kubeconfig", "--name", name))
        yield KindCluster(kind, name, kubeconfig)
    finally:
        if made:
            run(kind, "delete", "cluster", "--name", name, "--kubeconfig", str(kubeconfig))


def run(*command: str) -> str:
    """Run a program, which must succeed; return what it printed."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}"
    return done.stdout
