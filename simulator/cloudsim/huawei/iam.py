"""Identity calls that the service relies on: versions, projects, accounts. Vendor document: 3.1, 3.3; Keystone v3."""

from __future__ import annotations

from cloudsim import accounts
from cloudsim.accounts import Accounts, Project
from cloudsim.huawei.auth import Caller
from cloudsim.huawei.rules import Rules
from cloudsim.vendor import JsonObject, Request, Response


def refusal(status: int, title: str, message: str) -> Response:
    """Return an identity error: another shape than the service's."""
    return Response(status, {"error": {"code": status, "message": message, "title": title}})


def list_projects(caller: Caller, known: Accounts, query: dict[str, str], base_url: str) -> Response:
    """List the caller's projects, by name if asked."""
    rows = [_show(p, base_url) for p in known.projects_of(caller.account)]
    name, domain = query.get("name"), query.get("domain_id")
    chosen = [r for r in rows if name in (None, "", r["name"]) and domain in (None, "", r["domain_id"])]
    return Response(200, {"projects": chosen, "links": links(f"{base_url}/v3/projects")})


def _show(project: Project, base_url: str) -> JsonObject:
    domain = accounts.account_id(project.account)
    return {
        "domain_id": domain,
        "is_domain": False,
        "parent_id": domain,
        "name": project.name,
        "description": "",
        "links": links(f"{base_url}/v3/projects/{project.id}"),
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
    return Response(200, {"domains": [domain], "links": links(f"{base_url}/v3/auth/domains")})


def discover(request: Request, rules: Rules, base_url: str) -> Response | None:
    """Answer a Keystone client that asks for versions before it logs in; for all others the versions are ours."""
    anonymous = not ({"authorization", "x-auth-token"} & request.headers.keys())
    keystone, path = rules.profile.keystone_discovery, request.raw_path.strip("/")
    if request.method != "GET":
        return None
    if path == "v3" and (keystone or anonymous):
        return Response(200, {"version": _version(base_url)})
    if path == "" and keystone and anonymous and rules.flag("versions-need-auth"):
        return Response(300, {"versions": {"values": [_version(base_url)]}})
    return None


def _version(base_url: str) -> JsonObject:
    shown = [{"rel": "self", "href": f"{base_url}/v3/"}]
    about = {"id": "v3.14", "status": "stable", "updated": "2020-04-07T00:00:00Z"}
    return {**about, "links": shown, "media-types": []}


def links(url: str) -> JsonObject:
    """Return the links of a list that is one page."""
    return {"next": None, "previous": None, "self": url}
