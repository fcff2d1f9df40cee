"""Notifications of a group behind ports.Notifications. Called by the engine through adapter.

A topic is bound once and its events cannot be changed: another set of events is a deletion and a new binding. The id
is the topic's name in full.
"""

from __future__ import annotations

from cloudscaling import errors
from cloudscaling.core.model import Fields, Json, Notification
from cloudscaling.vendors.huawei import wire_children as wire
from cloudscaling.vendors.huawei.client import Client

SCENES = {
    "ScaleOutSucceeded": "SCALING_UP",
    "ScaleOutFailed": "SCALING_UP_FAIL",
    "ScaleInSucceeded": "SCALING_DOWN",
    "ScaleInFailed": "SCALING_DOWN_FAIL",
    "GroupAbnormal": "SCALING_GROUP_ABNORMAL",
}
_SCENES_READ = {word: neutral for neutral, word in SCENES.items()}
_TOPIC = "target.topic"


class Notifications:
    """Reads and writes of topics bound to a group."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def canonical(self, want: Fields) -> dict[str, Json]:
        return {path: sorted(set(value or ())) if path == "events" else value for path, value in want.items()}

    async def list(self, group_id: str) -> tuple[Notification, ...]:
        return tuple(self._notification(row) for row in await self._client.list_scaling_notifications(group_id))

    async def create(self, group_id: str, notification: Notification) -> None:
        """NoOp when the topic is bound already, whatever its events are; the next look sees those."""
        topic, events = notification.fields.get(_TOPIC), notification.fields.get("events") or ()
        unknown = [event for event in events if event not in SCENES]
        if not topic or not events or unknown:
            raise errors.Rejected(f"notifications: not sent, {unknown[0] if unknown else 'topic or events'} is wrong")
        body = wire.TopicBody(topic_urn=topic, topic_scene=[SCENES[event] for event in events])
        await self._client.create_scaling_notification(group_id, body)

    async def delete(self, group_id: str, notification_id: str) -> None:
        try:
            await self._client.delete_scaling_notification(group_id, notification_id)
        except errors.Rejected as failure:  # no code says "not bound"; the list does
            if notification_id not in {
                row.topic_urn for row in await self._client.list_scaling_notifications(group_id)
            }:
                raise errors.NotFound(failure.message, code=failure.code) from failure
            raise

    def _notification(self, row: wire.Topic) -> Notification:
        events = [_SCENES_READ.get(scene, scene) for scene in row.topic_scene or ()]
        return Notification(row.topic_urn, self.canonical({"events": events, _TOPIC: row.topic_urn}))
