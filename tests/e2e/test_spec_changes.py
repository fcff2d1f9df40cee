"""Changes of a living group: what is sent, what waits, what is refused, what a pause means."""

from __future__ import annotations

import pytest
from e2e_stage import Namespace
from kubectl import condition
from manifests import group, launch

pytestmark = pytest.mark.e2e


def test_only_what_changed_is_sent(namespace: Namespace) -> None:
    """One call with one field."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    namespace.ready_group(desiredCapacity=2)
    cloud.forget_calls()
    kubectl.set_spec("scalinggroup", "web", maxSize=7)
    kubectl.until("scalinggroup", "web", lambda o: o["status"].get("maxSize") == 7, "maxSize 7")
    kubectl.looked_at("scalinggroup", "web", "again")
    (write,) = cloud.writes()
    assert (write["operation"], write["body"]) == ("UpdateScalingGroup", {"max_instance_number": 7})


def test_unmanaged_fields_are_left_to_others(namespace: Namespace) -> None:
    """What the spec does not name belongs to whoever set it."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    namespace.ready_group()
    group_id = cloud.group()["scaling_group_id"]
    cloud.console("UpdateScalingGroup", {"cool_down_time": 77, "delete_volume": True}, scaling_group_id=group_id)
    cloud.forget_calls()
    kubectl.looked_at("scalinggroup", "web", "changed")
    assert condition(kubectl.get("scalinggroup", "web"), "Synced")["reason"] == "UpToDate"
    assert cloud.writes() == []
    assert cloud.group()["cool_down_time"] == 77


def test_managed_field_is_restored(namespace: Namespace) -> None:
    """What the spec names is kept as the spec says."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    namespace.ready_group(cooldownSeconds=60)
    group_id = cloud.group()["scaling_group_id"]
    cloud.console("UpdateScalingGroup", {"cool_down_time": 77}, scaling_group_id=group_id)
    kubectl.looked_at("scalinggroup", "web", "changed")
    kubectl.until("scalinggroup", "web", lambda _: cloud.group()["cool_down_time"] == 60, "restored")
    kubectl.until_reason("scalinggroup", "web", "Synced", "UpToDate")


def test_tags_come_and_go(namespace: Namespace) -> None:
    """Our keys are taken out again, foreign ones stay."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    namespace.ready_group(tags={"team": "web", "stage": "test"})
    group_id = cloud.group()["scaling_group_id"]
    tags = {"action": "create", "tags": [{"key": "theirs", "value": "1"}]}
    cloud.console("ActionScalingTags", tags, resource_type="scaling_group_tag", resource_id=group_id)
    kubectl.patch("scalinggroup", "web", {"spec": {"tags": {"stage": None, "team": "shop"}}})
    kubectl.until("scalinggroup", "web", lambda _: tags_of(cloud.group()).get("team") == "shop", "tag changed")
    kubectl.until("scalinggroup", "web", lambda _: "stage" not in tags_of(cloud.group()), "tag removed")
    assert tags_of(cloud.group())["theirs"] == "1"


def tags_of(group: dict[str, object]) -> dict[str, str]:
    """Tags of a simulated group."""
    rows = group["tags"]
    assert isinstance(rows, list)
    return {row["key"]: row["value"] for row in rows}


def test_disable_and_enable(namespace: Namespace) -> None:
    """A disabled group keeps its instances; a new capacity waits in the cloud until it is enabled."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    namespace.ready_group(desiredCapacity=2)
    kubectl.set_spec("scalinggroup", "web", enabled=False)
    kubectl.until_reason("scalinggroup", "web", "Ready", "Disabled")
    assert cloud.group()["scaling_group_status"] == "PAUSED"
    kubectl.scale("web", 3)
    kubectl.until("scalinggroup", "web", lambda o: o["status"].get("desiredCapacity") == 3, "desired 3")
    assert len(cloud.servers()) == 2
    kubectl.set_spec("scalinggroup", "web", enabled=True)
    kubectl.until("scalinggroup", "web", lambda o: o["status"].get("currentCapacity") == 3, "three instances")
    kubectl.until_reason("scalinggroup", "web", "Ready", "Available")


def test_group_is_created_disabled_when_asked(namespace: Namespace) -> None:
    """No instance is started on the way."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    kubectl.apply(launch(), group(enabled=False, desiredCapacity=2))
    kubectl.until_reason("scalinggroup", "web", "Ready", "Disabled")
    assert cloud.servers() == []
    assert "ResumeScalingGroup" not in cloud.calls()


def test_group_paused_in_the_console_is_reported_only(namespace: Namespace) -> None:
    """Somebody stopped it for a reason."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    namespace.ready_group()
    group_id = cloud.group()["scaling_group_id"]
    cloud.console("ActionScalingGroup", {"action": "pause"}, scaling_group_id=group_id)
    cloud.forget_calls()
    kubectl.looked_at("scalinggroup", "web", "paused")
    kubectl.until_reason("scalinggroup", "web", "Ready", "DisabledExternally")
    assert cloud.writes() == []
    assert ("Warning", "DisabledExternally") in [e[:2] for e in kubectl.events("ScalingGroup", "web")]


def test_paused_group_is_not_even_read(namespace: Namespace) -> None:
    """No write while the pause lasts; what was asked meanwhile follows."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    namespace.ready_group(desiredCapacity=1)
    kubectl.set_spec("scalinggroup", "web", paused=True)
    kubectl.until_reason("scalinggroup", "web", "Paused", "ObjectPaused")
    cloud.forget_calls()
    kubectl.scale("web", 3)
    kubectl.until("scalinggroup", "web", lambda o: o["status"]["observedGeneration"] >= 3, "generation 3")
    assert "ShowScalingGroup" not in cloud.calls()
    assert cloud.writes() == []
    assert cloud.desired() == 1
    kubectl.set_spec("scalinggroup", "web", paused=False)
    kubectl.until("scalinggroup", "web", lambda _: cloud.desired() == 3, "desired 3")
    kubectl.until_reason("scalinggroup", "web", "Paused", "NotPaused")


def test_paused_account_pauses_everything(namespace: Namespace) -> None:
    """Groups of the account say why they rest."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    namespace.ready_group(desiredCapacity=1)
    kubectl.set_spec("cloudaccount", "cloud", paused=True)
    kubectl.until_reason("cloudaccount", "cloud", "Paused", "AccountPaused")
    kubectl.until_reason("scalinggroup", "web", "ReferencesResolved", "AccountPaused")
    kubectl.scale("web", 3)
    kubectl.until("scalinggroup", "web", lambda o: o["status"]["observedGeneration"] == 2, "generation 2")
    assert cloud.desired() == 1
    kubectl.set_spec("cloudaccount", "cloud", paused=False)
    kubectl.until("scalinggroup", "web", lambda _: cloud.desired() == 3, "desired 3")


def test_reconcile_annotation_is_echoed(namespace: Namespace) -> None:
    """`lastHandledReconcileAt` tells a script that the look was taken."""
    kubectl = namespace.kubectl
    namespace.ready_group()
    for kind, name in (("cloudaccount", "cloud"), ("launchconfiguration", "web"), ("scalinggroup", "web")):
        kubectl.looked_at(kind, name, "2026-01-01T00:00:00Z")
