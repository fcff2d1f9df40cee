"""Links between the pages of the documentation lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from docs_manifests import ROOT

_LINK = re.compile(r"\]\(([^)\s]+)\)")
_GENERATED = ROOT / "docs" / "reference"  # its patterns look like links
PAGES = [
    page
    for folder in (".", "docs/**", "examples/**", "bench", "operator/**", "simulator/**", "tests/**")
    for page in sorted(ROOT.glob(f"{folder}/*.md"))
    if page.parent != _GENERATED
]


def anchors(page: Path) -> set[str]:
    """How headings are named in links."""
    heads = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_files_and_headings(page: Path) -> None:
    """Those to other sites are not followed."""
    for link in _LINK.findall(page.read_text()):
        name, _, anchor = link.partition("#")
        if "://" not in link:
            target = page.parent / name if name else page
            assert target.exists(), link
            assert not anchor or anchor in anchors(target), link
