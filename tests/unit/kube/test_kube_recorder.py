"""Which Events are posted, and what becomes of those that cannot be."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from fake_kube_api import FakeApi

from cloudscaling import errors
from cloudscaling.kube.events import NOTE_LIMIT, Events
from cloudscaling.kube.recorder import WINDOW_S, EventRecorder
from cloudscaling.kube.session import Session

WEB: dict[str, Any] = {
    "apiVersion": "cloudscaling.dev/v1alpha1",
    "kind": "ScalingGroup",
    "metadata": {"namespace": "ns", "name": "web", "uid": "u1", "resourceVersion": "7"},
    "spec": {"huge": True},
}


class StillClock:
    """A clock that a test moves."""

    seconds = 0.0

    def now(self) -> datetime:
        return datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC)

    def monotonic(self) -> float:
        return self.seconds


class Posts:
    """Takes Events in place of the port, or fails with `error`."""

    def __init__(self) -> None:
        self.reasons: list[str] = []
        self.error: Exception | None = None

    async def post_event(
        self, regarding: Mapping[str, Any], *, event_type: str, reason: str, message: str, action: str
    ) -> None:
        if self.error:
            raise self.error
        self.reasons.append(reason)


@pytest.fixture
def clock() -> StillClock:
    """Not moving by itself."""
    return StillClock()


@pytest.fixture
def posts() -> Posts:
    """Everything is accepted."""
    return Posts()


@pytest.fixture
def recorder(posts: Posts, clock: StillClock) -> EventRecorder:
    """One that remembers three Events."""
    return EventRecorder(posts, clock, remembered=3)  # type: ignore[arg-type]  # one method of the port


async def test_the_same_event_is_posted_once_in_ten_minutes(
    recorder: EventRecorder, posts: Posts, clock: StillClock
) -> None:
    """Later it is news again."""
    assert await recorder.post(WEB, "Warning", "QuotaExceeded", "no more")
    clock.seconds = WINDOW_S - 1
    assert not await recorder.post(WEB, "Warning", "QuotaExceeded", "no more")
    clock.seconds = WINDOW_S
    assert await recorder.post(WEB, "Warning", "QuotaExceeded", "no more")
    assert len(posts.reasons) == 2


async def test_other_object_reason_or_message_is_another_event(recorder: EventRecorder) -> None:
    """All three tell Events apart; a recreated object is another one."""
    again = {**WEB, "metadata": {**WEB["metadata"], "uid": "u2"}}
    assert await recorder.post(WEB, "Normal", "Created", "m")
    assert await recorder.post(WEB, "Normal", "Updated", "m")
    assert await recorder.post(WEB, "Normal", "Created", "other")
    assert await recorder.post(again, "Normal", "Created", "m")


async def test_memory_is_bounded(recorder: EventRecorder) -> None:
    """The oldest is forgotten, and only the oldest."""
    for number in range(4):
        await recorder.post(WEB, "Normal", "Created", str(number))
    assert not await recorder.post(WEB, "Normal", "Created", "3")
    assert await recorder.post(WEB, "Normal", "Created", "0")


async def test_a_failed_post_stops_nothing_and_may_come_again(recorder: EventRecorder, posts: Posts) -> None:
    """Events are best effort."""
    posts.error = errors.KubeUnavailable("down")
    assert not await recorder.post(WEB, "Normal", "Created", "m")
    posts.error = None
    assert await recorder.post(WEB, "Normal", "Created", "m")


async def test_event_refers_to_the_object_and_carries_no_spec(
    api: FakeApi, session: Session, clock: StillClock
) -> None:
    """An object reference, the source, a name of its own and a cut note."""
    api.answers((201, {}))
    events = Events(session, clock, instance="pod-1")
    for _ in range(2):
        await events.post_event(WEB, event_type="Normal", reason="Created", message="é" * 1000, action="Create")
    first, second = (seen.body for seen in api.seen)
    assert first["regarding"] == {
        "apiVersion": "cloudscaling.dev/v1alpha1",
        "kind": "ScalingGroup",
        "namespace": "ns",
        "name": "web",
        "uid": "u1",
        "resourceVersion": "7",
    }
    assert (first["reportingController"], first["reportingInstance"]) == ("cloudscaling", "pod-1")
    assert first["eventTime"] == "2026-01-02T03:04:05.000678Z"
    assert len(first["note"].encode()) <= NOTE_LIMIT
    assert first["metadata"]["name"] != second["metadata"]["name"]
    assert first["metadata"]["name"].startswith("web.")


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, {"kind": "Status", "reason": "NotFound", "message": 'namespaces "ns" not found'}),
        (403, {"kind": "Status", "details": {"causes": [{"reason": "NamespaceTerminating"}]}}),
    ],
    ids=["namespace gone", "namespace terminating"],
)
async def test_events_of_a_dying_namespace_are_dropped(
    api: FakeApi, session: Session, clock: StillClock, status: int, body: dict[str, Any]
) -> None:
    """Nothing can be created there, and nobody is left to read it."""
    api.answers((status, body))
    events = Events(session, clock, instance="")
    await events.post_event(WEB, event_type="Normal", reason="Deleted", message="m", action="")


async def test_an_event_is_tried_once(api: FakeApi, session: Session, clock: StillClock) -> None:
    """An outage of the API server must not hold a reconcile up for an Event."""
    api.answers((503, "down"))
    with pytest.raises(errors.KubeUnavailable):
        await Events(session, clock, instance="").post_event(
            WEB, event_type="Normal", reason="Created", message="m", action=""
        )
    assert len(api.seen) == 1
