"""Takes secrets out of texts. Called by telemetry.logs for every line and by whoever shows a foreign text.

Two nets: the values that the process holds (`Redactor.hide`), and words that a secret usually follows. The
first one is exact; the second catches what nobody announced, such as a vendor's echo of a signed request.
"""

from __future__ import annotations

import re
from collections import OrderedDict

MASK = "***"
REMEMBERED = 1024
SHORTEST = 6  # shorter values would mask ordinary words

_NAMES = (
    r"authorization|x-auth-token|x-subject-token|x-security-token|x-tc-token"
    r"|(?:secret[_-]?)?access[_-]?key(?:[_-]?(?:id|secret))?|secret[_-]?(?:id|key)"
    r"|security[_-]?token|id[_-]?token|session[_-]?token|token|admin[_-]?pass(?:word)?|password|passwd"
    r"|signature|user[_-]?data|credential"
)
_SCHEMES = r"(?:(?:bearer|basic)\s+)?"
# name, separator, optional quote, then the value up to its quote or to the next separator
_NAMED = re.compile(rf"(?i)\b({_NAMES})(\\?[\"']?\s*[:=]\s*)(\\?[\"'])?({_SCHEMES}(?(3)(?:(?!\3).)*|[^\s\"'&,;}}\]]+))")
# whole header values of the signature schemes have commas and blanks inside
_SIGNED = re.compile(r"(?i)\b(SDK-HMAC-SHA256|TC3-HMAC-SHA256)\s+(?:[^\s\"',]+=[^\s\"',]+[, ]*)+")
_PEM = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?-----END [A-Z ]*PRIVATE KEY-----", re.DOTALL)


class Redactor:
    """Remembers the newest secret values of this process and takes them out of texts."""

    def __init__(self, remembered: int = REMEMBERED) -> None:
        self._remembered = remembered
        self._values: OrderedDict[str, None] = OrderedDict()
        self._pattern: re.Pattern[str] | None = None

    def hide(self, *values: str) -> None:
        """Never show these values again, wherever they turn up."""
        for value in values:
            if len(value) >= SHORTEST:
                self._values[value] = None
                self._values.move_to_end(value)
                self._pattern = None
        while len(self._values) > self._remembered:
            self._values.popitem(last=False)

    def clean(self, text: str) -> str:
        text = self._known().sub(MASK, text) if self._values else text
        if "-----BEGIN" in text:
            text = _PEM.sub(MASK, text)
        text = _SIGNED.sub(rf"\1 {MASK}", text)
        return _NAMED.sub(_masked, text)

    def _known(self) -> re.Pattern[str]:
        if self._pattern is None:
            longest_first = sorted(self._values, key=len, reverse=True)
            self._pattern = re.compile("|".join(map(re.escape, longest_first)))
        return self._pattern


def _masked(found: re.Match[str]) -> str:
    return f"{found[1]}{found[2]}{found[3] or ''}{MASK}"
