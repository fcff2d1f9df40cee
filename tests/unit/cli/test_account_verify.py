"""`cloudscaling account verify`: what it finds, what it says when something is wrong, and its exit codes."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from import_rig import Account
from virtual_time import run

from cloudscaling import __main__ as command_line
from cloudscaling import errors
from cloudscaling.cli.gate import ReadOnlyGate
from cloudscaling.clock import SystemClock


def verified(trouble: str = "", operation: str = "", **spec: Any) -> tuple[int, dict[str, Any]]:
    """(exit code, report) of an account where an operation goes wrong."""

    async def scenario() -> tuple[int, dict[str, Any]]:
        account = Account()
        account.fill()
        account.rig.simulator.trouble = lambda called, write: trouble if called == operation else ""
        code = await account.run_verify(**spec)
        assert account.writes() == []
        return code, json.loads(account.out.getvalue())

    return run(scenario())


def results(report: dict[str, Any]) -> dict[str, str]:
    return {check["name"]: check["result"] for check in report["checks"]}


def test_an_account_that_works() -> None:
    """Identity, versions, capabilities, quotas and every read."""
    code, report = verified()
    assert (code, report["ok"]) == (0, True)
    assert report["identity"]["projectId"] == "0123456789abcdef0123456789abcdef"
    assert {"id": "v2", "status": "SUPPORTED"} in report["apiVersions"]
    assert {"name": "ScalingGroups", "used": 25, "limit": 100} in report["quotas"]
    assert set(results(report).values()) == {"ok", "skipped"}


@pytest.mark.parametrize(
    ("trouble", "operation", "check", "text"),
    [
        ("AS.0031", "ShowResourceQuota", "credentials and identity", "may not"),
        ("500", "ListApiVersions", "credentials and identity", "does not answer"),
        ("AS.0031", "ListScalingGroups", "read groups", "may not"),
        ("AS.0031", "ListLifeCycleHooks", "read lifecycle hooks", "may not"),
    ],
)
def test_what_fails_is_one_line(trouble: str, operation: str, check: str, text: str) -> None:
    """The rest is checked as far as it can be."""
    code, report = verified(trouble, operation)
    assert (code, report["ok"]) == (1, False)
    failed = [found for found in report["checks"] if found["result"] == "failed"]
    assert [found["name"] for found in failed] == [check]
    assert text in failed[0]["detail"]
    assert "\n" not in failed[0]["detail"]


def test_another_account_than_expected() -> None:
    """A mistaken Secret is found before anything is imported."""
    code, report = verified(expectedAccountId="somebody-else")
    assert (code, results(report)["identity as expected"]) == (1, "failed")


def test_groups_that_were_left_behind_are_counted() -> None:
    """By their mark: how many there are, and how many of them this cluster has an object for."""

    class Cluster:
        async def list_objects(self, plural: str, namespace: str | None) -> tuple[dict[str, Any], ...]:
            rows = {
                "scalinggroups": [{"metadata": {"namespace": "web", "name": "web"}, "status": {"externalId": mine}}]
            }
            return tuple(rows.get(plural, ()))

    mine = ""

    async def scenario() -> None:
        nonlocal mine
        account = Account()
        account.fill()
        mine, left, _ = list(account.rig.simulator.groups())[:3]
        marking = {"action": "create", "tags": [{"key": "cso-owner", "value": "abcdefghij"}]}
        for group_id in (mine, left):
            account.rig.simulator.do(
                "ActionScalingTags", marking, resource_type="scaling_group_tag", resource_id=group_id
            )
        for cluster, said in ((None, "2 found"), (Cluster(), "2 found, 1 of them with an object in this cluster")):
            account.out.truncate(account.out.seek(0))
            assert await account.run_verify(cluster=cluster) == 0
            report = json.loads(account.out.getvalue())
            details = {check["name"]: check["detail"] for check in report["checks"]}
            assert details["groups with an operator's mark"] == said

    run(scenario())


async def test_no_write_passes_the_gate() -> None:
    """Whatever a command may do by mistake."""
    gate = ReadOnlyGate(SystemClock(), "Huawei", 10, 10)
    await gate.enter("ListScalingGroups", write=False)
    with pytest.raises(errors.LeaseLost, match="only reads"):
        await gate.enter("DeleteScalingGroup", write=True)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["import"], "exactly one way"),
        (["import", "--vendor", "Moon", "--region", "r"], "this release serves Huawei, OTC"),
        (["import", "--vendor", "Huawei"], "--region is needed"),
        (["import", "--vendor", "Huawei", "--region", "r"], "HW_ACCESS_KEY and HW_SECRET_KEY"),
        (["account", "verify", "--file", "/nowhere.yaml"], "cannot be read"),
        (["account", "verify", "--vendor", "OTC", "--region", "r", "--endpoint", "http://x"], "--allow-plaintext"),
    ],
)
def test_wrong_usage_is_one_line_and_status_two(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is sent."""
    for name in ("HW_ACCESS_KEY", "CLOUDSCALING_ACCESS_KEY_ID", "HW_REGION_NAME", "OS_USERNAME"):
        monkeypatch.delenv(name, raising=False)
    assert command_line.main(arguments) == 2
    text = capsys.readouterr().err
    assert said in text
    assert text.count("\n") == 1


def test_an_endpoint_that_does_not_answer(capsys: pytest.CaptureFixture[str], tmp_path: Any) -> None:
    """Status 1 and a report, from a file with its Secret."""
    account = {
        "kind": "CloudAccount",
        "metadata": {"name": "acme"},
        "spec": {
            "vendor": "Huawei",
            "region": "r1",
            "endpoints": {"autoscaling": "http://127.0.0.1:1", "iam": "http://127.0.0.1:1"},
            "tls": {"allowPlaintext": True},
            "credentials": {"secretRef": {"name": "key"}},
        },
    }
    secret = {"kind": "Secret", "metadata": {"name": "key"}, "data": {"accessKeyId": "QUs="}}
    secret["stringData"] = {"secretAccessKey": "not-to-be-shown"}
    path = tmp_path / "account.yaml"
    path.write_text(yaml.safe_dump_all([account, secret]))
    assert command_line.main(["account", "verify", "--file", str(path), "-o", "yaml"]) == 1
    shown = capsys.readouterr()
    assert yaml.safe_load(shown.out)["ok"] is False
    assert "does not answer" in shown.out
    assert "not-to-be-shown" not in shown.out + shown.err
