"""A launch configuration is one value: revisions, switch of the groups, collection, protection in use."""

from __future__ import annotations

from typing import Any

import pytest
from e2e_stage import Namespace
from kubectl import condition
from manifests import group, launch

pytestmark = pytest.mark.e2e


def used_by_cloud_group(namespace: Namespace) -> str:
    """Id of the configuration that the cloud group uses."""
    return str(namespace.cloud.group()["scaling_configuration_id"])


def test_change_makes_a_revision_and_switches_the_group(namespace: Namespace) -> None:
    """Create before destroy: the old revision goes when no group uses it and no history is kept."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    kubectl.apply(launch(revisionHistoryLimit=0), group())
    kubectl.ready("scalinggroup/web")
    first = used_by_cloud_group(namespace)
    cloud.forget_calls()
    kubectl.set_spec("launchconfiguration", "web", instanceTypes=["s6.xlarge.2"])
    kubectl.until("scalinggroup", "web", lambda o: revision_of(o) == 2, "revision 2 in the group")
    kubectl.until("launchconfiguration", "web", lambda o: len(o["status"]["revisions"]) == 1, "old revision gone")
    (left,) = cloud.configurations()
    assert left["instance_config"]["flavorRef"] == "s6.xlarge.2"
    assert left["scaling_configuration_id"] == used_by_cloud_group(namespace) != first
    order = [call["operation"] for call in cloud.writes()]
    assert order == ["CreateScalingConfig", "UpdateScalingGroup", "DeleteScalingConfig"]
    kubectl.until_reason("launchconfiguration", "web", "Ready", "Available")


def revision_of(found: dict[str, Any]) -> int:
    """Revision that the group shows."""
    return int((found["status"].get("launchConfiguration") or {}).get("revision", 0))


def test_history_keeps_old_revisions(namespace: Namespace) -> None:
    """Two unused ones by default, so that a rollback finds them in the console."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    namespace.ready_group()
    for number, size in enumerate((50, 60, 70), start=2):
        kubectl.set_spec("launchconfiguration", "web", systemDisk={"type": "SSD", "sizeGiB": size})
        kubectl.until("scalinggroup", "web", lambda o, n=number: revision_of(o) == n, f"revision {number}")  # type: ignore[misc]
    kubectl.until("launchconfiguration", "web", lambda o: len(o["status"]["revisions"]) == 3, "current and two old")
    assert len(cloud.configurations()) == 3


def test_running_instances_are_counted_as_outdated(namespace: Namespace) -> None:
    """They stay; only new ones are made from the new revision."""
    kubectl = namespace.kubectl
    namespace.ready_group(desiredCapacity=2)
    servers = {server["id"] for server in namespace.cloud.servers()}
    kubectl.set_spec("launchconfiguration", "web", instanceTypes=["s6.xlarge.2"])
    kubectl.until("scalinggroup", "web", lambda o: revision_of(o) == 2, "revision 2 in the group")
    kubectl.until("scalinggroup", "web", lambda o: o["status"]["instances"].get("outdated") == 2, "two outdated")
    assert {server["id"] for server in namespace.cloud.servers()} == servers


def test_configuration_in_use_cannot_go(namespace: Namespace) -> None:
    """Its deletion waits for the group, and says for which."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    namespace.ready_group()
    kubectl.delete("launchconfiguration", "web", wait=False)
    blocked = kubectl.until_reason("launchconfiguration", "web", "Deleting", "BlockedInUse")
    assert "web" in blocked["message"]
    assert len(cloud.configurations()) == 1
    kubectl.delete("scalinggroup", "web")
    kubectl.until_gone("launchconfiguration", "web")
    assert cloud.configurations() == []


def test_content_of_a_secret_makes_a_revision(namespace: Namespace) -> None:
    """user data from a Secret: its content counts, and never appears in status or Events."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "init"}}
    kubectl.apply({**secret, "stringData": {"script": "echo first-words"}})
    kubectl.apply(launch(userData={"secretKeyRef": {"name": "init", "key": "script"}}), group())
    kubectl.ready("scalinggroup/web")
    kubectl.apply({**secret, "stringData": {"script": "echo second-words"}})
    kubectl.looked_at("launchconfiguration", "web", "changed")
    kubectl.until("scalinggroup", "web", lambda o: revision_of(o) == 2, "revision 2 in the group")
    told = kubectl.do("get", "launchconfiguration", "web", "-o", "yaml") + kubectl.do("get", "events", "-o", "yaml")
    assert "words" not in told
    assert len(cloud.configurations()) == 2


def test_missing_secret_is_named(namespace: Namespace) -> None:
    """Nothing is created without it; it is found when it comes."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    kubectl.apply(launch(userData={"secretKeyRef": {"name": "init", "key": "script"}}))
    missing = kubectl.until_reason("launchconfiguration", "web", "ReferencesResolved", "SecretNotFound")
    assert "init" in missing["message"]
    assert cloud.writes() == []


def test_renamed_reference_switches_the_group(namespace: Namespace) -> None:
    """Another launch configuration by name is a change like any other."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    namespace.ready_group()
    kubectl.apply(launch("other", instanceTypes=["s6.2xlarge.2"]))
    kubectl.ready("launchconfiguration/other")
    kubectl.set_spec("scalinggroup", "web", launchConfigurationRef={"name": "other"})
    found = kubectl.until(
        "scalinggroup",
        "web",
        lambda o: (o["status"].get("launchConfiguration") or {}).get("name") == "other",
        "other in the group",
    )
    assert condition(found, "Ready")["status"] == "True"
    other = kubectl.status("launchconfiguration", "other")["externalId"]
    assert used_by_cloud_group(namespace) == other
    kubectl.delete("launchconfiguration", "web")
    assert len(cloud.configurations()) == 1
