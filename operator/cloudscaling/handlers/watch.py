"""kopf's watches -> the store. Registered by handlers.lifecycle; the store behind the Sink is engine's.

One on.event handler per kind and nothing else of kopf: it writes nothing on objects, remembers nothing and
cannot fail. What an event says (added, modified, listed) is not passed on; only that an object is there or
gone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

import kopf

from cloudscaling.api import meta
from cloudscaling.core.model import Json
from cloudscaling.kube import slim

PLURALS = tuple(meta.KINDS[kind].plural for kind in meta.RELEASED_KINDS)


class Sink(Protocol):
    """Takes what the watches saw; must not fail, wait or do I/O. `plural` names the kind."""

    def upsert(self, plural: str, obj: dict[str, Json]) -> None:
        """The object is there. It may be older than what is known: compare resourceVersion for the same uid."""

    def gone(self, plural: str, namespace: str, name: str, uid: str) -> None:
        """The object with this uid is not there any more; one of the same name and another uid may be."""


def register(
    registry: kopf.OperatorRegistry,
    sink: Sink,
    plurals: Iterable[str] = PLURALS,
    *,
    group: str = meta.GROUP,
    version: str = meta.VERSION,
) -> None:
    """Watch every kind of `plurals` into `sink`."""
    for plural in plurals:
        _register(registry, sink, plural, group, version)


def _register(registry: kopf.OperatorRegistry, sink: Sink, plural: str, group: str, version: str) -> None:
    @kopf.on.event(group=group, version=version, plural=plural, registry=registry, id=f"watch-{plural}")
    async def observe(event: Mapping[str, Any], **_: Any) -> None:
        deliver(sink, plural, event)


def deliver(sink: Sink, plural: str, event: Mapping[str, Any]) -> None:
    """Pass one raw watch event on."""
    found = event["object"]
    if event["type"] == "DELETED":
        metadata = found["metadata"]
        sink.gone(plural, metadata.get("namespace", ""), metadata["name"], metadata["uid"])
    else:
        sink.upsert(plural, slim.whole(found))
