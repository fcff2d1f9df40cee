"""Our finalizer on credentials Secrets, for as long as an account needs one. Called by engine.account.

The deletion of a namespace removes Secrets first: without it the cloud objects of the namespace could not be taken
down any more.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from cloudscaling import errors
from cloudscaling.api.meta import CREDENTIALS_FINALIZER
from cloudscaling.engine.credentials import Secrets
from cloudscaling.engine.store import ACCOUNTS, Store, Stored
from cloudscaling.ports import Kube

logger = logging.getLogger(__name__)


@dataclass
class SecretHold:
    """Takes hold of the Secret of an account and lets go of it."""

    kube: Kube
    store: Store
    wanted: bool  # settings.protect_secrets

    async def take(self, stored: Stored, secrets: Secrets) -> bool:
        """Hold the Secret that was read; True: it was written."""
        held = tuple(secrets.metadata.get("finalizers") or ())
        if not self.wanted or stored.deleting or CREDENTIALS_FINALIZER in held:
            return False
        if secrets.metadata.get("deletionTimestamp"):
            return False
        try:
            await self.kube.set_secret_finalizers(
                stored.key.namespace, secrets.name, (*held, CREDENTIALS_FINALIZER), resource_version=secrets.version
            )
        except errors.Forbidden as exc:  # an account that works without the protection is better than none
            logger.warning("%s: Secret %s cannot be protected from deletion: %s", stored.key, secrets.name, exc)
            return False
        return True

    async def release_former(self, stored: Stored) -> None:
        """The spec names another Secret now: the one before need not be kept any longer."""
        former = stored.resource.status.credentials.secret_name if stored.resource.status.credentials else None
        if former is not None and former != _secret_name(stored):
            try:
                await self._release(stored, former)
            except errors.Forbidden as exc:  # no reason not to work with the new one
                logger.warning("%s: Secret %s cannot be let go: %s", stored.key, former, exc)

    async def release(self, stored: Stored) -> None:
        """The account goes."""
        await self.release_former(stored)
        await self._release(stored, _secret_name(stored))

    async def _release(self, stored: Stored, name: str) -> None:
        """Take our finalizer off, unless another account, even one that is being deleted, still names the Secret."""
        keys = (key for key in self.store.every(ACCOUNTS) if key.namespace == stored.key.namespace)
        others = (self.store.get(key) for key in keys if key != stored.key)
        named = any(other is not None and _secret_name(other) == name for other in others)
        if named or not self.wanted:
            return
        try:
            _, metadata = await self.kube.read_secret(stored.key.namespace, name)
            held = tuple(metadata.get("finalizers") or ())
            if CREDENTIALS_FINALIZER in held:
                rest = tuple(f for f in held if f != CREDENTIALS_FINALIZER)
                version = str(metadata["resourceVersion"])
                await self.kube.set_secret_finalizers(stored.key.namespace, name, rest, resource_version=version)
        except errors.Gone:
            return


def _secret_name(stored: Stored) -> str:
    return str(stored.resource.spec.credentials.secret_ref.name)
