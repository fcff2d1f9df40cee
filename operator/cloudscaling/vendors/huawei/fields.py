"""What Huawei Cloud allows for every field of the API. Read by core.accept through the capabilities.

A path that is missing here is not served. Limits that depend on a second field are the cloud's own to refuse.
"""

from __future__ import annotations

from cloudscaling.core.fields import NOT_IMPLEMENTED, Mutability, Rule, Table, unsupported
from cloudscaling.core.model import Json
from cloudscaling.vendors._fields import OPERATOR_GROUP, OPERATOR_LAUNCH_CONFIGURATION, OPERATOR_POLICY
from cloudscaling.vendors.huawei.group_fields import TERMINATION, WORDS

_REVISION = Rule(Mutability.REVISION)
_DESCRIPTION = Rule(max_length=236)  # the vendor's 256 less room for the ownership mark
_COOLDOWN = Rule(low=0, high=86400)
_ELSEWHERE_VOLUMES = unsupported("use huawei.deleteVolume of the ScalingGroup")

# Adjustment type -> (lowest, highest) absolute value.
_ADJUSTMENTS = {
    "ChangeInCapacity": (1, 300),
    "ExactCapacity": (0, 300),
    "PercentChangeInCapacity": (1, 20000),
    "ExactPercent": (0, 20000),
}
_TAG_KEY, _TAG_VALUE = 36, 43


def _termination(policies: Json) -> str:
    if tuple(policies) in TERMINATION or tuple(policies) == ("OldestLaunchConfiguration",):
        return ""
    return f"the vendor has no combination {', '.join(policies)}"


def _tags(tags: Json) -> str:
    for key, value in tags.items():
        if len(key) > _TAG_KEY or len(value) > _TAG_VALUE:
            return f"key {key!r}: keys have at most {_TAG_KEY} characters, values at most {_TAG_VALUE}"
    return ""


def _adjustment(adjustment: Json) -> str:
    low, high = _ADJUSTMENTS[adjustment["type"]]
    if low <= abs(adjustment["value"]) <= high:
        return ""
    return f"{adjustment['value']} is not within {low} to {high} for {adjustment['type']}"


GROUP: Table = OPERATOR_GROUP | {
    "minSize": Rule(low=0),  # the upper limit is the account's, see Capabilities.max_group_size
    "maxSize": Rule(low=0),
    "cooldownSeconds": _COOLDOWN,
    "network.vpcId": Rule(Mutability.NEVER, required=True),
    "network.subnetIds": Rule(Mutability.WHEN_EMPTY, required=True, min_items=1, max_items=1),
    "network.zones": Rule(Mutability.WHEN_IDLE),
    "network.distribution": Rule(
        values=frozenset(WORDS["network.distribution"][1]),
        lacking={"CostOptimized": "use instanceTypePolicy: LowestPrice of the LaunchConfiguration"},
    ),
    "healthCheck.type": Rule(values=frozenset(WORDS["healthCheck.type"][1])),
    "healthCheck.intervalSeconds": Rule(values=frozenset(WORDS["healthCheck.intervalSeconds"][1])),
    "healthCheck.gracePeriodSeconds": Rule(low=0, high=86400),
    "terminationPolicies": Rule(
        values=frozenset({"OldestLaunchConfiguration", "OldestInstance", "NewestInstance"}),
        min_items=1,
        max_items=2,
        judge=_termination,
    ),
    "tags": Rule(max_items=9, judge=_tags),  # ten less the ownership tag
    "loadBalancers": NOT_IMPLEMENTED,
    "lifecycleHooks": NOT_IMPLEMENTED,
    "notifications": NOT_IMPLEMENTED,
    "huawei.description": _DESCRIPTION,
    "huawei.enterpriseProjectId": Rule(),
    "huawei.deletePublicIp": Rule(),
    "huawei.deleteVolume": Rule(),
    "huawei.securityGroupId": Rule(Mutability.WHEN_EMPTY),
    "huawei.primaryNetwork": Rule(Mutability.WHEN_EMPTY),
    "huawei.secondaryNetworks": NOT_IMPLEMENTED,
    "huawei.iamAgencyName": Rule(max_length=64),
    "huawei.warmPool": NOT_IMPLEMENTED,
}

