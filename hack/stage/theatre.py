"""Control plane, simulator, chart and operator together; ends them in order. Used by the demo and the benches."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from localplane.cluster import ControlPlane
from stage.operator_process import OperatorProcess, service_account_kubeconfig
from stage.program import Kubectl, Program
from stage.simulator import Simulator

ROOT = Path(__file__).resolve().parents[2]
CHART = ROOT / "helm" / "cloud-scaling-operator"
NAMESPACE, RELEASE = "cloud-scaling", "cloud-scaling-operator"
ACCESS_KEY, SECRET_KEY = "AKIDDEMO", "demo-secret-access-key"
USER, PASSWORD, DOMAIN = "demo-user", "demo-password", "demo-account"
PROJECT = "0b5cb5c5a5f54e4b8a9f3d0c1e2f3a4b"


def account(region: str) -> tuple[str, ...]:
    """Arguments for the simulator: one account with a key, a user and the region's project."""
    key, user = f"{ACCESS_KEY}:{SECRET_KEY}@{DOMAIN}", f"{USER}:{PASSWORD}:{DOMAIN}"
    return ("--access-key", key, "--user", user, "--project", f"{PROJECT}:{region}@{DOMAIN}")


class Theatre:
    """Started by `open`, ended by `close`; what is open stays listed until then."""

    def __init__(
        self,
        say: Callable[[str], None],
        *,
        vendor: str = "huawei",
        region: str = "cn-north-4",
        simulator: tuple[str, ...] = ("--activity-seconds", "4"),
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self._say = say
        self._settings = {"absence_confirm_s": "3", "create_grace_s": "5", **(settings or {})}
        self.dir = Path(tempfile.mkdtemp(prefix="cloudscaling-"))
        self._plane: ControlPlane | None = None
        self.vendor = vendor
        self.simulator = Simulator(
            self.dir / "cloudsim.log", vendors=(vendor,), arguments=(*account(region), *simulator)
        )
        self.operator: OperatorProcess | None = None

    @property
    def plane(self) -> ControlPlane:
        if self._plane is None:
            raise RuntimeError("the control plane is not started")
        return self._plane

    @property
    def kubectl(self) -> Kubectl:
        return Kubectl(self.plane.kubectl, self.plane.kubeconfig)

    @property
    def cloud_url(self) -> str:
        return self.simulator.urls[self.vendor]

    def open(self) -> None:
        """Start everything; each part says when it is there."""
        self._plane = ControlPlane.start()
        self._say(f"kube-apiserver at {self.plane.server}")
        self.simulator.start()
        self._say(f"simulated cloud at {self.cloud_url}")
        self._install()
        kubeconfig = service_account_kubeconfig(
            self.kubectl, self.dir / "operator.kubeconfig", namespace=NAMESPACE, name=RELEASE
        )
        self.operator = OperatorProcess(
            self.dir / "operator.log",
            kubeconfig,
            namespace=NAMESPACE,
            settings=self._settings,
        )
        self.operator.start()
        self._say("operator started with the token of the chart's ServiceAccount and nothing more")

    def _install(self) -> None:
        helm = Program(self.plane.helm, self.plane.kubeconfig)
        helm("install", RELEASE, str(CHART), "--namespace", NAMESPACE, "--create-namespace", timeout=180)
        self._say("helm install: CRDs, RBAC, admission policy, Deployment (there are no nodes to run it)")

    def dead(self) -> str:
        """Which part has ended though it should run; "" when all is well."""
        for actor in (self.simulator, self.operator):
            if actor is not None and not actor.running:
                return f"{actor.name} has ended:\n{actor.tail()}"
        return ""

    def close(self) -> None:
        """Stop everything and remove its files."""
        if self.operator is not None:
            self.operator.stop()
        self.simulator.stop()
        if self._plane is not None:
            self._plane.stop()
        shutil.rmtree(self.dir, ignore_errors=True)
