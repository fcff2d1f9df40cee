"""The API server as the harness uses it: administrator, plain JSON, no cache."""

from __future__ import annotations

import base64
import ssl
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import yaml
from tests.faults.process import ROOT

GROUP = "/apis/cloudscaling.dev/v1alpha1"
PLURAL_OF = {
    "CloudAccount": "cloudaccounts",
    "LaunchConfiguration": "launchconfigurations",
    "ScalingGroup": "scalinggroups",
    "ScalingPolicy": "scalingpolicies",
    "InstanceOperation": "instanceoperations",
}
PLURALS = tuple(PLURAL_OF.values())
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Identity:
    """Server and TLS context of a kubeconfig with a client certificate."""

    server: str
    context: ssl.SSLContext

    @classmethod
    def read(cls, kubeconfig: Path) -> Identity:
        known = yaml.safe_load(kubeconfig.read_text())
        cluster, user = known["clusters"][0]["cluster"], known["users"][0]["user"]
        context = ssl.create_default_context(cadata=base64.b64decode(cluster["certificate-authority-data"]).decode())
        with tempfile.TemporaryDirectory() as folder:
            pair = Path(folder) / "pair.pem"
            pair.touch(mode=0o600)
            parts = (user["client-certificate-data"], user["client-key-data"])
            pair.write_bytes(b"\n".join(base64.b64decode(part) for part in parts))
            context.load_cert_chain(pair)
        return cls(cluster["server"], context)


class Cluster:
    """Requests of the harness itself; `close` ends it."""

    def __init__(self, identity: Identity) -> None:
        self.identity = identity
        connector = aiohttp.TCPConnector(ssl=identity.context)
        self._session = aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=30))

    async def close(self) -> None:
        await self._session.close()

    async def ask(self, method: str, path: str, body: Any = None, content_type: str = "application/json") -> Json:
        async with self._session.request(
            method, self.identity.server + path, json=body, headers={"Content-Type": content_type}
        ) as answer:
            found = await answer.json(content_type=None)
            if answer.status >= 400:
                raise ClusterError(answer.status, f"{method} {path}: {found.get('message', found)}")
            return dict(found)

    async def install(self) -> None:
        """The CustomResourceDefinitions, until they are served."""
        for file in sorted((ROOT / "crds").glob("*.yaml")):
            for document in yaml.safe_load_all(file.read_text()):
                if document:
                    await self.ask("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", document)

    async def served(self) -> bool:
        try:
            for plural in PLURALS:
                await self.ask("GET", f"{GROUP}/{plural}?limit=1")
        except ClusterError:
            return False
        return True

    async def create_namespace(self, name: str) -> None:
        await self.ask("POST", "/api/v1/namespaces", {"metadata": {"name": name}})

    async def delete_namespace(self, name: str) -> None:
        await self.ask("DELETE", f"/api/v1/namespaces/{name}")

    async def create(self, namespace: str, manifest: Json) -> None:
        kind = manifest["kind"]
        base = "/api/v1" if kind == "Secret" else GROUP
        plural = "secrets" if kind == "Secret" else PLURAL_OF[kind]
        await self.ask("POST", f"{base}/namespaces/{namespace}/{plural}", manifest)

    async def merge(self, namespace: str, plural: str, name: str, patch: Json) -> None:
        path = f"{GROUP}/namespaces/{namespace}/{plural}/{name}"
        await self.ask("PATCH", path, patch, "application/merge-patch+json")

    async def delete(self, namespace: str, plural: str, name: str) -> None:
        await self.ask("DELETE", f"{GROUP}/namespaces/{namespace}/{plural}/{name}")

    async def objects(self, namespace: str) -> dict[tuple[str, str], Json]:
        """(plural, name) -> object, all kinds of the operator."""
        found: dict[tuple[str, str], Json] = {}
        for plural in PLURALS:
            listed = await self.ask("GET", f"{GROUP}/namespaces/{namespace}/{plural}")
            found |= {(plural, item["metadata"]["name"]): item for item in listed["items"]}
        return found


class ClusterError(Exception):
    """The API server refused."""

    def __init__(self, status: int, message: str) -> None:
        self.status = status
        super().__init__(message)
