"""Names and ownership marks of cloud objects. Called by the planners.

No object UID goes into a name or mark, so an object restored from a backup finds its cloud object again.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass

OWNER_TAG = "cso-owner"  # key of the tag that marks a cloud object as ours
NAME_LIMIT = 40  # the shortest limit among the vendors
_HASH_LENGTH = 10
_MARK = re.compile(r" ?\[cso:([a-z2-7]{10})\]$")


@dataclass(frozen=True, slots=True)
class Owner:
    """Who owns a cloud object: one custom resource of one cluster."""

    cluster: str
    namespace: str
    kind: str
    name: str

    @property
    def mark(self) -> str:
        """First ten characters of base32(sha256(cluster/namespace/kind/name)), lower case."""
        digest = hashlib.sha256(f"{self.cluster}/{self.namespace}/{self.kind}/{self.name}".encode()).digest()
        return base64.b32encode(digest).decode().lower()[:_HASH_LENGTH]

    @property
    def cloud_name(self) -> str:
        """Default vendor-side name: a readable head and the mark."""
        return f"{_head(self.name, 29)}-{self.mark}"

    def revision_name(self, revision: int, explicit: str | None = None) -> str:
        """Name of one revision of a launch configuration."""
        if explicit is not None:
            return f"{explicit}-r{revision}"
        return f"{_head(self.name, 23)}-{self.mark}-r{revision}"


def _head(name: str, limit: int) -> str:
    return name.replace(".", "-")[:limit].rstrip("-")


def add_mark(text: str, mark: str) -> str:
    """`text` with the ownership mark behind it; without a mark the text alone."""
    if not mark:
        return text
    return f"{text} [cso:{mark}]" if text else f"[cso:{mark}]"


def split_mark(text: str) -> tuple[str, str]:
    """(text without the mark, mark or "")."""
    found = _MARK.search(text)
    return (text[: found.start()], found.group(1)) if found else (text, "")
