"""Groups found by their tags: for importing, for counting orphans, for finding one's own again."""

from __future__ import annotations

import pytest
from contract_bench import MARK, Bench

from cloudscaling import errors
from cloudscaling.ports import Cloud

MISSING = "00000000-0000-0000-0000-000000000000"
KEY = "cso-owner"


async def test_the_tags_of_a_group_are_read_anew(bench: Bench, cloud: Cloud) -> None:
    """The ownership tag is one of them here; a tag without a value is empty."""
    group_id = await bench.group()
    await cloud.groups.set_tags(group_id, {KEY: MARK}, [])
    assert dict(await cloud.groups.tags(group_id)) == {"team": "web", "empty": "", KEY: MARK}
    with pytest.raises(errors.NotFound):
        await cloud.groups.tags(MISSING)


async def test_groups_are_found_by_a_tag(bench: Bench, cloud: Cloud) -> None:
    """Exactly that value, on any page; counting agrees."""
    made = {await bench.group(f"g-{number}", launchConfigurationRef=await configuration(bench)) for number in range(3)}
    other = await bench.group("other")
    for group_id in made:
        await cloud.groups.set_tags(group_id, {KEY: MARK}, [])
    await cloud.groups.set_tags(other, {KEY: f"{MARK}x"}, [])
    assert set(await cloud.groups.find_by_tag(KEY, MARK)) == made
    assert await cloud.groups.find_by_tag(KEY, f"{MARK}x") == (other,)
    assert await cloud.groups.find_by_tag(KEY, MARK[:-1]) == ()
    assert await cloud.groups.count_by_tag(KEY, MARK) == 3
    assert await cloud.groups.count_by_tag(KEY, None) == 4
    assert await cloud.groups.count_by_tag("never", "there") == 0
    assert await cloud.groups.count_by_tag("never", None) == 0


async def test_every_key_in_use_is_listed(bench: Bench, cloud: Cloud) -> None:
    """Once, however many groups have it."""
    assert await cloud.groups.tag_keys() == ()
    for name in ("a", "b"):
        await bench.group(name)
    assert await cloud.groups.tag_keys() == ("empty", "team")


async def test_a_search_is_a_read(bench: Bench, cloud: Cloud) -> None:
    """Although it is sent otherwise: a lost answer leaves nothing in doubt, and no lease is needed."""
    await cloud.groups.find_by_tag(KEY, MARK)
    assert not any(write for _, write in bench.gate.calls)
    await bench.fault("drop-before-commit")
    with pytest.raises(errors.Transient):
        await cloud.groups.count_by_tag(KEY, MARK)


async def test_a_pattern_is_no_value(bench: Bench, cloud: Cloud) -> None:
    """The vendor would take it for one and find too much."""
    with pytest.raises(errors.Rejected):
        await cloud.groups.find_by_tag("team", "*eb")


async def configuration(bench: Bench) -> str:
    found = await bench.cloud.launch_configurations.list()
    return found[0].id if found else await bench.configuration("shared")
