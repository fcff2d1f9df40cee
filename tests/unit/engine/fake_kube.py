"""An API server in memory behind ports.Kube: versions, generations, finalizers, watches, and time for each call."""

from __future__ import annotations

import asyncio
import copy
import itertools
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from crd_check import KINDS, complaints

from cloudscaling import errors
from cloudscaling.api.meta import API_VERSION

Json = dict[str, Any]
Address = tuple[str, str, str]
NAMESPACE = "web"


class Sink(Protocol):
    """Where a watch delivers."""

    def upsert(self, plural: str, obj: Mapping[str, Any]) -> None: ...

    def gone(self, plural: str, namespace: str, name: str, uid: str = "") -> None: ...


class FakeKube:
    """Implements ports.Kube; the methods of a user stand below those of the operator."""

    def __init__(self, now: Callable[[], datetime], latency_s: float = 0.004, watch_lag_s: float = 0.01) -> None:
        self._now = now
        self._latency_s = latency_s
        self._watch_lag_s = watch_lag_s
        self._versions = itertools.count(1)
        self._uids = itertools.count(1)
        self._sinks: list[Sink] = []
        self.objects: dict[Address, Json] = {}
        self.secrets: dict[tuple[str, str], tuple[dict[str, bytes], Json]] = {}
        self.config_maps: dict[tuple[str, str], dict[str, str]] = {}
        self.events: list[tuple[str, str, str, str]] = []  # object, type, reason, message
        self.status_writes = 0
        self.complaints: list[str] = []
        self.fail: Callable[[str], Exception | None] = lambda verb: None

    # --- ports.Kube --------------------------------------------------------------------------------------------------

    async def get(self, plural: str, namespace: str, name: str) -> Json:
        await self._wait("get")
        return copy.deepcopy(self._found(plural, namespace, name))

    async def list_metadata(self, plural: str, namespace: str | None) -> tuple[Json, ...]:
        await self._wait("list")
        rows = (o for (p, n, _), o in self.objects.items() if p == plural and namespace in (None, n))
        return tuple({"metadata": copy.deepcopy(o["metadata"])} for o in rows)

    async def write_status(
        self,
        plural: str,
        namespace: str,
        name: str,
        status: Mapping[str, Any],
        *,
        uid: str,
        resource_version: str | None,
    ) -> Json:
        await self._wait("write_status")
        found = self._found(plural, namespace, name)
        if found["metadata"]["uid"] != uid:
            raise errors.Stale("another object")
        if resource_version is not None and found["metadata"]["resourceVersion"] != resource_version:
            raise errors.Stale("a newer version exists")
        self.complaints += complaints(plural, status)
        self.status_writes += 1
        found["status"] = copy.deepcopy(dict(status))
        answer = self._changed(plural, found)
        await self._reply("write_status")
        return answer

    async def set_finalizers(
        self, plural: str, namespace: str, name: str, finalizers: Sequence[str], *, resource_version: str
    ) -> Json:
        await self._wait("set_finalizers")
        found = self._found(plural, namespace, name)
        if found["metadata"]["resourceVersion"] != resource_version:
            raise errors.Stale("a newer version exists")
        found["metadata"]["finalizers"] = list(finalizers)
        answer = self._changed(plural, found)
        await self._reply("set_finalizers")
        return answer

    async def scale(self, plural: str, namespace: str, name: str, replicas: int) -> None:
        await self._wait("scale")
        self.edit(plural, name, lambda spec: spec.update(desiredCapacity=replicas), namespace)

    async def delete(self, plural: str, namespace: str, name: str, *, uid: str) -> None:
        await self._wait("delete")
        self.remove(plural, name, namespace)

    async def read_secret(self, namespace: str, name: str) -> tuple[dict[str, bytes], Json]:
        await self._wait("read_secret")
        if (namespace, name) not in self.secrets:
            raise errors.Gone(f"Secret {name}")
        return copy.deepcopy(self.secrets[namespace, name])

    async def read_config_map(self, namespace: str, name: str) -> tuple[dict[str, str], Json]:
        await self._wait("read_config_map")
        if (namespace, name) not in self.config_maps:
            raise errors.Gone(f"ConfigMap {name}")
        return dict(self.config_maps[namespace, name]), {"name": name}

    async def set_secret_finalizers(
        self, namespace: str, name: str, finalizers: Sequence[str], *, resource_version: str
    ) -> None:
        await self._wait("set_secret_finalizers")
        if (namespace, name) not in self.secrets:
            raise errors.Gone(f"Secret {name}")
        _, metadata = self.secrets[namespace, name]
        if metadata["resourceVersion"] != resource_version:
            raise errors.Stale("a newer version exists")
        metadata.update(finalizers=list(finalizers), resourceVersion=str(next(self._versions)))
        if metadata.get("deletionTimestamp") and not finalizers:
            del self.secrets[namespace, name]

    async def create_secret(self, namespace: str, name: str, data: Mapping[str, bytes]) -> None:
        await self._wait("create_secret")
        if (namespace, name) in self.secrets:
            raise errors.Stale("it exists")
        self.put_secret(name, dict(data), namespace)

    async def namespace_uid(self, namespace: str) -> str:
        return f"uid-of-{namespace}"

    async def post_event(
        self, regarding: Mapping[str, Any], *, event_type: str, reason: str, message: str, action: str
    ) -> None:
        self.events.append((regarding["metadata"]["name"], event_type, reason, message))

    # --- the user and the cluster ------------------------------------------------------------------------------------

    def put_secret(self, name: str, data: Mapping[str, bytes], namespace: str = NAMESPACE) -> None:
        """Create or update a Secret; its finalizers stay."""
        old = self.secrets.get((namespace, name))
        metadata = {"name": name, "uid": f"secret-{name}", "resourceVersion": str(next(self._versions))}
        metadata["finalizers"] = old[1].get("finalizers", []) if old else []
        self.secrets[namespace, name] = (dict(data), metadata)

    def apply(self, plural: str, name: str, spec: Json, namespace: str = NAMESPACE, **metadata: Any) -> Json:
        """Create an object."""
        raw: Json = {
            "apiVersion": API_VERSION,
            "kind": KINDS[plural],
            "metadata": {
                "name": name,
                "namespace": namespace,
                "uid": f"uid-{next(self._uids)}",
                "generation": 1,
                "creationTimestamp": self._now().replace(microsecond=0).isoformat().replace("+00:00", "Z"),
                **metadata,
            },
            "spec": copy.deepcopy(spec),
        }
        self.objects[plural, namespace, name] = raw
        return self._changed(plural, raw)

    def edit(self, plural: str, name: str, change: Callable[[Json], object], namespace: str = NAMESPACE) -> None:
        """Change a spec; an equal one changes nothing."""
        found = self.objects.get((plural, namespace, name))
        if found is None:
            return
        before = copy.deepcopy(found["spec"])
        change(found["spec"])
        if found["spec"] != before:
            found["metadata"]["generation"] += 1
            self._changed(plural, found)

    def annotate(self, plural: str, name: str, key: str, value: str, namespace: str = NAMESPACE) -> None:
        found = self._found(plural, namespace, name)
        found["metadata"].setdefault("annotations", {})[key] = value
        self._changed(plural, found)

    def lose_status(self, plural: str, name: str, namespace: str = NAMESPACE) -> None:
        """As a restored backup: the object without its status."""
        found = self.objects.get((plural, namespace, name))
        if found is not None:
            found.pop("status", None)
            self._changed(plural, found)

    def remove(self, plural: str, name: str, namespace: str = NAMESPACE) -> None:
        """Ask for deletion; finalizers hold it."""
        found = self.objects.get((plural, namespace, name))
        if found is not None and "deletionTimestamp" not in found["metadata"]:
            found["metadata"]["deletionTimestamp"] = self._now().replace(microsecond=0).isoformat()
            found["metadata"]["generation"] += 1
            self._changed(plural, found)

    def status(self, plural: str, name: str, namespace: str = NAMESPACE) -> Json:
        return dict(self._found(plural, namespace, name).get("status") or {})

    def condition(self, plural: str, name: str, type_: str) -> tuple[str, str]:
        """(status, reason), both empty when the condition does not exist."""
        rows = self.status(plural, name).get("conditions", ())
        return next(((c["status"], c["reason"]) for c in rows if c["type"] == type_), ("", ""))

    def exists(self, plural: str, name: str, namespace: str = NAMESPACE) -> bool:
        return (plural, namespace, name) in self.objects

    # --- watches -----------------------------------------------------------------------------------------------------

    def watch(self, sink: Sink) -> None:
        """List into the sink and go on with changes."""
        self._sinks.append(sink)
        for (plural, _, _), raw in list(self.objects.items()):
            sink.upsert(plural, copy.deepcopy(raw))

    def unwatch(self) -> None:
        self._sinks.clear()

    def _changed(self, plural: str, raw: Json) -> Json:
        metadata = raw["metadata"]
        metadata["resourceVersion"] = str(next(self._versions))
        address = (plural, metadata["namespace"], metadata["name"])
        gone = "deletionTimestamp" in metadata and not metadata.get("finalizers")
        if gone:
            self.objects.pop(address, None)
        seen = copy.deepcopy(raw)
        for sink in self._sinks:
            asyncio.get_running_loop().call_later(self._watch_lag_s, self._deliver, sink, address, seen, gone)
        return copy.deepcopy(raw)

    def _deliver(self, sink: Sink, address: Address, seen: Json, gone: bool) -> None:
        if sink not in self._sinks:
            return
        if gone:
            sink.gone(*address, seen["metadata"]["uid"])
        else:
            sink.upsert(address[0], seen)

    # --- inside ------------------------------------------------------------------------------------------------------

    async def _wait(self, verb: str) -> None:
        await asyncio.sleep(self._latency_s / 2)
        problem = self.fail(verb)
        if problem is not None:
            raise problem

    async def _reply(self, verb: str) -> None:
        await asyncio.sleep(self._latency_s / 2)

    def _found(self, plural: str, namespace: str, name: str) -> Json:
        if (plural, namespace, name) not in self.objects:
            raise errors.Gone(f"{plural} {namespace}/{name}")
        return self.objects[plural, namespace, name]
