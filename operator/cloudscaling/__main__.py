"""Command line `cloudscaling run | crds | import | account verify | uninstall`: arguments, exit codes, error texts."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable

from cloudscaling.cli import options
from cloudscaling.cli.usage import UsageError
from cloudscaling.errors import CloudScalingError
from cloudscaling.settings import SettingsError


def main(argv: list[str] | None = None) -> int:
    """0: done or stopped by a signal; 1: failed; 2: wrong usage."""
    parser = argparse.ArgumentParser(prog="cloudscaling", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="run the operator")
    run.add_argument("--listen", help="HOST:PORT of probes and metrics, default 0.0.0.0:8080")
    run.add_argument("--log-format", choices=("json", "text"))
    run.add_argument("--log-level", choices=("debug", "info", "warning", "error"))
    commands.add_parser("crds", help="print the CustomResourceDefinitions of this release as YAML")
    options.add(commands)
    arguments = parser.parse_args(argv)
    try:
        return _COMMANDS[arguments.command](arguments)
    except (SettingsError, CloudScalingError) as exc:
        print(f"cloudscaling: {exc}", file=sys.stderr)
        return 2 if isinstance(exc, (SettingsError, UsageError)) else 1


def _run(arguments: argparse.Namespace) -> int:
    from cloudscaling import app  # the engine's imports are not needed to print CRDs

    overrides = {
        "listen": arguments.listen,
        "log_format": arguments.log_format,
        "log_level": arguments.log_level,
    }
    app.main(overrides)
    return 0


def _crds(_: argparse.Namespace) -> int:
    from cloudscaling.api import crdgen

    sys.stdout.write("---\n".join(crdgen.files().contents.values()))
    return 0


def _client(arguments: argparse.Namespace) -> int:
    from cloudscaling.cli import entry

    return entry.run(arguments, os.environ)


_COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "run": _run,
    "crds": _crds,
    "import": _client,
    "account": _client,
    "uninstall": _client,
}


if __name__ == "__main__":
    sys.exit(main())
