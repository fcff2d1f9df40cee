"""Whatever crashes, gets lost or is refused: nobody is acted on twice, and every operation ends with a right count."""

from __future__ import annotations

from typing import Any

from core_samples import instance
from hypothesis import given, settings
from hypothesis import strategies as st
from operation_samples import Crash, Rig, iop

from cloudscaling import errors
from cloudscaling.core.model import Instance, InstanceState

ACTIONS = ["Remove", "Detach", "Add", "Protect", "Unprotect", "EnterStandby", "ExitStandby"]
TROUBLE = {
    "before the record": [Crash],
    "before the call": [Crash],
    "call": [Crash, errors.Busy, errors.Transient, errors.Throttled, errors.OutcomeUnknown, errors.Rejected],
    "answer": [Crash, errors.OutcomeUnknown],
}
FATES = st.sampled_from([(where, kind) for where, kinds in TROUBLE.items() for kind in kinds])
STATES = st.sampled_from([InstanceState.IN_SERVICE] * 4 + [InstanceState.STANDBY, InstanceState.PENDING])


@st.composite
def groups(draw: st.DrawFn) -> dict[str, Instance]:
    rows = (
        instance(f"i-{n}", draw(STATES), protected=draw(st.sampled_from([False, False, True])))
        for n in range(draw(st.integers(0, 30)))
    )
    return {row.id: row for row in rows}


@settings(max_examples=150, deadline=None)
@given(
    rows=groups(),
    action=st.sampled_from(ACTIONS),
    chosen=st.sets(st.integers(0, 40), min_size=1, max_size=35),
    fates=st.lists(st.one_of(st.none(), FATES), max_size=25),
    min_size=st.integers(0, 10),
    batch=st.integers(1, 12),
    limit=st.integers(1, 20),
    busy=st.integers(0, 3),
    spec=st.fixed_dictionaries({"onFailure": st.sampled_from(["Continue", "Stop"]), "backoffLimit": st.integers(0, 3)}),
    decrements=st.booleans(),
)
def test_every_life_of_an_operation_ends_well(
    rows: dict[str, Instance],
    action: str,
    chosen: set[int],
    fates: list[tuple[str, type[Exception]] | None],
    min_size: int,
    batch: int,
    limit: int,
    busy: int,
    spec: dict[str, Any],
    decrements: bool,
) -> None:
    """Acted on at most once, bounds kept, counters complete, an end reported and entered in the group."""
    left = list(fates)

    def fault(found: Rig, where: str) -> None:
        if not left or (where == "before the record" and left[0] is None):
            left[:1] = []
            return
        if left[0] is not None and left[0][0] == where:
            raise left.pop(0)[1]("trouble")  # type: ignore[index]

    min_size = min(min_size, len(rows))
    resource = iop(action=action, instanceIds=[f"i-{n}" for n in sorted(chosen)], batchSize=batch, **spec)
    found = Rig(
        resource,
        dict(rows),
        desired=len(rows),
        min_size=min_size,
        limit=limit,
        busy_looks=busy,
        fault=fault,
        decrements=decrements,
    )
    found.run()
    status = found.status
    assert len(found.acted) == len(set(found.acted))
    assert {name for _, name in found.acted} <= {f"i-{n}" for n in chosen}
    assert not found.wasted
    assert found.says("Failed")[1] == "DeadlineExceeded" or status.succeeded == len(found.acted)
    assert len(found.rows) >= min_size
    assert (status.succeeded or 0) + (status.skipped or 0) + (status.failed or 0) + (
        status.remaining or 0
    ) == status.total
    assert (found.says("Complete")[0], found.says("Failed")[0]) in (("True", ""), ("", "True"))
    assert status.current_batch is None
    assert found.recorded is (status.start_time is not None)
    assert len(status.instance_ids) == len(set(status.instance_ids)) == len(chosen)
    _check_counts(found, rows, action)


def _check_counts(found: Rig, before: dict[str, Instance], action: str) -> None:
    """What counts as done is done, and protected instances never left."""
    leaves = action in ("Remove", "Detach")
    if leaves:
        assert all(not before[name].protected for _, name in found.acted)
    if found.says("Complete")[0] == "True":
        assert not found.status.failures
        names = set(found.status.instance_ids)
        assert not (leaves and names & found.rows.keys())
        if action == "Add":
            assert names <= found.rows.keys()
    if found.calls and not found.decrements and leaves and found.says("Failed")[1] not in ("Rejected",):
        gone = len(before) - len(found.rows)
        assert found.desired == max(len(before) - gone, found.min_size)


@settings(max_examples=60, deadline=None)
@given(
    fates=st.lists(st.one_of(st.none(), FATES), max_size=12),
    spec=st.sampled_from([{"action": "ScaleOut", "count": 3}, {"action": "ScaleIn", "count": 3}]),
    backoff=st.integers(0, 3),
    busy=st.integers(0, 2),
)
def test_every_life_of_a_scaling_moves_the_group_once(
    fates: list[tuple[str, type[Exception]] | None], spec: dict[str, Any], backoff: int, busy: int
) -> None:
    """Three instances more or fewer, or none; never six."""
    left = list(fates)

    def fault(found: Rig, where: str) -> None:
        if not left or (where == "before the record" and left[0] is None):
            left[:1] = []
            return
        if left[0] is not None and left[0][0] == where:
            raise left.pop(0)[1]("trouble")  # type: ignore[index]

    rows = {f"i-{n}": instance(f"i-{n}") for n in range(10)}
    found = Rig(iop(**spec, backoffLimit=backoff), rows, desired=10, busy_looks=busy, fault=fault)
    found.run()
    step = 3 if spec["action"] == "ScaleOut" else -3
    assert found.desired in (10, 10 + step)
    if found.says("Complete")[0] == "True":
        assert found.desired == 10 + step
    assert found.status.total == 1
    assert (found.status.succeeded or 0) + (found.status.failed or 0) + (found.status.remaining or 0) == 1
