"""What the contract suite has to know of each vendor: names of operations and samples of fields, nothing else.

A new vendor adds one Subject; a test never asks which vendor it runs against.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cloudscaling.core.model import InstanceAction


@dataclass(frozen=True)
class Subject:
    """One vendor under test."""

    vendor: str  # value of CloudAccount spec.vendor
    simulator: str  # its name in the simulator
    block: str
    group: Mapping[str, Any]  # fields of a group, without name and launch configuration
    group_update: Mapping[str, Any]  # the same, every in-place one with another value
    configuration: Mapping[str, Any]  # content, secrets resolved
    policies: Mapping[str, Mapping[str, Any]]  # type -> fields
    policy_update: Mapping[str, Mapping[str, Any]]  # type -> other values
    operations: Mapping[str, str]  # neutral name -> vendor's operation id
    keystone: bool = False
    single_error: Mapping[str, Any] = field(default_factory=dict)
    actions: frozenset[InstanceAction] = frozenset()


HUAWEI = Subject(
    vendor="Huawei",
    simulator="huawei",
    block="huawei",
    group={
        "minSize": 0,
        "maxSize": 20,
        "cooldownSeconds": 0,
        "network.vpcId": "vpc-a",
        "network.subnetIds": ["net-a"],
        "network.zones": ["sim-region-1b", "sim-region-1a"],
        "network.distribution": "Priority",
        "healthCheck.type": "Instance",
        "healthCheck.intervalSeconds": 10,
        "terminationPolicies": ["OldestLaunchConfiguration", "NewestInstance"],
        "tags": {"team": "web", "empty": ""},
        "huawei.description": "web tier",
        "huawei.enterpriseProjectId": "0",
        "huawei.deletePublicIp": True,
        "huawei.deleteVolume": True,
        "huawei.securityGroupId": "sg-a",
        "huawei.primaryNetwork": {"sourceDestCheck": False},
        "huawei.iamAgencyName": "agency-a",
    },
    group_update={
        "externalName": "renamed",
        "minSize": 1,
        "maxSize": 30,
        "cooldownSeconds": 900,
        "network.subnetIds": ["net-b"],
        "network.zones": ["sim-region-1a"],
        "network.distribution": "Balanced",
        "healthCheck.intervalSeconds": 10800,
        "healthCheck.gracePeriodSeconds": 0,
        "terminationPolicies": ["OldestLaunchConfiguration"],
        "huawei.description": "other",
        "huawei.deletePublicIp": False,
        "huawei.deleteVolume": False,
        "huawei.securityGroupId": "sg-b",
        "huawei.primaryNetwork": {"ipv6Enabled": True, "ipv6BandwidthId": "bw-a"},
        "huawei.iamAgencyName": "",
    },
    configuration={
        "image": {"id": "image-a"},
        "instanceTypes": ["s6.large.2", "s6.xlarge.2"],
        "instanceTypePolicy": "LowestPrice",
        "systemDisk": {"type": "SSD", "sizeGiB": 40},
        "dataDisks": [
            {
                "type": "GPSSD2",
                "sizeGiB": 200,
                "iops": 4000,
                "throughputMiBps": 125,
                "encrypted": True,
                "kmsKeyId": "key-a",
            },
            {"type": "SAS", "sizeGiB": 10},
        ],
        "securityGroupIds": ["sg-a"],
        "login": {"keyPair": "ops"},
        "userData": "#!/bin/sh\necho hello",
        "publicIp": {"bandwidthMbps": 10, "chargeMode": "Traffic"},
        "purchaseModel": "Spot",
        "placementGroupId": "server-group-a",
        "huawei": {
            "eipType": "5_bgp",
            "files": [{"path": "/etc/role", "content": "web"}],
            "tenancy": "Dedicated",
            "dedicatedHostId": "host-a",
        },
    },
    policies={
        "Alarm": {
            "adjustment": {"type": "ChangeInCapacity", "value": -2},
            "cooldownSeconds": 0,
            "alarm.alarmId": "al1500000000000abcdefghi",
            "huawei.description": "two less",
        },
        "Scheduled": {
            "adjustment": {"type": "ExactCapacity", "value": 0},
            "schedule.at": "2099-03-02T23:30Z",
        },
        "Recurring": {
            "adjustment": {"type": "PercentChangeInCapacity", "value": -50},
            "cooldownSeconds": 60,
            "schedule.time": "23:30",
            "schedule.recurrence": "Weekly",
            "schedule.days": [0, 5],
            "schedule.start": "2098-01-01T00:00Z",
            "schedule.end": "2099-01-01T00:00Z",
        },
    },
    policy_update={
        "Alarm": {
            "externalName": "renamed",
            "adjustment": {"type": "PercentChangeInCapacity", "value": 150},
            "alarm.alarmId": "al1500000000000zzzzzzzzz",
            "cooldownSeconds": 600,
            "huawei.description": "half more",
        },
        "Scheduled": {"schedule.at": "2099-04-02T01:00Z"},
        "Recurring": {"schedule.recurrence": "Monthly", "schedule.days": [2, 10, 31]},
    },
    operations={
        "create group": "CreateScalingGroup",
        "list groups": "ListScalingGroups",
        "show group": "ShowScalingGroup",
        "update group": "UpdateScalingGroup",
        "delete group": "DeleteScalingGroup",
        "list instances": "ListScalingInstances",
        "list policies": "ListAllScalingV2Policies",
        "list configurations": "ListScalingConfigs",
        "create configuration": "CreateScalingConfig",
        "batch delete configurations": "BatchDeleteScalingConfigs",
        "delete configuration": "DeleteScalingConfig",
        "delete policy": "DeleteScalingPolicy",
        "batch policies": "BatchActionScalingPolicies",
        "log in": "KeystoneCreateUserTokenByPassword",
    },
    keystone=True,
    actions=frozenset(InstanceAction),
)

SUBJECTS = (HUAWEI,)
