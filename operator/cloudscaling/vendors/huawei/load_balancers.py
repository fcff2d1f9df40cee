"""Load balancers of a group: spec-shaped paths <-> the vendor's two kinds of listeners. Called by groups, group_fields.

Pure. The vendor knows no names of entries, so the canonical form has a key instead: pool, port and address family.
It also replaces either list as a whole, so what others have in it goes back as it was seen.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from cloudscaling.core.model import Change, Json
from cloudscaling.vendors.huawei import wire

TARGETS, CLASSIC = "loadBalancers.targets", "loadBalancers.classicIds"
_FAMILIES = {"IPv4": "ipv4", "IPv6": "ipv6"}
_DEFAULT_FAMILY = "IPv4"
_DEFAULT_WEIGHT = 50


def read(row: wire.ScalingGroup) -> dict[str, Json]:
    """Every listener that the vendor shows, whoever put it there."""
    return {
        TARGETS: [_read_target(listener) for listener in row.lbaas_listeners or ()],
        CLASSIC: [part.strip() for part in (row.lb_listener_id or "").split(",") if part.strip()],
    }


def write(given: dict[str, Json]) -> dict[str, Json]:
    """The vendor's fields; an empty list takes all away."""
    body: dict[str, Json] = {}
    if TARGETS in given:
        body["lbaas_listeners"] = [_write_target(target) for target in _targets(given[TARGETS])]
    if CLASSIC in given:
        body["lb_listener_id"] = ",".join(given[CLASSIC] or ())
    return body


def with_others(change: Change) -> dict[str, Json]:
    """What is to be written, both lists completed by the seen items that are neither wanted nor dropped."""
    merged = change.changed
    for path, key in _KEYS.items():
        if path in merged:
            wanted, seen = (CANONICAL[path](values.get(path)) for values in (merged, change.seen))
            gone = change.dropped.get(path, frozenset()) | {key(item) for item in wanted}
            merged[path] = CANONICAL[path]([*_without(seen, gone, key), *wanted])
    return merged


def _without(items: Iterable[Json], keys: Collection[str], key: Callable[[Json], str]) -> list[Json]:
    return [item for item in items if key(item) not in keys]


def _targets(targets: Iterable[Json] | None) -> list[Json]:
    """In a fixed order and form, without repetitions, as the vendor drops them too."""
    found = {target["key"]: target for target in map(_target, targets or ())}
    return [found[key] for key in sorted(found)]


def _target(target: Json) -> dict[str, Json]:
    family = target.get("ipVersion") or _DEFAULT_FAMILY
    return {
        "key": f"{target.get('poolId')}:{target['port']}:{family}",
        "poolId": target.get("poolId"),
        "port": target["port"],
        "weight": target.get("weight", _DEFAULT_WEIGHT),
        "ipVersion": family,
    }


def _read_target(listener: wire.Listener) -> dict[str, Json]:
    word = listener.protocol_version or ""
    family = next((neutral for neutral, known in _FAMILIES.items() if known == word.lower()), word)
    return {
        "poolId": listener.pool_id,
        "port": listener.protocol_port,
        "weight": listener.weight,
        "ipVersion": family or _DEFAULT_FAMILY,
    }


def _write_target(target: Json) -> dict[str, Json]:
    body = {"pool_id": target["poolId"], "protocol_port": target["port"], "weight": target["weight"]}
    if target["ipVersion"] != _DEFAULT_FAMILY:  # not every cloud of the family knows the field
        body["protocol_version"] = _FAMILIES.get(target["ipVersion"], target["ipVersion"])
    return body


_KEYS: dict[str, Callable[[Json], str]] = {TARGETS: lambda item: str(item["key"]), CLASSIC: str}
CANONICAL: dict[str, Callable[[Json], Json]] = {TARGETS: _targets, CLASSIC: lambda ids: sorted(set(ids or ()))}
