"""Where the API server is and who we are there: a kubeconfig, or the ServiceAccount of the pod.

Called by kube.session and by the login of handlers.lifecycle, so that both speak to the same server as the
same identity. Knows nothing of requests. A mounted token is replaced about once an hour: the file is looked
at before every request and read when it changed, after an hour at the latest, and when a request was
refused (401).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from kubernetes.aio.client import Configuration
from kubernetes.aio.config.config_exception import ConfigException
from kubernetes.aio.config.incluster_config import InClusterConfigLoader
from kubernetes.aio.config.kube_config import load_kube_config

from cloudscaling import errors

SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
REREAD_S = 3600.0
_TOKEN = "BearerToken"  # noqa: S105  a key of the library's configuration, not a token


@dataclass(frozen=True, slots=True)
class Connection:
    """One server and one identity as plain values, for a client that is not the library's."""

    server: str
    ca_path: str | None = None
    certificate_path: str | None = None
    private_key_path: str | None = None
    insecure: bool = False
    proxy: str | None = None
    trust_env: bool = False
    scheme: str = ""
    token: str = field(default="", repr=False)


class Access:
    """The library's configuration and the token that keeps it valid; made by `load`."""

    def __init__(
        self,
        configuration: Any,
        *,
        kubeconfig: str = "",
        token_file: Path | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.configuration = configuration
        self._kubeconfig = kubeconfig
        self._token_file = token_file
        self._monotonic = monotonic
        self._read_at = monotonic()
        self._stamp = self._look()

    @classmethod
    async def load(cls, environ: Mapping[str, str], *, mount: Path = SERVICE_ACCOUNT) -> Access:
        """$KUBECONFIG, else the pod's ServiceAccount, else ~/.kube/config."""
        try:
            if not environ.get("KUBECONFIG") and environ.get("KUBERNETES_SERVICE_HOST"):
                return cls(_in_cluster(environ, mount), token_file=mount / "token")
            path = environ.get("KUBECONFIG") or f"{environ.get('HOME', '')}/.kube/config"
            if not _exists(path):
                raise errors.KubeError(f"no kubeconfig at {path} and not inside a cluster")
            return cls(await _from_kubeconfig(path), kubeconfig=path, token_file=_token_file(path))
        except (ConfigException, OSError, yaml.YAMLError) as error:
            raise errors.KubeError(f"cannot tell where the Kubernetes API is: {error}") from error

    @property
    def authorization(self) -> str:
        """Value of the Authorization header, "" where a client certificate speaks for us."""
        return str(self.configuration.api_key.get(_TOKEN, ""))

    @property
    def connection(self) -> Connection:
        scheme, _, token = self.authorization.partition(" ")
        known = self.configuration
        return Connection(
            server=known.host,
            ca_path=known.ssl_ca_cert,
            certificate_path=known.cert_file,
            private_key_path=known.key_file,
            insecure=not known.verify_ssl,
            proxy=known.proxy,
            trust_env=known.client_session_kwargs["trust_env"],
            scheme=scheme,
            token=token,
        )

    async def refresh(self, *, refused: bool = False) -> None:
        """Read the token again where it may have changed; the old one stays while the file cannot be read."""
        stamp = self._look()
        due = self._monotonic() - self._read_at >= REREAD_S
        if stamp == self._stamp and not due and not refused:
            return
        self._stamp, self._read_at = stamp, self._monotonic()
        try:
            if self._token_file is not None:
                _set_token(self.configuration, self._token_file)
            elif self._kubeconfig:
                fresh = await _from_kubeconfig(self._kubeconfig)
                self.configuration.api_key.update(fresh.api_key)
        except (ConfigException, OSError, yaml.YAMLError):
            self._stamp = None  # looked at again before the next request

    def _look(self) -> tuple[int, int, int] | None:
        if self._token_file is None:
            return None
        try:
            found = self._token_file.stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size


def _exists(path: str) -> bool:
    return any(Path(part).is_file() for part in path.split(":"))


def _in_cluster(environ: Mapping[str, str], mount: Path) -> Any:
    """HTTPS_PROXY is not asked: the proxy that leads to the clouds does not lead to the own API server."""
    configuration = Configuration(client_session_kwargs={"trust_env": False})
    loader: Any = InClusterConfigLoader  # untyped
    loader = loader(
        token_filename=str(mount / "token"),
        cert_filename=str(mount / "ca.crt"),
        try_refresh_token=False,
        environ=environ,
    )
    loader.load_and_set(configuration)
    _set_token(configuration, mount / "token")
    return configuration


async def _from_kubeconfig(path: str) -> Any:
    configuration = Configuration(client_session_kwargs={"trust_env": True})
    load: Any = load_kube_config  # untyped
    await load(config_file=path, client_configuration=configuration, persist_config=False)
    if _TOKEN in configuration.api_key:
        configuration.api_key[_TOKEN] = configuration.api_key[_TOKEN].strip()
    return configuration


def _set_token(configuration: Any, path: Path) -> None:
    token = path.read_text().strip()
    if not token:
        raise ConfigException(f"{path} is empty")
    configuration.api_key[_TOKEN] = f"Bearer {token}"


def _token_file(kubeconfig: str) -> Path | None:
    """The token file of the current user; the library reads it once and does not tell where it is."""
    if ":" in kubeconfig:
        return None  # merged files: a refused request reads everything again
    known = yaml.safe_load(Path(kubeconfig).read_text()) or {}
    contexts = {item["name"]: item["context"] for item in known.get("contexts") or ()}
    users = {item["name"]: item["user"] for item in known.get("users") or ()}
    user = users.get(contexts.get(known.get("current-context"), {}).get("user")) or {}
    name = None if user.get("token") else user.get("tokenFile")
    return Path(kubeconfig).resolve().parent / name if name else None
