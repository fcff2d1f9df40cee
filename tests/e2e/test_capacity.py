"""Who moves the desired capacity: people, autoscalers, policies, other people."""

from __future__ import annotations

import pytest
from e2e_stage import Namespace
from kubectl import condition
from manifests import alarm_policy, group, launch

pytestmark = pytest.mark.e2e


def test_scale_moves_the_cloud_once(namespace: Namespace) -> None:
    """One call with the desired capacity and nothing else; looking again writes nothing."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    namespace.ready_group(desiredCapacity=1)
    cloud.forget_calls()
    kubectl.scale("web", 4)
    kubectl.until("scalinggroup", "web", lambda o: o["status"]["lastAppliedDesiredCapacity"] == 4, "applied 4")
    kubectl.looked_at("scalinggroup", "web", "again")
    (write,) = cloud.writes()
    assert (write["operation"], write["body"]) == ("UpdateScalingGroup", {"desire_instance_number": 4})
    assert len(cloud.servers()) == 4


def test_scale_beyond_the_bounds_is_refused_by_the_api(namespace: Namespace) -> None:
    """kubectl says why, and nothing reaches the cloud."""
    namespace.ready_group(desiredCapacity=1)
    refusal = namespace.kubectl.refused("scale", "scalinggroup", "web", "--replicas=9")
    assert "desiredCapacity must be between minSize and maxSize" in refusal
    assert namespace.cloud.desired() == 1


def test_autoscaler_raises_an_enforced_group(namespace: Namespace) -> None:
    """The operator seeds spec.desiredCapacity, so that an HPA can read /scale; without metrics it raises to its min."""
    kubectl = namespace.kubectl
    kubectl.apply(launch(), group(capacityManagement="Enforced"))
    kubectl.until("scalinggroup", "web", lambda o: o["spec"].get("desiredCapacity") == 1, "seeded")
    path = f"/apis/cloudscaling.dev/v1alpha1/namespaces/{namespace.name}/scalinggroups/web/scale"
    assert "cloudscaling.dev/scaling-group-uid=" in kubectl.do("get", "--raw", path)
    kubectl.apply(autoscaler(low=3, high=5))
    kubectl.until("scalinggroup", "web", lambda o: o["status"].get("desiredCapacity") == 3, "raised to 3")
    assert namespace.cloud.desired() == 3


def autoscaler(low: int, high: int) -> dict[str, object]:
    """A HorizontalPodAutoscaler of the group `web`."""
    target = {"apiVersion": "cloudscaling.dev/v1alpha1", "kind": "ScalingGroup", "name": "web"}
    usage = {"type": "Utilization", "averageUtilization": 50}
    metric = {"type": "Resource", "resource": {"name": "cpu", "target": usage}}
    spec = {"scaleTargetRef": target, "minReplicas": low, "maxReplicas": high, "metrics": [metric]}
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "web"},
        "spec": spec,
    }


def test_external_move_is_reported_and_left_alone(namespace: Namespace) -> None:
    """OnChange: somebody in the console had a reason; the next wish of the spec is written again."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    namespace.ready_group(desiredCapacity=1)
    cloud.forget_calls()
    cloud.set_desired(3)
    kubectl.looked_at("scalinggroup", "web", "moved")
    drifted = kubectl.until_reason("scalinggroup", "web", "CapacityDrifted", "ExternallyScaled")
    assert drifted["status"] == "True"
    assert cloud.desired() == 3
    assert cloud.writes() == []
    kubectl.scale("web", 2)
    kubectl.until_reason("scalinggroup", "web", "CapacityDrifted", "AsApplied")
    assert cloud.desired() == 2


