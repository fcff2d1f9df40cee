"""The Kubernetes port and kopf's watches against a real API server, also with few rights."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
import yaml
from kube_port_shell import Shell, Store, SystemClock

from cloudscaling import errors
from cloudscaling.handlers import watch, watchdog
from cloudscaling.handlers.shell import StartFailed
from cloudscaling.kube import objects
from cloudscaling.kube.access import Access
from cloudscaling.kube.client import KubeClient
from cloudscaling.kube.recorder import EventRecorder
from cloudscaling.kube.session import Session
from cloudscaling.settings import Settings

if TYPE_CHECKING:
    from localplane.cluster import ControlPlane

pytestmark = pytest.mark.e2e

CRDS = Path(__file__).resolve().parents[2] / "crds"
PROGRAM = Path(__file__).with_name("kube_port_shell.py")
ACCOUNTS, GROUPS = "cloudaccounts", "scalinggroups"
NAMESPACE = "kube-port"


class Cluster:
    """kubectl as the administrator, and clients of whoever is asked for."""

    def __init__(self, plane: ControlPlane, folder: Path) -> None:
        self.plane = plane
        self._folder = folder

    def do(self, *arguments: str, given: object = None) -> str:
        command = [str(self.plane.kubectl), f"--kubeconfig={self.plane.kubeconfig}", *arguments]
        result = subprocess.run(command, input=json.dumps(given), capture_output=True, text=True, timeout=60)
        assert result.returncode == 0, result.stderr
        return result.stdout

    def make(self, name: str, namespace: str = NAMESPACE, **spec: Any) -> dict[str, Any]:
        """A CloudAccount, which refers to nothing that must exist."""
        content = {"vendor": "Huawei", "region": "eu-1", "credentials": {"secretRef": {"name": "c"}}, **spec}
        body = {
            "apiVersion": "cloudscaling.dev/v1alpha1",
            "kind": "CloudAccount",
            "metadata": {"name": name, "namespace": namespace},
            "spec": content,
        }
        made: dict[str, Any] = json.loads(self.do("create", "-o", "json", "-f", "-", given=body))
        return made

    def token(self, account: str) -> str:
        return self.do("create", "token", account, f"--namespace={NAMESPACE}")

    def kubeconfig(self, server: str = "", **user: str) -> Path:
        """A kubeconfig of another user or by another way, in the test's own folder."""
        known = yaml.safe_load(self.plane.kubeconfig.read_text())
        if user:
            known["users"][0]["user"] = user
        if server:
            known["clusters"][0]["cluster"]["server"] = server
        path = self._folder / "kubeconfig"
        path.write_text(yaml.safe_dump(known))
        return path

    @asynccontextmanager
    async def client(self, kubeconfig: Path | None = None) -> AsyncIterator[KubeClient]:
        access = await Access.load({"KUBECONFIG": str(kubeconfig or self.plane.kubeconfig)})
        kube = KubeClient(Session(access), SystemClock(), instance="test")
        try:
            yield kube
        finally:
            await kube.close()


