"""InstanceOperations as a user sees them: apply, wait, describe, delete; what is refused; what a kill leaves."""

from __future__ import annotations

import time
from typing import Any

import pytest
from e2e_stage import Namespace
from kubectl import eventually
from manifests import alarm_policy, operation
from operator_process import OperatorProcess

pytestmark = pytest.mark.e2e

BATCH = "BatchActionScalingInstances"


def members(namespace: Namespace) -> list[str]:
    return sorted(str(row["instance_id"]) for row in namespace.cloud.group()["instances"])


def wait(namespace: Namespace, condition: str, name: str = "op") -> dict[str, Any]:
    """kubectl wait; the status afterwards."""
    namespace.kubectl.do("wait", f"--for=condition={condition}", "--timeout=90s", f"instanceoperation/{name}")
    return namespace.kubectl.status("instanceoperation", name)


def standing(namespace: Namespace, count: int, **spec: Any) -> list[str]:
    """A group with so many instances; their ids."""
    namespace.ready_group(**{"minSize": 0, "maxSize": max(5, count), "desiredCapacity": count, **spec})
    namespace.kubectl.until(
        "scalinggroup", "web", lambda o: o["status"].get("inServiceCapacity") == count, f"{count} instances"
    )
    return members(namespace)


def test_operation_from_apply_to_delete(namespace: Namespace) -> None:
    """The columns, the result, the story in events, the group's memory; nothing holds the object."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    first, second, third = standing(namespace, 3)
    kubectl.apply(operation("Remove", "drop", instanceIds=[first, second], batchSize=1))
    status = wait(namespace, "Complete", "drop")
    assert (status["phase"], status["total"], status["succeeded"], status["remaining"]) == ("Succeeded", 2, 2, 0)
    assert (members(namespace), cloud.desired(), cloud.count(BATCH)) == ([third], 1, 2)
    row = kubectl.do("get", "insop", "drop").splitlines()[1].split()
    assert row[:6] == ["drop", "web", "Remove", "Succeeded", "2", "2"]
    shown = kubectl.do("describe", "instanceoperation", "drop")
    assert "2 of 2 done, 0 skipped, 0 failed" in shown
    assert [e[1] for e in kubectl.events("InstanceOperation", "drop")] == [
        "Started",
        "BatchSucceeded",
        "BatchSucceeded",
        "Completed",
    ]
    kubectl.until("instanceoperation", "drop", lambda o: not o["metadata"].get("finalizers"), "no finalizer")
    assert [r["name"] for r in kubectl.status("scalinggroup", "web")["recentOperations"]] == ["drop"]
    kubectl.delete("instanceoperation", "drop")
    assert members(namespace) == [third]


def test_columns(namespace: Namespace) -> None:
    """As documented."""
    kubectl = namespace.kubectl
    kubectl.apply(operation("ScaleOut", count=1))
    short = ["NAME", "GROUP", "ACTION", "STATUS", "DONE", "TOTAL", "FAILED", "AGE"]
    wide = ["SKIPPED", "REMAINING", "VENDOR", "ACTIVITY", "STARTED", "FINISHED"]
    assert kubectl.columns("instanceoperations") == short
    assert kubectl.columns("instanceoperations", wide=True) == short + wide


def test_mixed_outcome_names_every_instance(namespace: Namespace) -> None:
    """kubectl wait for Failed; the others are done."""
    kubectl = namespace.kubectl
    standing(namespace, 3)
    protected = namespace.cloud.protect_one()
    others = [i for i in members(namespace) if i != protected]
    kubectl.apply(operation("Detach", instanceIds=[protected, *others]))
    status = wait(namespace, "Failed")
    assert status["phase"] == "PartiallyFailed"
    assert [(f["instanceId"], f["reason"]) for f in status["failures"]] == [(protected, "InstanceProtected")]
    assert members(namespace) == [protected]
    assert sum(server["status"] == "ACTIVE" for server in namespace.cloud.servers()) == 3
    events = [e[1:] for e in kubectl.events("InstanceOperation", "op") if e[0] == "Warning"]
    assert [reason for reason, _ in events] == ["InstanceFailed", "Failed"]
    assert protected in events[0][1]


@pytest.mark.parametrize(
    ("manifest", "reason", "words"),
    [
        (operation("Rebalance"), "Unsupported", "Huawei has no Rebalance"),
        (operation("Start", instanceIds=["i-1"]), "Unsupported", "Huawei has no Start"),
        (operation("Remove", instanceIds=["i-1"], alibaba={"removePolicy": "Release"}), "VendorBlockMismatch", "alib"),
    ],
    ids=["Rebalance", "Start", "vendor block"],
)
def test_operation_that_is_not_accepted(
    namespace: Namespace, manifest: dict[str, Any], reason: str, words: str
) -> None:
    """The condition says why; nothing is written, deletion waits for nobody."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    standing(namespace, 1)
    cloud.forget_calls()
    kubectl.apply(manifest)
    refused = kubectl.until_reason("instanceoperation", "op", "Accepted", reason)
    assert words in refused["message"]
    assert kubectl.status("instanceoperation", "op")["phase"] == "Pending"
    kubectl.delete("instanceoperation", "op")
    assert cloud.writes() == []


