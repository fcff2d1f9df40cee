"""Content of a LaunchConfiguration with its Secrets and ConfigMaps read. Called by engine.look."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from cloudscaling import errors
from cloudscaling.core.accept import BLOCKS
from cloudscaling.core.facts import ContentSource, Unresolved
from cloudscaling.core.model import Json
from cloudscaling.core.operator_fields import OPERATOR_LAUNCH_CONFIGURATION
from cloudscaling.core.resource import spec_json
from cloudscaling.engine import plain_text
from cloudscaling.engine.hashing import Hasher
from cloudscaling.engine.plain_text import Form
from cloudscaling.engine.store import Stored
from cloudscaling.ports import Kube


def _nothing(_: str) -> None:
    return None


class _MissingError(Exception):
    def __init__(self, reason: str, message: str) -> None:
        self.unresolved = Unresolved(reason, message)
        super().__init__(message)


@dataclass
class ContentReader:
    """Reads by name, only what the spec names."""

    kube: Kube
    hasher: Hasher
    hide: Callable[[str], None] = _nothing  # W8: is told what no log, Event or status may show

    async def read(self, stored: Stored) -> ContentSource | Unresolved:
        """The resolved content and its keyed hash, or which reference is missing or forbidden; else KubeError.

        An API server that is away says nothing about a reference, and a look without its content decides nothing.
        """
        content = {k: v for k, v in spec_json(stored.resource.spec).items() if k not in OPERATOR_LAUNCH_CONFIGURATION}
        try:
            await self._resolve(content, stored.key.namespace)
        except _MissingError as exc:
            return exc.unresolved
        return ContentSource(content, self.hasher.hash(content))

    async def _resolve(self, content: dict[str, Json], namespace: str) -> None:
        """Put plain text where the spec refers to a Secret or ConfigMap."""
        login = content.get("login") or {}
        if "passwordSecretRef" in login:
            reference = {"key": "password", **login["passwordSecretRef"]}
            password = await self._secret(namespace, reference, "login.passwordSecretRef", plain_text.LINE)
            content["login"] = {"password": password}
        if "userData" in content:
            content["userData"] = await self._user_data(namespace, content["userData"])
            self.hide(content["userData"])  # wherever it comes from
        for block in BLOCKS:
            files = (content.get(block) or {}).get("files")
            if files:
                content[block] = {**content[block], "files": [await self._file(namespace, item) for item in files]}

    async def _user_data(self, namespace: str, given: dict[str, Any]) -> str:
        if "secretKeyRef" in given:
            return await self._secret(namespace, given["secretKeyRef"], "userData.secretKeyRef", plain_text.TEXT)
        if "configMapKeyRef" in given:
            return await self._config_map(namespace, given["configMapKeyRef"])
        return str(given["inline"])

    async def _file(self, namespace: str, item: dict[str, Any]) -> dict[str, str]:
        if "secretKeyRef" in item:
            where = f"files[{item['path']}].secretKeyRef"
            content = await self._secret(namespace, item["secretKeyRef"], where, plain_text.TEXT)
            return {"path": item["path"], "content": content}
        return {"path": item["path"], "content": item["content"]}

    async def _secret(self, namespace: str, reference: dict[str, str], path: str, form: Form) -> str:
        """The value in the form that `path` takes; another one is never sent in part or with signs replaced."""
        data, _ = await _found(self.kube.read_secret, namespace, reference["name"], "Secret", "SecretNotFound")
        if reference["key"] not in data:
            raise _MissingError("SecretKeyMissing", f"Secret {reference['name']} has no key {reference['key']}")
        given = bytes(data[reference["key"]])
        value = form.read(given)
        if value is None:
            why = f"not {form.words}" if given.strip() else "empty"
            text = f"Secret {reference['name']}, key {reference['key']}: {why} ({path} needs it)"
            raise _MissingError("SecretKeyMissing", text)
        self.hide(value)
        return value

    async def _config_map(self, namespace: str, reference: dict[str, str]) -> str:
        read = self.kube.read_config_map
        data, _ = await _found(read, namespace, reference["name"], "ConfigMap", "ConfigMapNotFound")
        if reference["key"] not in data:
            text = f"ConfigMap {reference['name']} has no key {reference['key']} in data"
            raise _MissingError("ConfigMapNotFound", text)
        return str(data[reference["key"]])


async def _found(
    read: Callable[[str, str], Awaitable[tuple[Any, Any]]], namespace: str, name: str, kind: str, reason: str
) -> tuple[Any, Any]:
    try:
        return await read(namespace, name)
    except errors.Gone as exc:
        raise _MissingError(reason, f"{kind} {name} does not exist") from exc
    except errors.Forbidden as exc:
        raise _MissingError(reason, f"{kind} {name} may not be read: {exc}") from exc
