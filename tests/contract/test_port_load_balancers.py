"""Load balancers of a group: ours come and go, those of others stay."""

from __future__ import annotations

from typing import Any

import pytest
from contract_bench import MARK, Bench

from cloudscaling import errors
from cloudscaling.core.model import ActivityType, Change
from cloudscaling.ports import Cloud

KINDS = ("targets", "classicIds")


def path(kind: str) -> str:
    return f"loadBalancers.{kind}"


def ours(bench: Bench, kind: str) -> list[Any]:
    return list(bench.cloud.groups.canonical({path(kind): bench.subject.targets[kind]})[path(kind)])


def theirs(bench: Bench, kind: str) -> list[Any]:
    return list(bench.cloud.groups.canonical({path(kind): bench.subject.others[kind]})[path(kind)])


def key(item: Any) -> str:
    return str(item["key"]) if isinstance(item, dict) else str(item)


async def seen(bench: Bench, group_id: str, kind: str) -> list[Any]:
    return list((await bench.cloud.groups.get(group_id)).fields[path(kind)])


async def write(bench: Bench, group_id: str, kind: str, want: list[Any], drop: list[Any] | None = None) -> None:
    fields = (await bench.cloud.groups.get(group_id)).fields
    dropped = {path(kind): frozenset(map(key, drop or ()))}
    change = Change({path(kind): want}, fields, frozenset({path(kind)}), MARK, dropped=dropped)
    await bench.cloud.groups.update(group_id, change)


@pytest.mark.parametrize("kind", KINDS)
async def test_a_new_group_is_behind_its_load_balancers(bench: Bench, cloud: Cloud, kind: str) -> None:
    """From its first moment; order and names say nothing."""
    group_id = await bench.group(**{f"loadBalancers__{kind}": bench.subject.targets[kind]})
    assert await seen(bench, group_id, kind) == ours(bench, kind)
    turned = cloud.groups.canonical({path(kind): [*reversed(bench.subject.targets[kind])]})
    assert turned == {path(kind): ours(bench, kind)}
    assert cloud.groups.canonical(turned) == turned


@pytest.mark.parametrize("kind", KINDS)
async def test_items_of_others_are_sent_back(bench: Bench, kind: str) -> None:
    """The vendor replaces the list as a whole, so they are in what is written."""
    group_id = await bench.group(**{f"loadBalancers__{kind}": bench.subject.others[kind]})
    await write(bench, group_id, kind, ours(bench, kind))
    found = await seen(bench, group_id, kind)
    assert {key(item) for item in found} == {key(item) for item in (*ours(bench, kind), *theirs(bench, kind))}
    assert [item for item in found if item in ours(bench, kind)] == ours(bench, kind)


@pytest.mark.parametrize("kind", KINDS)
async def test_only_what_is_named_is_taken_out(bench: Bench, kind: str) -> None:
    """One of ours goes, then all of them; what others have stays."""
    both = [*bench.subject.targets[kind], *bench.subject.others[kind]]
    group_id = await bench.group(**{f"loadBalancers__{kind}": both})
    first, second = ours(bench, kind)
    await write(bench, group_id, kind, [second], drop=[first])
    left = {key(item) for item in await seen(bench, group_id, kind)}
    assert left == {key(second), *map(key, theirs(bench, kind))}
    await write(bench, group_id, kind, [], drop=[second])
    assert await seen(bench, group_id, kind) == theirs(bench, kind)


async def test_the_last_one_can_go(bench: Bench) -> None:
    """An empty list is a value."""
    for kind in KINDS:
        group_id = await bench.group(kind.lower(), **{f"loadBalancers__{kind}": bench.subject.others[kind]})
        await write(bench, group_id, kind, [], drop=theirs(bench, kind))
        assert await seen(bench, group_id, kind) == []


async def test_another_weight_changes_the_item(bench: Bench) -> None:
    """The same key is the same item."""
    group_id = await bench.group(loadBalancers__targets=bench.subject.targets["targets"])
    first, second = ours(bench, "targets")
    await write(bench, group_id, "targets", [{**first, "weight": 0}, second])
    assert [item["weight"] for item in await seen(bench, group_id, "targets")] == [0, second["weight"]]


async def test_one_kind_can_take_the_place_of_the_other(bench: Bench, cloud: Cloud) -> None:
    """The two exclude each other, so both go into one call."""
    group_id = await bench.group(loadBalancers__targets=bench.subject.targets["targets"])
    fields = (await cloud.groups.get(group_id)).fields
    want = {path("targets"): [], path("classicIds"): ours(bench, "classicIds")}
    dropped = {path("targets"): frozenset(map(key, ours(bench, "targets")))}
    await cloud.groups.update(group_id, Change(want, fields, frozenset(want), MARK, dropped=dropped))
    assert await seen(bench, group_id, "targets") == []
    assert await seen(bench, group_id, "classicIds") == ours(bench, "classicIds")
    with pytest.raises(errors.Rejected):
        await write(bench, group_id, "targets", ours(bench, "targets"))


async def test_a_change_of_an_enabled_group_is_an_activity(bench: Bench, cloud: Cloud) -> None:
    """And another one has to wait for it."""
    group_id = await bench.running_group(1, loadBalancers__targets=bench.subject.targets["targets"])
    first, second = ours(bench, "targets")
    await write(bench, group_id, "targets", [second], drop=[first])
    group = await cloud.groups.get(group_id)
    assert (group.busy, group.activity) == (True, ActivityType.LOAD_BALANCER_CHANGE)
    with pytest.raises(errors.Busy):
        await write(bench, group_id, "targets", [first, second])
    await bench.advance(120)
    await write(bench, group_id, "targets", [first, second])


async def test_too_many_listeners_are_a_quota(bench: Bench) -> None:
    """Six per group, those of others included."""
    group_id = await bench.group()
    target = bench.subject.others["targets"][0]
    with pytest.raises(errors.QuotaExceeded):
        await write(bench, group_id, "targets", [{**target, "port": port} for port in range(1, 8)])
