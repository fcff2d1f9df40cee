"""Cloud groups that were there before: adopted by id or by mark, observed, doubled, taken from one another."""

from __future__ import annotations

from typing import Any

import pytest
from e2e_stage import Namespace
from kubectl import condition
from manifests import group, launch

pytestmark = pytest.mark.e2e


def made_by_hand(namespace: Namespace) -> tuple[str, str]:
    """(group id, configuration id) of a group that somebody else made."""
    cloud = namespace.cloud
    disk = [{"disk_type": "SYS", "size": 40, "volume_type": "SSD"}]
    content = {"flavorRef": "s6.large.2", "imageRef": "image-1", "disk": disk, "key_name": "ops"}
    content["security_groups"] = [{"id": "sg-1"}]
    named = {"scaling_configuration_name": "by-hand", "instance_config": content}
    (configuration,) = cloud.seed(configurations=[named])["configurations"]
    body = {
        "scaling_group_name": "by-hand",
        "scaling_configuration_id": configuration,
        "vpc_id": "vpc-1",
        "networks": [{"id": "net-1"}],
        "min_instance_number": 1,
        "max_instance_number": 5,
        "desire_instance_number": 2,
        "instances": 2,
        "enabled": True,
        "cool_down_time": 77,
    }
    (made,) = cloud.seed(groups=[body])["groups"]
    return made, configuration


def test_group_is_adopted_by_id(namespace: Namespace) -> None:
    """It gets our tag and nothing else changes; deleting the object leaves the group and takes the tag off."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    group_id, configuration_id = made_by_hand(namespace)
    kubectl.apply(
        launch(externalId=configuration_id),
        group(externalId=group_id, desiredCapacity=1),
    )
    kubectl.ready("launchconfiguration/web", "scalinggroup/web")
    found = kubectl.until_reason("scalinggroup", "web", "Adopted", "AdoptedById")
    assert found["status"] == "True"
    status = kubectl.status("scalinggroup", "web")
    assert (status["externalId"], status["deletionPolicy"]) == (group_id, "Orphan")
    assert [call["operation"] for call in cloud.writes()] == ["ActionScalingTags"]
    # The spec asks for 1, the cloud has 2: adoption changes no capacity by surprise.
    assert condition(kubectl.get("scalinggroup", "web"), "CapacityDrifted")["reason"] == "ExternallyScaled"
    assert (cloud.desired(), cloud.group()["scaling_group_name"], cloud.group()["cool_down_time"]) == (2, "by-hand", 77)
    kubectl.delete("scalinggroup", "web")
    kubectl.delete("launchconfiguration", "web")
    assert cloud.group()["scaling_group_id"] == group_id
    assert cloud.group()["tags"] == []
    assert len(cloud.configurations()) == 1


def test_group_that_does_not_exist_is_not_created(namespace: Namespace) -> None:
    """An id that is wrong is a mistake, not a wish."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    kubectl.apply(launch(), group(externalId="00000000-0000-0000-0000-000000000000"))
    kubectl.until_reason("scalinggroup", "web", "Adopted", "ExternalIdNotFound")
    assert cloud.groups() == []


def test_observed_group_is_never_written(namespace: Namespace) -> None:
    """ObserveOnly: the differences are listed, not one call changes anything."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    group_id, configuration_id = made_by_hand(namespace)
    spec: dict[str, Any] = {
        "externalId": group_id,
        "managementPolicy": "ObserveOnly",
        "maxSize": 9,
        "desiredCapacity": 5,
        "cooldownSeconds": 10,
        "launchConfigurationRef": {"externalId": configuration_id},
    }
    kubectl.apply(group(**spec))
    found = kubectl.until_reason("scalinggroup", "web", "Synced", "DriftObserved")
    assert found["status"] == "False"
    drift = {row["path"]: row for row in kubectl.status("scalinggroup", "web")["drift"]}
    assert {"maxSize", "cooldownSeconds", "desiredCapacity"} <= drift.keys()
    assert (drift["maxSize"]["desired"], drift["maxSize"]["observed"]) == ("9", "5")
    kubectl.delete("scalinggroup", "web")
    assert cloud.writes() == []
    assert cloud.group()["scaling_group_id"] == group_id


def test_observed_group_becomes_managed(namespace: Namespace) -> None:
    """From ObserveOnly to Full: properties are written, the capacity only after the next wish."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    group_id, configuration_id = made_by_hand(namespace)
    reference = {"externalId": configuration_id}
    observed = group(
        externalId=group_id, managementPolicy="ObserveOnly", desiredCapacity=1, launchConfigurationRef=reference
    )
    kubectl.apply(observed)
    kubectl.until_reason("scalinggroup", "web", "Synced", "DriftObserved")
    kubectl.set_spec("scalinggroup", "web", managementPolicy="Full", maxSize=6)
    kubectl.until("scalinggroup", "web", lambda o: o["status"].get("maxSize") == 6, "maxSize 6")
    kubectl.until("scalinggroup", "web", lambda o: o["status"].get("lastAppliedDesiredCapacity") == 1, "recorded")
    assert cloud.desired() == 2
    kubectl.scale("web", 3)
    kubectl.until("scalinggroup", "web", lambda _: cloud.desired() == 3, "desired 3")


def test_orphaned_group_is_found_by_its_mark(namespace: Namespace) -> None:
    """Deleted with Orphan and applied again: the same cloud group, and no second one."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    namespace.ready_group(desiredCapacity=2, deletionPolicy="Orphan")
    group_id = cloud.group()["scaling_group_id"]
    kubectl.delete("scalinggroup", "web")
    assert len(cloud.servers()) == 2
    cloud.forget_calls()
    kubectl.apply(group(desiredCapacity=2))
    kubectl.ready("scalinggroup/web")
    kubectl.until_reason("scalinggroup", "web", "Adopted", "AdoptedByMarker")
    assert kubectl.status("scalinggroup", "web")["externalId"] == group_id
    assert cloud.writes() == []


def test_group_orphaned_right_after_its_creation_is_not_doubled(namespace: Namespace) -> None:
    """No sweep has seen it yet, and the object that made it is gone: it is still found."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    kubectl.apply(launch())
    kubectl.ready("launchconfiguration/web")
    for _ in range(3):
        kubectl.apply(group(deletionPolicy="Orphan"))
        kubectl.ready("scalinggroup/web")
        kubectl.delete("scalinggroup", "web")
    assert len(cloud.groups()) == 1


def test_orphaned_launch_configuration_is_found_by_its_name(namespace: Namespace) -> None:
    """The same for the launch configuration: no new revision."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    kubectl.apply(launch(deletionPolicy="Orphan"))
    kubectl.ready("launchconfiguration/web")
    kubectl.delete("launchconfiguration", "web")
    kubectl.apply(launch())
    kubectl.ready("launchconfiguration/web")
    assert len(cloud.configurations()) == 1
    assert kubectl.status("launchconfiguration", "web")["currentRevision"] == 1


def test_two_objects_for_one_group(namespace: Namespace) -> None:
    """The older keeps it, the younger is refused and does nothing, also when it is deleted."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    namespace.ready_group()
    group_id = cloud.group()["scaling_group_id"]
    kubectl.apply(group("second", externalId=group_id, maxSize=9, deletionPolicy="Delete"))
    refused = kubectl.until_reason("scalinggroup", "second", "Accepted", "DuplicateOwner")
    assert "web" in refused["message"]
    kubectl.delete("scalinggroup", "second")
    assert cloud.group()["max_instance_number"] == 5
    assert condition(kubectl.get("scalinggroup", "web"), "Ready")["status"] == "True"
