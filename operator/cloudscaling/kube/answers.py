"""Answers of the API server -> the error tree. Called by kube.session.

The only place that reads a status code of Kubernetes. An object counts as gone only when the API server
itself says so in a Status: a 404 of anything in between is an outage.
"""

from __future__ import annotations

import json
from typing import Any

from cloudscaling import errors

TEXT_LIMIT = 512


class Terminating(errors.Forbidden):
    """The namespace is being deleted: nothing can be created in it."""


class NotServed(errors.KubeUnavailable):
    """Nothing is served at this path: an API that is missing, or no API server at all."""


class Expired(errors.KubeUnavailable):
    """The continue token of a paged list is too old: begin again."""


def failure(status: int, raw: bytes, *, verb: str, resource: str) -> errors.KubeError:
    """The error for one refused request; `resource` is what an RBAC rule would name."""
    body = _status_body(raw)
    text = str(body.get("message") or raw.decode(errors="replace"))
    message = f"{verb} {resource}: {status} {text}"[:TEXT_LIMIT]
    match status:
        case 404 if body.get("reason") == "NotFound":
            return errors.Gone(message)
        case 404:
            return NotServed(message)
        case 403 if "NamespaceTerminating" in _causes(body, "reason"):
            return Terminating(message)
        case 403:
            return errors.Forbidden(message)
        case 409:
            return errors.Stale(message)
        case 410:
            return Expired(message)
        case 422 if _is_failed_test(body):
            return errors.Stale(f"{verb} {resource}: the object is not the one that was looked at")
        case 401 | 408 | 429:
            return errors.KubeUnavailable(message)
        case _ if status >= 500:
            return errors.KubeUnavailable(message)
    return errors.KubeError(message)


def _is_failed_test(body: dict[str, Any]) -> bool:
    """Whether a JSON patch could not be applied: our patches add to what is always there, so a `test` failed.

    The API server gives no details then, while a schema that refuses the result names the object and the fields.
    """
    details = body.get("details") or {}
    return body.get("reason") == "Invalid" and not details.get("kind") and not details.get("causes")


def _causes(body: dict[str, Any], key: str) -> list[str]:
    causes = (body.get("details") or {}).get("causes") or ()
    return [str(cause.get(key, "")) for cause in causes]


def _status_body(raw: bytes) -> dict[str, Any]:
    try:
        body = json.loads(raw)
    except ValueError:
        return {}
    return body if isinstance(body, dict) and body.get("kind") == "Status" else {}
