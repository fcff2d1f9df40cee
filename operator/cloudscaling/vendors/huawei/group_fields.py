"""Settable properties of a group: spec-shaped paths <-> the vendor's fields. Called by groups. Pure.

Paths under the vendor's own block are written here with the block's name in front, which the profile gives.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cloudscaling.core.model import Fields, Json
from cloudscaling.core.naming import OWNER_TAG, add_mark, split_mark
from cloudscaling.errors import Rejected
from cloudscaling.vendors.huawei import load_balancers, network_fields, wire

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
DEFAULT_PROJECT = "0"


def canonical(want: Fields, block: str) -> dict[str, Json]:
    """`want` as `read` would show it."""
    return {path: _CANONICAL.get(short(path, block), _same)(value) for path, value in want.items()}


def read(row: wire.ScalingGroup, block: str) -> dict[str, Json]:
    """Every settable property that the vendor shows."""
    found: dict[str, Json] = {path: getattr(row, name) for path, name in PLAIN.items()}
    for path, (name, words) in WORDS.items():
        shown = getattr(row, name)
        found[path] = next((neutral for neutral, word in words.items() if word == shown), shown)
    found |= {
        "terminationPolicies": _read_termination(row.instance_terminate_policy),
        "tags": {tag.key: tag.value or "" for tag in row.tags or () if tag.key != OWNER_TAG},
        "+.description": split_mark(row.description or "")[0],
        "+.securityGroupId": next((group.id for group in row.security_groups or ()), None),
    }
    found |= network_fields.read(row.networks or ()) | load_balancers.read(row)
    return canonical({long(path, block): value for path, value in found.items()}, block)


def write(changed: Fields, known: Fields, block: str, mark: str) -> dict[str, Json]:
    """The vendor's fields for `changed`; `known` is everything wanted or seen, for what goes as a whole.

    Load balancers are sent as they stand in `changed`; what others have there must be in it.
    """
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
    if network_fields.PATHS & given.keys():
        body["networks"] = network_fields.write({short(path, block): value for path, value in known.items()})
    return body | load_balancers.write(given)


def write_tags(tags: Mapping[str, str]) -> list[wire.TagBody]:
    return [wire.TagBody(key=key, value=value) for key, value in sorted(tags.items())]


def _word(path: str, value: Json, words: Mapping[Json, Json]) -> Json:
    if value not in words:
        raise Rejected(f"{path}: must be one of {', '.join(str(word) for word in words)}")
    return words[value]


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
    **network_fields.CANONICAL,
    **load_balancers.CANONICAL,
}


def short(path: str, block: str) -> str:
    """The path with "+" in place of the vendor's own block."""
    return "+" + path[len(block) :] if path.startswith(f"{block}.") else path


def long(path: str, block: str) -> str:
    """Undo `short`."""
    return block + path[1:] if path.startswith("+.") else path
