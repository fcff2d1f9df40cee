"""One run of one scenario with its interruptions, from an empty namespace to the verdict. Called by suite."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from tests.faults import judge, manifests, snapshot
from tests.faults.ambush import Ambush
from tests.faults.bench import Bench
from tests.faults.cluster import ClusterError
from tests.faults.hurry import Hurry
from tests.faults.points import Point, Shot, WriteKey
from tests.faults.proxies import Sent
from tests.faults.stage import Scenario, Stage, Step, View
from tests.faults.wire import Write

Json = dict[str, Any]
STEP_S = 75.0
POLL_S = 0.4
UNMOVED_POLL_S = 1.2  # while the operator writes nothing
_numbers = itertools.count(1)


@dataclass
class Outcome:
    """What one run has shown."""

    scenario: Scenario
    shots: frozenset[Shot]
    fired: list[Shot] = field(default_factory=list)
    missed: list[Shot] = field(default_factory=list)  # planned, but the write never came
    problems: list[str] = field(default_factory=list)
    sent: list[Sent] = field(default_factory=list)
    targets: list[WriteKey] = field(default_factory=list)  # writes that can be interrupted
    state: Json = field(default_factory=dict)
    log: str = ""
    seconds: float = 0.0
    recovery_s: float = 0.0  # the longest step in which something was interrupted
    noise: Point | None = None


@dataclass
class Trial:
    """Runs one scenario on a bench."""

    bench: Bench
    scenario: Scenario
    shots: frozenset[Shot] = frozenset()
    noise: Point | None = None
    rule: Callable[[WriteKey, int], Point | None] | None = None
    recording: Json | None = None  # snapshot of the undisturbed run
    restart: bool = True  # prove at the end that one more start writes nothing

    async def run(self) -> Outcome:
        self.outcome = Outcome(self.scenario, self.shots, noise=self.noise)
        began = time.monotonic()
        restarter = asyncio.create_task(self._restart_when_killed())
        try:
            await self._run()
        finally:
            restarter.cancel()
            with suppress(asyncio.CancelledError):
                await restarter
            self.ambush.stop()
            await self.bench.kill()
            self.bench.killed.clear()
        self.outcome.seconds = time.monotonic() - began
        self.outcome.fired, self.outcome.missed = self.ambush.fired, self.ambush.left
        return self.outcome

    async def _run(self) -> None:
        bench, outcome = self.bench, self.outcome
        vendor = self.scenario.vendor
        namespace = f"f{next(_numbers)}-{vendor.name}-{self.scenario.name}"
        bench.prepare(namespace)
        outcome.log = str(bench.log)
        await bench.simulator.reset()
        bench.cloud.upstream = bench.simulator.urls[vendor.name]
        await bench.cluster.create_namespace(namespace)
        self.stage = Stage(bench.cluster, namespace, bench.simulator, vendor, self._restart)
        self._attach()
        await self.stage.create(manifests.secret(vendor), manifests.account(vendor, bench.endpoint))
        await bench.launch()
        for step in self.scenario.steps:
            if not await self._step(step):
                break
        else:
            await self._judge()
        outcome.sent = list(bench.cloud.sent)

    def _attach(self) -> None:
        cloud, kube = self.bench.cloud, self.bench.kube
        self.ambush = Ambush(self.shots, self.bench.kill, self.noise, self.rule)
        cloud.names, cloud.ambush, cloud.on_write, cloud.sent = type(cloud.names)(), None, self._on_write, []
        kube.ambush, kube.conflict, kube.written, kube.stored = self.ambush, self._conflict, [], {}

    # --- steps ----------------------------------------------------------------------------------------------------

    async def _step(self, step: Step) -> bool:
        """Do what the user does and wait for the goal; False when it is not reached."""
        self.bench.cloud.ambush = None if step.setup else self.ambush
        fired, seen, began = len(self.ambush.fired), len(self.ambush.order), time.monotonic()
        await step.do(self.stage)
        missing = await self._reach(step)
        taken = time.monotonic() - began
        if len(self.ambush.fired) > fired:
            self.outcome.recovery_s = max(self.outcome.recovery_s, taken)
        only = self.scenario.only
        new = self.ambush.order[seen:]
        self.outcome.targets += [key for key in new if not only or key.text.partition(" ")[0] in only]
        if missing:
            self.outcome.problems.append(f"step '{step.title}' not reached in {taken:.0f} s: {missing}")
            self.outcome.state = snapshot.take(await self.stage.view())
        return not missing

    async def _reach(self, step: Step) -> str:
        missing, end, writes, looked = "", time.monotonic() + max(STEP_S, step.patience_s), -1, 0.0
        hurry = Hurry(self.stage)
        while time.monotonic() < end:
            if self.bench.died:
                return self.bench.died
            if missing and self._writes() == writes and time.monotonic() - looked < UNMOVED_POLL_S:
                await asyncio.sleep(POLL_S / 2)
                continue
            writes, looked = self._writes(), time.monotonic()
            view = await self.stage.view()
            self._learn_names(view)
            missing = step.goal(view)
            if not missing and await self._at_rest(view):
                missing = step.goal(await self.stage.view())
                if not missing:
                    return ""
            if missing and not self.ambush.fired:
                await hurry.along(view)
            await asyncio.sleep(POLL_S)
        return missing or "the interruption never ended"

    async def _at_rest(self, view: View) -> bool:
        """Nothing is on its way, and the operator that runs now has had its look."""
        await self.bench.cloud.all_arrived()
        accounts = sum(key[0] == "cloudaccounts" for key in view.objects)
        return self.ambush.armed is None and bool(self.bench.pid) and self.bench.rests(accounts)

    def _writes(self) -> int:
        return len(self.bench.kube.written) + len(self.bench.cloud.sent)

    def _learn_names(self, view: View) -> None:
        """Of what was not created by an operator in this run."""
        for table, kind in (("groups", "group"), ("configurations", "configuration"), ("policies", "policy")):
            for object_id, row in view.tenant[table].items():
                self.bench.cloud.names.learn(object_id, row[f"scaling_{kind}_name"])

    async def _restart_when_killed(self) -> None:
        while True:
            await self.bench.killed.wait()
            self.bench.killed.clear()
            await self.bench.launch()

    # --- what the wires report --------------------------------------------------------------------------------------

    async def _on_write(self, write: Write) -> None:
        await self.stage.noticed(write)
        if write.needs_intent and not self._intended(write):
            self.outcome.problems.append(f"{write.text} left without a stored intent")

    def _intended(self, write: Write) -> bool:
        stored = self.bench.kube.stored.items()
        batches = (status.get("currentBatch") or {} for path, status in stored if "/instanceoperations/" in path)
        if not write.plural and any(batch.get("state") == "Issued" for batch in batches):
            return True
        if write.acts_once:
            return any("deletion" in status for path, status in stored if "/scalinggroups/" in path)
        wanted = "SetDesiredCapacity" if write.sets_capacity else "Create"
        plural = write.plural or "scalinggroups"
        operations = (status.get("operation") or {} for path, status in stored if f"/{plural}/" in path)
        return any(o.get("type") == wanted and o.get("state") == "Issued" for o in operations)

    async def _conflict(self, namespace: str, plural: str, name: str) -> None:
        noise = {"metadata": {"labels": {"noise": str(time.monotonic_ns())}}}
        with suppress(ClusterError):
            await self.bench.cluster.merge(namespace, plural, name, noise)

    # --- verdict ----------------------------------------------------------------------------------------------------

    async def _judge(self) -> None:
        view = await self.stage.view()
        calls = await self.bench.simulator.ask("GET", "/calls/log")
        outcome, outcome.state = self.outcome, snapshot.take(view)
        outcome.problems += judge.end_state(self.scenario, view)
        outcome.problems += judge.capacity(self.scenario, calls)
        outcome.problems += judge.acted_twice(calls)
        if self.recording is not None and not self.scenario.loose:
            outcome.problems += judge.same_as_recording(self.recording, outcome.state)
        if self.restart and not outcome.problems:
            await self._start_once_more()

    async def _restart(self) -> None:
        bench, view = self.bench, await self.stage.view()
        await bench.kill()
        while bench.killed.is_set() or not bench.pid:  # noqa: ASYNC110  the restarter does it
            await asyncio.sleep(0.02)
        bench.kube.written.clear()
        accounts = sum(key[0] == "cloudaccounts" for key in view.objects)
        if not await bench.has_looked(len(view.objects) - accounts, accounts):
            self.outcome.problems.append(bench.died or "a start did not come to rest")

    async def _start_once_more(self) -> None:
        bench = self.bench
        bench.kube.ambush = bench.cloud.ambush = None
        sent = len(bench.cloud.sent)
        await self._restart()
        after = snapshot.take(await self.stage.view())
        self.outcome.problems += judge.idempotent(
            bench.cloud.sent[sent:], bench.kube.written, self.outcome.state, after
        )
