"""The rules that every generated schema keeps, walked over all six kinds."""

import re
from collections.abc import Iterator
from typing import Annotated, ClassVar

import pytest

from cloudscaling.api import meta
from cloudscaling.api.base import ApiModel, Immutable, Json, Resource, Rule, Spec, keyed
from cloudscaling.api.schema import kind_schema
from cloudscaling.api.v1alpha1 import MODELS

SCHEMAS = {kind: kind_schema(model).schema for kind, model in MODELS.items()}
# Standard members whose schema is the API server's.
STANDARD = {"apiVersion", "kind", "metadata"}


def walk(schema: Json, path: str) -> Iterator[tuple[str, Json]]:
    """Every schema below and the one given, with its path."""
    yield path, schema
    for name, member in schema.get("properties", {}).items():
        if path or name not in STANDARD:
            yield from walk(member, f"{path}.{name}")
    if "items" in schema:
        yield from walk(schema["items"], f"{path}[]")
    if "additionalProperties" in schema:
        yield from walk(schema["additionalProperties"], f"{path}{{}}")


NODES = [(f"{kind}{path}", schema) for kind in MODELS for path, schema in walk(SCHEMAS[kind], "")]


def test_every_field_is_described() -> None:
    """kubectl explain has a sentence for each."""
    silent = [
        f"{path}.{name}"
        for path, schema in NODES
        for name, member in schema.get("properties", {}).items()
        if name not in STANDARD and not re.search(r"[a-zA-Z].*\.$", member.get("description", ""))
    ]
    assert silent == []


def test_everything_is_bounded() -> None:
    """Strings, lists and maps have a largest size; enums are bounded by themselves."""
    unbounded = [
        path
        for path, schema in NODES
        if (schema.get("type") == "string" and not {"enum", "maxLength"} & schema.keys())
        or (schema.get("type") == "array" and "maxItems" not in schema)
        or ("additionalProperties" in schema and "maxProperties" not in schema)
    ]
    assert unbounded == []


def test_every_list_says_how_it_is_merged() -> None:
    """Lists are atomic, sets or maps; the keys of a map are required members of its items."""
    for path, schema in NODES:
        if schema.get("type") != "array":
            continue
        assert schema["x-kubernetes-list-type"] in {"atomic", "set", "map"}, path
        keys = schema.get("x-kubernetes-list-map-keys", [])
        assert set(keys) <= set(schema["items"].get("required", [])), path


def test_numbers_are_sized_integers() -> None:
    """No floats anywhere, and every integer has a format."""
    assert {schema.get("format") for _, schema in NODES if schema.get("type") == "integer"} == {"int32", "int64"}
    assert [path for path, schema in NODES if schema.get("type") == "number"] == []


def test_only_two_objects_have_a_default() -> None:
    """A default for a block would give life to a block nobody asked for; both are written out in full."""
    found = {path: schema["default"] for path, schema in NODES if isinstance(schema.get("default"), dict)}
    assert found == {
        "CloudAccount.spec.rateLimit": {"requestsPerSecond": 10, "burst": 20},
        "CloudAccount.spec.polling": {"idleSeconds": 60, "activeSeconds": 10},
    }


def test_status_has_no_defaults() -> None:
    """The server invents nothing in a status."""
    assert [path for path, schema in NODES if ".status" in path and "default" in schema] == []


def test_schemas_are_structural() -> None:
    """Only the keywords of structural schemas are used, and unknown fields are pruned everywhere."""
    allowed = {
        *("type", "description", "properties", "required", "items", "additionalProperties", "default", "enum"),
        *("format", "pattern", "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems"),
        *("maxProperties", "anyOf", "x-kubernetes-validations", "x-kubernetes-list-type"),
        *("x-kubernetes-list-map-keys", "x-kubernetes-int-or-string"),
    }
    assert {keyword for _, schema in NODES for keyword in schema} <= allowed


