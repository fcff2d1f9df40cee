"""What import finds and writes: values only. Made by the translators, read by output."""

from __future__ import annotations

from dataclasses import dataclass, field

from cloudscaling.api.meta import API_VERSION
from cloudscaling.core.model import Json


@dataclass(frozen=True, slots=True)
class Note:
    """A property of the cloud object that its manifest does not hold, and why."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Found:
    """One cloud object: with a spec it is imported, else `why` says why it is not."""

    kind: str
    name: str  # of the manifest, "" without one
    cloud_id: str
    cloud_name: str
    spec: Json | None = None
    why: str = ""
    detail: str = ""  # a few words for the table
    notes: tuple[Note, ...] = ()

    def manifest(self, namespace: str) -> Json:
        """The object as it is applied; without a namespace it goes where kubectl stands."""
        metadata = {"name": self.name} | ({"namespace": namespace} if namespace else {})
        return {"apiVersion": API_VERSION, "kind": self.kind, "metadata": metadata, "spec": self.spec}


@dataclass(frozen=True, slots=True)
class Bundle:
    """What goes into one file: a group with all that belongs to it alone, or what several groups share."""

    name: str
    found: tuple[Found, ...] = field(default=())

    @property
    def written(self) -> tuple[Found, ...]:
        return tuple(entry for entry in self.found if entry.spec is not None)
