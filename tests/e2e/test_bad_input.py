"""Bad input: what the API server refuses, what the operator refuses, and that nothing of it is written."""

from __future__ import annotations

from typing import Any

import pytest
from e2e_stage import Namespace
from kubectl import condition
from manifests import account, alarm_policy, group, launch, secret

pytestmark = pytest.mark.e2e

NETWORK = {"vpcId": "vpc-1", "subnetIds": ["net-1"]}
BALANCERS = {"targets": [{"name": "https", "port": 8443}]}  # a pool is missing
HOOK = {"name": "drain", "transition": "Terminating", "timeoutSeconds": 30, "target": {"topic": "urn:smn:a:b:c"}}


@pytest.mark.parametrize(
    ("manifest", "words"),
    [
        (group(minSize=3, maxSize=2), "minSize must not exceed maxSize"),
        (group(desiredCapacity=9), "desiredCapacity must be between minSize and maxSize"),
        (group(minSize=-1), "should be greater than or equal to 0"),
        (group(minSize=None), "spec.minSize: Required value"),
        (group(huawei={}, otc={}), "at most one vendor block"),
        (group(tags={"cso-owner": "me"}), "tag key cso-owner is reserved"),
        (group(launchConfigurationRef=None), "exactly one of launchConfigurationRef"),
        (group(minsize=1), 'unknown field "spec.minsize"'),
        (group(terminationPolicies=["Random"]), "Unsupported value"),
        (launch(image={"id": "a", "name": "b"}), "exactly one of image.id, image.name, image.family"),
        (launch(login={"keyPair": "a", "inheritFromImage": True}), "at most one way to log in"),
        (alarm_policy(schedule={"cron": "0 0 * * *"}), "give exactly the block of spec.type"),
        (alarm_policy(adjustment={"type": "ChangeInCapacity", "value": 0}), "changes are not zero"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_api_server_refuses(namespace: Namespace, manifest: dict[str, Any], words: str) -> None:
    """At once, with the path or the documented message."""
    assert words in namespace.kubectl.apply_refused(manifest)


@pytest.mark.parametrize(
    ("spec", "reason", "path"),
    [
        ({"otc": {"deleteVolume": True}}, "VendorBlockMismatch", "otc"),
        ({"maxSize": 301}, "InvalidValue", "maxSize"),
        ({"network": None}, "MissingValue", "network.vpcId"),
        ({"network": {**NETWORK, "subnetIds": ["net-1", "net-2"]}}, "InvalidValue", "network.subnetIds"),
        ({"network": {**NETWORK, "distribution": "CostOptimized"}}, "Unsupported", "network.distribution"),
        ({"tags": {f"key-{n}": "" for n in range(10)}}, "InvalidValue", "tags"),
        ({"loadBalancers": BALANCERS}, "MissingValue", "loadBalancers.targets[0].poolId"),
        ({"lifecycleHooks": [HOOK]}, "InvalidValue", "lifecycleHooks[0].timeoutSeconds"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_group_that_the_vendor_cannot_have(namespace: Namespace, spec: dict[str, Any], reason: str, path: str) -> None:
    """Accepted=False names the path; no group is created."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    kubectl.apply(launch(), group(**spec))
    kubectl.ready("launchconfiguration/web")
    refused = kubectl.until_reason("scalinggroup", "web", "Accepted", reason)
    assert refused["message"].startswith(path)
    found = kubectl.until_reason("scalinggroup", "web", "Ready", "NotAccepted")
    assert found["message"] == refused["message"]
    assert cloud.groups() == []
    assert "CreateScalingGroup" not in cloud.calls()


@pytest.mark.parametrize(
    ("spec", "reason", "path"),
    [
        ({"huawei": None, "tencent": {}}, "VendorBlockMismatch", "tencent"),
        ({"image": {"name": "ubuntu"}}, "Unsupported", "image.name"),
        ({"systemDisk": {"type": "SSD", "sizeGiB": 2000}}, "InvalidValue", "systemDisk.sizeGiB"),
        ({"hostName": "web"}, "Unsupported", "hostName"),
        ({"publicIp": {"bandwidthMbps": 5, "chargeMode": "Traffic"}}, "MissingValue", "huawei.eipType"),
        ({"systemDisk": None}, "MissingValue", "systemDisk.type"),
        ({"image": None}, "MissingValue", "image.id"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_launch_configuration_that_the_vendor_cannot_have(
    namespace: Namespace, spec: dict[str, Any], reason: str, path: str
) -> None:
    """The same for launch configurations."""
    kubectl = namespace.kubectl
    kubectl.apply(launch(**spec))
    refused = kubectl.until_reason("launchconfiguration", "web", "Accepted", reason)
    assert refused["message"].startswith(path)
    assert namespace.cloud.writes() == []


def test_bad_field_of_a_living_group_stops_only_itself(namespace: Namespace) -> None:
    """The other fields and the desired capacity are still written."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    namespace.ready_group(desiredCapacity=1)
    cloud.forget_calls()
    kubectl.set_spec("scalinggroup", "web", loadBalancers=BALANCERS, cooldownSeconds=42, desiredCapacity=3)
    kubectl.until_reason("scalinggroup", "web", "Accepted", "MissingValue")
    kubectl.until("scalinggroup", "web", lambda o: o["status"].get("currentCapacity") == 3, "three instances")
    assert cloud.group()["cool_down_time"] == 42
    bodies = [call["body"] for call in cloud.writes()]
    assert sorted(key for body in bodies for key in body) == ["cool_down_time", "desire_instance_number"]
    found = kubectl.get("scalinggroup", "web")
    assert condition(found, "Ready")["status"] == "True"
    assert condition(found, "Synced")["reason"] == "NotAccepted"
    assert condition(found, "Stalled")["status"] == "True"


def test_field_that_the_vendor_cannot_change(namespace: Namespace) -> None:
    """The VPC of a group is for ever; the rest goes on."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    namespace.ready_group(desiredCapacity=1)
    kubectl.set_spec("scalinggroup", "web", network={**NETWORK, "vpcId": "vpc-2"}, desiredCapacity=2)
    refused = kubectl.until_reason("scalinggroup", "web", "Accepted", "ImmutableValue")
    assert refused["message"].startswith("network.vpcId")
    kubectl.until("scalinggroup", "web", lambda o: o["status"].get("desiredCapacity") == 2, "desired 2")
    assert cloud.group()["vpc_id"] == "vpc-1"
    kubectl.set_spec("scalinggroup", "web", network=NETWORK)
    kubectl.until_reason("scalinggroup", "web", "Accepted", "Valid")


def test_vendor_that_is_not_served_yet(bare_namespace: Namespace) -> None:
    """It says so instead of waiting for ever."""
    kubectl, cloud = bare_namespace.kubectl, bare_namespace.cloud
    kubectl.apply(secret(cloud), account(cloud, vendor="Tencent", endpoints=None))
    refused = kubectl.until_reason("cloudaccount", "cloud", "Accepted", "NotImplemented")
    assert "Tencent" in refused["message"]


def test_what_the_vendor_refuses_is_shown_in_its_words(namespace: Namespace) -> None:
    """Code and text, once as an Event; the group waits and nothing is tried in a loop."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    cloud.fault("error", "CreateScalingGroup", status=400, code="AS.2014", message="no such subnet", times=0)
    kubectl.apply(launch(), group())
    refused = kubectl.until_reason("scalinggroup", "web", "Synced", "Rejected")
    assert "AS.2014" in refused["message"]
    assert "no such subnet" in refused["message"]
    kubectl.looked_at("scalinggroup", "web", "again")
    assert cloud.count("CreateScalingGroup") == 1
    warned = [e for e in kubectl.events("ScalingGroup", "web") if e[:2] == ("Warning", "Rejected")]
    assert len(warned) == 1
    cloud.heal()
    kubectl.set_spec("scalinggroup", "web", network={**NETWORK, "subnetIds": ["net-2"]})
    kubectl.ready("scalinggroup/web")


def test_exhausted_quota_is_named(namespace: Namespace) -> None:
    """A class of its own, because more of the same helps nobody."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    cloud.fault("error", "CreateScalingGroup", status=400, code="AS.2023", message="quota of 10", times=0)
    kubectl.apply(launch(), group())
    kubectl.until_reason("scalinggroup", "web", "Synced", "QuotaExceeded")
    assert ("Warning", "QuotaExceeded") in [e[:2] for e in kubectl.events("ScalingGroup", "web")]
    assert cloud.groups() == []
