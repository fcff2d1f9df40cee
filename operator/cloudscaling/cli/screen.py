"""Progress on a terminal, tables, YAML and JSON. Called by commands; knows no cloud.

Results go to standard output, everything else to standard error; without a terminal there is no progress.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any, Self, TextIO

import yaml
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn
from rich.table import Table
from rich.text import Text

from cloudscaling.cli.manifest import Bundle, Found
from cloudscaling.core.model import Json

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_WIDE = 10_000  # columns where there is no terminal: lines are for programs then, and never fold


class _Dumper(yaml.SafeDumper):
    """Block style without anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


class Display:
    """Implements inventory.Progress: one line that says what is being read."""

    def __init__(self, stream: TextIO) -> None:
        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        console = Console(file=stream)
        self._progress = Progress(*columns, console=console, transient=True, disable=not stream.isatty())
        self._task = self._progress.add_task("connecting", total=None)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def at(self, what: str, done: int, total: int) -> None:
        self._progress.update(self._task, description=clean(what)[:60], completed=done, total=total or None)


def clean(text: str) -> str:
    """One line without control characters: names come from a cloud, and a terminal obeys what it reads."""
    return _CONTROL.sub(" ", text)


def dump(document: Json) -> str:
    return yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)


def as_json(document: Json) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def table(stream: TextIO, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Plain columns, as kubectl prints them."""
    width = None if stream.isatty() else _WIDE
    shown = Table(box=None, pad_edge=False, header_style="bold" if stream.isatty() else "")
    for column in columns:
        shown.add_column(column, overflow="fold")
    for row in rows:
        shown.add_row(*(Text(clean(cell)) for cell in row))
    Console(file=stream, width=width, highlight=False, soft_wrap=False).print(shown)


def manifests(bundle: Bundle, namespace: str) -> str:
    """The YAML of one file: what is known of every object stands above it as a comment."""
    parts = []
    for found in bundle.found:
        lines = [f"# {line}" for line in _comment(found)]
        if found.spec is not None:
            lines = ["---", *lines, dump(found.manifest(namespace)).rstrip()]
        parts.append("\n".join(lines))
    return "\n".join(parts) + "\n"


def _comment(found: Found) -> list[str]:
    head = f"{found.kind} {found.name}".rstrip()
    more = f", {found.detail}" if found.detail else ""
    shown = clean(f"{head}: cloud object {found.cloud_name!r} ({found.cloud_id}){more}")
    if found.spec is None:
        return [f"not imported, {shown}: {clean(found.why)}"]
    notes = [f"  left out: {clean(note.path)}: {clean(note.text)}" for note in found.notes]
    return [shown, *notes]
