"""A small signer for raw requests, written from the signing rules and sharing nothing with the simulator."""

from __future__ import annotations

import datetime
import hashlib
import hmac
from urllib.parse import parse_qsl, quote, unquote, urlsplit


def headers(
    method: str,
    url: str,
    body: bytes = b"",
    access: str = "AK",
    secret: str = "SK",
    when: datetime.datetime | None = None,
    **extra: str,
) -> dict[str, str]:
    """Return the headers of a signed request."""
    parts = urlsplit(url)
    now = when or datetime.datetime.now(datetime.UTC)
    out = {"Host": parts.netloc, "X-Sdk-Date": now.strftime("%Y%m%dT%H%M%SZ"), **extra}
    names = sorted(name.lower() for name in out)
    values = {name.lower(): value.strip() for name, value in out.items()}
    path = "".join(f"/{quote(unquote(s), safe='~')}" for s in parts.path.strip("/").split("/")) + "/"
    pairs = sorted(parse_qsl(parts.query, keep_blank_values=True))
    query = "&".join(f"{quote(k, safe='~')}={quote(v, safe='~')}" for k, v in pairs)
    block = "".join(f"{name}:{values[name]}\n" for name in names)
    digest = hashlib.sha256(body).hexdigest()
    canonical = f"{method}\n{path if path != '//' else '/'}\n{query}\n{block}\n{';'.join(names)}\n{digest}"
    hashed = hashlib.sha256(canonical.encode()).hexdigest()
    text = f"SDK-HMAC-SHA256\n{out['X-Sdk-Date']}\n{hashed}"
    signature = hmac.new(secret.encode(), text.encode(), "sha256").hexdigest()
    out["Authorization"] = f"SDK-HMAC-SHA256 Access={access}, SignedHeaders={';'.join(names)}, Signature={signature}"
    return out
