"""Which test exercises which operation: recorded by `--record-proofs`, held against every later run.

proofs.json names one test per operation and vendor, the one that calls the fewest others. Used by conftest.
"""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

FILE = Path(__file__).with_name("proofs.json")
Calls = dict[tuple[str, str], set[str]]  # vendor, node id -> operations


def claimed(vendor: str, node_id: str) -> set[str]:
    """The operations that a test is recorded to exercise."""
    if not FILE.exists():
        return set()
    known = json.loads(FILE.read_text(encoding="utf-8")).get(vendor, {})
    return {operation for operation, test in known.items() if test == node_id}


def write(calls: Calls) -> None:
    """Choose a test per operation and store the choice."""
    best: dict[str, dict[str, str]] = defaultdict(dict)
    for (vendor, node_id), operations in sorted(calls.items(), key=lambda entry: (len(entry[1]), entry[0])):
        for operation in operations:
            best[vendor].setdefault(operation, node_id)
    ordered = {vendor: dict(sorted(found.items())) for vendor, found in sorted(best.items())}
    FILE.write_text(json.dumps(ordered, indent=1) + "\n", encoding="utf-8")
