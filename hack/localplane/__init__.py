"""The local control plane: etcd, kube-apiserver and kube-controller-manager on loopback, no container.

Used by `hack/controlplane` and, through `localplane.cluster`, by the end-to-end tests, the demo and the
benches. Knows nothing of the operator. `cluster` starts supervisor as a process of its own, through cli:

    cli ─┬─ cluster ── binaries ── build ── golang ── wheels
         └─ supervisor ── components, certs, kubeconfig, processes
"""
