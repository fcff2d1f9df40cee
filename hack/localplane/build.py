"""Builds the servers and helm from hack/controlplane-bin, once for each state of it. Called by binaries.

A finished build is a folder of programs in the cache, named by a digest of the sources and by the Go version.
"""

import hashlib
import os
import platform
import re
import shutil
import subprocess
import tempfile
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

from localplane import errors, golang, locks, places, processes

SERVERS = ("etcd", "kube-apiserver", "kube-controller-manager")
HELM_PACKAGE = "helm.sh/helm/v4/cmd/helm"
PROGRESS_EVERY_S = 10.0

# Link-time variable -> (module in go.mod whose version it takes, form of the value). Without them the server
# names itself by an unexpanded template that neither kubectl nor helm can parse.
VERSION_VARIABLES = {
    "k8s.io/component-base/version.gitVersion": ("k8s.io/kubernetes", "v{0}.{1}.{2}"),
    "k8s.io/component-base/version.gitMajor": ("k8s.io/kubernetes", "{0}"),
    "k8s.io/component-base/version.gitMinor": ("k8s.io/kubernetes", "{1}"),
    "k8s.io/client-go/pkg/version.gitVersion": ("k8s.io/kubernetes", "v{0}.{1}.{2}"),
    "helm.sh/helm/v4/internal/version.version": ("helm.sh/helm/v4", "v{0}.{1}.{2}"),
}


def cached() -> Path | None:
    """Return the folder of a finished build of these very sources, whichever Go made it."""
    finished = sorted(_builds().glob(f"{_source_key()}-*"))
    return finished[-1] if finished else None


def ensure(report: Callable[[str], None]) -> Path:
    """Return the folder with the servers and helm, building them if nobody has."""
    found = cached()
    if found is not None:
        return found
    report("the control plane's programs are not built yet; this takes some minutes, once")
    with locks.turn(_builds() / ".lock"):
        return cached() or _build(golang.find(report), report)


def _builds() -> Path:
    return places.cache_root() / "controlplane"


def _source_key() -> str:
    digest = hashlib.sha256()
    for name in ("go.mod", "go.sum", "main.go"):
        digest.update((places.GO_MODULE / name).read_bytes())
    digest.update(_link_flags().encode())
    return f"{digest.hexdigest()[:16]}-{platform.system()}-{platform.machine()}".lower()


def _build(go: golang.Toolchain, report: Callable[[str], None]) -> Path:
    final = _builds() / f"{_source_key()}-{go.version}"
    for abandoned in _builds().glob(".build-*"):  # whoever left it no longer holds the lock
        shutil.rmtree(abandoned, ignore_errors=True)
    scratch = Path(tempfile.mkdtemp(prefix=".build-", dir=_builds()))
    try:
        command = [str(go.program), "build", "-v", "-trimpath", f"-ldflags={_link_flags()}"]
        _compile([*command, "-o", f"{scratch}/", ".", HELM_PACKAGE], report)
        for server in SERVERS:
            (scratch / server).symlink_to("controlplane")
        scratch.chmod(0o755)
        scratch.rename(final)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return final


def _compile(command: list[str], report: Callable[[str], None]) -> None:
    """Run go build, reporting how far it is; raise with its last lines if it fails."""
    started = reported = time.monotonic()
    compiled = downloaded = 0
    last: deque[str] = deque(maxlen=20)
    with subprocess.Popen(
        command,
        cwd=places.GO_MODULE,
        env=golang.environment(),
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=processes.end_with(os.getpid()),
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            last.append(line.rstrip())
            fetching = line.startswith("go: downloading ")
            downloaded += fetching
            compiled += not fetching
            if time.monotonic() - reported >= PROGRESS_EVERY_S:
                reported = time.monotonic()
                report(_progress(reported - started, downloaded, compiled))
    if process.returncode != 0:
        raise errors.ToolMissing("go build failed:\n" + "\n".join(last))
    report(_progress(time.monotonic() - started, downloaded, compiled))


def _progress(seconds: float, downloaded: int, compiled: int) -> str:
    return f"{seconds:4.0f} s: {downloaded} modules fetched, {compiled} packages compiled"


def _link_flags() -> str:
    text = (places.GO_MODULE / "go.mod").read_text()
    required = dict(re.findall(r"^\s+(\S+) v(\d+\.\d+\.\d+\S*)", text, re.MULTILINE))
    settings = [
        f"-X {variable}={form.format(*required[module].split('.'))}"
        for variable, (module, form) in VERSION_VARIABLES.items()
    ]
    return " ".join(["-s -w", *settings])
