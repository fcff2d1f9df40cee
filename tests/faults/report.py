"""What is shown: a line that lives, violations, totals. Called by __main__."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import yaml
from tests.faults.points import MEANING
from tests.faults.suite import Results
from tests.faults.trial import Outcome

_SHOWN_LOG = 12


def progress(results: Results, news: str) -> None:
    """One line on a terminal, rewritten; elsewhere a line now and then."""
    seconds = time.monotonic() - results.began
    line = (
        f"{len(results.done)}/{results.planned} runs, {results.fired} interruptions,"
        f" {len(results.failed)} violations, {seconds:.0f} s"
    )
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{news + chr(10) if news else ''}{line}")
    elif news:
        sys.stderr.write(f"{news}\n")
    elif len(results.done) % 10 == 0:
        sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def recordings(results: Results) -> None:
    """Scenarios with their writes."""
    for name, outcome in sorted(results.recorded.items()):
        print(f"{name}: {len(outcome.targets)} writes, {outcome.seconds:.0f} s")
        for key in outcome.targets:
            print(f"    {key}")


def violation(outcome: Outcome, recorded: Outcome | None) -> None:
    """The sequence, the calls, the two states."""
    print(f"\nVIOLATION in scenario {outcome.scenario.label}")
    indexes = {key: index for index, key in enumerate(recorded.targets, 1)} if recorded is not None else {}
    for shot in sorted(outcome.shots or outcome.fired) if outcome.noise is None else ():
        print(f"  write {indexes.get(shot.write, '?')}, {shot.write}, point {shot.point.value}: {MEANING[shot.point]}")
    if outcome.noise is not None:
        print(f"  point {outcome.noise.value}: {MEANING[outcome.noise]}")
    for problem in outcome.problems:
        print(f"  - {problem}")
    print("  steps: " + "; ".join(step.title for step in outcome.scenario.steps))
    print("  calls:")
    start = outcome.sent[0].at if outcome.sent else 0.0
    for sent in outcome.sent:
        print(f"    {sent.at - start:6.1f} s  {sent}")
    expected = recorded.state if recorded is not None and recorded is not outcome else None
    for title, state in (("undisturbed", expected), ("this run", outcome.state)):
        if state:
            print(f"  state, {title}:")
            print("    " + yaml.safe_dump(_plain(state), sort_keys=False, width=110).replace("\n", "\n    ").rstrip())
    log = Path(outcome.log)
    if log.is_file():
        print(f"  last lines of the operator ({log}):")
        for line in log.read_text(errors="replace").splitlines()[-_SHOWN_LOG:]:
            print(f"    {line[:220]}")


def _plain(value: object) -> object:
    """Without tuples, which YAML would tag."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


def left_out(labels: tuple[str, ...]) -> None:
    """Scenarios that were not played at a vendor."""
    if labels:
        print(f"left out: {', '.join(labels)}")


def totals(results: Results) -> int:
    """The closing lines; the number of violations."""
    for text in results.errors:
        print(f"\nHARNESS ERROR {text}")
    for name, shot in results.missed:
        print(f"not reached: {name}, {shot}")
    slow = sorted(results.done, key=lambda outcome: -outcome.recovery_s)[:3]
    print(
        "\nslowest recoveries: "
        + ", ".join(
            f"{o.recovery_s:.0f} s ({o.scenario.label}: {', '.join(map(str, o.fired[:2]))})" for o in slow if o.fired
        )
    )
    writes = sum(len(outcome.targets) for outcome in results.recorded.values())
    print(
        f"{len(results.recorded)} scenarios, {writes} writes, {results.fired} interruptions,"
        f" {len(results.done)} runs, {len(results.failed)} violations, {time.monotonic() - results.began:.0f} s"
    )
    failed = len(results.failed) + len(results.errors)
    print(f"{len(results.done) - min(failed, len(results.done))} passed, {failed} failed")
    return failed
