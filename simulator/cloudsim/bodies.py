"""What the administrator may send, as tables of fields. Used by admin, faults and the vendors; knows no call.

A check is given the name of a field and its value; what is wrong is a ValueError that names the field and the reason.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from typing import Any

Check = Callable[[str, Any], None]
Table = Mapping[str, Check]

_SHOWN = 60  # characters of a wrong value


def read(raw: bytes) -> dict[str, Any]:
    """The object in a body, an empty one when there is no body."""
    try:
        document = json.loads(raw, parse_constant=_no_number) if raw else {}
    except (ValueError, RecursionError) as error:
        raise ValueError(f"the body is not JSON: {error}") from error
    if not isinstance(document, dict):
        raise ValueError("the body must be a JSON object")
    return document


def check(document: Mapping[str, Any], table: Table, where: str = "") -> None:
    """Refuse fields that the table does not have, then look at the values of the others."""
    unknown = sorted(set(document) - set(table))
    if unknown:
        raise ValueError(f"{where}{unknown[0]}: there is no such field, only {', '.join(sorted(table))}")
    for name, value in document.items():
        table[name](f"{where}{name}", value)


def anything(where: str, value: Any) -> None:
    """Accept any value."""


def text(where: str, value: Any) -> None:
    """A string."""
    _must(isinstance(value, str), where, value, "be a text")


def flag(where: str, value: Any) -> None:
    """A boolean."""
    _must(isinstance(value, bool), where, value, "be true or false")


def whole(least: int, most: int | None = None) -> Check:
    """A whole number within bounds."""
    asked = f"be a whole number from {least}" + (f" to {most}" if most is not None else "")

    def check_whole(where: str, value: Any) -> None:
        fits = isinstance(value, int) and not isinstance(value, bool) and least <= value
        _must(fits and (most is None or value <= most), where, value, asked)

    return check_whole


def number(least: float, most: float) -> Check:
    """A number within bounds, which keep the infinite ones and those that are none out."""

    def check_number(where: str, value: Any) -> None:
        fits = isinstance(value, int | float) and not isinstance(value, bool)
        _must(fits and least <= value <= most, where, value, f"be a number from {least:g} to {most:g}")

    return check_number


def one_of(known: Collection[str], what: str) -> Check:
    """One of the texts that are known."""

    def check_one(where: str, value: Any) -> None:
        _must(isinstance(value, str) and value in known, where, value, f"be {what}: {', '.join(sorted(known))}")

    return check_one


def optional(inner: Check) -> Check:
    """Null, or what another check takes."""
    return lambda where, value: None if value is None else inner(where, value)


def each(inner: Check) -> Check:
    """A list of values that all pass."""

    def check_each(where: str, value: Any) -> None:
        _must(isinstance(value, list), where, value, "be a list")
        for index, entry in enumerate(value):
            inner(f"{where}[{index}]", entry)

    return check_each


def mapping(inner: Check, table: Table | None = None) -> Check:
    """An object whose values pass: those of the table by its checks, all others by `inner`."""

    def check_mapping(where: str, value: Any) -> None:
        _must(isinstance(value, dict), where, value, "be an object")
        for name, entry in value.items():
            (table or {}).get(name, inner)(f"{where}.{name}", entry)

    return check_mapping


def _must(fits: bool, where: str, value: Any, asked: str) -> None:
    if not fits:
        raise ValueError(f"{where}: must {asked}, not {json.dumps(value)[:_SHOWN]}")


def _no_number(constant: str) -> float:
    raise ValueError(f"{constant} is not a JSON value")
