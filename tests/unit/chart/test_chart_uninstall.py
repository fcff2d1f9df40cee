"""The Job that runs before an uninstall: what it may do, how it is started, and that it can be left out."""

import pytest
from chart_rig import Chart, Manifest, container, kinds, only, rights

from cloudscaling import __main__ as command_line

pytestmark = pytest.mark.e2e  # needs helm, which the local control plane brings

ORPHAN = "uninstall.orphan=true"
NAMESPACED = ("watchNamespaces={web,shop}", "clusterName=blue")


def hooks(objects: list[Manifest]) -> list[Manifest]:
    """What exists only while Helm uninstalls."""
    return [o for o in objects if "helm.sh/hook" in o["metadata"].get("annotations", {})]


def pod(objects: list[Manifest]) -> Manifest:
    """The pod of the Job."""
    found: Manifest = only(objects, "Job")["spec"]["template"]
    return found


def arguments(objects: list[Manifest]) -> list[str]:
    """What its container is started with."""
    found: list[str] = pod(objects)["spec"]["containers"][0]["args"]
    return found


def test_it_runs_before_anything_is_taken_away(chart: Chart) -> None:
    """Once, with the log of a refusal on Helm's output and the Job left to read."""
    (job,) = hooks(chart.render())
    assert job["kind"] == "Job"
    assert job["metadata"]["annotations"] == {
        "helm.sh/hook": "pre-delete",
        "helm.sh/hook-weight": "0",
        "helm.sh/hook-delete-policy": "before-hook-creation,hook-succeeded",
        "helm.sh/hook-output-log-policy": "hook-failed",
    }
    assert (job["spec"]["backoffLimit"], pod([job])["spec"]["restartPolicy"]) == (0, "Never")
    assert job["spec"]["activeDeadlineSeconds"] < 300, "Helm waits no longer"


def test_it_is_as_restricted_as_the_operator(chart: Chart) -> None:
    """The same image, the same account, the same limits."""
    objects = chart.render("imagePullSecrets[0].name=key", "nodeSelector.disk=ssd", "image.tag=v1")
    operator = only(objects, "Deployment")["spec"]["template"]["spec"]
    spec = pod(objects)["spec"]
    for name in ("serviceAccountName", "securityContext", "imagePullSecrets", "nodeSelector", "volumes"):
        assert spec[name] == operator[name], name
    (own,) = spec["containers"]
    for name in ("image", "imagePullPolicy", "securityContext", "resources", "volumeMounts"):
        assert own[name] == container(objects)[name], name


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ((), ["uninstall"]),
        (NAMESPACED, ["uninstall", "--namespaces=web,shop"]),
        ((ORPHAN,), ["uninstall", "--orphan", "--operator=cloud-scaling/cso-cloud-scaling-operator"]),
    ],
)
def test_the_program_understands_its_arguments(
    chart: Chart, settings: tuple[str, ...], expected: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A word that the command line does not know would end every uninstall."""
    objects = chart.render(*settings)
    assert arguments(objects) == expected
    given: list[object] = []
    monkeypatch.setitem(command_line._COMMANDS, "uninstall", lambda parsed: given.append(parsed) or 0)
    assert command_line.main(arguments(objects)) == 0
    assert given


def test_a_check_needs_no_right_of_its_own(chart: Chart) -> None:
    """The operator's account reads all that there is to read."""
    assert [o["kind"] for o in hooks(chart.render())] == ["Job"]
    assert [o["kind"] for o in hooks(chart.render(ORPHAN, "rbac.create=false"))] == ["Job"]


@pytest.mark.parametrize("settings", [(), NAMESPACED])
def test_orphaning_may_stop_the_operator_and_nothing_else(chart: Chart, settings: tuple[str, ...]) -> None:
    """Given for the time of the Job only, and never to the operator that runs."""
    objects = chart.render(ORPHAN, *settings)
    role, binding = only(hooks(objects), "Role"), only(hooks(objects), "RoleBinding")
    deployment = only(objects, "Deployment")["metadata"]
    assert rights(role) == {("apps/deployments/scale", "patch", deployment["name"]), ("/pods", "list", "")}
    assert role["metadata"]["namespace"] == binding["metadata"]["namespace"] == deployment["namespace"]
    assert binding["roleRef"]["name"] == role["metadata"]["name"]
    assert [s["name"] for s in binding["subjects"]] == [only(objects, "ServiceAccount")["metadata"]["name"]]
    for found in (role, binding):
        notes = found["metadata"]["annotations"]
        assert int(notes["helm.sh/hook-weight"]) < 0
        assert "hook-succeeded" in notes["helm.sh/hook-delete-policy"]


@pytest.mark.parametrize("settings", [(), ("nameOverride=" + "x" * 63,), ("fullnameOverride=" + "x" * 63,)])
def test_nothing_that_selects_the_operator_selects_it(chart: Chart, settings: tuple[str, ...]) -> None:
    """It waits for the end of the operator's pods, so it must not be one of them."""
    objects = chart.render(*settings)
    labels = pod(objects)["metadata"]["labels"].items()
    assert not only(objects, "Deployment")["spec"]["selector"]["matchLabels"].items() <= labels
    assert not only(objects, "Service")["spec"]["selector"].items() <= labels
    assert len(only(objects, "Job")["metadata"]["name"]) <= 63


def test_it_can_be_left_out(chart: Chart) -> None:
    """For who deletes a cluster as a whole."""
    assert hooks(chart.render("uninstall.enabled=false", ORPHAN)) == []
    assert kinds(chart.render()) - kinds(chart.render("uninstall.enabled=false")) == {"Job"}
