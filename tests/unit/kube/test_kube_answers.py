"""Status codes and Status objects -> the error tree."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cloudscaling import errors
from cloudscaling.kube import answers


def status(code: int, reason: str, message: str = "text", **details: Any) -> bytes:
    return json.dumps(
        {"kind": "Status", "code": code, "reason": reason, "message": message, "details": details}
    ).encode()


FAILED_TEST = status(422, "Invalid", "the server rejected our request due to an error in our request")
SCHEMA = status(
    422,
    "Invalid",
    "status.x: Invalid value",
    kind="ScalingGroup",
    name="web",
    causes=[{"reason": "FieldValueTypeInvalid", "field": "status.x"}],
)
TERMINATING = status(403, "Forbidden", causes=[{"reason": "NamespaceTerminating", "field": "metadata.namespace"}])

CASES = {
    "absent object": (404, status(404, "NotFound", name="web"), errors.Gone),
    "path that is not served": (404, b"404 page not found\n", answers.NotServed),
    "page of a proxy": (404, b"<html>nginx</html>", answers.NotServed),
    "conflict": (409, status(409, "Conflict"), errors.Stale),
    "exists already": (409, status(409, "AlreadyExists"), errors.Stale),
    "failed test of a patch": (422, FAILED_TEST, errors.Stale),
    "refused by the schema": (422, SCHEMA, errors.KubeError),
    "no right": (403, status(403, "Forbidden"), errors.Forbidden),
    "dying namespace": (403, TERMINATING, answers.Terminating),
    "token refused": (401, status(401, "Unauthorized"), errors.KubeUnavailable),
    "too many requests": (429, status(429, "TooManyRequests"), errors.KubeUnavailable),
    "server error": (500, status(500, "InternalError"), errors.KubeUnavailable),
    "no backend": (503, b"", errors.KubeUnavailable),
    "old continue token": (410, status(410, "Expired"), answers.Expired),
    "our bug": (400, status(400, "BadRequest"), errors.KubeError),
}


@pytest.mark.parametrize("case", CASES)
def test_answer_becomes_the_error_of_its_reaction(case: str) -> None:
    """Exactly this class, for every answer that we know of."""
    code, raw, kind = CASES[case]
    assert type(answers.failure(code, raw, verb="patch", resource="x")) is kind


def test_absence_is_never_concluded_from_a_proxy() -> None:
    """Only the API server's own NotFound means that an object is gone."""
    for raw in (b"404 page not found", b"{}", b'{"kind":"Status"}', b"[]"):
        assert not isinstance(answers.failure(404, raw, verb="get", resource="x"), errors.Gone)


def test_message_names_verb_and_resource_and_is_short() -> None:
    """What an administrator needs for an RBAC rule, without a page of text."""
    raw = status(403, "Forbidden", 'User "u" cannot patch resource "secrets"' + "x" * 5000)
    message = str(answers.failure(403, raw, verb="patch", resource="secrets"))
    assert message.startswith("patch secrets: 403 User")
    assert len(message) <= answers.TEXT_LIMIT


def test_schema_refusal_keeps_its_text() -> None:
    """It is a bug of ours, and the field is what finds it."""
    assert "status.x: Invalid value" in str(answers.failure(422, SCHEMA, verb="patch", resource="x"))
