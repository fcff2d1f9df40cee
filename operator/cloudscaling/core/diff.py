"""Spec-shaped JSON as flat paths, and the difference between wanted and observed. Called by the planners."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cloudscaling.core.fields import Mutability, Rule, Support, Table
from cloudscaling.core.model import Fields, Json

_ELSEWHERE = frozenset({Mutability.OPERATOR, Mutability.CHILD})


@dataclass(frozen=True, slots=True)
class Difference:
    """One managed property that is not as wanted."""

    path: str
    desired: Json
    observed: Json


def managed(spec: Fields, table: Table, refused: frozenset[str] = frozenset()) -> dict[str, Json]:
    """What of `spec` is to be held in the cloud: served by the table and not refused; path -> value.

    A problem inside a list keeps the whole list from the cloud.
    """
    kept_back = {path.partition("[")[0] for path in refused}
    return {
        path: value
        for path, value, rule in leaves(spec, table)
        if rule is not None
        and rule.support is Support.SERVED
        and rule.mutability not in _ELSEWHERE
        and path not in kept_back
    }


def leaves(spec: Fields, table: Table, prefix: str = "") -> Iterator[tuple[str, Json, Rule | None]]:
    """Every given property with its rule; None where the table knows neither the path nor anything below it."""
    for key, value in spec.items():
        path = f"{prefix}{key}"
        rule = table.get(path)
        if rule is None and isinstance(value, dict) and (not value or _known_below(path, table)):
            yield from leaves(value, table, f"{path}.")
        else:
            yield path, value, rule


def _known_below(path: str, table: Table) -> bool:
    return any(known.startswith(f"{path}.") for known in table)


def differences(want: Fields, seen: Fields) -> tuple[Difference, ...]:
    """Wanted properties that the cloud shows otherwise; what the cloud does not show is not compared."""
    return tuple(
        Difference(path, value, seen[path])
        for path, value in sorted(want.items())
        if path in seen and seen[path] != value
    )
