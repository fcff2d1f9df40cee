"""The Kubernetes port, put together. Made by app, used by engine and handlers through ports.Kube."""

from __future__ import annotations

from cloudscaling.api import meta
from cloudscaling.kube.events import Events
from cloudscaling.kube.objects import Objects
from cloudscaling.kube.secrets import Secrets
from cloudscaling.kube.session import Session
from cloudscaling.ports import Clock, Kube


class KubeClient(Objects, Secrets, Events, Kube):
    """ports.Kube over one session; beyond the port it tells which kinds are served."""

    def __init__(
        self,
        session: Session,
        clock: Clock,
        *,
        instance: str = "",
        group: str = meta.GROUP,
        version: str = meta.VERSION,
    ) -> None:
        Objects.__init__(self, session, group=group, version=version)
        Events.__init__(self, session, clock, instance=instance)

    async def close(self) -> None:
        await self.session.close()
