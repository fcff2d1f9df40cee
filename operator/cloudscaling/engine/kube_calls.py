"""Planned calls that concern Kubernetes only: finalizer, scale, the group's record, the object's end.

Called by engine.reconcile, which holds the lock of the group, and by engine.account; none of them needs an account.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Any, assert_never

from cloudscaling import errors
from cloudscaling.api.meta import FINALIZER
from cloudscaling.api.v1alpha1.scalinggroup_status import RecentOperation
from cloudscaling.core.calls import DeleteObject, KubeCall, RecordOperation, ReleaseFinalizer, SeedDesiredCapacity
from cloudscaling.core.resource import evolve
from cloudscaling.engine.queue import Key
from cloudscaling.engine.store import GROUPS, Store, Stored
from cloudscaling.ports import Kube

_RECENT = 20  # as many as the group's status takes


@dataclass
class KubeCalls:
    """Writes to the API server; what it answers goes into the store."""

    kube: Kube
    store: Store

    async def carry_out(self, stored: Stored, call: KubeCall) -> None:
        match call:
            case ReleaseFinalizer():
                await self.set_finalizers(stored, tuple(f for f in stored.finalizers if f != FINALIZER))
            case SeedDesiredCapacity(value):
                await self.kube.scale(stored.key.plural, stored.key.namespace, stored.key.name, value)
            case RecordOperation():
                await self._record(stored, call)
            case DeleteObject():
                with suppress(errors.Gone, errors.Stale):  # another object may have the name by now
                    await self.kube.delete(stored.key.plural, stored.key.namespace, stored.key.name, uid=stored.uid)
            case _:
                assert_never(call)

    async def set_finalizers(self, stored: Stored, finalizers: tuple[str, ...]) -> Stored:
        key = stored.key
        raw = await self.kube.set_finalizers(
            key.plural, key.namespace, key.name, finalizers, resource_version=stored.version
        )
        return self.store.take(key.plural, raw) or stored

    async def write_status(self, stored: Stored, status: Any, version: str | None) -> Stored:
        """Write the status if its content changed; Stale when the object moved meanwhile."""
        content = status.model_dump(by_alias=True, exclude_none=True, mode="json")
        if content == stored.resource.status.model_dump(by_alias=True, exclude_none=True, mode="json"):
            return stored
        key = stored.key
        raw = await self.kube.write_status(
            key.plural, key.namespace, key.name, content, uid=stored.uid, resource_version=version
        )
        new = self.store.take(key.plural, raw)
        if new is None:
            raise errors.Gone(f"{key} is gone, or cannot be read back")
        return new

    async def _record(self, stored: Stored, call: RecordOperation) -> None:
        """Once per (name, hash), newest first; a group that is gone keeps no record."""
        group = self.store.get(Key(GROUPS, stored.key.namespace, call.group))
        if group is None:
            return
        known = group.resource.status.recent_operations
        if any((entry.name, entry.spec_hash) == (call.name, call.spec_hash) for entry in known):
            return
        entry = RecentOperation(name=call.name, spec_hash=call.spec_hash, finished_at=call.finished_at)
        status = evolve(group.resource.status, {"recent_operations": (entry, *known)[:_RECENT]})
        await self.write_status(group, status, group.version)
