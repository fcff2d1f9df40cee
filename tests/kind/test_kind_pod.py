"""The operator as a pod: apply to Ready, scale, an end in the middle of a create, upgrade, uninstall."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from e2e_stage import CHART, RELEASE, MakeNamespace, Namespace, Release
from kind_pods import OperatorPod
from kubectl import eventually
from manifests import group, launch

GROUPS = 50
OBJECTS = (("scalinggroup", "web"), ("launchconfiguration", "web"), ("cloudaccount", "cloud"), ("secret", "cloud-key"))


def test_pod_is_restricted_and_holds_nothing_that_it_does_not_need(operator: OperatorPod) -> None:
    """The namespace refuses anything else; the file system is read-only, the user a number, the simulator absent."""
    operator.until_ready()
    assert operator.python("import os; print(os.getuid(), os.getgid())").stdout.split() == ["65532", "65532"]
    assert "Read-only file system" in operator.python("open('/app/x', 'w')").stderr
    assert "No module named 'cloudsim'" in operator.python("import cloudsim").stderr
    (status,) = operator.pod()["status"]["containerStatuses"]
    assert (status["ready"], status["restartCount"]) == (True, 0)


def test_apply_to_ready(namespace: Namespace, operator: OperatorPod) -> None:
    """Credentials, launch configuration, group: every object is Ready, and Prometheus can see the calls."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    namespace.ready_group(desiredCapacity=2)
    kubectl.ready("cloudaccount/cloud", "launchconfiguration/web")
    assert (len(cloud.groups()), len(cloud.servers())) == (1, 2)
    assert "CreateScalingGroup" in operator.metrics()


def test_scale_moves_the_cloud_once(namespace: Namespace) -> None:
    """`kubectl scale` becomes one call."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    namespace.ready_group(desiredCapacity=1)
    cloud.forget_calls()
    kubectl.scale("web", 4)
    kubectl.until("scalinggroup", "web", lambda o: o["status"].get("currentCapacity") == 4, "4 instances")
    (write,) = cloud.writes()
    assert (write["operation"], write["body"]) == ("UpdateScalingGroup", {"desire_instance_number": 4})


@pytest.mark.parametrize("grace_s", [30, 1], ids=["asked to end", "killed after a second"])
@pytest.mark.parametrize("operation", ["CreateScalingGroup", "ActionScalingTags", "ActionScalingGroup"])
def test_pod_deleted_in_the_middle_of_a_create_leaves_one_group(
    namespace: Namespace, operator: OperatorPod, operation: str, grace_s: int
) -> None:
    """The call is on its way when the pod goes; the next pod finds what it made and goes on."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    kubectl.apply(launch())
    kubectl.ready("launchconfiguration/web")
    cloud.fault("delay", operation, seconds=4, times=0)
    kubectl.apply(group(desiredCapacity=2))
    eventually(lambda: hits(namespace) > 0, f"{operation} on its way")
    before = operator.pod()["metadata"]["uid"]
    operator.delete(grace_s=grace_s)
    cloud.heal()
    operator.until_ready()
    assert operator.pod()["metadata"]["uid"] != before
    kubectl.ready("scalinggroup/web")
    assert (len(cloud.groups()), len(cloud.servers())) == (1, 2)
    assert cloud.count("CreateScalingGroup") == 1
    kubectl.delete("scalinggroup", "web")
    assert (cloud.groups(), cloud.servers()) == ([], [])


def hits(namespace: Namespace) -> int:
    """How many calls an armed fault has met."""
    return sum(fault["hits"] for fault in namespace.cloud.simulator.admin.get("/faults").json())


