"""Names of Kubernetes objects from names of cloud objects. Called by translate. Pure.

Cloud names repeat, have capitals and may be in any script. The first of a name gets it plain, a further one with the
head of its id, so that a later import gives the same names again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_LONGEST = 50  # what is derived from a name here still fits into a DNS label
_ID_HEAD = 8


class Names:
    """The names given out so far; one namespace per kind."""

    def __init__(self, taken: Iterable[tuple[str, str]] = ()) -> None:
        self._taken = set(taken)

    def give(self, kind: str, cloud_name: str, cloud_id: str) -> str:
        """A free and valid name."""
        plain = label(cloud_name)
        head = label(cloud_id)[:_ID_HEAD].strip("-")
        wishes = [plain] if plain else []
        wishes += [f"{plain or label(kind)}-{end}" for end in (head, label(cloud_id)) if end]
        numbered = (f"{wishes[-1][:_LONGEST]}-{number}" for number in range(2, 10_000))
        found = next(name for name in (*wishes, *numbered) if (kind, name) not in self._taken)
        self._taken.add((kind, found))
        return found


def label(text: str) -> str:
    """The part of `text` that a DNS label can hold, "" when nothing is left."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:_LONGEST].strip("-")
