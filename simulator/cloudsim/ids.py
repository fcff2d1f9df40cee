"""Deterministic identifiers. Owned by the world; the counter is part of the saved state and survives a reset."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass

_NAMESPACE = uuid.UUID("5a1f0b52-8f0e-5b0e-9c36-0d1c10d51800")
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(slots=True)
class Ids:
    """A numbered stream: the same seed and the same calls give the same identifiers."""

    seed: int = 0
    count: int = 0

    def uuid(self) -> str:
        """Return the next UUID with dashes."""
        self.count += 1
        return str(uuid.uuid5(_NAMESPACE, f"{self.seed}/{self.count}"))

    def suffix(self, length: int) -> str:
        """Return the next suffix of digits and capital letters."""
        self.count += 1
        number = int.from_bytes(hashlib.sha256(f"{self.seed}/{self.count}".encode()).digest()[:16])
        return "".join(_ALPHABET[(number // 36**place) % 36] for place in range(length))


def stable_hex(*parts: str) -> str:
    """Return the 32 hexadecimal digits that these names always give."""
    return uuid.uuid5(_NAMESPACE, "\x00".join(parts)).hex
