"""Small statements about an end state, put together by the scenarios. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.faults import snapshot
from tests.faults.stage import View
from tests.faults.wire import plain

Check = Callable[[View], list[str]]


def all_of(*checks: Check) -> Check:
    return lambda view: [problem for check in checks for problem in check(view)]


def group(name: str = "web", **fields: Any) -> Check:
    """Exactly one cloud group of this name, with these vendor fields."""

    def check(view: View) -> list[str]:
        found = view.groups(name)
        if len(found) != 1:
            return [f"{len(found)} cloud groups named {name}, 1 expected"]
        return [
            f"cloud group {name}: {key} is {found[0].get(key)!r}, not {value!r}"
            for key, value in fields.items()
            if found[0].get(key) != value
        ]

    return check


def no_groups(view: View) -> list[str]:
    """Every cloud group is gone."""
    return [f"leak: cloud group {g['scaling_group_name']}" for g in view.tenant["groups"].values()]


def tags(name: str, *expected: str) -> Check:
    """The tags of a cloud group, `key=value`, our own by its key alone."""

    def check(view: View) -> list[str]:
        rows = [row for row in snapshot.cloud(view.tenant)["groups"] if row["name"] == name]
        seen = rows[0]["tags"] if rows else None
        return [] if seen == sorted(expected) else [f"cloud group {name} has the tags {seen}, not {sorted(expected)}"]

    return check


def servers(**expected: int) -> Check:
    """Servers by what became of them, none unsaid: members, released, kept (made by the group), by_hand (kept)."""
    names = {
        "as ACTIVE member": "members",
        "as DELETED outside": "released",
        "as ACTIVE outside": "kept",
        "manual ACTIVE outside": "by_hand",
        "manual ACTIVE member": "attached",
    }

    def check(view: View) -> list[str]:
        counted = snapshot.cloud(view.tenant)["servers"]
        seen = {names.get(key, key): count for key, count in counted.items()}
        return [] if seen == expected else [f"servers are {seen}, not {expected}"]

    return check


def no_servers(view: View) -> list[str]:
    """Every server that a group has made is released."""
    left = [row for row in view.tenant["servers"].values() if row["created_by"] == "as" and row["status"] != "DELETED"]
    return [f"leak: {len(left)} servers are left"] if left else []


def configurations(*expected: str) -> Check:
    """The launch configurations of the cloud, by name without marks."""

    def check(view: View) -> list[str]:
        rows = view.tenant["configurations"].values()
        seen = sorted(plain(row["scaling_configuration_name"]) for row in rows)
        return [] if seen == sorted(expected) else [f"cloud configurations are {seen}, not {sorted(expected)}"]

    return check


def policies(*expected: str) -> Check:
    """The policies of the cloud, by name without marks, with `!` in front where paused."""

    def check(view: View) -> list[str]:
        rows = view.tenant["policies"].values()
        seen = sorted(
            ("!" if row["policy_status"] == "PAUSED" else "") + plain(row["scaling_policy_name"]) for row in rows
        )
        return [] if seen == sorted(expected) else [f"cloud policies are {seen}, not {sorted(expected)}"]

    return check


def tasks(*expected: str) -> Check:
    """The scheduled tasks of all groups, by name without marks."""

    def check(view: View) -> list[str]:
        rows = [row for group in view.tenant["groups"].values() for row in group["scheduled_tasks"]]
        seen = sorted(plain(row["name"]) for row in rows)
        return [] if seen == sorted(expected) else [f"scheduled tasks are {seen}, not {sorted(expected)}"]

    return check


def no_objects(view: View) -> list[str]:
    """No custom resource is left but the account."""
    return [f"{plural}/{name} still exists" for plural, name in view.objects if plural != "cloudaccounts"]
