"""The Kubernetes port against a real API server, also with few rights."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from kube_port_cluster import ACCOUNTS, GROUPS, NAMESPACE, Cluster, cluster, kube, prepared
from kube_port_shell import SystemClock

from cloudscaling import errors
from cloudscaling.kube import objects
from cloudscaling.kube.client import KubeClient
from cloudscaling.kube.recorder import EventRecorder

if TYPE_CHECKING:
    pass

pytestmark = pytest.mark.e2e

__all__ = ["cluster", "kube", "prepared"]  # fixtures


async def test_status_is_replaced_under_its_version(cluster: Cluster, kube: KubeClient) -> None:
    """The second write with the same version is stale; what is left out disappears; the spec stays."""
    meta = cluster.make("status-version")["metadata"]
    precondition = {"uid": meta["uid"], "resource_version": meta["resourceVersion"]}
    at = (ACCOUNTS, NAMESPACE, "status-version")
    written = await kube.write_status(*at, {"accountId": "1", "domainId": "d"}, **precondition)
    assert written["status"] == {"accountId": "1", "domainId": "d"}
    with pytest.raises(errors.Stale):
        await kube.write_status(*at, {"accountId": "2"}, **precondition)
    newest = written["metadata"]["resourceVersion"]
    written = await kube.write_status(*at, {"accountId": "3"}, uid=meta["uid"], resource_version=newest)
    assert written["status"] == {"accountId": "3"}
    assert written["metadata"]["generation"] == 1


async def test_a_result_is_stored_whatever_the_version_but_never_in_another_object(
    cluster: Cluster, kube: KubeClient
) -> None:
    """The uid alone decides: a recreated object must not inherit the id of the old one's cloud object."""
    uid = cluster.make("status-uid")["metadata"]["uid"]
    at = (ACCOUNTS, NAMESPACE, "status-uid")
    cluster.do("annotate", "cloudaccount", "status-uid", f"--namespace={NAMESPACE}", "changed=meanwhile")
    await kube.write_status(*at, {"accountId": "1"}, uid=uid, resource_version=None)
    with pytest.raises(errors.Stale):
        await kube.write_status(*at, {"accountId": "2"}, uid="another", resource_version=None)
    assert (await kube.get(*at))["status"] == {"accountId": "1"}


async def test_a_status_that_the_schema_refuses_is_not_stale(cluster: Cluster, kube: KubeClient) -> None:
    """Looking again would not help: it is a bug, told with the field."""
    uid = cluster.make("status-schema")["metadata"]["uid"]
    with pytest.raises(errors.KubeError, match=r"status\.accountId") as caught:
        await kube.write_status(ACCOUNTS, NAMESPACE, "status-schema", {"accountId": 5}, uid=uid, resource_version=None)
    assert type(caught.value) is errors.KubeError


async def test_finalizers_hold_and_release_an_object(cluster: Cluster, kube: KubeClient) -> None:
    """Stored under a version, taken off the same way; then the object is gone."""
    first = cluster.make("finalizers")["metadata"]["resourceVersion"]
    at = (ACCOUNTS, NAMESPACE, "finalizers")
    held = await kube.set_finalizers(*at, ["cloudscaling.dev/finalizer"], resource_version=first)
    with pytest.raises(errors.Stale):
        await kube.set_finalizers(*at, [], resource_version=first)
    await kube.delete(*at, uid=held["metadata"]["uid"])
    deleting = (await kube.get(*at))["metadata"]
    assert deleting["deletionTimestamp"]
    await kube.set_finalizers(*at, [], resource_version=deleting["resourceVersion"])
    with pytest.raises(errors.Gone):
        await kube.get(*at)


async def test_only_the_object_with_the_uid_is_deleted(cluster: Cluster, kube: KubeClient) -> None:
    """A recreated object is another one."""
    uid = cluster.make("delete")["metadata"]["uid"]
    with pytest.raises(errors.Stale):
        await kube.delete(ACCOUNTS, NAMESPACE, "delete", uid="another")
    await kube.delete(ACCOUNTS, NAMESPACE, "delete", uid=uid)
    with pytest.raises(errors.Gone):
        await kube.delete(ACCOUNTS, NAMESPACE, "delete", uid=uid)


