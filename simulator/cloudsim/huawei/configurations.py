"""Launch templates: create, clone, list, show, delete; there is no update. Vendor document: 5.2."""

from __future__ import annotations

import base64
import hashlib

from cloudsim.huawei import configuration_fields, paging, times, validate
from cloudsim.huawei.errors import ApiError
from cloudsim.huawei.scene import Call, JsonObject, Scene
from cloudsim.huawei.state import Configuration
from cloudsim.huawei.validate import Field, Table

BATCH_LIMIT = 50
_SHOWN = (
    "instance_id",
    "flavorRef",
    "imageRef",
    "disk",
    "key_name",
    "personality",
    "public_ip",
    "user_data",
    "security_groups",
    "server_group_id",
    "tenancy",
    "dedicated_host_id",
    "market_type",
)
_NAME = validate.name("1007", "1008", "1023")
_CREATE: Table = {
    "scaling_configuration_name": Field(_NAME),
    "instance_config": Field(
        validate.nested(dict.fromkeys(configuration_fields.INSTANCE_CONFIG, Field(lambda _: None)), "1011")
    ),
    "source_scaling_configuration_id": Field(validate.reference("1004")),
}
_BATCH: Table = {
    "scaling_configuration_id": Field(
        validate.each(validate.reference("1004"), "1040", BATCH_LIMIT, "1039", low=1), "1040"
    )
}


def create(scene: Scene, call: Call) -> JsonObject:
    """Create a template, from nothing or as a variation of another one."""
    given = validate.body(call.body, _CREATE)
    raw = given.get("instance_config", {})
    source = given.get("source_scaling_configuration_id")
    parent = None
    if source and not raw.get("instance_id"):
        parent = scene.configuration(source)
        name, config = _vary(parent, given.get("scaling_configuration_name"), raw)
    else:
        for field, code in (("scaling_configuration_name", "1007"), ("instance_config", "1011")):
            if field not in given:
                raise ApiError(code)
        name = given["scaling_configuration_name"]
        config = validate.body(raw, configuration_fields.INSTANCE_CONFIG)
    configuration_fields.check_complete(config)
    _check_references(scene, config)
    if len(scene.tenant.configurations) >= scene.rules.quotas["configurations"]:
        raise ApiError("1024", str(scene.rules.quotas["configurations"]))
    made = Configuration(scene.ids.uuid(), name, config, scene.now)
    scene.tenant.configurations[made.id] = made
    return {"scaling_configuration_id": made.id}


def _vary(parent: Configuration, name: str | None, raw: JsonObject) -> tuple[str, JsonObject]:
    """Lay a partial template over another: null keeps, an empty value clears, anything else replaces."""
    empty = {field for field, value in raw.items() if value in ("", [], {})}
    replaced = {field: value for field, value in raw.items() if value is not None and field not in empty}
    checked = validate.body(replaced, configuration_fields.INSTANCE_CONFIG)
    kept = {field: value for field, value in parent.instance_config.items() if field not in empty}
    return name or parent.name, {**kept, **checked}


def _check_references(scene: Scene, config: JsonObject) -> None:
    for kind, field, code in (
        ("images", "imageRef", "1015"),
        ("key_pairs", "key_name", "7022"),
        ("servers", "instance_id", "4006"),
    ):
        if config.get(field):
            scene.known(kind, config[field], code)
    for flavor in (config.get("flavorRef") or "").split(","):
        if flavor:
            scene.known("flavors", flavor, "1017")
    for group in config.get("security_groups", []):
        scene.known("security_groups", group["id"], "2014")


def listing(scene: Scene, call: Call) -> JsonObject:
    """List templates, filtered and paged."""
    bounds = paging.window(call.query, "1001", "1002")
    name = call.query.get("scaling_configuration_name") or ""
    image = call.query.get("image_id")
    rows = scene.tenant.configurations
    newest = scene.rules.options["list-order"] == "newest"
    ordered = reversed(rows.values()) if newest else iter(rows.values())

    def keep(row: Configuration) -> bool:
        return name in row.name and image in (None, "", row.instance_config.get("imageRef"))

    wanted = keep if name or image else None
    return paging.page(rows, ordered, wanted, lambda c: show(scene, c), bounds, "scaling_configurations")


def read(scene: Scene, call: Call) -> JsonObject:
    """Show one template."""
    row = scene.configuration(call.path["scaling_configuration_id"])
    return {"scaling_configuration": show(scene, row)}


def show(scene: Scene, row: Configuration) -> JsonObject:
    """Return a template with the field names of the answers; passwords are masked."""
    config = row.instance_config
    shown: JsonObject = {name: config.get(name) for name in _SHOWN}
    shown["instance_name"] = None
    shown["metadata"] = {}
    shown["key_fingerprint"] = _fingerprint(config.get("key_name"))
    shown["multi_flavor_priority_policy"] = config.get("multi_flavor_priority_policy", "PICK_FIRST")
    if (config.get("metadata") or {}).get("admin_pass"):
        shown["adminPass"] = "***"
    return {
        "scaling_configuration_id": row.id,
        "tenant": scene.project_id,
        "scaling_configuration_name": row.name,
        "instance_config": shown,
        "create_time": times.second(row.created),
        "scaling_group_id": None,
    }


def _fingerprint(key_name: str | None) -> str | None:
    if not key_name:
        return None
    digest = base64.b64encode(hashlib.sha256(key_name.encode()).digest()).decode().rstrip("=")
    return f"SHA256:{digest}"


def delete(scene: Scene, call: Call) -> None:
    """Delete a template that no group uses."""
    _remove(scene, call.path["scaling_configuration_id"])


def delete_many(scene: Scene, call: Call) -> None:
    """Delete up to 50 templates; those that cannot go are named in the error, the others are gone."""
    given = validate.body(call.body, _BATCH)
    failed = []
    for configuration_id in given["scaling_configuration_id"]:
        try:
            _remove(scene, configuration_id)
        except ApiError as error:
            failed.append(f"{configuration_id} AS.{error.code}")
    if failed:
        raise ApiError("1038", "; ".join(failed))


def _remove(scene: Scene, configuration_id: str) -> None:
    scene.configuration(configuration_id)
    if scene.tenant.configuration_users.get(configuration_id):
        raise ApiError("1006", configuration_id)
    del scene.tenant.configurations[configuration_id]
