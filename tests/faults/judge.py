"""The oracle: what must hold at the end of every run, whatever was interrupted. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from tests.faults.proxies import Sent
from tests.faults.snapshot import difference
from tests.faults.stage import Scenario, View

Json = dict[str, Any]


def end_state(scenario: Scenario, view: View) -> list[str]:
    """No duplicate, and what the scenario itself says about its end."""
    return [*duplicates(view.tenant), *orphaned_ids(view), *scenario.end(view)]


def duplicates(tenant: Json) -> list[str]:
    """More than one cloud object of one name: names hold the owner's mark."""
    found = []
    for kind, field in (
        ("groups", "scaling_group_name"),
        ("configurations", "scaling_configuration_name"),
        ("policies", "scaling_policy_name"),
    ):
        counted = Counter(row[field] for row in tenant[kind].values())
        found += [f"duplicate: {count} {kind} named {name}" for name, count in counted.items() if count > 1]
    counted = Counter(row["name"] for group in tenant["groups"].values() for row in group["scheduled_tasks"])
    return found + [f"duplicate: {count} tasks named {name}" for name, count in counted.items() if count > 1]


def orphaned_ids(view: View) -> list[str]:
    """An object must not point at a cloud object that does not exist."""
    tables = {"scalinggroups": "groups", "launchconfigurations": "configurations", "scalingpolicies": "policies"}
    tasks = {row["id"] for group in view.tenant["groups"].values() for row in group["scheduled_tasks"]}
    return [
        f"{plural}/{name} names {external_id}, which does not exist"
        for (plural, name), item in view.objects.items()
        if plural in tables
        and (external_id := (item.get("status") or {}).get("externalId"))
        and external_id not in view.tenant[tables[plural]]
        and external_id not in tasks
    ]


def capacity(scenario: Scenario, calls: Iterable[Json]) -> list[str]:
    """The desired capacities that were committed, in order, are the ones that were asked for."""
    seen: list[int] = []
    for call in calls:
        body = call.get("body") or {}
        if call["operation"] in ("CreateScalingGroup", "UpdateScalingGroup") and call["status"] == 200:
            value = body.get("desire_instance_number")
            if value is not None and (not seen or seen[-1] != value):
                seen.append(value)
    wanted = [value for value in scenario.wishes if value in seen or value not in scenario.may_skip]
    if seen == wanted:
        return []
    return [f"desired capacities committed: {seen}, asked for: {list(scenario.wishes)}"]


def acted_twice(calls: Iterable[Json]) -> list[str]:
    """No instance had the same done to it twice, no policy was executed twice, no hook answered twice."""
    done = Counter(what for call in calls if call["status"] < 300 for what in _acts(call["operation"], call))
    return [f"done {count} times: {what}" for what, count in sorted(done.items()) if count > 1]


def _acts(operation: str, call: Json) -> list[str]:
    body = call.get("body") or {}
    if operation == "BatchActionScalingInstances":
        return [f"{body['action']} {instance_id}" for instance_id in body["instances_id"]]
    if operation == "AttachCallbackInstanceLifeCycleHook":
        return [f"{body['lifecycle_action_result']} {body.get('instance_id') or body.get('lifecycle_action_key')}"]
    if operation == "ActionScalingPolicy" and body.get("action") == "execute":
        return [f"execute {call['path']}"]
    return []


def same_as_recording(recorded: Json, now: Json) -> list[str]:
    """An interrupted run ends where an undisturbed one does."""
    return [f"differs from the undisturbed run: {line}" for line in difference(recorded, now)]


def idempotent(sent: Iterable[Sent], written: Iterable[str], before: Json, after: Json) -> list[str]:
    """One more start writes nothing; only the account's quotas and users may have moved since they were counted."""
    found = [f"after convergence a restart sends {item}" for item in sent]
    found += [f"after convergence a restart writes {line}" for line in written if "/cloudaccounts/" not in line]
    return found + [f"a restart changes {line}" for line in difference(before, after)]
