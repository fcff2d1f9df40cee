"""One row per operation and cloud, and what is wrong with them. Called by __main__ and by a test."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from dataclasses import dataclass

from cloudscaling.vendors import huawei, otc
from cloudscaling.vendors.huawei.profile import Profile
from cloudsim.huawei import profile as simulated
from coverage_table import sources, uses

CONTRACT = sources.ROOT / "tests" / "contract"
PROOFS = CONTRACT / "proofs.json"
CLOUDS: tuple[tuple[Profile, simulated.Profile], ...] = (
    (huawei.PROFILE, simulated.HUAWEI),
    (otc.PROFILE, simulated.OTC),
)


@dataclass(frozen=True)
class Row:
    """One operation of one cloud."""

    operation: str
    uses: tuple[str, ...]
    methods: tuple[str, ...]
    callers: frozenset[str]  # packages of the operator: engine, cli
    proof: str  # node id of a test, "" without one


def documented() -> tuple[str, ...]:
    """The operations of the vendor's documents, in their order."""
    return tuple((CONTRACT / "operations_huawei.txt").read_text(encoding="utf-8").split())


def of_cloud(profile: Profile, cloud: simulated.Profile) -> list[Row]:
    """Every operation that the cloud serves."""
    proofs = json.loads(PROOFS.read_text(encoding="utf-8")).get(profile.vendor, {}) if PROOFS.exists() else {}
    methods, callers = sources.port_methods(documented()), sources.callers()
    rows = []
    for operation in documented():
        if operation in cloud.withheld:
            continue
        through = methods.get(operation, ())
        packages = frozenset(package for method in through for package in callers.get(method, ()))
        used = uses.of_operation(operation, profile)
        rows.append(Row(operation, used, through, packages, proofs.get(operation, "")))
    return rows


def problems() -> Iterator[str]:
    """Why the table would not be whole; nothing when it is."""
    yield from uses.problems()
    yield from (f"uses.py names {extra}, which no document knows" for extra in sorted({*uses.USES} - {*documented()}))
    tests = frozenset(_tests())
    for profile, cloud in CLOUDS:
        for row in of_cloud(profile, cloud):
            where = f"{profile.vendor} {row.operation}"
            if not row.uses:
                yield f"{where}: no field and no command uses it (vendors/huawei/uses.py)"
            if not row.methods:
                yield f"{where}: no method of the port calls it"
            if not row.proof:
                yield f"{where}: no test exercised it (make coverage-table)"
            elif row.proof.partition("[")[0] not in tests:
                yield f"{where}: there is no test {row.proof} (make coverage-table)"


def _tests() -> Iterator[str]:
    for path in sorted(CONTRACT.rglob("test_*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                yield f"{path.relative_to(sources.ROOT)}::{node.name}"
