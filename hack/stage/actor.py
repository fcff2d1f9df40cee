"""A process of ours with its output in a file. Base of the simulator and the operator."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from localplane import processes


class Actor:
    """Started by `launch`, ended by `stop` or `kill9`, and in any case with the process that started it."""

    def __init__(self, name: str, log: Path, grace_s: float = 20.0) -> None:
        self.name = name
        self.log = log
        self._grace_s = grace_s
        self._process: subprocess.Popen[bytes] | None = None

    def launch(self, command: Sequence[str], env: Mapping[str, str], *, inherit: bool = True) -> None:
        """Start `command`; its output is appended to the log. Without `inherit` it gets `env` and nothing else."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as out:
            self._process = subprocess.Popen(
                list(command),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env={**(os.environ if inherit else {}), **env},
                preexec_fn=processes.end_with(os.getpid()),
                start_new_session=True,
            )

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """0 before it was launched and after it was ended; one that ended by itself still has its id."""
        return self._process.pid if self._process is not None else 0

    def stop(self) -> int | None:
        """Ask it to end, then insist; its exit status."""
        if self._process is None:
            return None
        if self._process.poll() is None:
            self._process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(self._grace_s)
        return self.kill9()

    def kill9(self) -> int | None:
        """End it at once, without a chance to tidy up."""
        process, self._process = self._process, None
        if process is None:
            return None
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
        return process.wait()

    def tail(self, lines: int = 30) -> str:
        return processes.tail(self.log, lines)
