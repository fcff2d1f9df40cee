"""What an account of a vendor would send for a spec: the vendor's own code, with a transport that only listens.

Knows the ports and no vendor. Called by rows.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx

from cloudscaling import errors
from cloudscaling.core.diff import leaves, managed
from cloudscaling.core.fields import Table
from cloudscaling.core.model import Hook, NewGroup, NewLaunchConfiguration, NewPolicy, Notification
from cloudscaling.core.policy import schedule
from cloudscaling.ports import AccountConfig, Cloud, Credentials
from cloudscaling.vendors import VENDORS

Json = Any
Sent = dict[tuple[str, str], Json]  # (operation, place in the body) -> value

NOW = datetime(2030, 1, 1, tzinfo=UTC)
_KEY = Credentials(access_key_id="key", secret_access_key="secret")
# Every read is answered with this: the newest API of the family that asks which ones there are.
_READ = {"versions": [{"id": "v1", "status": "CURRENT"}, {"id": "v2", "status": "CURRENT"}]}
_READS = ("GET", "HEAD")


@dataclass
class Ear:
    """Gate, clock and transport of the account; remembers each write and lets it fail."""

    operation: str = ""
    heard: list[tuple[str, Json]] = field(default_factory=list)

    async def enter(self, operation: str, *, write: bool) -> None:
        self.operation = operation

    def leave(self, operation: str, *, write: bool, error: Exception | None, seconds: float) -> None:
        pass

    def now(self) -> datetime:
        return NOW

    def monotonic(self) -> float:
        return 0.0

    def answer(self, request: httpx.Request) -> httpx.Response:
        if request.method in _READS:
            return httpx.Response(200, json=_READ)
        self.heard.append((self.operation, json.loads(request.content or b"{}")))
        raise httpx.ReadTimeout("only listening")

    def sent(self) -> Sent:
        return {(operation, place): value for operation, body in self.heard for place, value in _places(body)}


def _places(body: Json, prefix: str = "") -> Iterator[tuple[str, Json]]:
    """Leaves of a JSON body; items of a list are numbered only if there are several."""
    if isinstance(body, Mapping):
        for name, value in body.items():
            yield from _places(value, f"{prefix}.{name}" if prefix else name)
    elif isinstance(body, list) and body and isinstance(body[0], Mapping):
        for number, item in enumerate(body):
            yield from _places(item, f"{prefix}[{number if len(body) > 1 else ''}]")
    else:
        yield prefix, body


def account(vendor: str, ear: Ear) -> Cloud:
    config = AccountConfig(vendor, "region", _KEY, project_id="project", autoscaling_endpoint="https://cloud")
    build: Callable[..., Cloud] = VENDORS[vendor].build
    return build(config, ear, ear, transport=httpx.MockTransport(ear.answer))


async def sent(vendor: str, kind: str, spec: Json) -> Sent:
    """What is sent to make, switch and dress one object of this spec."""
    ear = Ear()
    cloud = account(vendor, ear)
    for call in _CALLS[kind](cloud, spec):
        with suppress(errors.OutcomeUnknown):
            await call
    await cloud.close()
    return ear.sent()


def _launch(cloud: Cloud, spec: Json) -> Iterator[Awaitable[Any]]:
    """As the engine does it, with the reference itself in place of what it refers to."""
    content, login = dict(spec), dict(spec.get("login") or {})
    if "passwordSecretRef" in login:
        content["login"] = {"password": str(login["passwordSecretRef"])}
    if "userData" in spec:
        content["userData"] = str(spec["userData"])
    own = dict(spec.get(cloud.capabilities.block) or {})
    files = [
        {"path": file["path"], "content": file.get("content") or str(file["secretKeyRef"])}
        for file in own.get("files", ())
    ]
    content[cloud.capabilities.block] = {**own, "files": files}
    yield cloud.launch_configurations.create(NewLaunchConfiguration(spec.get("externalName", "name"), content), "")


def _group(cloud: Cloud, spec: Json) -> Iterator[Awaitable[Any]]:
    table, block = cloud.capabilities.group_fields, cloud.capabilities.block
    given = {
        "externalName": spec.get("externalName"),
        "launchConfigurationRef": str(spec.get("launchConfigurationRef")),
    }
    fields = cloud.groups.canonical({**managed(spec, table), **given})
    yield cloud.groups.create(NewGroup(fields, spec.get("desiredCapacity", 0), ""), "")
    yield cloud.groups.enable("id") if spec.get("enabled") else cloud.groups.disable("id")
    for hook in _items(spec, table, "lifecycleHooks"):
        yield cloud.hooks.create("id", Hook(hook.pop("name"), hook))
    for notification in _items(spec, table, "notifications"):
        yield cloud.notifications.create("id", Notification("", notification))
    pool = (spec.get(block) or {}).get("warmPool")
    if pool:
        yield cloud.warm_pools.put("id", pool.get("capacity"), pool.get("instanceInitWaitSeconds"))


def _items(spec: Json, table: Table, name: str) -> Iterator[dict[str, Json]]:
    prefix = f"{name}[]."
    for item in spec.get(name, ()):
        yield {path.removeprefix(prefix): value for path, value, _ in leaves(item, table, prefix)}


def _policy(cloud: Cloud, spec: Json) -> Iterator[Awaitable[Any]]:
    fields = managed(spec, cloud.capabilities.policy_fields)
    fields = {path: value for path, value in fields.items() if not path.startswith("schedule.")}
    fields |= _schedule(spec.get("schedule") or {}) | {"externalName": spec.get("externalName")}
    new = NewPolicy(str(spec.get("scalingGroupRef", "")), spec["type"], cloud.policies.canonical(fields))
    if "capacity" in fields:
        yield cloud.scheduled_tasks.create(new, "")
        return
    yield cloud.policies.create(new, "")
    yield cloud.policies.enable("id") if spec.get("enabled") else cloud.policies.disable("id")
    if spec["type"] == "Alarm":
        delete_alarm = bool((spec.get(cloud.capabilities.block) or {}).get("deleteAlarm"))
        yield cloud.policies.delete(["id"], force=True, delete_alarm=delete_alarm)


def _schedule(given: Json) -> dict[str, Json]:
    """As the planner does it."""
    moments = {"at": "schedule.at", "startTime": "schedule.start", "endTime": "schedule.end"}
    found: dict[str, Json] = {
        path: schedule.minute_utc(datetime.fromisoformat(given[name]))
        for name, path in moments.items()
        if name in given
    }
    return found | (schedule.in_utc(given["cron"], given["timeZone"], NOW) if "cron" in given else {})


_CALLS: dict[str, Callable[[Cloud, Json], Iterator[Awaitable[Any]]]] = {
    "LaunchConfiguration": _launch,
    "ScalingGroup": _group,
    "ScalingPolicy": _policy,
}
