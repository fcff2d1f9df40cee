"""Kubeconfig files with everything embedded. Called by supervisor, for the admin and a component."""

import base64
import os
from pathlib import Path

import yaml


def write(path: Path, server: str, pki: Path, user: str) -> None:
    """Write a kubeconfig for the certificate named `user` in `pki`, readable by its owner alone."""
    authority = _encoded(pki / "ca.crt")
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "local",
        "clusters": [{"name": "local", "cluster": {"server": server, "certificate-authority-data": authority}}],
        "users": [
            {
                "name": user,
                "user": {
                    "client-certificate-data": _encoded(pki / f"{user}.crt"),
                    "client-key-data": _encoded(pki / f"{user}.key"),
                },
            }
        ],
        "contexts": [{"name": "local", "context": {"cluster": "local", "user": user}}],
    }
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        yaml.safe_dump(content, file, sort_keys=False)


def _encoded(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode()
