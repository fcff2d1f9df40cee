"""Models -> OpenAPI schemas as a CustomResourceDefinition takes them.

Called by crdgen (to write) and by reference and tests (to read). Knows the rules every schema keeps:
structural, every string, list and map bounded, defaults only in specs, immutability as CEL transition rules.
"""

import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal, Union

from pydantic.fields import FieldInfo

from cloudscaling.api.base import DEFAULT_MAX_LENGTH, ApiModel, Immutable, Json, Resource, Rule, Schema, Spec

# RFC 3339 with nanoseconds and offset is 35 characters long.
_TIME = {"type": "string", "format": "date-time", "maxLength": 64}
_SCALARS: Mapping[type, Json] = {
    bool: {"type": "boolean"},
    int: {"type": "integer", "format": "int32"},
    str: {"type": "string", "maxLength": DEFAULT_MAX_LENGTH},
    datetime: _TIME,
}
_LITERALS: Mapping[type, str] = {bool: "boolean", int: "integer", str: "string"}


@dataclass(frozen=True, slots=True)
class PlacedRule:
    """A CEL rule and the path of the object it is checked on; `[]` stands for the items of a list."""

    path: str
    rule: Rule


@dataclass(frozen=True, slots=True)
class KindSchema:
    """Schema of one kind and, for tests and the reference, where its rules stand."""

    schema: Json
    rules: tuple[PlacedRule, ...]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in a kind the walk is."""

    kind: str
    path: tuple[str, ...] = ()
    always_there: bool = True
    """Every object of the kind has this part, so a transition rule on it cannot be escaped."""
    defaults: bool = True
    flags: bool = True
    """Immutable flags count; not in a spec that is immutable as a whole."""
    rules: list[PlacedRule] = field(default_factory=list)
    escaped: list[Rule] = field(default_factory=list)
    """Rules of immutable fields in optional blocks, to be checked on spec."""

    def member(self, name: str, always_there: bool) -> "_Place":
        return replace(self, path=(*self.path, name), always_there=self.always_there and always_there)

    def item(self) -> "_Place":
        *parents, last = self.path
        return replace(self, path=(*parents, last + "[]"), always_there=False)


def kind_schema(model: type[Resource]) -> KindSchema:
    """The whole schema of a kind."""
    members = typing.get_type_hints(model)
    place = _Place(model.__name__)
    spec = _spec_schema(members["spec"], place.member("spec", always_there=True))
    status = _object_schema(members["status"], replace(place.member("status", False), defaults=False))
    root: Json = {
        "description": _sentence(model),
        "type": "object",
        "required": ["spec"],
        "properties": {
            "apiVersion": {"type": "string", "description": "Version of the schema of this object."},
            "kind": {"type": "string", "description": "Kind of this object."},
            "metadata": {"type": "object"},
            "spec": {**spec, "description": _description(model, "spec")},
            "status": {**status, "description": _description(model, "status")},
        },
    }
    _add_rules(root, model.rules, place)
    return KindSchema(root, tuple(place.rules))


def _spec_schema(model: type[Spec], place: _Place) -> Json:
    place = replace(place, flags=not model.mutable_only)
    schema = _object_schema(model, place)
    _add_rules(schema, place.escaped, place)
    if model.mutable_only:
        _add_rules(schema, [_whole_spec_rule(model, schema, place.kind)], place)
    return schema


def _object_schema(model: type[ApiModel], place: _Place) -> Json:
    hints = typing.get_type_hints(model, include_extras=True)
    schema: Json = {"description": _sentence(model), "type": "object"}
    required, properties = [], {}
    for name, info in model.model_fields.items():
        alias = info.alias or name
        if info.is_required():
            required.append(alias)
        there = info.is_required() or info.default not in (None, ())
        properties[alias] = _member_schema(hints[name], info, place.member(alias, there))
    if required:
        schema["required"] = required
    if properties:
        schema["properties"] = properties
    _add_rules(schema, model.rules, place)
    return schema


def _member_schema(annotation: Any, info: FieldInfo, place: _Place) -> Json:
    schema = _value_schema(annotation, place)
    schema = {"description": " ".join((info.description or "").split()), **_without(schema, "description")}
    if place.defaults and not info.is_required() and info.default is not None:
        schema["default"] = _plain(info.default)
    for extra in _extras(annotation):
        if isinstance(extra, Rule):
            _add_rules(schema, [extra], place)
        if isinstance(extra, Immutable) and place.flags:
            _make_immutable(schema, extra, place)
    return schema


def _value_schema(annotation: Any, place: _Place) -> Json:
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is Annotated:
        schema = _value_schema(arguments[0], place)
        for extra in arguments[1:]:
            schema |= extra.keywords if isinstance(extra, Schema) else {}
        return _without(schema, "maxLength") if "enum" in schema else schema
    builder = _BUILDERS.get(origin)
    if builder:
        return builder(arguments, place)
    if annotation in _SCALARS:
        return dict(_SCALARS[annotation])
    if issubclass(annotation, StrEnum):
        return {"type": "string", "enum": [str(value) for value in annotation]}
    return _object_schema(annotation, place)


def _union_schema(arguments: tuple[Any, ...], place: _Place) -> Json:
    members = [argument for argument in arguments if argument is not type(None)]
    if members == [int, str]:
        return {"x-kubernetes-int-or-string": True, "anyOf": [{"type": "integer"}, {"type": "string"}]}
    (member,) = members
    return _value_schema(member, place)


def _literal_schema(values: tuple[Any, ...], place: _Place) -> Json:
    return {"type": _LITERALS[type(values[0])], "enum": list(values)}


def _list_schema(arguments: tuple[Any, ...], place: _Place) -> Json:
    return {"type": "array", "items": _value_schema(arguments[0], place.item())}


def _map_schema(arguments: tuple[Any, ...], place: _Place) -> Json:
    return {"type": "object", "additionalProperties": _value_schema(arguments[1], place)}


_BUILDERS: Mapping[Any, Callable[[tuple[Any, ...], _Place], Json]] = {
    Union: _union_schema,
    types.UnionType: _union_schema,
    Literal: _literal_schema,
    tuple: _list_schema,
    dict: _map_schema,
}


def _make_immutable(schema: Json, flag: Immutable, place: _Place) -> None:
    """On a field that is always there the rule stands on the field; else on spec, where dropping the block
    does not escape it. Comparing optional values there would exceed the API server's cost budget."""
    path = place.path[1:]
    message = f"{'.'.join(path)} is immutable; {flag.instead.format(kind=place.kind)}"
    rule_id = f"I:{'.'.join(path)}"
    if place.always_there:
        _add_rules(schema, [Rule(rule_id, "self == oldSelf", message)], place)
        return
    steps = [".".join(path[: depth + 1]) for depth in range(len(path))]
    new, old = (" && ".join(f"has({root}.{step})" for step in steps) for root in ("self", "oldSelf"))
    joined = ".".join(path)
    expression = f"({new}) == ({old}) && (!({new}) || self.{joined} == oldSelf.{joined})"
    place.escaped.append(Rule(rule_id, expression, message))


