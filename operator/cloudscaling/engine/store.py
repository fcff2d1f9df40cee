"""What the watches have seen: the newest version of every object, and who refers to whom. Fed by handlers.watch.

An object's own status write does not bring its key back; a change that others depend on brings theirs.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cloudscaling.api.base import Resource
from cloudscaling.api.v1alpha1.cloudaccount import CloudAccount
from cloudscaling.api.v1alpha1.instanceoperation import InstanceOperation
from cloudscaling.api.v1alpha1.launchconfiguration import LaunchConfiguration
from cloudscaling.api.v1alpha1.scalinggroup import ScalingGroup
from cloudscaling.api.v1alpha1.scalingpolicy import ScalingPolicy
from cloudscaling.core.model import Json
from cloudscaling.engine.queue import Key

logger = logging.getLogger(__name__)

_REMEMBERED_DEAD = 1000

ACCOUNTS, LAUNCHES, GROUPS, POLICIES = "cloudaccounts", "launchconfigurations", "scalinggroups", "scalingpolicies"
OPERATIONS = "instanceoperations"
MODELS: Mapping[str, type[Resource]] = {
    ACCOUNTS: CloudAccount,
    LAUNCHES: LaunchConfiguration,
    GROUPS: ScalingGroup,
    POLICIES: ScalingPolicy,
    OPERATIONS: InstanceOperation,
}


@dataclass(frozen=True, slots=True)
class Stored:
    """One version of an object, raw and parsed."""

    key: Key
    raw: Mapping[str, Json]
    resource: Any  # the model of MODELS[key.plural]

    @property
    def uid(self) -> str:
        return str(self.raw["metadata"]["uid"])

    @property
    def version(self) -> str:
        return str(self.raw["metadata"]["resourceVersion"])

    @property
    def finalizers(self) -> tuple[str, ...]:
        return tuple(self.raw["metadata"].get("finalizers") or ())

    @property
    def deleting(self) -> bool:
        return "deletionTimestamp" in self.raw["metadata"]


@dataclass
class Store:
    """Objects by key; `wake` is told every key that has to be looked at."""

    wake: Callable[[Key], None]
    _objects: dict[Key, Stored] = field(default_factory=dict)
    _referrers: dict[Key, set[Key]] = field(default_factory=lambda: defaultdict(set))
    _unreadable: dict[Key, tuple[str, str]] = field(default_factory=dict)  # seen, but not to be parsed
    _dead: dict[str, None] = field(default_factory=dict)  # uids, oldest first
    _by_external_id: dict[tuple[str, str], set[Key]] = field(default_factory=lambda: defaultdict(set))

    def get(self, key: Key) -> Stored | None:
        return self._objects.get(key)

    def every(self, plural: str | None = None) -> list[Key]:
        return [key for key in self._objects if plural is None or key.plural == plural]

    def versions(self, plural: str) -> dict[tuple[str, str], tuple[str, str]]:
        """(namespace, name) -> (uid, resourceVersion), for the watchdog."""
        known = {k: (s.uid, s.version) for k, s in self._objects.items()} | self._unreadable
        return {(k.namespace, k.name): version for k, version in known.items() if k.plural == plural}

    def referrers(self, key: Key, plural: str) -> list[Stored]:
        """Objects of one kind whose spec names `key`, by name."""
        found = (self._objects[k] for k in self._referrers.get(key, ()) if k.plural == plural and k in self._objects)
        return sorted(found, key=lambda stored: stored.key)

    def with_external_id(self, plural: str, external_id: str) -> list[Stored]:
        keys = self._by_external_id.get((plural, external_id), ())
        return [self._objects[key] for key in keys if key in self._objects]

    def upsert(self, plural: str, obj: Mapping[str, Json]) -> None:
        """Take in a version that a watch has seen."""
        self.take(plural, obj)

    def take(self, plural: str, raw: Mapping[str, Json]) -> Stored | None:
        """Take in a version; an older one of the same object is ignored. None when it cannot be read."""
        metadata = raw["metadata"]
        key = Key(plural, metadata.get("namespace", ""), metadata["name"])
        old = self._objects.get(key)
        if metadata["uid"] in self._dead:  # an answer to our own write that was slower than the watch
            return None
        if old is not None and old.uid == metadata["uid"] and int(old.version) >= int(metadata["resourceVersion"]):
            return old
        try:
            new = Stored(key, raw, MODELS[plural].model_validate(raw))
        except ValueError as exc:
            logger.error("%s cannot be read: %s", key, exc)
            self._unreadable[key] = (metadata["uid"], metadata["resourceVersion"])
            return None
        self._unreadable.pop(key, None)
        self._objects[key] = new
        self._reindex(old, new)
        if old is None or _own_trigger(old) != _own_trigger(new):
            self.wake(key)
        if old is None or _others_trigger(old) != _others_trigger(new):
            self._wake_others(new)
        return new

    def gone(self, plural: str, namespace: str, name: str, uid: str = "") -> None:
        """The object does not exist any more; a younger one of the same name stays."""
        key = Key(plural, namespace, name)
        self._unreadable.pop(key, None)
        old = self._objects.get(key)
        if old is None or (uid and old.uid != uid):
            return
        del self._objects[key]
        self._bury(old.uid)
        self._reindex(old, None)
        self.wake(key)
        self._wake_others(old)

    def _bury(self, uid: str) -> None:
        self._dead[uid] = None
        while len(self._dead) > _REMEMBERED_DEAD:
            del self._dead[next(iter(self._dead))]

    def _wake_others(self, stored: Stored) -> None:
        for key in {*self._referrers.get(stored.key, ()), *references(stored), *self._in_line_with(stored)}:
            self.wake(key)

    def _in_line_with(self, stored: Stored) -> set[Key]:
        """Operations of the same group, which go one at a time."""
        if stored.key.plural != OPERATIONS:
            return set()
        named = (self._referrers.get(target, set()) for target in references(stored))
        return {key for keys in named for key in keys if key.plural == OPERATIONS} - {stored.key}

    def _reindex(self, old: Stored | None, new: Stored | None) -> None:
        for stored, change in ((old, set.discard), (new, set.add)):
            if stored is None:
                continue
            for target in references(stored):
                change(self._referrers[target], stored.key)
            for external_id in _external_ids(stored):
                change(self._by_external_id[(stored.key.plural, external_id)], stored.key)


def references(stored: Stored) -> tuple[Key, ...]:
    """Keys that the spec names."""
    spec = stored.raw.get("spec") or {}
    wanted = (
        (ACCOUNTS, spec.get("accountRef")),
        (LAUNCHES, spec.get("launchConfigurationRef")),
        (GROUPS, spec.get("scalingGroupRef")),
        (POLICIES, spec.get("policyRef")),
    )
    return tuple(
        Key(plural, stored.key.namespace, reference["name"])
        for plural, reference in wanted
        if reference and reference.get("name")
    )


def _external_ids(stored: Stored) -> set[str]:
    ids = {(stored.raw.get(part) or {}).get("externalId") for part in ("spec", "status")}
    return {external_id for external_id in ids if external_id}


def _own_trigger(stored: Stored) -> tuple[Json, ...]:
    """What brings the object's own key back: everything but its status."""
    metadata = stored.raw["metadata"]
    return (metadata["uid"], metadata.get("generation"), stored.deleting, metadata.get("annotations"))


def _others_trigger(stored: Stored) -> tuple[Json, ...]:
    """What others depend on: spec, deletion, ids and what a reference offers."""
    status = stored.raw.get("status") or {}
    offered = {c["type"]: (c["status"], c["reason"]) for c in status.get("conditions") or () if c["type"] in _OFFERED}
    ids = tuple(status.get(name) for name in ("externalId", "currentRevision", "operation", "launchConfiguration"))
    return (*_own_trigger(stored), ids, offered)


_OFFERED = frozenset({"CredentialsValid", "Paused", "Accepted", "Complete", "Failed"})
