"""InstanceOperations on the whole engine: they or their group are deleted, and come again."""

from __future__ import annotations

import asyncio
from typing import Any

from operation_rig import Bench, on
from sim_transport import KEY_ID, KEY_SECRET

from cloudscaling.engine.store import ACCOUNTS, GROUPS, OPERATIONS


def test_an_operation_that_is_made_again_never_runs_again() -> None:
    """The group remembers it by name and content; another content runs."""

    async def scenario(bench: Bench) -> None:
        rig, (a, b, *_) = bench.rig, bench.first
        bench.ask("Remove", instanceIds=[a], ttlSecondsAfterFinished=20)
        await bench.end()
        await rig.until(lambda: not rig.kube.exists(OPERATIONS, "op"), 120)
        bench.by_hand("PROTECT", b)
        bench.ask("Remove", instanceIds=[a], ttlSecondsAfterFinished=99)
        await rig.until(lambda: bench.says("Accepted") == ("False", "AlreadyExecuted"), 120)
        rig.kube.remove(OPERATIONS, "op")
        await rig.until(lambda: not rig.kube.exists(OPERATIONS, "op"), 120)
        bench.ask("Unprotect", instanceIds=[b])
        await bench.end()
        assert (bench.says("Complete"), bench.recorded()) == (("True", "Succeeded"), ["op", "op"])
        assert bench.batches() == [[b]]

    on(4, scenario)


def test_an_operation_deleted_without_credentials_never_runs_again() -> None:
    """It had begun; its group remembers it although the cloud could not be asked any more."""

    async def scenario(bench: Bench) -> None:
        rig = bench.rig
        spec: dict[str, Any] = {"instanceSelector": {"states": ["InService"], "limit": 3}, "batchSize": 1}
        bench.ask("Remove", **spec)
        await rig.until(lambda: len(bench.batches()) == 1, 120, step_s=0.1)
        rig.kube.edit(OPERATIONS, "op", lambda spec: spec.update(suspend=True))
        await rig.until(lambda: bench.status().get("phase") == "Suspended", 120)
        rig.kube.put_secret("key", {"accessKeyId": b"wrong", "secretAccessKey": b"wrong"})
        await rig.until(lambda: rig.kube.condition(ACCOUNTS, "acme", "CredentialsValid")[0] == "False", 600)
        rig.kube.remove(OPERATIONS, "op")
        await rig.until(lambda: not rig.kube.exists(OPERATIONS, "op"), 300)
        assert bench.recorded() == ["op"]
        rig.kube.put_secret("key", {"accessKeyId": KEY_ID.encode(), "secretAccessKey": KEY_SECRET.encode()})
        await rig.until(lambda: rig.kube.condition(ACCOUNTS, "acme", "CredentialsValid")[0] == "True", 600)
        bench.ask("Remove", **spec)
        await rig.until(lambda: bench.says("Accepted") == ("False", "AlreadyExecuted"), 1200)
        assert len(bench.batches()) == 1

    on(6, scenario)


def test_deleting_the_group_ends_what_runs_on_it() -> None:
    """GroupDeleted; the group goes as it would without."""

    async def scenario(bench: Bench) -> None:
        rig = bench.rig
        bench.ask("Remove", instanceIds=bench.first[:3], batchSize=1)
        await rig.until(lambda: len(bench.batches()) == 1, 120, step_s=0.1)
        rig.kube.remove(GROUPS, "web")
        await bench.end()
        assert bench.says("Failed") == ("True", "GroupDeleted")
        await rig.until(lambda: not rig.kube.exists(GROUPS, "web"), 900)
        assert rig.simulator.groups() == {}

    on(5, scenario)


def test_an_operation_does_not_go_on_with_a_cloud_group_that_was_made_anew() -> None:
    """The old one was deleted at the console: GroupDeleted, and the new one keeps the size that was asked for."""

    async def scenario(bench: Bench) -> None:
        rig, old = bench.rig, bench.group_id
        bench.ask("Remove", instanceIds=bench.first[:3], batchSize=1)
        await rig.until(lambda: len(bench.batches()) == 1, 120, step_s=0.1)
        rig.kube.edit(OPERATIONS, "op", lambda spec: spec.update(suspend=True))
        await rig.until(lambda: bench.status().get("phase") == "Suspended", 120)
        rig.simulator.do("DeleteScalingGroup", query={"force_delete": "yes"}, scaling_group_id=old)
        await rig.until(lambda: rig.kube.status(GROUPS, "web").get("externalId") not in (None, old), 1200)
        bench.group_id = rig.kube.status(GROUPS, "web")["externalId"]
        await rig.until(lambda: rig.synced(GROUPS, "web") and bench.at_rest(4), 900)
        bench.since = len(rig.simulator.writes)
        if not bench.ended():
            rig.kube.edit(OPERATIONS, "op", lambda spec: spec.update(suspend=False))
        status = await bench.end()
        assert (bench.says("Failed"), status["skipped"]) == (("True", "GroupDeleted"), 0)
        assert (bench.writes(), bench.group()["desire_instance_number"]) == ([], 4)
        assert bench.recorded() == ["op"]

    on(4, scenario)


def test_deleting_an_operation_stops_it_before_its_next_chunk() -> None:
    """The open chunk is verified and remembered."""

    async def scenario(bench: Bench) -> None:
        rig = bench.rig
        bench.ask("Remove", instanceIds=bench.first, batchSize=1)
        await rig.until(lambda: len(bench.batches()) == 1, 120, step_s=0.1)
        rig.kube.remove(OPERATIONS, "op")
        await rig.until(lambda: not rig.kube.exists(OPERATIONS, "op"), 300)
        await asyncio.sleep(60)
        assert (len(bench.batches()), len(bench.ids()), bench.recorded()) == (1, 3, ["op"])

    on(4, scenario)
