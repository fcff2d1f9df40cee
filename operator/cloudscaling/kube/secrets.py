"""Secrets, ConfigMaps and namespaces, by name only: there is no right to list them. Part of kube.client.

Values pass through and are kept nowhere here.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from urllib.parse import quote

from cloudscaling import errors
from cloudscaling.core.model import Json
from cloudscaling.kube import slim
from cloudscaling.kube.session import JSON_PATCH, Session


class Secrets:
    """What the operator reads and writes of core/v1."""

    def __init__(self, session: Session) -> None:
        self.session = session

    async def read_secret(self, namespace: str, name: str) -> tuple[dict[str, bytes], dict[str, Json]]:
        found = await self._get("secrets", namespace, name)
        data = {key: base64.b64decode(value) for key, value in (found.get("data") or {}).items()}
        return data, slim.metadata(found["metadata"])

    async def read_config_map(self, namespace: str, name: str) -> tuple[dict[str, str], dict[str, Json]]:
        found = await self._get("configmaps", namespace, name)
        return dict(found.get("data") or {}), slim.metadata(found["metadata"])

    async def set_secret_finalizers(
        self, namespace: str, name: str, finalizers: Sequence[str], *, resource_version: str
    ) -> None:
        patch = [
            {"op": "test", "path": "/metadata/resourceVersion", "value": resource_version},
            {"op": "add", "path": "/metadata/finalizers", "value": list(finalizers)},
        ]
        await self.session.request(
            "PATCH",
            _path("secrets", namespace, name),
            verb="patch",
            resource="secrets",
            body=patch,
            content_type=JSON_PATCH,
        )

    async def create_secret(self, namespace: str, name: str, data: Mapping[str, bytes]) -> None:
        """Stale when it exists, even if an earlier attempt of ours made it: read its content then."""
        body = {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": name, "namespace": namespace},
            "type": "Opaque",
            "data": {key: base64.b64encode(value).decode() for key, value in data.items()},
        }
        await self.session.request("POST", _path("secrets", namespace), verb="create", resource="secrets", body=body)

    async def namespace_uid(self, namespace: str) -> str:
        found = await self.session.request(
            "GET", f"/api/v1/namespaces/{quote(namespace, safe='')}", verb="get", resource="namespaces"
        )
        uid = (found.get("metadata") or {}).get("uid")
        if not uid:
            raise errors.KubeError(f"namespace {namespace} shows no uid")
        return str(uid)

    async def _get(self, plural: str, namespace: str, name: str) -> dict[str, Json]:
        return await self.session.request("GET", _path(plural, namespace, name), verb="get", resource=plural)


def _path(plural: str, namespace: str, name: str = "") -> str:
    return f"/api/v1/namespaces/{quote(namespace, safe='')}/{plural}" + (f"/{quote(name, safe='')}" if name else "")
