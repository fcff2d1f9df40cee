"""Who is let in over real sockets: signatures, temporary keys, Keystone's tokens, catalogue and discovery."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from cloudsim_client import GROUPS, Client

from cloudsim import accounts, serve


async def test_signed_request_is_answered(client: Client) -> None:
    """Query and body are part of the signature."""
    group = await client.group("名-1")
    answer = await client.call("GET", f"{GROUPS}?scaling_group_name=%E5%90%8D-1&limit=5&start_number=0")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert [g["scaling_group_id"] for g in answer.json()["scaling_groups"]] == [group]


@pytest.mark.parametrize(
    ("signing", "reason"),
    [
        ({"secret": "wrong"}, "does not match"),
        ({"access": "NOBODY"}, "does not exist"),
        ({"access": "TMP"}, "security token"),
        ({"when": datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)}, "expired"),
    ],
    ids=["secret", "access", "token", "date"],
)
async def test_bad_signature_gets_the_gateway_shape(client: Client, signing: dict[str, Any], reason: str) -> None:
    """401 with error_msg, error_code and request_id."""
    answer = await client.call("GET", GROUPS, **signing)
    assert answer.status_code == 401
    assert answer.json()["error_code"] == "APIG.0301"
    assert reason in answer.json()["error_msg"]
    assert answer.json()["request_id"]


async def test_temporary_key_is_accepted_with_its_token(client: Client) -> None:
    """The token is one of the signed headers."""
    signing: dict[str, Any] = {"access": "TMP", "X-Security-Token": "security-token"}
    assert (await client.call("GET", GROUPS, **signing)).status_code == 200


async def test_foreign_project_is_refused_with_http_400(client: Client) -> None:
    """AS.0008 in the service's shape."""
    answer = await client.call("GET", GROUPS, access="OTHER")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "AS.0008")
    assert (await client.call("GET", "/autoscaling-api/v1/p2/scaling_group", access="OTHER")).status_code == 200


def login(password: str = "secret", project: str = "region-1") -> dict[str, Any]:
    """Return a token request."""
    user = {"name": "user", "password": password, "domain": {"name": "sim-account"}}
    identity = {"methods": ["password"], "password": {"user": user}}
    return {"auth": {"identity": identity, "scope": {"project": {"name": project}}}}


@pytest.mark.parametrize("vendor", ["huawei", "otc"])
async def test_token_opens_its_project_only(client: Client, endpoints: serve.Endpoints, vendor: str) -> None:
    """The body names project, user, domain and a catalogue that leads back here."""
    client = Client(client.http, endpoints, vendor)
    answer = await client.call("POST", "/v3/auth/tokens", login(), headers={})
    assert answer.status_code == 201
    token = answer.json()["token"]
    assert token["project"]["id"] == "p1"
    assert token["project"]["domain"]["id"] == accounts.account_id("sim-account")
    urls = {s["type"]: s["endpoints"][0]["url"] for s in token["catalog"]}
    assert urls["as"] == f"{client.base}/autoscaling-api/v1/p1"
    headers = {"X-Auth-Token": answer.headers["x-subject-token"]}
    assert (await client.call("GET", GROUPS, headers=headers)).status_code == 200
    other = await client.call("GET", "/autoscaling-api/v1/p2/scaling_group", headers=headers)
    assert other.json()["error"]["code"] == "AS.0008"
    projects = (await client.call("GET", "/v3/projects?name=region-1", headers=headers)).json()["projects"]
    assert [p["id"] for p in projects] == ["p1"]


async def test_missing_and_wrong_tokens_are_told_apart(client: Client) -> None:
    """AS.0005 and AS.0006, both 401; a wrong password is the identity service's own shape."""
    missing = await client.call("GET", GROUPS, headers={})
    wrong = await client.call("GET", GROUPS, headers={"X-Auth-Token": "x"})
    assert (missing.status_code, missing.json()["error"]["code"]) == (401, "AS.0005")
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (401, "AS.0006")
    for body in (login(password="x"), login(project="x")):
        refused = await client.call("POST", "/v3/auth/tokens", body, headers={})
        assert (refused.status_code, refused.json()["error"]["title"]) == (401, "Unauthorized")


async def test_signed_caller_finds_projects_and_domain(client: Client) -> None:
    """What a client with keys needs to know about itself."""
    projects = (await client.call("GET", "/v3/projects?name=region-1")).json()["projects"]
    domains = (await client.call("GET", "/v3/auth/domains")).json()["domains"]
    assert projects[0]["id"] == "p1"
    assert domains[0]["id"] == projects[0]["domain_id"]


