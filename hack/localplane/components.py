"""The command lines of the three components, as plain data. Called by supervisor. Starts nothing."""

from dataclasses import dataclass

from localplane.binaries import Binaries
from localplane.places import Layout

# What a namespaced operator, its chart and their tests can notice; everything else stays off.
CONTROLLERS = (
    "clusterrole-aggregation-controller",  # fills the built-in view, edit and admin roles
    "deployment-controller",
    "garbage-collector-controller",
    "horizontal-pod-autoscaler-controller",
    "job-controller",
    "namespace-controller",
    "replicaset-controller",
    "root-ca-certificate-publisher-controller",
    "serviceaccount-controller",
)


@dataclass(frozen=True, slots=True)
class Ports:
    """Three free loopback ports."""

    etcd: int
    etcd_peer: int
    apiserver: int

    @property
    def server(self) -> str:
        return f"https://127.0.0.1:{self.apiserver}"


def etcd(binaries: Binaries, layout: Layout, ports: Ports) -> list[str]:
    """Return etcd's command: one member, mutual TLS, no fsync because the data is thrown away."""
    client, peer = f"https://127.0.0.1:{ports.etcd}", f"https://127.0.0.1:{ports.etcd_peer}"
    return [
        str(binaries.etcd),
        f"--data-dir={layout.data}",
        "--unsafe-no-fsync",
        "--name=local",
        f"--listen-client-urls={client}",
        f"--advertise-client-urls={client}",
        f"--listen-peer-urls={peer}",
        f"--initial-advertise-peer-urls={peer}",
        f"--initial-cluster=local={peer}",
        "--client-cert-auth",
        f"--trusted-ca-file={layout.pki}/ca.crt",
        f"--cert-file={layout.pki}/etcd.crt",
        f"--key-file={layout.pki}/etcd.key",
        "--peer-client-cert-auth",
        f"--peer-trusted-ca-file={layout.pki}/ca.crt",
        f"--peer-cert-file={layout.pki}/etcd.crt",
        f"--peer-key-file={layout.pki}/etcd.key",
        "--log-level=warn",
    ]


def apiserver(binaries: Binaries, layout: Layout, ports: Ports) -> list[str]:
    """Return kube-apiserver's command: RBAC, ServiceAccount tokens, the default admission plugins."""
    return [
        str(binaries.kube_apiserver),
        "--bind-address=127.0.0.1",
        f"--secure-port={ports.apiserver}",
        f"--etcd-servers=https://127.0.0.1:{ports.etcd}",
        f"--etcd-cafile={layout.pki}/ca.crt",
        f"--etcd-certfile={layout.pki}/server.crt",
        f"--etcd-keyfile={layout.pki}/server.key",
        f"--tls-cert-file={layout.pki}/server.crt",
        f"--tls-private-key-file={layout.pki}/server.key",
        f"--client-ca-file={layout.pki}/ca.crt",
        "--authorization-mode=RBAC",
        "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
        f"--service-account-signing-key-file={layout.pki}/sa.key",
        f"--service-account-key-file={layout.pki}/sa.pub",
        "--service-cluster-ip-range=10.96.0.0/16",
        "--endpoint-reconciler-type=none",  # a loopback address may not become an endpoint
    ]


def controller_manager(binaries: Binaries, layout: Layout) -> list[str]:
    """Return kube-controller-manager's command: one replica, no port of its own, CONTROLLERS only."""
    return [
        str(binaries.kube_controller_manager),
        f"--kubeconfig={layout.manager_kubeconfig}",
        f"--controllers={','.join(CONTROLLERS)}",
        "--use-service-account-credentials",
        f"--root-ca-file={layout.pki}/ca.crt",
        "--leader-elect=false",
        "--secure-port=0",
        "--horizontal-pod-autoscaler-sync-period=2s",  # 15 s by default: too long to wait for in a test
    ]
