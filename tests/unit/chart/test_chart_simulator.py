"""The optional simulator of the chart: off unless asked for, restricted, and not taken for the operator."""

import pytest
from chart_rig import CHART, Chart, Manifest, container, only

from cloudsim import __main__ as cloudsim
from cloudsim import registry

pytestmark = pytest.mark.e2e  # needs helm, which the local control plane brings

ON = "simulator.enabled=true"


def deployment(objects: list[Manifest]) -> Manifest:
    """The simulator's Deployment."""
    return only([o for o in objects if o["metadata"]["name"].endswith("-simulator")], "Deployment")


def arguments(objects: list[Manifest]) -> list[str]:
    """What cloudsim is started with."""
    found: list[str] = deployment(objects)["spec"]["template"]["spec"]["containers"][0]["args"]
    return found


def test_it_is_off_unless_asked_for(chart: Chart) -> None:
    """A switch adds its Deployment and Service and changes nothing else."""
    without, with_it = chart.render(), chart.render(ON)
    more = [o for o in with_it if o not in without]
    assert [o for o in without if o not in with_it] == []
    assert sorted(o["kind"] for o in more) == ["Deployment", "Service"]
    assert {o["metadata"]["name"] for o in more} == {"cso-cloud-scaling-operator-simulator"}


def test_lint_finds_nothing(chart: Chart) -> None:
    """Warnings count."""
    done = chart.run("lint", "--strict", str(CHART), f"--set={ON}")
    assert done.returncode == 0, done.stdout


def test_it_is_as_restricted_as_the_operator(chart: Chart) -> None:
    """It fits a namespace with the restricted Pod Security Standard, and has no token of the API server."""
    objects = chart.render(ON)
    pod = deployment(objects)["spec"]["template"]["spec"]
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"] == {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
    assert pod["containers"][0]["securityContext"] == container(chart.render())["securityContext"]


@pytest.mark.parametrize("settings", [(), ("nameOverride=" + "x" * 63,), ("fullnameOverride=" + "x" * 63,)])
def test_nothing_that_selects_the_operator_selects_it(chart: Chart, settings: tuple[str, ...]) -> None:
    """Metrics of the operator must not come from the simulator, whatever the names."""
    objects = chart.render(ON, *settings)
    labels = {
        o["metadata"]["name"]: o["spec"]["template"]["metadata"]["labels"].items()
        for o in objects
        if o["kind"] == "Deployment"
    }
    selectors = {o["metadata"]["name"]: o["spec"]["selector"].items() for o in objects if o["kind"] == "Service"}
    assert len(labels) == len(selectors) == 2
    for name, selector in selectors.items():
        (chosen,) = (deployment for deployment, given in labels.items() if selector <= given)
        assert name.endswith("-simulator") == chosen.endswith("-simulator")


def test_cloudsim_understands_its_arguments(chart: Chart) -> None:
    """Every cloud that it has is served, on ports of the container and of the Service; further arguments follow."""
    objects = chart.render(ON, "simulator.args={--clock=scaled:60}")
    read = cloudsim._settings(cloudsim._parser().parse_args(arguments(objects)))
    assert (read.host, read.clock) == ("0.0.0.0", "scaled:60")
    served = {"admin": read.admin_port, **read.vendors}
    assert set(read.vendors) == set(registry.VENDORS)
    ports = deployment(objects)["spec"]["template"]["spec"]["containers"][0]["ports"]
    assert {port["name"]: port["containerPort"] for port in ports} == served
    service = only([o for o in objects if o["metadata"]["name"].endswith("-simulator")], "Service")["spec"]["ports"]
    assert {port["name"]: (port["port"], port["targetPort"]) for port in service} == {
        name: (port, name) for name, port in served.items()
    }


def test_one_cloud_alone_can_be_served(chart: Chart) -> None:
    """The list of the values replaces the default one."""
    objects = chart.render(ON, "simulator.vendors[0].name=otc", "simulator.vendors[0].port=8000", "simulator.args=null")
    assert arguments(objects) == ["serve", "--host=0.0.0.0", "--admin=9000", "--vendor=otc:8000"]


def test_its_image_is_chosen_apart_from_the_operators(chart: Chart) -> None:
    """The operator's image does not hold it."""
    objects = chart.render(ON, "simulator.image.repository=r/sim", "simulator.image.tag=v2", "image.tag=v1")
    images = {
        o["metadata"]["name"]: o["spec"]["template"]["spec"]["containers"][0]["image"]
        for o in objects
        if o["kind"] == "Deployment"
    }
    assert sorted(images.values()) == ["cloud-scaling-operator:v1", "r/sim:v2"]


@pytest.mark.parametrize(
    ("setting", "path"),
    [
        ("simulator.vendors[0].port=9001", "/simulator/vendors/0"),
        ("simulator.adminPort=80", "/simulator/adminPort"),
        ("simulator.args={serve}", "/simulator/args/0"),
        ("simulator.image.digest=latest", "/simulator/image/digest"),
        ("simulator.enable=true", "/simulator"),
    ],
)
def test_wrong_values_are_refused(chart: Chart, setting: str, path: str) -> None:
    """Before anything is installed, with the path of the value."""
    assert f"at '{path}'" in chart.refused(setting)
