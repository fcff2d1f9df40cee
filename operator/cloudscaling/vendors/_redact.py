"""What of a foreign text may be shown. Called wherever a vendor's words leave a vendor folder.

Rule: a text from outside is cut, put on one line and freed of everything that looks like a secret before it
goes into an error, a status or an Event.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from cloudscaling.errors import MESSAGE_LIMIT
from cloudscaling.ports import as_it_is

_HIDDEN = "***"
_SHORTEST_SECRET = 6  # hiding a shorter one would shred ordinary words
_PATTERNS = (
    (re.compile(r"(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"), _HIDDEN),  # user:password@ of a proxy
    (
        re.compile(
            r"(?i)([\"']?(?:[\w-]*(?:password|admin_?pass|secret|token|user_?data|signature)|authorization)[\"']?"
            r"\s*[:=]\s*)(\"[^\"]*\"|'[^']*'|(?:SDK-HMAC-SHA256|Bearer)\s[^\n]*|[^\s,;}\]]+)"
        ),
        rf"\1{_HIDDEN}",
    ),
)


class Redactor:
    """Cleans texts of known secrets and of what looks like one; its repr shows none of them.

    `also` takes out what others know to be secret, such as passwords that are sent inside a request.
    """

    def __init__(self, secrets: Iterable[str] = (), also: Callable[[str], str] = as_it_is) -> None:
        self._also = also
        self._secrets: set[str] = set()
        for secret in secrets:
            self.hide(secret)

    def hide(self, secret: str) -> None:
        """Treat this value as secret from now on."""
        if len(secret) >= _SHORTEST_SECRET:
            self._secrets.add(secret)

    def forget(self, secret: str) -> None:
        """An expired secret needs no hiding; without this the set would grow with every token."""
        self._secrets.discard(secret)

    def clean(self, text: str, limit: int = MESSAGE_LIMIT) -> str:
        """`text` on one line, without secrets, at most `limit` characters."""
        text = self._also(text)
        for secret in sorted(self._secrets, key=len, reverse=True):
            text = text.replace(secret, _HIDDEN)
        for pattern, replacement in _PATTERNS:
            text = pattern.sub(replacement, text)
        return " ".join(text.split())[:limit]
