"""Launch configurations: made once, read back without secrets, deleted only when no group uses them."""

from __future__ import annotations

from typing import Any

import pytest
from contract_bench import Bench

from cloudscaling import errors
from cloudscaling.core.model import NewLaunchConfiguration
from cloudscaling.ports import Cloud

MISSING = "00000000-0000-0000-0000-000000000000"


def without_secrets(content: dict[str, Any], block: str) -> dict[str, Any]:
    """What the vendor can give back of a content."""
    own = dict(content[block])
    own["files"] = [{"path": file["path"]} for file in own["files"]]
    return {key: value for key, value in content.items() if key != "userData"} | {block: own}


async def test_a_content_comes_back_without_its_secrets(bench: Bench, cloud: Cloud) -> None:
    """Everything else is as it was given, list order included."""
    found = await cloud.launch_configurations.get(await bench.configuration("web-r1"))
    assert found.name == "web-r1"
    assert found.created_at is not None
    given = without_secrets(dict(bench.subject.configuration), bench.subject.block)
    assert found.content == {**bench.subject.configuration_defaults, **given}


async def test_a_content_that_was_made_shows_no_difference(bench: Bench, cloud: Cloud) -> None:
    """What the cloud fills in by itself and the order of sets say nothing; the canonical form is its own."""
    canonical = cloud.launch_configurations.canonical
    for changes in ({}, {"securityGroupIds": [*reversed(bench.subject.configuration["securityGroupIds"])]}):
        found = await cloud.launch_configurations.get(await bench.configuration(**changes))
        given = {key: value for key, value in bench.subject.configuration.items() if key != "userData"}
        assert canonical(found.content) == canonical(given)
        assert canonical(canonical(found.content)) == canonical(found.content)


async def test_no_secret_can_be_read_or_seen(bench: Bench, cloud: Cloud) -> None:
    """User data, files and passwords go out only."""
    login = {"password": "Pa55word!of-Windows"}
    made = await bench.configuration(login=login)
    shown = repr((await cloud.launch_configurations.get(made), await cloud.launch_configurations.list()))
    for secret in ("Pa55word", "echo hello", "IyEvYmluL3No"):
        assert secret not in shown
    assert "echo" not in repr(NewLaunchConfiguration("x", bench.subject.configuration))


async def test_list_and_get_agree(bench: Bench, cloud: Cloud) -> None:
    """A list row is as good as a read by id."""
    made = {await bench.configuration("a"), await bench.configuration("b")}
    listed = await cloud.launch_configurations.list()
    assert {found.id for found in listed} == made
    assert [await cloud.launch_configurations.get(found.id) for found in listed] == list(listed)


async def test_a_refused_content_is_not_retried_forever(bench: Bench) -> None:
    """A value that the cloud refuses is the user's to change, and the message is the cloud's."""
    with pytest.raises(errors.Rejected) as refused:
        await bench.configuration(systemDisk={"type": "SSD", "sizeGiB": 0})
    assert refused.value.code


async def test_one_is_deleted_by_its_own_call(bench: Bench, cloud: Cloud) -> None:
    """A second time it is gone."""
    made = await bench.configuration()
    await cloud.launch_configurations.delete([made])
    assert (await bench.count("delete configuration"), await bench.count("batch delete configurations")) == (1, 0)
    with pytest.raises(errors.NotFound):
        await cloud.launch_configurations.get(made)
    with pytest.raises(errors.NotFound):
        await cloud.launch_configurations.delete([made])


async def test_several_are_deleted_in_one_call(bench: Bench, cloud: Cloud) -> None:
    """Two and more share a call."""
    made = [await bench.configuration(f"lc-{number}") for number in range(3)]
    await cloud.launch_configurations.delete(made)
    assert await cloud.launch_configurations.list() == ()
    assert (await bench.count("delete configuration"), await bench.count("batch delete configurations")) == (0, 1)


async def test_one_in_use_is_kept_and_told(bench: Bench, cloud: Cloud) -> None:
    """Alone or in a batch; the unused ones of the batch go all the same."""
    used, unused = await bench.configuration("used"), await bench.configuration("unused")
    await bench.group(launchConfigurationRef=used)
    with pytest.raises(errors.InUse):
        await cloud.launch_configurations.delete([used])
    with pytest.raises(errors.InUse):
        await cloud.launch_configurations.delete([used, unused])
    assert [found.id for found in await cloud.launch_configurations.list()] == [used]


async def test_a_missing_one_does_not_spoil_a_batch(bench: Bench, cloud: Cloud) -> None:
    """What is gone is gone; the rest is deleted."""
    made = [await bench.configuration(f"lc-{number}") for number in range(2)]
    await cloud.launch_configurations.delete([MISSING, *made])
    assert await cloud.launch_configurations.list() == ()
