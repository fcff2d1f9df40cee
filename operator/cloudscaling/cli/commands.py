"""The two commands: source, cloud behind a read-only gate, work, output. Called by options.

The only module of the command line that knows the order; 0 done, 1 failed, and errors of usage are 2 (see options).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from cloudscaling.cli import existing, screen
from cloudscaling.cli.existing import Existing
from cloudscaling.cli.gate import ReadOnlyGate
from cloudscaling.cli.importing import Import
from cloudscaling.cli.inventory import Filter, Inventory, Reader
from cloudscaling.cli.manifest import Bundle, Found, Note
from cloudscaling.cli.source import Source
from cloudscaling.cli.translate import Translator
from cloudscaling.cli.usage import UsageError
from cloudscaling.cli.verifying import Report, Verifier
from cloudscaling.core.account import mismatch
from cloudscaling.core.model import Json
from cloudscaling.errors import AuthenticationFailed
from cloudscaling.ports import Clock, Cloud, Vendor

TABLE, YAML, JSON = "table", "yaml", "json"
_NAMED = 3  # objects that a line of the summary names


@dataclass(frozen=True)
class Surroundings:
    """What a command is given instead of reaching for it."""

    vendors: Mapping[str, Vendor]
    clock: Clock
    out: TextIO
    err: TextIO


@dataclass(frozen=True)
class ImportOptions:
    """What is wanted of an import."""

    output: str = TABLE
    directory: Path | None = None
    namespace: str = ""
    wanted: Filter = field(default_factory=Filter)


@asynccontextmanager
async def opened(source: Source, around: Surroundings) -> AsyncIterator[Cloud]:
    """The account's cloud behind a gate that lets no write through."""
    allowed = source.account.spec.rate_limit
    gate = ReadOnlyGate(around.clock, source.config.vendor, float(allowed.requests_per_second), allowed.burst)
    cloud = around.vendors[source.config.vendor].build(source.config, gate, around.clock)
    try:
        yield cloud
    finally:
        await cloud.close()


async def run_import(source: Source, options: ImportOptions, around: Surroundings) -> int:
    account, namespace = source.account, options.namespace or source.account.metadata.namespace
    if options.directory is not None and options.directory.exists() and any(options.directory.iterdir()):
        raise UsageError(f"{options.directory} is not empty; nothing is overwritten")
    known = Existing()
    if source.cluster is not None:
        known = await existing.read(source.cluster, namespace)
    async with opened(source, around) as cloud:
        with screen.Display(around.err) as progress:
            identity = await cloud.verify()
            other = mismatch(account.status, account.spec.expected_account_id, identity)
            if other:
                raise AuthenticationFailed(other)
            inventory = await Reader(cloud, progress).read(options.wanted)
        translator = Translator(cloud, account.metadata.name, around.clock.now(), identity.capabilities)
        bundles = Import(inventory, known, translator, namespace).bundles()
    _write(bundles, options, namespace, around)
    _summary(bundles, inventory, around.err)
    return 0


async def run_verify(source: Source, output: str, around: Surroundings) -> int:
    config = source.config
    endpoint = around.vendors[config.vendor].endpoint(config)
    report = Report(source.account.metadata.name, config.vendor, config.region, endpoint)
    async with opened(source, around) as cloud:
        with screen.Display(around.err) as progress:
            await Verifier(source, cloud, progress, report).run()
    if output == TABLE:
        rows = [(check.name, check.result, check.detail) for check in report.checks]
        screen.table(around.out, ("CHECK", "RESULT", "DETAIL"), rows)
    else:
        around.out.write(screen.dump(report.document()) if output == YAML else screen.as_json(report.document()))
    return 0 if report.ok else 1


def _write(bundles: tuple[Bundle, ...], options: ImportOptions, namespace: str, around: Surroundings) -> None:
    """Files, or one document on standard output; a table beside files and where nothing else is asked for."""
    if options.directory is not None:
        options.directory.mkdir(parents=True, exist_ok=True)
        for bundle in bundles:
            if bundle.written:
                text, end = _one_file(bundle, options.output, namespace)
                (options.directory / f"{bundle.name}.{end}").write_text(text, encoding="utf-8")
    elif options.output == YAML:
        around.out.write("".join(screen.manifests(bundle, namespace) for bundle in bundles))
    elif options.output == JSON:
        around.out.write(screen.as_json(_list([found for bundle in bundles for found in bundle.written], namespace)))
    if options.output == TABLE or options.directory is not None:
        rows = [_row(found) for bundle in bundles for found in bundle.found]
        screen.table(around.out, ("KIND", "NAME", "CLOUD NAME", "CLOUD ID", "WHAT IT IS", "LEFT OUT", "IMPORT"), rows)


def _one_file(bundle: Bundle, output: str, namespace: str) -> tuple[str, str]:
    if output == JSON:
        return screen.as_json(_list(list(bundle.written), namespace)), "json"
    return screen.manifests(bundle, namespace), "yaml"


def _list(written: list[Found], namespace: str) -> Json:
    return {"apiVersion": "v1", "kind": "List", "items": [found.manifest(namespace) for found in written]}


def _row(found: Found) -> tuple[str, ...]:
    left_out = ", ".join(dict.fromkeys(note.path for note in found.notes)) or "-"
    imported = "yes" if found.spec is not None else f"no: {found.why}"
    return (found.kind, found.name or "-", found.cloud_name, found.cloud_id, found.detail or "-", left_out, imported)


def _summary(bundles: tuple[Bundle, ...], inventory: Inventory, err: TextIO) -> None:
    """What came of it, for a person: numbers, and every object and field that no manifest holds."""
    found = [entry for bundle in bundles for entry in bundle.found]
    written = [entry for entry in found if entry.spec is not None]
    kinds = Counter(entry.kind for entry in written)
    counts = ", ".join(f"{number} {kind}" for kind, number in kinds.items()) or "nothing"
    lines = [f"imported {counts}; not imported {len(found) - len(written)}"]
    lines += [f"not imported: {e.kind} {e.cloud_name!r}: {e.why}" for e in found if e.spec is None]
    left_out: dict[tuple[str, Note], list[str]] = defaultdict(list)
    for entry in written:
        for note in entry.notes:
            left_out[entry.kind, note].append(entry.name)
    for (kind, note), names in left_out.items():
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        lines.append(f"left out of {kind} {', '.join(names[:_NAMED])}{more}: {note.path}: {note.text}")
    if inventory.unused_configurations:
        lines.append(f"not imported: {inventory.unused_configurations} launch configurations that no group uses")
    err.write("".join(f"{screen.clean(line)}\n" for line in lines))
