"""What hangs on a group, the plan for it: made, changed, removed if ours, left alone otherwise."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from core_samples import (
    ACCOUNT,
    GROUP_TABLE,
    SETTLED,
    Decided,
    cloud_group,
    cloud_policy,
    decide_group,
    group_facts,
    later,
    observed,
    scaling_group,
)

from cloudscaling.core.calls import (
    CloseWarmPool,
    DeleteHook,
    DeleteNotification,
    EnableGroup,
    PutHook,
    PutNotification,
    SetDesiredCapacity,
    SetWarmPool,
    UpdateGroup,
)
from cloudscaling.core.facts import Setback
from cloudscaling.core.fields import CHILD, OPERATOR, Mutability, Rule
from cloudscaling.core.group.facts import Children
from cloudscaling.core.model import GroupState, Hook, Notification, PendingAction, Quota, WarmPool

TABLE = {
    **GROUP_TABLE,
    "lifecycleHooks": Rule(Mutability.CHILD, max_items=5),
    "lifecycleHooks[].name": OPERATOR,
    "lifecycleHooks[].transition": CHILD,
    "lifecycleHooks[].defaultResult": CHILD,
    "lifecycleHooks[].timeoutSeconds": Rule(Mutability.CHILD, low=60),
    "lifecycleHooks[].target.topic": CHILD,
    "notifications": CHILD,
    "notifications[].name": OPERATOR,
    "notifications[].events": CHILD,
    "notifications[].target.topic": CHILD,
    "huawei.warmPool": CHILD,
    "loadBalancers.classicIds": Rule(Mutability.WHEN_IDLE, shared=True, max_items=2),
}
HOOK = {"name": "warmup", "transition": "Launching", "target": {"topic": "t"}}
FIELDS = {"transition": "Launching", "defaultResult": "Continue", "timeoutSeconds": 600, "target.topic": "t"}
EVENTS = ["ScaleInFailed", "ScaleOutFailed"]
NOTE = {"name": "oncall", "events": EVENTS, "target": {"topic": "t"}}
BOUND = Notification("id-t", {"events": EVENTS, "target.topic": "t"})
NOTHING = Children(hooks=(), notifications=(), warm_pools=())


def decide(
    children: Children = NOTHING,
    group: dict[str, Any] | None = None,
    facts: dict[str, Any] | None = None,
    status: dict[str, Any] | None = None,
    **spec: Any,
) -> Decided:
    resource = scaling_group({**SETTLED, **(status or {})}, **spec)
    fields = {"loadBalancers.classicIds": [], **(group or {}).pop("fields", {})}
    seen = observed(cloud_group(fields=fields, **(group or {})))
    account = replace(ACCOUNT, group_fields=TABLE)
    return decide_group(group_facts(resource, account=account, seen=seen, children=children, **(facts or {})))


def ours(**names: Any) -> dict[str, Any]:
    return {"managed": names}


def test_a_hook_of_the_spec_is_made_and_entered_before_the_call() -> None:
    """Refused, it is not ours after all."""
    found = decide(lifecycleHooks=[HOOK])
    assert found.call == PutHook("g-1", Hook("warmup", FIELDS))
    assert found.plan.record["managed"].lifecycle_hooks == ("warmup",)
    assert found.plan.step is not None
    assert found.plan.step.refused == {"managed": None}
    assert found.says("Synced") == ("False", "Updating")


def test_an_equal_hook_is_adopted_without_a_write_and_is_not_ours() -> None:
    """So it stays when the spec forgets it."""
    children = replace(NOTHING, hooks=(Hook("warmup", {**FIELDS, "metadata": "x"}),))
    found = decide(children, lifecycleHooks=[HOOK])
    assert found.call is None
    assert found.says("Synced") == ("True", "UpToDate")
    assert found.status.managed is None
    assert [hook.name for hook in found.status.lifecycle_hooks] == ["warmup"]
    later_on = decide(children)
    assert later_on.call is None
    assert later_on.status.unmanaged.lifecycle_hooks == ("warmup",)


def test_a_hook_that_differs_is_corrected_field_by_field() -> None:
    """Whoever made it: the spec names it."""
    children = replace(NOTHING, hooks=(Hook("warmup", {**FIELDS, "timeoutSeconds": 60}),))
    found = decide(children, lifecycleHooks=[HOOK])
    assert found.call == PutHook("g-1", Hook("warmup", FIELDS), frozenset({"timeoutSeconds"}))
    assert "managed" not in found.plan.record


@pytest.mark.parametrize("busy", [False, True], ids=["idle", "busy"])
def test_a_hook_of_ours_goes_when_the_group_is_idle(busy: bool) -> None:
    """The vendor does not delete one during an activity."""
    children = replace(NOTHING, hooks=(Hook("warmup", FIELDS), Hook("by-hand", FIELDS)))
    found = decide(children, {"busy": busy}, status=ours(lifecycleHooks=["warmup"]))
    assert found.call == (None if busy else DeleteHook("g-1", "warmup"))
    assert found.says("Synced") == ("False", "WaitingForActivity" if busy else "Updating")
    assert found.status.unmanaged.lifecycle_hooks == ("by-hand",)


def test_a_hook_that_is_gone_is_forgotten_without_a_call() -> None:
    """By a trusted list only."""
    found = decide(status=ours(lifecycleHooks=["warmup"], tagKeys=["team"]))
    assert found.call is None
    assert found.status.managed.lifecycle_hooks == ()
    unread = decide(Children(), status=ours(lifecycleHooks=["warmup"]))
    assert unread.status.managed.lifecycle_hooks == ("warmup",)


def test_a_hook_with_a_problem_is_neither_written_nor_removed_and_others_are() -> None:
    """W4, item by item."""
    wrong = {**HOOK, "name": "short", "timeoutSeconds": 30}
    hooks = (Hook("short", FIELDS), Hook("old", FIELDS))
    children = replace(NOTHING, hooks=hooks)
    found = decide(children, status=ours(lifecycleHooks=["short", "old"]), lifecycleHooks=[wrong, HOOK])
    assert found.call == PutHook("g-1", Hook("warmup", FIELDS))
    settled = replace(NOTHING, hooks=(*hooks, Hook("warmup", FIELDS)))
    assert decide(settled, status=ours(lifecycleHooks=["short", "old"]), lifecycleHooks=[wrong, HOOK]).call is None


def test_a_notification_is_known_by_its_target_and_replaced_to_change() -> None:
    """Its name is the spec's own."""
    assert decide(notifications=[NOTE]).call == PutNotification(
        "g-1", Notification("t", {"events": EVENTS, "target.topic": "t"})
    )
    bound = replace(NOTHING, notifications=(BOUND,))
    renamed = decide(bound, status=ours(notifications=["t"]), notifications=[{**NOTE, "name": "other"}])
    assert renamed.call is None
    assert [(n.name, n.external_id) for n in renamed.status.notifications] == [("other", "id-t")]
    other = {**NOTE, "events": ["GroupAbnormal"]}
    assert decide(bound, notifications=[other]).call == DeleteNotification("g-1", "id-t")
    assert decide(bound, status=ours(notifications=["t"])).call == DeleteNotification("g-1", "id-t")
    assert decide(bound).call is None


