"""Settable properties of a group: spec-shaped paths <-> the vendor's fields. Called by groups. Pure.

Paths under the vendor's own block are written here with the block's name in front, which the profile gives.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cloudscaling.core.model import Fields, Json
from cloudscaling.core.naming import OWNER_TAG, add_mark, split_mark
from cloudscaling.errors import Rejected
from cloudscaling.vendors.huawei import wire

# path -> vendor field, value as it is; "+" stands for the vendor's own block
PLAIN = {
    "externalName": "scaling_group_name",
    "minSize": "min_instance_number",
    "maxSize": "max_instance_number",
    "cooldownSeconds": "cool_down_time",
    "launchConfigurationRef": "scaling_configuration_id",
    "network.vpcId": "vpc_id",
    "network.zones": "available_zones",
    "healthCheck.gracePeriodSeconds": "health_periodic_audit_grace_period",
    "+.enterpriseProjectId": "enterprise_project_id",
    "+.deletePublicIp": "delete_publicip",
    "+.deleteVolume": "delete_volume",
    "+.iamAgencyName": "iam_agency_name",
}
# path -> (vendor field, neutral word -> vendor's word)
WORDS: dict[str, tuple[str, Mapping[Json, Json]]] = {
    "network.distribution": (
        "multi_az_priority_policy",
        {"Priority": "PICK_FIRST", "Balanced": "EQUILIBRIUM_DISTRIBUTE"},
    ),
    "healthCheck.type": (
        "health_periodic_audit_method",
        {"Instance": "NOVA_AUDIT", "LoadBalancer": "ELB_AUDIT"},
    ),
    # minutes; 0 is the vendor's way to say ten seconds
    "healthCheck.intervalSeconds": (
        "health_periodic_audit_time",
        {10: 0, 60: 1, 300: 5, 900: 15, 3600: 60, 10800: 180},
    ),
}
TERMINATION = {
    ("OldestLaunchConfiguration", "OldestInstance"): "OLD_CONFIG_OLD_INSTANCE",
    ("OldestLaunchConfiguration", "NewestInstance"): "OLD_CONFIG_NEW_INSTANCE",
    ("OldestInstance",): "OLD_INSTANCE",
    ("NewestInstance",): "NEW_INSTANCE",
}
_TERMINATION_READ = {word: [*policies] for policies, word in TERMINATION.items()}
_NETWORK_PATHS = frozenset({"network.subnetIds", "+.primaryNetwork"})
_NO_SOURCE_CHECK = "1.1.1.1/0"  # this very address switches the check off
PRIMARY_NETWORK = {"ipv6Enabled": False, "ipv6BandwidthId": "", "sourceDestCheck": True}
DEFAULT_PROJECT = "0"


def canonical(want: Fields, block: str) -> dict[str, Json]:
    """`want` as `read` would show it."""
    return {path: _CANONICAL.get(short(path, block), _same)(value) for path, value in want.items()}


def read(row: wire.ScalingGroup, block: str) -> dict[str, Json]:
    """Every settable property that the vendor shows."""
    networks = [_read_network(network) for network in row.networks or ()]
    found: dict[str, Json] = {path: getattr(row, name) for path, name in PLAIN.items()}
    for path, (name, words) in WORDS.items():
        shown = getattr(row, name)
        found[path] = next((neutral for neutral, word in words.items() if word == shown), shown)
    found |= {
        "network.subnetIds": [networks[0]["subnetId"]] if networks else [],
        "terminationPolicies": _read_termination(row.instance_terminate_policy),
        "tags": {tag.key: tag.value or "" for tag in row.tags or () if tag.key != OWNER_TAG},
        "+.description": split_mark(row.description or "")[0],
        "+.securityGroupId": next((group.id for group in row.security_groups or ()), None),
        "+.primaryNetwork": {k: v for k, v in networks[0].items() if k != "subnetId"} if networks else None,
        "+.secondaryNetworks": networks[1:],
    }
    return canonical({long(path, block): value for path, value in found.items()}, block)


def write(changed: Fields, known: Fields, block: str, mark: str) -> dict[str, Json]:
    """The vendor's fields for `changed`; `known` is everything wanted or seen, for what goes as a whole."""
    given = {short(path, block): value for path, value in changed.items()}
    body: dict[str, Json] = {name: given[path] for path, name in PLAIN.items() if path in given}
    for path, (name, words) in WORDS.items():
        if path in given:
            body[name] = _word(path, given[path], words)
    if "terminationPolicies" in given:
        body["instance_terminate_policy"] = _write_termination(given["terminationPolicies"])
    if "+.securityGroupId" in given:
        body["security_groups"] = [{"id": given["+.securityGroupId"]}]
    if "+.description" in given:
        body["description"] = add_mark(given["+.description"] or "", mark)
    if _NETWORK_PATHS & given.keys():
        body["networks"] = _write_networks({short(path, block): value for path, value in known.items()})
    return body


