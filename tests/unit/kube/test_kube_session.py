"""Requests that fail, repeat, drop or are refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fake_kube_api import DROP, FakeApi

from cloudscaling import errors
from cloudscaling.kube.access import Access
from cloudscaling.kube.objects import PAGE, Objects
from cloudscaling.kube.session import Session

OK = (200, {"kind": "X"})
BUSY = (503, "no backend")
EXPIRED = (410, {"kind": "Status", "code": 410, "reason": "Expired", "message": "old"})


async def get(session: Session, **more: Any) -> dict[str, Any]:
    return await session.request("GET", "/x", verb="get", resource="things", **more)


async def test_an_outage_of_a_moment_is_not_noticed(api: FakeApi, session: Session, pauses: list[float]) -> None:
    """Two failures, then the third attempt."""
    api.answers(BUSY, BUSY, OK)
    assert await get(session) == {"kind": "X"}
    assert pauses == [0.2, 0.4]


async def test_an_outage_that_lasts_is_an_error(api: FakeApi, session: Session) -> None:
    """Three attempts, then the engine's own backoff takes over."""
    api.answers(BUSY)
    with pytest.raises(errors.KubeUnavailable, match="get things: 503"):
        await get(session)
    assert len(api.seen) == 3


async def test_a_server_that_is_not_there_is_an_outage(kubeconfig: Callable[..., Path]) -> None:
    """Connection refused is KubeUnavailable, not an exception of the HTTP library."""
    access = await Access.load({"KUBECONFIG": str(kubeconfig("http://127.0.0.1:1"))})
    session = Session(access, backoff_s=0)
    with pytest.raises(errors.KubeUnavailable, match="get things"):
        await get(session)
    await session.close()


async def test_refusals_are_not_repeated(api: FakeApi, session: Session) -> None:
    """Nothing changes by asking again."""
    api.answers((403, {"kind": "Status", "reason": "Forbidden", "message": "no"}))
    with pytest.raises(errors.Forbidden):
        await get(session)
    assert len(api.seen) == 1


async def test_an_answer_that_is_not_json_is_an_outage(api: FakeApi, session: Session) -> None:
    """Something between us and the API server speaks."""
    api.answers((200, "<html>welcome</html>"))
    with pytest.raises(errors.KubeUnavailable, match="not JSON"):
        await get(session, attempts=1)


async def test_refused_token_is_read_again_at_once(
    api: FakeApi, session: Session, kubeconfig: Callable[..., Path], pauses: list[float]
) -> None:
    """The request goes out a second time with the new token, without a pause."""
    kubeconfig(api.url, token="second")
    api.answers((401, {"kind": "Status", "reason": "Unauthorized"}), OK)
    await get(session)
    assert [seen.headers["Authorization"] for seen in api.seen] == ["Bearer first", "Bearer second"]
    assert pauses == []


async def test_observer_hears_of_every_attempt(api: FakeApi, kubeconfig: Callable[..., Path]) -> None:
    """Outcomes are names of errors, so that a graph can tell an outage from a refusal."""
    heard: list[tuple[str, str, str]] = []

    class Listener:
        def kube_called(self, verb: str, resource: str, outcome: str, seconds: float) -> None:
            heard.append((verb, resource, outcome))

    access = await Access.load({"KUBECONFIG": str(kubeconfig(api.url))})
    session = Session(access, observer=Listener(), backoff_s=0)
    api.answers(BUSY, OK)
    await get(session)
    await session.close()
    assert heard == [("get", "things", "KubeUnavailable"), ("get", "things", "ok")]


def page(name: str, following: str = "") -> tuple[int, Any]:
    item = {"metadata": {"name": name, "managedFields": [{}]}}
    return 200, {"kind": "PartialObjectMetadataList", "metadata": {"continue": following}, "items": [item]}


async def test_a_list_begins_again_when_its_page_came_too_late(api: FakeApi, session: Session) -> None:
    """Half a list and half of a newer one is no list."""
    api.answers(page("a", "next"), EXPIRED, page("b", "next"), page("c"))
    found = await Objects(session).list_metadata("scalinggroups", "ns")
    assert [item["name"] for item in found] == ["b", "c"]
    assert [seen.query.get("continue") for seen in api.seen] == [None, "next", None, "next"]
    assert {seen.query["limit"] for seen in api.seen} == {str(PAGE)}


async def test_a_list_that_never_completes_is_an_error(api: FakeApi, session: Session) -> None:
    """It never returns a part."""
    api.answers(EXPIRED)
    with pytest.raises(errors.KubeUnavailable):
        await Objects(session).list_metadata("scalinggroups", None)


async def test_a_lost_reply_of_a_status_write_is_stale(api: FakeApi, session: Session) -> None:
    """The repeated write meets its own result: look again, which shows that it is done."""
    api.answers((DROP, None), (422, {"kind": "Status", "reason": "Invalid", "message": "m", "details": {}}))
    with pytest.raises(errors.Stale):
        await Objects(session).write_status("scalinggroups", "ns", "web", {}, uid="u", resource_version="7")


async def test_discovery_of_a_missing_group_is_empty(api: FakeApi, session: Session) -> None:
    """No CRD of the group: not an outage."""
    api.answers((404, "404 page not found"))
    assert await Objects(session).served() == frozenset()
