"""Deletion: what is released, what is kept, what blocks, what forces, what protects."""

from __future__ import annotations

import pytest
from e2e_stage import Namespace
from kubectl import eventually
from manifests import alarm_policy, group, launch

pytestmark = pytest.mark.e2e


def phases(namespace: Namespace) -> list[str]:
    """The phases that the Events of the group tell, in order."""
    events = namespace.kubectl.events("ScalingGroup", "web")
    return [note.partition(":")[0] for _, reason, note in events if reason == "DeletionPhase"]


def test_release_takes_the_instances_along(namespace: Namespace) -> None:
    """Policies, instances, group, in this order; then the object goes."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    namespace.ready_group(desiredCapacity=3)
    kubectl.apply(alarm_policy())
    kubectl.ready("scalingpolicy/busy")
    kubectl.delete("scalinggroup", "web")
    assert (cloud.groups(), cloud.servers(), cloud.policies()) == ([], [], [])
    told = phases(namespace)
    assert told == [
        phase for phase in ("DeletingPolicies", "Draining", "DeletingCloudObject", "Confirming") if phase in told
    ]
    assert {"Draining", "DeletingCloudObject"} <= set(told)
    operations = [call["operation"] for call in cloud.writes()]
    assert operations[-1] == "DeleteScalingGroup"
    (deleted,) = [call for call in cloud.writes() if call["operation"] == "DeleteScalingGroup"]
    assert "force_delete=yes" not in deleted["query"]


def test_disabled_group_is_emptied_too(namespace: Namespace) -> None:
    """A disabled group scales by itself no more, so its instances are removed one batch after the other."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    namespace.ready_group(desiredCapacity=2)
    kubectl.set_spec("scalinggroup", "web", enabled=False)
    kubectl.until_reason("scalinggroup", "web", "Ready", "Disabled")
    kubectl.delete("scalinggroup", "web")
    assert (cloud.groups(), cloud.servers()) == ([], [])


def test_detach_keeps_the_instances(namespace: Namespace) -> None:
    """The machines run on, outside of any group."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    namespace.ready_group(desiredCapacity=3, instanceDeletionPolicy="Detach")
    before = {server["id"] for server in cloud.servers()}
    kubectl.delete("scalinggroup", "web")
    assert cloud.groups() == []
    assert {server["id"] for server in cloud.servers()} == before
    assert len(before) == 3
    assert "Detaching" in phases(namespace)


def test_orphan_leaves_everything(namespace: Namespace) -> None:
    """The group, its instances and its mark stay; nothing is called."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    namespace.ready_group(desiredCapacity=2, deletionPolicy="Orphan")
    before = cloud.group()
    cloud.forget_calls()
    kubectl.delete("scalinggroup", "web")
    assert cloud.writes() == []
    assert cloud.group()["tags"] == before["tags"]
    assert len(cloud.servers()) == 2


def test_attached_instances_are_never_released(namespace: Namespace) -> None:
    """A machine that joined by hand leaves and lives."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    namespace.ready_group(desiredCapacity=1)
    (theirs,) = cloud.seed(servers=[{"name": "pet", "vpc_id": "vpc-1"}])["servers"]
    body = {"action": "ADD", "instances_id": [theirs]}
    cloud.console("BatchActionScalingInstances", body, scaling_group_id=cloud.group()["scaling_group_id"])
    kubectl.looked_at("scalinggroup", "web", "attached")
    kubectl.delete("scalinggroup", "web")
    assert cloud.groups() == []
    assert [server["id"] for server in cloud.servers()] == [theirs]


def test_protected_instance_blocks_and_the_deadline_forces(namespace: Namespace) -> None:
    """Before the deadline protection is respected and named, after it the vendor takes all down."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    namespace.ready_group(desiredCapacity=2)
    protected = cloud.protect_one()
    kubectl.delete("scalinggroup", "web", wait=False)
    blocked = kubectl.until_reason("scalinggroup", "web", "Deleting", "BlockedByProtection")
    assert protected in blocked["message"]
    assert ("Warning", "DeletionBlocked") in [e[:2] for e in kubectl.events("ScalingGroup", "web")]
    assert protected in {server["id"] for server in cloud.servers()}
    kubectl.set_spec("scalinggroup", "web", forceDeleteAfterSeconds=0)
    kubectl.until_gone("scalinggroup", "web")
    assert cloud.groups() == []
    assert ("Warning", "ForcedDeletion") in [e[:2] for e in kubectl.events("ScalingGroup", "web")]


