"""The objects of the scenarios, small and complete. Pure."""

from __future__ import annotations

from typing import Any

from tests.faults.process import PROJECT, REGION
from tests.faults.vendors import Vendor

Json = dict[str, Any]
API_VERSION = "cloudscaling.dev/v1alpha1"
ACCOUNT = "acme"
FAR = "2089-01-01T00:00:00Z"
NETWORK = {"vpcId": "vpc-a", "subnetIds": ["net-a"]}


def _object(kind: str, name: str, spec: Json) -> Json:
    return {"apiVersion": API_VERSION, "kind": kind, "metadata": {"name": name}, "spec": spec}


def secret(vendor: Vendor) -> Json:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "keys"},
        "stringData": dict(vendor.secret),
    }


def account(vendor: Vendor, endpoint: str) -> Json:
    """The shortest timeouts and polls that the schema allows."""
    return _object(
        "CloudAccount",
        ACCOUNT,
        {
            "vendor": vendor.kind,
            "region": REGION,
            "projectId": PROJECT,
            "endpoints": {"autoscaling": endpoint, "iam": endpoint},
            "credentials": {"type": vendor.credentials, "secretRef": {"name": "keys"}},
            "requestTimeoutSeconds": 5,
            "polling": {"idleSeconds": 30, "activeSeconds": 5},
            "rateLimit": {"requestsPerSecond": 100, "burst": 500},
            "tls": {"allowPlaintext": True},
        },
    )


def launch(name: str = "lc", **changes: Any) -> Json:
    spec = {
        "accountRef": {"name": ACCOUNT},
        "image": {"id": "image-a"},
        "instanceTypes": ["s6.large.2"],
        "systemDisk": {"type": "SSD", "sizeGiB": 40},
        "securityGroupIds": ["sg-a"],
        "login": {"keyPair": "ops"},
        "revisionHistoryLimit": 0,
    }
    return _object("LaunchConfiguration", name, spec | changes)


def group(name: str = "web", **changes: Any) -> Json:
    spec = {
        "accountRef": {"name": ACCOUNT},
        "minSize": 1,
        "maxSize": 6,
        "desiredCapacity": 2,
        "cooldownSeconds": 0,
        "launchConfigurationRef": {"name": "lc"},
        "network": NETWORK,
        "terminationPolicies": ["OldestLaunchConfiguration", "OldestInstance"],
    }
    merged = spec | changes
    return _object("ScalingGroup", name, {key: value for key, value in merged.items() if value is not None})


def alarm(name: str = "on-alarm", **changes: Any) -> Json:
    spec = {
        "scalingGroupRef": {"name": "web"},
        "type": "Alarm",
        "alarm": {"alarmId": "al1500000000000abcdefghi"},
        "adjustment": {"type": "ChangeInCapacity", "value": 1},
        "cooldownSeconds": 60,
    }
    return _object("ScalingPolicy", name, spec | changes)


def simple(name: str = "more", **changes: Any) -> Json:
    """A policy that is executed by hand only; it has no object in the cloud."""
    adjustment = {"type": "ChangeInCapacity", "value": 1}
    return _object(
        "ScalingPolicy",
        name,
        {"scalingGroupRef": {"name": "web"}, "type": "Simple"} | {"adjustment": adjustment} | changes,
    )


def scheduled(name: str = "once", **changes: Any) -> Json:
    spec = {
        "scalingGroupRef": {"name": "web"},
        "type": "Scheduled",
        "schedule": {"at": "2090-03-02T23:30:00Z"},
        "adjustment": {"type": "ExactCapacity", "value": 3},
    }
    return _object("ScalingPolicy", name, spec | changes)


def recurring(name: str = "daily", **changes: Any) -> Json:
    spec = {
        "scalingGroupRef": {"name": "web"},
        "type": "Recurring",
        # Not before 2089: a harness that runs at half past seven must not be scaled by it.
        "schedule": {"cron": "30 7 * * *", "timeZone": "Etc/UTC", "startTime": FAR, "endTime": "2095-01-01T00:00:00Z"},
        "adjustment": {"type": "ChangeInCapacity", "value": 1},
    }
    return _object("ScalingPolicy", name, spec | changes)


def operation(action: str, name: str = "op", **changes: Any) -> Json:
    spec = {"scalingGroupRef": {"name": "web"}, "action": action}
    return _object("InstanceOperation", name, spec | changes)


def sizes(name: str = "sizes", **changes: Any) -> Json:
    """A schedule that sets sizes: a scheduled task."""
    spec = recurring()["spec"] | {"capacity": {"minSize": 1, "desiredCapacity": 3}} | changes
    return _object("ScalingPolicy", name, {key: value for key, value in spec.items() if key != "adjustment"})


def steps(name: str = "steps", **changes: Any) -> Json:
    step = {"lowerBound": "0", "upperBound": "10", "adjustment": {"type": "ChangeInCapacity", "value": 1}}
    alarm_ = {"alarmId": "al1500000000000abcdefghi", "steps": [step]}
    spec = alarm()["spec"] | {"alarm": alarm_} | changes
    return _object("ScalingPolicy", name, {key: value for key, value in spec.items() if key != "adjustment"})


def bandwidth(block: str, name: str = "broad", **changes: Any) -> Json:
    spec = {key: value for key, value in alarm()["spec"].items() if key != "scalingGroupRef"}
    own = {"accountRef": {"name": ACCOUNT}, block: {"bandwidth": {"id": "bw-1", "limitMbps": 100}}}
    return _object("ScalingPolicy", name, spec | own | changes)


# --- what stands in the cloud before the operator comes ---------------------------------------------------------------


def cloud_configuration(name: str = "by-hand-lc") -> Json:
    return {
        "scaling_configuration_name": name,
        "instance_config": {
            "flavorRef": "s6.large.2",
            "imageRef": "image-a",
            "disk": [{"size": 40, "volume_type": "SSD", "disk_type": "SYS"}],
            "key_name": "ops",
            "security_groups": [{"id": "sg-a"}],
        },
    }


def cloud_group(configuration_id: str, name: str = "by-hand", instances: int = 2) -> Json:
    return {
        "scaling_group_name": name,
        "scaling_configuration_id": configuration_id,
        "desire_instance_number": instances,
        "min_instance_number": 1,
        "max_instance_number": 6,
        "cool_down_time": 0,
        "vpc_id": "vpc-a",
        "networks": [{"id": "net-a"}],
        "instance_terminate_policy": "OLD_CONFIG_OLD_INSTANCE",
        "instances": instances,
        "enabled": True,
    }


def cloud_policy(group_id: str, name: str = "by-hand-policy") -> Json:
    return {
        "scaling_policy_name": name,
        "scaling_policy_type": "ALARM",
        "scaling_resource_id": group_id,
        "scaling_resource_type": "SCALING_GROUP",
        "alarm_id": "al1500000000000abcdefghi",
        "scaling_policy_action": {"operation": "ADD", "size": 1},
        "cool_down_time": 60,
    }
