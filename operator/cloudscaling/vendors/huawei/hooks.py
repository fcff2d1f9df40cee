"""Lifecycle hooks of a group behind ports.Hooks. Called by the engine through adapter.

An update that leaves out result or time may set them back to the vendor's defaults, so both always go along. There is
no code for a hook that does not exist; after a refused deletion the list says whether it was that.
"""

from __future__ import annotations

from collections.abc import Mapping

from cloudscaling import errors
from cloudscaling.core.model import Fields, Hook, HookResult, Json, PendingAction
from cloudscaling.vendors._bodies import checked
from cloudscaling.vendors._times import instant
from cloudscaling.vendors.huawei import wire_children as wire
from cloudscaling.vendors.huawei.client import Client

TRANSITIONS = {"Launching": "INSTANCE_LAUNCHING", "Terminating": "INSTANCE_TERMINATING"}
RESULTS = {"Continue": "CONTINUE", "Abandon": "ABANDON"}
ANSWERS = {HookResult.CONTINUE: "CONTINUE", HookResult.ABANDON: "ABANDON", HookResult.EXTEND: "EXTEND"}
# path below lifecycleHooks[] -> (vendor field, neutral word -> vendor's word; none: the value as it is)
FIELDS: dict[str, tuple[str, Mapping[str, str]]] = {
    "transition": ("lifecycle_hook_type", TRANSITIONS),
    "defaultResult": ("default_result", RESULTS),
    "timeoutSeconds": ("default_timeout", {}),
    "target.topic": ("notification_topic_urn", {}),
    "metadata": ("notification_metadata", {}),
}
_ALWAYS = frozenset({"defaultResult", "timeoutSeconds"})
_WAITING = "HANGING"


class Hooks:
    """Reads and writes of hooks, and the answers to what they hold."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def canonical(self, want: Fields) -> dict[str, Json]:
        return {path: (value or "") if path == "metadata" else value for path, value in want.items()}

    async def list(self, group_id: str) -> tuple[Hook, ...]:
        return tuple(self._hook(row) for row in await self._client.list_life_cycle_hooks(group_id))

    async def get(self, group_id: str, name: str) -> Hook:
        return self._hook(await self._client.show_life_cycle_hook(group_id, name))

    async def create(self, group_id: str, hook: Hook) -> None:
        body = _body(hook, frozenset(hook.fields)) | {"lifecycle_hook_name": hook.name}
        await self._client.create_life_cycle_hook(group_id, checked(wire.HookBody, body))

    async def update(self, group_id: str, hook: Hook, paths: frozenset[str]) -> None:
        if paths:
            body = _body(hook, paths | (_ALWAYS & hook.fields.keys()))
            await self._client.update_life_cycle_hook(group_id, hook.name, checked(wire.HookBody, body))

    async def delete(self, group_id: str, name: str) -> None:
        try:
            await self._client.delete_life_cycle_hook(group_id, name)
        except errors.Rejected as failure:
            if name not in {row.lifecycle_hook_name for row in await self._client.list_life_cycle_hooks(group_id)}:
                raise errors.NotFound(failure.message, code=failure.code) from failure
            raise

    async def pending(self, group_id: str) -> tuple[PendingAction, ...]:
        rows = await self._client.list_hook_instances(group_id)
        return tuple(_pending(row) for row in rows if row.lifecycle_hook_status == _WAITING)

    async def answer(
        self, group_id: str, result: HookResult, *, hook_name: str, instance_id: str = "", token: str = ""
    ) -> None:
        if token:
            who = {"lifecycle_action_key": token}
        elif instance_id:
            who = {"instance_id": instance_id, "lifecycle_hook_name": hook_name}
        else:
            raise errors.Rejected("a token or an instance is needed")
        body = wire.CallbackBody.model_validate({**who, "lifecycle_action_result": ANSWERS[result]})
        await self._client.attach_callback_instance_life_cycle_hook(group_id, body)

    def _hook(self, row: wire.LifeCycleHook) -> Hook:
        found = {path: _neutral(getattr(row, name), words) for path, (name, words) in FIELDS.items()}
        return Hook(row.lifecycle_hook_name, self.canonical(found))


def _pending(row: wire.HangingInstance) -> PendingAction:
    return PendingAction(
        hook_name=row.lifecycle_hook_name,
        instance_id=row.instance_id or "",
        token=row.lifecycle_action_key,
        deadline=instant(row.timeout),
        default_result=_neutral(row.default_result, RESULTS) or "",
    )


def _neutral(value: Json, words: Mapping[str, str]) -> Json:
    return next((neutral for neutral, word in words.items() if word == value), value)


def _body(hook: Hook, paths: frozenset[str]) -> dict[str, Json]:
    body: dict[str, Json] = {}
    for path in sorted(paths):
        if path not in FIELDS:
            raise errors.Rejected(f"lifecycleHooks {hook.name}: this cloud has no {path}")
        name, words = FIELDS[path]
        value = hook.fields.get(path)
        body[name] = words.get(value, value) if isinstance(value, str) else value
    return body
