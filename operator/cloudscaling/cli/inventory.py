"""What exists in an account, read through the port and never written. Called by importing.

Every call is a read of ports.Cloud. What hangs on a group is read for the chosen groups only; a kind that the vendor
refuses to list is noted and does not stop the import.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from cloudscaling import errors
from cloudscaling.cli.manifest import Note
from cloudscaling.core.model import Group, Hook, LaunchConfiguration, Notification, Policy, WarmPool
from cloudscaling.ports import Cloud

T = TypeVar("T")

_ATTEMPTS = 4
_PAUSE_S = 5.0
_REFUSED = (errors.Rejected, errors.PermissionDenied, errors.DependencyNotReady)


class Progress(Protocol):
    """Told how far a command is."""

    def at(self, what: str, done: int, total: int) -> None: ...


@dataclass(frozen=True, slots=True)
class Filter:
    """Which groups are meant; without any condition all of them."""

    prefixes: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    tag: tuple[str, str | None] | None = None  # key and value; None: any value

    def names(self, group: Group) -> bool:
        if self.ids and group.id not in self.ids:
            return False
        return not self.prefixes or group.name.startswith(self.prefixes)


@dataclass(frozen=True, slots=True)
class GroupWithChildren:
    """One group and what hangs on it."""

    group: Group
    policies: tuple[Policy, ...] = ()
    hooks: tuple[Hook, ...] = ()
    notifications: tuple[Notification, ...] = ()
    warm_pool: WarmPool | None = None
    unread: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Inventory:
    """Everything that an import decides upon."""

    groups: tuple[GroupWithChildren, ...]
    configurations: Mapping[str, LaunchConfiguration] = field(default_factory=dict)
    unused_configurations: int = 0
    others: tuple[Policy, ...] = ()  # policies that belong to no group, if the whole account is meant


@dataclass
class Reader:
    """Reads in a fixed order; waits and tries again while the vendor throttles or does not answer."""

    cloud: Cloud
    progress: Progress
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def read(self, wanted: Filter) -> Inventory:
        """Raises errors of cloudscaling.errors; NotFound names an id or a tag that nothing has."""
        self.progress.at("scaling groups", 0, 3)
        every = await self.patiently(self.cloud.groups.list)
        chosen = [group for group in every if wanted.names(group)]
        if wanted.tag is not None:
            chosen = await self._with_tag(chosen, *wanted.tag)
        missing = sorted(set(wanted.ids) - {group.id for group in every})
        if missing:
            raise errors.NotFound(f"no scaling group has the id {', '.join(missing)}")
        self.progress.at("launch configurations", 1, 3)
        configurations = await self.patiently(self.cloud.launch_configurations.list)
        self.progress.at("policies", 2, 3)
        policies = await self.patiently(self.cloud.policies.list)
        found = []
        for number, group in enumerate(sorted(chosen, key=_age)):
            self.progress.at(f"group {group.name}", number, len(chosen))
            found.append(await self._children(group, policies))
        self.progress.at("done", len(chosen), len(chosen))
        used = {group.fields.get("launchConfigurationRef") for group in every}
        return Inventory(
            groups=tuple(found),
            configurations={configuration.id: configuration for configuration in configurations},
            unused_configurations=sum(configuration.id not in used for configuration in configurations),
            others=tuple(policy for policy in policies if not policy.group_id and wanted == Filter()),
        )

    async def patiently(self, call: Callable[[], Awaitable[T]]) -> T:
        for _ in range(_ATTEMPTS - 1):
            try:
                return await call()
            except (errors.Throttled, errors.Transient) as failure:
                await self.sleep(failure.retry_after or _PAUSE_S)
        return await call()

    async def _with_tag(self, groups: Sequence[Group], key: str, value: str | None) -> list[Group]:
        if value is None:
            found = [group for group in groups if key in (group.fields.get("tags") or {})]
        else:
            ids = await self.patiently(lambda: self.cloud.groups.find_by_tag(key, value))
            found = [group for group in groups if group.id in ids]
        if not found:
            keys = await self.patiently(self.cloud.groups.tag_keys)
            text = f"{key}={value}" if value is not None else key
            raise errors.NotFound(f"no chosen group has the tag {text}; tags in use: {', '.join(keys) or 'none'}")
        return found

    async def _children(self, group: Group, policies: Sequence[Policy]) -> GroupWithChildren:
        unread: list[Note] = []

        async def listed(path: str, call: Callable[[str], Awaitable[Any]], nothing: Any) -> Any:
            try:
                return await self.patiently(lambda: call(group.id))
            except errors.NotFound:
                return nothing
            except _REFUSED as failure:
                unread.append(Note(path, f"could not be read: {failure}"))
                return nothing

        hooks = await listed("lifecycleHooks", self.cloud.hooks.list, ())
        notifications = await listed("notifications", self.cloud.notifications.list, ())
        tasks = await listed("schedules with capacity", self.cloud.scheduled_tasks.list, ())
        pool = None
        if "WarmPool" in self.cloud.capabilities.features:
            pool = await listed(f"{self.cloud.capabilities.block}.warmPool", self.cloud.warm_pools.get, None)
        own = tuple(policy for policy in policies if policy.group_id == group.id)
        return GroupWithChildren(group, (*own, *tasks), hooks, notifications, pool, tuple(unread))


def _age(thing: Group) -> tuple[bool, str, str]:
    """The oldest first, so that it gets the plain one of equal names."""
    return (thing.created_at is None, str(thing.created_at), thing.id)
