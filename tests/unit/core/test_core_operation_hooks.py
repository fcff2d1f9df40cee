"""Answers to lifecycle hooks."""

from __future__ import annotations

from typing import Any

from core_samples import cloud_group, instance, observed
from operation_samples import Rig, decide, facts, instances, iop, rig

from cloudscaling import errors
from cloudscaling.core.calls import AnswerHook
from cloudscaling.core.model import HookResult, InstanceState, PendingAction


def waits(name: str, hook: str = "drain") -> PendingAction:
    return PendingAction(hook, name, f"secret-{name}", None, "Continue")


def answer(**spec: Any) -> dict[str, Any]:
    result = {} if spec.pop("extend", False) else {"result": "Continue"}
    action = "CompleteLifecycleAction" if result else "ExtendLifecycleAction"
    tokens = {"tokens": spec.pop("tokens")} if "tokens" in spec else {}
    return {"action": action, "lifecycleAction": {"hookName": "drain", **result, **tokens}, **spec}


def test_hooks_are_answered_one_by_one() -> None:
    """By hook and instance; who does not wait any more is done already."""
    found = rig(
        3, iop(**answer(instanceIds=["i-1", "i-2", "i-3"])), held=[waits("i-1"), waits("i-2"), waits("i-3", "x")]
    )
    found.run()
    assert found.calls == [
        AnswerHook("g-1", HookResult.CONTINUE, "drain", "i-1"),
        AnswerHook("g-1", HookResult.CONTINUE, "drain", "i-2"),
    ]
    assert (found.status.succeeded, found.status.skipped) == (2, 1)


def test_a_selector_chooses_among_the_instances() -> None:
    """Those in a hook."""
    found = rig(2, iop(**answer(instanceSelector={"states": ["PendingHook"]})), held=[waits("h")])
    found.rows["h"] = instance("h", InstanceState.PENDING_HOOK)
    found.run()
    assert (len(found.calls), found.status.succeeded) == (1, 1)


def test_tokens_are_answered_and_never_shown() -> None:
    """A token that nothing waits with is told by its number."""
    tokens = ["secret-i-1", "secret-nobody"]
    found = rig(3, iop(**answer(tokens=tokens)), held=[waits("i-1")])
    found.run()
    assert [call.token for call in found.calls] == ["secret-i-1"]
    assert [(f.instance_id, f.reason) for f in found.status.failures] == [("token:2", "TokenInvalid")]
    assert "secret" not in found.status.model_dump_json() + repr(found.calls) + repr(found.words)


def test_an_answer_that_never_left_is_sent_although_the_group_is_busy() -> None:
    """The activity that the hook holds up ends only with the answer; waiting for it would be for ever."""
    batch = {"index": 1, "instanceIds": ["i-1"], "state": "Issued", "startedAt": "2026-03-02T05:59:00Z", "attempts": 1}
    status = {"total": 1, "instanceIds": ["i-1"], "startTime": "2026-03-02T05:59:00Z", "currentBatch": batch}
    held = {"seen": observed(cloud_group(busy=True)), "pending": observed((waits("i-1"),))}
    found = decide(facts(iop(status, **answer(instanceIds=["i-1"])), *instances(2), **held))
    assert found.call == AnswerHook("g-1", HookResult.CONTINUE, "drain", "i-1")


def test_an_extension_is_done_when_it_was_answered() -> None:
    """It has no other effect to be seen."""
    found = rig(3, iop(**answer(instanceIds=["i-1", "i-2"], extend=True)), held=[waits("i-1")])
    found.run()
    assert [call.result for call in found.calls] == [HookResult.EXTEND]
    assert (found.status.succeeded, found.status.failures[0].reason) == (1, "HookNotWaiting")


def test_an_extension_without_an_answer_is_not_sent_again() -> None:
    """It could extend twice."""

    def lost(found: Rig, where: str) -> None:
        if where == "answer":
            raise errors.OutcomeUnknown("no answer")

    found = rig(3, iop(**answer(instanceIds=["i-1"], extend=True)), held=[waits("i-1")], fault=lost)
    found.run()
    assert (len(found.calls), found.status.failures[0].reason) == (1, "NotVerified")


def test_a_hook_that_the_group_does_not_have_is_named() -> None:
    """A slip in its name would look like instances that have gone on already."""
    for extend in (False, True):
        resource = iop(**answer(instanceIds=["i-1", "i-2"], extend=extend))
        found = decide(facts(resource, *instances(2), hooks=frozenset({"darin", "warmup"})))
        assert (found.call, found.says("Failed")) == (None, ("True", "AllInstancesFailed"))
        assert [(f.instance_id, f.reason) for f in found.status.failures] == [
            ("i-1", "HookNotWaiting"),
            ("i-2", "HookNotWaiting"),
        ]
        assert found.message("Failed") == "the group has no lifecycle hook drain; it has darin, warmup"


def test_a_hook_that_goes_after_the_choice_holds_nobody_any_more() -> None:
    """Which is what was wanted."""
    status = {"total": 1, "instanceIds": ["i-1"], "scalingGroupId": "g-1"}
    found = rig(2, iop(status, **answer(instanceIds=["i-1"])))
    found.run()
    assert (found.calls, found.says("Complete")) == ([], ("True", "NothingToDo"))
