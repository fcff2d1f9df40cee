"""SDK-HMAC-SHA256 verified from the request as it came over the wire. Vendor document: 3.1, 3.2.

Canonical request: method, path (decoded and encoded again, slash at the end), sorted query, signed headers, their
names, hash of the body. The window around the signing date is real time. A key is named as `Access=ID` or, by
older clients, as `Credential=ID/DAY/REGION/SERVICE/sdk_request`; the latter signs with a key derived from its scope.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import UTC, datetime
from urllib.parse import quote, unquote, unquote_plus

from cloudsim.accounts import AccessKey
from cloudsim.huawei.errors import GatewayError
from cloudsim.vendor import Request

ALGORITHM = "SDK-HMAC-SHA256"
WINDOW_S = 15 * 60
REJECTED = "APIG.0301"
_HEADER = re.compile(r"SDK-HMAC-SHA256\s+(.*)")
_SCOPE = re.compile(r"\d{8}/[^/]*/[^/]*/sdk_request")
_DATE = "%Y%m%dT%H%M%SZ"


def verify(request: Request, keys: dict[str, AccessKey], real_now: float) -> AccessKey:
    """Return the key that signed this request, or refuse."""
    parts = _parse(request.headers.get("authorization", ""))
    access, scope = _credential(parts)
    key = keys.get(access)
    if key is None:
        raise _refusal("the access key does not exist")
    signed = parts["SignedHeaders"].split(";")
    _check_headers(request, signed)
    _check_date(request.headers["x-sdk-date"], real_now)
    if key.token is not None and request.headers.get("x-security-token") != key.token:
        raise _refusal("the security token is missing or wrong")
    expected = sign(key.secret, request, signed, scope)
    if not hmac.compare_digest(expected, parts["Signature"].lower()):
        raise _refusal("the signature does not match")
    return key


def sign(secret: str, request: Request, signed: list[str], scope: str = "") -> str:
    """Return the signature that a request must carry."""
    hashed = hashlib.sha256(canonical(request, signed).encode()).hexdigest()
    date = request.headers["x-sdk-date"]
    if not scope:
        return _mac(secret.encode(), "\n".join((ALGORITHM, date, hashed))).hex()
    if _SCOPE.fullmatch(scope) is None or scope[:8] != date[:8]:
        raise _refusal("the scope of the credential is malformed")
    key = f"SDK{secret}".encode()
    for part in scope.split("/"):
        key = _mac(key, part)
    return _mac(key, "\n".join((ALGORITHM, date, scope, hashed))).hex()


def _mac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def canonical(request: Request, signed: list[str]) -> str:
    """Return the canonical request."""
    headers = "".join(f"{name}:{request.headers[name].strip()}\n" for name in signed)
    return "\n".join(
        (
            request.method,
            _path(request.raw_path),
            _query(request.raw_query),
            headers,
            ";".join(signed),
            _body_hash(request),
        )
    )


def _path(raw: str) -> str:
    # A slash inside a segment counts as one between segments: the official clients decode before they split.
    path = quote(unquote(raw), safe="~/")
    return path if path.endswith("/") else path + "/"


def _query(raw: str) -> str:
    pairs = [part.partition("=") for part in raw.split("&") if part]
    decoded = sorted((unquote_plus(key), unquote_plus(value)) for key, _, value in pairs)
    return "&".join(f"{quote(key, safe='~')}={quote(value, safe='~')}" for key, value in decoded)


def _body_hash(request: Request) -> str:
    actual = hashlib.sha256(request.body).hexdigest()
    claimed = request.headers.get("x-sdk-content-sha256", actual)
    if claimed not in (actual, "UNSIGNED-PAYLOAD"):
        raise _refusal("the body does not have the hash that was signed")
    return claimed


def _parse(header: str) -> dict[str, str]:
    match = _HEADER.fullmatch(header.strip())
    pairs = [part.strip().partition("=") for part in match.group(1).split(",")] if match else []
    parts = {name: value for name, _, value in pairs}
    if not all(parts.get(name) for name in ("SignedHeaders", "Signature")):
        raise _refusal("the authorization header is malformed")
    return parts


def _credential(parts: dict[str, str]) -> tuple[str, str]:
    """Return the access key's id and the scope, which is empty in the usual form."""
    if parts.get("Access"):
        return parts["Access"], ""
    access, _, scope = parts.get("Credential", "").partition("/")
    if not (access and scope):
        raise _refusal("the authorization header is malformed")
    return access, scope


def _check_headers(request: Request, signed: list[str]) -> None:
    if any(name != name.lower() for name in signed) or sorted(signed) != signed:
        raise _refusal("signed headers must be lower case and sorted")
    # Not the host: one of the official clients leaves it out.
    if "x-sdk-date" not in signed:
        raise _refusal("x-sdk-date is not signed")
    missing = [name for name in signed if name not in request.headers]
    if missing:
        raise _refusal(f"signed headers are missing: {', '.join(missing)}")


def _check_date(text: str, real_now: float) -> None:
    try:
        at = datetime.strptime(text, _DATE).replace(tzinfo=UTC).timestamp()
    except ValueError:
        raise _refusal("x-sdk-date is malformed") from None
    if abs(real_now - at) > WINDOW_S:
        raise _refusal("the signature has expired")


def _refusal(why: str) -> GatewayError:
    return GatewayError(401, REJECTED, f"Incorrect IAM authentication information: {why}")
