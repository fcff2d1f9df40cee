"""The operator's own Deployment and its pods, for whoever has to be sure that it has ended. Used by cli."""

from __future__ import annotations

from urllib.parse import quote

from cloudscaling.kube.session import MERGE_PATCH, Session


class Workloads:
    """Deployments of apps/v1 and pods, as far as stopping one needs them."""

    def __init__(self, session: Session) -> None:
        self.session = session

    async def stop(self, namespace: str, deployment: str) -> str:
        """Scale to 0 and return the selector of its pods, which may still be ending; Gone without such a Deployment."""
        path = f"/apis/apps/v1/namespaces/{quote(namespace, safe='')}/deployments/{quote(deployment, safe='')}/scale"
        scale = await self.session.request(
            "PATCH",
            path,
            verb="patch",
            resource="deployments.apps/scale",
            body={"spec": {"replicas": 0}},
            content_type=MERGE_PATCH,
        )
        return str((scale.get("status") or {}).get("selector") or "")

    async def pods(self, namespace: str, selector: str) -> tuple[str, ...]:
        """Names of the pods that a selector chooses and that may still run."""
        found = await self.session.request(
            "GET",
            f"/api/v1/namespaces/{quote(namespace, safe='')}/pods",
            verb="list",
            resource="pods",
            query={"labelSelector": selector},
        )
        ended = ("Succeeded", "Failed")
        rows = found.get("items") or ()
        return tuple(row["metadata"]["name"] for row in rows if (row.get("status") or {}).get("phase") not in ended)