def test_a_warm_pool_is_set_as_a_whole_and_closed_when_it_is_ours() -> None:
    """The member that the spec leaves out goes along as it was seen."""
    pool = WarmPool("ACTIVE", 2, 30)
    assert decide(huawei={"warmPool": {}}).call == SetWarmPool("g-1", None, None)
    open_ = replace(NOTHING, warm_pools=(pool,))
    assert decide(open_, huawei={"warmPool": {"capacity": 2}}).call is None
    assert decide(open_, huawei={"warmPool": {"capacity": 5}}).call == SetWarmPool("g-1", 5, 30)
    assert decide(open_).call is None
    assert decide(open_, status=ours(warmPool=True)).call == CloseWarmPool("g-1")
    closing = replace(NOTHING, warm_pools=(replace(pool, active=False),))
    waits = decide(closing, status=ours(warmPool=True))
    assert (waits.call, waits.says("Synced")[0]) == (None, "False")
    assert decide(closing, huawei={"warmPool": {"capacity": 2}}).call is None


def test_items_of_a_shared_list_are_compared_one_by_one() -> None:
    """Only what status.managed names is dropped."""
    found = decide(group={"fields": {"loadBalancers.classicIds": ["theirs"]}}, loadBalancers={"classicIds": ["a"]})
    assert isinstance(found.call, UpdateGroup)
    assert found.call.change.changed == {"loadBalancers.classicIds": ["a"]}
    assert found.call.change.dropped == {}
    assert found.plan.record["managed"].classic_ids == ("a",)
    there = {"fields": {"loadBalancers.classicIds": ["a", "theirs"]}}
    assert decide(group=dict(there), loadBalancers={"classicIds": ["a"]}).call is None
    assert decide(group=dict(there)).call is None
    gone = decide(group=dict(there), status=ours(classicIds=["a"]))
    assert isinstance(gone.call, UpdateGroup)
    assert gone.call.change.dropped == {"loadBalancers.classicIds": frozenset({"a"})}
    busy = decide(group={**there, "busy": True}, status=ours(classicIds=["a"]))
    assert (busy.call, busy.says("Synced")) == (None, ("False", "WaitingForActivity"))