def test_reapply_annotation_writes_the_same_value_again(namespace: Namespace) -> None:
    """kubectl scale to the value already in the spec is no change, so it cannot ask for this."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    namespace.ready_group(desiredCapacity=1)
    cloud.set_desired(3)
    kubectl.looked_at("scalinggroup", "web", "moved")
    kubectl.annotate("scalinggroup", "web", reapply_desired_capacity="now")
    kubectl.until_reason("scalinggroup", "web", "CapacityDrifted", "AsApplied")
    assert cloud.desired() == 1
    assert kubectl.status("scalinggroup", "web")["lastAppliedDesiredCapacityToken"] == "now"


def test_enforced_group_is_written_back(namespace: Namespace) -> None:
    """Enforced: the spec owns the capacity."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    namespace.ready_group(desiredCapacity=1, capacityManagement="Enforced")
    cloud.set_desired(3)
    kubectl.looked_at("scalinggroup", "web", "moved")
    kubectl.until("scalinggroup", "web", lambda _: cloud.desired() == 1, "written back")
    kubectl.until_reason("scalinggroup", "web", "CapacityDrifted", "AsApplied")


def test_policy_is_refused_on_an_enforced_group(namespace: Namespace) -> None:
    """Two owners of one number would fight."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    namespace.ready_group(desiredCapacity=1, capacityManagement="Enforced")
    kubectl.apply(alarm_policy())
    refused = kubectl.until_reason("scalingpolicy", "busy", "Accepted", "CapacityOwnershipConflict")
    assert refused["status"] == "False"
    assert cloud.policies() == []


def test_alarm_moves_desired_and_is_not_fought(namespace: Namespace) -> None:
    """The cloud scaled by a policy that we know: reported as that, and left."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    namespace.ready_group(desiredCapacity=1, cooldownSeconds=0)
    kubectl.apply(alarm_policy())
    kubectl.ready("scalingpolicy/busy")
    cloud.forget_calls()
    fired = cloud.fire_alarm(kubectl.status("scalingpolicy", "busy")["externalId"])
    assert fired["accepted"], fired
    kubectl.looked_at("scalinggroup", "web", "fired")
    found = kubectl.until(
        "scalinggroup", "web", lambda o: condition(o, "CapacityDrifted").get("reason") == "ScaledByPolicy", "scaled"
    )
    assert found["status"]["desiredCapacity"] == 2
    assert condition(found, "CapacityDrifted")["status"] == "False"
    assert condition(found, "Ready")["status"] == "True"
    assert cloud.desired() == 2
    assert cloud.writes() == []


def test_lost_status_never_scales_in(namespace: Namespace) -> None:
    """A restored object without status meets a cloud group that has grown: reported, nothing is written."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    namespace.ready_group(desiredCapacity=1)
    cloud.set_desired(4)
    cloud.forget_calls()
    kubectl.patch("scalinggroup", "web", {"status": None}, subresource="status")
    kubectl.looked_at("scalinggroup", "web", "restored")
    found = kubectl.until("scalinggroup", "web", lambda o: o["status"].get("capacityHeld") is True, "held")
    assert condition(found, "CapacityDrifted")["reason"] == "ExternallyScaled"
    assert cloud.desired() == 4
    assert [call["operation"] for call in cloud.writes()] == []
    assert len(cloud.groups()) == 1


def test_bounds_that_exclude_the_desired_take_it_along(namespace: Namespace) -> None:
    """One call with all three numbers: nothing in between is ever seen by the cloud."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    namespace.ready_group(desiredCapacity=1)
    cloud.forget_calls()
    kubectl.set_spec("scalinggroup", "web", minSize=2, desiredCapacity=3)
    kubectl.until("scalinggroup", "web", lambda o: o["status"].get("desiredCapacity") == 3, "desired 3")
    assert cloud.group()["min_instance_number"] == 2
    assert {call["operation"] for call in cloud.writes()} == {"UpdateScalingGroup"}
    kubectl.set_spec("scalinggroup", "web", minSize=0, maxSize=1, desiredCapacity=1)
    kubectl.until("scalinggroup", "web", lambda o: o["status"].get("currentCapacity") == 1, "one instance")
    assert (cloud.desired(), cloud.group()["max_instance_number"]) == (1, 1)
