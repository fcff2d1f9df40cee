"""What the API server would say about a status: the CRD's schema and the table of reasons."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from cloudscaling.api.conditions import ConditionStatus, ConditionType
from cloudscaling.api.reasons import REASONS

CRDS = Path(__file__).parents[3] / "crds"
KINDS = {
    "cloudaccounts": "CloudAccount",
    "launchconfigurations": "LaunchConfiguration",
    "scalinggroups": "ScalingGroup",
    "scalingpolicies": "ScalingPolicy",
    "instanceoperations": "InstanceOperation",
}


@functools.cache
def _schema(plural: str) -> dict[str, Any]:
    document = yaml.safe_load((CRDS / f"{plural}.yaml").read_text())
    found: dict[str, Any] = document["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    return found


def complaints(plural: str, status: Mapping[str, Any]) -> list[str]:
    """Why a status would be refused, or says something that the API does not know."""
    schema = _schema(plural)["properties"]["status"]
    return [*_against(schema, status, "status"), *_reasons(KINDS[plural], status.get("conditions", ()))]


def spec_complaints(plural: str, spec: Mapping[str, Any]) -> list[str]:
    """Why a spec would be refused by the schema; CEL rules are left out."""
    return list(_against(_schema(plural)["properties"]["spec"], spec, "spec"))


def _reasons(kind: str, conditions: Any) -> Iterator[str]:
    for found in conditions:
        allowed = REASONS[kind].get(ConditionType(found["type"]), {}).get(ConditionStatus(found["status"]), ())
        if found["reason"] not in allowed:
            yield f"{kind}: {found['type']}={found['status']}/{found['reason']} is not in the API"


def _against(schema: Mapping[str, Any], value: Any, path: str) -> Iterator[str]:
    if "enum" in schema and value not in schema["enum"]:
        yield f"{path}: {value!r} is none of {schema['enum']}"
    match schema.get("type"):
        case "object":
            yield from _object(schema, value, path)
        case "array":
            if len(value) > schema.get("maxItems", len(value)):
                yield f"{path}: {len(value)} items"
            for index, item in enumerate(value):
                yield from _against(schema["items"], item, f"{path}[{index}]")
        case "string":
            if not isinstance(value, str) or len(value) > schema.get("maxLength", len(value)):
                yield f"{path}: {value!r} is no text or too long"
        case "integer":
            if not isinstance(value, int) or isinstance(value, bool):
                yield f"{path}: {value!r} is no integer"


def _object(schema: Mapping[str, Any], value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{path}: {value!r} is no object"
        return
    members = schema.get("properties", {})
    yield from (f"{path}.{name} is missing" for name in schema.get("required", ()) if name not in value)
    for name, item in value.items():
        if name in members:
            yield from _against(members[name], item, f"{path}.{name}")
        elif "additionalProperties" not in schema:
            yield f"{path}.{name} is unknown and would be pruned"