async def test_metadata_is_listed_in_pages_without_specs(
    cluster: Cluster, kube: KubeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Five objects in pages of two; versions as a full read shows them."""
    monkeypatch.setattr(objects, "PAGE", 2)
    names = {f"page-{number}" for number in range(5)}
    made = {name: cluster.make(name)["metadata"] for name in names}
    for namespace in (NAMESPACE, None):
        listed = {item["name"]: item for item in await kube.list_metadata(ACCOUNTS, namespace)}
        assert names <= set(listed)
        shown = listed["page-3"]
        assert shown["resourceVersion"] == made["page-3"]["resourceVersion"]
        assert "spec" not in shown
        assert "managedFields" not in shown
    assert await kube.list_metadata(ACCOUNTS, "default") == ()


async def test_scale_is_patched_without_reading(cluster: Cluster, kube: KubeClient) -> None:
    """As an HPA does it."""
    body = {
        "apiVersion": "cloudscaling.dev/v1alpha1",
        "kind": "ScalingGroup",
        "metadata": {"name": "scale", "namespace": NAMESPACE},
        "spec": {
            "accountRef": {"name": "a"},
            "launchConfigurationRef": {"name": "l"},
            "minSize": 1,
            "maxSize": 9,
            "desiredCapacity": 2,
            "network": {"vpcId": "v", "subnetIds": ["s"]},
        },
    }
    cluster.do("create", "-f", "-", given=body)
    await kube.scale(GROUPS, NAMESPACE, "scale", 5)
    assert (await kube.get(GROUPS, NAMESPACE, "scale"))["spec"]["desiredCapacity"] == 5


async def test_secrets_and_config_maps_are_read_by_name(cluster: Cluster, kube: KubeClient) -> None:
    """Bytes survive; a second creation is stale; finalizers are set under a version."""
    await kube.create_secret(NAMESPACE, "key", {"k": b"\x00\xff"})
    with pytest.raises(errors.Stale):
        await kube.create_secret(NAMESPACE, "key", {"k": b"other"})
    data, metadata = await kube.read_secret(NAMESPACE, "key")
    assert data == {"k": b"\x00\xff"}
    version = metadata["resourceVersion"]
    mark = ["cloudscaling.dev/credentials-in-use"]
    await kube.set_secret_finalizers(NAMESPACE, "key", mark, resource_version=version)
    with pytest.raises(errors.Stale):
        await kube.set_secret_finalizers(NAMESPACE, "key", [], resource_version=version)
    _, metadata = await kube.read_secret(NAMESPACE, "key")
    assert metadata["finalizers"] == mark
    await kube.set_secret_finalizers(NAMESPACE, "key", [], resource_version=metadata["resourceVersion"])
    cluster.do("create", "configmap", "ca", f"--namespace={NAMESPACE}", "--from-literal=ca.crt=pem")
    assert (await kube.read_config_map(NAMESPACE, "ca"))[0] == {"ca.crt": "pem"}
    assert len(await kube.namespace_uid("kube-system")) == 36
    with pytest.raises(errors.Gone):
        await kube.read_secret(NAMESPACE, "absent")


async def test_events_are_shown_by_describe_with_their_source(cluster: Cluster, kube: KubeClient) -> None:
    """From: cloudscaling, as for every other controller."""
    made = cluster.make("events")
    recorder = EventRecorder(kube, SystemClock())
    assert await recorder.post(made, "Warning", "QuotaExceeded", "the quota of 10 groups is used up")
    assert not await recorder.post(made, "Warning", "QuotaExceeded", "the quota of 10 groups is used up")
    shown = cluster.do("describe", "cloudaccount", "events", f"--namespace={NAMESPACE}").splitlines()
    rows = [row.split() for row in shown if "QuotaExceeded" in row]
    assert len(rows) == 1
    assert rows[0][:2] == ["Warning", "QuotaExceeded"]
    assert rows[0][3:6] == ["cloudscaling", "the", "quota"]


async def test_nothing_is_created_in_a_dying_namespace(cluster: Cluster, kube: KubeClient) -> None:
    """Events are dropped without a word, a Secret is refused."""
    cluster.do("create", "namespace", "kube-port-dying")
    made = cluster.make("held", "kube-port-dying")
    at = (ACCOUNTS, "kube-port-dying", "held")
    version = made["metadata"]["resourceVersion"]
    await kube.set_finalizers(*at, ["cloudscaling.dev/finalizer"], resource_version=version)
    cluster.do("delete", "namespace", "kube-port-dying", "--wait=false")
    await kube.post_event(made, event_type="Normal", reason="Deleted", message="m", action="Delete")
    with pytest.raises(errors.Forbidden, match="being terminated"):
        await kube.create_secret("kube-port-dying", "s", {})
    held = await kube.get(*at)
    await kube.set_finalizers(*at, [], resource_version=held["metadata"]["resourceVersion"])


async def test_a_missing_right_is_named(cluster: Cluster) -> None:
    """Verb, resource and who was refused: enough to write the rule."""
    async with cluster.client(cluster.kubeconfig(token=cluster.token("operator"))) as kube:
        with pytest.raises(errors.Forbidden) as caught:
            await kube.read_secret(NAMESPACE, "key")
        text = str(caught.value)
        assert text.startswith("get secrets: 403")
        assert f"system:serviceaccount:{NAMESPACE}:operator" in text
        with pytest.raises(errors.Forbidden, match=r"^patch cloudaccounts\.cloudscaling\.dev/status: 403"):
            await kube.write_status(ACCOUNTS, NAMESPACE, "x", {}, uid="u", resource_version=None)


async def test_a_rotated_token_file_is_followed(cluster: Cluster, tmp_path: Path) -> None:
    """Another identity behind the same path; then one that is refused, repaired without a restart."""
    file = tmp_path / "token"
    file.write_text(cluster.token("nobody"))
    async with cluster.client(cluster.kubeconfig(tokenFile="token")) as kube:
        with pytest.raises(errors.Forbidden, match="nobody"):
            await kube.list_metadata(ACCOUNTS, NAMESPACE)
        file.write_text(cluster.token("operator"))
        assert await kube.list_metadata(ACCOUNTS, NAMESPACE)
        file.write_text("expired")
        with pytest.raises(errors.KubeUnavailable, match="401"):
            await kube.list_metadata(ACCOUNTS, NAMESPACE)
        file.write_text(cluster.token("operator"))
        assert await kube.list_metadata(ACCOUNTS, NAMESPACE)
