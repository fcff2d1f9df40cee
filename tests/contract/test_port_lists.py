"""Lists are complete or they raise: many pages, pages that shrink, vanish or do not fit together."""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from contract_bench import Bench
from test_port_groups import GROUP_SEED, SEED

from cloudscaling import errors
from cloudscaling.ports import Cloud
from cloudsim.settings import Settings


async def seed_groups(bench: Bench, count: int, instances: int = 0) -> list[str]:
    """Groups that were there before."""
    made = await bench.seed(configurations=[{"scaling_configuration_name": "seeded", "instance_config": SEED}])
    body = {**GROUP_SEED, "scaling_configuration_id": made["configurations"][0], "count": count}
    body |= {"instances": instances, "max_instance_number": 300}
    return list((await bench.seed(groups=[body]))["groups"])


@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 250])
async def test_all_pages_are_read(bench: Bench, cloud: Cloud, count: int) -> None:
    """A hundred rows per call, none missing, none twice, and no call more than needed."""
    made = await seed_groups(bench, count)
    listed = await cloud.groups.list()
    assert sorted(group.id for group in listed) == sorted(made)
    assert await bench.count("list groups") == max(1, -(-count // 100))


async def test_other_lists_are_paged_too(bench: Bench, cloud: Cloud) -> None:
    """Instances, launch configurations and policies."""
    group_id = (await seed_groups(bench, 1, instances=230))[0]
    assert len({instance.id for instance in await cloud.instances.list(group_id)}) == 230
    body = {"instance_config": SEED}
    await bench.seed(configurations=[{**body, "scaling_configuration_name": f"lc-{number}"} for number in range(120)])
    assert len(await cloud.launch_configurations.list()) == 121
    groups = await seed_groups(bench, 3)
    policy = {
        "scaling_resource_type": "SCALING_GROUP",
        "scaling_policy_type": "ALARM",
        "scaling_policy_name": "p",
    }
    seeds = [
        {**policy, "scaling_resource_id": group, "alarm_id": f"al{number:021d}"}
        for number, group in enumerate(groups)
        for _ in range(40)
    ]
    await bench.seed(policies=seeds)
    assert len(await cloud.policies.list()) == 120


@pytest.mark.parametrize("kind", ["empty-page", "truncated-page"])
@pytest.mark.parametrize("page", [0, 1, 2])
async def test_one_bad_page_never_makes_a_short_list(bench: Bench, cloud: Cloud, kind: str, page: int) -> None:
    """What was left out is asked for again."""
    made = await seed_groups(bench, 250)
    await bench.fault(kind, "list groups", skip=page)
    assert sorted(group.id for group in await cloud.groups.list()) == sorted(made)


@pytest.mark.parametrize(
    ("operation", "read"),
    [
        ("list groups", lambda cloud, group: cloud.groups.list()),
        ("list instances", lambda cloud, group: cloud.instances.list(group)),
        ("list policies", lambda cloud, group: cloud.policies.list()),
        ("list configurations", lambda cloud, group: cloud.launch_configurations.list()),
    ],
)
async def test_pages_that_stay_empty_make_a_list_untrusted(
    bench: Bench, cloud: Cloud, operation: str, read: Callable[[Cloud, str], Awaitable[Any]]
) -> None:
    """No rows although the total says there are some: no basis for a write."""
    group_id = await bench.running_group(2)
    await bench.policy(group_id, "Alarm")
    await bench.fault("empty-page", operation, times=0)
    with pytest.raises(errors.ReadUntrusted):
        await read(cloud, group_id)


async def test_a_moving_total_makes_a_list_untrusted(bench: Bench, cloud: Cloud) -> None:
    """Two tries, then the sweep waits for better times."""
    await seed_groups(bench, 150)
    await bench.fault("truncated-page", "list groups", times=0, total=90, skip=1)
    with pytest.raises(errors.ReadUntrusted):
        await cloud.groups.list()


async def test_order_of_the_rows_does_not_matter(
    open_bench: Callable[[Settings], Any], settings: Settings, subject: Any
) -> None:
    """Oldest first or newest first."""
    options = {f"{subject.simulator}.list-order": "oldest"}
    bench = await open_bench(dataclasses.replace(settings, options=options))
    made = await seed_groups(bench, 120)
    assert [group.id for group in await bench.cloud.groups.list()] == made
