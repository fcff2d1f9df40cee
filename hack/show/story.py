"""The story of the demo, step by step; the exit status is 0 only if every step held. Called by hack/demo."""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable
from typing import Any

from show.screen import Screen, StepFailed
from stage.examples import VENDORS, Examples
from stage.program import ProgramError
from stage.theatre import Theatre

SPACE = "demo"
_GROUP = ".cloudscaling.dev"
KINDS = "cloudaccounts,launchconfigurations,scalinggroups,scalingpolicies,instanceoperations"


class Story:
    """One run of the demo."""

    def __init__(self, theatre: Theatre, screen: Screen, examples: Examples) -> None:
        self.theatre = theatre
        self.screen = screen
        self.examples = examples

    def tell(self) -> None:
        for chapter in (self.apply, self.scale, self.alarm, self.refusal, self.end):
            chapter()

    # --- chapters -------------------------------------------------------------------------------------------------

    def apply(self) -> None:
        """kubectl apply of the examples, until everything is Ready."""
        self.screen.step("kubectl apply: account, launch configuration, group, policies")
        self._kubectl("create", "namespace", SPACE)
        self.theatre.kubectl.apply(self.examples.secret(), "--namespace", SPACE)
        for path, manifest in self.examples.manifests(self.theatre.cloud_url):
            self.screen.command(f"kubectl apply -f {path}")
            self.theatre.kubectl.apply(manifest, "--namespace", SPACE)
        self._wait("everything is Ready", self._all_ready, 60)
        self._shown("wait", "--for=condition=Ready", "scalinggroup/web", "--namespace", SPACE, "--timeout=30s")

    def scale(self) -> None:
        """kubectl scale, once, through the scale subresource."""
        self.screen.step("kubectl scale: the spec changes once, the cloud follows once")
        before = self._calls("UpdateScalingGroup")
        self._shown("scale", "scalinggroup/web", "--replicas=4", "--namespace", SPACE)
        self._wait("the cloud runs 4 instances", lambda: self._group("inServiceCapacity") == 4, 60)
        self._hold(self._calls("UpdateScalingGroup") == before + 1, "exactly one write went to the cloud")

    def alarm(self) -> None:
        """An alarm of the cloud moves the desired capacity: reported, not fought."""
        self.screen.step("an alarm fires in the cloud: its policy adds an instance, the operator reports it")
        self._fire(self._alarm_policy())
        before = self._calls("UpdateScalingGroup")
        self._wait("status shows 5 and why", lambda: self._condition("CapacityDrifted") == "ScaledByPolicy", 90)
        self._wait("the instance is in service", lambda: self._group("inServiceCapacity") == 5, 60)
        self._hold(self._calls("UpdateScalingGroup") == before, "nothing was written back")
        self.screen.show(self._events())

    def _fire(self, policy: str) -> None:
        """The alarm is refused while the group cools down from the scaling before, as in the cloud."""
        for _ in range(60):
            if self.theatre.simulator.fire_alarm(policy)["body"].get("accepted"):
                return
            time.sleep(1)
        raise StepFailed("the alarm was not accepted")

    def refusal(self) -> None:
        """Bad input is refused with a sentence, by the API server or in the status; the rest goes on."""
        self.screen.step("a bad manifest: refused at once by the API server")
        try:
            self._kubectl("patch", "scalinggroup", "web", "-n", SPACE, "--type=merge", "-p", '{"spec":{"minSize":50}}')
        except ProgramError as exc:
            self.screen.show(str(exc))
            self._hold("minSize must not exceed maxSize" in str(exc), "the message names field and reason")
        else:
            raise StepFailed("the API server accepted minSize above maxSize")
        self.screen.step("a setting that the vendor does not have: said in the status, nothing is written")
        patch = '{"spec":{"network":{"distribution":"CostOptimized"}}}'
        self._shown("patch", "scalinggroup", "web", "-n", SPACE, "--type=merge", "-p", patch)
        self._wait("Accepted turns False", lambda: self._condition("Accepted") not in ("Valid", None), 30)
        self.screen.show(self._message("Accepted"))
        undo = '{"spec":{"network":{"distribution":null}}}'
        self._kubectl("patch", "scalinggroup", "web", "-n", SPACE, "--type=merge", "-p", undo)
        self._wait("Accepted is True again", lambda: self._condition("Accepted") == "Valid", 30)

    def end(self) -> None:
        """Everything is deleted in one go, and nothing is left in the cloud."""
        self.screen.step("kubectl delete: all at once; references order it")
        self.screen.command(f"kubectl delete namespace {SPACE}")
        self._kubectl("delete", "namespace", SPACE, "--wait=false")
        self._wait("the namespace is gone", self._namespace_gone, 120)
        state = self.theatre.simulator.state()
        left = {kind: len(state[kind]) for kind in ("groups", "configurations", "policies") if state[kind]}
        running = [s for s in _rows(state["servers"]) if s.get("status") != "DELETED"]
        self.screen.show(f"left in the cloud: {left or 'nothing'}; servers still running: {len(running)}")
        self._hold(not left and not running, "the cloud is as empty as before")

    def leave(self) -> None:
        """Say what can be tried, and stay until somebody ends it."""
        kubectl, admin = self.theatre.kubectl, str(self.theatre.simulator.admin.base_url).rstrip("/")
        alias = "" if shutil.which("kubectl") else f"alias kubectl={kubectl.binary}\n"
        self.screen.step("everything is left running; in another shell:")
        self.screen.show(
            f"export KUBECONFIG={kubectl.kubeconfig}\n{alias}"
            f"kubectl get cloudscaling -o wide -n {SPACE}\n"
            f"kubectl describe scalinggroup web -n {SPACE}\n"
            f"kubectl scale scalinggroup/web --replicas=4 -n {SPACE}\n"
            f"curl -X POST {admin}/alarms/{self.theatre.vendor}/{self._alarm_policy()}/fire  # the alarm of cpu-high\n"
            f"curl {admin}/state  # what the cloud has\n"
            f"kubectl delete namespace {SPACE}\n"
            f"tail -f {self.theatre.dir / 'operator.log'}\n\n"
            f"To end it: Ctrl-C here, or `kill {os.getpid()}` anywhere."
        )
        while not (dead := self.theatre.dead()):
            time.sleep(1)
        raise StepFailed(dead)

    # --- what is asked --------------------------------------------------------------------------------------------

    def _all_ready(self) -> bool:
        items = self.theatre.kubectl.json(KINDS, "--namespace", SPACE)["items"]
        return bool(items) and all(_reason(item, "Ready", "status") == "True" for item in items)

    def _group(self, field: str) -> Any:
        return self._web().get("status", {}).get(field)

    def _condition(self, type_: str) -> str | None:
        return _reason(self._web(), type_, "reason")

    def _message(self, type_: str) -> str:
        return f"{type_}: {_reason(self._web(), type_, 'reason')}: {_reason(self._web(), type_, 'message')}"

    def _web(self) -> dict[str, Any]:
        found: dict[str, Any] = self.theatre.kubectl.json("scalinggroup", "web", "--namespace", SPACE)
        return found

    def _events(self) -> str:
        return self._kubectl("events", "--for", "scalinggroup/web", "--namespace", SPACE)

    def _alarm_policy(self) -> str:
        found = self.theatre.kubectl.json("scalingpolicy", "cpu-high", "--namespace", SPACE)
        return str(found["status"]["externalId"])

    def _namespace_gone(self) -> bool:
        return self._kubectl("get", "namespace", SPACE, "--ignore-not-found").strip() == ""

    def _calls(self, operation: str) -> int:
        return self.theatre.simulator.calls().get(operation, 0)

    def _view(self) -> str:
        """The tables without the API group, which is the same in every row."""
        shown = self._kubectl("get", KINDS, "--namespace", SPACE, "--ignore-not-found")
        return shown.replace(_GROUP, "").replace("NAME" + " " * len(_GROUP), "NAME")

    # --- building blocks ------------------------------------------------------------------------------------------

    def _wait(self, what: str, is_done: Callable[[], bool], within_s: float) -> None:
        self.screen.wait(what, is_done, self._without_age, within_s, self.theatre.dead)

    def _without_age(self) -> str:
        """The table without its last column, which changes all the time."""
        return "\n".join(line.rpartition("  ")[0].rstrip() for line in self._view().splitlines())

    def _hold(self, is_so: bool, what: str) -> None:
        if not is_so:
            raise StepFailed(f"not so: {what}")
        self.screen.good(what)

    def _shown(self, *arguments: str) -> None:
        self.screen.command("kubectl " + " ".join(arguments))
        self.screen.show(self._kubectl(*arguments))

    def _kubectl(self, *arguments: str) -> str:
        return self.theatre.kubectl(*arguments)


