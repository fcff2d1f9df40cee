"""One planned call -> the port that carries it out. Called by engine.reconcile; knows no order and no status."""

from __future__ import annotations

from typing import Any, assert_never

from pydantic import BaseModel

from cloudscaling import errors
from cloudscaling.core import calls
from cloudscaling.core.plan import RESULT, Record
from cloudscaling.ports import Cloud

# Deleting what is gone is done.
_DELETIONS = (
    calls.DeleteGroup,
    calls.DeletePolicies,
    calls.DeleteLaunchConfigurations,
    calls.DeleteScheduledTask,
    calls.DeleteHook,
    calls.DeleteNotification,
    calls.CloseWarmPool,
)


async def call_cloud(cloud: Cloud, call: calls.CloudCall) -> str | None:
    """Carry out `call`; the id of what a create made. NoOp, and NotFound of a deletion, are success."""
    try:
        return await _dispatch(cloud, call)
    except errors.NoOp:
        return None
    except errors.NotFound:
        if isinstance(call, _DELETIONS):
            return None
        raise


async def _dispatch(cloud: Cloud, call: calls.CloudCall) -> str | None:  # noqa: C901  a flat table of cases
    match call:
        case calls.CreateGroup(new, token):
            return await cloud.groups.create(new, token)
        case calls.CreateLaunchConfiguration(configuration, token):
            return await cloud.launch_configurations.create(configuration, token)
        case calls.CreatePolicy(policy, token):
            return await cloud.policies.create(policy, token)
        case calls.CreateScheduledTask(task, token):
            return await cloud.scheduled_tasks.create(task, token)
        case calls.UpdateGroup(id_, change):
            await cloud.groups.update(id_, change)
        case calls.SetTags(id_, put, remove):
            await cloud.groups.set_tags(id_, put, remove)
        case calls.EnableGroup(id_):
            await cloud.groups.enable(id_)
        case calls.DisableGroup(id_):
            await cloud.groups.disable(id_)
        case calls.SetDesiredCapacity(id_, desired, token):
            await cloud.groups.set_capacity(id_, desired, token)
        case calls.ActOnInstances(id_, action, instance_ids, replace):
            await cloud.instances.act(id_, action, instance_ids, replace=replace)
        case calls.AnswerHook(id_, answer, hook_name, instance_id, token):
            await cloud.hooks.answer(id_, answer, hook_name=hook_name, instance_id=instance_id, token=token)
        case calls.PutHook(id_, hook, paths):
            await (cloud.hooks.update(id_, hook, paths) if paths else cloud.hooks.create(id_, hook))
        case calls.DeleteHook(id_, name):
            await cloud.hooks.delete(id_, name)
        case calls.PutNotification(id_, notification):
            await cloud.notifications.create(id_, notification)
        case calls.DeleteNotification(id_, notification_id):
            await cloud.notifications.delete(id_, notification_id)
        case calls.SetWarmPool(id_, size, wait_s):
            await cloud.warm_pools.put(id_, size, wait_s)
        case calls.CloseWarmPool(id_):
            await cloud.warm_pools.close(id_)
        case calls.DeleteGroup(id_, force):
            await cloud.groups.delete(id_, force=force)
        case calls.DeleteLaunchConfigurations(ids):
            await cloud.launch_configurations.delete(ids)
        case calls.UpdatePolicy(id_, change):
            await cloud.policies.update(id_, change)
        case calls.EnablePolicy(id_):
            await cloud.policies.enable(id_)
        case calls.DisablePolicy(id_):
            await cloud.policies.disable(id_)
        case calls.DeletePolicies(ids, force, delete_alarm):
            await cloud.policies.delete(ids, force=force, delete_alarm=delete_alarm)
        case calls.UpdateScheduledTask(group_id, id_, change):
            await cloud.scheduled_tasks.update(group_id, id_, change)
        case calls.DeleteScheduledTask(group_id, id_):
            await cloud.scheduled_tasks.delete(group_id, id_)
        case calls.ExecutePolicy(id_, token):
            await cloud.policies.execute(id_, token)
        case _:
            assert_never(call)
    return None


def fill_in(record: Record, result: str | None) -> dict[str, Any]:
    """`record` with the id that the call returned in the places that wait for it."""
    return {name: _filled(value, result) for name, value in record.items()}


def _filled(value: Any, result: str | None) -> Any:
    if value is RESULT:
        return result
    if isinstance(value, tuple):
        return tuple(_filled(item, result) for item in value)
    if isinstance(value, BaseModel):
        waiting = {name: result for name in type(value).model_fields if getattr(value, name) is RESULT}
        return value.model_copy(update=waiting) if waiting else value
    return value
