"""A spec as observed -> the spec that can be applied: what would be refused goes out, and is told. Called by translate.

Pure. Refused means: by the schema and rules of the API server, by the vendor's field table, or by this release.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cloudscaling.cli import schema
from cloudscaling.cli.manifest import Note
from cloudscaling.cli.paths import given, without
from cloudscaling.core import accept
from cloudscaling.core.diff import differences, managed
from cloudscaling.core.fields import Table
from cloudscaling.core.model import Fields, Json

_ROUNDS = 100  # every round takes something out


@dataclass(frozen=True, slots=True)
class Fit:
    """What of a spec can be applied; with `lacking` nothing can."""

    spec: dict[str, Json]
    notes: tuple[Note, ...] = ()
    lacking: str = ""


@dataclass(frozen=True, slots=True)
class Mold:
    """What a spec of one kind has to fit: the vendor's table as far as this release serves it."""

    kind: str
    vendor: str
    block: str
    table: Table
    features: frozenset[str] = frozenset()  # what the account can do
    whole_lists: bool = False  # a list is one value: one wrong item takes all of it out

    def fit(self, spec: dict[str, Json]) -> Fit:
        """Take out what is refused until nothing is, or until something is missing."""
        notes: list[Note] = []
        for _ in range(_ROUNDS):
            found = next(self._complaints(spec), None)
            if found is None:
                return Fit(spec, tuple(notes))
            path, text = found
            if not given(spec, path):
                why = next((note for note in notes if _explains(note, path, text)), Note(path, text))
                return Fit(spec, tuple(notes), f"{why.path}: {why.text}")
            notes.append(Note(path, text))
            spec = without(spec, path, self.whole_lists)
        return Fit(spec, tuple(notes), "it does not fit")

    def undo_differences(self, fit: Fit, want: Fields, seen: Fields) -> Fit:
        """Take out what the planner would see as a difference, although it was read from the very object."""
        for found in differences(want, seen):
            note = Note(found.path, "it cannot be told so that it equals what the cloud shows")
            fit = Fit(without(fit.spec, found.path, True), (*fit.notes, note), fit.lacking)
        return fit

    def managed(self, fit: Fit) -> dict[str, Json]:
        """The flat fields that the planner would hold in the cloud."""
        return managed(fit.spec, self.table)

    def _complaints(self, spec: Fields) -> Iterator[tuple[str, str]]:
        yield from schema.complaints(self.kind, spec)
        checked = accept.check(spec, self.table, vendor=self.vendor, block=self.block, features=self.features)
        for problem in checked:
            yield problem.path, problem.message.removeprefix(f"{problem.path}: ")


def _explains(note: Note, path: str, text: str) -> bool:
    """What is missing was taken out before, or stands for what was."""
    return note.path in text or f"{path}.".startswith(f"{note.path}.") or note.path.startswith(f"{path}.")
