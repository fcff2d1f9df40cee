"""Operations whose operator is killed again and again, at moments that fall everywhere between two writes."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest
from operation_rig import BATCH, EXECUTE, UPDATE, Bench, on
from test_engine_policies import POLICY

from cloudscaling.engine.store import POLICIES

ACTIONS: dict[str, dict[str, Any]] = {
    "Remove": {"batchSize": 1},
    "Detach": {"batchSize": 2},
    "Protect": {"batchSize": 1},
    "EnterStandby": {"batchSize": 2},
    "ScaleOut": {"count": 3},
    "ScaleIn": {"count": 3},
    "ExecutePolicy": {"policyRef": {"name": "night"}},
    "Replace": {"batchSize": 1, "decrementDesiredCapacity": False},
}
DESIRED = {"Remove": 2, "Detach": 2, "ScaleOut": 8, "ScaleIn": 2, "ExecutePolicy": 7}  # of 5


def done(bench: Bench) -> Counter[str]:
    """How often what was done to whom; only what the cloud has carried out."""
    found: Counter[str] = Counter()
    for write in bench.rig.simulator.writes[bench.since :]:
        if write.status < 300 and write.operation == BATCH:
            found.update(f"{write.body['action']} {one}" for one in write.body["instances_id"])
        elif write.status < 300 and write.operation == EXECUTE:
            found[EXECUTE] += 1
    return found


@pytest.mark.parametrize("pace", [0.11, 0.23])
@pytest.mark.parametrize("action", ACTIONS)
def test_nothing_is_done_twice_however_often_the_operator_dies(action: str, pace: float) -> None:
    """Lives of all lengths up to a few seconds, then one that is long enough."""

    async def scenario(bench: Bench) -> None:
        rig, spec = bench.rig, dict(ACTIONS[action])
        rig.kube.apply(POLICIES, "night", POLICY)
        await rig.until(lambda: rig.synced(POLICIES, "night"), 300)
        bench.since = len(rig.simulator.writes)
        if "batchSize" in spec:
            spec["instanceIds"] = bench.first[:3]
        bench.ask("Remove" if action == "Replace" else action, **spec)
        for n in range(1, 25):
            await asyncio.sleep(pace * n)
            await rig.kill()
            await asyncio.sleep(0.5)
            await rig.start()
            if bench.ended():
                break
        status = await bench.end()
        await rig.until(lambda: not bench.group()["is_scaling"], 300)
        assert all(times == 1 for times in done(bench).values())
        if bench.says("Failed") != ("True", "OutcomeUnknown"):  # killed before the policy was called for
            assert (bench.says("Complete"), status["remaining"]) == (("True", "Succeeded"), 0)
            assert bench.group()["desire_instance_number"] == DESIRED.get(action, 5)
        assert len({body["desire_instance_number"] for body in bench.writes(UPDATE)}) <= 1
        assert bench.recorded() == ["op"]

    on(5, scenario)
