"""API version discovery. Vendor document: 5.12, AS.0033."""

from __future__ import annotations

from cloudsim.huawei.errors import ApiError
from cloudsim.huawei.scene import Call, JsonObject, Scene

_KNOWN = {"v1": ("CURRENT", "2016-06-30T00:00:00Z"), "v2": ("SUPPORTED", "2018-03-30T00:00:00Z")}


def listing(scene: Scene, call: Call) -> JsonObject:
    """List the versions that this cloud serves."""
    return {"versions": [_show(version, call) for version in _served(scene)]}


def read(scene: Scene, call: Call) -> JsonObject:
    """Show one version."""
    version = call.path["api_version"]
    if version not in _served(scene):
        raise ApiError("0033", version)
    return {"version": _show(version, call)}


def _served(scene: Scene) -> list[str]:
    return [v for v in scene.rules.profile.versions if v != "v2" or scene.rules.flag("v2")]


def _show(version: str, call: Call) -> JsonObject:
    status, updated = _KNOWN[version]
    return {
        "id": version,
        "links": [{"href": f"{call.base_url}/autoscaling-api/{version}/", "rel": "self"}],
        "min_version": "",
        "status": status,
        "updated": updated,
        "version": "",
    }
