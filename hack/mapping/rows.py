"""Field by field: where it goes, in which words, within which limits. Called by pages.

A field goes where the body changes when the field does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field

from cloudscaling import errors
from cloudscaling.api.reference import members
from cloudscaling.api.schema import kind_schema
from cloudscaling.api.v1alpha1 import MODELS
from cloudscaling.core.accept import BLOCKS, check
from cloudscaling.core.capabilities import Capabilities
from cloudscaling.core.fields import Mutability, Rule, Support, Table
from mapping import probe
from mapping.probe import Json, Sent
from mapping.samples import OTHERS, SAMPLES
from mapping.specs import get, in_block, is_possible, pruned, replaced, rule_of

_REFERENCE = "Ref"  # how the names of references to other objects end; they are one thing, whatever is in them
Place = tuple[str, str]  # operation, place in its body


@dataclass
class Row:
    """One leaf of a spec in one cloud."""

    path: str
    rule: Rule
    mutability: Mutability
    refused: str = ""
    places: dict[Place, None] = field(default_factory=dict)  # a set that keeps its order
    heard: list[tuple[Json, Sent]] = field(default_factory=list)  # of a field with few values: what each is sent as

    @property
    def words(self) -> dict[str, str]:
        """Values that the cloud calls otherwise: in the spec -> in the cloud, "" for what is not sent."""
        pairs: dict[str, str] = {}
        for value, sent in self.heard:
            words = [sent[place] for place in self.places if place in sent]
            texts = [_shown(word) for word in words if len(self.places) == 1 or isinstance(word, str)]
            pairs.setdefault(_shown(value), ", ".join(texts))
        if len(self.places) > 1 and pairs.keys() <= {"true", "false"}:
            return {}
        return pairs if len(pairs) > 1 and any(own != word for own, word in pairs.items()) else {}


def table_of(able: Capabilities, kind: str) -> Table:
    return {
        "LaunchConfiguration": able.launch_configuration_fields,
        "ScalingGroup": able.group_fields,
        "ScalingPolicy": able.policy_fields,
    }[kind]


def of(vendor: str, kind: str) -> list[Row]:
    """A row for every field that the vendor serves, in the order of the reference."""
    able = probe.account(vendor, probe.Ear()).capabilities
    table = table_of(able, kind)
    rows = {path: Row(path, rule, _mutability(path, table)) for path, rule in _served(kind, able.block, table)}
    for sample in SAMPLES[kind]:
        spec = pruned(in_block(sample, able.block), table)
        if is_possible(spec, table):
            asyncio.run(_look(vendor, kind, _without_refused(spec, able, table, rows), rows))
    return list(rows.values())


def _served(kind: str, block: str, table: Table) -> Iterator[tuple[str, Rule]]:
    for path, schema, _ in members(_spec_schema(kind), ""):
        rule = rule_of(path, table)
        is_leaf = not schema.get("properties") and not schema.get("items", {}).get("properties")
        if not (is_leaf or path.endswith(_REFERENCE)) or _REFERENCE + "." in path or _is_foreign(path, block):
            continue
        whole = rule_of(path.partition("[]")[0], table)
        is_list_served = whole is not None and whole.support is Support.SERVED
        if rule is not None and rule.support is Support.SERVED and is_list_served:
            yield path, rule


def _is_foreign(path: str, block: str) -> bool:
    return any(part in BLOCKS and part != block for part in path.split("."))


def _spec_schema(kind: str) -> Json:
    return kind_schema(MODELS[kind]).schema["properties"]["spec"]


def _mutability(path: str, table: Table) -> Mutability:
    """Items of a list change with their list."""
    whole, items, _ = path.partition("[]")
    rule = rule_of(path, table)
    if items and rule is not None and rule.mutability is Mutability.IN_PLACE:
        rule = rule_of(whole, table) or rule
    return rule.mutability if rule is not None else Mutability.IN_PLACE


def _without_refused(spec: Json, able: Capabilities, table: Table, rows: dict[str, Row]) -> Json:
    """The sample without members of a block that the block's rule complains about; their rows say so."""
    for problem in check(spec, table, vendor=able.vendor, block=able.block):
        for path in [path for path in rows if path.startswith(f"{problem.path}.") and get(spec, path) is not None]:
            less = replaced(spec, path, None)
            if problem not in check(less, table, vendor=able.vendor, block=able.block):
                rows[path].refused = problem.message.removeprefix(f"{problem.path}: ")
                spec = less
    return spec


# --- looking ------------------------------------------------------------------------------------------------------


async def _look(vendor: str, kind: str, spec: Json, rows: dict[str, Row]) -> None:
    base = await probe.sent(vendor, kind, spec)
    schemas = {path: schema for path, schema, _ in members(_spec_schema(kind), "")}
    for path, row in rows.items():
        now = get(spec, path)
        if now is None:
            continue
        for value in _values(path, now, schemas[path], row.rule):
            try:
                sent = base if value == now else await probe.sent(vendor, kind, replaced(spec, path, value))
            except errors.Rejected:  # no value beside the others of this sample
                continue
            row.places |= dict.fromkeys(_changed(base, sent))
            if _is_fixed(schemas[path]) and value is not None:
                row.heard.append((value, sent))


def _is_fixed(schema: Json) -> bool:
    """A field with a few values, which a cloud may call otherwise."""
    return "enum" in schema or "enum" in schema.get("items", {}) or schema["type"] in ("integer", "array", "boolean")


def _values(path: str, now: Json, schema: Json, rule: Rule) -> list[Json]:
    """Other values for a field; for one with a fixed set of values, all that the cloud takes."""
    if path in OTHERS:
        return [*OTHERS[path]]
    if "enum" in schema.get("items", {}):
        return [[word] for word in _allowed(schema["items"]["enum"], rule)]
    if "enum" in schema or rule.values is not None:
        allowed = _allowed(schema.get("enum") or sorted(rule.values or (), key=str), rule)
        return allowed if len(allowed) > 1 else [now, None]
    if isinstance(now, bool):
        return [now, not now]
    if isinstance(now, list):
        return [[f"{now[0]}2"]]
    if isinstance(now, dict):
        return [{**now, "name": "other"}]
    return [now + 1 if isinstance(now, int) else f"{now}2"]


def _allowed(values: list[Json], rule: Rule) -> list[Json]:
    known = [value for value in values if rule.values is None or value in rule.values]
    return [value for value in known if value not in rule.lacking and value not in rule.not_yet]


def _changed(base: Sent, other: Sent) -> list[Place]:
    """Where bodies differ; what one of them lacks counts only if nothing else differs, whole calls never."""
    differ = [place for place in base if place in other and base[place] != other[place]]
    calls = {operation for operation, _ in base} & {operation for operation, _ in other}
    alone = [place for place in {**base, **other} if (place in base) != (place in other) and place[0] in calls]
    return differ or alone


def _shown(value: Json) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)
