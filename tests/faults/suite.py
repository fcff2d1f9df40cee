"""Which runs there are, who makes them, and what came out. Called by __main__."""

from __future__ import annotations

import asyncio
import tempfile
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults import catalogue
from tests.faults.bench import OPERATOR_NAMESPACE, Bench
from tests.faults.cluster import Cluster, ClusterError, Identity
from tests.faults.points import GENTLE, KILLS, NOISE, Point, Shot
from tests.faults.process import Zygote
from tests.faults.stage import Scenario
from tests.faults.trial import Outcome, Trial

ALL_POINTS = (*KILLS, *GENTLE, *NOISE)


@dataclass
class Plan:
    """What is asked for on the command line."""

    scenarios: tuple[Scenario, ...]
    left_out: tuple[str, ...] = ()  # scenarios that a vendor lacks something for
    points: tuple[Point, ...] = ALL_POINTS
    workers: int = 6
    short: bool = False
    sabotage: str = ""
    folder: Path | None = None  # where logs are kept
    only_record: bool = False


@dataclass
class Order:
    """One run to be made; `recorded` of the same scenario comes first."""

    scenario: Scenario
    shots: frozenset[Shot] = frozenset()
    noise: Point | None = None
    recorded: Outcome | None = None
    again: Outcome | None = None  # the failed run that this one repeats with one shot, to find the shortest


@dataclass
class Results:
    """Everything that came out so far."""

    recorded: dict[str, Outcome] = field(default_factory=dict)
    done: list[Outcome] = field(default_factory=list)
    failed: list[Outcome] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    planned: int = 0
    began: float = field(default_factory=time.monotonic)

    @property
    def fired(self) -> int:
        return sum(len(outcome.fired) for outcome in self.done)

    @property
    def missed(self) -> list[tuple[str, Shot]]:
        return [(outcome.scenario.label, shot) for outcome in self.done for shot in outcome.missed]


class Suite:
    """Runs a plan on several benches at once."""

    def __init__(self, plan: Plan, kubeconfig: Path, progress: Callable[[Results, str], None]) -> None:
        self.plan, self.results, self._progress = plan, Results(), progress
        self._kubeconfig = kubeconfig
        self._queue: asyncio.Queue[Order] = asyncio.Queue()

    async def run(self) -> Results:
        with tempfile.TemporaryDirectory(prefix="faults-") as temporary:
            folder = self.plan.folder or Path(temporary)
            folder.mkdir(parents=True, exist_ok=True)
            cluster, zygote = Cluster(Identity.read(self._kubeconfig)), Zygote()
            benches = [Bench(n, zygote, cluster, folder, self.plan.sabotage) for n in range(self.plan.workers)]
            try:
                await self._prepare(cluster, zygote, benches)
                for scenario in self.plan.scenarios:
                    self._add(Order(scenario))
                await self._work(benches)
            finally:
                await asyncio.gather(*(bench.stop() for bench in benches), return_exceptions=True)
                await zygote.stop()
                await cluster.close()
        return self.results

    async def _prepare(self, cluster: Cluster, zygote: Zygote, benches: list[Bench]) -> None:
        await asyncio.gather(zygote.start(), cluster.install(), *(bench.start() for bench in benches))
        with suppress(ClusterError):
            await cluster.create_namespace(OPERATOR_NAMESPACE)
        while not await cluster.served():  # noqa: ASYNC110  the API server has no event for it
            await asyncio.sleep(0.2)

    def _add(self, order: Order) -> None:
        self.results.planned += 1
        self._queue.put_nowait(order)

    async def _work(self, benches: list[Bench]) -> None:
        workers = [asyncio.create_task(self._worker(bench)) for bench in benches]
        finished = asyncio.create_task(self._queue.join())
        try:
            await asyncio.wait([finished, *workers], return_when=asyncio.FIRST_COMPLETED)
            for worker in workers:
                if worker.done():
                    await worker
        finally:
            for task in (finished, *workers):
                task.cancel()
            await asyncio.gather(finished, *workers, return_exceptions=True)

    async def _worker(self, bench: Bench) -> None:
        while True:
            order = await self._queue.get()
            try:
                await self._carry_out(bench, order)
            except Exception:
                text = f"{order.scenario.label} {sorted(map(str, order.shots))}: {traceback.format_exc()}"
                self.results.errors.append(text)
                self._progress(self.results, f"HARNESS {text}")
            finally:
                self._queue.task_done()

    async def _carry_out(self, bench: Bench, order: Order) -> None:
        recording = order.recorded.state if order.recorded is not None else None
        rule = catalogue.dangerous if self.plan.short else None
        trial = Trial(bench, order.scenario, order.shots, order.noise, rule, recording)
        outcome = await trial.run()
        if order.again is None:
            self.results.done.append(outcome)
        if order.recorded is None:
            self._recorded(order, outcome)
        elif outcome.problems:
            self._failed(order, outcome)
        self._progress(self.results, "")

    def _recorded(self, order: Order, outcome: Outcome) -> None:
        """The undisturbed run tells which writes there are; without it nothing can be compared."""
        self.results.recorded[order.scenario.label] = outcome
        if outcome.problems:
            self.results.failed.append(outcome)
            how = ", ".join(map(str, outcome.fired)) or "fails undisturbed"
            self._progress(self.results, f"{order.scenario.label}, {how}: {outcome.problems[0]}")
            return
        if self.plan.only_record or self.plan.short:
            return
        for shots in catalogue.full(outcome.targets, self.plan.points):
            self._add(Order(order.scenario, shots, recorded=outcome))
        for point in NOISE:
            if point in self.plan.points:
                self._add(Order(order.scenario, noise=point, recorded=outcome))

    def _failed(self, order: Order, outcome: Outcome) -> None:
        """Of several shots together the first that fails alone is the shortest sequence."""
        single = order.again is not None or len(order.shots) < 2
        if not single:
            for shot in sorted(order.shots):
                self._add(Order(order.scenario, frozenset({shot}), recorded=order.recorded, again=outcome))
        self.results.failed.append(outcome)
        first = outcome.problems[0]
        shots = ", ".join(map(str, sorted(order.shots))) or (order.noise.value if order.noise else "")
        self._progress(self.results, f"{order.scenario.label}, {shots}: {first}")
