"""Scenarios: deletions that come at a bad moment, and objects that come back."""

from __future__ import annotations

from tests.faults import checks, manifests
from tests.faults.scenarios_delete import CONFIGURATION_STAYS, POLICIES, delete_group, make, only_left
from tests.faults.scenarios_group import GROUP
from tests.faults.stage import Scenario, Stage, Step, View, both, desired, gone, settled

_POLICY_KEYS = {("scalingpolicies", policy["metadata"]["name"]) for policy in POLICIES}


async def _impatient(stage: Stage) -> None:
    await stage.create(manifests.launch(), manifests.group())
    await stage.write_seen("CreateScalingGroup")
    await stage.delete(*GROUP)


async def _delete_while_scaling(stage: Stage) -> None:
    await stage.group_spec(desiredCapacity=5)
    await stage.write_seen("UpdateScalingGroup")
    await stage.delete(*GROUP)


async def _make_again(stage: Stage) -> None:
    await stage.create(manifests.group())


async def _scale_orphan(stage: Stage) -> None:
    group = (await stage.view()).group("web")["scaling_group_id"]
    await stage.console("ConsoleSetDesire", body={"scaling_group_id": group, "desire_instance_number": 5})


def _has_five(view: View) -> str:
    group = view.group("web")
    return "" if group["current_instance_number"] == 5 and not group["is_scaling"] else "the cloud has not 5 yet"


async def _ask_for_three(stage: Stage) -> None:
    await stage.group_spec(desiredCapacity=3)


SCENARIOS = (
    Scenario(
        "delete-while-creating",
        (Step("create, and delete before the answer", _impatient, gone(GROUP)),),
        checks.all_of(checks.no_groups, CONFIGURATION_STAYS),
        wishes=(2,),
        may_skip=frozenset({2}),
        loose=True,
    ),
    Scenario(
        "delete-while-scaling",
        (
            Step("the group", make(), settled, setup=True),
            Step("scale out, and delete before the answer", _delete_while_scaling, gone(GROUP)),
        ),
        checks.all_of(checks.no_groups, CONFIGURATION_STAYS, checks.no_servers),
        wishes=(2, 5, 0),
        may_skip=frozenset({5}),
        loose=True,
    ),
    Scenario(
        "policies-return",
        (
            Step("group and policies", make(*POLICIES), settled, setup=True),
            Step("delete the group", delete_group, only_left(_POLICY_KEYS), setup=True),
            Step("create it again", _make_again, settled),
        ),
        checks.all_of(checks.policies("daily", "on-alarm"), checks.servers(released=2, members=2)),
        wishes=(2, 0, 2),
    ),
    Scenario(
        "orphan-returns",
        (
            Step("a group that is kept", make(deletionPolicy="Orphan"), settled, setup=True),
            Step("delete it", delete_group, gone(GROUP), setup=True),
            Step("somebody scales it to 5", _scale_orphan, _has_five, setup=True),
            Step("the object comes back, wanting 2", _make_again, settled),
            Step("ask for 3", _ask_for_three, both(settled, desired(3))),
        ),
        checks.all_of(checks.group(desire_instance_number=3), checks.servers(members=3, released=2)),
        wishes=(2, 3),
    ),
)
