"""One child process with a log: starts it, watches it, ends it. Called by supervisor; build uses a part.

A child is tied to the thread that starts it: the supervisor has only one.
"""

import ctypes
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Self

LIBC = ctypes.CDLL(None)
PR_SET_PDEATHSIG = 1


class Child:
    """A running program that is killed when the supervisor is, even by SIGKILL (on Linux)."""

    def __init__(self, name: str, log: Path, process: subprocess.Popen[bytes], grace_s: float) -> None:
        self.name = name
        self.log = log
        self._process = process
        self._grace_s = grace_s

    @classmethod
    def start(cls, name: str, command: Sequence[str], log: Path, grace_s: float) -> Self:
        """Start `command` with all its output in `log`."""
        with log.open("wb") as output:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=log.parent,
                start_new_session=True,  # Ctrl-C reaches the supervisor alone, which then keeps the order
                preexec_fn=end_with(os.getpid()),
            )
        return cls(name, log, process, grace_s)

    @property
    def ended(self) -> bool:
        """Tell whether the program has ended."""
        return self._process.poll() is not None

    def stop(self) -> None:
        """Ask it to end, and kill it after the grace period."""
        if self._grace_s:
            self._process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(self._grace_s)
        self._process.kill()
        self._process.wait()


def tail(log: Path, lines: int = 20) -> str:
    """Return the last lines of a log, each cut to a readable length."""
    if not log.exists():
        return ""
    return "\n".join(line[:400] for line in log.read_text(errors="replace").splitlines()[-lines:])


def free_ports(count: int) -> list[int]:
    """Return ports of 127.0.0.1 that nobody has bound at this moment."""
    with ExitStack() as held:
        # All at once, or the same port could come twice.
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [int(each.getsockname()[1]) for each in sockets]


def end_with(parent: int) -> Callable[[], None] | None:
    """Return a preexec_fn that ties a child to process `parent`; there is none outside Linux."""
    if sys.platform != "linux":
        return None

    def in_child() -> None:
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it ended before the kernel was asked to tell
            os._exit(1)

    return in_child
