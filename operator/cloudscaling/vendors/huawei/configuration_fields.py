"""Content of a launch configuration: the spec's shape <-> the vendor's instance_config. Called by configurations. Pure.

Rule: secrets go out and never come back: passwords, user data and the contents of files are not read.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from cloudscaling.core.model import Fields, Json
from cloudscaling.vendors.huawei import wire_configurations as wire

FLAVOR_POLICIES = {"Priority": "PICK_FIRST", "LowestPrice": "COST_FIRST"}
# chargeMode -> (share_type, charging_mode)
CHARGE_MODES: dict[str, tuple[str, str | None]] = {
    "Bandwidth": ("PER", "bandwidth"),
    "Traffic": ("PER", "traffic"),
    "Shared": ("WHOLE", None),
}
MARKETS = {"Spot": "spot"}  # OnDemand is the absence of a market type
TENANCIES = {"Dedicated": "dedicated"}
# member of a disk in the spec -> vendor field
DISK = {
    "type": "volume_type",
    "sizeGiB": "size",
    "snapshotId": "snapshot_id",
    "imageId": "data_disk_image_id",
    "iops": "iops",
    "throughputMiBps": "throughput",
}
_ENCRYPTED, _KEY = "__system__encrypted", "__system__cmkid"


def write(content: Fields, block: str) -> dict[str, Json]:
    """The vendor's instance_config; what is None is not sent."""
    own: Fields = content.get(block) or {}
    login: Fields = content.get("login") or {}
    flavors = content.get("instanceTypes")
    image: Fields = content.get("image") or {}
    user_data = content.get("userData")
    password = login.get("password")
    return {
        "instance_id": own.get("templateInstanceId"),
        "flavorRef": ",".join(flavors) if flavors else None,
        "imageRef": image.get("id"),
        "disk": _write_disks(content, own.get("dedicatedStorageId")) or None,
        "key_name": login.get("keyPair"),
        "personality": [_write_file(file) for file in own.get("files") or ()] or None,
        "public_ip": _write_public_ip(content.get("publicIp"), own.get("eipType")),
        "user_data": _base64(user_data) if user_data else None,
        "metadata": {"admin_pass": password} if password else None,
        "security_groups": [{"id": group} for group in content.get("securityGroupIds") or ()] or None,
        "server_group_id": content.get("placementGroupId"),
        "tenancy": TENANCIES.get(own.get("tenancy") or ""),
        "dedicated_host_id": own.get("dedicatedHostId"),
        "multi_flavor_priority_policy": FLAVOR_POLICIES.get(content.get("instanceTypePolicy") or ""),
        "market_type": MARKETS.get(content.get("purchaseModel") or ""),
    }


def read(config: wire.InstanceConfig, block: str) -> dict[str, Json]:
    """The spec's shape, without what is not set and without secrets."""
    disks = config.disk or []
    system = [disk for disk in disks if disk.disk_type == "SYS"]
    data = [disk for disk in disks if disk.disk_type != "SYS"]
    eip = config.public_ip.eip if config.public_ip else None
    storage = next((disk.dedicated_storage_id for disk in disks if disk.dedicated_storage_id), None)
    found = {
        "image": {"id": config.imageRef},
        "instanceTypes": [name.strip() for name in (config.flavorRef or "").split(",") if name.strip()],
        "instanceTypePolicy": _neutral(FLAVOR_POLICIES, config.multi_flavor_priority_policy),
        "systemDisk": _read_disk(system[0]) if system else None,
        "dataDisks": [_read_disk(disk) for disk in data],
        "securityGroupIds": [group.id for group in config.security_groups or () if group.id],
        "login": {"keyPair": config.key_name},
        "publicIp": _read_public_ip(eip.bandwidth) if eip and eip.bandwidth else None,
        "purchaseModel": _neutral(MARKETS, config.market_type),
        "placementGroupId": config.server_group_id,
        block: {
            "templateInstanceId": config.instance_id,
            "files": [{"path": file.path} for file in config.personality or ()],
            "eipType": eip.ip_type if eip else None,
            "tenancy": _neutral(TENANCIES, config.tenancy),
            "dedicatedHostId": config.dedicated_host_id,
            "dedicatedStorageId": storage,
        },
    }
    return {path: _pruned(value) for path, value in found.items() if _pruned(value)}


