"""A cloud that takes fewer instances in one call than the limits of the account say."""

from __future__ import annotations

import asyncio

from operation_rig import BATCH, Bench, on

from cloudscaling.engine.store import ACCOUNTS, GROUPS


async def raised(bench: Bench) -> None:
    """The account says fifty; this cloud takes ten."""
    bench.rig.kube.edit(ACCOUNTS, "acme", lambda spec: spec.update(limits={"instanceRemoveBatchSize": 50}))
    await asyncio.sleep(60)
    bench.since = len(bench.rig.simulator.writes)


def sizes(bench: Bench) -> list[int]:
    """Of every batch that was sent, carried out or not."""
    return [len(body["instances_id"]) for body in bench.writes(BATCH)]


def test_a_deletion_goes_on_in_smaller_batches_where_the_cloud_takes_fewer() -> None:
    """Tens after the first refusal; nothing is told as an error."""

    async def scenario(bench: Bench) -> None:
        await raised(bench)
        bench.rig.kube.remove(GROUPS, "web")
        await bench.rig.until(lambda: not bench.rig.kube.exists(GROUPS, "web"), 1800)
        assert sizes(bench) == [15, 10, 5]
        assert bench.rig.simulator.groups() == {}
        assert set(bench.rig.simulator.servers().values()) == {"ACTIVE"}
        assert not {event[2] for event in bench.rig.kube.events} & {"Rejected", "DeletionBlocked"}

    on(15, scenario, "OTC", instanceDeletionPolicy="Detach")


def test_what_a_refusal_has_taught_holds_for_all_objects_of_the_account() -> None:
    """A deletion after the refusal of an operation begins with ten."""
    count = 14

    async def scenario(bench: Bench) -> None:
        await raised(bench)
        bench.ask("Detach", instanceIds=bench.first[:12])
        await bench.end()
        assert sizes(bench) == [12, 10, 2]
        bench.rig.kube.remove(GROUPS, "web")
        await bench.rig.until(lambda: not bench.rig.kube.exists(GROUPS, "web"), 1800)
        bench.rig.group("other", instanceDeletionPolicy="Detach", maxSize=20, desiredCapacity=count, minSize=0)
        await bench.rig.until(lambda: bench.rig.synced(GROUPS, "other"), 600)
        await asyncio.sleep(120)
        bench.since = len(bench.rig.simulator.writes)
        bench.rig.kube.remove(GROUPS, "other")
        await bench.rig.until(lambda: not bench.rig.kube.exists(GROUPS, "other"), 1800)
        assert sizes(bench) == [10, count - 10]

    on(count, scenario, "OTC")
