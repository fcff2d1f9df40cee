"""Which account a command works on: a CloudAccount of the cluster or of a file, or flags. Called by commands.

Secrets come from the cluster, from the file or from the environment, never from the command line, and are in no repr.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import yaml
from pydantic import ValidationError

from cloudscaling import errors
from cloudscaling.api.v1alpha1.cloudaccount import CloudAccount
from cloudscaling.cli.usage import UsageError
from cloudscaling.core.facts import Unresolved
from cloudscaling.core.model import Json
from cloudscaling.engine import credentials
from cloudscaling.engine.credentials import References
from cloudscaling.ports import AccountConfig, Vendor

SECRET_KEYS = ("accessKeyId", "secretAccessKey", "securityToken", "username", "password", "domainName")
_FROM_ENVIRONMENT = "credentials-of-the-environment"


class Cluster(References, Protocol):
    """What the commands read of Kubernetes."""

    async def get(self, plural: str, namespace: str, name: str) -> dict[str, Json]: ...

    async def list_objects(self, plural: str, namespace: str | None) -> tuple[dict[str, Json], ...]: ...


@dataclass(frozen=True, slots=True)
class Source:
    """An account and how to reach it."""

    account: CloudAccount
    config: AccountConfig
    cluster: Cluster | None = None


async def from_cluster(cluster: Cluster, namespace: str, name: str, vendors: Mapping[str, Vendor]) -> Source:
    """A CloudAccount and the Secret that it names."""
    try:
        raw = await cluster.get("cloudaccounts", namespace, name)
    except errors.Gone:
        raise UsageError(f"there is no CloudAccount {name} in namespace {namespace}") from None
    return await _source(raw, cluster, vendors, cluster)


async def from_documents(text: str, environ: Mapping[str, str], vendors: Mapping[str, Vendor]) -> Source:
    """The CloudAccount of a manifest; its Secret from the same text, else from the environment."""
    try:
        documents = [found for found in yaml.safe_load_all(text) if isinstance(found, dict)]
    except yaml.YAMLError as failure:
        raise UsageError(f"the file is no YAML: {str(failure).splitlines()[0]}") from None
    accounts = [found for found in documents if found.get("kind") == "CloudAccount"]
    if len(accounts) != 1:
        raise UsageError(f"the file must hold exactly one CloudAccount, not {len(accounts)}")
    return await _source(accounts[0], _Documents(documents, environ, vendors, accounts[0]), vendors)


async def from_flags(given: Mapping[str, str], environ: Mapping[str, str], vendors: Mapping[str, Vendor]) -> Source:
    """`given`: vendor, name, and fields of a CloudAccount spec; the environment fills in the rest."""
    vendor = _served(given["vendor"], vendors)
    spec: dict[str, Any] = {"vendor": given["vendor"], "credentials": {"secretRef": {"name": _FROM_ENVIRONMENT}}}
    for field in ("region", "projectId", "projectName"):
        value = given.get(field) or _first(environ, vendor.environment.get(field, ()))
        if value:
            spec[field] = value
    if "region" not in spec:
        raise UsageError("--region is needed")
    endpoints = {name: given[name] for name in ("autoscaling", "iam") if given.get(name)}
    if endpoints:
        spec |= {"endpoints": endpoints, "tls": {"allowPlaintext": bool(given.get("allowPlaintext"))}}
    found = _of_environment(environ, vendor)
    if "accessKeyId" not in found and "username" in found:
        spec["credentials"]["type"] = "Keystone"
    account = {"metadata": {"name": given["name"]}, "spec": spec}
    return await _source(account, _Documents([], environ, vendors, account), vendors)


async def _source(
    raw: Mapping[str, Json], references: References, vendors: Mapping[str, Vendor], cluster: Cluster | None = None
) -> Source:
    try:
        account = CloudAccount.model_validate(raw)
    except ValidationError as failure:
        wrong = failure.errors(include_input=False)[0]
        where = ".".join(str(part) for part in wrong["loc"])
        raise UsageError(f"CloudAccount, {where}: {wrong['msg']}") from None
    spec = account.spec
    _served(str(spec.vendor), vendors)
    if not (spec.tls is not None and spec.tls.allow_plaintext):
        urls = (spec.endpoints.autoscaling, spec.endpoints.iam) if spec.endpoints is not None else ()
        if any(url is not None and not url.startswith("https://") for url in urls):
            raise UsageError("http endpoints need tls.allowPlaintext: true (--allow-plaintext)")
    found = await credentials.read(references, account.metadata.namespace, spec)
    if isinstance(found, Unresolved):
        raise UsageError(found.message)
    return Source(account, credentials.config(spec, found), cluster)


def _served(name: str, vendors: Mapping[str, Vendor]) -> Vendor:
    if name not in vendors:
        raise UsageError(f"vendor {name}: this release serves {', '.join(sorted(vendors))}")
    return vendors[name]


class _Documents:
    """Secrets and ConfigMaps of a text; the credentials of the environment stand in for a Secret that is not there."""

    def __init__(
        self,
        documents: Iterable[Mapping[str, Any]],
        environ: Mapping[str, str],
        vendors: Mapping[str, Vendor],
        account: Mapping[str, Any],
    ) -> None:
        self._found = {
            (d["kind"], (d.get("metadata") or {}).get("name")): d for d in documents if d.get("kind") is not None
        }
        self._environ, self._vendors, self._account = environ, vendors, account

    async def read_secret(self, namespace: str, name: str) -> tuple[dict[str, bytes], dict[str, Json]]:
        document = self._found.get(("Secret", name))
        if document is None:
            return self._of_environment(name), {}
        plain = {key: str(value).encode() for key, value in (document.get("stringData") or {}).items()}
        return {**_decoded(document.get("data") or {}), **plain}, {}

    async def read_config_map(self, namespace: str, name: str) -> tuple[dict[str, str], dict[str, Json]]:
        document = self._found.get(("ConfigMap", name))
        if document is None:
            raise errors.Gone(f"ConfigMap {name}")
        return {key: str(value) for key, value in (document.get("data") or {}).items()}, {}

    def _of_environment(self, name: str) -> dict[str, bytes]:
        spec = self._account.get("spec") or {}
        vendor = _served(str(spec.get("vendor")), self._vendors)
        wanted = ((spec.get("credentials") or {}).get("secretRef") or {}).get("name")
        found = _of_environment(self._environ, vendor) if name == wanted else {}
        if not found:
            known = [_neutral(key) for key in SECRET_KEYS[:2]]
            also = [vendor.environment[key][0] for key in SECRET_KEYS[:2] if vendor.environment.get(key)]
            where = " or ".join(" and ".join(names) for names in (known, also) if names)
            raise UsageError(f"no credentials: set {where}, or add Secret {name} to the file")
        return {key: value.encode() for key, value in found.items()}


def _decoded(data: Mapping[str, str]) -> dict[str, bytes]:
    try:
        return {key: base64.b64decode(value, validate=True) for key, value in data.items()}
    except ValueError:
        raise UsageError("data of the Secret is no base64") from None


def _of_environment(environ: Mapping[str, str], vendor: Vendor) -> dict[str, str]:
    """Keys of a credentials Secret from our own variables, else from the vendor's; the two are never mixed."""
    own = {key: value for key in SECRET_KEYS if (value := environ.get(_neutral(key)))}
    theirs = {key: _first(environ, vendor.environment.get(key, ())) for key in SECRET_KEYS}
    return own or {key: value for key, value in theirs.items() if value}


def _first(environ: Mapping[str, str], names: Iterable[str]) -> str:
    return next((environ[name] for name in names if environ.get(name)), "")


def _neutral(key: str) -> str:
    """accessKeyId -> CLOUDSCALING_ACCESS_KEY_ID."""
    return "CLOUDSCALING_" + "".join(f"_{letter}" if letter.isupper() else letter for letter in key).upper()
