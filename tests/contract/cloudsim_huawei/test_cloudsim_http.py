"""The simulator over real loopback sockets: authentication, shapes of errors, faults, administration."""

from __future__ import annotations

import asyncio
import datetime
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import cloudsim_signer
import httpx
import pytest
import pytest_asyncio

from cloudsim import accounts, serve
from cloudsim.settings import Settings

CONFIG = {
    "scaling_configuration_name": "c",
    "instance_config": {
        "flavorRef": "s6",
        "imageRef": "i",
        "disk": [{"size": 40, "volume_type": "SSD", "disk_type": "SYS"}],
        "key_name": "k",
    },
}
SETTINGS = Settings(
    vendors={"huawei": 0, "otc": 0},
    keys=(
        accounts.parse_key("AK:SK"),
        accounts.parse_key("TMP:SK:security-token"),
        accounts.parse_key("OTHER:SK@other"),
    ),
    users=(accounts.parse_user("user:secret:sim-account"),),
    projects=(accounts.parse_project("p1:region-1"), accounts.parse_project("p2:region-2@other")),
    clock="manual",
    activity_seconds=60,
)


class Client:
    """Signed raw requests to one vendor, and the administrator."""

    def __init__(self, http: httpx.AsyncClient, endpoints: serve.Endpoints, vendor: str = "huawei") -> None:
        """Use one connection pool for all."""
        self.http = http
        self.admin = endpoints.admin
        self.base = endpoints.vendors[vendor]

    async def call(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None, **signing: Any
    ) -> httpx.Response:
        """Send one request, signed unless headers are given."""
        url = self.base + path
        content = b"" if body is None else json.dumps(body).encode()
        if headers is None:
            extra: dict[str, Any] = {"Content-Type": "application/json"} if content else {}
            headers = cloudsim_signer.headers(method, url, content, **signing, **extra)
        return await self.http.request(method, url, content=content, headers=headers)

    async def group(self, name: str = "g") -> str:
        """Create a group with a new configuration."""
        made = await self.call("POST", "/autoscaling-api/v1/p1/scaling_configuration", CONFIG)
        body = {
            "scaling_group_name": name,
            "scaling_configuration_id": made.json()["scaling_configuration_id"],
            "networks": [{"id": "n"}],
            "vpc_id": "v",
            "desire_instance_number": 1,
        }
        made = await self.call("POST", "/autoscaling-api/v1/p1/scaling_group", body)
        return str(made.json()["scaling_group_id"])

    async def fault(self, **fault: Any) -> None:
        """Arm a fault."""
        answer = await self.http.post(f"{self.admin}/faults", json={"vendor": "huawei", **fault})
        assert answer.status_code == 200, answer.text


GROUPS = "/autoscaling-api/v1/p1/scaling_group"


@pytest_asyncio.fixture(loop_scope="function")
async def endpoints() -> AsyncIterator[serve.Endpoints]:
    """Serve a new world on free ports."""
    async with serve.running(SETTINGS) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="function")
async def client(endpoints: serve.Endpoints) -> AsyncIterator[Client]:
    """A client of the Huawei port."""
    async with httpx.AsyncClient(timeout=10) as http:
        yield Client(http, endpoints)


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


async def test_missing_things_are_http_400_and_unknown_paths_404(client: Client) -> None:
    """The status alone says little."""
    gone = await client.call("GET", f"{GROUPS}/nothing")
    path = await client.call("GET", "/autoscaling-api/v1/p1/nothing")
    version = await client.call("GET", "/v9")
    empty = await client.call("POST", GROUPS)
    assert (gone.status_code, gone.json()["error"]["code"]) == (400, "AS.2007")
    assert (path.status_code, path.json()["error_code"]) == (404, "APIG.0101")
    assert (version.status_code, version.json()["error"]["code"]) == (404, "AS.0033")
    assert (empty.status_code, empty.json()["error"]["code"]) == (400, "AS.0002")


