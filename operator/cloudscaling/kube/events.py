"""Events of events.k8s.io/v1. Part of kube.client; kube.recorder decides which ones are worth posting.

`kubectl describe` shows the reporting controller as the source of an Event.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from cloudscaling import errors
from cloudscaling.core.model import Json
from cloudscaling.kube import answers
from cloudscaling.kube.session import Session
from cloudscaling.ports import Clock

SOURCE = "cloudscaling"
NOTE_LIMIT = 1024  # bytes, by the API
_NAME_LIMIT = 200
_REGARDING = ("apiVersion", "kind", "namespace", "name", "uid", "resourceVersion", "fieldPath")


class Events:
    """Posts Events about objects, each in the namespace of its object."""

    def __init__(self, session: Session, clock: Clock, *, instance: str) -> None:
        self.session = session
        self._clock = clock
        self._instance = (instance or SOURCE)[:128]

    async def post_event(
        self, regarding: Mapping[str, Json], *, event_type: str, reason: str, message: str, action: str
    ) -> None:
        """Posted once, without a second attempt: an Event is worth less than the time of a reconcile."""
        about = _reference(regarding)
        namespace = about.get("namespace") or "default"
        body = {
            "apiVersion": "events.k8s.io/v1",
            "kind": "Event",
            "metadata": {"name": _unique_name(about["name"]), "namespace": namespace},
            "eventTime": self._clock.now().strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "type": event_type,
            "reason": reason[:128],
            "action": (action or reason)[:128],
            "note": _cut(message, NOTE_LIMIT),
            "regarding": about,
            "reportingController": SOURCE,
            "reportingInstance": self._instance,
        }
        try:
            await self.session.request(
                "POST",
                f"/apis/events.k8s.io/v1/namespaces/{namespace}/events",
                verb="create",
                resource="events.events.k8s.io",
                body=body,
                attempts=1,
            )
        except (answers.Terminating, errors.Gone):
            return  # nothing can be created there any more; the facts stand in the status


def _reference(regarding: Mapping[str, Json]) -> dict[str, Json]:
    """An object reference, from one or from a whole object."""
    flat = {**regarding, **regarding.get("metadata", {})}
    return {key: flat[key] for key in _REGARDING if flat.get(key)}


def _unique_name(name: str) -> str:
    return f"{name[:_NAME_LIMIT]}.{uuid.uuid4().hex[:16]}"


def _cut(text: str, limit: int) -> str:
    """At most `limit` bytes, never in the middle of a character."""
    raw = text.encode()
    return text if len(raw) <= limit else raw[: limit - 3].decode(errors="ignore") + "…"