def write_tags(tags: Mapping[str, str]) -> list[wire.TagBody]:
    return [wire.TagBody(key=key, value=value) for key, value in sorted(tags.items())]


def _word(path: str, value: Json, words: Mapping[Json, Json]) -> Json:
    if value not in words:
        raise Rejected(f"{path}: must be one of {', '.join(str(word) for word in words)}")
    return words[value]


def _read_network(network: wire.Network) -> dict[str, Json]:
    pairs = [pair.ip_address for pair in network.allowed_address_pairs or ()]
    bandwidth = network.ipv6_bandwidth
    return {
        "subnetId": network.id,
        "ipv6Enabled": bool(network.ipv6_enable),
        "ipv6BandwidthId": (bandwidth.id if bandwidth else "") or "",
        "sourceDestCheck": _NO_SOURCE_CHECK not in pairs,
    }


def _write_networks(known: Fields) -> list[dict[str, Json]]:
    """All NICs: the vendor replaces the list as a whole, so NICs that nobody manages go back as they were seen."""
    subnets = known.get("network.subnetIds") or []
    if len(subnets) != 1:
        raise Rejected("network.subnetIds: exactly one subnet; further ones would be further NICs")
    primary = {"subnetId": subnets[0], **(known.get("+.primaryNetwork") or {})}
    return [_write_network(nic) for nic in (primary, *(known.get("+.secondaryNetworks") or ()))]


def _write_network(nic: Fields) -> dict[str, Json]:
    body: dict[str, Json] = {"id": nic["subnetId"]}
    if nic.get("ipv6Enabled"):
        body["ipv6_enable"] = True
    if nic.get("ipv6BandwidthId"):
        body["ipv6_bandwidth"] = {"id": nic["ipv6BandwidthId"]}
    if nic.get("sourceDestCheck") is False:
        body["allowed_address_pairs"] = [{"ip_address": _NO_SOURCE_CHECK}]
    return body


def _read_termination(word: str | None) -> Json:
    return _TERMINATION_READ.get(word, [word]) if word else None


def _write_termination(policies: Json) -> str:
    found = TERMINATION.get(tuple(_canonical_termination(policies)))
    if found is None:
        known = "; ".join(", ".join(policies) for policies in TERMINATION)
        raise Rejected(f"terminationPolicies: must be one of: {known}")
    return found


def _canonical_termination(policies: Json) -> Json:
    return ["OldestLaunchConfiguration", "OldestInstance"] if policies == ["OldestLaunchConfiguration"] else policies


def _same(value: Json) -> Json:
    return value


_CANONICAL: dict[str, Callable[[Json], Json]] = {
    "terminationPolicies": _canonical_termination,
    "tags": lambda tags: {key: value or "" for key, value in (tags or {}).items() if key != OWNER_TAG},
    "+.enterpriseProjectId": lambda value: value or DEFAULT_PROJECT,
    "+.iamAgencyName": lambda value: value or "",
    "+.description": lambda value: value or "",
    "+.primaryNetwork": lambda value: {
        key: default if (value or {}).get(key) is None else (value or {})[key]
        for key, default in PRIMARY_NETWORK.items()
    },
}


def short(path: str, block: str) -> str:
    """The path with "+" in place of the vendor's own block."""
    return "+" + path[len(block) :] if path.startswith(f"{block}.") else path


def long(path: str, block: str) -> str:
    """Undo `short`."""
    return block + path[1:] if path.startswith("+.") else path