async def test_list_of_a_group_and_a_policy_do_not_shadow_each_other(client: Client) -> None:
    """Paths that differ in one literal part."""
    group = await client.group()
    v1 = "/autoscaling-api/v1/p1"
    assert (await client.call("GET", f"{v1}/scaling_policy/{group}/list")).json()["scaling_policies"] == []
    assert (await client.call("GET", f"{v1}/scaling_group_tag/{group}/tags")).json()["tags"] == []
    body = {"action": "count"}
    found = await client.call("POST", f"{v1}/scaling_group_tag/resource_instances/action", body)
    assert found.json() == {"total_count": 1}
    urn = "urn:smn:region:p1:topic"
    topic = {"topic_urn": urn, "topic_scene": ["SCALING_UP"]}
    await client.call("PUT", f"{v1}/scaling_notification/{group}", topic)
    assert (await client.call("DELETE", f"{v1}/scaling_notification/{group}/{urn}")).status_code == 204


async def test_throttling_has_the_gateway_shape_and_a_hint(client: Client) -> None:
    """429, then normal again."""
    await client.fault(kind="throttle", times=2, retry_after=3)
    first, second, third = [await client.call("GET", GROUPS) for _ in range(3)]
    assert [r.status_code for r in (first, second, third)] == [429, 429, 200]
    assert first.json()["error_code"] == "APIG.0308"
    assert first.headers["retry-after"] == "3"


async def test_error_fault_has_the_asked_status_and_code(client: Client) -> None:
    """Only for the operation that it names."""
    await client.fault(kind="error", operation="ListScalingConfigs", status=500, code="AS.0049")
    assert (await client.call("GET", GROUPS)).status_code == 200
    answer = await client.call("GET", "/autoscaling-api/v1/p1/scaling_configuration")
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "AS.0049")


@pytest.mark.parametrize("fault", [{"kind": "throttle"}, {"kind": "error", "status": 500, "code": "AS.0049"}])
async def test_faulty_answer_has_a_request_id_too(client: Client, fault: dict[str, Any]) -> None:
    """In the header, where clients look for it; the gateway repeats it in the body."""
    await client.fault(**fault)
    answer = await client.call("GET", GROUPS)
    assert answer.headers["x-request-id"]
    assert answer.json().get("request_id", answer.headers["x-request-id"]) == answer.headers["x-request-id"]


@pytest.mark.parametrize(("kind", "expected"), [("drop-before-commit", 0), ("drop-after-commit", 1)])
async def test_dropped_create_leaves_the_caller_without_an_answer(client: Client, kind: str, expected: int) -> None:
    """The one creates nothing, the other creates in silence."""
    await client.fault(kind=kind, operation="CreateScalingGroup")
    with pytest.raises(httpx.RemoteProtocolError):
        await client.group()
    assert (await client.call("GET", GROUPS)).json()["total_number"] == expected


async def test_short_pages_keep_the_true_total(client: Client) -> None:
    """A reader that counts will notice."""
    await client.group()
    await client.group()
    for kind, rows in (("truncated-page", 1), ("empty-page", 0)):
        await client.fault(kind=kind, operation="ListScalingGroups")
        content = (await client.call("GET", GROUPS)).json()
        assert (content["total_number"], len(content["scaling_groups"])) == (2, rows)


async def test_stale_read_answers_from_the_moment_the_fault_was_armed(client: Client) -> None:
    """Writes are never stale."""
    group = await client.group()
    await client.fault(kind="stale-read", operation="ShowScalingGroup,ListScalingGroups")
    await client.call("PUT", f"{GROUPS}/{group}", {"cool_down_time": 1})
    old, new = [(await client.call("GET", f"{GROUPS}/{group}")).json() for _ in range(2)]
    assert (old["scaling_group"]["cool_down_time"], new["scaling_group"]["cool_down_time"]) == (300, 1)


async def test_clock_calls_and_state_are_in_the_administrators_hands(client: Client) -> None:
    """Console actions are neither signed nor counted."""
    group = await client.group()
    console = {
        "operation": "ActionScalingGroup",
        "path": {"scaling_group_id": group},
        "body": {"action": "resume"},
    }
    done = await client.http.post(f"{client.admin}/console/huawei", json=console)
    assert done.json() == {"status": 204, "body": None}
    await client.http.post(f"{client.admin}/clock/advance", json={"seconds": 60})
    counts = (await client.http.get(f"{client.admin}/calls")).json()["huawei"]
    assert counts == {"CreateScalingConfig": 1, "CreateScalingGroup": 1}
    state = (await client.http.get(f"{client.admin}/state")).json()
    shown = state["vendors"]["huawei"]["projects"]["p1"]["groups"][group]
    assert shown["current_instance_number"] == 1
    assert shown["activities"][0]["status"] == "SUCCESS"
    log = (await client.http.get(f"{client.admin}/calls/log?operation=CreateScalingGroup")).json()
    assert log[0]["body"]["scaling_group_name"] == "g"
    await client.http.delete(f"{client.admin}/calls")
    assert (await client.http.get(f"{client.admin}/calls")).json()["huawei"] == {}
    await client.http.post(f"{client.admin}/reset")
    assert (await client.call("GET", GROUPS)).json()["total_number"] == 0


