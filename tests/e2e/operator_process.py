"""The operator as a process beside the cluster, with the token of the chart's ServiceAccount and nothing more."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import httpx
from kubectl import Kubectl, eventually

from localplane.processes import free_ports
from stage.actor import Actor
from stage.operator_process import service_account_kubeconfig


class OperatorProcess(Actor):
    """`cloudscaling run` with the arguments and the environment of the chart's Deployment."""

    def __init__(self, kubectl: Kubectl, deployment: str, folder: Path) -> None:
        super().__init__("operator", folder / "operator.log")
        found = json.loads(kubectl.do("get", "deployment", deployment, "-o", "json"))
        pod = found["spec"]["template"]["spec"]
        (container,) = pod["containers"]
        self._arguments: list[str] = container["args"]
        (self._port,) = free_ports(1)
        downward = {"metadata.namespace": kubectl.namespace, "metadata.name": "operator-0"}
        self._environment = {
            item["name"]: item.get("value") or downward.get(_field(item), "") for item in container["env"]
        }
        self._environment |= {
            "PATH": os.environ["PATH"],
            "CLOUDSCALING_LISTEN": f"127.0.0.1:{self._port}",  # the container's port may be taken here
            "KUBECONFIG": str(
                service_account_kubeconfig(
                    kubectl.plain,
                    folder / "operator.kubeconfig",
                    namespace=kubectl.namespace,
                    name=pod["serviceAccountName"],
                )
            ),
        }

    def start(self) -> None:
        """Start it and wait until it is ready; nothing happens when it runs."""
        if not self.pid:
            self.launch([sys.executable, "-m", "cloudscaling", *self._arguments], self._environment, inherit=False)
            eventually(self.ready, lambda: f"the operator should be ready:\n{self.tail()}")

    def ready(self) -> bool:
        """Whether /readyz says so; a process that has ended fails the test."""
        assert self.running, self.tail()
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
    def text(self) -> str:
        """All that it has logged."""
        return self.log.read_text()


def _field(item: dict[str, dict[str, dict[str, str]]]) -> str:
    return item.get("valueFrom", {}).get("fieldRef", {}).get("fieldPath", "")
