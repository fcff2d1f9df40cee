"""What helm makes of the chart, and what it refuses."""

import pytest
import yaml
from chart_rig import CHART, Chart, container, environment, kinds, only, rights

from cloudscaling.settings import Settings

pytestmark = pytest.mark.e2e  # needs helm, which the local control plane brings

KINDS = ("cloudaccounts", "launchconfigurations", "scalinggroups", "scalingpolicies", "instanceoperations")
NAMESPACED = ("watchNamespaces={web,shop}", "clusterName=blue")
WATCHED = {
    *((f"cloudscaling.dev/{kind}", verb, "") for kind in KINDS for verb in ("get", "list", "watch", "patch")),
    *((f"cloudscaling.dev/{kind}/status", "patch", "") for kind in KINDS),
    ("cloudscaling.dev/scalinggroups/scale", "patch", ""),
    ("cloudscaling.dev/instanceoperations", "delete", ""),  # after their time to live
    ("events.k8s.io/events", "create", ""),
    ("/secrets", "get", ""),
    ("/secrets", "patch", ""),
    ("/configmaps", "get", ""),
}
KUBE_SYSTEM = ("/namespaces", "get", "kube-system")


@pytest.mark.parametrize("settings", [(), NAMESPACED, ("deletionProtection.enabled=false",)])
def test_lint_finds_nothing(chart: Chart, settings: tuple[str, ...]) -> None:
    """Warnings count."""
    done = chart.run("lint", "--strict", str(CHART), *(f"--set={setting}" for setting in settings))
    assert done.returncode == 0, done.stdout


def test_every_object_carries_the_standard_labels(chart: Chart) -> None:
    """`kubectl get -l app.kubernetes.io/instance=...` finds the whole release."""
    wanted = {"name", "instance", "version", "component", "part-of", "managed-by"}
    for found in chart.render():
        labels = found["metadata"]["labels"]
        assert wanted <= {key.removeprefix("app.kubernetes.io/") for key in labels}, found["kind"]


def test_container_is_restricted(chart: Chart) -> None:
    """It fits a namespace with the restricted Pod Security Standard."""
    objects = chart.render()
    pod = only(objects, "Deployment")["spec"]["template"]["spec"]
    assert pod["securityContext"] == {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
    assert container(objects)["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert container(objects)["volumeMounts"] == [{"name": "tmp", "mountPath": "/tmp"}]


def test_never_two_at_once(chart: Chart) -> None:
    """Until there is a Lease, a second process would write to the same clouds."""
    spec = only(chart.render(), "Deployment")["spec"]
    assert (spec["replicas"], spec["strategy"]) == (1, {"type": "Recreate"})
    assert spec["template"]["spec"]["terminationGracePeriodSeconds"] == 60


def test_probes_look_where_the_program_listens(chart: Chart) -> None:
    """Port and paths are those of handlers.probes."""
    found = container(chart.render())
    port = Settings().listen_address[1]
    assert found["ports"] == [{"name": "http", "containerPort": port, "protocol": "TCP"}]
    probes = {found[name]["httpGet"]["path"]: found[name]["httpGet"]["port"] for name in PROBES}
    assert probes == {"/livez": "http", "/readyz": "http"}


PROBES = ("livenessProbe", "readinessProbe")


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ((), {}),
        (NAMESPACED, {"cluster_name": "blue", "watch_namespaces": ("web", "shop")}),
        (("credentials.protectSecrets=false",), {"protect_secrets": False}),
        (("logFormat=text", "logLevel=debug", "workers=3"), {"log_format": "text", "log_level": "debug", "workers": 3}),
        (("absence.confirmSeconds=1", "absence.createGraceSeconds=2"), {"absence_confirm_s": 1}),
        (("intervals.secretPollSeconds=1", "backgroundShare=0"), {"secret_poll_s": 1, "background_share": 0}),
        (("intervals.watchCheckSeconds=86400",), {"watch_check_s": 86400}),
        (("stateKeySecretName=other",), {"hmac_secret_name": "other"}),
    ],
)
def test_program_understands_its_environment(
    chart: Chart, settings: tuple[str, ...], expected: dict[str, object]
) -> None:
    """Every variable that the chart sets is a setting, and the values arrive."""
    given = environment(chart.render(*settings))
    known = {f"CLOUDSCALING_{name.upper()}" for name in Settings.model_fields}
    assert set(given) <= known
    read = Settings.load({**given, "POD_NAMESPACE": "cloud-scaling"})
    assert read.operator_namespace == "cloud-scaling"
    for name, value in expected.items():
        assert getattr(read, name) == value
    if not settings:
        assert read == Settings(operator_namespace="cloud-scaling")


