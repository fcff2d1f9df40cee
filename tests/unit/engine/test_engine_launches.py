"""Launch configurations on the whole engine: nothing is left behind, nothing is made twice."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from operator_rig import Rig, drop_once
from virtual_time import run

from cloudscaling import errors
from cloudscaling.engine.store import GROUPS, LAUNCHES
from cloudsim.vendor import Request, Response


async def ready(**spec: Any) -> Rig:
    """A group that is as wanted."""
    rig = Rig()
    rig.launch()
    rig.group(**spec)
    rig.account()
    await rig.start()
    await rig.until(lambda: rig.synced(GROUPS, "web"), 120)
    await asyncio.sleep(20)
    return rig


async def finish(rig: Rig) -> None:
    assert not rig.kube.complaints, rig.kube.complaints
    await rig.kill()


def test_secrets_that_cannot_be_read_now_change_no_word_of_the_status() -> None:
    """The API server is away for Secrets only; what the last look said stands, and then it goes on."""

    async def scenario() -> None:
        rig = Rig()
        rig.kube.put_secret("init", {"script": b"#!/bin/sh"})
        rig.launch(userData={"secretKeyRef": {"name": "init", "key": "script"}})
        rig.account()
        await rig.start()
        await rig.until(lambda: rig.synced(LAUNCHES, "lc"), 120)
        before = rig.kube.status(LAUNCHES, "lc")
        rig.kube.fail = lambda verb: errors.KubeUnavailable("503") if verb == "read_secret" else None
        rig.kube.annotate(LAUNCHES, "lc", "cloudscaling.dev/reconcile-requested-at", "now")
        await asyncio.sleep(300)
        assert rig.kube.status(LAUNCHES, "lc") == before
        rig.kube.fail = lambda verb: None
        await rig.until(lambda: rig.kube.status(LAUNCHES, "lc").get("lastHandledReconcileAt") == "now", 120)
        await finish(rig)

    run(scenario())


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ({"login": {"passwordSecretRef": {"name": "own"}}}, "adminPass TopSecretPw1 is too weak"),
        ({"userData": {"secretKeyRef": {"name": "own", "key": "script"}}}, "cannot run `export KEY=TopSecretPw1`"),
        ({"userData": {"inline": "#!/bin/sh\nexport KEY=TopSecretPw1\n"}}, "cannot run `export KEY=TopSecretPw1`"),
    ],
    ids=["password", "user data of a Secret", "user data of the spec"],
)
def test_a_vendor_that_repeats_a_secret_is_not_quoted_with_it(
    spec: dict[str, Any], told: str, caplog: pytest.LogCaptureFixture
) -> None:
    """W8: neither a condition nor an Event nor a log line shows what was sent inside the request."""

    async def scenario() -> None:
        rig = Rig()
        answer = rig.simulator._handle

        def refuse(sent: Request) -> Response:
            if rig.simulator.vendor.identify(sent) != "CreateScalingConfig":
                return answer(sent)
            return Response(400, {"error": {"code": "AS.1035", "message": told}})

        rig.simulator._handle = refuse  # type: ignore[method-assign]  # an answer that the simulator never gives
        rig.kube.put_secret("own", {"password": b"TopSecretPw1\n", "script": b"#!/bin/sh\nexport KEY=TopSecretPw1\n"})
        rig.launch(**spec)
        rig.account()
        await rig.start()
        await rig.until(lambda: rig.kube.condition(LAUNCHES, "lc", "Synced") == ("False", "Rejected"), 60)
        said = [c["message"] for c in rig.kube.status(LAUNCHES, "lc")["conditions"] if c["type"] == "Synced"]
        assert said == [f"AS.1035: {told}".replace("export KEY=", "").replace("TopSecretPw1", "***")]
        assert "TopSecretPw1" not in repr((rig.kube.status(LAUNCHES, "lc"), rig.kube.events))
        assert "TopSecretPw1" not in caplog.text
        await finish(rig)

    run(scenario())


# --- launch configurations -------------------------------------------------------------------------------------------


def test_a_launch_configuration_that_was_just_replaced_by_another_object_leaves_nothing_behind() -> None:
    """The group names the new one, the old object is deleted at once, the cloud has not switched yet."""

    async def scenario() -> None:
        rig = await ready()
        rig.launch("lc-2", image={"id": "image-b"})
        await rig.until(lambda: rig.synced(LAUNCHES, "lc-2"), 120)
        rig.kube.edit(GROUPS, "web", lambda spec: spec.update(launchConfigurationRef={"name": "lc-2"}))
        rig.kube.remove(LAUNCHES, "lc")
        await rig.until(lambda: not rig.kube.exists(LAUNCHES, "lc"), 300)
        await asyncio.sleep(60)
        assert len(rig.simulator.configurations()) == 1
        await finish(rig)

    run(scenario())


def test_a_launch_configuration_whose_name_changed_leaves_nothing_behind() -> None:
    """Earlier revisions bear the former name."""

    async def scenario() -> None:
        rig = Rig()
        rig.launch(externalName="one")
        rig.account()
        await rig.start()
        await rig.until(lambda: rig.synced(LAUNCHES, "lc"), 120)
        rig.kube.edit(LAUNCHES, "lc", lambda spec: spec.update(externalName="two", image={"id": "image-b"}))
        await rig.until(lambda: rig.synced(LAUNCHES, "lc"), 120)
        assert sorted(rig.simulator.configurations().values()) == ["one-r1", "two-r2"]
        rig.kube.remove(LAUNCHES, "lc")
        await rig.until(lambda: not rig.kube.exists(LAUNCHES, "lc"), 300)
        assert rig.simulator.configurations() == {}
        await finish(rig)

    run(scenario())


def test_a_launch_configuration_that_is_renamed_is_made_again_under_its_new_name() -> None:
    """The group switches, the former revision is collected."""

    async def scenario() -> None:
        rig = await ready()
        rig.kube.edit(LAUNCHES, "lc", lambda spec: spec.update(externalName="two", revisionHistoryLimit=0))
        await rig.until(lambda: [*rig.simulator.configurations().values()] == ["two-r2"], 300)
        await rig.until(lambda: rig.synced(GROUPS, "web") and rig.synced(LAUNCHES, "lc"), 120)
        await finish(rig)

    run(scenario())


def test_a_launch_configuration_that_is_renamed_during_a_lost_reply_leaves_nothing_behind() -> None:
    """It is found by the name that it was sent with."""

    async def scenario() -> None:
        rig = Rig()
        rig.account()
        await rig.start()
        rig.simulator.trouble = drop_once("CreateScalingConfig")
        rig.launch(revisionHistoryLimit=0)
        await rig.until(lambda: "operation" in rig.kube.status(LAUNCHES, "lc"), 60, 0.02)
        await asyncio.sleep(0.2)
        rig.kube.edit(LAUNCHES, "lc", lambda spec: spec.update(externalName="renamed"))
        await rig.until(lambda: rig.synced(LAUNCHES, "lc"), 300)
        assert [*rig.simulator.configurations().values()] == ["renamed-r2"]
        await finish(rig)

    run(scenario())


def test_a_lost_reply_to_a_second_revision_is_settled() -> None:
    """The first revision in the list does not count as the second."""

    async def scenario() -> None:
        rig = await ready()
        dropped = [True]

        def once(operation: str, write: bool) -> str:
            if operation == "CreateScalingConfig" and dropped[0]:
                dropped[0] = False
                return "drop-before"
            return ""

        rig.simulator.trouble = once
        rig.kube.edit(LAUNCHES, "lc", lambda spec: spec.update(image={"id": "image-b"}))
        await rig.until(lambda: rig.synced(LAUNCHES, "lc"), 400)
        await rig.until(lambda: rig.synced(GROUPS, "web"), 120)
        assert rig.kube.status(LAUNCHES, "lc")["currentRevision"] == 2
        await finish(rig)

    run(scenario())
