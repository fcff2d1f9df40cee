"""`cloudscaling uninstall`: what it refuses, what it takes off, and that no cloud hears of it."""

from __future__ import annotations

import io
from typing import Any

import pytest
from fake_kube import NAMESPACE, FakeKube
from operator_rig import Rig
from virtual_time import run

from cloudscaling import __main__ as command_line
from cloudscaling import errors
from cloudscaling.api.meta import CREDENTIALS_FINALIZER, FINALIZER
from cloudscaling.cli.uninstalling import Uninstall, UninstallOptions
from cloudscaling.engine.store import ACCOUNTS, GROUPS, LAUNCHES, MODELS

THEIRS = "example.com/theirs"
OPERATOR = ("cloud-scaling", "operator")


class Cluster:
    """The API server in memory with what the command line reads beyond the port."""

    def __init__(self, kube: FakeKube) -> None:
        self.kube = kube

    def __getattr__(self, name: str) -> Any:
        return getattr(self.kube, name)

    async def served(self) -> frozenset[str]:
        return frozenset(MODELS)

    async def list_objects(self, plural: str, namespace: str | None) -> tuple[dict[str, Any], ...]:
        return tuple(o for (p, n, _), o in list(self.kube.objects.items()) if p == plural and namespace in (None, n))


class Stage:
    """An operator with an account, a launch configuration and a group in the cloud, and what the command says."""

    def __init__(self) -> None:
        self.rig = Rig()
        self.cluster = Cluster(self.rig.kube)
        self.out, self.err = io.StringIO(), io.StringIO()
        self.pods = [("operator-1",), ("operator-1",), ()]

    async def fill(self) -> None:
        self.rig.account()
        self.rig.launch()
        self.rig.group()
        await self.rig.start()
        await self.rig.until(lambda: self.rig.synced(GROUPS, "web"))

    async def stop(self, namespace: str, deployment: str) -> str:
        assert (namespace, deployment) == OPERATOR
        await self.rig.kill()
        return "app=operator"

    async def pods_of(self, namespace: str, selector: str) -> tuple[str, ...]:
        assert (namespace, selector) == (OPERATOR[0], "app=operator")
        return self.pods.pop(0) if len(self.pods) > 1 else self.pods[0]

    async def uninstall(self, **options: Any) -> int:
        stage = self

        class Deployments:
            async def stop(self, namespace: str, deployment: str) -> str:
                return await stage.stop(namespace, deployment)

            async def pods(self, namespace: str, selector: str) -> tuple[str, ...]:
                return await stage.pods_of(namespace, selector)

        return await Uninstall(self.cluster, Deployments(), UninstallOptions(**options), self.out, self.err).run()

    def finalizers(self) -> set[str]:
        held = [o["metadata"].get("finalizers") or [] for o in self.rig.kube.objects.values()]
        held += [metadata.get("finalizers") or [] for _, metadata in self.rig.kube.secrets.values()]
        return {finalizer for several in held for finalizer in several}


def test_refused_while_an_object_exists() -> None:
    """Each is named, nothing is changed, and the operator goes on."""

    async def scenario() -> None:
        stage = Stage()
        await stage.fill()
        stage.rig.kube.remove(LAUNCHES, "lc")
        before = stage.finalizers()
        assert await stage.uninstall() == 1
        assert stage.finalizers() == before == {FINALIZER, CREDENTIALS_FINALIZER}
        for line in ("ScalingGroup web/web", "LaunchConfiguration web/lc (being deleted)", "CloudAccount web/acme"):
            assert f"  {line}\n" in stage.err.getvalue()
        assert "3 objects exist" in stage.err.getvalue()
        assert stage.rig.running is not None
        await stage.rig.kill()

    run(scenario())


def test_nothing_left_is_no_reason_to_wait() -> None:
    """Also when the kinds are not served any more, or the objects are somewhere else."""

    async def scenario() -> None:
        stage = Stage()
        assert await stage.uninstall() == 0
        stage.rig.kube.apply(GROUPS, "web", {})
        assert await stage.uninstall(namespaces=("shop",)) == 0
        assert await stage.uninstall(namespaces=("shop", NAMESPACE)) == 1

        async def none_served() -> frozenset[str]:
            return frozenset()

        stage.cluster.served = none_served  # type: ignore[method-assign]
        assert await stage.uninstall() == 0

    run(scenario())


