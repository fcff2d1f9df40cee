"""Policies beside the ordinary ones: steps, bandwidths, execution on demand, and version 1 of the API."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from contract_bench import Bench

from cloudscaling import errors
from cloudscaling.core.diff import differences
from cloudscaling.core.model import ActivityStatus, Change, NewPolicy
from cloudscaling.ports import Cloud
from cloudsim.settings import Settings

MISSING = "00000000000000000000000000000000"


async def with_steps(bench: Bench, group_id: str) -> str:
    if not bench.subject.steps:
        pytest.skip("the vendor has no steps")
    fields = {**bench.subject.steps, "externalName": "steps"}
    return await bench.cloud.policies.create(NewPolicy(group_id, "Alarm", fields), "token")


async def change(cloud: Cloud, policy_id: str, **values: Any) -> dict[str, Any]:
    """Write some fields; what was wanted and is not so afterwards."""
    seen = (await cloud.policies.get(policy_id)).fields
    want = cloud.policies.canonical({path.replace("__", "."): value for path, value in values.items()})
    await cloud.policies.update(policy_id, Change(want, seen, frozenset(want)))
    after = (await cloud.policies.get(policy_id)).fields
    return {found.path: found.observed for found in differences(want, after)}


async def test_steps_come_back_as_they_were_given(bench: Bench, cloud: Cloud) -> None:
    """In the order of their ranges, whatever way a number is written; one alarm, no other adjustment."""
    policy_id = await with_steps(bench, await bench.group())
    found = await cloud.policies.get(policy_id)
    want = cloud.policies.canonical(bench.subject.steps)
    assert differences(want, found.fields) == ()
    assert set(want) <= set(found.fields)
    assert (found.type, found.fields["adjustment"]) == ("Alarm", None)
    assert cloud.policies.canonical(want) == want


async def test_steps_can_be_changed(bench: Bench, cloud: Cloud) -> None:
    """As a whole; the alarm stays unless it is changed too."""
    policy_id = await with_steps(bench, await bench.group())
    step = {"lowerBound": "0", "adjustment": {"type": "ExactCapacity", "value": 0}}
    assert await change(cloud, policy_id, alarm__steps=[step]) == {}
    assert await change(cloud, policy_id, alarm__alarmId="al1500000000000otheralarm") == {}
    assert len((await cloud.policies.get(policy_id)).fields["alarm.steps"]) == 1


async def test_steps_and_a_single_adjustment_replace_each_other(bench: Bench, cloud: Cloud) -> None:
    """In place, both ways, and the one that is not wanted is seen to be gone."""
    policy_id = await with_steps(bench, await bench.group())
    single = {"type": "ChangeInCapacity", "value": 2}
    assert await change(cloud, policy_id, adjustment=single) == {}
    assert (await cloud.policies.get(policy_id)).fields["alarm.steps"] == []
    assert await change(cloud, policy_id, alarm__steps=bench.subject.steps["alarm.steps"]) == {}
    assert (await cloud.policies.get(policy_id)).fields["adjustment"] is None


async def test_a_bandwidth_has_policies_of_its_own(bench: Bench, cloud: Cloud) -> None:
    """They belong to no group; less has another word, and a limit that every change takes along."""
    fields = {**bench.subject.bandwidth, "externalName": "broad"}
    policy_id = await cloud.policies.create(NewPolicy("", "Alarm", fields), "token")
    found = await cloud.policies.get(policy_id)
    assert differences(cloud.policies.canonical(fields), found.fields) == ()
    assert set(fields) <= set(found.fields)
    assert (found.type, found.group_id) == ("Alarm", "")
    assert [policy.id for policy in await cloud.policies.list()] == [policy_id]
    limit = f"{bench.subject.block}__bandwidth__limitMbps"
    assert await change(cloud, policy_id, **{limit: 4}) == {}
    assert (await cloud.policies.get(policy_id)).fields["adjustment"] == fields["adjustment"]
    assert await change(cloud, policy_id, adjustment={"type": "ChangeInCapacity", "value": 5}) == {}
    after = (await cloud.policies.get(policy_id)).fields
    assert after[limit.replace("__", ".")] == 4
    assert await change(cloud, policy_id, adjustment={"type": "ExactCapacity", "value": 20}) == {}
    with pytest.raises(errors.Rejected, match="percent"):
        await change(cloud, policy_id, adjustment={"type": "ExactPercent", "value": 20})


async def test_the_policies_of_one_group_are_listed(bench: Bench, cloud: Cloud) -> None:
    """No other group's; a missing group is absent."""
    group_id = await bench.group("one")
    mine = await bench.policy(group_id, "Alarm")
    await bench.policy(await bench.group("two"), "Scheduled")
    assert await cloud.policies.of_group(group_id) == (await cloud.policies.get(mine),)
    with pytest.raises(errors.NotFound):
        await cloud.policies.of_group("00000000-0000-0000-0000-000000000000")


