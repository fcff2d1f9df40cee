"""A control plane for one program or one person. The Python way in for e2e tests, the demo and the benches.

    with ControlPlane.start() as plane:
        subprocess.run([plane.kubectl, "--kubeconfig", plane.kubeconfig, "get", "ns"])

The components live under a supervisor process of their own, so the calling thread, event loop or test may end
in any way; the supervisor notices the end of the calling process.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from localplane import binaries, errors, locks, places, processes
from localplane.places import Layout
from localplane.state import State

POLL_S = 0.05
STOPPED_WITHIN_S = 30.0


class ControlPlane:
    """A running control plane; it ends with its `with` block, with stop(), or with this process."""

    def __init__(self, state: State, supervisor: subprocess.Popen[bytes], throwaway: Path | None) -> None:
        self.kubeconfig = Path(state.kubeconfig)
        self.server = state.server
        self.ca_file = Path(state.ca_file)
        self.kubectl = Path(state.kubectl)
        self.helm = Path(state.helm)
        self._supervisor = supervisor
        self._throwaway = throwaway

    @classmethod
    def start(cls, dir: Path | None = None) -> Self:
        """Return a ready control plane in `dir`, by default a new temporary one; raise PlaneError."""
        binaries.ensure()  # here rather than in the supervisor, so that the progress of a build can be seen
        throwaway = Path(tempfile.mkdtemp(prefix="controlplane-")) if dir is None else None
        layout = Layout((throwaway or dir or Path()).absolute())
        try:
            supervisor = _launch(layout, owner=os.getpid())
            return cls(_when_ready(layout, supervisor, shared=False), supervisor, throwaway)
        except BaseException:
            if throwaway:
                shutil.rmtree(throwaway, ignore_errors=True)
            raise

    def stop(self) -> None:
        """End it and remove its files; more than once is fine."""
        _end(self._supervisor)
        if self._throwaway:
            shutil.rmtree(self._throwaway, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def up(layout: Layout) -> State:
    """Return the control plane of a directory, starting a detached one if none is there."""
    state = State.of_running(layout)
    if state is None:
        binaries.ensure()
        state = _when_ready(layout, _launch(layout, owner=0), shared=True)
    return state


def down(layout: Layout) -> bool:
    """End the directory's control plane, its processes included; tell whether there was one."""
    with locks.watched(layout.lock) as owner:
        supervisor = owner()
        if supervisor is None:
            return False
        os.kill(supervisor, signal.SIGTERM)
        deadline = time.monotonic() + STOPPED_WITHIN_S
        while owner() == supervisor:
            if time.monotonic() > deadline:
                os.kill(supervisor, signal.SIGKILL)
                deadline += STOPPED_WITHIN_S
            time.sleep(POLL_S)
    return True


def _launch(layout: Layout, owner: int) -> subprocess.Popen[bytes]:
    """Start a supervisor that ends with process `owner`, or never by itself for 0."""
    layout.claim()
    if locks.owner(layout.lock) is None:
        layout.supervisor_log.unlink(missing_ok=True)  # of one that failed
    command = [sys.executable, str(places.ENTRY), "run", f"--dir={layout.home}", f"--owner={owner}"]
    with layout.supervisor_log.open("ab") as log:
        # A session of its own: Ctrl-C in the terminal is for the caller, who may still need the plane.
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )


def _when_ready(layout: Layout, supervisor: subprocess.Popen[bytes], shared: bool) -> State:
    """Return the state once it is published; raise with the supervisor's last words if it ends before."""
    try:
        while True:
            ended = supervisor.poll() is not None
            state = State.of_running(layout)
            if state is not None and (shared or state.pid == supervisor.pid):
                return state
            # Of two callers that start a shared one at the same time, one waits for the other's.
            if ended and not (shared and locks.owner(layout.lock)):
                raise errors.StartFailed(processes.tail(layout.supervisor_log, lines=40))
            time.sleep(POLL_S)
    except BaseException:
        _end(supervisor)
        raise


def _end(supervisor: subprocess.Popen[bytes]) -> None:
    if supervisor.poll() is None:
        supervisor.terminate()
        try:
            supervisor.wait(STOPPED_WITHIN_S)
        except subprocess.TimeoutExpired:
            supervisor.kill()
    supervisor.wait()
