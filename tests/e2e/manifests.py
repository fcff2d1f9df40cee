"""Objects as a user would write them, in short; a keyword argument replaces a field of the spec."""

from __future__ import annotations

from typing import Any

from simulated_cloud import REGION, VENDORS, Cloud

Manifest = dict[str, Any]

ACCOUNT = "cloud"
SECRET = "cloud-key"


def secret(cloud: Cloud, name: str = SECRET, **data: str) -> Manifest:
    """Access keys of an account; keyword arguments replace or add keys."""
    content = {"accessKeyId": cloud.key_id, "secretAccessKey": cloud.secret, **data}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": content}


def account(cloud: Cloud, name: str = ACCOUNT, **spec: Any) -> Manifest:
    """The simulator, polled as often as the API allows."""
    url = cloud.url
    content = {
        "vendor": VENDORS[cloud.vendor],
        "region": REGION,
        "endpoints": {"autoscaling": url, "iam": url},
        "tls": {"allowPlaintext": True},
        "credentials": {"secretRef": {"name": SECRET}},
        "requestTimeoutSeconds": 5,
        "polling": {"idleSeconds": 30, "activeSeconds": 5},
        "rateLimit": {"requestsPerSecond": 100, "burst": 500},
    }
    return resource("CloudAccount", name, {**content, **spec})


def launch(name: str = "web", **spec: Any) -> Manifest:
    """A launch configuration with all that Huawei demands."""
    content = {
        "accountRef": {"name": ACCOUNT},
        "image": {"id": "image-1"},
        "instanceTypes": ["s6.large.2"],
        "systemDisk": {"type": "SSD", "sizeGiB": 40},
        "securityGroupIds": ["sg-1"],
        "login": {"keyPair": "ops"},
    }
    return resource("LaunchConfiguration", name, {**content, **spec})


def group(name: str = "web", **spec: Any) -> Manifest:
    """A group of one to five instances."""
    content = {
        "accountRef": {"name": ACCOUNT},
        "minSize": 1,
        "maxSize": 5,
        "launchConfigurationRef": {"name": "web"},
        "network": {"vpcId": "vpc-1", "subnetIds": ["net-1"]},
    }
    return resource("ScalingGroup", name, {**content, **spec})


def alarm_policy(name: str = "busy", **spec: Any) -> Manifest:
    """One instance more when an alarm fires."""
    content = {
        "scalingGroupRef": {"name": "web"},
        "type": "Alarm",
        "cooldownSeconds": 0,
        "adjustment": {"type": "ChangeInCapacity", "value": 1},
        "alarm": {"alarmId": "al1234567890"},
    }
    return resource("ScalingPolicy", name, {**content, **spec})


def scheduled_policy(name: str = "launch-day", **spec: Any) -> Manifest:
    """Four instances at one moment."""
    content = {
        "scalingGroupRef": {"name": "web"},
        "type": "Scheduled",
        "adjustment": {"type": "ExactCapacity", "value": 4},
        "schedule": {"at": "2099-01-01T00:00:00Z"},
    }
    return resource("ScalingPolicy", name, {**content, **spec})


def recurring_policy(name: str = "morning", **spec: Any) -> Manifest:
    """Three instances every working day."""
    content = {
        "scalingGroupRef": {"name": "web"},
        "type": "Recurring",
        "adjustment": {"type": "ExactCapacity", "value": 3},
        "schedule": {"cron": "30 7 * * 1-5", "timeZone": "Asia/Shanghai"},
    }
    return resource("ScalingPolicy", name, {**content, **spec})


def operation(action: str, name: str = "op", **spec: Any) -> Manifest:
    """Work on the instances of the group, done once."""
    return resource("InstanceOperation", name, {"scalingGroupRef": {"name": "web"}, "action": action, **spec})


def resource(kind: str, name: str, spec: Manifest) -> Manifest:
    """An object of this API; a field of None is left out."""
    given = {key: value for key, value in spec.items() if value is not None}
    return {"apiVersion": "cloudscaling.dev/v1alpha1", "kind": kind, "metadata": {"name": name}, "spec": given}