def canonical(content: Fields, block: str) -> dict[str, Json]:
    """`content`, of a spec or as `read` shows it, so that equal things compare equal: with the vendor's defaults."""
    own, address = content.get(block) or {}, content.get("publicIp") or {}
    found: dict[str, Json] = {
        **content,
        "instanceTypePolicy": content.get("instanceTypePolicy") or "Priority",
        "purchaseModel": content.get("purchaseModel") or "OnDemand",
        "systemDisk": _canonical_disk(content.get("systemDisk") or {}),
        "dataDisks": [_canonical_disk(disk) for disk in content.get("dataDisks") or ()],
        "securityGroupIds": sorted(content.get("securityGroupIds") or ()),
        block: {**own, "files": sorted(({"path": file["path"]} for file in own.get("files") or ()), key=str)},
    }
    if address.get("chargeMode") == "Shared":  # the size is the shared bandwidth's own
        found["publicIp"] = {name: value for name, value in address.items() if name != "bandwidthMbps"}
    return {path: value for path, value in ((path, _pruned(value)) for path, value in found.items()) if value}


def hidden(config: wire.InstanceConfig) -> frozenset[str]:
    """Paths of the secrets that the configuration has."""
    known = {"userData": config.user_data, "login.passwordSecretRef": config.adminPass}
    return frozenset(path for path, there in known.items() if there)


def _write_disks(content: Fields, storage: str | None) -> list[dict[str, Json]]:
    system = content.get("systemDisk")
    disks = [_write_disk(system, "SYS", storage)] if system else []
    return disks + [_write_disk(disk, "DATA", storage) for disk in content.get("dataDisks") or ()]


def _write_disk(disk: Fields, kind: str, storage: str | None) -> dict[str, Json]:
    body: dict[str, Json] = {name: disk.get(member) for member, name in DISK.items()}
    body |= {"disk_type": kind, "dedicated_storage_id": storage}
    if disk.get("encrypted"):
        body["metadata"] = {_ENCRYPTED: "1"} | ({_KEY: disk["kmsKeyId"]} if disk.get("kmsKeyId") else {})
    return body


def _read_disk(disk: wire.Disk) -> dict[str, Json]:
    meta: Mapping[str, Any] = disk.metadata or {}
    found = {member: getattr(disk, name) for member, name in DISK.items()}
    return found | {"encrypted": str(meta.get(_ENCRYPTED, "0")) == "1", "kmsKeyId": meta.get(_KEY)}


def _canonical_disk(disk: Fields) -> dict[str, Json]:
    """A rate of zero is none."""
    return {name: value for name, value in disk.items() if value or name not in ("iops", "throughputMiBps")}


def _write_public_ip(public_ip: Fields | None, eip_type: str | None) -> dict[str, Json] | None:
    if public_ip is None:
        return None
    share_type, charging_mode = CHARGE_MODES[public_ip["chargeMode"]]
    bandwidth = {
        "share_type": share_type,
        "charging_mode": charging_mode,
        "size": public_ip.get("bandwidthMbps") if share_type == "PER" else None,
        "id": public_ip.get("sharedBandwidthId") if share_type == "WHOLE" else None,
    }
    return {"eip": _pruned({"ip_type": eip_type, "bandwidth": bandwidth})}


def _read_public_ip(bandwidth: wire.Bandwidth) -> dict[str, Json]:
    mode = _neutral(CHARGE_MODES, (bandwidth.share_type, bandwidth.charging_mode))
    if bandwidth.share_type == "WHOLE":
        return {"chargeMode": "Shared", "sharedBandwidthId": bandwidth.id}
    return {"chargeMode": mode, "bandwidthMbps": bandwidth.size}


def _write_file(file: Fields) -> dict[str, str]:
    return {"path": file["path"], "content": _base64(file["content"])}


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _neutral(words: Mapping[str, Any], found: Any) -> Any:
    return next((neutral for neutral, word in words.items() if word == found), None)


def _pruned(value: Json) -> Json:
    """The value without members that say nothing; zero and False say something, except for `encrypted`."""
    if isinstance(value, dict):
        kept = {key: _pruned(item) for key, item in value.items()}
        return {k: v for k, v in kept.items() if v not in (None, "", [], {}) and not (k == "encrypted" and v is False)}
    if isinstance(value, list):
        return [_pruned(item) for item in value]
    return value