async def test_a_policy_is_executed_on_demand(bench: Bench, cloud: Cloud) -> None:
    """The log says that somebody asked for it."""
    group_id = await bench.running_group(4)
    policy_id = await bench.policy(group_id, "Alarm")
    await cloud.policies.execute(policy_id, "token")
    (run,) = await cloud.policies.executions(policy_id, 5)
    assert run.trigger == "Manual"
    with pytest.raises(errors.Busy):
        await cloud.policies.execute(policy_id, "token")
    await bench.advance()
    assert (await cloud.groups.get(group_id)).current == 2
    refused, run = await cloud.policies.executions(policy_id, 5)
    assert refused.status is ActivityStatus.FAILED
    assert (run.status, run.old_value, run.new_value) == (ActivityStatus.SUCCEEDED, 4, 2)


async def test_what_cannot_be_executed_is_told_apart(bench: Bench, cloud: Cloud) -> None:
    """Nothing left to take away, a group that rests, a policy that is gone."""
    group_id = await bench.running_group(1, minSize=1)
    policy_id = await bench.policy(group_id, "Alarm")
    with pytest.raises(errors.Bounds):
        await cloud.policies.execute(policy_id, "token")
    await cloud.groups.disable(group_id)
    with pytest.raises(errors.Rejected):
        await cloud.policies.execute(policy_id, "token")
    with pytest.raises(errors.NotFound):
        await cloud.policies.execute(MISSING, "token")


@pytest.mark.parametrize("kind", ["drop-before-commit", "drop-after-commit"], ids=["not done", "done"])
async def test_a_lost_answer_to_an_execution_is_an_unknown_outcome(bench: Bench, cloud: Cloud, kind: str) -> None:
    """It moves instances, so it is never simply made again; the log tells."""
    group_id = await bench.running_group(4)
    policy_id = await bench.policy(group_id, "Alarm")
    await bench.fault(kind, "execute policy")
    with pytest.raises(errors.OutcomeUnknown):
        await cloud.policies.execute(policy_id, "token")
    assert len(await cloud.policies.executions(policy_id, 5)) == (kind == "drop-after-commit")


async def test_without_version_two_the_first_one_does(
    open_bench: Callable[[Settings], Any], settings: Settings
) -> None:
    """Everything but steps and bandwidths, which are refused by name before anything is sent."""
    bench = await old(open_bench, settings)
    found = await bench.cloud.verify()
    assert not {"PolicyV2", "ActivityLogV2", "StepPolicies"} & found.capabilities
    assert not found.one_list_of_policies
    group_id = await bench.running_group(4)
    policy_id = await bench.policy(group_id, "Alarm")
    seen = (await bench.cloud.policies.get(policy_id)).fields
    adjustment = {"type": "PercentChangeInCapacity", "value": -50}
    assert await change(bench.cloud, policy_id, adjustment=adjustment, cooldownSeconds=0) == {}
    assert f"{bench.subject.block}.description" not in seen
    assert [found.id for found in await bench.cloud.policies.of_group(group_id)] == [policy_id]
    assert [found.id for found in await bench.cloud.policies.list()] == [policy_id]
    await bench.cloud.policies.execute(policy_id, "token")
    await bench.advance()
    assert (await bench.cloud.groups.activities(group_id, 1))[0].new_capacity == 2
    step = {"lowerBound": "0", "adjustment": adjustment}
    with pytest.raises(errors.Rejected, match=r"alarm\.steps"):
        await change(bench.cloud, policy_id, alarm__steps=[step])
    fields = {**bench.subject.bandwidth, "externalName": "broad"}
    with pytest.raises(errors.Rejected, match="bandwidth"):
        await bench.cloud.policies.create(NewPolicy("", "Alarm", fields), "token")


async def old(open_bench: Callable[[Settings], Any], settings: Settings) -> Bench:
    """A simulator that offers version 1 only."""
    name = next(iter(settings.vendors))
    found: Bench = await open_bench(replace(settings, options={f"{name}.v2": "false"}))
    if not found.subject.v2:
        pytest.skip("the vendor has no versions")
    return found
