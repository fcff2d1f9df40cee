"""Where things are kept. Used by every module here; knows no component."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from localplane import errors

HACK = Path(__file__).resolve().parents[1]
ENTRY = HACK / "controlplane"
GO_MODULE = HACK / "controlplane-bin"


@dataclass(frozen=True, slots=True)
class Layout:
    """Where one control plane keeps its files."""

    home: Path

    def claim(self) -> None:
        """Create the directory for this user alone; raise if it holds files that are not a control plane's."""
        private_directory(self.home)
        foreign = {entry.name for entry in self.home.iterdir()} - {self.supervisor_log.name}
        # The start and the end remove folders with everyday names.
        if foreign and self.lock.name not in foreign:
            raise errors.PlaneError(f"{self.home} is not empty and was not made for a control plane")

    @property
    def pki(self) -> Path:
        return self.home / "pki"

    @property
    def data(self) -> Path:
        return self.home / "etcd"

    @property
    def logs(self) -> Path:
        return self.home / "logs"

    @property
    def lock(self) -> Path:
        return self.home / "plane.lock"

    @property
    def state(self) -> Path:
        return self.home / "plane.json"

    @property
    def supervisor_log(self) -> Path:
        return self.home / "supervisor.log"

    @property
    def kubeconfig(self) -> Path:
        return self.home / "kubeconfig"

    @property
    def manager_kubeconfig(self) -> Path:
        return self.pki / "controller-manager.kubeconfig"


def cache_root() -> Path:
    """Return the folder that outlives checkouts: builds, downloaded tools, detached control planes."""
    named = os.environ.get("XDG_CACHE_HOME", "")
    base = Path(named) if os.path.isabs(named) else Path.home() / ".cache"
    return base / "cloud-scaling-operator"


def default_plane() -> Path:
    """Return the directory of the detached control plane of this checkout."""
    key = hashlib.sha256(str(HACK).encode()).hexdigest()[:12]
    return cache_root() / "planes" / key


def private_directory(path: Path) -> Path:
    """Create `path` for this user alone and return it."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path
