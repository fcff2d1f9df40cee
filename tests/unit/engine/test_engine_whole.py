"""The engine as a whole on the simulator: the ways that everyone takes."""

from __future__ import annotations

import asyncio

from operator_rig import Rig
from virtual_time import run

from cloudscaling.engine.store import GROUPS, LAUNCHES


def test_a_group_is_created_with_its_launch_configuration_and_reaches_its_size() -> None:
    """From four manifests to two running instances; nothing is written afterwards."""

    async def scenario() -> None:
        rig = Rig()
        rig.group()
        rig.launch()
        rig.account()
        await rig.start()
        await rig.until(lambda: rig.synced(GROUPS, "web") and rig.synced(LAUNCHES, "lc"), 120)
        await rig.until(lambda: rig.kube.status(GROUPS, "web").get("inServiceCapacity") == 2, 120)
        assert rig.kube.condition(GROUPS, "web", "Ready") == ("True", "Available")
        await asyncio.sleep(700)  # the account's quotas are read every ten minutes
        writes, stored = len(rig.simulator.writes), rig.kube.status_writes
        await asyncio.sleep(3600)
        assert len(rig.simulator.writes) == writes
        assert rig.kube.status_writes == stored
        assert not rig.kube.complaints
        await rig.kill()

    run(scenario())