def test_upgrade_writes_nothing_to_the_cloud(namespace: Namespace, operator: OperatorPod, release: Release) -> None:
    """A changed value: another pod, never two at once, which finds everything as it should be."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    namespace.ready_group(desiredCapacity=2)
    before, written = operator.pod()["metadata"]["uid"], kubectl.get("scalinggroup", "web")["metadata"]
    cloud.forget_calls()
    kept = ("--reset-then-reuse-values", "--wait", "--timeout=90s")
    done = release.run("upgrade", RELEASE, str(CHART), "--set=workers=4", *kept)
    assert done.returncode == 0, done.stderr
    operator.until_ready()
    assert operator.pod()["metadata"]["uid"] != before
    kubectl.looked_at("scalinggroup", "web", "after-the-upgrade")
    assert cloud.writes() == []
    assert kubectl.get("scalinggroup", "web")["metadata"]["generation"] == written["generation"]


def test_fifty_groups_fit_into_the_memory_that_is_requested(
    namespace: Namespace, operator: OperatorPod, figure: Callable[[str], None]
) -> None:
    """What the chart requests is what a middling installation needs."""
    kubectl, idle = namespace.kubectl, operator.memory_mib()
    names = [f"web-{n}" for n in range(GROUPS)]
    kubectl.apply(launch(), *(group(name, desiredCapacity=1) for name in names))
    kubectl.ready(*(f"scalinggroup/{name}" for name in names), limit_s=120)
    busy = operator.memory_mib()
    figure(f"memory of the pod: {idle:.0f} MiB before, {busy:.0f} MiB with {GROUPS} groups")
    assert busy < requested_mib(operator)
    assert len(namespace.cloud.groups()) == GROUPS


def requested_mib(operator: OperatorPod) -> int:
    """The memory that the chart requests."""
    quantity = operator.pod()["spec"]["containers"][0]["resources"]["requests"]["memory"]
    return int(quantity.removesuffix("Mi"))


def test_nothing_was_forbidden_or_failed(operator: OperatorPod) -> None:
    """No right is missing in a real cluster, and no container has ended by itself."""
    assert "forbidden" not in operator.log().lower()
    assert operator.pod()["status"]["containerStatuses"][0]["restartCount"] == 0


def test_uninstall_is_refused_while_objects_exist(
    namespace: Namespace, operator: OperatorPod, release: Release
) -> None:
    """The Job names them, nothing is taken away, and a rollback makes the release one that can be upgraded again."""
    kubectl = namespace.kubectl
    namespace.ready_group(desiredCapacity=1)
    before = operator.pod()["metadata"]["uid"]
    done = release.run("uninstall", RELEASE, "--wait", "--timeout=90s")
    assert done.returncode != 0, done.stdout
    said = release.kubectl.do("logs", f"job/{RELEASE}-uninstall")
    assert "refused: " in said
    assert f"ScalingGroup {namespace.name}/web" in said
    assert operator.pod()["metadata"]["uid"] == before
    revision = json.loads(release.run("history", RELEASE, "--output=json").stdout)[-1]["revision"]
    done = release.run("rollback", RELEASE, str(revision), "--wait", "--timeout=90s")
    assert done.returncode == 0, done.stderr
    operator.until_ready()
    kubectl.looked_at("scalinggroup", "web", "after-the-refusal")
    assert operator.pod()["metadata"]["uid"] == before


def test_uninstall_that_orphans_leaves_the_cloud_alone(
    make_namespace: MakeNamespace, operator: OperatorPod, release: Release, install: Callable[[], Release]
) -> None:
    """No finalizer stays; groups and instances go on without an operator, and the next installation takes them up."""
    namespace = make_namespace()
    kubectl, cloud = namespace.kubectl, namespace.cloud
    namespace.ready_group(desiredCapacity=2)
    there = (cloud.groups(), cloud.configurations(), cloud.servers())
    cloud.forget_calls()
    kept = ("--reset-then-reuse-values", "--wait", "--timeout=90s")
    done = release.run("upgrade", RELEASE, str(CHART), "--set=uninstall.orphan=true", *kept)
    assert done.returncode == 0, done.stderr
    done = release.run("uninstall", RELEASE, "--wait", "--timeout=110s")
    left = release.kubectl.run("logs", f"job/{RELEASE}-uninstall")  # what has succeeded is gone, and no log with it
    assert done.returncode == 0, done.stderr + left.stdout
    eventually(lambda: operator.pods() == [], "no pod")
    mine = ("-l", "app.kubernetes.io/component=uninstall", "-o", "name")
    assert release.kubectl.do("get", "job,role,rolebinding", *mine) == ""
    for kind, name in OBJECTS:
        assert not kubectl.get(kind, name)["metadata"].get("finalizers"), name
    install()
    kubectl.looked_at("scalinggroup", "web", "after-the-installation")
    kubectl.ready("scalinggroup/web")
    assert kubectl.get("scalinggroup", "web")["metadata"]["finalizers"]
    assert cloud.writes() == []
    assert (cloud.groups(), cloud.configurations(), cloud.servers()) == there
