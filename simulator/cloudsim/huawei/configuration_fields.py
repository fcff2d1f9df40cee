"""The fields of instance_config as tables and the rules between them. Vendor document: 5.2.1."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any

from cloudsim.huawei.errors import ApiError
from cloudsim.huawei.scene import JsonObject
from cloudsim.huawei.validate import (
    Field,
    Table,
    each,
    integer,
    nested,
    one_of,
    optional_reference,
    pattern,
    reference,
    text,
)

FLAVOR_LIMIT, DISK_LIMIT, FILE_LIMIT = 10, 24, 5
VOLUME_TYPES = ("SATA", "SAS", "GPSSD", "SSD", "ESSD", "GPSSD2", "ESSD2")
NEEDS_IOPS, NEEDS_THROUGHPUT = ("GPSSD2", "ESSD2"), ("GPSSD2",)
SIZES = {"SYS": (1, 1024), "DATA": (10, 32768)}
BANDWIDTH_LIMITS = {"bandwidth": 2000, "traffic": 300}
_CLASSES = (r"[a-z]", r"[A-Z]", r"[0-9]", r"[!@$%^\-_=+\[{}\]:,./?]")


def flavors(value: Any) -> None:
    """Check up to ten flavor ids joined by commas."""
    names = value.split(",") if isinstance(value, str) else [None]
    for name in names:
        reference("1017")(name)
    if len(names) > FLAVOR_LIMIT:
        raise ApiError("1087", str(len(names)))


def encoded(code: str, limit: int) -> Any:
    """Check base64 text of at most so many decoded bytes."""

    def check(value: Any) -> None:
        try:
            raw = base64.b64decode(value, validate=True) if isinstance(value, str) else None
        except (binascii.Error, ValueError):
            raw = None
        if raw is None or len(raw) > limit:
            raise ApiError(code)

    return check


def password(value: Any) -> None:
    """Check 8 to 26 characters of at least three of four classes."""
    kinds = sum(1 for form in _CLASSES if re.search(form, value)) if isinstance(value, str) else 0
    if kinds < 3 or not 8 <= len(value) <= 26:
        raise ApiError("1035")


_DISK: Table = {
    "size": Field(integer("1031", 1), "1031"),
    "volume_type": Field(one_of("1033", *VOLUME_TYPES), "1033"),
    "disk_type": Field(one_of("1034", "SYS", "DATA"), "1034"),
    "dedicated_storage_id": Field(optional_reference("1060")),
    "data_disk_image_id": Field(optional_reference("1055")),
    "snapshot_id": Field(optional_reference("1066")),
    "metadata": Field(
        nested(
            {
                "__system__encrypted": Field(one_of("1052", "0", "1")),
                "__system__cmkid": Field(reference("1052")),
            },
            "1052",
        )
    ),
    "iops": Field(integer("1097", 1)),
    "throughput": Field(integer("1098", 1)),
}
_FILE: Table = {
    "path": Field(text("1027", 1, 255), "1027"),
    "content": Field(encoded("1027", 1024), "1027"),
}
# What a bandwidth must hold depends on how it is shared; the rest is ignored (`_check_bandwidth`).
_BANDWIDTH: Table = {
    "size": Field(integer("1042", 0, 2000)),
    "share_type": Field(one_of("1045", "PER", "WHOLE"), "1045"),
    "charging_mode": Field(text("1044")),
    "id": Field(optional_reference("1076")),
}
_EIP: Table = {
    "ip_type": Field(one_of("1043", "5_bgp", "5_sbgp"), "1043"),
    "bandwidth": Field(nested(_BANDWIDTH, "1045"), "1045"),
}
INSTANCE_CONFIG: Table = {
    "instance_id": Field(reference("4006")),
    "flavorRef": Field(flavors),
    "imageRef": Field(reference("1075")),
    "disk": Field(each(nested(_DISK, "1028"), "1028", DISK_LIMIT, "1032")),
    "key_name": Field(text("7022", 1, 64)),
    "personality": Field(each(nested(_FILE, "1027"), "1027", FILE_LIMIT)),
    "public_ip": Field(nested({"eip": Field(nested(_EIP, "1041"), "1041")}, "1041")),
    "user_data": Field(encoded("1049", 32 * 1024)),
    "metadata": Field(nested({"admin_pass": Field(password)}, "1052")),
    "security_groups": Field(each(nested({"id": Field(reference("2014"), "2014")}, "2014"), "2014", 5, "2025")),
    "server_group_id": Field(pattern("1072", re.compile(r"[A-Za-z0-9-]{1,64}"))),
    "tenancy": Field(one_of("1071", "dedicated")),
    "dedicated_host_id": Field(reference("1071")),
    "multi_flavor_priority_policy": Field(one_of("1085", "PICK_FIRST", "COST_FIRST")),
    "market_type": Field(one_of("1083", "spot")),
}


def check_complete(config: JsonObject) -> None:
    """Check what holds between fields: what a template needs, disks, login, public address."""
    if not config.get("instance_id"):
        for name, code in (("flavorRef", "1016"), ("imageRef", "1014"), ("disk", "1028")):
            if not config.get(name):
                raise ApiError(code)
    if config.get("disk"):
        _check_disks(config["disk"])
    _check_login(config)
    if config.get("public_ip"):
        _check_bandwidth(config["public_ip"]["eip"]["bandwidth"])
    if config.get("dedicated_host_id") and config.get("tenancy") != "dedicated":
        raise ApiError("1071", "dedicated_host_id needs tenancy dedicated")


def _check_disks(disks: list[JsonObject]) -> None:
    if sum(1 for disk in disks if disk["disk_type"] == "SYS") != 1:
        raise ApiError("1029")
    if len({bool(disk.get("dedicated_storage_id")) for disk in disks}) > 1:
        raise ApiError("1060")
    for disk in disks:
        low, high = SIZES[disk["disk_type"]]
        if not low <= disk["size"] <= high:
            raise ApiError("1031", f"{disk['size']} is not in {low}..{high}")
        if disk["disk_type"] == "SYS" and disk.get("data_disk_image_id"):
            raise ApiError("1055")
        if (disk.get("iops") is not None) != (disk["volume_type"] in NEEDS_IOPS):
            raise ApiError("1097", disk["volume_type"])
        if (disk.get("throughput") is not None) != (disk["volume_type"] in NEEDS_THROUGHPUT):
            raise ApiError("1098", disk["volume_type"])


def _check_login(config: JsonObject) -> None:
    """A key pair, or a password in user_data (Linux) or in metadata (Windows); not both, not none."""
    key = bool(config.get("key_name"))
    admin_pass = bool((config.get("metadata") or {}).get("admin_pass"))
    if key and admin_pass:
        raise ApiError("1025")
    if not (key or admin_pass or config.get("user_data")):
        raise ApiError("1026")


def _check_bandwidth(bandwidth: JsonObject) -> None:
    if bandwidth["share_type"] == "WHOLE":
        if not bandwidth.get("id"):
            raise ApiError("1048")
        return
    size, mode = bandwidth.get("size"), bandwidth.get("charging_mode")
    if size is None:
        raise ApiError("1046")
    if not mode:
        raise ApiError("1047")
    if mode not in BANDWIDTH_LIMITS:
        raise ApiError("1044", mode)
    step = 1 if size <= 300 else 50 if size <= 1000 else 500
    if not 1 <= size <= BANDWIDTH_LIMITS[mode] or size % step:
        raise ApiError("1042", str(size))
