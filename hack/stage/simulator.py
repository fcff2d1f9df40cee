"""cloudsim as a process, and its admin API."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import httpx

from stage.actor import Actor

_READY_WITHIN_S = 20.0


class Simulator(Actor):
    """A simulated cloud on free ports of loopback."""

    def __init__(self, log: Path, *, vendors: tuple[str, ...] = ("huawei",), arguments: tuple[str, ...] = ()) -> None:
        super().__init__("cloudsim", log)
        self._vendors = vendors
        self._arguments = arguments
        self.ready: dict[str, Any] = {}  # what it has printed when it listened
        self.urls: dict[str, str] = {}
        self.admin = httpx.Client(timeout=30, trust_env=False)

    def start(self) -> None:
        """Return when it listens; the ports are its own choice."""
        self.begin()
        self.wait()

    def begin(self) -> None:
        """Start it without waiting."""
        self.log.unlink(missing_ok=True)
        ports = [word for vendor in self._vendors for word in ("--vendor", f"{vendor}:0")]
        command = [sys.executable, "-m", "cloudsim", "serve", *ports, "--admin", "0", *self._arguments]
        self.launch(command, {})

    def wait(self) -> None:
        """Return when it listens; `urls` and `admin` are good from now on."""
        self.ready = self._first_words()
        self.urls = {vendor: f"http://127.0.0.1:{port}" for vendor, port in self.ready["vendors"].items()}
        self.admin.base_url = httpx.URL(f"http://127.0.0.1:{self.ready['admin']}")

    def _first_words(self) -> dict[str, Any]:
        deadline = time.monotonic() + _READY_WITHIN_S
        while time.monotonic() < deadline and self.running:
            for line in self.log.read_text().splitlines():
                if line.startswith("{") and '"ready"' in line:
                    found: dict[str, Any] = json.loads(line)
                    return found
            time.sleep(0.05)
        raise RuntimeError(f"cloudsim did not start:\n{self.tail()}")

    def state(self) -> dict[str, Any]:
        """Of the first vendor, the first project's objects: groups, configurations, policies, servers."""
        projects = self._get("/state")["vendors"][self._vendors[0]]["projects"]
        found: dict[str, Any] = next(iter(projects.values()))
        return found

    def calls(self) -> dict[str, int]:
        """Operation of the first vendor -> how often it was called."""
        found: dict[str, int] = self._get("/calls").get(self._vendors[0], {})
        return found

    def fire_alarm(self, policy_id: str) -> dict[str, Any]:
        return self.post(f"/alarms/{self._vendors[0]}/{policy_id}/fire")

    def post(self, path: str, body: Any = None) -> dict[str, Any]:
        answer = self.admin.post(path, json=body)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json() if answer.content else {}
        return found

    def _get(self, path: str) -> dict[str, Any]:
        answer = self.admin.get(path)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found