def test_force_never_turns_detach_into_release(namespace: Namespace) -> None:
    """Past the deadline the protection goes, the machines stay."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    namespace.ready_group(desiredCapacity=2, instanceDeletionPolicy="Detach", forceDeleteAfterSeconds=0)
    cloud.protect_one()
    kubectl.delete("scalinggroup", "web")
    assert cloud.groups() == []
    assert len(cloud.servers()) == 2
    assert all("force_delete=yes" not in call["query"] for call in cloud.writes())


def test_protected_object_stays(namespace: Namespace) -> None:
    """deletionProtection: refused at once; the cloud never hears of it."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    namespace.ready_group(deletionProtection=True)
    refusal = kubectl.refused("delete", "scalinggroup", "web")
    assert "spec.deletionProtection is true; set it to false first" in refusal
    assert "deletionTimestamp" not in kubectl.get("scalinggroup", "web")["metadata"]
    kubectl.set_spec("scalinggroup", "web", deletionProtection=False)
    kubectl.delete("scalinggroup", "web")
    assert cloud.groups() == []


def test_deletion_in_any_order(namespace: Namespace) -> None:
    """Everything at once, the account first: the rules put it into order."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    namespace.ready_group(desiredCapacity=2)
    kubectl.apply(alarm_policy())
    kubectl.ready("scalingpolicy/busy")
    for kind, name in (
        ("cloudaccount", "cloud"),
        ("secret", "cloud-key"),
        ("launchconfiguration", "web"),
        ("scalinggroup", "web"),
        ("scalingpolicy", "busy"),
    ):
        kubectl.delete(kind, name, wait=False)
    for kind, name in (("scalinggroup", "web"), ("cloudaccount", "cloud"), ("secret", "cloud-key")):
        kubectl.until_gone(kind, name)
    assert (cloud.groups(), cloud.servers(), cloud.configurations(), cloud.policies()) == ([], [], [], [])


def test_deletion_during_an_activity_waits_for_it(namespace: Namespace) -> None:
    """Waiting is no error: no Warning is posted for it."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    namespace.ready_group(desiredCapacity=1)
    cloud.slow_down(4)
    kubectl.scale("web", 3)
    kubectl.until("scalinggroup", "web", lambda _: cloud.desired() == 3, "desired 3")
    kubectl.delete("scalinggroup", "web")
    assert (cloud.groups(), cloud.servers()) == ([], [])
    warnings = [e for e in kubectl.events("ScalingGroup", "web") if e[0] == "Warning"]
    assert warnings == []


def test_objects_that_were_never_created_go_at_once(namespace: Namespace) -> None:
    """Nothing of theirs is in the cloud."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    kubectl.apply(group(), launch(userData={"secretKeyRef": {"name": "none", "key": "none"}}))
    kubectl.until_reason("scalinggroup", "web", "ReferencesResolved", "LaunchConfigurationNotCreated")
    kubectl.delete("scalinggroup", "web")
    kubectl.delete("launchconfiguration", "web")
    assert cloud.writes() == []


def test_force_orphan_needs_the_uid(namespace: Namespace) -> None:
    """The annotation gives the object up without a call, and only for exactly this object."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    namespace.ready_group()
    cloud.protect_one()
    kubectl.delete("scalinggroup", "web", wait=False)
    kubectl.until_reason("scalinggroup", "web", "Deleting", "BlockedByProtection")
    kubectl.annotate("scalinggroup", "web", force_orphan="wrong")
    assert kubectl.exists("scalinggroup", "web")
    cloud.forget_calls()
    kubectl.annotate("scalinggroup", "web", force_orphan=kubectl.get("scalinggroup", "web")["metadata"]["uid"])
    kubectl.until_gone("scalinggroup", "web")
    assert len(cloud.groups()) == 1
    assert cloud.writes() == []
    eventually(lambda: "ForceOrphaned" in [e[1] for e in kubectl.events("ScalingGroup", "web")], "an Event")
