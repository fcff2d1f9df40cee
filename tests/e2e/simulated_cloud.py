"""The simulated cloud of the end-to-end tests: one for the session, one account of it per test.

A test sees its own account only, so that calls, faults and objects of other tests cannot disturb it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from stage import simulator as process

Json = dict[str, Any]

VENDORS = {"huawei": "Huawei", "otc": "OTC"}  # name in the simulator -> spec.vendor
REGION = "sim-region-1"
ACCOUNTS = 400
KEYS = ("AK", "BK")
OPTIONS = ("--clock=real", "--activity-seconds=0")
READS = ("List", "Show", "Keystone")


class Simulator:
    """A running cloudsim: its addresses for the operator by vendor, its admin API for the test, and its accounts."""

    def __init__(self, urls: dict[str, str], admin: str, projects: dict[str, str]) -> None:
        self.urls = urls
        self.admin = httpx.Client(base_url=admin, timeout=30, trust_env=False)
        self._projects = projects
        self._numbers: Iterator[int] = iter(range(len(projects)))

    def account(self) -> Cloud:
        """An account that no test has used; calls of others are forgotten."""
        number = next(self._numbers)
        self.admin.delete("/calls").raise_for_status()
        return Cloud(self, number, f"account-{number}", self._projects[f"account-{number}"])

    def heal(self) -> None:
        """Take all faults away."""
        self.admin.delete("/faults").raise_for_status()


class SimulatorProcess(Simulator):
    """cloudsim as a process on loopback."""

    def __init__(self, log: Path) -> None:
        self._process = process.Simulator(log, vendors=tuple(VENDORS), arguments=tuple(options(ACCOUNTS, VENDORS)))
        self._process.start()
        super().__init__(self._process.urls, str(self._process.admin.base_url), projects(self._process.ready))

    def stop(self) -> None:
        """End the process."""
        self.admin.close()
        self._process.stop()


def options(accounts: int, vendors: Iterable[str]) -> list[str]:
    """What a simulator is started with, besides where it listens."""
    quotas = [f"--quota={vendor}.{kind}=500" for vendor in vendors for kind in ("groups", "configurations")]
    keys = [f"--access-key={key}{n}:{secret(n)}@account-{n}" for n in range(accounts) for key in KEYS]
    return [*OPTIONS, *quotas, *keys]


def projects(ready: Json) -> dict[str, str]:
    """Project ids by account, from the line that a simulator prints when it listens."""
    return {project["account"]: project["id"] for project in ready["projects"]}


def secret(number: int) -> str:
    """The secret of an access key."""
    return f"secret-of-key-{number}"


@dataclass(frozen=True)
class Cloud:
    """One account: what is in it, what was called, and what goes wrong."""

    simulator: Simulator
    number: int
    account: str
    project_id: str
    vendor: str = "huawei"  # its name in the simulator

    @property
    def url(self) -> str:
        return self.simulator.urls[self.vendor]

    @property
    def key_id(self) -> str:
        return f"AK{self.number}"

    @property
    def other_key_id(self) -> str:
        """A second key of the same account, with the same secret."""
        return f"BK{self.number}"

    @property
    def secret(self) -> str:
        return secret(self.number)

    # --- what is there ---

    def state(self) -> Json:
        """Groups, configurations, policies and servers, under the vendor's names."""
        vendors = self._ask("GET", "/state")["vendors"]
        found: Json = vendors[self.vendor]["projects"][self.project_id]
        return found

    def groups(self) -> list[Json]:
        return list(self.state()["groups"].values())

    def group(self) -> Json:
        """The only group."""
        (found,) = self.groups()
        return found

    def desired(self) -> int:
        """Desired capacity of the only group."""
        return int(self.group()["desire_instance_number"])

    def servers(self) -> list[Json]:
        """Machines that exist, in a group or not."""
        return [server for server in self.state()["servers"].values() if server["status"] != "DELETED"]

    def configurations(self) -> list[Json]:
        return list(self.state()["configurations"].values())

    def policies(self) -> list[Json]:
        return list(self.state()["policies"].values())

    # --- what was called ---

    def log(self) -> list[Json]:
        """The calls of this account since the test began; those of its identity service are not among them."""
        return [call for call in self._ask("GET", "/calls/log") if self.project_id in call["path"]]

    def calls(self) -> list[str]:
        return [call["operation"] for call in self.log()]

    def writes(self) -> list[Json]:
        """Calls that could have changed something."""
        return [call for call in self.log() if not call["operation"].startswith(READS)]

    def count(self, operation: str) -> int:
        return self.calls().count(operation)

    def forget_calls(self) -> None:
        """Begin to count anew."""
        self._ask("DELETE", "/calls")

    # --- what happens to it ---

    def fault(self, kind: str, operation: str = "*", **more: Any) -> None:
        """Arm a fault for the calls of this account; `times=0` never ends."""
        body = {"kind": kind, "vendor": self.vendor, "operation": operation, "path_contains": self.project_id, **more}
        self._ask("POST", "/faults", body)

    def slow_down(self, seconds: float, times: int = 1) -> None:
        """Let the next activities of the only group take longer."""
        target = self.group()["scaling_group_id"]
        fault = {"kind": "activity-slow", "vendor": self.vendor, "target": target, "seconds": seconds, "times": times}
        self._ask("POST", "/faults", fault)

    def heal(self) -> None:
        """Take all faults away."""
        self.simulator.heal()

    def console(
        self, operation: str, body: Json | None = None, query: dict[str, str] | None = None, **path: str
    ) -> Json:
        """Do something as the owner of the account would, by hand."""
        document = {"operation": operation, "account": self.account, "path": path, "query": query or {}}
        answer = self._ask("POST", f"/console/{self.vendor}", document if body is None else {**document, "body": body})
        assert answer["status"] < 300, answer
        return dict(answer["body"] or {})

    def set_desired(self, desired: int) -> None:
        """Move the desired capacity of the only group by hand."""
        body = {"desire_instance_number": desired}
        self.console("UpdateScalingGroup", body, scaling_group_id=self.group()["scaling_group_id"])

    def delete_by_hand(self, group_id: str) -> None:
        """Delete a group with all its instances."""
        self.console("DeleteScalingGroup", None, {"force_delete": "yes"}, scaling_group_id=group_id)

    def protect_one(self) -> str:
        """Protect the first instance of the only group from scale-in; return its id."""
        group = self.group()
        instance_id = str(group["instances"][0]["instance_id"])
        body = {"action": "PROTECT", "instances_id": [instance_id]}
        self.console("BatchActionScalingInstances", body, scaling_group_id=group["scaling_group_id"])
        return instance_id

    def fire_alarm(self, policy_id: str, **arguments: Any) -> Json:
        """Let the vendor's monitoring trigger a policy."""
        answer: Json = self._ask("POST", f"/alarms/{self.vendor}/{policy_id}/fire", arguments)["body"]
        return answer

    def seed(self, **document: Any) -> Json:
        """Put objects into the account without the API; returns their ids."""
        found: Json = self._ask("POST", "/seed", {self.vendor: {"account": self.account, **document}})[self.vendor]
        return found

    def _ask(self, method: str, path: str, body: Json | None = None) -> Any:
        answer = self.simulator.admin.request(method, path, json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()
