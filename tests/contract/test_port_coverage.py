"""Every operation that a vendor's cloud offers is called by something of the port."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from contract_bench import Bench

from cloudscaling import errors
from cloudscaling.core.model import Change, Hook, HookResult, InstanceAction, NewPolicy, Notification
from cloudsim.settings import Settings

RENAME = Change({"externalName": "other"}, {}, frozenset({"externalName"}))


async def configurations_and_groups(bench: Bench) -> None:
    cloud = bench.cloud
    await cloud.verify()
    await cloud.quotas()
    spare = [await bench.configuration(f"spare-{number}") for number in range(3)]
    await cloud.launch_configurations.get(spare[0])
    await cloud.launch_configurations.list()
    await cloud.launch_configurations.delete(spare[:1])
    await cloud.launch_configurations.delete(spare[1:])
    group_id = await bench.running_group(3)
    await cloud.groups.list()
    await cloud.groups.update(group_id, RENAME)
    await cloud.groups.set_tags(group_id, {"a": "b"}, [])
    await cloud.groups.tags(group_id)
    await cloud.groups.find_by_tag("a", "b")
    await cloud.groups.tag_keys()
    await cloud.groups.quotas(group_id)
    await cloud.groups.activities(group_id, 5)
    first, second = (instance.id for instance in (await cloud.instances.list(group_id))[:2])
    await cloud.instances.act(group_id, InstanceAction.DETACH, [first])
    await bench.advance()
    await bench.fault("error", "batch instances", status=403, code="AS.0031")
    await cloud.instances.act(group_id, InstanceAction.DETACH, [second])
    await bench.advance()
    await cloud.groups.get(group_id)
    await cloud.groups.delete(group_id, force=True)


async def policies(bench: Bench) -> None:
    cloud, group_id = bench.cloud, await bench.running_group(1)
    one, two, three = [await bench.policy(group_id, "Alarm", f"p-{number}") for number in range(3)]
    await cloud.policies.list()
    await cloud.policies.of_group(group_id)
    await cloud.policies.get(one)
    await cloud.policies.update(one, RENAME)
    await cloud.policies.disable(one)
    await cloud.policies.executions(one, 5)
    await cloud.policies.delete([one], force=False, delete_alarm=False)
    await cloud.policies.delete([two, three], force=True, delete_alarm=False)


async def children(bench: Bench) -> None:
    cloud, group_id, subject = bench.cloud, await bench.group(), bench.subject
    await cloud.hooks.create(group_id, Hook("warmup", subject.hook))
    await cloud.hooks.get(group_id, "warmup")
    await cloud.hooks.list(group_id)
    await cloud.hooks.update(group_id, Hook("warmup", subject.hook), frozenset({"metadata"}))
    await cloud.hooks.pending(group_id)
    with suppress(errors.NotFound):
        await cloud.hooks.answer(group_id, HookResult.CONTINUE, hook_name="warmup", instance_id="nobody")
    await cloud.hooks.delete(group_id, "warmup")
    if subject.notification:
        await cloud.notifications.create(group_id, Notification("", subject.notification))
        await cloud.notifications.delete(group_id, (await cloud.notifications.list(group_id))[0].id)
    if subject.tasks:
        new = NewPolicy(group_id, "Scheduled", {**subject.tasks["Scheduled"], "externalName": "task"})
        task_id = await cloud.scheduled_tasks.create(new, "token")
        await cloud.scheduled_tasks.update(group_id, task_id, RENAME)
        await cloud.scheduled_tasks.list(group_id)
        await cloud.scheduled_tasks.delete(group_id, task_id)
    if subject.warm_pool:
        await cloud.warm_pools.put(group_id, 1, 30)
        await cloud.warm_pools.get(group_id)
        await cloud.warm_pools.close(group_id)


async def called(bench: Bench) -> set[str]:
    for part in (configurations_and_groups, policies, children):
        await part(bench)
    counts = (await bench.admin.get("/calls")).json()[bench.subject.simulator]
    return {name for name, count in counts.items() if count} - bench.subject.outside


async def test_every_operation_is_used(open_bench: Callable[[Settings], Any], settings: Settings, bench: Bench) -> None:
    """With version 2 and without, all of them together; none that the vendor does not document."""
    if not bench.subject.documented:
        pytest.skip("the vendor's operations are not listed")
    found = await called(bench)
    if bench.subject.v2:
        old = replace(settings, options={f"{bench.subject.simulator}.v2": "false"})
        found |= await called(await open_bench(old))
    assert found == bench.subject.documented
