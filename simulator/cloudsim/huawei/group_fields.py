"""The fields of a group's create and update bodies as tables. Vendor document: 5.1.1 and 5.1.4."""

from __future__ import annotations

import re

from cloudsim.huawei.errors import ApiError
from cloudsim.huawei.scene import JsonObject, Scene
from cloudsim.huawei.tag_fields import tag_list, tag_map
from cloudsim.huawei.validate import (
    Field,
    Table,
    boolean,
    each,
    integer,
    name,
    nested,
    one_of,
    optional_reference,
    pattern,
    reference,
    text,
)

LISTENER_LIMIT = 6
ZONES = ["sim-region-1a"]
_LISTENERS = re.compile(r"([A-Za-z0-9-]{1,64}(,[A-Za-z0-9-]{1,64})*)?")
_POOL: Table = {
    "pool_id": Field(reference("2042"), "2042"),
    "protocol_port": Field(integer("2039", 1, 65535), "2039"),
    "weight": Field(integer("2040", 0, 100), "2040"),
    "protocol_version": Field(one_of("0022", "ipv4", "ipv6")),
    "listener_id": Field(optional_reference("2015")),
}
_NETWORK: Table = {
    "id": Field(reference("2013"), "2013"),
    "ipv6_enable": Field(boolean("2013")),
    "ipv6_bandwidth": Field(nested({"id": Field(reference("2013"), "2013")}, "2013")),
    "allowed_address_pairs": Field(each(nested({"ip_address": Field(text("2013", 1, 64))}, "2013"), "2013", 16)),
}
_GROUP_ID: Table = {"id": Field(reference("2014"), "2014")}

_COMMON: dict[str, Field] = {
    "scaling_group_name": Field(name("2002", "2003", "2022")),
    "scaling_configuration_id": Field(reference("1004")),
    "desire_instance_number": Field(integer("2005", 0)),
    "min_instance_number": Field(integer("2004", 0)),
    "max_instance_number": Field(integer("2004", 0)),
    "cool_down_time": Field(integer("2006", 0, 86400)),
    "lb_listener_id": Field(pattern("2015", _LISTENERS)),
    "lbaas_listeners": Field(each(nested(_POOL, "2042"), "2042", LISTENER_LIMIT, "2037")),
    "available_zones": Field(each(pattern("2011", re.compile(r"[\w.-]{1,64}")), "2011", 16)),
    "networks": Field(each(nested(_NETWORK, "2013"), "2013", 5, "2024", low=1)),
    "security_groups": Field(each(nested(_GROUP_ID, "2014"), "2014", 1, "2025")),
    "health_periodic_audit_method": Field(one_of("2029", "ELB_AUDIT", "NOVA_AUDIT")),
    "health_periodic_audit_time": Field(one_of("2031", 0, 1, 5, 15, 60, 180)),
    "health_periodic_audit_grace_period": Field(integer("2046", 0, 86400)),
    "instance_terminate_policy": Field(
        one_of("2032", "OLD_CONFIG_OLD_INSTANCE", "OLD_CONFIG_NEW_INSTANCE", "OLD_INSTANCE", "NEW_INSTANCE")
    ),
    "notifications": Field(each(one_of("2034", "EMAIL"), "2034", 1)),
    "delete_publicip": Field(boolean()),
    "delete_volume": Field(boolean()),
    "enterprise_project_id": Field(text("7065", 1, 36)),
    "multi_az_priority_policy": Field(one_of("2053", "EQUILIBRIUM_DISTRIBUTE", "PICK_FIRST")),
    "iam_agency_name": Field(text("0022", 0, 64)),
}

CREATE: Table = {
    **_COMMON,
    "scaling_group_name": Field(name("2002", "2003", "2022"), "2002"),
    "networks": Field(_COMMON["networks"].check, "2013"),
    "vpc_id": Field(reference("2012"), "2017"),
    "description": Field(text("0022", 1, 256)),
    "tags": Field(tag_list),
}

# Clearing a description by an empty string is accepted on update; see README.md.
UPDATE: Table = {**_COMMON, "description": Field(text("0022", 0, 256))}


def defaults(given: JsonObject) -> JsonObject:
    """Return the fields of a new group with the documented defaults."""
    balanced = bool(given.get("lb_listener_id") or given.get("lbaas_listeners"))
    minimum = given.get("min_instance_number", 0)
    fields = {
        "scaling_configuration_id": "",
        "desire_instance_number": minimum,
        "min_instance_number": minimum,
        "max_instance_number": 1,
        "cool_down_time": 300,
        "lb_listener_id": None,
        "lbaas_listeners": [],
        "available_zones": ZONES,
        "security_groups": [],
        "health_periodic_audit_method": "ELB_AUDIT" if balanced else "NOVA_AUDIT",
        "health_periodic_audit_time": 5,
        "health_periodic_audit_grace_period": 600,
        "instance_terminate_policy": "OLD_CONFIG_OLD_INSTANCE",
        "notifications": None,
        "delete_publicip": False,
        "delete_volume": False,
        "enterprise_project_id": "0",
        "multi_az_priority_policy": "EQUILIBRIUM_DISTRIBUTE",
        "description": None,
        "iam_agency_name": None,
        **given,
    }
    fields.pop("tags", None)
    normalise(fields)
    return fields


def tags_of(given: JsonObject) -> dict[str, str | None]:
    """Return the tags of a create body."""
    return tag_map(given.get("tags", []))


def normalise(fields: JsonObject) -> None:
    """Fill what an empty value stands for, and drop repeated listeners."""
    fields["available_zones"] = fields["available_zones"] or ZONES
    fields["lb_listener_id"] = fields["lb_listener_id"] or None
    fields["iam_agency_name"] = fields["iam_agency_name"] or None
    fields["description"] = fields["description"] or None
    unique = {
        (p["pool_id"], p["protocol_port"], p.get("protocol_version", "ipv4")): p
        for p in reversed(fields["lbaas_listeners"])
    }
    fields["lbaas_listeners"] = list(reversed(unique.values()))
    if fields["health_periodic_audit_method"] == "ELB_AUDIT" and not has_listener(fields):
        raise ApiError("2029", "ELB_AUDIT needs a listener")


def has_listener(fields: JsonObject) -> bool:
    """Tell whether a group is behind a load balancer."""
    return bool(fields["lb_listener_id"] or fields["lbaas_listeners"])


def check_references(scene: Scene, given: JsonObject) -> None:
    """Refuse references that are not seeded, when they must be, and listeners of both kinds."""
    if given.get("lb_listener_id") and given.get("lbaas_listeners"):
        raise ApiError("2026")
    classic = [part for part in (given.get("lb_listener_id") or "").split(",") if part]
    if len(classic) > LISTENER_LIMIT:
        raise ApiError("2037", str(len(classic)))
    for listener in classic:
        scene.known("listeners", listener, "7012")
    for pool in given.get("lbaas_listeners", []):
        scene.known("pools", pool["pool_id"], "7051")
    for network in given.get("networks", []):
        scene.known("networks", network["id"], "2013")
    for security_group in given.get("security_groups", []):
        scene.known("security_groups", security_group["id"], "2014")
    if "vpc_id" in given:
        scene.known("vpcs", given["vpc_id"], "2012")
    for zone in given.get("available_zones", []):
        scene.known("zones", zone, "2011")