@pytest.mark.parametrize(
    ("manifest", "words"),
    [
        (operation("Remove"), "exactly one of instanceIds, instanceSelector"),
        (operation("ScaleOut"), "count belongs to ScaleOut and ScaleIn"),
        (operation("ScaleOut", count=1, instanceIds=["i-1"]), "group actions take no instances"),
        (operation("Explode", instanceIds=["i-1"]), "Unsupported value"),
        (operation("Remove", instanceIds=["i-1"], batchSize=0), "should be greater than or equal to 1"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_operation_that_the_api_server_refuses(namespace: Namespace, manifest: dict[str, Any], words: str) -> None:
    """At once, with the documented message."""
    assert words in namespace.kubectl.apply_refused(manifest)


def test_spec_is_fixed_but_for_suspend_and_time_to_live(namespace: Namespace) -> None:
    """Another wish is another object."""
    kubectl = namespace.kubectl
    kubectl.apply(operation("Remove", instanceIds=["i-1"], suspend=True))
    kubectl.set_spec("instanceoperation", "op", ttlSecondsAfterFinished=60)
    patch = '{"spec":{"instanceIds":["i-2"]}}'
    said = kubectl.refused("patch", "instanceoperation", "op", "--type=merge", f"--patch={patch}")
    assert "spec is immutable but for suspend and ttlSecondsAfterFinished" in said


def test_list_that_breaks_the_bounds_is_refused_as_a_whole(namespace: Namespace) -> None:
    """WouldFallBelowMinSize, WouldExceedMaxSize: no call at all."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    ids = standing(namespace, 3, minSize=2, maxSize=4)
    cloud.forget_calls()
    kubectl.apply(operation("Remove", "less", instanceIds=ids), operation("ScaleOut", "more", count=2))
    wait(namespace, "Failed", "less")
    wait(namespace, "Failed", "more")
    assert kubectl.condition("instanceoperation", "less", "Failed")["reason"] == "WouldFallBelowMinSize"
    assert kubectl.condition("instanceoperation", "more", "Failed")["reason"] == "WouldExceedMaxSize"
    assert (cloud.writes(), members(namespace)) == ([], ids)


def test_killed_in_the_middle_it_goes_on_and_repeats_nothing(namespace: Namespace, operator: OperatorProcess) -> None:
    """With -9 while the second of three chunks runs."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    ids = standing(namespace, 6)
    cloud.slow_down(2, times=3)
    cloud.forget_calls()
    kubectl.apply(operation("Remove", instanceIds=ids, batchSize=2))
    eventually(lambda: cloud.count(BATCH) == 2, "the second chunk")
    operator.kill9()
    operator.start()
    status = wait(namespace, "Complete")
    assert (status["succeeded"], status["skipped"], members(namespace)) == (6, 0, [])
    acted = [i for call in cloud.log() if call["operation"] == BATCH for i in call["body"]["instances_id"]]
    assert sorted(acted) == ids


def test_deleted_operation_stops_before_its_next_chunk(namespace: Namespace) -> None:
    """What has begun is not undone."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    ids = standing(namespace, 3)
    cloud.slow_down(2, times=3)
    cloud.forget_calls()
    kubectl.apply(operation("Remove", instanceIds=ids, batchSize=1))
    eventually(lambda: cloud.count(BATCH) == 1, "the first chunk")
    kubectl.delete("instanceoperation", "op")
    assert (cloud.count(BATCH), len(members(namespace))) == (1, 2)


def test_made_again_it_never_runs_again(namespace: Namespace) -> None:
    """It deletes itself after its time; what GitOps makes again is refused by name and content."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    standing(namespace, 1)
    again = operation("ScaleOut", count=1, ttlSecondsAfterFinished=1)
    kubectl.apply(again)
    kubectl.until_gone("instanceoperation", "op")
    assert cloud.desired() == 2
    kubectl.apply(again)
    kubectl.until_reason("instanceoperation", "op", "Accepted", "AlreadyExecuted")
    assert cloud.desired() == 2


def test_policy_is_executed_once(namespace: Namespace) -> None:
    """ExecutePolicy: the trace in the log of the cloud is the proof."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    standing(namespace, 1)
    kubectl.apply(alarm_policy())
    kubectl.ready("scalingpolicy/busy")
    kubectl.apply(operation("ExecutePolicy", policyRef={"name": "busy"}))
    wait(namespace, "Complete")
    assert (cloud.desired(), cloud.count("ActionScalingPolicy")) == (2, 1)


def test_not_after_is_kept(namespace: Namespace) -> None:
    """What comes too late does nothing."""
    kubectl = namespace.kubectl
    ids = standing(namespace, 1)
    late = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 60))
    kubectl.apply(operation("Remove", instanceIds=ids, notAfter=late))
    wait(namespace, "Failed")
    assert kubectl.condition("instanceoperation", "op", "Failed")["reason"] == "Expired"
    assert members(namespace) == ids
