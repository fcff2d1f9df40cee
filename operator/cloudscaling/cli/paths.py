"""Flat fields of the adapters -> the nested spec of a manifest, and parts taken out of it again. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from cloudscaling.core.model import Fields, Json

_ITEM = re.compile(r"^(.*?)\[(\d+)\]")
Canonical = Callable[[Fields], Fields]


def says_something(value: Json) -> bool:
    return value not in (None, "", [], {})


def nest(flat: Fields) -> dict[str, Json]:
    """`a.b: 1` as it stands in YAML; what says nothing is left out."""
    spec: dict[str, Json] = {}
    for path, value in flat.items():
        if not says_something(value):
            continue
        *blocks, last = path.split(".")
        place = spec
        for block in blocks:
            place = place.setdefault(block, {})
        place[last] = value
    return spec


def brief(path: str, value: Json, canonical: Canonical) -> Json:
    """`value` without the members that the canonical form fills in by itself."""
    whole = canonical({path: value})
    for smaller in _without_one(value):
        if _same(path, smaller, canonical, whole):
            return brief(path, smaller, canonical)
    return value


def _same(path: str, value: Json, canonical: Canonical, whole: Fields) -> bool:
    try:
        return canonical({path: value}) == whole
    except (KeyError, TypeError):  # the member is needed
        return False


def _without_one(value: Json) -> Iterator[Json]:
    """Every way to leave out one member of an object, at any depth."""
    if isinstance(value, dict):
        yield from ({k: v for k, v in value.items() if k != key} for key in value)
        for key, item in value.items():
            yield from ({**value, key: smaller} for smaller in _without_one(item))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from ([*value[:index], smaller, *value[index + 1 :]] for smaller in _without_one(item))


def without(spec: dict[str, Json], path: str, whole_lists: bool) -> dict[str, Json]:
    """`spec` without what stands at `path`; of a list one item goes, or all of it where the list is one value."""
    item = _ITEM.match(path)
    if item and not whole_lists:
        return _take_out(spec, item[1].split("."), int(item[2]))
    return _take_out(spec, path.partition("[")[0].split("."), None)


def given(spec: Fields, path: str) -> bool:
    """Something stands at `path`."""
    place: Json = spec
    for name in path.partition("[")[0].split("."):
        if not isinstance(place, dict) or name not in place:
            return False
        place = place[name]
    return True


def _take_out(spec: dict[str, Json], names: list[str], index: int | None) -> dict[str, Json]:
    head, *rest = names
    if head not in spec:
        return spec
    kept: Json = None
    if rest:
        kept = _take_out(spec[head], rest, index)
    elif index is not None:
        kept = [*spec[head][:index], *spec[head][index + 1 :]]
    if not kept:
        return {key: value for key, value in spec.items() if key != head}
    return {**spec, head: kept}