def test_vendor_blocks_exclude_each_other_everywhere() -> None:
    """Wherever two vendor blocks stand side by side, there is the rule for at most one."""
    vendors = {"huawei", "otc", "alibaba", "tencent"}
    for path, schema in NODES:
        if len(vendors & schema.get("properties", {}).keys()) > 1:
            messages = [rule["message"] for rule in schema.get("x-kubernetes-validations", [])]
            assert "at most one vendor block" in messages, path


def test_rule_ids_are_those_of_the_design() -> None:
    """None of the numbered rules is missing; `I` rules stand for immutable fields."""
    ids = {placed.rule.id for model in MODELS.values() for placed in kind_schema(model).rules}
    counts = {"V": 2, "A": 7, "L": 12, "G": 12, "P": 12, "O": 9, "R": 3}
    numbered = {f"{letter}{number}" for letter, count in counts.items() for number in range(1, count + 1)}
    assert {rule_id for rule_id in ids if not rule_id.startswith("I:")} == numbered


@pytest.mark.parametrize("kind", MODELS)
def test_columns_and_selectors_point_at_fields(kind: str) -> None:
    """No printer column, selectable field or scale path leads nowhere."""
    about = meta.KINDS[kind]
    paths = {path for path, _ in walk(SCHEMAS[kind], "")}
    scale = (about.scale.spec_replicas, about.scale.status_replicas, about.scale.selector) if about.scale else ()
    for path in [*(column.path for column in about.columns), *about.selectable, *scale]:
        if not path.startswith((".metadata", ".status.conditions[?")):
            assert path in paths


class Block(ApiModel):
    """A block."""

    id: Annotated[str, Immutable("make another block")]
    """Its id."""


class Item(ApiModel):
    """An item."""

    name: str
    """Its name."""
    weight: int = 50
    """Its weight."""


class ThingSpec(Spec):
    """A spec."""

    rules: ClassVar = (Rule("T1", "self.size > 0", "size must be positive"),)

    size: Annotated[int, Immutable()]
    """Its size."""
    block: Block | None = None
    """A block."""
    items: Annotated[tuple[Item, ...], keyed(3, "name")] | None = None
    """Its items."""


class ThingStatus(ApiModel):
    """A status."""


class Thing(Resource):
    """A thing."""

    spec: ThingSpec
    """What it shall be."""
    status: ThingStatus = ThingStatus()
    """What it is."""


def test_model_becomes_schema() -> None:
    """The whole schema of a small spec, immutable flags turned into transition rules."""
    assert kind_schema(Thing).schema["properties"]["spec"] == {
        "description": "What it shall be.",
        "type": "object",
        "required": ["size"],
        "properties": {
            "size": {
                "description": "Its size.",
                "type": "integer",
                "format": "int32",
                "x-kubernetes-validations": [
                    {"rule": "self == oldSelf", "message": "size is immutable; create another Thing"}
                ],
            },
            "block": {
                "description": "A block.",
                "type": "object",
                "required": ["id"],
                "properties": {"id": {"description": "Its id.", "type": "string", "maxLength": 256}},
            },
            "items": {
                "description": "Its items.",
                "type": "array",
                "maxItems": 3,
                "x-kubernetes-list-type": "map",
                "x-kubernetes-list-map-keys": ["name"],
                "items": {
                    "description": "An item.",
                    "type": "object",
                    "required": ["name"],
                    "properties": {
                        "name": {"description": "Its name.", "type": "string", "maxLength": 256},
                        "weight": {"description": "Its weight.", "type": "integer", "format": "int32", "default": 50},
                    },
                },
            },
        },
        "x-kubernetes-validations": [
            {"rule": "self.size > 0", "message": "size must be positive"},
            {
                "rule": "(has(self.block) && has(self.block.id)) == (has(oldSelf.block) && has(oldSelf.block.id)) && "
                "(!(has(self.block) && has(self.block.id)) || self.block.id == oldSelf.block.id)",
                "message": "block.id is immutable; make another block",
            },
        ],
    }
