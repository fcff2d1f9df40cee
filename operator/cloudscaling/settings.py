"""Settings of one operator process: read once from environment and command line, then passed down.

Called by app. Knows nothing of who uses a value. A variable is named CLOUDSCALING_<FIELD>; a value given on
the command line wins. Unknown variables are left alone: Kubernetes injects some for Services of similar
names.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

PREFIX = "CLOUDSCALING_"
FALLBACKS = {"operator_namespace": "POD_NAMESPACE"}  # what the downward API gives

_DNS_LABEL = r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$"
_DNS_NAME = r"^[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?$"


class SettingsError(ValueError):
    """A value that cannot be used; the message names the variable or option and the reason."""


def _split(value: object) -> object:
    """A comma-separated text as the list that it means."""
    if isinstance(value, str):
        return tuple(part for part in (piece.strip() for piece in value.split(",")) if part)
    return value


def _address(value: object) -> object:
    """Refuse what is not HOST:PORT, with port 0 for any free one."""
    if not isinstance(value, str):
        return value
    host, colon, port = value.rpartition(":")
    if not colon or not host or not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise ValueError("must be HOST:PORT with a port from 0 to 65535")
    return value


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


Seconds = Annotated[float, Field(gt=0, le=86400)]
Namespace = Annotated[str, Field(pattern=_DNS_LABEL)]


class Settings(BaseModel):
    """Frozen; `Settings.load` is the way in, the defaults are those of a cluster-wide installation."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cluster_name: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{0,128}$")] = ""  # "": UID of kube-system
    watch_namespaces: Annotated[tuple[Namespace, ...], BeforeValidator(_split)] = ()  # (): all
    operator_namespace: Namespace = "cloud-scaling"
    listen: Annotated[str, BeforeValidator(_address)] = "0.0.0.0:8080"  # probes come from outside the pod
    workers: Annotated[int, Field(ge=1, le=256)] = 16
    absence_confirm_s: Seconds = 30.0  # between two misses before absent is believed
    create_grace_s: Seconds = 60.0  # how long after a lost create reply the object may still turn up
    protect_secrets: bool = True  # finalizer on credentials Secrets in use
    log_format: Annotated[Literal["json", "text"], BeforeValidator(_lower)] = "json"
    log_level: Annotated[Literal["debug", "info", "warning", "error"], BeforeValidator(_lower)] = "info"
    resync_s: Seconds = 600.0
    watch_check_s: Seconds = 300.0  # period of the metadata-only list that proves the watches
    secret_poll_s: Seconds = 30.0
    quota_poll_s: Seconds = 600.0
    background_share: Annotated[float, Field(ge=0, le=1)] = 0.03  # reads per group and sweep, api rule W10
    hmac_secret_name: Annotated[str, Field(pattern=_DNS_NAME)] = "cloudscaling-state-key"  # noqa: S105  a name

    @model_validator(mode="after")
    def _namespaced_needs_a_name(self) -> Self:
        """Without cluster-wide rights the UID of kube-system cannot be read."""
        if self.watch_namespaces and not self.cluster_name:
            raise ValueError("CLOUDSCALING_CLUSTER_NAME must be set when CLOUDSCALING_WATCH_NAMESPACES is")
        return self

    @property
    def listen_address(self) -> tuple[str, int]:
        host, _, port = self.listen.rpartition(":")
        return host.strip("[]"), int(port)

    @classmethod
    def load(cls, environ: Mapping[str, str], overrides: Mapping[str, object] | None = None) -> Self:
        """Read every field; an override of None counts as not given."""
        values: dict[str, object] = {}
        sources: dict[str, str] = {}
        for name in cls.model_fields:
            for variable in (PREFIX + name.upper(), FALLBACKS.get(name, "")):
                if environ.get(variable):
                    values[name], sources[name] = environ[variable], variable
                    break
        for name, value in (overrides or {}).items():
            if value is not None:
                values[name], sources[name] = value, f"--{name.replace('_', '-')}"
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            raise SettingsError("; ".join(_explain(dict(item), sources) for item in error.errors())) from None


def _explain(problem: dict[str, Any], sources: Mapping[str, str]) -> str:
    """One sentence for a person: where the value came from, what it was, why it is refused."""
    reason = str(problem["msg"]).removeprefix("Value error, ")
    if not problem["loc"]:
        return f"settings: {reason}"
    name = str(problem["loc"][0])
    return f"{sources.get(name, name)}={problem['input']!r}: {reason}"