async def test_administrator_hears_what_is_wrong(client: Client) -> None:
    """Unknown vendors, kinds, fields and bodies."""
    for path, body in (
        ("/faults", {"kind": "odd"}),
        ("/faults", {"kind": "error", "odd": 1}),
        ("/faults", {"kind": "error", "vendor": "moon"}),
        ("/clock/advance", {"seconds": -1}),
        ("/seed", {"moon": {}}),
        ("/console/moon", {}),
    ):
        answer = await client.http.post(client.admin + path, json=body)
        assert answer.status_code == 400, path
        assert answer.json()["error"]


async def test_seed_makes_many_groups_at_once(client: Client) -> None:
    """With members and without activities."""
    seed = {"account": "sim-account", "configurations": [CONFIG]}
    made = (await client.http.post(f"{client.admin}/seed", json={"huawei": seed})).json()["huawei"]
    group = {
        "count": 3,
        "scaling_group_name": "bulk-{n}",
        "scaling_configuration_id": made["configurations"][0],
        "networks": [{"id": "n"}],
        "vpc_id": "v",
        "min_instance_number": 1,
        "instances": 1,
        "enabled": True,
    }
    await client.http.post(f"{client.admin}/seed", json={"huawei": {"groups": [group]}})
    rows = (await client.call("GET", GROUPS)).json()["scaling_groups"]
    assert [g["scaling_group_name"] for g in rows] == ["bulk-2", "bulk-1", "bulk-0"]
    assert all(g["current_instance_number"] == 1 and not g["is_scaling"] for g in rows)


async def test_answer_arrives_in_one_piece(client: Client) -> None:
    """Headers and body are one segment even for a reader that reads once."""
    await client.group()
    host, port = client.base.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    signed = cloudsim_signer.headers("GET", client.base + GROUPS)
    lines = [f"GET {GROUPS} HTTP/1.1", *(f"{k}: {v}" for k, v in signed.items()), "", ""]
    writer.write("\r\n".join(lines).encode())
    first = await reader.read(65536)
    writer.close()
    head, _, body = first.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200")
    assert json.loads(body)["total_number"] == 1


async def test_state_survives_a_restart(tmp_path: Path) -> None:
    """Groups and ids go on, tokens stay valid."""
    settings = Settings(
        keys=SETTINGS.keys, projects=SETTINGS.projects, clock="manual", state_file=str(tmp_path / "state")
    )
    async with httpx.AsyncClient() as http:
        async with serve.running(settings) as running:
            group = await Client(http, running).group()
        async with serve.running(settings) as running:
            again = Client(http, running)
            assert (await again.call("GET", f"{GROUPS}/{group}")).status_code == 200
            assert await again.group() != group


async def test_command_line_announces_its_ports_and_stops_on_a_signal() -> None:
    """One line of JSON, then quiet; a terminated run is a good run."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "cloudsim", "serve", "--vendor", "huawei:0", "--admin", "0"),
        *("--access-key", "AK:SK", "--project", "p1:region-1"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    ready = json.loads(await process.stdout.readline())
    assert ready["ready"] is True
    async with httpx.AsyncClient() as http:
        url = f"http://127.0.0.1:{ready['vendors']['huawei']}{GROUPS}"
        assert (await http.get(url, headers=cloudsim_signer.headers("GET", url))).status_code == 200
        assert (await http.get(f"http://127.0.0.1:{ready['admin']}/healthz")).json() == {"ok": True}
        process.terminate()
        out, err = await process.communicate()
    assert (process.returncode, out, err) == (0, b"", b"")
