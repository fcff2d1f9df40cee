"""The command line: `cloudsim serve`. Reads arguments, serves until a signal comes."""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import signal
import sys
from collections.abc import Collection
from typing import TypeVar
from urllib.parse import urlsplit

from cloudsim import accounts, clock, persistence, registry, serve
from cloudsim.settings import Settings
from cloudsim.world import World

T = TypeVar("T")
LAST_PORT = 65_535
LONGEST_ACTIVITY_S = 31_536_000  # a year


def main(argv: list[str] | None = None) -> int:
    """Run the command line and return the exit status."""
    arguments = _parser().parse_args(argv)
    try:
        settings = _settings(arguments)
        World(settings)  # only a cloud knows the names of its quotas and options
    except ValueError as error:
        print(f"cloudsim: {error}", file=sys.stderr)
        return 2
    try:
        asyncio.run(_serve(settings))
    except (OSError, persistence.BadStateFile) as error:
        print(f"cloudsim: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="cloudsim", description="Auto-scaling clouds on loopback.")
    command = parser.add_subparsers(dest="command", required=True).add_parser("serve", help="serve vendors")
    many = {"action": "append", "default": []}
    command.add_argument("--vendor", metavar="NAME:PORT", **many, help="repeatable; port 0 is any free port")  # type: ignore[arg-type]  # argparse's stub does not take an unpacked dict
    command.add_argument("--admin", type=int, default=9000, metavar="PORT", help="port of the admin API")
    command.add_argument("--host", default="127.0.0.1", help="address to listen on (default: loopback)")
    for name, form in (
        ("--access-key", "ID:SECRET[:TOKEN][@ACCOUNT]"),
        ("--user", "NAME:PASSWORD:DOMAIN"),
        ("--project", "ID:NAME[@ACCOUNT]"),
        ("--quota", "VENDOR.NAME=N"),
        ("--option", "VENDOR.NAME=VALUE"),
    ):
        command.add_argument(name, action="append", default=[], metavar=form, help="repeatable")
    command.add_argument("--clock", default="real", metavar="real|scaled:N|manual")
    command.add_argument("--activity-seconds", type=float, default=5.0, metavar="N")
    command.add_argument("--state", metavar="FILE", help="keep the state across restarts")
    command.add_argument("--strict-references", action="store_true", help="want images and the like seeded")
    command.add_argument("--seed", type=int, default=0, metavar="N", help="another seed, other ids")
    return parser


def _settings(arguments: argparse.Namespace) -> Settings:
    """Turn the arguments into settings; what cannot be meant is a ValueError."""
    clock.parse(arguments.clock)
    vendors = _once("--vendor", [_vendor(text) for text in arguments.vendor or ["huawei:0"]])
    seconds, admin = arguments.activity_seconds, arguments.admin
    if not (math.isfinite(seconds) and 0 <= seconds <= LONGEST_ACTIVITY_S):
        raise ValueError(f"--activity-seconds {seconds}: expected a number from 0 to {LONGEST_ACTIVITY_S}")
    if not 0 <= admin <= LAST_PORT:
        raise ValueError(f"--admin {admin}: expected a port from 0 to {LAST_PORT}")
    taken = [port for port in (admin, *vendors.values()) if port]
    if len(taken) != len(set(taken)):
        raise ValueError(f"each port can serve one thing, and {max(taken, key=taken.count)} is given twice")
    return Settings(
        vendors=vendors,
        admin_port=arguments.admin,
        host=arguments.host,
        keys=tuple(accounts.parse_key(text) for text in arguments.access_key),
        users=tuple(accounts.parse_user(text) for text in arguments.user),
        projects=tuple(accounts.parse_project(text) for text in arguments.project),
        quotas={
            name: _number(name, value) for name, value in _assignments("--quota", arguments.quota, vendors).items()
        },
        options=_assignments("--option", arguments.option, vendors),
        clock=arguments.clock,
        activity_seconds=arguments.activity_seconds,
        state_file=arguments.state,
        strict_references=arguments.strict_references,
        seed=arguments.seed,
    )


def _vendor(text: str) -> tuple[str, int]:
    name, _, port = text.partition(":")
    if name not in registry.VENDORS:
        raise ValueError(f"--vendor {text!r}: expected NAME:PORT with NAME of {sorted(registry.VENDORS)}")
    if not (port.isascii() and port.isdigit() and int(port) <= LAST_PORT):
        raise ValueError(f"--vendor {text!r}: expected NAME:PORT with PORT from 0 to {LAST_PORT}")
    return name, int(port)


def _once(option: str, given: list[tuple[str, T]]) -> dict[str, T]:
    """All that was given, by name; a second value would silently take the place of the first and is refused."""
    found: dict[str, T] = {}
    for name, value in given:
        if name in found:
            raise ValueError(f"{option}: {name} is given twice")
        found[name] = value
    return found


def _assignments(option: str, texts: list[str], vendors: Collection[str]) -> dict[str, str]:
    """VALUE by VENDOR.NAME; one for a vendor that is not served would do nothing and is refused."""
    found = []
    for text in texts:
        name, equals, value = text.partition("=")
        vendor, dot, _ = name.partition(".")
        if not equals or not dot or vendor not in vendors:
            raise ValueError(f"{option} {text!r}: expected VENDOR.NAME=VALUE with VENDOR of {sorted(vendors)}")
        found.append((name, value))
    return _once(option, found)


def _number(name: str, text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise ValueError(f"--quota '{name}={text}': expected a whole number")
    return int(text)


async def _serve(settings: Settings) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    async with serve.running(settings) as endpoints:
        print(json.dumps(_ready_line(endpoints)), flush=True)
        await stopping.wait()


def _ready_line(endpoints: serve.Endpoints) -> dict[str, object]:
    known = endpoints.world.accounts
    return {
        "ready": True,
        "admin": urlsplit(endpoints.admin).port,
        "vendors": {name: urlsplit(url).port for name, url in endpoints.vendors.items()},
        "projects": [{"id": p.id, "name": p.name, "account": p.account} for p in known.projects.values()],
    }


if __name__ == "__main__":
    sys.exit(main())
