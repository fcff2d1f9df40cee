"""What holds after any sequence of calls and any passing of time."""

from __future__ import annotations

import itertools

from cloudsim_rig import Rig
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from cloudsim.faults import Fault, Kind

MAXIMUM = 8
ACTIONS = st.sampled_from(["REMOVE", "PROTECT", "UNPROTECT", "ENTER_STANDBY", "EXIT_STANDBY"])
YES_NO = st.sampled_from(["yes", "no"])
URN = "urn:smn:region:project:topic"


class GroupMachine(RuleBasedStateMachine):
    """One group under arbitrary calls; refusals are fine, broken promises are not."""

    @initialize(policy=st.sampled_from(["OLD_INSTANCE", "NEW_INSTANCE", "OLD_CONFIG_NEW_INSTANCE"]))
    def start(self, policy: str) -> None:
        """Create an enabled group with a policy."""
        self.rig = Rig()
        self.group = self.rig.group(
            desire_instance_number=2, max_instance_number=MAXIMUM, instance_terminate_policy=policy
        )
        self.policy = self.rig.policy(self.group)
        self.added = 0
        self.protected_before: set[str] = set()
        self.manual_removals: set[str] = set()
        self.finished: list[str] = []

    def call(self, operation: str, body: dict[str, object], **path: str) -> int:
        """Run a call that may be refused, but only with a code."""
        status, content = self.rig.cloud.call(operation, path, {}, body)
        assert status in (200, 204) or content["error"]["code"].startswith("AS.")
        return status

    @rule(desire=st.integers(-1, MAXIMUM + 1))
    def set_desire(self, desire: int) -> None:
        """Ask for any number."""
        self.call("UpdateScalingGroup", {"desire_instance_number": desire}, scaling_group_id=self.group)

    @rule(minimum=st.integers(0, 4))
    def set_minimum(self, minimum: int) -> None:
        """Move the lower bound."""
        self.call("UpdateScalingGroup", {"min_instance_number": minimum}, scaling_group_id=self.group)

    @rule(action=st.sampled_from(["resume", "pause"]))
    def switch(self, action: str) -> None:
        """Enable or disable."""
        self.call("ActionScalingGroup", {"action": action}, scaling_group_id=self.group)

    @rule(action=ACTIONS, picks=st.sets(st.integers(0, MAXIMUM), min_size=1, max_size=3), flag=YES_NO)
    def batch(self, action: str, picks: set[int], flag: str) -> None:
        """Act on some members that are in the right state."""
        state = "STANDBY" if action == "EXIT_STANDBY" else "INSERVICE"
        ids = [m["instance_id"] for m in self.rig.members(self.group, life_cycle_state=state)]
        chosen = sorted({ids[p % len(ids)] for p in picks}) if ids else []
        body: dict[str, object] = {"action": action, "instances_id": chosen, "instance_delete": flag}
        if action != "REMOVE":
            body["instance_append"] = flag
        done = self.call("BatchActionScalingInstances", body, scaling_group_id=self.group) == 204
        if done and action == "REMOVE":
            self.manual_removals.update(chosen)

    @rule(count=st.integers(1, 3))
    def add(self, count: int) -> None:
        """Bring servers from outside."""
        ids = [f"server-{self.added + n}" for n in range(count)]
        self.added += count
        body: dict[str, object] = {"action": "ADD", "instances_id": ids}
        self.call("BatchActionScalingInstances", body, scaling_group_id=self.group)

    @rule(
        operation=st.sampled_from(["ADD", "REDUCE", "SET"]),
        amount=st.one_of(
            st.integers(0, 10).map(lambda n: ("size", n)), st.integers(0, 300).map(lambda n: ("percentage", n))
        ),
        alarm=st.booleans(),
    )
    def run_policy(self, operation: str, amount: tuple[str, int], alarm: bool) -> None:
        """Execute a policy by hand or by alarm."""
        action: dict[str, object] = {"scaling_policy_action": {"operation": operation, amount[0]: amount[1]}}
        self.call("UpdateScalingV2Policy", action, scaling_policy_id=self.policy)
        if alarm:
            self.rig.cloud.fire_alarm(self.policy, {}, self.rig.world.catch_up())
        else:
            self.call("ActionScalingPolicy", {"action": "execute"}, scaling_policy_id=self.policy)

    @rule(
        kind=st.sampled_from(["INSTANCE_LAUNCHING", "INSTANCE_TERMINATING"]),
        result=st.sampled_from(["ABANDON", "CONTINUE"]),
    )
    def hook(self, kind: str, result: str) -> None:
        """Add a hook."""
        body: dict[str, object] = {
            "lifecycle_hook_name": kind,
            "lifecycle_hook_type": kind,
            "default_result": result,
            "default_timeout": 60,
            "notification_topic_urn": URN,
        }
        self.call("CreateLifeCycleHook", body, scaling_group_id=self.group)

    @rule(desire=st.integers(0, MAXIMUM))
    def scale_and_settle(self, desire: int) -> None:
        """Ask for a number and give the group the time to follow."""
        self.set_desire(desire)
        self.rig.later(70)

    @rule()
    def fail_next_launch(self) -> None:
        """Let a server fail to start."""
        self.rig.world.faults.add(Fault("", "huawei", "*", Kind.INSTANCE_FAIL))

    @rule(seconds=st.sampled_from([1, 5, 10, 10, 60, 400, 4000]))
    def wait(self, seconds: int) -> None:
        """Let time pass."""
        self.rig.later(seconds)

    @invariant()
    def promises_hold(self) -> None:
        """Bounds, protection and the order of activities."""
        if not hasattr(self, "rig"):
            return
        shown, members = self.rig.show(self.group), self.rig.members(self.group)
        assert shown["min_instance_number"] <= shown["desire_instance_number"] <= shown["max_instance_number"]
        assert len(members) <= MAXIMUM
        self._check_protected(members)
        self._check_serial()

    def _check_protected(self, members: list[dict[str, object]]) -> None:
        present = {str(m["instance_id"]) for m in members}
        gone = self.protected_before - present - self.manual_removals
        assert not gone
        self.protected_before = {str(m["instance_id"]) for m in members if m["protect_from_scaling_down"]}

    def _check_serial(self) -> None:
        log = self.rig.activities(self.group)
        assert sum(1 for row in log if row["status"] == "DOING") <= 1
        for newer, older in itertools.pairwise(log):
            assert older["end_time"] is not None
            assert older["end_time"] <= newer["start_time"]


TestGroup = GroupMachine.TestCase
TestGroup.settings = settings(max_examples=80, stateful_step_count=40, deadline=None)


def test_same_calls_give_the_same_world() -> None:
    """Ids and names come from a counter."""

    def run() -> object:
        rig = Rig()
        rig.world.clock.advance(2_000_000_000 - rig.world.clock.now())
        rig.group(desire_instance_number=3)
        return rig.world.dump()

    assert run() == run()
