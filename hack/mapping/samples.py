"""Sample specs that together use every field, and other values for the fields whose values have a form. Data only.

"+" stands for the vendor's own block. What a cloud does not have is taken out of a sample before it is written.
"""

from __future__ import annotations

from typing import Any

Json = Any

LAUNCH: tuple[Json, ...] = (
    {
        "image": {"id": "image"},
        "instanceTypes": ["small"],
        "instanceTypePolicy": "Priority",
        "systemDisk": {"type": "SSD", "sizeGiB": 40, "snapshotId": "snapshot", "iops": 3000, "throughputMiBps": 125},
        "dataDisks": [
            {
                "type": "SSD",
                "sizeGiB": 100,
                "snapshotId": "snapshot",
                "imageId": "image",
                "encrypted": True,
                "kmsKeyId": "key",
                "iops": 3000,
                "throughputMiBps": 125,
            }
        ],
        "securityGroupIds": ["group"],
        "login": {"keyPair": "key"},
        "userData": {"inline": "text"},
        "publicIp": {"chargeMode": "Bandwidth", "bandwidthMbps": 5},
        "purchaseModel": "OnDemand",
        "placementGroupId": "group",
        "+": {
            "templateInstanceId": "instance",
            "files": [{"path": "/file", "content": "text"}],
            "eipType": "5_bgp",
            "tenancy": "Dedicated",
            "dedicatedHostId": "host",
            "dedicatedStorageId": "storage",
        },
    },
    {
        "login": {"passwordSecretRef": {"name": "secret", "key": "password"}},
        "userData": {"secretKeyRef": {"name": "secret", "key": "key"}},
        "publicIp": {"chargeMode": "Shared", "sharedBandwidthId": "bandwidth"},
        "+": {"files": [{"path": "/file", "secretKeyRef": {"name": "secret", "key": "key"}}]},
    },
    {"userData": {"configMapKeyRef": {"name": "map", "key": "key"}}},
)

_NETWORK = {"ipv6Enabled": True, "ipv6BandwidthId": "bandwidth", "sourceDestCheck": False}

GROUP: tuple[Json, ...] = (
    {
        "externalName": "name",
        "enabled": True,
        "minSize": 1,
        "maxSize": 8,
        "desiredCapacity": 2,
        "cooldownSeconds": 300,
        "launchConfigurationRef": {"name": "launch"},
        "network": {"vpcId": "vpc", "subnetIds": ["subnet"], "zones": ["zone"], "distribution": "Balanced"},
        "healthCheck": {"type": "Instance", "intervalSeconds": 300, "gracePeriodSeconds": 600},
        "terminationPolicies": ["OldestInstance"],
        "tags": {"key": "value"},
        "loadBalancers": {
            "targets": [{"name": "a", "poolId": "pool", "port": 80, "weight": 1, "ipVersion": "IPv6"}],
            "classicIds": ["listener"],
        },
        "lifecycleHooks": [
            {
                "name": "hook",
                "transition": "Launching",
                "defaultResult": "Abandon",
                "timeoutSeconds": 300,
                "target": {"topic": "topic"},
                "metadata": "text",
            }
        ],
        "notifications": [{"name": "a", "events": ["ScaleOutFailed"], "target": {"topic": "topic"}}],
        "+": {
            "description": "text",
            "enterpriseProjectId": "project",
            "deletePublicIp": True,
            "deleteVolume": True,
            "securityGroupId": "group",
            "primaryNetwork": _NETWORK,
            "secondaryNetworks": [{"subnetId": "other", **_NETWORK}],
            "iamAgencyName": "agency",
            "warmPool": {"capacity": 2, "instanceInitWaitSeconds": 60},
        },
    },
)

_OF_GROUP = {"externalName": "name", "scalingGroupRef": {"name": "group"}, "enabled": True, "cooldownSeconds": 300}
_ADJUSTMENT = {"type": "ChangeInCapacity", "value": 1}
_STEP = {"lowerBound": "0", "upperBound": "20", "adjustment": _ADJUSTMENT}
_RECURRING = {
    "cron": "30 7 * * 1-5",
    "timeZone": "Etc/UTC",
    "startTime": "2031-01-01T00:00:00Z",
    "endTime": "2032-01-01T00:00:00Z",
}

POLICY: tuple[Json, ...] = (
    {
        **_OF_GROUP,
        "type": "Alarm",
        "adjustment": _ADJUSTMENT,
        "alarm": {"alarmId": "alarm"},
        "+": {"description": "text", "deleteAlarm": True},
    },
    {**_OF_GROUP, "type": "Alarm", "alarm": {"alarmId": "alarm", "steps": [_STEP]}},
    {**_OF_GROUP, "type": "Scheduled", "adjustment": _ADJUSTMENT, "schedule": {"at": "2031-01-01T00:00:00Z"}},
    {**_OF_GROUP, "type": "Recurring", "adjustment": _ADJUSTMENT, "schedule": _RECURRING},
    {
        "externalName": "name",
        "scalingGroupRef": {"name": "group"},
        "type": "Recurring",
        "capacity": {"minSize": 1, "maxSize": 8, "desiredCapacity": 2},
        "schedule": _RECURRING,
    },
    {
        "externalName": "name",
        "type": "Alarm",
        "adjustment": _ADJUSTMENT,
        "alarm": {"alarmId": "alarm"},
        "+": {"bandwidth": {"id": "bandwidth", "limitMbps": 100}},
    },
)

SAMPLES = {"LaunchConfiguration": LAUNCH, "ScalingGroup": GROUP, "ScalingPolicy": POLICY}

# Path -> values to write instead, where the type alone does not say what a value looks like.
OTHERS: dict[str, tuple[Json, ...]] = {
    "terminationPolicies": (
        ["OldestLaunchConfiguration", "OldestInstance"],
        ["OldestLaunchConfiguration", "NewestInstance"],
        ["OldestInstance"],
        ["NewestInstance"],
    ),
    "tags": ({"other": "other"},),
    "schedule.at": ("2031-02-01T00:00:00Z",),
    "schedule.startTime": ("2031-02-01T00:00:00Z",),
    "schedule.endTime": ("2032-02-01T00:00:00Z",),
    "schedule.cron": ("45 8 * * *", "30 7 1 * *"),
    "schedule.timeZone": ("Asia/Tokyo",),
    "alarm.steps[].lowerBound": ("10",),
    "alarm.steps[].upperBound": ("30",),
    "adjustment.value": (2, -1),
    "alarm.steps[].adjustment.value": (2, -1),
}
