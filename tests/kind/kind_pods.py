"""Pods of the chart as a test sees them: the operator's, and the simulator's behind a port-forward."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from e2e_stage import RELEASE
from kubectl import Kubectl, Manifest, eventually
from simulated_cloud import Simulator, projects

SIMULATOR = f"{RELEASE}-simulator"


@dataclass(frozen=True)
class OperatorPod:
    """The pod of one release; each look finds the one that is there now."""

    kubectl: Kubectl

    def pod(self) -> Manifest:
        """The only pod."""
        (found,) = self.pods()
        return found

    def pods(self) -> list[Manifest]:
        """Every pod of the Deployment, ending ones too."""
        labels = f"app.kubernetes.io/name={RELEASE},app.kubernetes.io/instance={RELEASE}"
        found: list[Manifest] = json.loads(self.kubectl.do("get", "pods", "-l", labels, "-o", "json"))["items"]
        return found

    def delete(self, *, grace_s: int) -> None:
        """Delete the pod and wait for its end; the Deployment makes another."""
        name = self.pod()["metadata"]["name"]
        self.kubectl.do("delete", "pod", name, f"--grace-period={grace_s}", "--timeout=90s")

    def until_ready(self) -> None:
        """Wait for one ready pod and no other."""
        self.kubectl.do("rollout", "status", f"deployment/{RELEASE}", "--timeout=120s")
        eventually(lambda: len(self.pods()) == 1, "one pod")

    def python(self, code: str) -> subprocess.CompletedProcess[str]:
        """Run Python inside; the image needs no shell for it."""
        return self.kubectl.run("exec", f"deployment/{RELEASE}", "--", "python3", "-c", code)

    def log(self) -> str:
        return self.kubectl.do("logs", f"deployment/{RELEASE}")

    def metrics(self) -> str:
        """What a Prometheus would read from the Service."""
        path = f"/api/v1/namespaces/{self.kubectl.namespace}/services/{RELEASE}-metrics:http/proxy/metrics"
        return self.kubectl.do("get", "--raw", path)

    def memory_mib(self) -> float:
        """The working set of the pod, which is what its limit is compared with; as the kubelet measures it."""
        pod, asked, found = self.pod(), datetime.now(UTC), []
        path = f"/api/v1/nodes/{pod['spec']['nodeName']}/proxy/stats/summary"

        def measured() -> bool:
            known = json.loads(self.kubectl.do("get", "--raw", path))["pods"]
            mine = [p["memory"] for p in known if p["podRef"]["uid"] == pod["metadata"]["uid"] and "memory" in p]
            found.extend(m["workingSetBytes"] for m in mine if datetime.fromisoformat(m["time"]) > asked)
            return bool(found)

        eventually(measured, "the kubelet should have measured the pod")
        return float(found[-1]) / 2**20


@contextmanager
def simulator(kubectl: Kubectl) -> Iterator[Simulator]:
    """The simulator of a release: its Service for the operator, a port-forward to its admin API for the test."""
    ready = json.loads(kubectl.do("logs", f"deployment/{SIMULATOR}").splitlines()[0])
    command = kubectl.plain.command("port-forward", f"service/{SIMULATOR}", f":{ready['admin']}")
    forward = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert forward.stdout is not None
        found = re.search(r"127\.0\.0\.1:(\d+)", forward.stdout.readline())
        assert found is not None, "port-forward has ended"
        host = f"http://{SIMULATOR}.{kubectl.namespace}.svc"
        urls = {name: f"{host}:{port}" for name, port in ready["vendors"].items()}
        running = Simulator(urls, f"http://127.0.0.1:{found[1]}", projects(ready))
        yield running
        running.admin.close()
    finally:
        forward.terminate()
        forward.wait(10)
