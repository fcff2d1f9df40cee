"""Parsed arguments -> a command and what it works on: the composition root of the command line. Called by __main__."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from cloudscaling.cli.commands import ImportOptions, Surroundings, run_import, run_verify
from cloudscaling.cli.inventory import Filter
from cloudscaling.cli.source import Source, from_cluster, from_documents, from_flags
from cloudscaling.cli.uninstalling import Uninstall, UninstallOptions
from cloudscaling.cli.usage import UsageError
from cloudscaling.clock import SystemClock
from cloudscaling.kube.access import Access
from cloudscaling.kube.client import KubeClient
from cloudscaling.kube.session import Session
from cloudscaling.kube.workloads import Workloads
from cloudscaling.vendors import VENDORS

_FLAGS = {
    "region": "region",
    "project_id": "projectId",
    "project_name": "projectName",
    "endpoint": "autoscaling",
    "iam_endpoint": "iam",
}


def run(arguments: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """The exit code; UsageError is the caller's to tell."""
    return asyncio.run(_run(arguments, environ))


async def _run(arguments: argparse.Namespace, environ: Mapping[str, str]) -> int:
    if arguments.command == "uninstall":
        return await _uninstall(arguments, environ)
    around = Surroundings(VENDORS, SystemClock(), sys.stdout, sys.stderr)
    async with _source(arguments, environ) as source:
        if arguments.command == "account":
            return await run_verify(source, arguments.output, around)
        return await run_import(source, _import_options(arguments), around)


async def _uninstall(arguments: argparse.Namespace, environ: Mapping[str, str]) -> int:
    namespace, _, name = (arguments.operator or "").partition("/")
    if arguments.operator and not (namespace and name):
        raise UsageError("--operator: expected NAMESPACE/NAME")
    if arguments.operator and not arguments.orphan:
        raise UsageError("--operator stops the operator, which only --orphan needs")
    options = UninstallOptions(
        namespaces=tuple(part for part in (piece.strip() for piece in arguments.namespaces.split(",")) if part),
        orphan=arguments.orphan,
        operator=(namespace, name) if arguments.operator else None,
    )
    async with _cluster(arguments, environ) as kube:
        return await Uninstall(kube, Workloads(kube.session), options, sys.stdout, sys.stderr).run()


@asynccontextmanager
async def _source(arguments: argparse.Namespace, environ: Mapping[str, str]) -> AsyncIterator[Source]:
    chosen = [name for name in ("account_name", "file", "vendor") if getattr(arguments, name)]
    if len(chosen) != 1:
        raise UsageError("name the account in exactly one way: --account, --file or --vendor")
    if arguments.account_name:
        async with _cluster(arguments, environ) as cluster:
            namespace = arguments.namespace or "default"
            yield await from_cluster(cluster, namespace, arguments.account_name, VENDORS)
    elif arguments.file:
        yield await from_documents(_text(arguments.file), environ, VENDORS)
    else:
        yield await from_flags(_given(arguments), environ, VENDORS)


@asynccontextmanager
async def _cluster(arguments: argparse.Namespace, environ: Mapping[str, str]) -> AsyncIterator[KubeClient]:
    known = {**environ, **({"KUBECONFIG": arguments.kubeconfig} if arguments.kubeconfig else {})}
    kube = KubeClient(Session(await Access.load(known)), SystemClock())
    try:
        yield kube
    finally:
        await kube.close()


def _text(path: str) -> str:
    try:
        return sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as failure:
        raise UsageError(f"{path} cannot be read: {failure}") from None


def _given(arguments: argparse.Namespace) -> dict[str, str]:
    found = {field: getattr(arguments, flag) or "" for flag, field in _FLAGS.items()}
    found |= {"vendor": arguments.vendor, "allowPlaintext": "yes" if arguments.allow_plaintext else ""}
    return found | {"name": arguments.account_ref or arguments.vendor.lower()}


def _import_options(arguments: argparse.Namespace) -> ImportOptions:
    key, equals, value = (arguments.by_tag or "").partition("=")
    wanted = Filter(
        prefixes=tuple(arguments.name_prefix),
        ids=tuple(arguments.id),
        tag=(key, value if equals else None) if key else None,
    )
    directory = Path(arguments.output_dir) if arguments.output_dir else None
    return ImportOptions(arguments.output, directory, arguments.namespace or "", wanted)
