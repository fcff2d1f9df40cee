"""What the import chooses, names, leaves out and shows."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from account_by_hand import configurations, groups
from fake_kube import NAMESPACE, FakeKube
from import_rig import ENVIRON, Account
from sim_transport import KEY_SECRET
from virtual_time import run

from cloudscaling import errors
from cloudscaling.cli.importing import ACCOUNT_WIDE, SHARED
from cloudscaling.cli.inventory import Filter
from cloudscaling.cli.names import Names, label
from cloudscaling.cli.usage import UsageError


def on_account(test: Callable[[Account], Awaitable[None]]) -> Account:
    """Run a test against a full account; nothing may be written, and no secret shown."""

    async def scenario() -> Account:
        account = Account()
        account.fill()
        await test(account)
        assert account.writes() == []
        assert KEY_SECRET not in account.out.getvalue() + account.err.getvalue()
        return account

    return run(scenario())


def names(account: Account, kind: str = "ScalingGroup") -> list[str]:
    return [m["metadata"]["name"] for m in account.manifests() if m["kind"] == kind]


def test_names_are_valid_unique_and_the_same_every_time() -> None:
    """The oldest gets the plain name; capitals, other scripts and long names all end as a DNS label."""
    given = Names([("ScalingGroup", "taken")])
    assert given.give("ScalingGroup", "Web_Tier", "3f2a91c0-1") == "web-tier"
    assert given.give("ScalingGroup", "web.tier", "3f2a91c0-1") == "web-tier-3f2a91c0"
    assert given.give("ScalingPolicy", "web tier", "3f2a91c0-1") == "web-tier"
    assert given.give("ScalingGroup", "前端", "3f2a91c0-1") == "scalinggroup-3f2a91c0"
    assert given.give("ScalingGroup", "taken", "3f2a91c0-1") == "taken-3f2a91c0"
    twice = [given.give("ScalingGroup", "taken", "3f2a91c0-1") for _ in range(2)]
    assert len({"taken-3f2a91c0", *twice}) == 3
    assert len(label("x" * 64)) <= 50


def test_groups_are_chosen_by_prefix_id_and_tag() -> None:
    """All conditions must hold; what nothing matches is an error that helps."""

    async def test(account: Account) -> None:
        await account.run_import(output="yaml", wanted=Filter(prefixes=("Group_0",), tag=("team", "web")))
        assert names(account) == ["group-06"]
        found = account.manifests()[-1]["spec"]["externalId"]
        account.out.truncate(account.out.seek(0))
        await account.run_import(output="yaml", wanted=Filter(ids=(found,), tag=("team", None)))
        assert names(account) == ["group-06"]
        with pytest.raises(errors.NotFound, match="tags in use: empty, team"):
            await account.run_import(wanted=Filter(tag=("owner", None)))
        with pytest.raises(errors.NotFound, match="no scaling group has the id nobody"):
            await account.run_import(wanted=Filter(ids=("nobody",)))

    on_account(test)


def test_what_is_left_out_stands_in_a_comment_and_in_the_summary() -> None:
    """Objects that no release of ours can express, fields that this one does not serve, secrets."""

    async def test(account: Account) -> None:
        await account.run_import(output="yaml")
        text, said = account.out.getvalue(), account.err.getvalue()
        assert "# not imported, ScalingPolicy: cloud object 'Policy_8'" in text
        assert "not imported: ScalingPolicy 'Policy_8': adjustment: -150 percent is less than all" in said
        for where in (text, said):
            assert "userData: it exists and cannot be read back" in where
            assert "huawei.files: contents of files cannot be read back (/etc/role)" in where
        assert "and 2" in said.split("gracePeriodSeconds")[0].splitlines()[-1]
        assert "IyEvYmluL3No" not in text + said

    on_account(test)


def test_what_hangs_on_a_group_is_in_its_manifest_or_in_a_comment() -> None:
    """Hooks, notifications, scheduled tasks, warm pools: as far as this release serves them, and never silently."""

    async def test(account: Account) -> None:
        await account.run_import(output="yaml")
        text, said = account.out.getvalue(), account.err.getvalue()
        specs = {m["metadata"]["name"]: m["spec"] for m in account.manifests()}
        for name, path, inside in (
            ("group-15", "lifecycleHooks", ["Drain-1", "warmup"]),
            ("group-16", "notifications", ["ops"]),
        ):
            if path in specs[name]:
                assert [entry["name"] for entry in specs[name][path]] == inside
            else:
                assert f"ScalingGroup {name}: {path}" in said
        assert "warmPool" in specs["group-17"].get("huawei", {}) or "ScalingGroup group-17: huawei.warmPool" in said
        assert "night" in specs or "not imported: ScalingPolicy 'Night'" in said
        assert "left out: " in text

    on_account(test)


def test_what_has_an_owner_is_marked_and_not_written() -> None:
    """By an object of the cluster, or by the mark of another operator."""

    async def test(account: Account) -> None:
        simulator = account.rig.simulator
        by_name = {row["scaling_group_name"]: row for row in simulator.groups().values()}
        managed, marked, user = (by_name[name] for name in ("Group_08", "Group_09", "Group_01"))
        marking = {"action": "create", "tags": [{"key": "cso-owner", "value": "abcdefghij"}]}
        simulator.do(
            "ActionScalingTags", marking, resource_type="scaling_group_tag", resource_id=marked["scaling_group_id"]
        )
        assert simulator.groups()[marked["scaling_group_id"]]["tags"]
        kube = account.rig.kube
        kube.apply("scalinggroups", "mine", {"externalId": managed["scaling_group_id"]})
        raw = kube.apply("launchconfigurations", "old", {"accountRef": {"name": "acme"}})
        kube.objects["launchconfigurations", NAMESPACE, "old"]["status"] = {
            "revisions": [{"externalId": user["scaling_configuration_id"]}]
        }
        kube.apply("scalinggroups", "group-10", {"accountRef": {"name": "other"}})
        assert raw["kind"] == "LaunchConfiguration"
        await account.run_import(Listing(kube), output="yaml", namespace=NAMESPACE)
        found = {m["spec"]["externalId"]: m for m in account.manifests()}
        assert managed["scaling_group_id"] not in found
        assert marked["scaling_group_id"] not in found
        assert user["scaling_configuration_id"] not in found
        assert found[user["scaling_group_id"]]["spec"]["launchConfigurationRef"] == {"name": "old"}
        assert all(m["metadata"]["namespace"] == NAMESPACE for m in found.values())
        assert "group-10" not in names(account)
        text = account.err.getvalue()
        assert "not imported: ScalingGroup 'Group_08': managed by ScalingGroup web/mine" in text
        assert "not imported: ScalingGroup 'Group_09': bears the mark abcdefghij" in text

    on_account(test)


class Listing(FakeKube):
    """The cluster with a list of whole objects."""

    def __init__(self, kube: FakeKube) -> None:
        self.objects = kube.objects

    async def list_objects(self, plural: str, namespace: str | None) -> tuple[dict[str, Any], ...]:
        return tuple(o for (p, n, _), o in self.objects.items() if p == plural and namespace in (None, n))


def test_a_configuration_that_no_manifest_can_hold_is_named_by_its_id() -> None:
    """The group is imported all the same; here a cloud demands a key pair that this configuration does without."""

    async def scenario() -> None:
        account = Account("OTC")
        content = {**configurations()[0]["instance_config"], "user_data": "IyEvYmluL3No"}
        del content["key_name"]
        named = {"scaling_configuration_name": "old", "instance_config": content}
        (made,) = account.seed(configurations=[named])["configurations"]
        account.seed(groups=groups([made], older=True)[:1])
        await account.run_import(output="yaml")
        (manifest,) = account.manifests()
        assert manifest["kind"] == "ScalingGroup"
        assert manifest["spec"]["launchConfigurationRef"] == {"externalId": made}
        assert "not imported: LaunchConfiguration 'old': login.keyPair" in account.err.getvalue()

    run(scenario())


def test_a_file_per_group(tmp_path: Path) -> None:
    """What several groups use stands in a file of its own, and nothing is overwritten."""

    async def test(account: Account) -> None:
        folder = tmp_path / "manifests"
        await account.run_import(output="table", directory=folder)
        files = {path.name: list(yaml.safe_load_all(path.read_text())) for path in folder.iterdir()}
        assert [m["kind"] for m in files[f"{SHARED}.yaml"]] == ["LaunchConfiguration"]
        assert {m["kind"] for m in files["group-01.yaml"]} == {"LaunchConfiguration", "ScalingGroup", "ScalingPolicy"}
        assert [m["metadata"]["name"] for m in files[f"{ACCOUNT_WIDE}.yaml"]] == ["bandwidth"]
        assert len(files) == 27
        assert "KIND" in account.out.getvalue()
        with pytest.raises(UsageError, match="not empty"):
            await account.run_import(directory=folder)

    on_account(test)


def test_no_group_has_the_file_of_what_is_shared(tmp_path: Path) -> None:
    """Whatever a group is called: every object is in exactly one file, and in the right one."""
    taken = {"launch-configurations", "policies-of-the-account", label(SHARED), label(ACCOUNT_WIDE)}

    async def test(account: Account) -> None:
        (made,) = account.seed(configurations=configurations()[:1])["configurations"]
        body = {key: value for key, value in groups([made])[0].items() if key != "scaling_group_name"}
        account.seed(groups=[{**body, "scaling_group_name": name} for name in taken])
        assert await account.run_import(output="yaml", directory=tmp_path) == 0

    on_account(test)
    files = {path.stem: [m for m in yaml.safe_load_all(path.read_text()) if m] for path in tmp_path.iterdir()}
    named = [(m["kind"], m["metadata"]["name"]) for documents in files.values() for m in documents]
    assert len(named) == len(set(named))
    assert taken <= {name for kind, name in named if kind == "ScalingGroup"}
    assert {m["kind"] for m in files[SHARED]} == {"LaunchConfiguration"}
    assert {m["kind"] for m in files[ACCOUNT_WIDE]} == {"ScalingPolicy"}


def test_a_table_and_json_say_the_same() -> None:
    """The table names every object, written or not; JSON is a List that kubectl takes."""

    async def test(account: Account) -> None:
        await account.run_import(output="json")
        document = json.loads(account.out.getvalue())
        account.out.truncate(account.out.seek(0))
        await account.run_import(output="table")
        lines = account.out.getvalue().splitlines()
        assert document["kind"] == "List"
        for item in document["items"]:
            assert any(item["spec"]["externalId"] in line and " yes" in line for line in lines)
        assert any("Policy_8" in line and " no: " in line for line in lines)
        assert len(lines) == 1 + len(document["items"]) + 1  # the header, and Policy_8

    on_account(test)


def test_a_name_cannot_speak_to_the_terminal() -> None:
    """Control characters of a cloud name end as spaces, also in a comment."""

    async def test(account: Account) -> None:
        made = account.seed(configurations=configurations()[:1])["configurations"]
        (group_id,) = account.seed(groups=[{**groups(made)[0], "scaling_group_name": "evil"}])["groups"]
        tenant = account.rig.simulator.vendor.state.tenants["0123456789abcdef0123456789abcdef"]
        tenant.groups[group_id].fields["scaling_group_name"] = "evil\x1b[2J\nkind: Secret"
        for output in ("yaml", "table"):
            await account.run_import(output=output, wanted=Filter(prefixes=("evil",)))
        assert "\x1b" not in account.out.getvalue() + account.err.getvalue()
        assert "\nkind: Secret" not in account.out.getvalue()

    on_account(test)


def test_credentials_that_are_missing_are_asked_for() -> None:
    """The message names variables, never values."""

    async def test(account: Account) -> None:
        with pytest.raises(UsageError, match="CLOUDSCALING_ACCESS_KEY_ID and CLOUDSCALING_SECRET_ACCESS_KEY or HW_"):
            await account.run_import(environ={})
        theirs = {"HW_ACCESS_KEY": ENVIRON["CLOUDSCALING_ACCESS_KEY_ID"], "HW_SECRET_KEY": KEY_SECRET}
        assert await account.run_import(environ=theirs) == 0

    on_account(test)
