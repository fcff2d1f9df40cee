"""Hashes that stand in a status. Used by engine.content and engine.look.operation.

That of a launch configuration's content, Secrets included, is keyed: the key is random, made once per installation and
kept in a Secret of the operator's namespace, so that the hash tells nothing about a short password. That of a spec
without secrets is plain, because it must be the same after the operator was installed anew.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
from dataclasses import dataclass, field

from cloudscaling import errors
from cloudscaling.core.model import Fields
from cloudscaling.ports import Kube

_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Hasher:
    """HMAC-SHA256 under one key; the key's id stands in front of every hash."""

    key: bytes = field(repr=False)

    @property
    def key_id(self) -> str:
        return hashlib.sha256(self.key).hexdigest()[:8]

    def hash(self, content: Fields) -> str:
        return f"{self.key_id}:{hmac.new(self.key, _bytes(content), hashlib.sha256).hexdigest()}"


def plain_hash(content: Fields) -> str:
    return hashlib.sha256(_bytes(content)).hexdigest()


def _bytes(content: Fields) -> bytes:
    return json.dumps(content, sort_keys=True, separators=(",", ":")).encode()


async def load(kube: Kube, namespace: str, name: str, fresh_key: bytes) -> Hasher:
    """The installation's hasher; the first start stores `fresh_key`, of 32 random bytes."""
    if len(fresh_key) != _KEY_BYTES:
        raise ValueError(f"a key has {_KEY_BYTES} bytes")
    try:
        data, _ = await kube.read_secret(namespace, name)
    except errors.Gone:
        with contextlib.suppress(errors.Stale):  # another process was faster
            await kube.create_secret(namespace, name, {"key": fresh_key})
        data, _ = await kube.read_secret(namespace, name)
    return Hasher(data["key"])
