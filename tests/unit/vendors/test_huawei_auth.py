"""Logging in with a user: one token, kept, renewed in time and after a refusal, never shown."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any

import httpx
import pytest
from vendors_rig import NOW, Rig, answer

from cloudscaling import errors
from cloudscaling.ports import Credentials

USER = Credentials(username="ops", password="password-of-ops", domain_name="acme")
GROUPS = "GET /autoscaling-api/v1/P/scaling_group"
TOKENS = "POST /v3/auth/tokens"
EMPTY = {"total_number": 0, "scaling_groups": []}
REFUSED = {"error": {"code": "AS.0006", "message": "the token token-number-1 has expired"}}


def token(number: int, expires: str = "2026-01-03T03:04:05.000000Z") -> httpx.Response:
    project = {"id": "project-a", "name": "region-1", "domain": {"id": "domain-a", "name": "acme"}}
    content = {"token": {"expires_at": expires, "project": project}}
    return answer(content, 201, **{"X-Subject-Token": f"token-number-{number}"})


def rig(answers: dict[str, Any], **more: Any) -> Rig:
    return Rig(answers, credentials=USER, **more)


async def test_one_token_serves_many_requests() -> None:
    """Even when they start at the same time."""
    found = rig({TOKENS: [token(1)], GROUPS: answer(EMPTY)})
    await asyncio.gather(*(found.cloud.groups.list() for _ in range(5)))
    assert [request.headers.get("X-Auth-Token") for request in found.requests[1:]] == ["token-number-1"] * 5
    assert "Authorization" not in found.requests[-1].headers


async def test_a_token_is_renewed_before_it_ends() -> None:
    """Ten minutes before; not earlier."""
    found = rig({TOKENS: [token(1), token(2)], GROUPS: answer(EMPTY)})
    for step in (timedelta(0), timedelta(hours=23, minutes=49), timedelta(minutes=2)):
        found.clock.at += step
        await found.cloud.groups.list()
    assert [r.headers.get("X-Auth-Token") for r in found.requests if r.method == "GET"] == [
        "token-number-1",
        "token-number-1",
        "token-number-2",
    ]


@pytest.mark.parametrize("expires", ["2026-01-02T03:06:05Z", "2026-01-02T00:00:00Z", "some day"])
async def test_an_odd_end_of_life_makes_no_storm_of_logins(expires: str) -> None:
    """A life of two minutes is used for one; a life that is over or unreadable is survived."""
    found = rig({TOKENS: [token(n, expires) for n in range(1, 9)], GROUPS: answer(EMPTY)})
    for _ in range(2):
        await found.cloud.groups.list()
    assert len([r for r in found.requests if r.method == "POST"]) <= 2


async def test_a_refused_token_is_renewed_once_and_the_request_sent_again() -> None:
    """A write too: a refused proof means that nothing was done."""
    put = "PUT /autoscaling-api/v1/P/scaling_group/g"
    found = rig({TOKENS: [token(1), token(2)], put: [answer(REFUSED, 401), answer({"scaling_group_id": "g"})]})
    await found.cloud.groups.set_capacity("g", 1, "x")
    assert [r.headers.get("X-Auth-Token") for r in found.requests if r.method == "PUT"] == [
        "token-number-1",
        "token-number-2",
    ]


async def test_a_second_refusal_is_final() -> None:
    """No endless exchange of tokens, and the token is not in the message."""
    found = rig({TOKENS: [token(1), token(2)], GROUPS: answer(REFUSED, 401)})
    with pytest.raises(errors.AuthenticationFailed) as refused:
        await found.cloud.groups.list()
    assert refused.value.code == "AS.0006"
    assert "token-number" not in str(refused.value)
    assert len(found.requests) == 4


async def test_requests_that_are_refused_together_share_one_renewal() -> None:
    """The second one sees that the token has changed already."""

    def by_token(request: httpx.Request) -> httpx.Response:
        old = request.headers["X-Auth-Token"] == "token-number-1"
        return answer(REFUSED, 401) if old else answer(EMPTY)

    found = rig({TOKENS: [token(1), token(2)], GROUPS: by_token})
    await asyncio.gather(found.cloud.groups.list(), found.cloud.groups.list())
    assert len([r for r in found.requests if r.method == "POST"]) == 2


async def test_a_wrong_project_is_not_cured_by_another_token() -> None:
    """AS.0008 is about the project, not about the proof."""
    found = rig({TOKENS: [token(1)], GROUPS: answer({"error": {"code": "AS.0008", "message": "no"}}, 400)})
    with pytest.raises(errors.AuthenticationFailed):
        await found.cloud.groups.list()


async def test_an_answer_without_a_token_is_transient() -> None:
    """It is no proof that the password is wrong."""
    found = rig({TOKENS: answer({"token": {}}, 201)})
    with pytest.raises(errors.Transient):
        await found.cloud.groups.list()


async def test_the_login_is_a_read_with_the_documented_body() -> None:
    """By project name where one is given, by id where only that is known."""
    found = rig({TOKENS: [token(1)], GROUPS: answer(EMPTY)}, project_id="")
    found.answers["GET /autoscaling-api/v1/project-a/scaling_group"] = answer(EMPTY)
    await found.cloud.groups.list()
    user = {"name": "ops", "password": "password-of-ops", "domain": {"name": "acme"}}
    identity = {"methods": ["password"], "password": {"user": user}}
    expected = {"auth": {"identity": identity, "scope": {"project": {"name": "region-1"}}}}
    assert json.loads(found.requests[0].content) == expected
    assert found.gate.entered[0] == ("KeystoneCreateUserTokenByPassword", False)
    by_id = rig({TOKENS: [token(1)], GROUPS: answer(EMPTY)})
    await by_id.cloud.groups.list()
    assert json.loads(by_id.requests[0].content)["auth"]["scope"] == {"project": {"id": "project-a"}}


async def test_no_secret_is_in_a_repr() -> None:
    """Neither of the account nor of what signs."""
    found = rig({TOKENS: [token(1)], GROUPS: answer(EMPTY)})
    await found.cloud.groups.list()
    shown = repr((found.cloud, vars(found.cloud), USER, NOW))
    for secret in ("password-of-ops", "token-number-1"):
        assert secret not in shown


async def test_a_key_that_may_not_list_projects_can_be_told_its_project() -> None:
    """Without an explicit id there is nothing to go by."""
    denied = answer({"error": {"code": 403, "message": "no", "title": "Forbidden"}}, 403)
    quotas = answer({"quotas": {"resources": []}})
    told = Rig({"GET /v3/projects": denied, "GET /autoscaling-api/v1/P/quotas": quotas, "GET /v2": answer({}, 404)})
    found = await told.cloud.verify()
    assert (found.project_id, found.account_id) == ("project-a", "")
    with pytest.raises(errors.PermissionDenied):
        await Rig({"GET /v3/projects": denied}, project_id="").cloud.verify()


async def test_the_project_is_asked_for_once_however_many_wait_for_it() -> None:
    """The first calls of a new account start together."""
    project = {"id": "project-a", "name": "region-1", "domain_id": "domain-a"}
    found = Rig({"GET /v3/projects": answer({"projects": [project]})}, project_id="")
    found.answers["GET /autoscaling-api/v1/project-a/scaling_group"] = answer(EMPTY)
    await asyncio.gather(*(found.cloud.groups.list() for _ in range(5)))
    assert [request.url.path for request in found.requests].count("/v3/projects") == 1
    assert {r.headers.get("X-Project-Id") for r in found.requests[1:]} == {"project-a"}
