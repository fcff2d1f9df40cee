"""The manifests in the documentation: every YAML block of this API. Used by the tests of the docs, here and in e2e."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[3]
_BLOCK = re.compile(r"^ *```yaml\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
_API = "cloudscaling.dev/"


def manifests() -> Iterator[tuple[str, dict[str, Any]]]:
    """(page and name, object), in the order of the pages."""
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        for block in _BLOCK.findall(page.read_text()):
            for found in yaml.safe_load_all(block):
                if isinstance(found, dict) and str(found.get("apiVersion", "")).startswith(_API):
                    name = f"{found['kind']}/{found['metadata']['name']}"
                    yield f"{page.relative_to(ROOT)}: {name}", found
