"""What Huawei Cloud allows for every field of the API. Read by core.accept through the capabilities.

A path that is missing here is not served. "+"
stands for the vendor's own block until `in_block` puts its name there, so that sibling clouds can share the rows.
"""

from __future__ import annotations

from dataclasses import replace

from cloudscaling.core.fields import Mutability, Rule, Table, unsupported
from cloudscaling.core.model import Json
from cloudscaling.core.operator_fields import OPERATOR_LAUNCH_CONFIGURATION, OPERATOR_POLICY
from cloudscaling.vendors.huawei import action_fields
from cloudscaling.vendors.huawei.fields_group import COOLDOWN, DESCRIPTION, GROUP
from cloudscaling.vendors.huawei.group_fields import long

__all__ = ["GROUP", "LAUNCH_CONFIGURATION", "POLICY", "in_block"]

_TEMPLATE = "+.templateInstanceId"
_REVISION = Rule(Mutability.REVISION)
_SECRET = Rule(Mutability.REVISION, unread=True)
_OF_TEMPLATE = frozenset({"image", "instanceTypes", "systemDisk", "dataDisks", "securityGroupIds"})
_PLACE = frozenset({"+.tenancy", "+.dedicatedHostId"})  # copied from a template as well
_ELSEWHERE_VOLUMES = unsupported("use +.deleteVolume of the ScalingGroup")

# Adjustment type -> (lowest, highest) absolute value.
_ADJUSTMENTS = {
    "ChangeInCapacity": (1, 300),
    "ExactCapacity": (0, 300),
    "PercentChangeInCapacity": (1, 20000),
    "ExactPercent": (1, 20000),
}


# Disk types of which the rates are told apart from the size.
_WITH_IOPS, _WITH_THROUGHPUT = frozenset({"GPSSD2", "ESSD2"}), frozenset({"GPSSD2"})
_USER_DATA = 32 * 1024  # bytes before encoding


def in_block(table: Table, block: str) -> Table:
    """The table of one cloud: its own block's name in the paths and wherever a rule names a path."""

    def named(rule: Rule) -> Rule:
        unless, with_ = long(rule.required_unless, block), long(rule.required_with, block)
        filled = long(rule.filled_with, block)
        hint = rule.hint.replace("+.", f"{block}.")
        return replace(rule, hint=hint, required_unless=unless, required_with=with_, filled_with=filled)

    return {long(path, block): named(rule) for path, rule in table.items()}


def _adjustment(adjustment: Json) -> str:
    low, high = _ADJUSTMENTS[adjustment["type"]]
    if low <= abs(adjustment["value"]) <= high:
        return ""
    return f"{adjustment['value']} is not within {low} to {high} for {adjustment['type']}"


def _rate(type_: str, values: frozenset[str]) -> Rule:
    return Rule(Mutability.REVISION, low=1, required_for={type_: values})


def _user_data(source: Json) -> str:
    size = len(source.get("inline", "").encode())
    return f"{size} bytes are more than {_USER_DATA}" if size > _USER_DATA else ""


