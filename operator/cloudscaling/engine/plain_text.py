"""Bytes of a Secret -> the text that a cloud is sent. Used by engine.credentials and engine.content. Pure.

Each form answers None for what it cannot be; no value goes into an error, so that none can be shown. What a copy or
an editor has put around a value, blanks or a line break, is taken off where no value can have it.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Callable
from dataclasses import dataclass

_VISIBLE = re.compile(r"[!-~]*")
_CERTIFICATE = re.compile(r"-----BEGIN ((?:X509 |TRUSTED )?CERTIFICATE)-----.+?-----END \1-----", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Form:
    """What a value must be, in words, and how its text is got."""

    words: str
    read: Callable[[bytes], str | None]


def text(value: bytes) -> str | None:
    """Any text, as it stands."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return None


def _token(value: bytes) -> str | None:
    found = value.strip().decode("ascii", "replace")
    return found if _VISIBLE.fullmatch(found) else None


def _line(value: bytes) -> str | None:
    found = text(value)
    found = "" if found is None else found.strip("\r\n")
    return found if found and found.isprintable() else None


def _certificates(value: bytes) -> str | None:
    """Only the certificates: the comments between them may be in any encoding, and no library reads those."""
    found = "\n".join(block[0] for block in _CERTIFICATE.finditer(value.decode("ascii", "replace")))
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=found)
    except (ssl.SSLError, ValueError, TypeError):
        return None
    return found


TEXT = Form("UTF-8 text", text)
TOKEN = Form("visible ASCII characters without a blank", _token)  # it goes into headers
LINE = Form("one line of UTF-8 text", _line)
CERTIFICATES = Form("certificates in PEM", _certificates)
