"""The operator as a process beside the cluster, with the token of the chart's ServiceAccount and nothing more."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import yaml
from kubectl import Kubectl, eventually

ENDS_WITHIN_S = 20.0


class OperatorProcess:
    """`cloudscaling run` with the arguments and the environment of the chart's Deployment."""

    def __init__(self, kubectl: Kubectl, deployment: str, folder: Path) -> None:
        found = json.loads(kubectl.do("get", "deployment", deployment, "-o", "json"))
        pod = found["spec"]["template"]["spec"]
        (container,) = pod["containers"]
        self._arguments: list[str] = container["args"]
        self._port = _free_port()
        downward = {"metadata.namespace": kubectl.namespace, "metadata.name": "operator-0"}
        self._environment = {
            item["name"]: item.get("value") or downward.get(_field(item), "") for item in container["env"]
        }
        self._environment |= {
            "PATH": os.environ["PATH"],
            "CLOUDSCALING_LISTEN": f"127.0.0.1:{self._port}",  # the container's port may be taken here
            "KUBECONFIG": str(_kubeconfig(kubectl, pod["serviceAccountName"], folder)),
        }
        self.log_file = folder / "operator.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it is ready; nothing happens when it runs."""
        if self._process is not None:
            return
        command = [sys.executable, "-m", "cloudscaling", *self._arguments]
        with self.log_file.open("ab") as log:
            self._process = subprocess.Popen(command, env=self._environment, stdout=log, stderr=log)
        eventually(self.ready, lambda: f"the operator should be ready:\n{self.log_tail()}")

    def stop(self) -> int:
        """SIGTERM; return the exit status."""
        return self._end(signal.SIGTERM)

    def kill9(self) -> None:
        """SIGKILL: no chance to store anything."""
        self._end(signal.SIGKILL)

    def ready(self) -> bool:
        """Whether /readyz says so; a process that has ended fails the test."""
        assert self._process is not None
        assert self._process.poll() is None, self.log_tail()
        return self.probe("/readyz") == 200

    def probe(self, path: str) -> int:
        """The HTTP status of a probe, 0 when nothing listens."""
        try:
            return httpx.get(f"http://127.0.0.1:{self._port}{path}", trust_env=False).status_code
        except httpx.TransportError:
            return 0

    def metrics(self) -> str:
        """What a Prometheus would read."""
        return httpx.get(f"http://127.0.0.1:{self._port}/metrics", trust_env=False).text

    @property
    def log(self) -> str:
        return self.log_file.read_text()

    def log_tail(self, lines: int = 60) -> str:
        return "\n".join(self.log.splitlines()[-lines:])

    def _end(self, number: signal.Signals) -> int:
        process, self._process = self._process, None
        if process is None:
            return 0
        process.send_signal(number)
        try:
            return process.wait(ENDS_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise


def _field(item: dict[str, dict[str, dict[str, str]]]) -> str:
    return item.get("valueFrom", {}).get("fieldRef", {}).get("fieldPath", "")


def _kubeconfig(kubectl: Kubectl, account: str, folder: Path) -> Path:
    """A kubeconfig with a token of the TokenRequest API; the administrator's certificate is not in it."""
    token = kubectl.do("create", "token", account, "--duration=24h").strip()
    known = yaml.safe_load(kubectl.kubeconfig.read_text())
    known["users"][0]["user"] = {"token": token}
    path = folder / "operator.kubeconfig"
    path.touch(mode=0o600)
    path.write_text(yaml.safe_dump(known))
    return path


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