_OWN_CONTENT: Table = OPERATOR_LAUNCH_CONFIGURATION | {
    "image.id": Rule(Mutability.REVISION, required_unless=_TEMPLATE),
    "image.name": unsupported("use image.id"),
    "image.family": unsupported("use image.id"),
    "instanceTypes": Rule(Mutability.REVISION, min_items=1, max_items=10),
    "instanceTypePolicy": Rule(Mutability.REVISION, values=frozenset({"Priority", "LowestPrice"})),
    "systemDisk.type": Rule(Mutability.REVISION, required_unless=_TEMPLATE),
    "systemDisk.sizeGiB": Rule(Mutability.REVISION, low=1, high=1024, required_unless=_TEMPLATE),
    "systemDisk.snapshotId": _REVISION,
    "systemDisk.iops": _rate("systemDisk.type", _WITH_IOPS),
    "systemDisk.throughputMiBps": _rate("systemDisk.type", _WITH_THROUGHPUT),
    "dataDisks": Rule(Mutability.REVISION, max_items=23),
    "dataDisks[].type": _REVISION,
    "dataDisks[].sizeGiB": Rule(Mutability.REVISION, low=10, high=32768),
    "dataDisks[].snapshotId": _REVISION,
    "dataDisks[].imageId": _REVISION,
    "dataDisks[].encrypted": _REVISION,
    "dataDisks[].kmsKeyId": _REVISION,
    "dataDisks[].iops": _rate("dataDisks[].type", _WITH_IOPS),
    "dataDisks[].throughputMiBps": _rate("dataDisks[].type", _WITH_THROUGHPUT),
    "dataDisks[].deleteWithInstance": _ELSEWHERE_VOLUMES,
    "securityGroupIds": _REVISION,
    "login.keyPair": _REVISION,
    "login.passwordSecretRef": _SECRET,
    "login.inheritFromImage": unsupported("use login.keyPair, or login.passwordSecretRef for Windows images"),
    "userData": replace(_SECRET, judge=_user_data),
    "publicIp.bandwidthMbps": Rule(
        Mutability.REVISION, low=1, high=2000, high_for={"publicIp.chargeMode": {"Traffic": 300}}
    ),
    "publicIp.chargeMode": Rule(Mutability.REVISION, values=frozenset({"Bandwidth", "Traffic", "Shared"})),
    "publicIp.sharedBandwidthId": _REVISION,
    "purchaseModel": Rule(Mutability.REVISION, values=frozenset({"OnDemand", "Spot"})),
    "spot": unsupported("purchaseModel: Spot takes no bid here"),
    "instanceName": unsupported("instances are named after externalName"),
    "hostName": unsupported("set it in userData"),
    "instanceTags": unsupported("use tags of the ScalingGroup"),
    "instanceRole": unsupported("use +.iamAgencyName of the ScalingGroup"),
    "placementGroupId": _REVISION,
    "+.templateInstanceId": _SECRET,
    "+.files": replace(_SECRET, max_items=5),
    "+.eipType": Rule(Mutability.REVISION, required_with="publicIp"),
    "+.tenancy": Rule(Mutability.REVISION, values=frozenset({"Dedicated"})),
    "+.dedicatedHostId": _REVISION,
    "+.dedicatedStorageId": _REVISION,
}
LAUNCH_CONFIGURATION: Table = {
    path: replace(rule, filled_with=_TEMPLATE) if path.partition(".")[0] in _OF_TEMPLATE or path in _PLACE else rule
    for path, rule in _OWN_CONTENT.items()
}

POLICY: Table = OPERATOR_POLICY | {
    "type": Rule(
        Mutability.OPERATOR,
        lacking={"TargetTracking": "let an HPA or KEDA drive the ScalingGroup"},
    ),
    "adjustment": Rule(judge=_adjustment),
    "cooldownSeconds": COOLDOWN,
    "capacity": Rule(),
    "alarm.alarmId": Rule(),
    "alarm.metric": unsupported("use alarm.alarmId of an existing alarm rule"),
    "alarm.steps": Rule(min_items=1, max_items=10, judge=action_fields.complaint, needs="StepPolicies"),
    "alarm.steps[].lowerBound": Rule(),
    "alarm.steps[].upperBound": Rule(),
    "alarm.steps[].adjustment": Rule(judge=_adjustment),
    "targetTracking": unsupported("let an HPA or KEDA drive the ScalingGroup"),
    "schedule.at": Rule(),
    "schedule.cron": Rule(),
    "schedule.timeZone": Rule(),
    "schedule.startTime": Rule(),
    "schedule.endTime": Rule(),
    "+.description": replace(DESCRIPTION, needs="PolicyV2"),
    "+.deleteAlarm": Rule(Mutability.OPERATOR),
    "+.bandwidth.id": Rule(Mutability.NEVER, needs="PolicyV2"),
    "+.bandwidth.limitMbps": Rule(low=1, high=300),
}
