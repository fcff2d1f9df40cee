"""What the API server would say about a spec: the schema of the CRD, and the CEL rules that an import can meet. Pure.

Called by fitting. The schema is the one that the CRDs are generated from.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from cloudscaling.api.schema import kind_schema
from cloudscaling.api.v1alpha1 import MODELS
from cloudscaling.core.model import Fields, Json

Complaint = tuple[str, str]  # path, text
_TEMPLATE_EXCLUDES = ("instanceTypes", "image", "systemDisk", "dataDisks", "securityGroupIds")
_OUTCOMES = ("adjustment", "capacity")


def complaints(kind: str, spec: Fields) -> Iterator[Complaint]:
    """Every path that would be refused, and why."""
    yield from _against(_spec_schema(kind), spec, "")
    for rule in _RULES.get(kind, ()):
        yield from rule(spec)


@functools.cache
def _spec_schema(kind: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = kind_schema(MODELS[kind]).schema["properties"]["spec"]
    return found


def _against(schema: Mapping[str, Any], value: Json, path: str) -> Iterator[Complaint]:
    if "enum" in schema and value not in schema["enum"]:
        yield path, f"{value!r} is none of {', '.join(map(str, schema['enum']))}"
    elif isinstance(value, dict):
        yield from _members(schema, value, path)
    elif isinstance(value, list):
        if not _within(schema, len(value), "Items"):
            yield path, f"{len(value)} items are not allowed"
        for index, item in enumerate(value):
            yield from _against(schema.get("items", {}), item, f"{path}[{index}]")
    else:
        text = _scalar(schema, value)
        if text:
            yield path, text


def _scalar(schema: Mapping[str, Any], value: Json) -> str:
    """What is wrong with a text or number, "" when nothing is."""
    if isinstance(value, str):
        if not _within(schema, len(value), "Length"):
            return f"a text of {len(value)} characters is not allowed"
        if "pattern" in schema and not re.search(schema["pattern"], value):
            return f"{value!r} does not match {schema['pattern']}"
    elif isinstance(value, int) and not isinstance(value, bool) and not _within(schema, value, "imum"):
        return f"{value} is out of range"
    return ""


def _within(schema: Mapping[str, Any], size: int, what: str) -> bool:
    """Between the keywords min... and max..., as far as they are given."""
    return bool(schema.get(f"min{what}", size) <= size <= schema.get(f"max{what}", size))


def _members(schema: Mapping[str, Any], value: dict[str, Json], path: str) -> Iterator[Complaint]:
    head = f"{path}." if path else ""
    for name in schema.get("required", ()):
        if name not in value:
            yield f"{head}{name}", "it is required"
    if not _within(schema, len(value), "Properties"):
        yield path, f"{len(value)} entries are not allowed"
    known, others = schema.get("properties", {}), schema.get("additionalProperties")
    for name, item in value.items():
        if name in known:
            yield from _against(known[name], item, f"{head}{name}")
        elif others is None:
            yield f"{head}{name}", "there is no such field"
        elif isinstance(others, Mapping):
            yield from ((path, text) for _, text in _against(others, item, name))


# --- CEL rules ----------------------------------------------------------------------------------------------------


def _grace_period(spec: Fields) -> Iterator[Complaint]:
    check: Fields = spec.get("healthCheck") or {}
    if "gracePeriodSeconds" in check and check.get("type") != "LoadBalancer":
        yield "healthCheck.gracePeriodSeconds", "it has a meaning only with type: LoadBalancer"


def _template(spec: Fields) -> Iterator[Complaint]:
    if any("templateInstanceId" in block for block in spec.values() if isinstance(block, dict)):
        for path in _TEMPLATE_EXCLUDES:
            if path in spec:
                yield path, "it is copied from templateInstanceId"


def _files(spec: Fields) -> Iterator[Complaint]:
    for name, block in spec.items():
        if isinstance(block, dict) and any("content" not in file for file in block.get("files") or ()):
            paths = ", ".join(str(file.get("path")) for file in block["files"])
            yield f"{name}.files", f"contents of files cannot be read back ({paths})"


def _public_ip(spec: Fields) -> Iterator[Complaint]:
    address: Fields = spec.get("publicIp") or {}
    shared = address.get("chargeMode") == "Shared"
    if address and (shared != ("sharedBandwidthId" in address) or not (shared or "bandwidthMbps" in address)):
        yield "publicIp", "Shared needs sharedBandwidthId, the other modes bandwidthMbps"


def _kms_key(spec: Fields) -> Iterator[Complaint]:
    for disk in spec.get("dataDisks") or ():
        if "kmsKeyId" in disk and not disk.get("encrypted"):
            yield "dataDisks", "kmsKeyId needs encrypted: true"


def _policy_blocks(spec: Fields) -> Iterator[Complaint]:
    kind = spec.get("type")
    block = {"Alarm": "alarm", "Scheduled": "schedule", "Recurring": "schedule"}.get(str(kind))
    if block is None:
        yield "type", f"policies of type {kind} are no cloud objects"
    elif block not in spec:
        yield block, f"type {kind} needs it"
    elif kind == "Alarm" and "adjustment" not in spec and "steps" not in spec["alarm"]:
        yield "adjustment", "an Alarm policy needs it, or alarm.steps"
    elif kind != "Alarm" and not any(name in spec for name in _OUTCOMES):
        yield "adjustment", f"type {kind} needs it, or capacity"


def _adjustments(spec: Fields) -> Iterator[Complaint]:
    steps = (spec.get("alarm") or {}).get("steps") or ()
    found = [("adjustment", spec.get("adjustment"))]
    found += [(f"alarm.steps[{index}]", step.get("adjustment")) for index, step in enumerate(steps)]
    for path, adjustment in found:
        if adjustment is None:
            continue
        kind, value = str(adjustment["type"]), int(adjustment["value"])
        if kind == "PercentChangeInCapacity" and value < -100:
            yield path, f"{value} percent is less than all"
        elif not kind.startswith("Exact") and value == 0:
            yield path, "a change of 0 changes nothing"
    for index, step in enumerate(steps):
        if "lowerBound" not in step and "upperBound" not in step:
            yield f"alarm.steps[{index}]", "a step needs a bound"


_RULES: Mapping[str, tuple[Callable[[Fields], Iterator[Complaint]], ...]] = {
    "LaunchConfiguration": (_template, _files, _public_ip, _kms_key),
    "ScalingGroup": (_grace_period,),
    "ScalingPolicy": (_policy_blocks, _adjustments),
}
