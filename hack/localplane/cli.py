"""The command line of the local control plane. Called by hack/controlplane."""

import argparse
import dataclasses
import os
import shlex
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from localplane import binaries, cluster, errors, places
from localplane.places import Layout
from localplane.state import State
from localplane.supervisor import Supervisor

Arguments = argparse.Namespace


def main(arguments: list[str] | None = None) -> int:
    """Run one subcommand and return the exit status."""
    parsed = _parser().parse_args(arguments)
    try:
        return COMMANDS[parsed.command][0](parsed)
    except errors.PlaneError as exc:
        binaries.show(f"error: {exc}")
        return 1
    except KeyboardInterrupt:
        return 130


def _run(arguments: Arguments) -> int:
    owner = os.getppid() if arguments.owner is None else arguments.owner or None
    home = arguments.dir or Path(tempfile.mkdtemp(prefix="controlplane-"))
    try:
        Supervisor(Layout(home), owner, binaries.ensure(), binaries.show).run(_print_variables)
    finally:
        if arguments.dir is None:
            shutil.rmtree(home, ignore_errors=True)
    return 0


def _up(arguments: Arguments) -> int:
    state = cluster.up(_layout(arguments))
    print(f"KUBECONFIG={shlex.quote(state.kubeconfig)}")
    return 0


def _down(arguments: Arguments) -> int:
    stopped = cluster.down(_layout(arguments))
    print("stopped" if stopped else "not running")
    return 0


def _env(arguments: Arguments) -> int:
    print(f"export KUBECONFIG={shlex.quote(_running(arguments).kubeconfig)}")
    return 0


def _status(arguments: Arguments) -> int:
    for name, value in dataclasses.asdict(_running(arguments)).items():
        print(f"{name}: {value}")
    return 0


def _binaries(_arguments: Arguments) -> int:
    for name, path in dataclasses.asdict(binaries.ensure()).items():
        print(f"{name.replace('_', '-')}: {path}")
    return 0


def _path(arguments: Arguments) -> int:
    print(binaries.locate(arguments.name))
    return 0


# Subcommand -> (what runs it, its help).
COMMANDS: dict[str, tuple[Callable[[Arguments], int], str]] = {
    "run": (_run, "start one in the foreground; it ends with Ctrl-C or with the calling process"),
    "up": (_up, "start one that stays until `down`; does nothing if it is there"),
    "down": (_down, "end the one that `up` started"),
    "env": (_env, "print the line that a shell can eval to use it"),
    "status": (_status, "show what `up` started; exit status 1 if nothing runs"),
    "binaries": (_binaries, "only find, build or install the programs"),
    "path": (_path, "print the path of one program"),
}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="hack/controlplane", description="A Kubernetes API without nodes.")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, (_, summary) in COMMANDS.items():
        command = commands.add_parser(name, help=summary, description=summary)
        if name in ("run", "up", "down", "env", "status"):
            command.add_argument("--dir", type=_absolute, help="where it keeps its files")
        if name == "run":
            command.add_argument("--owner", type=int, help=argparse.SUPPRESS)
        if name == "path":
            command.add_argument("name", help=", ".join(binaries.NAMES))
    return parser


def _absolute(text: str) -> Path:
    return Path(text).absolute()


def _layout(arguments: Arguments) -> Layout:
    return Layout(arguments.dir or places.default_plane())


def _running(arguments: Arguments) -> State:
    layout = _layout(arguments)
    state = State.of_running(layout)
    if state is None:
        raise errors.PlaneError(f"none runs in {layout.home}; `hack/controlplane up` starts one")
    return state


def _print_variables(state: State) -> None:
    print(f"KUBECONFIG={shlex.quote(state.kubeconfig)}", flush=True)
