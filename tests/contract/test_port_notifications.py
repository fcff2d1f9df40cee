"""Notifications: topics bound to a group, or none at all where the vendor has none."""

from __future__ import annotations

import pytest
from contract_bench import Bench

from cloudscaling import errors
from cloudscaling.core.diff import differences
from cloudscaling.core.model import Notification
from cloudscaling.ports import Cloud

MISSING = "00000000-0000-0000-0000-000000000000"


@pytest.fixture(autouse=True)
def served(bench: Bench) -> None:
    if not bench.subject.notification:
        pytest.skip("the vendor has no notifications")


def notification(bench: Bench, topic: str = "", **changes: object) -> Notification:
    fields = {**bench.subject.notification, **changes}
    if topic:
        fields["target.topic"] = f"{fields['target.topic']}-{topic}"
    return Notification("", fields)


async def test_a_new_notification_is_as_wanted(bench: Bench, cloud: Cloud) -> None:
    """The order of events says nothing; the id is what it is deleted by."""
    group_id = await bench.group()
    assert await cloud.notifications.list(group_id) == ()
    await cloud.notifications.create(group_id, notification(bench))
    (found,) = await cloud.notifications.list(group_id)
    assert differences(cloud.notifications.canonical(bench.subject.notification), found.fields) == ()
    assert found.id
    await cloud.notifications.delete(group_id, found.id)
    assert await cloud.notifications.list(group_id) == ()


async def test_an_id_with_colons_is_one_part_of_the_path(bench: Bench, cloud: Cloud) -> None:
    """Signed and sent alike, with either kind of credentials."""
    group_id = await bench.group()
    await cloud.notifications.create(group_id, notification(bench, "a"))
    (found,) = await cloud.notifications.list(group_id)
    assert ":" in found.id
    await cloud.notifications.delete(group_id, found.id)
    assert await bench.count("delete notification") == 1


async def test_other_events_need_another_binding(bench: Bench, cloud: Cloud) -> None:
    """A topic that is bound already is no failure, but nothing changes either."""
    group_id = await bench.group()
    await cloud.notifications.create(group_id, notification(bench))
    with pytest.raises(errors.NoOp):
        await cloud.notifications.create(group_id, notification(bench, events=["ScaleOutSucceeded"]))
    (found,) = await cloud.notifications.list(group_id)
    assert "ScaleOutSucceeded" not in found.fields["events"]


async def test_one_that_is_gone_is_absent(bench: Bench, cloud: Cloud) -> None:
    """Whatever code the cloud has for it; a missing group has none either."""
    topic = bench.subject.notification["target.topic"]
    for group_id in (await bench.group(), MISSING):
        with pytest.raises(errors.NotFound):
            await cloud.notifications.delete(group_id, topic)
    with pytest.raises(errors.NotFound):
        await cloud.notifications.list(MISSING)


async def test_a_refused_deletion_of_one_that_is_there_is_told(bench: Bench, cloud: Cloud) -> None:
    """Only the list says that it is gone."""
    group_id = await bench.group()
    await cloud.notifications.create(group_id, notification(bench))
    await bench.fault("error", "delete notification", status=400, code="AS.7025")
    with pytest.raises(errors.Rejected):
        await cloud.notifications.delete(group_id, bench.subject.notification["target.topic"])


async def test_the_sixth_is_over_the_quota(bench: Bench, cloud: Cloud) -> None:
    """Five topics per group."""
    group_id = await bench.group()
    for number in range(5):
        await cloud.notifications.create(group_id, notification(bench, str(number)))
    with pytest.raises(errors.QuotaExceeded):
        await cloud.notifications.create(group_id, notification(bench, "5"))


async def test_an_event_that_the_vendor_lacks_is_not_sent(bench: Bench, cloud: Cloud) -> None:
    """The message names it."""
    group_id = await bench.group()
    with pytest.raises(errors.Rejected, match="ScaleOutStarted"):
        await cloud.notifications.create(group_id, notification(bench, events=["ScaleOutStarted"]))
    assert await bench.count("create notification") == 0


@pytest.mark.parametrize(
    ("kind", "left"), [("drop-before-commit", 0), ("drop-after-commit", 1)], ids=["not done", "done"]
)
async def test_a_lost_answer_is_an_unknown_outcome(bench: Bench, cloud: Cloud, kind: str, left: int) -> None:
    """The list tells; deleting is asked again without harm."""
    group_id = await bench.group()
    await bench.fault(kind, "create notification")
    with pytest.raises(errors.OutcomeUnknown):
        await cloud.notifications.create(group_id, notification(bench))
    assert len(await cloud.notifications.list(group_id)) == left
    await bench.fault(kind, "delete notification")
    with pytest.raises(errors.OutcomeUnknown):
        await cloud.notifications.delete(group_id, bench.subject.notification["target.topic"])
