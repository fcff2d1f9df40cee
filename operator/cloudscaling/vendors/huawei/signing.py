"""Signature SDK-HMAC-SHA256 of a request. Called by auth. Pure: no clock, no I/O, no state.

What is signed: method, path (with a closing slash that the request itself does not have), sorted query, the
signed headers and a hash of the body. The time stands in X-Sdk-Date, a temporary key's token in X-Security-Token.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from cloudscaling.ports import Credentials

ALGORITHM = "SDK-HMAC-SHA256"
DATE_FORMAT = "%Y%m%dT%H%M%SZ"
SIGNED = ("content-type", "host", "x-project-id", "x-sdk-date", "x-security-token")


def sign(
    method: str, url: str, headers: Mapping[str, str], body: bytes, credentials: Credentials, now: datetime
) -> dict[str, str]:
    """The headers to be added to a request that has `headers`; Host must be among them."""
    added = {"X-Sdk-Date": now.astimezone(UTC).strftime(DATE_FORMAT)}
    if credentials.security_token:
        added["X-Security-Token"] = credentials.security_token
    present = {name.lower(): value.strip() for name, value in {**headers, **added}.items()}
    names = [name for name in SIGNED if name in present]
    canonical = "\n".join(
        (
            method.upper(),
            _path(url),
            _query(url),
            "".join(f"{name}:{present[name]}\n" for name in names),
            ";".join(names),
            hashlib.sha256(body).hexdigest(),
        )
    )
    to_sign = "\n".join((ALGORITHM, added["X-Sdk-Date"], hashlib.sha256(canonical.encode()).hexdigest()))
    signature = hmac.new(credentials.secret_access_key.encode(), to_sign.encode(), hashlib.sha256).hexdigest()
    added["Authorization"] = (
        f"{ALGORITHM} Access={credentials.access_key_id}, SignedHeaders={';'.join(names)}, Signature={signature}"
    )
    return added


def _path(url: str) -> str:
    path = "/".join(quote(unquote(part), safe="~") for part in urlsplit(url).path.split("/"))
    return path if path.endswith("/") else path + "/"


def _query(url: str) -> str:
    pairs = parse_qsl(urlsplit(url).query, keep_blank_values=True)
    return "&".join(f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in sorted(pairs))
