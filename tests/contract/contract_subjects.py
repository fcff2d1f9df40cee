"""What the contract suite has to know of each vendor: names of operations and samples of fields, nothing else.

A new vendor adds one Subject; a test never asks which vendor it runs against.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
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
    configuration_defaults: Mapping[str, Any] = field(default_factory=dict)  # shown although nobody asked for it
    targets: Mapping[str, Any] = field(default_factory=dict)  # paths below loadBalancers, without those of `others`
    others: Mapping[str, Any] = field(default_factory=dict)  # the same, as somebody else would have made them
    hook: Mapping[str, Any] = field(default_factory=dict)
    hook_update: Mapping[str, Any] = field(default_factory=dict)
    notification: Mapping[str, Any] = field(default_factory=dict)  # empty: the vendor has none
    tasks: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # type -> fields; empty: the vendor has none
    task_update: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    steps: Mapping[str, Any] = field(default_factory=dict)  # an Alarm policy with steps; empty: the vendor has none
    bandwidth: Mapping[str, Any] = field(default_factory=dict)
    warm_pool: bool = False
    keystone: bool = False  # there are user tokens
    user_first: bool = False  # and the suite uses them unless a test says otherwise
    actions: frozenset[InstanceAction] = frozenset()
    v2: bool = False  # version 2 can be switched off in the simulator
    documented: frozenset[str] = frozenset()  # every operation id that the port must use
    outside: frozenset[str] = frozenset()  # operation ids of other services


def in_block(values: Mapping[str, Any], block: str) -> dict[str, Any]:
    """Samples of one vendor for a sibling with another block; what stands below several types included."""
    return {
        path.replace("huawei", block, 1): in_block(value, block) if isinstance(value, dict) else value
        for path, value in values.items()
    }


def without(values: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {path: value for path, value in values.items() if path not in names}


TOPIC, OTHER_TOPIC = (f"urn:smn:sim-region-1:0123456789abcdef0123456789abcdef:{name}" for name in ("ops", "others"))

# The operation ids of the vendor's API reference, in its order.
DOCUMENTED = frozenset((Path(__file__).parent / "operations_huawei.txt").read_text().split())
NOT_OF_OTC = ("WarmPool", "ScheduledTask", "ScalingNotification")

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
        "huawei.secondaryNetworks": [{"subnetId": "net-y"}, {"subnetId": "net-x", "ipv6Enabled": True}],
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
        "huawei.secondaryNetworks": [{"subnetId": "net-x", "ipv6BandwidthId": "bw-b", "ipv6Enabled": True}],
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
        "batch instances": "BatchActionScalingInstances",
        "remove instance": "DeleteScalingInstance",
        "create policy": "CreateScalingV2Policy",
        "update policy": "UpdateScalingV2Policy",
        "execute policy": "ActionScalingPolicy",
        "create hook": "CreateLifeCycleHook",
        "update hook": "UpdateLifeCycleHook",
        "delete hook": "DeleteLifeCycleHook",
        "answer hook": "AttachCallbackInstanceLifeCycleHook",
        "create notification": "CreateScalingNotification",
        "delete notification": "DeleteScalingNotification",
        "create task": "CreateGroupScheduledTask",
        "update task": "UpdateGroupScheduledTask",
        "delete task": "DeleteGroupScheduledTask",
        "list tasks": "ListGroupScheduledTasks",
        "put warm pool": "PutWarmPool",
        "close warm pool": "CloseWarmPool",
        "set tags": "ActionScalingTags",
        "log in": "KeystoneCreateUserTokenByPassword",
    },
    targets={
        "targets": [
            {"name": "https", "poolId": "pool-b", "port": 8443, "weight": 80},
            {"name": "http", "poolId": "pool-a", "port": 8080, "weight": 50, "ipVersion": "IPv6"},
        ],
        "classicIds": ["listener-b", "listener-a"],
    },
    others={
        "targets": [{"name": "theirs", "poolId": "pool-z", "port": 1, "weight": 1}],
        "classicIds": ["listener-z"],
    },
    hook={
        "transition": "Launching",
        "defaultResult": "Continue",
        "timeoutSeconds": 600,
        "target.topic": TOPIC,
        "metadata": "web",
    },
    hook_update={
        "transition": "Terminating",
        "defaultResult": "Abandon",
        "timeoutSeconds": 60,
        "target.topic": OTHER_TOPIC,
        "metadata": "",
    },
    notification={"events": ["ScaleOutFailed", "GroupAbnormal", "ScaleInFailed"], "target.topic": TOPIC},
    tasks={
        "Scheduled": {"capacity": {"minSize": 0, "desiredCapacity": 3}, "schedule.at": "2099-03-02T23:30Z"},
        "Recurring": {
            "capacity": {"minSize": 2, "maxSize": 9, "desiredCapacity": 4},
            "schedule.time": "23:30",
            "schedule.recurrence": "Weekly",
            "schedule.days": [0, 5],
            "schedule.start": "2098-01-01T00:00Z",
            "schedule.end": "2099-01-01T00:00Z",
        },
    },
    task_update={
        "Scheduled": {"externalName": "renamed", "capacity": {"maxSize": 7}, "schedule.at": "2099-04-02T01:00Z"},
        "Recurring": {
            "capacity": {"desiredCapacity": 0},
            "schedule.recurrence": "Monthly",
            "schedule.days": [2, 10, 31],
        },
    },
    steps={
        "alarm.alarmId": "al1500000000000steps0000",
        "alarm.steps": [
            {"lowerBound": "10.50", "adjustment": {"type": "PercentChangeInCapacity", "value": 50}},
            {"lowerBound": "0", "upperBound": "10.5", "adjustment": {"type": "ChangeInCapacity", "value": 1}},
            {"upperBound": "-20", "adjustment": {"type": "ChangeInCapacity", "value": -2}},
        ],
    },
    bandwidth={
        "adjustment": {"type": "ChangeInCapacity", "value": -3},
        "alarm.alarmId": "al1500000000000bandwidth",
        "huawei.bandwidth.id": "bandwidth-a",
        "huawei.bandwidth.limitMbps": 2,
    },
    warm_pool=True,
    keystone=True,
    actions=frozenset(InstanceAction),
    v2=True,
    documented=DOCUMENTED,
    outside=frozenset({"KeystoneCreateUserTokenByPassword", "KeystoneListProjects"}),
)

OTC = replace(
    HUAWEI,
    vendor="OTC",
    simulator="otc",
    block="otc",
    group=in_block(without(HUAWEI.group, "huawei.iamAgencyName", "huawei.primaryNetwork"), "otc")
    | {"otc.primaryNetwork": {"ipv6Enabled": True}},
    group_update=in_block(without(HUAWEI.group_update, "huawei.iamAgencyName", "huawei.primaryNetwork"), "otc")
    | {"otc.primaryNetwork": {"ipv6Enabled": False}},
    configuration={
        "image": {"id": "image-a"},
        "instanceTypes": ["s3.large.2", "s3.xlarge.2"],
        "systemDisk": {"type": "SSD", "sizeGiB": 40},
        "dataDisks": [{"type": "SAS", "sizeGiB": 10, "encrypted": True, "kmsKeyId": "key-a"}],
        "securityGroupIds": ["sg-a"],
        "login": {"keyPair": "ops"},
        "userData": "#!/bin/sh\necho hello",
        "publicIp": {"bandwidthMbps": 10, "chargeMode": "Traffic"},
        "otc": {"eipType": "5_bgp", "files": [{"path": "/etc/role", "content": "web"}]},
    },
    configuration_defaults={"instanceTypePolicy": "Priority"},
    policies=in_block(HUAWEI.policies, "otc"),
    policy_update=in_block(HUAWEI.policy_update, "otc"),
    targets={
        "targets": [
            {"name": "https", "poolId": "pool-b", "port": 8443, "weight": 80},
            {"name": "http", "poolId": "pool-a", "port": 8080, "weight": 50},
        ],
        "classicIds": ["listener-b", "listener-a"],
    },
    notification={},
    tasks={},
    task_update={},
    steps={},
    bandwidth=in_block(HUAWEI.bandwidth, "otc"),
    warm_pool=False,
    user_first=True,
    documented=frozenset(name for name in DOCUMENTED if not any(part in name for part in NOT_OF_OTC)),
    actions=frozenset(InstanceAction) - {InstanceAction.ENTER_STANDBY, InstanceAction.EXIT_STANDBY},
)

SUBJECTS = (HUAWEI, OTC)