def test_cluster_wide_rights_are_exactly_these(chart: Chart) -> None:
    """A right that nobody uses is a right that an attacker has."""
    objects = chart.render()
    roles = [o for o in objects if o["kind"] == "ClusterRole" and not o["metadata"]["name"].startswith(AGGREGATED)]
    assert [rights(role) for role in roles] == [WATCHED | {KUBE_SYSTEM}]
    own = only(objects, "Role")
    assert rights(own) == {("/secrets", "create", ""), ("/secrets", "get", "cloudscaling-state-key")}
    assert own["metadata"]["namespace"] == "cloud-scaling"


AGGREGATED = ("view.", "edit.")


def test_a_named_cluster_need_not_read_kube_system(chart: Chart) -> None:
    """The namespace is read for its UID only."""
    role = only([o for o in chart.render("clusterName=blue", "rbac.aggregate=false")], "ClusterRole")
    assert rights(role) == WATCHED


def test_unprotected_secrets_are_never_patched(chart: Chart) -> None:
    """protectSecrets is what the right is for."""
    role = only(chart.render("credentials.protectSecrets=false", "rbac.aggregate=false"), "ClusterRole")
    assert rights(role) == WATCHED - {("/secrets", "patch", "")} | {KUBE_SYSTEM}


def test_namespaced_installation_has_no_rights_elsewhere(chart: Chart) -> None:
    """A Role in every listed namespace and nothing that reaches further."""
    objects = chart.render(*NAMESPACED, "rbac.aggregate=false")
    assert not {"ClusterRole", "ClusterRoleBinding"} & kinds(objects)
    roles = {o["metadata"]["namespace"]: rights(o) for o in objects if o["kind"] == "Role"}
    assert roles == {
        "cloud-scaling": {("/secrets", "create", ""), ("/secrets", "get", "cloudscaling-state-key")},
        "web": WATCHED,
        "shop": WATCHED,
    }
    bound = [o["subjects"] for o in objects if o["kind"] == "RoleBinding"]
    account = only(objects, "ServiceAccount")["metadata"]
    assert bound == [[{"kind": "ServiceAccount", "name": account["name"], "namespace": account["namespace"]}]] * 3


def test_people_may_not_write_status(chart: Chart) -> None:
    """The ids in it decide what is written and deleted in the cloud."""
    roles = [o for o in chart.render() if o["metadata"]["name"].startswith(AGGREGATED)]
    assert len(roles) == 2
    writing = {"create", "update", "patch", "delete", "deletecollection"}
    for role in roles:
        assert not {right for right in rights(role) if right[0].endswith("/status") and right[1] in writing}
    edit = next(rights(role) for role in roles if role["metadata"]["name"].startswith("edit."))
    assert {(f"cloudscaling.dev/{kind}", verb, "") for kind in KINDS for verb in writing} <= edit


def test_deletion_protection_is_the_documented_rule(chart: Chart) -> None:
    """V3 of the API: expression, message, Deny, Fail."""
    objects = chart.render()
    policy = only(objects, "ValidatingAdmissionPolicy")
    binding = only(objects, "ValidatingAdmissionPolicyBinding")["spec"]
    assert policy["spec"]["failurePolicy"] == "Fail"
    (rule,) = policy["spec"]["matchConstraints"]["resourceRules"]
    assert (rule["operations"], set(rule["resources"])) == (["DELETE"], set(KINDS[1:4]))
    (validation,) = policy["spec"]["validations"]
    wanted = "!has(oldObject.spec.deletionProtection) || !oldObject.spec.deletionProtection"
    assert validation["expression"] == wanted
    assert validation["message"] == "spec.deletionProtection is true; set it to false first"
    assert (binding["policyName"], binding["validationActions"]) == (policy["metadata"]["name"], ["Deny"])
    assert "matchResources" not in binding


