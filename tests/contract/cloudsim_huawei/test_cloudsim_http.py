"""The simulator over real loopback sockets: shapes of errors, faults, administration."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import cloudsim_signer
import httpx
import pytest
from cloudsim_client import CONFIG, GROUPS, SETTINGS, Client

from cloudsim import serve
from cloudsim.settings import Settings


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
