"""Groups on the whole engine: owners, names, failures of the API server and of the cloud."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from operator_rig import GROUP_SPEC, Rig
from sim_transport import Write
from virtual_time import run

from cloudscaling import errors
from cloudscaling.engine.store import GROUPS, LAUNCHES


async def ready(**spec: Any) -> Rig:
    """A group that is as wanted."""
    rig = Rig()
    rig.launch()
    rig.group(**spec)
    rig.account()
    await rig.start()
    await rig.until(lambda: rig.synced(GROUPS, "web"), 120)
    await asyncio.sleep(20)
    return rig


def effective(rig: Rig) -> int:
    """Writes that the cloud has carried out."""
    return sum(w.status < 300 for w in rig.simulator.writes)


async def finish(rig: Rig) -> None:
    assert not rig.kube.complaints, rig.kube.complaints
    await rig.kill()


@pytest.mark.parametrize("trouble", ["truncated", "empty"])
def test_a_part_of_a_list_makes_nothing_and_takes_nothing_away(trouble: str) -> None:
    """A group that is not in it is neither gone nor to be made."""

    async def scenario() -> None:
        rig = await ready()
        rig.simulator.trouble = lambda operation, write: "" if write else trouble
        await asyncio.sleep(100)  # until the last list is too old to be believed
        rig.kube.apply(GROUPS, "new", {**GROUP_SPEC, "desiredCapacity": 1})
        await asyncio.sleep(900)
        assert len(rig.simulator.groups()) == 1
        assert rig.kube.status(GROUPS, "web")["externalId"] in rig.simulator.groups()
        rig.simulator.trouble = lambda operation, write: ""
        await rig.until(lambda: rig.synced(GROUPS, "new"), 600)
        await finish(rig)

    run(scenario())


@pytest.mark.parametrize("trouble", ["throttle", "500", "AS.0001"])
def test_without_a_trusted_read_nothing_is_written(trouble: str) -> None:
    """However long, whatever is asked; and it goes on by itself afterwards."""

    async def scenario() -> None:
        rig = await ready()
        before = effective(rig)
        rig.simulator.trouble = lambda operation, write: "" if write else trouble
        await asyncio.sleep(100)  # until the last list is too old to be believed
        rig.kube.edit(GROUPS, "web", lambda spec: spec.update(desiredCapacity=5, cooldownSeconds=60))
        rig.kube.apply(GROUPS, "new", {**GROUP_SPEC, "desiredCapacity": 1})
        await asyncio.sleep(900)
        assert effective(rig) == before
        rig.simulator.trouble = lambda operation, write: ""
        await rig.until(lambda: rig.synced(GROUPS, "web") and rig.synced(GROUPS, "new"), 600)
        assert rig.kube.status(GROUPS, "web")["desiredCapacity"] == 5
        assert len(rig.simulator.groups()) == 2
        await finish(rig)

    run(scenario())


def test_a_result_is_stored_however_long_the_api_server_is_away() -> None:
    """The id of a new group is not lost, and no second group is made."""

    async def scenario() -> None:
        rig = Rig()
        rig.launch()
        rig.group()
        rig.account()

        def made() -> bool:
            return bool(rig.simulator.groups())

        rig.kube.fail = lambda verb: errors.KubeUnavailable("503") if made() and verb == "write_status" else None
        await rig.start()
        await rig.until(made, 120)
        await asyncio.sleep(300)
        rig.kube.fail = lambda verb: None
        await rig.until(lambda: rig.synced(GROUPS, "web"), 120)
        assert len(rig.simulator.groups()) == 1
        await finish(rig)

    run(scenario())


def test_a_status_that_somebody_else_wrote_first_is_looked_at_again() -> None:
    """Stale is no failure."""

    async def scenario() -> None:
        rig = await ready()
        conflicts = [5]

        def stale(verb: str) -> Exception | None:
            if verb != "write_status" or conflicts[0] == 0:
                return None
            conflicts[0] -= 1
            return errors.Stale("conflict")

        rig.kube.fail = stale
        rig.kube.edit(GROUPS, "web", lambda spec: spec.update(desiredCapacity=4))
        await rig.until(lambda: rig.kube.status(GROUPS, "web")["desiredCapacity"] == 4, 60)
        assert rig.running is not None
        assert rig.running.counter.errors == []
        await finish(rig)

    run(scenario())


def test_an_id_that_is_named_while_a_create_is_open_touches_neither_group() -> None:
    """The one that was made is found and kept; the named one is not enabled, sized or marked."""

    async def scenario() -> None:
        rig = await ready()
        launch = next(iter(rig.simulator.configurations()))
        body = {
            "scaling_group_name": "theirs",
            "scaling_configuration_id": launch,
            "vpc_id": "vpc-a",
            "networks": [{"id": "net-a"}],
            "desire_instance_number": 3,
            "max_instance_number": 10,
        }
        theirs = rig.simulator.do("CreateScalingGroup", body)["scaling_group_id"]
        lost: list[str] = []

        def trouble(operation: str, write: bool) -> str:
            if operation == "CreateScalingGroup" and not lost:
                lost.append(operation)
                return "drop-after"
            return ""

        rig.simulator.trouble = trouble
        rig.kube.apply(GROUPS, "new", {**GROUP_SPEC, "desiredCapacity": 1})
        await rig.until(lambda: bool(lost), 60, 0.02)
        await asyncio.sleep(0.2)
        rig.kube.edit(GROUPS, "new", lambda spec: spec.update(externalId=theirs))
        await asyncio.sleep(400)
        group = rig.simulator.groups()[theirs]
        assert (group["scaling_group_status"], group["desire_instance_number"]) == ("PAUSED", 3)
        old = rig.kube.status(GROUPS, "web")["externalId"]
        assert rig.kube.status(GROUPS, "new")["externalId"] not in (theirs, old)
        assert rig.kube.condition(GROUPS, "new", "Accepted") == ("False", "ImmutableValue")
        rig.kube.remove(GROUPS, "new")
        await rig.until(lambda: not rig.kube.exists(GROUPS, "new"), 300)
        assert set(rig.simulator.groups()) == {theirs, old}
        await finish(rig)

    run(scenario())


@pytest.mark.parametrize("refusal", ["", "AS.2033", "AS.0001"])
def test_a_pause_that_the_user_asks_for_is_not_told_as_somebody_elses_doing(refusal: str) -> None:
    """Neither while it waits nor while the cloud refuses it."""

    async def scenario() -> None:
        rig = await ready()
        rig.simulator.trouble = lambda operation, write: refusal if operation == "ActionScalingGroup" else ""
        rig.kube.edit(GROUPS, "web", lambda spec: spec.update(enabled=False))
        await asyncio.sleep(120)
        assert rig.kube.condition(GROUPS, "web", "Ready") == ("True", "Available" if refusal else "Disabled")
        assert "EnabledExternally" not in {event[2] for event in rig.kube.events}
        await finish(rig)

    run(scenario())


def test_an_object_applied_again_right_after_it_was_orphaned_finds_its_group() -> None:
    """The list in memory is older than the group."""

    async def scenario() -> None:
        rig = await ready(deletionPolicy="Orphan")
        rig.kube.remove(GROUPS, "web")
        await rig.until(lambda: not rig.kube.exists(GROUPS, "web"), 60)
        rig.group()
        await rig.until(lambda: rig.synced(GROUPS, "web"), 120)
        assert len(rig.simulator.groups()) == 1
        assert rig.kube.condition(GROUPS, "web", "Adopted") == ("True", "AdoptedByMarker")
        await finish(rig)

    run(scenario())


def test_an_older_object_that_only_names_an_id_does_not_take_a_group_from_its_owner() -> None:
    """It is refused the adoption; the owner goes on."""

    async def scenario() -> None:
        rig = Rig()
        rig.launch()
        rig.group("older", managementPolicy="ObserveOnly")
        rig.account()
        await asyncio.sleep(5)
        rig.group("web")
        await rig.start()
        await rig.until(lambda: rig.synced(GROUPS, "web"), 120)
        external_id = rig.kube.status(GROUPS, "web")["externalId"]
        rig.kube.edit(GROUPS, "older", lambda spec: spec.update(externalId=external_id, managementPolicy="Full"))
        await asyncio.sleep(120)
        rig.kube.edit(GROUPS, "web", lambda spec: spec.update(desiredCapacity=4))
        await rig.until(lambda: rig.kube.status(GROUPS, "web")["desiredCapacity"] == 4, 120)
        assert rig.kube.condition(GROUPS, "older", "Synced")[0] == "False"
        rig.kube.edit(GROUPS, "older", lambda spec: spec.update(deletionPolicy="Delete"))
        await asyncio.sleep(5)
        rig.kube.remove(GROUPS, "older")
        await rig.until(lambda: not rig.kube.exists(GROUPS, "older"), 120)
        assert external_id in rig.simulator.groups()
        await finish(rig)

    run(scenario())


def test_of_two_objects_that_adopt_the_same_group_the_older_keeps_it() -> None:
    """The younger writes nothing, and its end takes nothing away."""

    async def scenario() -> None:
        rig = await ready(deletionPolicy="Orphan")
        external_id = rig.kube.status(GROUPS, "web")["externalId"]
        rig.simulator.do("UpdateScalingGroup", {"description": "handmade"}, scaling_group_id=external_id)
        rig.kube.remove(GROUPS, "web")
        await rig.until(lambda: not rig.kube.exists(GROUPS, "web"), 60)
        tags = {"action": "delete", "tags": [{"key": "cso-owner"}]}
        rig.simulator.do("ActionScalingTags", tags, resource_type="scaling_group_tag", resource_id=external_id)
        await asyncio.sleep(60)
        rig.group("first", externalId=external_id, desiredCapacity=None)
        await rig.until(lambda: rig.synced(GROUPS, "first"), 120)
        await asyncio.sleep(5)
        rig.group("second", externalId=external_id, desiredCapacity=7, deletionPolicy="Delete")
        await asyncio.sleep(200)
        assert rig.kube.condition(GROUPS, "second", "Synced")[0] == "False"
        assert rig.simulator.groups()[external_id]["desire_instance_number"] == 2
        rig.kube.remove(GROUPS, "second")
        await rig.until(lambda: not rig.kube.exists(GROUPS, "second"), 120)
        assert external_id in rig.simulator.groups()
        await finish(rig)

    run(scenario())


def test_a_refused_field_does_not_hold_up_the_size() -> None:
    """An autoscaler goes on while the cloud refuses another property."""

    async def scenario() -> None:
        rig = await ready()
        rig.kube.edit(GROUPS, "web", lambda spec: spec.update(healthCheck={"type": "LoadBalancer"}))
        await rig.until(lambda: rig.kube.condition(GROUPS, "web", "Synced") == ("False", "Rejected"), 120)
        rig.kube.edit(GROUPS, "web", lambda spec: spec.update(desiredCapacity=6))
        await rig.until(lambda: rig.kube.status(GROUPS, "web")["desiredCapacity"] == 6, 300)
        assert rig.kube.condition(GROUPS, "web", "Synced") == ("False", "Rejected")
        await finish(rig)

    run(scenario())


def test_an_enforced_group_without_a_size_is_given_one_and_keeps_it() -> None:
    """Through /scale, once; a move by others is written back."""

    async def scenario() -> None:
        rig = await ready(desiredCapacity=None, minSize=2, capacityManagement="Enforced")
        await rig.until(lambda: rig.kube.objects[GROUPS, "web", "web"]["spec"].get("desiredCapacity") == 2, 60)
        external_id = rig.kube.status(GROUPS, "web")["externalId"]
        rig.simulator.do("UpdateScalingGroup", {"desire_instance_number": 5}, scaling_group_id=external_id)
        await asyncio.sleep(120)
        assert rig.simulator.groups()[external_id]["desire_instance_number"] == 2
        await finish(rig)

    run(scenario())


def test_a_field_that_somebody_resets_every_time_is_left_alone_for_half_an_hour_and_holds_nothing_up() -> None:
    """W6: three times, then UpdateLoop; the size still follows."""

    async def scenario() -> None:
        rig = await ready()
        external_id = rig.kube.status(GROUPS, "web")["externalId"]

        def reset(write: Write, groups: dict[str, Any]) -> None:
            if "cool_down_time" in (write.body or {}):
                rig.simulator.do("UpdateScalingGroup", {"cool_down_time": 300}, scaling_group_id=external_id)

        rig.simulator.watchers.append(reset)
        rig.kube.edit(GROUPS, "web", lambda spec: spec.update(cooldownSeconds=60))
        await rig.until(lambda: rig.kube.condition(GROUPS, "web", "Synced") == ("False", "UpdateLoop"), 120)
        fought = [w for w in rig.simulator.writes if "cool_down_time" in (w.body or {})]
        assert len(fought) == 3
        await asyncio.sleep(1500)
        assert len([w for w in rig.simulator.writes if "cool_down_time" in (w.body or {})]) == 3
        await asyncio.sleep(4000)
        assert 4 <= len([w for w in rig.simulator.writes if "cool_down_time" in (w.body or {})]) <= 7
        rig.kube.edit(GROUPS, "web", lambda spec: spec.update(desiredCapacity=4))
        await rig.until(lambda: rig.kube.status(GROUPS, "web")["desiredCapacity"] == 4, 120)
        await finish(rig)

    run(scenario())


def test_a_wish_is_seeded_once_even_if_the_watch_lags_behind() -> None:
    """Done again it would overwrite what an autoscaler has asked for meanwhile."""

    async def scenario() -> None:
        rig = await ready(desiredCapacity=None)
        rig.kube._watch_lag_s = 40.0
        seeds: list[str] = []
        rig.kube.fail = lambda verb: seeds.append(verb) if verb == "scale" else None  # type: ignore[func-returns-value]
        rig.kube.edit(GROUPS, "web", lambda spec: spec.update(capacityManagement="Enforced"))
        await rig.until(lambda: bool(seeds), 120)
        await asyncio.sleep(0.1)
        rig.kube.edit(GROUPS, "web", lambda spec: spec.update(desiredCapacity=4))
        await asyncio.sleep(200)
        assert seeds == ["scale"]
        assert rig.kube.status(GROUPS, "web")["desiredCapacity"] == 4
        await finish(rig)

    run(scenario())


def test_a_group_with_a_mistyped_account_can_be_deleted() -> None:
    """The operator saw it come and made no call for it, so there is nothing to look for."""

    async def scenario() -> None:
        rig = Rig()
        await rig.start()
        rig.group(accountRef={"name": "amce"})
        rig.launch(accountRef={"name": "amce"})
        await asyncio.sleep(10)
        rig.kube.remove(GROUPS, "web")
        await rig.until(lambda: not rig.kube.exists(GROUPS, "web"), 60)
        rig.kube.remove(LAUNCHES, "lc")
        await rig.until(lambda: not rig.kube.exists(LAUNCHES, "lc"), 60)
        await rig.kill()

    run(scenario())
