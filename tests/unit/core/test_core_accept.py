"""What can be said about a spec without the cloud."""

from __future__ import annotations

from typing import Any

import pytest

from cloudscaling.core.accept import Problem, check
from cloudscaling.core.fields import NOT_IMPLEMENTED, OPERATOR, Rule, unsupported

TABLE = {
    "number": Rule(low=1, high=9),
    "word": Rule(values=frozenset({"A", "B"})),
    "words": Rule(values=frozenset({"A", "B"}), min_items=1, max_items=2),
    "text": Rule(max_length=3),
    "items": Rule(max_items=2),
    "items[].size": Rule(low=10),
    "items[].gone": unsupported("use size"),
    "items[].later": NOT_IMPLEMENTED,
    "deep.lacking": unsupported("use number"),
    "deep.later": NOT_IMPLEMENTED,
    "own": OPERATOR,
    "needed": Rule(required=True),
    "companion": Rule(required_with="word"),
    "either": Rule(not_with="or.other"),
    "or.other": Rule(),
}


def judged(**spec: Any) -> list[tuple[str, str]]:
    given = {"needed": 1, **spec}
    return [(p.path, p.reason) for p in check(given, TABLE, vendor="Huawei", block="huawei")]


@pytest.mark.parametrize(
    ("spec", "path", "reason"),
    [
        ({"number": 0}, "number", "InvalidValue"),
        ({"number": 10}, "number", "InvalidValue"),
        ({"word": "C", "companion": 1}, "word", "InvalidValue"),
        ({"words": []}, "words", "InvalidValue"),
        ({"either": [1], "or": {"other": [1]}}, "either", "InvalidValue"),
        ({"words": ["A", "C"]}, "words", "InvalidValue"),
        ({"words": ["A", "B", "A"]}, "words", "InvalidValue"),
        ({"text": "long"}, "text", "InvalidValue"),
        ({"items": [{"size": 10}, {"size": 9}]}, "items[1].size", "InvalidValue"),
        ({"items": [{"gone": 1}]}, "items[0].gone", "Unsupported"),
        ({"items": [{"later": 1}]}, "items[0].later", "NotImplemented"),
        ({"items": [{"new": 1}]}, "items[0].new", "NotImplemented"),
        ({"items": [{}, {}, {}]}, "items", "InvalidValue"),
        ({"deep": {"lacking": 1}}, "deep.lacking", "Unsupported"),
        ({"deep": {"later": 1}}, "deep.later", "NotImplemented"),
        ({"deep": {"new": 1}}, "deep.new", "NotImplemented"),
        ({"new": 1}, "new", "NotImplemented"),
        ({"needed": None, "word": "A", "companion": 1}, "", ""),
        ({"word": "A"}, "companion", "MissingValue"),
    ],
    ids=lambda value: str(value),
)
def test_a_problem_names_the_path_and_the_reason(spec: dict[str, Any], path: str, reason: str) -> None:
    """One field, one problem."""
    assert judged(**spec) == ([(path, reason)] if path else [])


def test_every_message_starts_with_the_path() -> None:
    """A user finds the field."""
    spec = {"number": 0, "deep": {"lacking": 1, "later": 2}, "items": [{"size": 1}]}
    for problem in check(spec, TABLE, vendor="Huawei", block="huawei"):
        assert problem.message.startswith(f"{problem.path}:")


def test_a_demanded_value_that_is_missing_is_named() -> None:
    """MissingValue where the CRD cannot demand it."""
    assert check({}, TABLE, vendor="Huawei", block="huawei")[0] == Problem(
        "needed", "MissingValue", "needed: Huawei demands it"
    )


def test_an_unsupported_field_names_the_alternative() -> None:
    """The hint of the table stands behind it."""
    found = check({"needed": 1, "deep": {"lacking": 1}}, TABLE, vendor="Huawei", block="huawei")
    assert found[0].message == "deep.lacking: Huawei has no such setting; use number"


@pytest.mark.parametrize("other", ["otc", "alibaba", "tencent"])
def test_the_block_of_another_vendor_is_fatal_and_hides_the_rest(other: str) -> None:
    """Nothing of such an object may be written."""
    found = check({other: {}, "number": 0}, TABLE, vendor="Huawei", block="huawei")
    assert [(p.path, p.reason, p.fatal) for p in found] == [(other, "VendorBlockMismatch", True)]


def test_the_own_block_is_no_mismatch() -> None:
    """Its members are judged like all others."""
    assert judged(huawei={"new": 1}) == [("huawei", "NotImplemented")]


def test_numbers_and_flags_are_not_confused() -> None:
    """True is not one."""
    assert judged(number=True) == []
