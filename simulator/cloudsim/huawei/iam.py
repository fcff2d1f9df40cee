"""The identity calls that the service relies on: tokens, projects, accounts. Vendor document: 3.1, 3.3; Keystone v3."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from cloudsim import accounts, ids
from cloudsim.accounts import Accounts, Project, User
from cloudsim.huawei.auth import Caller
from cloudsim.huawei.state import State, Token
from cloudsim.vendor import JsonObject, Request, Response

VALID_S = 24 * 3600
REGION = "sim-region-1"


def refusal(status: int, title: str, message: str) -> Response:
    """Return an identity error: another shape than the service's."""
    return Response(status, {"error": {"code": status, "message": message, "title": title}})


def create_token(
    request: Request, known: Accounts, state: State, stream: ids.Ids, real_now: float, base_url: str
) -> Response:
    """Give out a token for a name and a password, for a project, an account or nothing."""
    try:
        auth = json.loads(request.body)["auth"]
        asked = auth["identity"]["password"]["user"]
        methods = auth["identity"]["methods"]
    except (ValueError, KeyError, TypeError):
        return refusal(400, "Bad Request", "auth.identity.password.user is expected")
    user = _user(known, asked)
    if user is None or "password" not in methods:
        return refusal(401, "Unauthorized", "the user name or the password is wrong")
    scope = auth.get("scope") or {}
    project = _project(known, user.account, scope.get("project"))
    if "project" in scope and project is None:
        return refusal(401, "Unauthorized", "the project does not exist or is not the user's")
    text = ids.stable_hex("token", stream.uuid(), user.id) * 4
    expires = real_now + VALID_S
    state.tokens[text] = Token(user.account, user.name, project.id if project else "", expires)
    body = {"token": _token(user, project, real_now, expires, base_url)}
    return Response(201, body, {"X-Subject-Token": text})


def _user(known: Accounts, asked: Any) -> User | None:
    if not isinstance(asked, dict):
        return None
    domain = asked.get("domain") or {}
    for user in known.users:
        same_domain = user.account == domain.get("name") or accounts.account_id(user.account) == domain.get("id")
        named = (asked.get("name") == user.name and same_domain) or asked.get("id") == user.id
        if named and asked.get("password") == user.password:
            return user
    return None


def _project(known: Accounts, account: str, asked: Any) -> Project | None:
    if not isinstance(asked, dict):
        return None
    for project in known.projects_of(account):
        if asked.get("id") == project.id or asked.get("name") == project.name:
            return project
    return None


def _stamp(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.000000Z")


def _token(user: User, project: Project | None, now: float, expires: float, base_url: str) -> JsonObject:
    domain = {"id": accounts.account_id(user.account), "name": user.account}
    token: JsonObject = {
        "methods": ["password"],
        "issued_at": _stamp(now),
        "expires_at": _stamp(expires),
        "user": {"id": user.id, "name": user.name, "domain": domain, "password_expires_at": ""},
        "roles": [{"id": "0", "name": "te_admin"}],
        "catalog": _catalog(project, base_url) if project else [],
    }
    if project:
        token["project"] = {"id": project.id, "name": project.name, "domain": domain}
    else:
        token["domain"] = domain
    return token


def _catalog(project: Project, base_url: str) -> list[JsonObject]:
    urls = {
        ("as", "as"): f"{base_url}/autoscaling-api/v1/{project.id}",
        ("asv1", "asv1"): f"{base_url}/autoscaling-api/v1/{project.id}",
        ("asv2", "asv2"): f"{base_url}/autoscaling-api/v2/{project.id}",
        ("identity", "keystone"): f"{base_url}/v3",
        ("iam", "iam"): f"{base_url}/v3",
    }
    return [
        {
            "id": ids.stable_hex("service", kind),
            "type": kind,
            "name": name,
            "endpoints": [
                {
                    "id": ids.stable_hex("endpoint", kind),
                    "interface": "public",
                    "region": project.name,
                    "region_id": project.name,
                    "url": url,
                }
            ],
        }
        for (kind, name), url in urls.items()
    ]


def list_projects(caller: Caller, known: Accounts, query: dict[str, str], base_url: str) -> Response:
    """List the caller's projects, by name if asked."""
    rows = [_show(p, base_url) for p in known.projects_of(caller.account)]
    name, domain = query.get("name"), query.get("domain_id")
    chosen = [r for r in rows if name in (None, "", r["name"]) and domain in (None, "", r["domain_id"])]
    return Response(200, {"projects": chosen, "links": _links(f"{base_url}/v3/projects")})


def _show(project: Project, base_url: str) -> JsonObject:
    domain = accounts.account_id(project.account)
    return {
        "domain_id": domain,
        "is_domain": False,
        "parent_id": domain,
        "name": project.name,
        "description": "",
        "links": _links(f"{base_url}/v3/projects/{project.id}"),
        "id": project.id,
        "enabled": True,
    }


def list_domains(caller: Caller, base_url: str) -> Response:
    """List the one account that the caller belongs to."""
    domain = {
        "id": accounts.account_id(caller.account),
        "name": caller.account,
        "description": "",
        "enabled": True,
        "links": {"self": f"{base_url}/v3/domains/{accounts.account_id(caller.account)}"},
    }
    return Response(200, {"domains": [domain], "links": _links(f"{base_url}/v3/auth/domains")})


def discovery(base_url: str) -> Response:
    """Announce Keystone v3, for clients that ask before they log in."""
    links = [{"rel": "self", "href": f"{base_url}/v3/"}]
    version = {"id": "v3.14", "status": "stable", "updated": "2020-04-07T00:00:00Z", "links": links}
    return Response(200, {"version": {**version, "media-types": []}})


def _links(url: str) -> JsonObject:
    return {"next": None, "previous": None, "self": url}
