"""The processes of a run: the zygote that forks operators, and one simulator per worker. All of them end with us."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from tests.faults import vendors

from stage import simulator as stage

ROOT = Path(__file__).resolve().parents[2]
PROJECT = "0123456789abcdef0123456789abcdef"
REGION = "sim-region-1"
START_S = 60.0
ENDS_WITHIN_S = 5.0


@dataclass
class Zygote:
    """Forks operators and tells when they end."""

    _process: asyncio.subprocess.Process | None = None
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _born: asyncio.Queue[int] = field(default_factory=asyncio.Queue)
    _ended: dict[int, asyncio.Future[int]] = field(default_factory=dict)
    _reader: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.faults.zygote"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            cwd=ROOT,
            start_new_session=True,  # Ctrl-C is for the harness, which stops everything in order
        )
        assert self._process.stdout is not None
        await asyncio.wait_for(self._process.stdout.readline(), START_S)
        self._reader = asyncio.create_task(self._read())

    async def fork(self, env: dict[str, str], log: Path, sabotage: str) -> int:
        """A new operator; its process id."""
        assert self._process is not None
        assert self._process.stdin is not None
        async with self._turn:
            order = {"env": env, "log": str(log), "sabotage": sabotage}
            self._process.stdin.write(json.dumps(order).encode() + b"\n")
            return await asyncio.wait_for(self._born.get(), START_S)

    async def gone(self, pid: int) -> int:
        """Wait until the process has ended; its wait status."""
        return await asyncio.shield(self._ended[pid])

    def alive(self, pid: int) -> bool:
        return pid in self._ended and not self._ended[pid].done()

    async def stop(self) -> None:
        if self._process is None:
            return
        for pid in self._ended:
            if self.alive(pid):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        if self._process.stdin is not None:
            self._process.stdin.close()
        with suppress(ProcessLookupError):
            self._process.terminate()
            await asyncio.wait_for(self._process.wait(), ENDS_WITHIN_S)
        if self._reader is not None:
            self._reader.cancel()

    async def _read(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        loop = asyncio.get_running_loop()
        while line := await self._process.stdout.readline():
            said = json.loads(line)
            if "pid" in said:
                self._ended[said["pid"]] = loop.create_future()  # a new one: process ids come round
                self._born.put_nowait(said["pid"])
            else:
                self._ended[said["ended"]].set_result(said["status"])


class Simulator(stage.Simulator):
    """One cloudsim process with every vendor, used again after a reset; `open` and `close` are its start and stop."""

    def __init__(self, log: Path, activity_s: float = 1.0) -> None:
        project, key = f"{PROJECT}:{REGION}", f"{vendors.ACCESS_KEY}:{vendors.SECRET_KEY}"
        user = f"{vendors.USER}:{vendors.PASSWORD}:{vendors.DOMAIN}"
        accounts = ("--access-key", key, "--user", user, "--project", project)
        arguments = (*accounts, "--activity-seconds", str(activity_s))
        super().__init__(log, vendors=tuple(vendors.VENDORS), arguments=arguments)
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        self.begin()
        await asyncio.to_thread(self.wait)
        timeout = aiohttp.ClientTimeout(total=30)
        self._session = aiohttp.ClientSession(str(self.admin.base_url), timeout=timeout)

    async def ask(self, method: str, path: str, body: Any = None) -> Any:
        """One call of the admin API."""
        assert self._session is not None
        async with self._session.request(method, path, json=body) as answer:
            answer.raise_for_status()
            return await answer.json()

    async def reset(self) -> None:
        await self.ask("POST", "/reset")

    async def tenant(self, vendor: str) -> dict[str, Any]:
        """Everything the project owns there, with the vendor's field names."""
        state = await self.ask("GET", "/state")
        return dict(state["vendors"][vendor]["projects"][PROJECT])

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
        await asyncio.to_thread(self.stop)