LAUNCH_CONFIGURATION: Table = OPERATOR_LAUNCH_CONFIGURATION | {
    "image.id": Rule(Mutability.REVISION, required_unless="huawei.templateInstanceId"),
    "image.name": unsupported("use image.id"),
    "image.family": unsupported("use image.id"),
    "instanceTypes": Rule(Mutability.REVISION, min_items=1, max_items=10),
    "instanceTypePolicy": Rule(Mutability.REVISION, values=frozenset({"Priority", "LowestPrice"})),
    "systemDisk.type": Rule(Mutability.REVISION, required_unless="huawei.templateInstanceId"),
    "systemDisk.sizeGiB": Rule(Mutability.REVISION, low=1, high=1024, required_unless="huawei.templateInstanceId"),
    "systemDisk.snapshotId": _REVISION,
    "systemDisk.iops": Rule(Mutability.REVISION, low=1),
    "systemDisk.throughputMiBps": Rule(Mutability.REVISION, low=1),
    "dataDisks": Rule(Mutability.REVISION, max_items=23),
    "dataDisks[].type": _REVISION,
    "dataDisks[].sizeGiB": Rule(Mutability.REVISION, low=10, high=32768),
    "dataDisks[].snapshotId": _REVISION,
    "dataDisks[].imageId": _REVISION,
    "dataDisks[].encrypted": _REVISION,
    "dataDisks[].kmsKeyId": _REVISION,
    "dataDisks[].iops": Rule(Mutability.REVISION, low=1),
    "dataDisks[].throughputMiBps": Rule(Mutability.REVISION, low=1),
    "dataDisks[].deleteWithInstance": _ELSEWHERE_VOLUMES,
    "securityGroupIds": _REVISION,
    "login.keyPair": _REVISION,
    "login.passwordSecretRef": _REVISION,
    "login.inheritFromImage": unsupported("use login.keyPair, or login.passwordSecretRef for Windows images"),
    "userData": _REVISION,
    "publicIp.bandwidthMbps": Rule(Mutability.REVISION, low=1, high=2000),
    "publicIp.chargeMode": Rule(Mutability.REVISION, values=frozenset({"Bandwidth", "Traffic", "Shared"})),
    "publicIp.sharedBandwidthId": _REVISION,
    "purchaseModel": Rule(Mutability.REVISION, values=frozenset({"OnDemand", "Spot"})),
    "spot": unsupported("purchaseModel: Spot takes no bid here"),
    "instanceName": unsupported("instances are named after externalName"),
    "hostName": unsupported("set it in userData"),
    "instanceTags": unsupported("use tags of the ScalingGroup"),
    "instanceRole": unsupported("use huawei.iamAgencyName of the ScalingGroup"),
    "placementGroupId": _REVISION,
    "huawei.templateInstanceId": _REVISION,
    "huawei.files": Rule(Mutability.REVISION, max_items=5),
    "huawei.eipType": Rule(Mutability.REVISION, required_with="publicIp"),
    "huawei.tenancy": Rule(Mutability.REVISION, values=frozenset({"Dedicated"})),
    "huawei.dedicatedHostId": _REVISION,
    "huawei.dedicatedStorageId": _REVISION,
}

POLICY: Table = OPERATOR_POLICY | {
    "type": Rule(
        Mutability.OPERATOR,
        lacking={"TargetTracking": "let an HPA or KEDA drive the ScalingGroup"},
        not_yet=frozenset({"Simple"}),
    ),
    "adjustment": Rule(judge=_adjustment),
    "cooldownSeconds": _COOLDOWN,
    "capacity": NOT_IMPLEMENTED,
    "alarm.alarmId": Rule(),
    "alarm.metric": unsupported("use alarm.alarmId of an existing alarm rule"),
    "alarm.steps": NOT_IMPLEMENTED,
    "targetTracking": unsupported("let an HPA or KEDA drive the ScalingGroup"),
    "schedule.at": Rule(),
    "schedule.cron": Rule(),
    "schedule.timeZone": Rule(),
    "schedule.startTime": Rule(),
    "schedule.endTime": Rule(),
    "huawei.description": _DESCRIPTION,
    "huawei.deleteAlarm": Rule(Mutability.OPERATOR),
    "huawei.bandwidth": NOT_IMPLEMENTED,
}