def test_what_could_not_be_read_is_not_written_and_nothing_is_claimed() -> None:
    """The last word on Synced stays."""
    found = decide(Children(missed=True), lifecycleHooks=[HOOK])
    assert (found.call, found.plan.synced) == (None, None)
    assert found.plan.wait_s == 10
    denied = decide(Children(missed=True, denied="AS.0031: no"), lifecycleHooks=[HOOK])
    assert denied.says("Synced") == ("False", "PermissionDenied")


def test_an_observed_group_shows_its_children_as_drift() -> None:
    """ObserveOnly writes nothing."""
    children = replace(NOTHING, hooks=(Hook("old", FIELDS),))
    found = decide(
        children,
        status=ours(lifecycleHooks=["old"]),
        managementPolicy="ObserveOnly",
        lifecycleHooks=[HOOK],
        loadBalancers={"classicIds": ["a"]},
    )
    assert found.call is None
    assert [d.path for d in found.status.drift] == [
        "loadBalancers.classicIds",
        "lifecycleHooks[warmup]",
        "lifecycleHooks[old]",
    ]


def test_a_refused_child_holds_up_nothing_but_itself() -> None:
    """The size, another hook; and what is refused is said when nothing else is left."""
    refused = Setback("Rejected", "no such topic", 3, later(600), call="PutHook warmup")
    facts = {"refusals": (refused,)}
    found = decide(facts=facts, lifecycleHooks=[HOOK], desiredCapacity=5)
    assert isinstance(decide(facts=facts, lifecycleHooks=[HOOK, {**HOOK, "name": "two"}]).call, PutHook)
    assert found.plan.record  # the wish is recorded at first
    sized = decide(facts=facts, status={"lastAppliedDesiredCapacity": 3}, lifecycleHooks=[HOOK], desiredCapacity=5)
    assert isinstance(sized.call, SetDesiredCapacity)
    rest = decide(facts=facts, lifecycleHooks=[HOOK])
    assert (rest.call, rest.says("Synced")) == (None, ("False", "Rejected"))


def test_a_new_group_is_enabled_after_its_children() -> None:
    """A refused hook keeps it disabled, a refused notification does not."""
    operation = {"id": "op", "type": "Create", "state": "Issued", "target": 1, "startedAt": "2026-03-02T05:59:00Z"}
    new = {"state": GroupState.DISABLED}
    status = {"operation": operation, "lastAppliedDesiredCapacity": None}
    spec = {"lifecycleHooks": [HOOK], "notifications": [NOTE]}
    assert isinstance(decide(NOTHING, dict(new), status=status, **spec).call, PutHook)
    hooked = replace(NOTHING, hooks=(Hook("warmup", FIELDS),))
    assert isinstance(decide(hooked, dict(new), status=status, **spec).call, PutNotification)
    done = decide(replace(hooked, notifications=(BOUND,)), dict(new), status=status, **spec)
    assert isinstance(done.call, EnableGroup)
    assert done.plan.record["operation"].stage == "Attached"
    no_topic = {"refusals": (Setback("Rejected", "no", 3, later(600), call="PutNotification t"),)}
    assert isinstance(decide(hooked, dict(new), no_topic, status, **spec).call, EnableGroup)
    no_hook = {"refusals": (Setback("Rejected", "no", 3, later(600), call="PutHook warmup"),)}
    held = decide(replace(NOTHING, notifications=(BOUND,)), dict(new), no_hook, status, **spec)
    assert (held.call, held.says("Synced")) == (None, ("False", "Rejected"))
    assert decide(Children(missed=True), dict(new), status=status, **spec).call is None