@pytest.fixture(scope="module")
def prepared(plane: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """The released CRDs, a namespace, and a ServiceAccount with the rights of a namespaced installation."""
    cluster = Cluster(plane, tmp_path_factory.mktemp("prepared"))
    cluster.do("apply", "--server-side", "--force-conflicts", "-f", str(CRDS))
    released = [f"crd/{plural}.cloudscaling.dev" for plural in watch.PLURALS]
    cluster.do("wait", "--for=condition=Established", "--timeout=60s", *released)
    cluster.do("create", "namespace", NAMESPACE)
    inside = f"--namespace={NAMESPACE}"
    for account in ("operator", "nobody"):
        cluster.do("create", "serviceaccount", account, inside)
    watched = ",".join(f"{plural}.cloudscaling.dev" for plural in watch.PLURALS)
    cluster.do("create", "role", "operator", "--verb=get,list,watch", f"--resource={watched}", inside)
    subject = f"--serviceaccount={NAMESPACE}:operator"
    cluster.do("create", "rolebinding", "operator", "--role=operator", subject, inside)
    yield plane
    cluster.do("delete", "namespace", NAMESPACE, "--wait=false")


@pytest.fixture
def cluster(prepared: ControlPlane, tmp_path: Path) -> Cluster:
    """The prepared control plane."""
    return Cluster(prepared, tmp_path)


@pytest.fixture
async def kube(cluster: Cluster) -> AsyncIterator[KubeClient]:
    """The port, as the administrator."""
    async with cluster.client() as client:
        yield client


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


async def test_watches_feed_the_store_with_the_rights_of_one_namespace(cluster: Cluster) -> None:
    """Listed, changed, added and deleted; no right on CRDs or namespaces; other namespaces are not seen."""
    cluster.make("watched")
    cluster.make("elsewhere", "default")
    store = Store()
    settings = Settings.load({}, {"watch_namespaces": NAMESPACE, "cluster_name": "e2e", "listen": "127.0.0.1:0"})
    async with cluster.client(cluster.kubeconfig(token=cluster.token("operator"))) as kube:
        shell = Shell(settings, kube, store, watch.PLURALS)
        running = asyncio.create_task(shell.run())
        await store.until(lambda found: "watched" in found.names(ACCOUNTS))
        async with asyncio.timeout(30):
            await shell.watchdog.synced.wait()
        cluster.do("annotate", "cloudaccount", "watched", f"--namespace={NAMESPACE}", "a=b")
        key = (NAMESPACE, "watched")
        await store.until(lambda found: "annotations" in found.held[ACCOUNTS][key]["metadata"])
        cluster.make("added")
        await store.until(lambda found: "added" in found.names(ACCOUNTS))
        cluster.do("delete", "cloudaccount", "watched", f"--namespace={NAMESPACE}")
        await store.until(lambda found: "watched" not in found.names(ACCOUNTS))
        await shell.watchdog.check()
        assert shell.watchdog.problem() is None
        assert "elsewhere" not in store.names(ACCOUNTS)
        assert "managedFields" not in store.held[ACCOUNTS][(NAMESPACE, "added")]["metadata"]
        shell.stop.set()
        await running
    cluster.do("delete", "cloudaccount", "elsewhere", "--namespace=default")


class Relay:
    """A TCP relay to the API server that can fall silent: connections stay open and nothing comes any more."""

    def __init__(self, server: str) -> None:
        self._host, self._port = server.removeprefix("https://").split(":")
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._pumps: set[asyncio.Task[None]] = set()

    def fall_silent(self) -> None:
        self._flowing.clear()

    async def connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        back_reader, back_writer = await asyncio.open_connection(self._host, self._port)
        for source, sink in ((reader, back_writer), (back_reader, writer)):
            pump = asyncio.create_task(self._pump(source, sink))
            self._pumps.add(pump)
            pump.add_done_callback(self._pumps.discard)

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(65536):
                await self._flowing.wait()
                sink.write(data)
                await sink.drain()
        except ConnectionError:
            pass
        finally:
            sink.close()

    async def close(self) -> None:
        for pump in tuple(self._pumps):
            pump.cancel()
        await asyncio.gather(*self._pumps, return_exceptions=True)


async def test_a_silent_watch_is_bridged_and_turns_the_liveness_probe_red(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection stays open and shows nothing: the store gets the change all the same, and /livez tells."""
    monkeypatch.setattr(watchdog, "SETTLE_S", 0.2)
    relay = Relay(cluster.plane.server)
    listener = await asyncio.start_server(relay.connect, "127.0.0.1", 0)
    through = f"https://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    settings = Settings.load({}, {"listen": "127.0.0.1:0", "watch_check_s": 1})
    store = Store()
    async with cluster.client() as kube, cluster.client(cluster.kubeconfig(through)) as slow:
        shell = Shell(settings, kube, store, (ACCOUNTS,), access=slow.session.access)
        running = asyncio.create_task(shell.run())
        async with asyncio.timeout(60), aiohttp.ClientSession() as http:
            await shell.watchdog.synced.wait()
            relay.fall_silent()
            cluster.make("unseen")
            await store.until(lambda found: "unseen" in found.names(ACCOUNTS))
            status, text = 200, ""
            while status == 200:
                await asyncio.sleep(0.1)
                async with http.get(f"http://127.0.0.1:{shell.probes.port}/livez") as answer:
                    status, text = answer.status, await answer.text()
            assert f"the watch of cloudaccounts has not shown {NAMESPACE}/unseen" in text
            shell.stop.set()
            await running
    listener.close()
    await relay.close()


async def test_a_missing_crd_ends_the_start_with_a_clear_message(cluster: Cluster) -> None:
    """kopf alone would warn once and then serve nothing for ever."""
    settings = Settings.load({}, {"listen": "127.0.0.1:0"})
    async with cluster.client() as kube:
        shell = Shell(settings, kube, Store(), (ACCOUNTS, "nosuchthings"))
        with pytest.raises(StartFailed, match=r"does not serve nosuchthings of cloudscaling\.dev"):
            await shell.run()


def spawn(cluster: Cluster, *plurals: str) -> subprocess.Popen[str]:
    environ = {**os.environ, "KUBECONFIG": str(cluster.plane.kubeconfig)}
    command = [sys.executable, "-W", "error", str(PROGRAM), *plurals]
    return subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True)


def read_until(process: subprocess.Popen[str], wanted: str) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        if line.strip() == wanted:
            return
    raise AssertionError(f"the process ended before it said {wanted!r}")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_process_cleanly(cluster: Cluster, number: signal.Signals) -> None:
    """Exit status 0, and long before kopf would lose its patience with forgotten tasks (5 s)."""
    process = spawn(cluster, ACCOUNTS, GROUPS)
    try:
        read_until(process, "synced")
        process.send_signal(number)
        assert process.wait(timeout=4) == 0
    finally:
        process.kill()


def test_a_dead_watch_ends_the_process_with_an_error(cluster: Cluster) -> None:
    """A process that watches nothing must not look alive."""
    cluster.do("apply", "-f", "-", given=THINGS)
    cluster.do("wait", "--for=condition=Established", "--timeout=60s", "crd/things.cloudscaling.dev")
    process = spawn(cluster, "things")
    try:
        read_until(process, "synced")
        cluster.do("delete", "crd", "things.cloudscaling.dev")
        assert process.wait(timeout=60) == 1
    finally:
        process.kill()


THINGS = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "things.cloudscaling.dev"},
    "spec": {
        "group": "cloudscaling.dev",
        "scope": "Namespaced",
        "names": {"plural": "things", "singular": "thing", "kind": "Thing"},
        "versions": [
            {
                "name": "v1alpha1",
                "served": True,
                "storage": True,
                "schema": {"openAPIV3Schema": {"type": "object"}},
            }
        ],
    },
}
