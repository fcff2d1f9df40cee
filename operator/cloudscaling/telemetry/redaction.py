"""Takes secrets out of texts. Called by telemetry.logs for every line and by whoever shows a foreign text.

Two nets: the values that the process holds (`hide`, `hide_content`), and words that a secret usually follows. The
first one is exact; the second catches what nobody announced, such as a vendor's echo of a signed request.
"""

from __future__ import annotations

import base64
import json
import re
from collections import OrderedDict
from collections.abc import Iterator

MASK = "***"
REMEMBERED = 1024
REMEMBERED_CONTENT = 4096  # lines and values, 64 characters each at most
SHORTEST = 6  # shorter values would mask ordinary words
SHORTEST_LINE = 12  # of a script: its shorter lines are commands that everybody writes
_LINES = 200  # of one text
_HEAD = 64  # what is remembered of a longer value; where it begins, all that follows is masked
_REST = re.compile(r"(?:\\.|[^\"\\\n])*")  # up to the end of the line, or of the JSON string that it stands in

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

    def __init__(self, remembered: int = REMEMBERED, remembered_content: int = REMEMBERED_CONTENT) -> None:
        self._credentials = _Known(remembered)
        # Apart, since many scripts must not push the credentials out, and not whole, since a script may be long.
        self._content = _Known(remembered_content, _HEAD)

    def hide(self, *values: str) -> None:
        """Never show these values again, wherever they turn up."""
        self._credentials.remember(form for value in values for form in _forms(value, SHORTEST))

    def hide_content(self, *texts: str) -> None:
        """Never show what is sent inside a request: passwords, and each line of a script; as it is and in base64."""
        self._content.remember(value for text in texts for value in _parts(text))

    def clean(self, text: str) -> str:
        text = self._content.mask(self._credentials.mask(text))
        if "-----BEGIN" in text:
            text = _PEM.sub(MASK, text)
        text = _SIGNED.sub(rf"\1 {MASK}", text)
        return _NAMED.sub(_masked, text)


class _Known:
    """The newest so many values, of longer ones than `head` the head; the longest are looked for first."""

    def __init__(self, size: int, head: int | None = None) -> None:
        self._size, self._head = size, head
        self._values: OrderedDict[str, None] = OrderedDict()
        self._longest_first: list[str] | None = []

    def remember(self, values: Iterator[str]) -> None:
        for value in values:
            known = value[: self._head]
            if known not in self._values:
                self._longest_first = None
            self._values[known] = None
            self._values.move_to_end(known)
        while len(self._values) > self._size:
            self._values.popitem(last=False)
            self._longest_first = None

    def mask(self, text: str) -> str:
        if self._longest_first is None:
            self._longest_first = sorted(self._values, key=len, reverse=True)
        for value in self._longest_first:  # no pattern of all of them: to compile it takes longer than to look
            while (at := text.find(value)) >= 0:
                end = at + len(value)
                rest = _REST.match(text, end) if len(value) == self._head else None
                text = text[:at] + MASK + text[rest.end() if rest is not None else end :]
        return text


def _forms(value: str, shortest: int) -> tuple[str, ...]:
    """As it is, and as it stands in JSON."""
    return () if len(value) < shortest else (value, json.dumps(value, ensure_ascii=False)[1:-1])


def _parts(text: str) -> Iterator[str]:
    """Forms in which a vendor or a log line may show something of a text."""
    lines = text.split("\n")
    shortest = SHORTEST if len(lines) == 1 else SHORTEST_LINE
    for line in (line.strip() for line in lines[:_LINES]):
        yield from _forms(line, shortest)
    if len(text) >= SHORTEST:
        yield base64.b64encode(text.encode()).decode()


def _masked(found: re.Match[str]) -> str:
    return f"{found[1]}{found[2]}{found[3] or ''}{MASK}"
