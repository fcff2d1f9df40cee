"""A store, a cluster and a clock for the tests of handlers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from cloudscaling import errors

Key = tuple[str, str]


def thing(name: str, uid: str, version: int, namespace: str = "ns") -> dict[str, Any]:
    """One object as the API server shows it."""
    metadata = {"namespace": namespace, "name": name, "uid": uid, "resourceVersion": str(version)}
    return {"metadata": metadata, "spec": {}}


class Store:
    """Sink and View: the newest version per object, and what was called."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, ...]] = []
        self.held: dict[str, dict[Key, tuple[str, str]]] = {}
        self.refused: set[str] = set()

    def upsert(self, plural: str, obj: dict[str, Any]) -> None:
        metadata = obj["metadata"]
        key = (metadata["namespace"], metadata["name"])
        if metadata["name"] in self.refused:
            return
        self.calls.append(("upsert", plural, *key))
        self.held.setdefault(plural, {})[key] = (metadata["uid"], metadata["resourceVersion"])

    def gone(self, plural: str, namespace: str, name: str, uid: str) -> None:
        self.calls.append(("gone", plural, namespace, name, uid))
        held = self.held.get(plural, {})
        if held.get((namespace, name), ("", ""))[0] == uid:
            del held[(namespace, name)]

    def versions(self, plural: str) -> dict[Key, tuple[str, str]]:
        return self.held.get(plural, {})


class Cluster:
    """The two calls of the Kubernetes port that a watchdog makes."""

    def __init__(self) -> None:
        self.objects: dict[Key, dict[str, Any]] = {}
        self.lists: list[tuple[str, str | None]] = []
        self.gets: list[Key] = []
        self.error: errors.KubeError | None = None

    def put(self, name: str, uid: str, version: int, namespace: str = "ns") -> dict[str, Any]:
        self.objects[(namespace, name)] = thing(name, uid, version, namespace)
        return self.objects[(namespace, name)]

    async def list_metadata(self, plural: str, namespace: str | None) -> tuple[dict[str, Any], ...]:
        self.lists.append((plural, namespace))
        if self.error:
            raise self.error
        found = self.objects.values()
        return tuple(item["metadata"] for item in found if namespace in (None, item["metadata"]["namespace"]))

    async def get(self, plural: str, namespace: str, name: str) -> dict[str, Any]:
        self.gets.append((namespace, name))
        if (namespace, name) not in self.objects:
            raise errors.Gone(name)
        return self.objects[(namespace, name)]


class Clock:
    """Moves when somebody sleeps, or by hand."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC)

    def monotonic(self) -> float:
        return self.seconds
