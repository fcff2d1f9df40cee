"""Command line of the kill harness: `python -m tests.faults`, or `python tests/faults`."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:] = [
    str(ROOT),
    str(ROOT / "hack"),
    *(p for p in sys.path if Path(p or ".").resolve() != Path(__file__).parent),
]

from tests.faults import catalogue, report  # noqa: E402
from tests.faults.points import MEANING, Point  # noqa: E402
from tests.faults.sabotage import SABOTAGES  # noqa: E402
from tests.faults.suite import ALL_POINTS, Plan, Results, Suite  # noqa: E402
from tests.faults.vendors import VENDORS  # noqa: E402

from localplane.cluster import ControlPlane  # noqa: E402  found through the line above


def main(argv: list[str] | None = None) -> int:
    """Run what is asked for; 0 without a violation, 1 with one, 2 for a wrong command line."""
    arguments = _parser().parse_args(argv)
    try:
        plan = _plan(arguments)
    except ValueError as error:
        print(f"faults: {error}", file=sys.stderr)
        return 2
    if arguments.list and arguments.list == "names":
        for scenario in plan.scenarios:
            print(f"{scenario.label}: " + "; ".join(step.title for step in scenario.steps))
        report.left_out(plan.left_out)
        return 0
    with ControlPlane.start() as plane:
        try:
            results = asyncio.run(_run(plan, plane.kubeconfig))
        except (KeyboardInterrupt, asyncio.CancelledError):
            print("\nstopped", file=sys.stderr)
            return 130
    return _show(plan, results)


async def _run(plan: Plan, kubeconfig: Path) -> Results:
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    return await Suite(plan, kubeconfig, report.progress).run()


def _show(plan: Plan, results: Results) -> int:
    print()
    if plan.only_record:
        report.recordings(results)
    for outcome in results.failed:
        report.violation(outcome, results.recorded.get(outcome.scenario.name))
    report.left_out(plan.left_out)
    return 1 if report.totals(results) else 0


def _plan(arguments: argparse.Namespace) -> Plan:
    points = tuple(Point(letter) for letter in arguments.point) or ALL_POINTS
    scenarios = catalogue.named(arguments.scenario)
    vendors = [VENDORS[name] for name in arguments.vendor] or [*VENDORS.values()]
    return Plan(
        scenarios=catalogue.played(scenarios, vendors, mixed=arguments.short),
        left_out=catalogue.left_out(scenarios, vendors),
        points=points,
        workers=arguments.workers,
        short=arguments.short,
        sabotage=arguments.sabotage,
        folder=arguments.keep,
        only_record=arguments.list == "writes",
    )


def _parser() -> argparse.ArgumentParser:
    letters = "; ".join(f"{point.value}: {text}" for point, text in MEANING.items())
    parser = argparse.ArgumentParser(prog="faults", description=__doc__, epilog=f"points: {letters}")
    parser.add_argument("--scenario", action="append", default=[], metavar="NAME", help="repeatable; all without it")
    parser.add_argument("--vendor", action="append", default=[], choices=[*VENDORS], help="repeatable; all without it")
    parser.add_argument(
        "--point", action="append", default=[], choices=[p.value for p in Point], help="repeatable; all without it"
    )
    parser.add_argument("--workers", type=int, default=6, metavar="N", help="runs at the same time (default: 6)")
    parser.add_argument(
        "--short", action="store_true", help="one run per scenario with its worst kills, vendors by turns"
    )
    parser.add_argument(
        "--list",
        nargs="?",
        const="names",
        choices=["names", "writes"],
        help="show the scenarios; `writes` runs each one undisturbed and shows its writes",
    )
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep the logs of the operators there")
    parser.add_argument(
        "--sabotage", default="", choices=["", *SABOTAGES], help="break the operator on purpose, to see it found"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
