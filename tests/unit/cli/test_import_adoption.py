"""What the import prints, applied: nothing is written, everything is as wanted, and Full changes nothing either."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest
from account_by_hand import GROUPS, configurations, groups
from crd_check import KINDS, spec_complaints
from import_rig import Account
from virtual_time import run

PLURALS = {kind: plural for plural, kind in KINDS.items()}


@pytest.mark.parametrize("vendor", ["Huawei", "OTC"])
def test_a_whole_account_is_adopted_without_a_write(vendor: str) -> None:
    """25 groups made by hand: ObserveOnly writes nothing, Full nothing but the mark of ownership."""

    async def scenario() -> None:
        made = Account(vendor)
        made.fill()
        assert await made.run_import(output="yaml") == 0
        manifests = made.manifests()
        assert Counter(m["kind"] for m in manifests)["ScalingGroup"] == GROUPS
        assert "not imported 1\n" in made.err.getvalue()  # the policy that takes away more than all
        rig = made.rig
        for manifest in manifests:
            plural = PLURALS[manifest["kind"]]
            assert not spec_complaints(plural, manifest["spec"])
            rig.kube.apply(plural, manifest["metadata"]["name"], manifest["spec"])
        objects = [(PLURALS[m["kind"]], m["metadata"]["name"]) for m in manifests]
        await made.operate()
        await rig.until(lambda: all(rig.synced(*found) for found in objects), 300)
        await asyncio.sleep(600)
        assert all(rig.kube.condition(*found, "Synced") == ("True", "UpToDate") for found in objects), rig.report()
        assert all(rig.kube.condition(*found, "Accepted") == ("True", "Valid") for found in objects), rig.report()
        assert not [found for found in objects if rig.kube.status(*found).get("drift")]
        assert not [event for event in rig.kube.events if event[1] == "Warning"]
        assert made.writes() == []
        for plural, name in objects:
            rig.kube.edit(plural, name, lambda spec: spec.update(managementPolicy="Full"))
        await rig.until(lambda: all(rig.synced(*found) for found in objects), 300)
        await asyncio.sleep(600)
        assert all(rig.kube.condition(*found, "Synced") == ("True", "UpToDate") for found in objects), rig.report()
        assert Counter(made.writes()) == {"ActionScalingTags": GROUPS}
        assert {_keys(write.body) for write in rig.simulator.writes} == {("cso-owner",)}
        await rig.kill()

    run(scenario())


def _keys(body: Any) -> tuple[str, ...]:
    return tuple(tag["key"] for tag in body["tags"])


def test_a_schedule_that_has_fired_is_adopted_as_it_is() -> None:
    """Its time lies in the past: nothing is wrong with that, and nothing is written."""

    async def scenario() -> None:
        made = Account()
        (configuration,) = made.seed(configurations=configurations()[:1])["configurations"]
        group = groups([configuration])[0]
        (group_id,) = made.seed(groups=[group])["groups"]
        once = {"launch_time": "2026-03-02T06:20Z"}
        action = {"operation": "SET", "size": 2}
        policy = {"scaling_policy_name": "once", "scaling_policy_type": "SCHEDULED", "scheduled_policy": once}
        owner = {"scaling_resource_id": group_id, "scaling_resource_type": "SCALING_GROUP"}
        made.seed(policies=[{**policy, **owner, "scaling_policy_action": action}])
        await asyncio.sleep(3600)
        await made.run_import(output="yaml")
        rig = made.rig
        for manifest in made.manifests():
            rig.kube.apply(PLURALS[manifest["kind"]], manifest["metadata"]["name"], manifest["spec"])
        await made.operate()
        await rig.until(lambda: rig.synced("scalingpolicies", "once"), 300)
        assert rig.kube.condition("scalingpolicies", "once", "Accepted") == ("True", "Valid")
        assert not [event for event in rig.kube.events if event[1] == "Warning"]
        assert made.writes() == []
        await rig.kill()

    run(scenario())
