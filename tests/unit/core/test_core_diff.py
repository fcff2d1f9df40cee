"""Flat paths of a spec, and what differs from the cloud."""

from __future__ import annotations

from cloudscaling.core.diff import Difference, differences, leaves, managed
from cloudscaling.core.fields import NOT_IMPLEMENTED, OPERATOR, Rule, unsupported

TABLE = {
    "plain": Rule(),
    "block.inner": Rule(),
    "block.other": NOT_IMPLEMENTED,
    "whole": Rule(),
    "own": OPERATOR,
    "lacking": unsupported(),
}


def test_nested_members_become_paths_where_the_table_knows_them() -> None:
    """A path that the table names is one value, even if it is an object."""
    spec = {"plain": 1, "block": {"inner": 2}, "whole": {"a": 1}}
    assert [(path, value) for path, value, _ in leaves(spec, TABLE)] == [
        ("plain", 1),
        ("block.inner", 2),
        ("whole", {"a": 1}),
    ]


def test_an_unknown_path_is_shown_without_a_rule() -> None:
    """A new field of the API can never be dropped silently."""
    assert list(leaves({"new": {"deep": 1}}, TABLE)) == [("new", {"deep": 1}, None)]


def test_only_served_fields_that_are_not_refused_are_managed() -> None:
    """The operator's own fields, the vendor's gaps and refused ones stay out."""
    spec = {"plain": 1, "block": {"inner": 2, "other": 3}, "own": 4, "lacking": 5, "new": 6}
    assert managed(spec, TABLE) == {"plain": 1, "block.inner": 2}
    assert managed(spec, TABLE, frozenset({"plain"})) == {"block.inner": 2}


def test_a_difference_names_both_sides_in_order_of_the_path() -> None:
    """Sorted, so that equal states give equal plans."""
    found = differences({"b": 2, "a": 1, "same": 0}, {"a": 9, "b": 8, "same": 0, "more": 1})
    assert found == (Difference("a", 1, 9), Difference("b", 2, 8))


def test_what_the_cloud_does_not_show_is_not_compared() -> None:
    """A missing path cannot be read back; None means "not set" and is compared."""
    assert differences({"a": 1}, {}) == ()
    assert differences({"a": 1}, {"a": None}) == (Difference("a", 1, None),)