def _reason(item: dict[str, Any], type_: str, member: str) -> str | None:
    conditions = item.get("status", {}).get("conditions", [])
    return next((c[member] for c in conditions if c["type"] == type_), None)


def _rows(found: Any) -> list[dict[str, Any]]:
    return list(found.values()) if isinstance(found, dict) else list(found)


def main() -> int:
    """Run the demo; 0 only if every step held."""
    parser = argparse.ArgumentParser(prog="hack/demo", description=__doc__)
    parser.add_argument("--vendor", default="huawei", choices=VENDORS)
    parser.add_argument("--keep", action="store_true", help="leave everything running after the group is Ready")
    arguments = parser.parse_args()
    for ended in (signal.SIGTERM, signal.SIGHUP):  # so that `finally` runs
        signal.signal(ended, lambda number, _: sys.exit(128 + number))
    examples = Examples(arguments.vendor)
    screen = Screen()
    theatre = Theatre(screen.good, vendor=arguments.vendor, region=examples.region)
    story = Story(theatre, screen, examples)
    try:
        screen.step("starting control plane, simulated cloud, chart and operator")
        theatre.open()
        if arguments.keep:
            story.apply()
            story.leave()
        else:
            story.tell()
            screen.step("every step held")
        return 0
    except KeyboardInterrupt:
        screen.show("interrupted")
        return 130
    except (StepFailed, ProgramError, RuntimeError) as exc:
        screen.bad(str(exc))
        if theatre.operator is not None:
            screen.show("operator log:\n" + theatre.operator.tail(20))
        return 1
    finally:
        screen.show("stopping everything")
        theatre.close()
