"""Which cloud objects have an object in the cluster already. Called by importing; reads the cluster only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from cloudscaling import errors
from cloudscaling.core.model import Json

PLURALS = {
    "LaunchConfiguration": "launchconfigurations",
    "ScalingGroup": "scalinggroups",
    "ScalingPolicy": "scalingpolicies",
}


class Lists(Protocol):
    """The part of the Kubernetes client that is needed here."""

    async def list_objects(self, plural: str, namespace: str | None) -> tuple[dict[str, Json], ...]: ...


@dataclass(frozen=True, slots=True)
class Existing:
    """By kind and cloud id: namespace and name of the object that manages it."""

    owners: Mapping[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    names: frozenset[tuple[str, str]] = frozenset()  # (kind, name) in use in the import's namespace

    def owner(self, kind: str, cloud_id: str) -> tuple[str, str] | None:
        return self.owners.get((kind, cloud_id))


async def read(cluster: Lists, namespace: str) -> Existing:
    """Of all namespaces where the rights reach so far, else of the import's own."""
    owners: dict[tuple[str, str], tuple[str, str]] = {}
    names: set[tuple[str, str]] = set()
    for kind, plural in PLURALS.items():
        try:
            rows = await cluster.list_objects(plural, None)
        except errors.Forbidden:
            rows = await cluster.list_objects(plural, namespace)
        for row in rows:
            where = (str(row["metadata"].get("namespace", "")), str(row["metadata"]["name"]))
            if where[0] == namespace:
                names.add((kind, where[1]))
            for cloud_id in cloud_ids(row):
                owners[kind, cloud_id] = where
    return Existing(owners, frozenset(names))


def cloud_ids(row: Mapping[str, Json]) -> Iterator[str]:
    """Ids of the cloud objects that an object has adopted or made; some may come twice."""
    spec, status = row.get("spec") or {}, row.get("status") or {}
    named = (spec.get("externalId"), status.get("externalId"))
    revisions = (revision.get("externalId") for revision in status.get("revisions") or ())
    yield from (str(found) for found in (*named, *revisions) if found)
