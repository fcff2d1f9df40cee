"""Tokens and the catalogue of services that comes with them. Vendor document: 3.1, 3.3; Keystone v3."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from cloudsim import accounts, ids
from cloudsim.accounts import Accounts, Project, User
from cloudsim.huawei import auth, iam
from cloudsim.huawei.auth import Caller
from cloudsim.huawei.state import State, Token
from cloudsim.vendor import JsonObject, Request, Response

VALID_S = 24 * 3600
# Service type and name -> path behind the endpoint; {} is the project.
SERVICES = {
    ("as", "as"): "/autoscaling-api/v1/{}",
    ("asv1", "asv1"): "/autoscaling-api/v1/{}",
    ("asv2", "asv2"): "/autoscaling-api/v2/{}",
    ("identity", "keystone"): "/v3",
    ("iam", "iam"): "/v3",
}


def create(
    request: Request, known: Accounts, state: State, stream: ids.Ids, real_now: float, base_url: str
) -> Response:
    """Give out a token for a name and a password or for another token; its scope is a project, an account or nothing.

    With another token and no scope at all, the new one has the scope of the old one.
    """
    asked = _asked(request.body)
    if asked is None:
        return iam.refusal(400, "Bad Request", "auth.identity with one method and its part is expected")
    method, part, scope = asked
    old = auth.valid(state, str(part.get("id")), real_now) if method == "token" else None
    user = _user_of(known, old) if method == "token" else _user(known, part.get("user"))
    if user is None:
        return iam.refusal(401, "Unauthorized", "the user name, the password or the token is wrong")
    wanted = _object(scope).get("project")
    if scope is None and old is not None:
        wanted = {"id": old.project_id} if old.project_id else None
    project = _project(known, user.account, wanted)
    if wanted is not None and project is None:
        return iam.refusal(401, "Unauthorized", "the project does not exist or is not the user's")
    text = ids.stable_hex("token", stream.uuid(), user.id) * 4
    token = Token(user.account, user.name, project.id if project else "", real_now + VALID_S)
    state.tokens[text] = token
    return Response(201, _show(token, method, user, project, base_url), {"X-Subject-Token": text})


def _asked(raw: bytes) -> tuple[str, JsonObject, Any] | None:
    """Return the method, its part of the identity and the scope of a token request."""
    try:
        wanted = json.loads(raw)["auth"]
        method = next(name for name in wanted["identity"]["methods"] if name in ("password", "token"))
        part = wanted["identity"][method]
    except (ValueError, KeyError, TypeError, StopIteration):
        return None
    return (method, part, wanted.get("scope")) if isinstance(part, dict) else None


def show(request: Request, caller: Caller, known: Accounts, state: State, real_now: float, base_url: str) -> Response:
    """Show what a token of the caller's account is good for."""
    text = request.headers.get("x-subject-token", "")
    token = auth.valid(state, text, real_now)
    user = _user_of(known, token)
    if token is None or user is None or token.account != caller.account:
        return iam.refusal(404, "Not Found", "the token does not exist or has expired")
    project = known.projects.get(token.project_id)
    return Response(200, _show(token, "password", user, project, base_url), {"X-Subject-Token": text})


def show_catalog(request: Request, caller: Caller, known: Accounts, base_url: str) -> Response:
    """List the services of the caller's project: the token's, or with a signature the one that a header names."""
    scoped = caller.projects[0] if request.headers.get("x-auth-token") and caller.projects else ""
    wanted = request.headers.get("x-project-id", scoped)
    if wanted and wanted not in caller.projects:
        return iam.refusal(401, "Unauthorized", "the project does not exist or is not the caller's")
    project = known.projects.get(wanted)
    links = iam.links(f"{base_url}/v3/auth/catalog")
    return Response(200, {"catalog": _catalog(project, base_url) if project else [], "links": links})


def _object(value: Any) -> JsonObject:
    return value if isinstance(value, dict) else {}


def _user(known: Accounts, given: Any) -> User | None:
    asked = _object(given)
    domain = _object(asked.get("domain"))
    for user in known.users:
        same_domain = user.account == domain.get("name") or accounts.account_id(user.account) == domain.get("id")
        named = (asked.get("name") == user.name and same_domain) or asked.get("id") == user.id
        if named and asked.get("password") == user.password:
            return user
    return None


def _user_of(known: Accounts, token: Token | None) -> User | None:
    if token is None:
        return None
    return next((u for u in known.users if (u.account, u.name) == (token.account, token.user)), None)


def _project(known: Accounts, account: str, given: Any) -> Project | None:
    asked = _object(given)
    for project in known.projects_of(account):
        if asked.get("id") == project.id or asked.get("name") == project.name:
            return project
    return None


def _stamp(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.000000Z")


def _show(token: Token, method: str, user: User, project: Project | None, base_url: str) -> JsonObject:
    domain = {"id": accounts.account_id(user.account), "name": user.account}
    shown: JsonObject = {
        "methods": [method],
        "issued_at": _stamp(token.expires - VALID_S),
        "expires_at": _stamp(token.expires),
        "user": {"id": user.id, "name": user.name, "domain": domain, "password_expires_at": ""},
        "roles": [{"id": "0", "name": "te_admin"}],
        "catalog": _catalog(project, base_url) if project else [],
    }
    if project:
        shown["project"] = {"id": project.id, "name": project.name, "domain": domain}
    else:
        shown["domain"] = domain
    return {"token": shown}


def _catalog(project: Project, base_url: str) -> list[JsonObject]:
    # Further projects of a region are called REGION_NAME.
    region = project.name.partition("_")[0]
    return [
        {
            "id": ids.stable_hex("service", kind),
            "type": kind,
            "name": name,
            "endpoints": [
                {
                    "id": ids.stable_hex("endpoint", kind),
                    "interface": "public",
                    "region": region,
                    "region_id": region,
                    "url": base_url + path.format(project.id),
                }
            ],
        }
        for (kind, name), path in SERVICES.items()
    ]