def _whole_spec_rule(model: type[Spec], schema: Json, kind: str) -> Rule:
    """One rule for all members but the mutable ones."""
    terms = []
    for name, member in schema["properties"].items():
        if name in model.mutable_only:
            continue
        always_there = name in schema.get("required", ()) or "default" in member
        same = f"self.{name} == oldSelf.{name}"
        terms.append(
            same if always_there else f"(has(self.{name}) == has(oldSelf.{name}) && (!has(self.{name}) || {same}))"
        )
    *first, last = model.mutable_only
    but = f"{', '.join(first)} and {last}"
    message = f"spec is immutable but for {but}; create another {kind}"
    return Rule(model.immutable_rule, " && ".join(terms), message)


def _add_rules(schema: Json, rules: typing.Iterable[Rule], place: _Place) -> None:
    for rule in rules:
        validation: Json = {"rule": rule.expression, "message": rule.message}
        if rule.optional_old_self:
            validation["optionalOldSelf"] = True
        schema.setdefault("x-kubernetes-validations", []).append(validation)
        place.rules.append(PlacedRule(".".join(place.path), rule))


def _extras(annotation: Any) -> tuple[Any, ...]:
    return typing.get_args(annotation)[1:] if typing.get_origin(annotation) is Annotated else ()


def _plain(value: Any) -> Any:
    if isinstance(value, ApiModel):
        return value.model_dump(by_alias=True, exclude_none=True, mode="json")
    return str(value) if isinstance(value, StrEnum) else value


def _without(schema: Json, key: str) -> Json:
    return {name: value for name, value in schema.items() if name != key}


def _sentence(model: type[ApiModel]) -> str:
    return " ".join((model.__doc__ or "").split())


def _description(model: type[ApiModel], name: str) -> str:
    return " ".join((model.model_fields[name].description or "").split())