def test_who_waits_in_a_hook_and_the_quotas_are_shown() -> None:
    """The soonest deadline first; no token is ever shown."""
    waiting = tuple(PendingAction("warmup", f"i-{n}", "secret", later(n), "Abandon") for n in (30, 10, 20))
    children = replace(NOTHING, hooks=(Hook("warmup", FIELDS),), pending=waiting, quotas=(Quota("Instances", 3, 300),))
    found = decide(children, lifecycleHooks=[HOOK])
    assert [one.instance_id for one in found.status.pending_lifecycle_actions] == ["i-10", "i-20", "i-30"]
    assert found.status.lifecycle_hooks[0].waiting_instances == 3
    assert found.status.quotas[0].used == 3
    assert "secret" not in found.status.model_dump_json()
    assert found.events == ["LifecycleActionPending"] * 3
    in_time = (PendingAction("warmup", "i-1", "secret", later(601), "Abandon"),)
    assert decide(replace(children, pending=in_time), lifecycleHooks=[HOOK]).events == []


# --- bounds that a schedule moves -------------------------------------------------------------------------------------

MOVED = {"min_size": 2, "max_size": 8, "fields": {"minSize": 2, "maxSize": 8}}
SCHEDULE = cloud_policy(id="task", name="night")


def test_d7_bounds_that_a_schedule_moved_are_left_and_reported() -> None:
    """A schedule with an object here, or one that only the cloud has."""
    applied = {"lastAppliedBounds": {"minSize": 1, "maxSize": 10}}
    for facts, children in (({"bounds_scheduled": True}, NOTHING), ({}, replace(NOTHING, schedules=(SCHEDULE,)))):
        found = decide(children, dict(MOVED), facts, applied)
        assert found.call is None
        assert found.says("CapacityDrifted") == ("False", "BoundsChangedBySchedule")
        assert found.says("Synced") == ("True", "UpToDate")
    unknown = {"unmanaged": {"schedules": ["night"]}, **applied}
    assert decide(Children(missed=True), dict(MOVED), status=unknown).call is None
    assert decide(Children(missed=True), dict(MOVED), status=applied).call is None


def test_d7_without_a_record_the_bounds_are_recorded_and_not_written() -> None:
    """The first look at a group with a schedule."""
    found = decide(group=dict(MOVED), facts={"bounds_scheduled": True})
    assert found.call is None
    assert (found.status.last_applied_bounds.min_size, found.status.last_applied_bounds.max_size) == (1, 10)


def test_d7_a_change_of_the_spec_is_written_once() -> None:
    """And counts as written when the call has succeeded."""
    applied = {"lastAppliedBounds": {"minSize": 1, "maxSize": 9}}
    found = decide(group=dict(MOVED), facts={"bounds_scheduled": True}, status=applied)
    assert isinstance(found.call, UpdateGroup)
    assert found.plan.step is not None
    assert found.plan.step.after["last_applied_bounds"].max_size == 10
    edited = {"minSize": 2, "maxSize": 8, "observedGeneration": 2}
    at_once = decide(group=dict(MOVED), facts={"bounds_scheduled": True}, status=edited)
    assert isinstance(at_once.call, UpdateGroup)
    assert at_once.plan.record["last_applied_bounds"].max_size == 8


def test_without_a_schedule_bounds_are_written_whenever_they_differ() -> None:
    """The record is dropped, so that a later schedule starts anew."""
    applied = {"lastAppliedBounds": {"minSize": 1, "maxSize": 10}}
    found = decide(replace(NOTHING, schedules=()), dict(MOVED), status=applied)
    assert isinstance(found.call, UpdateGroup)
    assert decide(status=applied).status.last_applied_bounds is None
