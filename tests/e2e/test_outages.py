"""A cloud that refuses, throttles, errs or lies: nothing is written on such ground, and all recovers by itself."""

from __future__ import annotations

import pytest
from e2e_stage import Namespace
from kubectl import condition, eventually
from manifests import account, group, launch, secret
from operator_process import OperatorProcess

pytestmark = pytest.mark.e2e


def test_throttling_opens_the_circuit_and_ends(namespace: Namespace) -> None:
    """One refusal silences the account for a while; afterwards the wish is carried out once."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    namespace.ready_group(desiredCapacity=1)
    cloud.forget_calls()
    cloud.fault("throttle", "*", times=0, retry_after=3)
    kubectl.scale("web", 3)
    kubectl.until_reason("cloudaccount", "cloud", "Throttled", "CircuitOpen")
    refused = len(cloud.log())
    assert refused <= 5, cloud.calls()
    cloud.heal()
    kubectl.until("scalinggroup", "web", lambda o: o["status"].get("desiredCapacity") == 3, "desired 3")
    kubectl.until_reason("cloudaccount", "cloud", "Throttled", "NotThrottled")
    done = [call for call in cloud.writes() if call["status"] < 300]
    assert [call["body"] for call in done] == [{"desire_instance_number": 3}]


def test_server_errors_cause_no_storm(namespace: Namespace) -> None:
    """Backoff; the group keeps its conditions; the wish is carried out once the cloud is back."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    namespace.ready_group(desiredCapacity=1)
    cloud.forget_calls()
    cloud.fault("error", "*", status=503, code="AS.0001", times=0)
    kubectl.scale("web", 3)
    kubectl.annotate("scalinggroup", "web", reconcile_requested_at="during-the-outage")
    eventually(lambda: len(cloud.log()) >= 2, "calls during the outage")
    assert condition(kubectl.get("scalinggroup", "web"), "Ready")["status"] == "True"
    cloud.heal()
    kubectl.until("scalinggroup", "web", lambda o: o["status"].get("desiredCapacity") == 3, "desired 3")
    assert len(cloud.log()) < 40
    done = [call for call in cloud.writes() if call["status"] < 300]
    assert [call["body"] for call in done] == [{"desire_instance_number": 3}]


@pytest.mark.parametrize("kind", ["empty-page", "truncated-page"])
def test_incomplete_list_is_no_ground_to_create(bare_namespace: Namespace, kind: str) -> None:
    """A page with rows missing may miss just the group that bears our mark."""
    kubectl, cloud = bare_namespace.kubectl, bare_namespace.cloud
    seed_groups(bare_namespace)
    cloud.fault(kind, "ListScalingGroups", times=0)
    kubectl.apply(secret(cloud), account(cloud), launch(), group())
    kubectl.ready("cloudaccount/cloud")
    eventually(lambda: cloud.count("ListScalingGroups") >= 2, "two lists")
    assert "CreateScalingGroup" not in cloud.calls()
    cloud.heal()
    kubectl.ready("scalinggroup/web")
    assert len(cloud.groups()) == 4


def seed_groups(namespace: Namespace) -> None:
    """Three groups of somebody else, on one page."""
    named = {"scaling_configuration_name": "theirs", "instance_config": {"instance_id": "server-1", "key_name": "k"}}
    (configuration,) = namespace.cloud.seed(configurations=[named])["configurations"]
    body = {"scaling_group_name": "theirs-{n}", "scaling_configuration_id": configuration, "count": 3}
    namespace.cloud.seed(groups=[{**body, "vpc_id": "vpc-9", "networks": [{"id": "net-9"}]}])


def test_list_and_read_that_disagree_delete_nothing(namespace: Namespace) -> None:
    """The read by id says that the group is gone, the list still shows it: neither is believed."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    namespace.ready_group(desiredCapacity=1)
    cloud.forget_calls()
    cloud.fault("error", "ShowScalingGroup", status=404, code="AS.2007", times=0)
    kubectl.annotate("scalinggroup", "web", reconcile_requested_at="once")
    eventually(lambda: cloud.count("ShowScalingGroup") >= 1, "a read")
    kubectl.annotate("scalinggroup", "web", reconcile_requested_at="twice")
    eventually(lambda: cloud.count("ShowScalingGroup") >= 3, "more reads")
    assert cloud.writes() == []
    assert "lastHandledReconcileAt" not in kubectl.status("scalinggroup", "web")
    assert kubectl.status("scalinggroup", "web")["externalId"] == cloud.group()["scaling_group_id"]
    assert condition(kubectl.get("scalinggroup", "web"), "Ready")["status"] == "True"


def test_call_refused_for_credentials_is_the_accounts_matter(namespace: Namespace) -> None:
    """One object's write finds out; the account is verified anew, is still fine, and work goes on."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    namespace.ready_group(desiredCapacity=1)
    cloud.fault("error", "UpdateScalingGroup", status=401, code="APIG.0301")
    kubectl.scale("web", 3)
    eventually(lambda: "UpdateScalingGroup" in cloud.calls(), "the refused call")
    kubectl.set_spec("scalinggroup", "web", cooldownSeconds=60)
    kubectl.until("scalinggroup", "web", lambda _: cloud.desired() == 3, "desired 3")
    assert condition(kubectl.get("cloudaccount", "cloud"), "CredentialsValid")["status"] == "True"


def test_busy_group_is_waited_for(namespace: Namespace) -> None:
    """The second wish waits for the activity of the first; no Warning, no second call in between."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    namespace.ready_group(desiredCapacity=1)
    cloud.slow_down(4)
    kubectl.scale("web", 2)
    kubectl.until_reason("scalinggroup", "web", "ScalingInProgress", "ScalingOut")
    kubectl.scale("web", 3)
    kubectl.until_reason("scalinggroup", "web", "Synced", "WaitingForActivity")
    kubectl.until("scalinggroup", "web", lambda o: o["status"].get("currentCapacity") == 3, "three instances")
    assert [e for e in kubectl.events("ScalingGroup", "web") if e[0] == "Warning"] == []


def test_failed_instance_is_told(namespace: Namespace) -> None:
    """The vendor's words stand in an Event; Ready says what is missing."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    namespace.ready_group(desiredCapacity=1)
    target = cloud.group()["scaling_group_id"]
    fault = {"kind": "instance-fail", "vendor": "huawei", "target": target, "times": 0, "message": "no stock"}
    cloud.simulator.admin.post("/faults", json=fault).raise_for_status()
    kubectl.scale("web", 3)
    kubectl.until_reason("scalinggroup", "web", "Ready", "CapacityNotReached")
    assert "ActivityFailed" in [reason for _, reason, _ in kubectl.events("ScalingGroup", "web")]
    assert len(cloud.servers()) == 1


def test_probes_do_not_depend_on_the_cloud(namespace: Namespace, operator: OperatorProcess) -> None:
    """An outage of a vendor must not restart the operator."""
    kubectl, cloud = namespace.kubectl, namespace.cloud
    kubectl.apply(launch())
    kubectl.ready("launchconfiguration/web")
    cloud.fault("drop-before-commit", "*", times=0)
    kubectl.apply(group())
    kubectl.annotate("launchconfiguration", "web", reconcile_requested_at="now")
    assert (operator.probe("/livez"), operator.probe("/readyz")) == (200, 200)
    cloud.heal()
    kubectl.ready("scalinggroup/web")
