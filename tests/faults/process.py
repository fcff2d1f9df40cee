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

ROOT = Path(__file__).resolve().parents[2]
PROJECT = "0123456789abcdef0123456789abcdef"
REGION = "sim-region-1"
START_S = 60.0


async def _spawn(*command: str, **more: Any) -> asyncio.subprocess.Process:
    """A child in a session of its own: Ctrl-C is for the harness, which stops everything in order."""
    return await asyncio.create_subprocess_exec(
        *command,
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
        start_new_session=True,
        **more,
    )


@dataclass
class Zygote:
    """Forks operators and tells when they end."""

    _process: asyncio.subprocess.Process | None = None
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _born: asyncio.Queue[int] = field(default_factory=asyncio.Queue)
    _ended: dict[int, asyncio.Future[int]] = field(default_factory=dict)
    _reader: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._process = await _spawn(sys.executable, "-m", "tests.faults.zygote", stdin=asyncio.subprocess.PIPE)
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
        await _end(self._process)
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


@dataclass
class Simulator:
    """One cloudsim process with every vendor, used again after a reset."""

    activity_s: float = 1.0
    urls: dict[str, str] = field(default_factory=dict)  # by vendor
    admin: str = ""
    _process: asyncio.subprocess.Process | None = None
    _session: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        self._process = await _spawn(
            *(sys.executable, "-m", "cloudsim", "serve", "--admin", "0"),
            *(word for name in vendors.VENDORS for word in ("--vendor", f"{name}:0")),
            *("--access-key", f"{vendors.ACCESS_KEY}:{vendors.SECRET_KEY}", "--project", f"{PROJECT}:{REGION}"),
            *("--user", f"{vendors.USER}:{vendors.PASSWORD}:{vendors.DOMAIN}"),
            *("--activity-seconds", str(self.activity_s)),
        )
        assert self._process.stdout is not None
        ready = json.loads(await asyncio.wait_for(self._process.stdout.readline(), START_S))
        self.urls = {name: f"http://127.0.0.1:{port}" for name, port in ready["vendors"].items()}
        self.admin = f"http://127.0.0.1:{ready['admin']}"
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30))

    async def ask(self, method: str, path: str, body: Any = None) -> Any:
        """One call of the admin API."""
        assert self._session is not None
        async with self._session.request(method, self.admin + path, json=body) as answer:
            answer.raise_for_status()
            return await answer.json()

    async def reset(self) -> None:
        await self.ask("POST", "/reset")

    async def tenant(self, vendor: str) -> dict[str, Any]:
        """Everything the project owns there, with the vendor's field names."""
        state = await self.ask("GET", "/state")
        return dict(state["vendors"][vendor]["projects"][PROJECT])

    async def stop(self) -> None:
        if self._session is not None:
            await self._session.close()
        if self._process is not None:
            await _end(self._process)


async def _end(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), 5)
    except TimeoutError:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
