"""Custom resources: read, list, status, finalizers, scale, delete. Part of kube.client.

Knows one API group and version; knows nothing of what stands in a spec or a status.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import quote

from cloudscaling import errors
from cloudscaling.api import meta
from cloudscaling.core.model import Json
from cloudscaling.kube import answers, slim
from cloudscaling.kube.session import JSON, JSON_PATCH, MERGE_PATCH, Session

PAGE = 500
_LIST_ATTEMPTS = 3  # a paged list begins again when its continue token expired
_METADATA_ONLY = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"


class Objects:
    """The objects of one API group; a call raises KubeError's subclasses only."""

    def __init__(self, session: Session, *, group: str = meta.GROUP, version: str = meta.VERSION) -> None:
        self.session = session
        self._group = group
        self._base = f"/apis/{group}/{version}"

    async def served(self) -> frozenset[str]:
        """Plurals that the API server serves in this group and version; empty when it serves none."""
        try:
            answer = await self.session.request("GET", self._base, verb="get", resource=self._base)
        except (errors.Gone, answers.NotServed):
            return frozenset()
        return frozenset(item["name"] for item in answer.get("resources", ()) if "/" not in item["name"])

    async def get(self, plural: str, namespace: str, name: str) -> dict[str, Json]:
        found = await self.session.request(
            "GET", self._path(plural, namespace, name), verb="get", resource=self._resource(plural)
        )
        return slim.whole(found)

    async def list_metadata(self, plural: str, namespace: str | None) -> tuple[dict[str, Json], ...]:
        """The metadata of all objects: complete or an error, begun again when a page came too late."""
        rows = await self._list(plural, namespace, _METADATA_ONLY)
        return tuple(slim.metadata(row["metadata"]) for row in rows)

    async def list_objects(self, plural: str, namespace: str | None) -> tuple[dict[str, Json], ...]:
        """The objects as a whole; the watches of the operator need none of this, its command line does."""
        return tuple(slim.whole(row) for row in await self._list(plural, namespace, JSON))

    async def _list(self, plural: str, namespace: str | None, accept: str) -> tuple[dict[str, Json], ...]:
        for _ in range(_LIST_ATTEMPTS - 1):
            try:
                return await self._pages(plural, namespace, accept)
            except answers.Expired:
                continue
        return await self._pages(plural, namespace, accept)

    async def write_status(
        self,
        plural: str,
        namespace: str,
        name: str,
        status: Mapping[str, Json],
        *,
        uid: str,
        resource_version: str | None,
    ) -> dict[str, Json]:
        """Replace /status as a whole, so that a field left out disappears."""
        if resource_version is None:
            test = _test("/metadata/uid", uid)
        else:
            test = _test("/metadata/resourceVersion", resource_version)
        patch = [test, {"op": "add", "path": "/status", "value": dict(status)}]
        return await self._patch(plural, namespace, name, patch, subresource="status")

    async def set_finalizers(
        self, plural: str, namespace: str, name: str, finalizers: Sequence[str], *, resource_version: str
    ) -> dict[str, Json]:
        patch = [
            _test("/metadata/resourceVersion", resource_version),
            {"op": "add", "path": "/metadata/finalizers", "value": list(finalizers)},
        ]
        return await self._patch(plural, namespace, name, patch)

    async def scale(self, plural: str, namespace: str, name: str, replicas: int) -> None:
        await self.session.request(
            "PATCH",
            self._path(plural, namespace, name) + "/scale",
            verb="patch",
            resource=self._resource(plural, "scale"),
            body={"spec": {"replicas": replicas}},
            content_type=MERGE_PATCH,
        )

    async def delete(self, plural: str, namespace: str, name: str, *, uid: str) -> None:
        """Gone when it is absent already, Stale when another object has the name."""
        await self.session.request(
            "DELETE",
            self._path(plural, namespace, name),
            verb="delete",
            resource=self._resource(plural),
            body={"kind": "DeleteOptions", "apiVersion": "v1", "preconditions": {"uid": uid}},
        )

    async def _patch(
        self, plural: str, namespace: str, name: str, patch: list[dict[str, Json]], subresource: str = ""
    ) -> dict[str, Json]:
        path = self._path(plural, namespace, name) + (f"/{subresource}" if subresource else "")
        found = await self.session.request(
            "PATCH",
            path,
            verb="patch",
            resource=self._resource(plural, subresource),
            body=patch,
            content_type=JSON_PATCH,
        )
        return slim.whole(found)

    async def _pages(self, plural: str, namespace: str | None, accept: str) -> tuple[dict[str, Json], ...]:
        found: list[dict[str, Json]] = []
        query: dict[str, str | int] = {"limit": PAGE}
        while True:
            page = await self.session.request(
                "GET",
                self._path(plural, namespace),
                verb="list",
                resource=self._resource(plural),
                query=query,
                accept=accept,
            )
            found.extend(page.get("items") or ())
            following = (page.get("metadata") or {}).get("continue")
            if not following:
                return tuple(found)
            query["continue"] = following

    def _path(self, plural: str, namespace: str | None, name: str = "") -> str:
        inside = f"/namespaces/{quote(namespace, safe='')}" if namespace is not None else ""
        return f"{self._base}{inside}/{plural}" + (f"/{quote(name, safe='')}" if name else "")

    def _resource(self, plural: str, subresource: str = "") -> str:
        return f"{plural}.{self._group}" + (f"/{subresource}" if subresource else "")


def _test(path: str, value: str) -> dict[str, Json]:
    return {"op": "test", "path": path, "value": value}
