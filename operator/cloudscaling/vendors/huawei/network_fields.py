"""Network cards of a group's instances: spec-shaped paths <-> the vendor's `networks`. Called by group_fields. Pure.

The list is one list of cards, not of candidates: the first is the primary one. The vendor replaces it as a whole.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from cloudscaling.core.model import Fields, Json
from cloudscaling.errors import Rejected
from cloudscaling.vendors.huawei import wire

PATHS = frozenset({"network.subnetIds", "+.primaryNetwork", "+.secondaryNetworks"})
_NO_SOURCE_CHECK = "1.1.1.1/0"  # this very address switches the check off
_DEFAULTS = {"ipv6Enabled": False, "ipv6BandwidthId": "", "sourceDestCheck": True}


def read(networks: Sequence[wire.Network]) -> dict[str, Json]:
    """What the vendor shows, the primary card and the others apart."""
    nics = [_read_nic(network) for network in networks]
    return {
        "network.subnetIds": [nics[0]["subnetId"]] if nics else [],
        "+.primaryNetwork": {k: v for k, v in nics[0].items() if k != "subnetId"} if nics else None,
        "+.secondaryNetworks": nics[1:],
    }


def _read_nic(network: wire.Network) -> dict[str, Json]:
    pairs = [pair.ip_address for pair in network.allowed_address_pairs or ()]
    bandwidth = network.ipv6_bandwidth
    return {
        "subnetId": network.id,
        "ipv6Enabled": bool(network.ipv6_enable),
        "ipv6BandwidthId": (bandwidth.id if bandwidth else "") or "",
        "sourceDestCheck": _NO_SOURCE_CHECK not in pairs,
    }


def write(known: Fields) -> list[dict[str, Json]]:
    """All NICs: the vendor replaces the list as a whole, so NICs that nobody manages go back as they were seen."""
    subnets = known.get("network.subnetIds") or []
    if len(subnets) != 1:
        raise Rejected("network.subnetIds: exactly one subnet; further ones would be further NICs")
    primary = {"subnetId": subnets[0], **(known.get("+.primaryNetwork") or {})}
    return [_write_nic(nic) for nic in (primary, *(known.get("+.secondaryNetworks") or ()))]


def _write_nic(nic: Fields) -> dict[str, Json]:
    body: dict[str, Json] = {"id": nic["subnetId"]}
    if nic.get("ipv6Enabled"):
        body["ipv6_enable"] = True
    if nic.get("ipv6BandwidthId"):
        body["ipv6_bandwidth"] = {"id": nic["ipv6BandwidthId"]}
    if nic.get("sourceDestCheck") is False:
        body["allowed_address_pairs"] = [{"ip_address": _NO_SOURCE_CHECK}]
    return body


def _canonical(nic: Json) -> dict[str, Json]:
    given: Fields = nic or {}
    return {key: default if given.get(key) is None else given[key] for key, default in _DEFAULTS.items()}


CANONICAL: dict[str, Callable[[Json], Json]] = {
    "+.primaryNetwork": _canonical,
    "+.secondaryNetworks": lambda nics: [{"subnetId": nic["subnetId"], **_canonical(nic)} for nic in nics or ()],
}