def test_namespaced_deletion_protection_stays_in_its_namespaces(chart: Chart) -> None:
    """Other namespaces may belong to another release."""
    binding = only(chart.render(*NAMESPACED), "ValidatingAdmissionPolicyBinding")["spec"]
    (expression,) = binding["matchResources"]["namespaceSelector"]["matchExpressions"]
    assert expression["values"] == ["web", "shop"]


@pytest.mark.parametrize(
    ("setting", "gone"),
    [
        ("deletionProtection.enabled=false", {"ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"}),
        ("metrics.service.enabled=false", {"Service"}),
        ("rbac.create=false", {"Role", "RoleBinding", "ClusterRoleBinding"}),
    ],
)
def test_parts_can_be_left_out(chart: Chart, setting: str, gone: set[str]) -> None:
    """Each switch takes away just its own objects."""
    assert kinds(chart.render()) - kinds(chart.render(setting)) == gone


def test_service_selects_the_pod(chart: Chart) -> None:
    """A selector that matches nothing is a Service without an endpoint."""
    objects = chart.render()
    labels = only(objects, "Deployment")["spec"]["template"]["metadata"]["labels"]
    assert only(objects, "Service")["spec"]["selector"].items() <= labels.items()


def test_digest_wins_over_the_tag(chart: Chart) -> None:
    """A tag can move, a digest cannot."""
    digest = "sha256:" + "0" * 64
    image = container(chart.render("image.repository=r/cso", "image.tag=v1", f"image.digest={digest}"))["image"]
    assert image == f"r/cso@{digest}"
    assert container(chart.render("image.repository=r/cso"))["image"] == "r/cso:0.1.0"


def test_foreign_service_account_is_bound_and_not_made(chart: Chart) -> None:
    """Who makes the account elsewhere names it here."""
    objects = chart.render("serviceAccount.create=false", "serviceAccount.name=theirs")
    assert "ServiceAccount" not in kinds(objects)
    assert only(objects, "ClusterRoleBinding")["subjects"][0]["name"] == "theirs"


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (("watchNamespaces={web}",), "clusterName is required when watchNamespaces is set"),
        (("serviceAccount.create=false",), "serviceAccount.name is required when serviceAccount.create is false"),
        (("clustername=blue",), "additional properties 'clustername' not allowed"),
        (("credentials.protect=true",), "'protect' not allowed"),
        (("credentials.protectSecrets=maybe",), "at '/credentials/protectSecrets': got string, want boolean"),
        (("logLevel=loud",), "value must be one of 'debug', 'info', 'warning', 'error'"),
        (("workers=0",), "at '/workers': minimum: got 0, want 1"),
        (("watchNamespaces={Web}", "clusterName=blue"), "at '/watchNamespaces/0'"),
        (("watchNamespaces={web,web}", "clusterName=blue"), "at '/watchNamespaces'"),
        (("absence.confirmSeconds=0",), "at '/absence/confirmSeconds'"),
        (("image.digest=latest",), "at '/image/digest'"),
    ],
    ids=lambda value: value if isinstance(value, str) else ",".join(value),
)
def test_wrong_values_are_refused(chart: Chart, settings: tuple[str, ...], words: str) -> None:
    """Before anything is installed, with the path of the value."""
    assert words in chart.refused(*settings)


def test_notes_tell_what_is_watched(chart: Chart) -> None:
    """The first thing that a user reads."""
    template = (CHART / "templates" / "NOTES.txt").read_text()
    assert "kubectl wait --for=condition=Ready cloudaccount" in template
    assert yaml.safe_load((CHART / "Chart.yaml").read_text())["kubeVersion"] == ">=1.32.0-0"
