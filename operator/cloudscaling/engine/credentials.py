"""Secrets and CA of a CloudAccount -> what a vendor folder needs. Called by engine.account, cli. Nothing is logged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from cloudscaling import errors
from cloudscaling.api.v1alpha1.cloudaccount import CloudAccountSpec
from cloudscaling.core.facts import Unresolved
from cloudscaling.core.model import Json
from cloudscaling.engine import plain_text
from cloudscaling.ports import AccountConfig, Credentials

# Secret key -> field of Credentials.
_KEYS = {
    "AccessKey": {"accessKeyId": "access_key_id", "secretAccessKey": "secret_access_key"},
    "Keystone": {"username": "username", "password": "password", "domainName": "domain_name"},
}
_OPTIONAL = {"AccessKey": {"securityToken": "security_token"}, "Keystone": {}}
_FORMS = {"AccessKey": plain_text.TOKEN, "Keystone": plain_text.LINE}


@dataclass(frozen=True, slots=True)
class Secrets:
    """Credentials as read, with the version that they were read from."""

    credentials: Credentials = field(repr=False)
    ca_pem: str = field(repr=False)
    name: str
    version: str
    metadata: Mapping[str, Json]


class References(Protocol):
    """Where Secrets and ConfigMaps are read by name: ports.Kube, or what a command line is given instead."""

    async def read_secret(self, namespace: str, name: str) -> tuple[dict[str, bytes], dict[str, Json]]: ...

    async def read_config_map(self, namespace: str, name: str) -> tuple[dict[str, str], dict[str, Json]]: ...


async def read(kube: References, namespace: str, spec: CloudAccountSpec) -> Secrets | Unresolved:
    """What the account's references hold, or which of them is missing or forbidden or, SecretInvalid, of no use."""
    name = spec.credentials.secret_ref.name
    try:
        data, metadata = await kube.read_secret(namespace, name)
    except errors.Gone:
        return Unresolved("SecretNotFound", f"Secret {name} does not exist")
    except errors.Forbidden as exc:
        return Unresolved("SecretNotFound", f"Secret {name} may not be read: {exc}")
    found = _credentials(name, str(spec.credentials.type), data)
    if isinstance(found, Unresolved):
        return found
    ca_pem = await _ca(kube, namespace, spec)
    if isinstance(ca_pem, Unresolved):
        return ca_pem
    return Secrets(found, ca_pem, name, str(metadata.get("resourceVersion", "")), metadata)


def _credentials(name: str, kind: str, data: Mapping[str, bytes]) -> Credentials | Unresolved:
    """Nothing is sent with a key that is blank or cannot be sent at all: the vendor's answer would mislead."""
    missing = [key for key in _KEYS[kind] if key not in data]
    if missing:
        return Unresolved("SecretKeyMissing", f"Secret {name} has no key {', '.join(missing)} ({kind} needs it)")
    blank = [key for key in _KEYS[kind] if not data[key].strip()]
    if blank:
        return Unresolved("SecretKeyMissing", f"Secret {name}, key {', '.join(blank)}: empty ({kind} needs it)")
    known, form = {**_KEYS[kind], **_OPTIONAL[kind]}, _FORMS[kind]
    read = {key: form.read(data[key]) for key in known if key in data}
    unusable = [key for key, value in read.items() if value is None]
    if unusable:
        return Unresolved("SecretInvalid", f"Secret {name}, key {', '.join(unusable)}: not {form.words}")
    return Credentials(**{known[key]: value for key, value in read.items() if value is not None})


async def _ca(kube: References, namespace: str, spec: CloudAccountSpec) -> str | Unresolved:
    reference = spec.tls.ca_ref if spec.tls is not None else None
    if reference is None:
        return ""
    secret = reference.kind == "Secret"
    reason = "SecretNotFound" if secret else "ConfigMapNotFound"
    try:
        data: Mapping[str, Any]
        if secret:
            data, _ = await kube.read_secret(namespace, reference.name)
        else:
            data, _ = await kube.read_config_map(namespace, reference.name)
    except errors.Gone:
        return Unresolved(reason, f"{reference.kind} {reference.name} does not exist")
    except errors.Forbidden as exc:
        return Unresolved(reason, f"{reference.kind} {reference.name} may not be read: {exc}")
    if reference.key not in data:
        missing = "SecretKeyMissing" if secret else "ConfigMapNotFound"
        return Unresolved(missing, f"{reference.kind} {reference.name} has no key {reference.key}")
    value, form = data[reference.key], plain_text.CERTIFICATES
    found = form.read(value if isinstance(value, bytes) else str(value).encode())
    if found is None:
        return Unresolved("SecretInvalid", f"{reference.kind} {reference.name}, key {reference.key}: not {form.words}")
    return found


def config(spec: CloudAccountSpec, secrets: Secrets) -> AccountConfig:
    """The spec and its Secrets as one value; equal values need no new connection."""
    limits, endpoints = spec.limits, spec.endpoints
    return AccountConfig(
        vendor=str(spec.vendor),
        region=spec.region,
        credentials=secrets.credentials,
        project_id=spec.project_id or "",
        project_name=spec.project_name or "",
        autoscaling_endpoint=(endpoints.autoscaling or "") if endpoints is not None else "",
        iam_endpoint=(endpoints.iam or "") if endpoints is not None else "",
        request_timeout_s=float(spec.request_timeout_seconds),
        ca_pem=secrets.ca_pem,
        max_group_size=limits.max_group_size if limits is not None else None,
        instance_batch_size=limits.instance_batch_size if limits is not None else None,
        instance_remove_batch_size=limits.instance_remove_batch_size if limits is not None else None,
    )
