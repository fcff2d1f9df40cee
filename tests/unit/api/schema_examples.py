"""Objects that have every field of a schema. Used by the tests of the models, here and in tests/e2e."""

import itertools
from collections.abc import Callable
from typing import Any

Json = dict[str, Any]

_COUNTER = itertools.count(1)


def complete(schema: Json) -> Any:
    """A value with every member."""
    if "enum" in schema:
        return schema["enum"][-1]
    if schema.get("x-kubernetes-int-or-string"):
        return "34%"
    return _BY_TYPE[schema["type"]](schema)


def _object(schema: Json) -> Json:
    if "additionalProperties" in schema:
        return {f"key-{next(_COUNTER)}": complete(schema["additionalProperties"])}
    return {name: complete(member) for name, member in schema.get("properties", {}).items()}


def _text(schema: Json) -> str:
    number = next(_COUNTER)
    if schema.get("format") == "date-time":
        return f"2026-03-{number % 28 + 1:02}T06:00:00Z"
    pattern = schema.get("pattern", "")
    special = {"/dev": "/dev/xvdb", "https": f"https://host{number}.example.org", "%": "10%", ",:]": "Valid"}
    found = [example for hint, example in special.items() if hint in pattern]
    if found:
        return found[0]
    return f"{number}" if "[.]" in pattern else f"n{number}"


_BY_TYPE: dict[str, Callable[[Json], Any]] = {
    "object": _object,
    "array": lambda schema: [complete(schema["items"])],
    "string": _text,
    "integer": lambda schema: min(max(next(_COUNTER), schema.get("minimum", 0)), schema.get("maximum", 10**6)),
    "boolean": lambda schema: True,
}
