"""How the operator bears many groups: time until all are Ready, cloud calls of one idle sweep, memory.

Usage: bench/fleet.py N [N ...]; grows one fleet to each N in turn and prints a line for it.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from stage.theatre import ACCESS_KEY, SECRET_KEY, Theatre

SPACE = "fleet"
IDLE_S = 30
WRITES = ("Create", "Update", "Delete", "Action", "Batch")


def account(url: str) -> str:
    return f"""
apiVersion: v1
kind: Secret
metadata: {{name: keys, namespace: {SPACE}}}
stringData: {{accessKeyId: {ACCESS_KEY}, secretAccessKey: {SECRET_KEY}}}
---
apiVersion: cloudscaling.dev/v1alpha1
kind: CloudAccount
metadata: {{name: hw, namespace: {SPACE}}}
spec:
  vendor: Huawei
  region: cn-north-4
  credentials: {{secretRef: {{name: keys}}}}
  endpoints: {{autoscaling: "{url}", iam: "{url}"}}
  tls: {{allowPlaintext: true}}
  rateLimit: {{requestsPerSecond: 100, burst: 500}}
  polling: {{idleSeconds: {IDLE_S}, activeSeconds: 5}}
---
apiVersion: cloudscaling.dev/v1alpha1
kind: LaunchConfiguration
metadata: {{name: web, namespace: {SPACE}}}
spec:
  accountRef: {{name: hw}}
  image: {{id: 37ca2b35-6fc7-47ab-93c7-900324809c5c}}
  instanceTypes: [s6.large.2]
  systemDisk: {{type: SSD, sizeGiB: 40}}
  login: {{keyPair: ops}}
"""


def group(number: int) -> str:
    return f"""
apiVersion: cloudscaling.dev/v1alpha1
kind: ScalingGroup
metadata: {{name: web-{number:05}, namespace: {SPACE}}}
spec:
  accountRef: {{name: hw}}
  minSize: 0
  maxSize: 3
  desiredCapacity: 1
  launchConfigurationRef: {{name: web}}
  network:
    vpcId: a8327883-6b07-4497-9c61-68d03ee193a1
    subnetIds: [3cd35bca-5a10-416f-8994-f79169559870]
"""


def grow(theatre: Theatre, first: int, last: int) -> float:
    """Apply groups first..last and wait until all are Ready; seconds from the apply on."""
    began = time.monotonic()
    theatre.kubectl.apply("---".join(group(number) for number in range(first, last)), "--server-side")
    while ready(theatre) < last:
        if dead := theatre.dead():
            raise SystemExit(dead)
        time.sleep(0.5)
    return time.monotonic() - began


def ready(theatre: Theatre) -> int:
    path = '{range .items[*]}{.status.conditions[?(@.type=="Ready")].status} {end}'
    words = theatre.kubectl("get", "scalinggroups", "--namespace", SPACE, "-o", f"jsonpath={path}")
    return words.split().count("True")


def idle_calls(theatre: Theatre, sweeps: int = 2) -> dict[str, float]:
    """Calls per sweep while nothing happens."""
    time.sleep(IDLE_S * 1.5)
    theatre.simulator.admin.delete("/calls").raise_for_status()
    time.sleep(IDLE_S * sweeps)
    return {operation: count / sweeps for operation, count in sorted(theatre.simulator.calls().items()) if count}


def rss_mib(pid: int) -> float:
    words = Path(f"/proc/{pid}/status").read_text().split()
    return int(words[words.index("VmRSS:") + 1]) / 1024


def main() -> None:
    sizes = [int(word) for word in sys.argv[1:]] or [50, 150]
    many = str(max(sizes) + 10)
    quotas = [word for name in ("groups", "instances") for word in ("--quota", f"huawei.{name}={many}")]
    theatre = Theatre(print, simulator=("--activity-seconds", "1", *quotas))
    try:
        theatre.open()
        theatre.kubectl("create", "namespace", SPACE)
        theatre.kubectl.apply(account(theatre.simulator.urls["huawei"]))
        have = 0
        for size in sizes:
            seconds = grow(theatre, have, size)
            calls = idle_calls(theatre)
            writes = sum(count for name, count in calls.items() if name.startswith(WRITES))
            pid = theatre.operator.pid if theatre.operator is not None else 0
            print(f"{size} groups: {size - have} more Ready in {seconds:.1f} s; operator {rss_mib(pid):.0f} MiB")
            print(f"  one idle sweep: {sum(calls.values()):.1f} calls, {writes:.0f} writes: {calls}", flush=True)
            have = size
    finally:
        theatre.close()


if __name__ == "__main__":
    main()