async def test_token_gives_another_token_and_is_shown(client: Client) -> None:
    """Without a scope the new one is good for what the old one is; a foreign or a wrong one gives nothing."""
    first = (await client.call("POST", "/v3/auth/tokens", login(), headers={})).headers["x-subject-token"]
    identity = {"methods": ["token"], "token": {"id": first}}
    for scope, project in ({}, "p1"), ({"scope": {"project": {"id": "p1"}}}, "p1"), ({"scope": "unscoped"}, None):
        answer = await client.call("POST", "/v3/auth/tokens", {"auth": {"identity": identity, **scope}}, headers={})
        assert answer.status_code == 201
        headers = {"X-Auth-Token": first, "X-Subject-Token": answer.headers["x-subject-token"]}
        shown = await client.call("GET", "/v3/auth/tokens", headers=headers)
        assert shown.headers["x-subject-token"] == answer.headers["x-subject-token"]
        assert shown.json()["token"].get("project", {}).get("id") == project
    wrong = {"auth": {"identity": {"methods": ["token"], "token": {"id": "x"}}}}
    assert (await client.call("POST", "/v3/auth/tokens", wrong, headers={})).status_code == 401
    gone = await client.call("GET", "/v3/auth/tokens", headers={"X-Auth-Token": first, "X-Subject-Token": "x"})
    foreign = await client.call("GET", "/v3/auth/tokens", access="OTHER", **{"X-Subject-Token": first})
    assert (gone.status_code, foreign.status_code) == (404, 404)


@pytest.mark.parametrize(
    "auth",
    [
        {},
        {"identity": {"methods": ["totp"], "totp": {}}},
        {"identity": {"methods": ["password"]}},
        {"identity": {"methods": ["token"], "token": "x"}},
    ],
)
async def test_malformed_login_is_a_bad_request(client: Client, auth: dict[str, Any]) -> None:
    """In the identity service's own shape."""
    answer = await client.call("POST", "/v3/auth/tokens", {"auth": auth}, headers={})
    assert (answer.status_code, answer.json()["error"]["title"]) == (400, "Bad Request")


async def test_login_without_an_object_where_one_belongs_is_refused(client: Client) -> None:
    """A user or a domain that is a mere name."""
    for user in ("user", {"name": "user", "password": "secret", "domain": "sim-account"}):
        body = {"auth": {"identity": {"methods": ["password"], "password": {"user": user}}}}
        assert (await client.call("POST", "/v3/auth/tokens", body, headers={})).status_code == 401


async def test_catalogue_is_that_of_the_asked_project(client: Client) -> None:
    """A signature belongs to no project, so a header names it; a token has its own."""
    named = await client.call("GET", "/v3/auth/catalog", **{"X-Project-Id": "p1"})
    urls = {s["type"]: s["endpoints"][0]["url"] for s in named.json()["catalog"]}
    assert urls["asv1"] == f"{client.base}/autoscaling-api/v1/p1"
    assert (await client.call("GET", "/v3/auth/catalog")).json()["catalog"] == []
    assert (await client.call("GET", "/v3/auth/catalog", **{"X-Project-Id": "p2"})).status_code == 401
    token = (await client.call("POST", "/v3/auth/tokens", login(), headers={})).headers["x-subject-token"]
    scoped = await client.call("GET", "/v3/auth/catalog", headers={"X-Auth-Token": token})
    assert scoped.json()["catalog"] == named.json()["catalog"]


@pytest.mark.parametrize(
    ("vendor", "path", "signed", "status", "key"),
    [
        ("huawei", "/v3", False, 200, "version"),
        ("huawei", "/v3", True, 404, "error"),
        ("huawei", "/", False, 401, "error"),
        ("otc", "/v3/", False, 200, "version"),
        ("otc", "/v3", True, 200, "version"),
        ("otc", "/", False, 300, "versions"),
        ("otc", "/", True, 200, "versions"),
    ],
)
async def test_keystone_is_discovered_before_login(
    client: Client, endpoints: serve.Endpoints, vendor: str, path: str, signed: bool, status: int, key: str
) -> None:
    """Who has logged in already asks for the versions of the service."""
    client = Client(client.http, endpoints, vendor)
    answer = await client.call("GET", path, headers=None if signed else {})
    assert (answer.status_code, list(answer.json())) == (status, [key])
    if status == 300:
        (version,) = answer.json()["versions"]["values"]
        assert version["links"] == [{"rel": "self", "href": f"{client.base}/v3/"}]
