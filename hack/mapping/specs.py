"""Samples as a vendor can take them, and their parts by path. Called by rows.

Paths are those of field tables: "[]" stands for the only item of a list.
"""

from __future__ import annotations

from copy import deepcopy

from cloudscaling.core.fields import Rule, Support, Table
from mapping.samples import Json


def rule_of(path: str, table: Table) -> Rule | None:
    """The rule of the path or of the nearest thing around it."""
    around = [known for known in table if path == known or path.startswith((f"{known}.", f"{known}[]."))]
    return table[max(around, key=len)] if around else None


def in_block(sample: Json, block: str) -> Json:
    return {block if name == "+" else name: deepcopy(value) for name, value in sample.items()}


def pruned(value: Json, table: Table, prefix: str = "") -> Json:
    """The sample without what the cloud does not have."""
    if isinstance(value, list):
        return [pruned(item, table, f"{prefix}[]") for item in value]
    if not isinstance(value, dict):
        return value
    kept = {}
    for name, item in value.items():
        path = f"{prefix}.{name}" if prefix else name
        rule = rule_of(path, table)
        if rule is None and not _is_deep(path, table):
            continue
        if rule is not None and (rule.support is not Support.SERVED or _is_lacking(item, rule)):
            continue
        kept[name] = pruned(item, table, path)
    return {name: item for name, item in kept.items() if item not in ({}, [])}


def _is_deep(path: str, table: Table) -> bool:
    return any(known.startswith((f"{path}.", f"{path}[].")) for known in table)


def _is_lacking(value: Json, rule: Rule) -> bool:
    return isinstance(value, str) and (value in rule.lacking or value in rule.not_yet)


def is_possible(spec: Json, table: Table) -> bool:
    """False for a policy that has nothing left to do, and for a public address that cannot be charged."""
    if "publicIp" in spec and "chargeMode" not in spec["publicIp"]:
        return False
    return "type" not in table or bool({"adjustment", "capacity"} & spec.keys() or spec.get("alarm", {}).get("steps"))


def get(spec: Json, path: str) -> Json:
    name, _, rest = path.partition(".")
    inner = (spec.get(name.removesuffix("[]")) or [None])[0] if name.endswith("[]") else spec.get(name)
    return get(inner, rest) if rest and inner is not None else inner


def replaced(spec: Json, path: str, value: Json) -> Json:
    """A copy with another value; None takes the field out."""
    name, _, rest = path.partition(".")
    if name.endswith("[]"):
        name = name.removesuffix("[]")
        return {**spec, name: [replaced(spec[name][0], rest, value)]}
    if rest:
        return {**spec, name: replaced(spec[name], rest, value)}
    return {key: item for key, item in {**spec, name: value}.items() if item is not None}
