"""A verified account on the whole engine: what tests of accounts and of their Secrets share."""

from __future__ import annotations

from fake_kube import NAMESPACE
from operator_rig import Rig
from sim_transport import KEY_ID, KEY_SECRET

from cloudscaling.engine.store import ACCOUNTS, GROUPS

READY = ("True", "Verified")


def secret(key_id: str = KEY_ID, **changes: bytes) -> dict[str, bytes]:
    return {"accessKeyId": key_id.encode(), "secretAccessKey": KEY_SECRET.encode(), **changes}


def finalizers(rig: Rig, name: str) -> list[str]:
    return list(rig.kube.secrets[NAMESPACE, name][1]["finalizers"])


async def verified(rig: Rig | None = None) -> Rig:
    rig = rig or Rig()
    rig.account()
    await rig.start()
    await rig.until(lambda: rig.kube.condition(ACCOUNTS, "acme", "Ready") == READY, 60)
    return rig


async def with_group() -> Rig:
    rig = Rig()
    rig.launch()
    rig.group()
    await verified(rig)
    await rig.until(lambda: rig.synced(GROUPS, "web"), 120)
    return rig