def test_orphaning_takes_our_finalizers_off_and_no_other() -> None:
    """The operator is stopped before; the cloud is not called, and the next operator goes on without a write."""

    async def scenario() -> None:
        stage = Stage()
        await stage.fill()
        kube, simulator = stage.rig.kube, stage.rig.simulator
        kube.objects[GROUPS, NAMESPACE, "web"]["metadata"]["finalizers"].append(THEIRS)
        kube.secrets[NAMESPACE, "key"][1]["finalizers"].append(THEIRS)
        before = len(simulator.calls)
        assert await stage.uninstall(orphan=True, operator=OPERATOR) == 0
        assert stage.finalizers() == {THEIRS}
        assert len(simulator.calls) == before
        assert stage.err.getvalue() == ""
        (group_id,) = simulator.groups()
        said = stage.out.getvalue()
        assert f"orphaned ScalingGroup web/web; left in the cloud: {group_id}\n" in said
        assert "released Secret web/key\n" in said
        assert said.index("Secret web/key") < said.index("CloudAccount web/acme")
        assert await stage.uninstall(orphan=True) == 0, "a second run finds nothing to do"
        writes = len(simulator.writes)
        await stage.rig.start()
        await stage.rig.until(lambda: stage.finalizers() == {FINALIZER, CREDENTIALS_FINALIZER, THEIRS})
        await stage.rig.until(lambda: stage.rig.synced(GROUPS, "web"))
        assert len(simulator.writes) == writes
        await stage.rig.kill()

    run(scenario())


def test_what_is_being_deleted_goes_and_stays_in_the_cloud() -> None:
    """Orphaning means it: nothing is deleted in the cloud any more."""

    async def scenario() -> None:
        stage = Stage()
        await stage.fill()
        await stage.rig.kill()
        for plural, name in ((GROUPS, "web"), (LAUNCHES, "lc"), (ACCOUNTS, "acme")):
            stage.rig.kube.remove(plural, name)
        assert await stage.uninstall(orphan=True) == 0
        assert not stage.rig.kube.objects
        assert len(stage.rig.simulator.groups()) == 1
        assert stage.finalizers() == set()

    run(scenario())


def test_an_operator_that_does_not_end_keeps_everything() -> None:
    """It would put the finalizers on again."""

    async def scenario() -> None:
        stage = Stage()
        await stage.fill()
        stage.pods = [("operator-1",)]
        before = stage.finalizers()
        assert await stage.uninstall(orphan=True, operator=OPERATOR) == 1
        assert stage.finalizers() == before
        assert "the operator does not end: operator-1" in stage.err.getvalue()

    run(scenario())


def test_a_former_secret_is_released_and_a_missing_one_is_no_error() -> None:
    """Names come from spec and status of the accounts: there is no right to list Secrets."""

    async def scenario() -> None:
        stage = Stage()
        kube = stage.rig.kube
        kube.put_secret("former", {})
        kube.secrets[NAMESPACE, "former"][1]["finalizers"] = [CREDENTIALS_FINALIZER]
        kube.apply(ACCOUNTS, "acme", {"credentials": {"secretRef": {"name": "missing"}}}, finalizers=[FINALIZER])
        kube.objects[ACCOUNTS, NAMESPACE, "acme"]["status"] = {"credentials": {"secretName": "former"}}
        assert await stage.uninstall(orphan=True) == 0
        assert stage.finalizers() == set()

    run(scenario())


def test_a_secret_that_may_not_be_changed_keeps_its_account() -> None:
    """Only the account tells its name, so that another run with the right can find it."""

    async def scenario() -> None:
        stage = Stage()
        await stage.fill()
        await stage.rig.kill()
        stage.rig.kube.fail = lambda verb: errors.Forbidden("no") if verb == "set_secret_finalizers" else None
        assert await stage.uninstall(orphan=True) == 1
        assert "Secret web/key keeps the finalizer cloudscaling.dev/credentials-in-use: no" in stage.err.getvalue()
        assert stage.rig.kube.objects[ACCOUNTS, NAMESPACE, "acme"]["metadata"]["finalizers"] == [FINALIZER]
        assert stage.rig.kube.objects[GROUPS, NAMESPACE, "web"]["metadata"]["finalizers"] == []
        stage.rig.kube.fail = lambda verb: None
        assert await stage.uninstall(orphan=True) == 0
        assert stage.finalizers() == set()

    run(scenario())


def test_somebody_who_writes_at_the_same_time_is_not_overwritten() -> None:
    """The object is read anew, and only ours is taken off what is there then."""

    async def scenario() -> None:
        stage = Stage()
        await stage.fill()
        await stage.rig.kill()
        trouble: list[errors.KubeError] = [errors.Stale("a newer version"), errors.Stale("a newer version")]
        stage.rig.kube.fail = lambda verb: trouble.pop() if verb == "set_finalizers" and trouble else None
        assert await stage.uninstall(orphan=True) == 0
        assert stage.finalizers() == set()

    run(scenario())


@pytest.mark.parametrize("arguments", [["--operator", "name"], ["--operator", "ns/name"]], ids=["form", "no orphan"])
def test_wrong_usage_is_status_two(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is asked of the cluster."""
    assert command_line.main(["uninstall", *arguments]) == 2
    assert "--operator" in capsys.readouterr().err
