"""Answers of the cloud -> errors named by reaction. Called by client for every answer; the only reader of codes.

Rule 1: the code in the body decides, the HTTP status only where there is none; almost everything is HTTP 400.
Rule 2: "not found" means absent only for the object that the operation is about. A missing reference, an unknown
path or a bare 404 never looks like a deleted object.
"""

from __future__ import annotations

import json
import re
from typing import Any

from cloudscaling import errors
from cloudscaling.errors import CloudError
from cloudscaling.vendors._http import Reply
from cloudscaling.vendors._redact import Redactor

# Which code says "gone" for the object of an operation.
GROUP = frozenset({"AS.2007"})
GROUP_OF_INSTANCES = frozenset({"AS.2007", "AS.4005"})
INSTANCE = frozenset({"AS.4006", "AS.4005", "AS.2007"})
CONFIGURATION = frozenset({"AS.1004", "AS.0007"})
POLICY = frozenset({"AS.3020", "AS.0007"})
RESOURCE = frozenset({"AS.3042", "AS.2007"})  # a group or a bandwidth, as owner of policies
HOOK = frozenset({"AS.7042", "AS.2007"})  # gone with its group, too; also what a hook no longer holds
TASK = frozenset({"AS.0007", "AS.2007"})
NOTHING: frozenset[str] = frozenset()

_FAMILIES: dict[type[CloudError], tuple[str, ...]] = {
    # not found, but of another object than the operation's own
    errors.DependencyNotReady: (
        *("AS.2007", "AS.1004", "AS.3020", "AS.3042", "AS.4005", "AS.4006", "AS.7042"),
        *("AS.7003", "AS.7012", "AS.7051", "AS.7078", "AS.7079"),
    ),
    errors.Busy: ("AS.0026", "AS.0034", "AS.2020", "AS.2033", "AS.2047", "AS.2054", "AS.3038", "AS.4015", "AS.4038"),
    errors.InUse: ("AS.1006", "AS.2021"),
    errors.NoOp: ("AS.2028", "AS.4023", "AS.4030", "AS.7029", "AS.7041"),
    errors.Bounds: (
        *("AS.0050", "AS.2004", "AS.2005", "AS.2010", "AS.2035", "AS.2036", "AS.2045"),
        *("AS.2051", "AS.2052", "AS.3040", "AS.4039"),
    ),
    errors.BatchTooLarge: ("AS.1039", "AS.4022", "AS.4026", "AS.4043"),
    errors.QuotaExceeded: (
        *("AS.1024", "AS.2023", "AS.2037", "AS.3032", "AS.7028", "AS.7038", "AS.7045"),
        *("AS.7111", "AS.7112", "AS.7113", "AS.7114", "AS.7115", "AS.7118"),
    ),
    errors.InsufficientCapacity: (
        *("AS.1037", "AS.1077", "AS.1078", "AS.1079", "AS.1080", "AS.2038", "AS.2043", "AS.2044", "AS.7019"),
    ),
    errors.AccountSuspended: ("AS.8004",),
    errors.AuthenticationFailed: (
        *("AS.0005", "AS.0006", "AS.0008", "AS.0011", "AS.0012", "AS.0013"),
        *("APIG.0301", "APIG.0303", "APIG.0305", "APIG.0307", "APIG.0310", "APIG.0705"),
    ),
    errors.PermissionDenied: ("AS.0031", "APIG.0302", "APIG.0304", "APIG.0306", "APIG.0802"),
    errors.Throttled: ("APIG.0308",),
    errors.Transient: ("AS.0001", "AS.0049", "AS.1084"),
}
CODES: dict[str, type[CloudError]] = {code: kind for kind, codes in _FAMILIES.items() for code in codes}
STATUSES: dict[int, type[CloudError]] = {
    401: errors.AuthenticationFailed,
    403: errors.PermissionDenied,
    408: errors.Transient,
    429: errors.Throttled,
}
TOKEN_REFUSED = frozenset({"AS.0005", "AS.0006", "APIG.0301", "APIG.0307", ""})
# What a refused instance of a batch lacks, in the words of the API; a batch that fails in part tells it in its text.
_INSTANCES = {
    "AS.4006": "InstanceNotFound",
    "AS.4014": "InstanceInOtherGroup",
    "AS.4020": "PlacementMismatch",
    "AS.4021": "PlacementMismatch",
    "AS.4024": "InstanceNotInService",
    "AS.4027": "InstanceInOtherGroup",
}
_PARTIAL = frozenset({"AS.4029", "AS.4030", "AS.4033", "AS.4036", "AS.4037"})
_NAMED = re.compile(r"([0-9A-Za-z-]{8,64})\W+(AS\.\d{4})")
# A server fault may strike after the work was done: a write that got one of these has an unknown outcome.
_SERVER_FAULTS = frozenset({"AS.0001"})


def refusal(reply: Reply, own: frozenset[str], redactor: Redactor) -> CloudError | None:
    """The error that an answer stands for, None for success; `own` are the codes that say "gone" here."""
    if 200 <= reply.status < 300 or (reply.status == 300 and not reply.write):  # 300: the list of API versions
        return None
    code, text = _parse(reply.body)
    kind = errors.NotFound if code in own else _kind(code, reply)
    message = redactor.clean(text) or f"HTTP status {reply.status}"
    return kind(message, code=code, retry_after=reply.retry_after, failures=_failures(code, text))


def _failures(code: str, text: str) -> dict[str, str]:
    """Instance -> reason, as far as the answer tells; "" stands for the only instance."""
    if code in _PARTIAL:
        return {name: _INSTANCES[why] for name, why in _NAMED.findall(text) if why in _INSTANCES}
    return {"": _INSTANCES[code]} if code in _INSTANCES else {}


def _kind(code: str, reply: Reply) -> type[CloudError]:
    if reply.status >= 500 and reply.write and (code in _SERVER_FAULTS or code not in CODES):
        return errors.OutcomeUnknown
    if reply.status == 429:
        return errors.Throttled
    if code in CODES:
        return CODES[code]
    if reply.status >= 500:
        return errors.Transient
    if code.startswith("AS."):
        return errors.Rejected
    return STATUSES.get(reply.status, errors.Rejected)


def _parse(body: bytes) -> tuple[str, str]:
    """(code, text) of the three shapes in use: the service's, the gateway's, the identity service's."""
    try:
        found: Any = json.loads(body)
    except ValueError:
        return "", ""
    if not isinstance(found, dict):
        return "", ""
    inner = found["error"] if isinstance(found.get("error"), dict) else found
    code = inner.get("code", inner.get("error_code", ""))
    text = inner.get("message", inner.get("error_msg", ""))
    # The identity service repeats the HTTP status as a number; that is no code.
    code = code.strip().replace("APIGW.", "APIG.") if isinstance(code, str) else ""
    return code, (text if isinstance(text, str) else "")
