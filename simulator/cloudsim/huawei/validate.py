"""Checks of request bodies as values: a table of fields is data, `check` applies it. Knows no operation."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cloudsim.huawei.errors import ApiError

Check = Callable[[Any], None]

NAME = re.compile(r"[A-Za-z0-9_\-\u4e00-\u9fff]*")
REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:\-]{0,127}")
UNSUPPORTED = "0022"


@dataclass(frozen=True, slots=True)
class Field:
    """One member of a body: its check, and the code for leaving it out (None: optional)."""

    check: Check
    missing: str | None = None


Table = Mapping[str, Field]


def body(value: Any, table: Table) -> dict[str, Any]:
    """Return the members that are not null; refuse unknown, missing and wrong ones."""
    if not isinstance(value, dict):
        raise ApiError(UNSUPPORTED, "an object is expected")
    unknown = [name for name in value if name not in table]
    if unknown:
        raise ApiError(UNSUPPORTED, ", ".join(sorted(unknown)))
    given = {name: member for name, member in value.items() if member is not None}
    for name, field in table.items():
        if name in given:
            field.check(given[name])
        elif field.missing is not None:
            raise ApiError(field.missing, name)
    return given


def update_body(value: Any, table: Table, own: str, own_id: str) -> dict[str, Any]:
    """Read a body like `body`; it may repeat the id that the path names, as some clients do, but no other one."""
    if isinstance(value, dict) and value.get(own) == own_id:
        value = {name: member for name, member in value.items() if name != own}
    return body(value, table)


def name(missing: str, too_long: str, characters: str, limit: int = 64) -> Check:
    """Check a name of 1 to 64 letters, digits, `_`, `-` or Chinese characters."""

    def check(value: Any) -> None:
        if not isinstance(value, str):
            raise ApiError(characters)
        if not value:
            raise ApiError(missing)
        if len(value) > limit:
            raise ApiError(too_long, value)
        if not NAME.fullmatch(value):
            raise ApiError(characters, value)

    return check


def text(code: str, low: int = 0, high: int = 1 << 20) -> Check:
    """Check a string by its length."""

    def check(value: Any) -> None:
        if not isinstance(value, str) or not low <= len(value) <= high:
            raise ApiError(code)

    return check


def pattern(code: str, form: re.Pattern[str]) -> Check:
    """Check a string by its form."""

    def check(value: Any) -> None:
        if not isinstance(value, str) or not form.fullmatch(value):
            raise ApiError(code, str(value)[:64])

    return check


def reference(code: str) -> Check:
    """Check that an id is well formed; whether it exists is another question."""
    return pattern(code, REFERENCE)


def optional_reference(code: str) -> Check:
    """Check an id that may also be empty, which some clients send for none."""
    check = reference(code)
    return lambda value: None if value == "" else check(value)


def integer(code: str, low: int, high: int | None = None) -> Check:
    """Check a whole number; a string of digits is not one."""

    def check(value: Any) -> None:
        if not isinstance(value, int) or isinstance(value, bool):
            raise ApiError(code, str(value)[:64])
        if value < low or (high is not None and value > high):
            raise ApiError(code, str(value))

    return check


def number(code: str, low: float, high: float) -> Check:
    """Check a number."""

    def check(value: Any) -> None:
        if not isinstance(value, int | float) or isinstance(value, bool) or not low <= value <= high:
            raise ApiError(code, str(value)[:64])

    return check


def one_of(code: str, *values: Any) -> Check:
    """Check that a value is one of a few, also by type (1 is not true)."""

    def check(value: Any) -> None:
        if not any(value == known and type(value) is type(known) for known in values):
            raise ApiError(code, str(value)[:64])

    return check


def boolean(code: str = UNSUPPORTED) -> Check:
    """Check a JSON true or false; the strings "yes" and "true" are neither."""
    return one_of(code, True, False)


def each(check: Check, code: str, high: int, too_many: str | None = None, low: int = 0) -> Check:
    """Check a list and every member of it."""

    def run(value: Any) -> None:
        if not isinstance(value, list) or len(value) < low:
            raise ApiError(code)
        if len(value) > high:
            raise ApiError(too_many or code, str(len(value)))
        for member in value:
            check(member)

    return run


def nested(table: Table, code: str | None = None) -> Check:
    """Check an object by its own table; a value that is no object is refused with the given code."""

    def check(value: Any) -> None:
        if code is not None and not isinstance(value, dict):
            raise ApiError(code)
        body(value, table)

    return check


def query_choice(query: Mapping[str, str], key: str, code: str, *values: str) -> str | None:
    """Return a query parameter that must be one of a few, or None when it is absent."""
    value = query.get(key)
    if value is not None and value not in values:
        raise ApiError(code, value)
    return value
