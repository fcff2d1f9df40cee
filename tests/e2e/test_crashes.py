"""Ends in the wrong moment: of the operator, of a namespace, of both; lost answers; a lost cloud group."""

from __future__ import annotations

import pytest
from e2e_stage import Namespace
from kubectl import Kubectl, eventually
from manifests import alarm_policy, group, launch
from operator_process import OperatorProcess

pytestmark = pytest.mark.e2e


def namespace_gone(kubectl: Kubectl) -> None:
    """Wait for the namespace to be deleted."""
    eventually(
        lambda: not kubectl.exists("namespace", kubectl.namespace),
        lambda: kubectl.do("get", "namespace", kubectl.namespace, "-o", "jsonpath={.status.conditions[*].message}"),
        limit_s=90,
    )


def test_namespace_deletion_leaves_nothing(namespace: Namespace) -> None:
    """Secret and account outlive what they are needed for."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    namespace.ready_group(desiredCapacity=2)
    kubectl.apply(alarm_policy())
    kubectl.ready("scalingpolicy/busy")
    kubectl.do("delete", "namespace", namespace.name, "--wait=false")
    namespace_gone(kubectl)
    assert (cloud.groups(), cloud.servers(), cloud.configurations(), cloud.policies()) == ([], [], [], [])


def test_namespace_deletion_survives_a_killed_operator(namespace: Namespace, operator: OperatorProcess) -> None:
    """Killed in the middle of the drain; the next process goes on where the first stood."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    namespace.ready_group(desiredCapacity=2)
    kubectl.apply(alarm_policy())
    kubectl.ready("scalingpolicy/busy")
    cloud.slow_down(3)
    kubectl.do("delete", "namespace", namespace.name, "--wait=false")
    kubectl.until_reason("scalinggroup", "web", "Deleting", "Draining")
    operator.kill9()
    assert len(cloud.groups()) == 1
    operator.start()
    namespace_gone(kubectl)
    assert (cloud.groups(), cloud.servers(), cloud.configurations(), cloud.policies()) == ([], [], [], [])


def test_killed_between_call_and_answer_creates_once(namespace: Namespace, operator: OperatorProcess) -> None:
    """The cloud has the group, nobody has its id: it is found by its mark, there is no second one."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    kubectl.apply(launch())
    kubectl.ready("launchconfiguration/web")
    cloud.fault("delay", "ActionScalingTags", seconds=20, times=0)
    kubectl.apply(group(desiredCapacity=2))
    eventually(lambda: len(cloud.groups()) == 1, "a cloud group")
    operator.kill9()
    cloud.heal()
    operator.start()
    kubectl.ready("scalinggroup/web")
    assert len(cloud.groups()) == 1
    assert cloud.count("CreateScalingGroup") == 1
    assert len(cloud.servers()) == 2


def test_lost_answer_of_a_create_is_looked_for(namespace: Namespace) -> None:
    """The connection broke after the cloud had done it."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    cloud.fault("drop-after-commit", "CreateScalingGroup")
    cloud.fault("drop-after-commit", "CreateScalingConfig")
    kubectl.apply(launch(), group())
    kubectl.ready("scalinggroup/web")
    assert (len(cloud.groups()), len(cloud.configurations())) == (1, 1)
    assert (cloud.count("CreateScalingGroup"), cloud.count("CreateScalingConfig")) == (1, 1)


def test_create_that_never_arrived_is_made_again(namespace: Namespace) -> None:
    """After two misses, the second when the call can no longer arrive."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    cloud.fault("drop-before-commit", "CreateScalingGroup")
    kubectl.apply(launch(), group())
    kubectl.until_reason("scalinggroup", "web", "Synced", "OutcomeUnknown")
    kubectl.ready("scalinggroup/web")
    assert len(cloud.groups()) == 1
    assert cloud.count("CreateScalingGroup") == 2


def test_restart_writes_nothing(namespace: Namespace, operator: OperatorProcess) -> None:
    """A new process looks, finds everything as it should be, and leaves it."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    namespace.ready_group(desiredCapacity=2)
    kubectl.apply(alarm_policy())
    kubectl.ready("scalingpolicy/busy")
    before = {kind: versions(kubectl, kind) for kind in ("launchconfigurations", "scalinggroups", "scalingpolicies")}
    cloud.forget_calls()
    assert operator.stop() == 0
    operator.start()
    kubectl.looked_at("scalinggroup", "web", "after-the-restart")
    kubectl.looked_at("scalingpolicy", "busy", "after-the-restart")
    assert cloud.writes() == []
    assert versions(kubectl, "launchconfigurations") == before["launchconfigurations"]


def versions(kubectl: Kubectl, kind: str) -> list[str]:
    """Resource versions of all objects of a kind."""
    return [item["metadata"]["resourceVersion"] for item in kubectl.items(kind)]


def test_work_that_came_while_it_was_away_is_done(namespace: Namespace, operator: OperatorProcess) -> None:
    """Level-triggered: nobody has to repeat a change."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    namespace.ready_group(desiredCapacity=1)
    operator.kill9()
    kubectl.scale("web", 3)
    kubectl.set_spec("launchconfiguration", "web", instanceTypes=["s6.xlarge.2"])
    operator.start()
    kubectl.until("scalinggroup", "web", lambda _: cloud.desired() == 3, "desired 3")
    kubectl.until("launchconfiguration", "web", lambda o: o["status"]["currentRevision"] == 2, "revision 2")


def test_group_deleted_in_the_console_comes_back(namespace: Namespace) -> None:
    """Missed twice, reported, made again with its capacity."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    namespace.ready_group(desiredCapacity=2)
    old = cloud.group()["scaling_group_id"]
    cloud.delete_by_hand(old)
    kubectl.looked_at("scalinggroup", "web", "gone")
    kubectl.until("scalinggroup", "web", lambda o: o["status"].get("externalId") not in (None, old), "a new id")
    kubectl.ready("scalinggroup/web")
    assert cloud.group()["scaling_group_id"] != old
    assert cloud.desired() == 2
    assert ("Warning", "DeletedExternally") in [e[:2] for e in kubectl.events("ScalingGroup", "web")]
