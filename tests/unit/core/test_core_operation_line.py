"""Whose turn it is among the operations of one group."""

from __future__ import annotations

from typing import Any

import pytest
from operation_samples import BEGUN, DONE, GONE, IN_WORK, iop, said

from cloudscaling.api.v1alpha1.instanceoperation import InstanceOperation
from cloudscaling.core.operation.line import comes_first

OLD, NEW = "2026-03-02T05:00:00Z", "2026-03-02T05:30:00Z"


def one(name: str, at: str = OLD, status: dict[str, Any] | None = None, **more: Any) -> InstanceOperation:
    spec = {"suspend": more.pop("suspend", False)}
    return iop(status, {"name": name, "uid": f"uid-{name}", "creationTimestamp": at, **more}, **spec)


MINE = one("mine", NEW)


def test_the_older_one_comes_first() -> None:
    """By creation, then by uid."""
    assert comes_first(MINE, [one("a", OLD)]) == "a"
    assert comes_first(one("a", OLD), [MINE]) == ""
    assert comes_first(one("b", OLD), [one("a", OLD)]) == "a"
    assert comes_first(one("a", OLD), [one("b", OLD)]) == ""
    assert comes_first(MINE, [one("b", OLD), one("a", OLD)]) == "a"


@pytest.mark.parametrize(
    "other",
    [
        one("x", status={**DONE, **said("Complete", "True", "Succeeded")}),
        one("x", status={**DONE, **said("Failed", "True", "Rejected")}),
        one("x", status=said("Accepted", "False", "Unsupported")),
        one("x", status=said("ReferencesResolved", "False", "ScalingPolicyNotFound")),
        one("x", suspend=True),
        one("x", status=BEGUN, suspend=True),
        one("x", **GONE),
    ],
    ids=["complete", "failed", "refused", "unresolved", "suspended", "suspended in between", "deleted before it began"],
)
def test_who_cannot_go_on_holds_nobody_up(other: InstanceOperation) -> None:
    """Although it is older."""
    assert comes_first(MINE, [other]) == ""


def test_who_has_begun_comes_before_who_has_not() -> None:
    """A younger one that runs is not overtaken; an open call comes before everything."""
    assert comes_first(one("old", OLD), [one("young", NEW, BEGUN)]) == "young"
    assert comes_first(one("old", OLD, BEGUN), [one("young", NEW, IN_WORK, suspend=True)]) == "young"
    assert comes_first(one("young", NEW, IN_WORK), [one("old", OLD, BEGUN)]) == ""


def test_answers_to_hooks_stand_in_no_line() -> None:
    """What they let go is what the others wait for, and they take a moment."""
    hook = {"instanceIds": ["i-1"], "action": "CompleteLifecycleAction"}
    hook["lifecycleAction"] = {"hookName": "drain", "result": "Continue"}
    for status in ({}, BEGUN, IN_WORK):
        answer = iop(status, {"name": "answer", "uid": "uid-answer", "creationTimestamp": NEW}, **hook)
        assert comes_first(answer, [one("old", OLD, IN_WORK)]) == ""
        assert comes_first(one("young", "2026-03-02T05:45:00Z"), [answer]) == ""
