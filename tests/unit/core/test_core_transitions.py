"""Events that follow from two statuses and that every kind, a launch configuration or an account has."""

from __future__ import annotations

from typing import Any

import pytest

from cloudscaling.api.conditions import ConditionStatus, ConditionType
from cloudscaling.api.events import EVENTS, ON_EVERY_KIND
from cloudscaling.api.reasons import REASONS
from cloudscaling.api.v1alpha1.launchconfiguration import LaunchConfigurationStatus
from cloudscaling.core import transitions


def status(**fields: Any) -> LaunchConfigurationStatus:
    return LaunchConfigurationStatus.model_validate(fields)


def condition(type_: str, is_: str, reason: str) -> dict[str, Any]:
    moment = {"lastTransitionTime": "2026-01-01T00:00:00Z"}
    return {"conditions": [{"type": type_, "status": is_, "reason": reason, "message": "why", **moment}]}


def told(old: LaunchConfigurationStatus, new: LaunchConfigurationStatus) -> list[tuple[str, bool]]:
    return [(notice.reason, notice.warning) for notice in transitions.of_object(old, new)]


def test_a_look_that_was_asked_for_is_told_once_per_request() -> None:
    """By the echo of the annotation."""
    first, second = status(lastHandledReconcileAt="a"), status(lastHandledReconcileAt="b")
    assert told(status(), first) == [("ReconcileRequested", False)]
    assert told(first, first) == []
    assert told(first, second) == [("ReconcileRequested", False)]


@pytest.mark.parametrize(
    ("old", "new", "events"),
    [
        (condition("Paused", "True", "ObjectPaused"), condition("Paused", "False", "NotPaused"), ["Resumed"]),
        (condition("Paused", "True", "ObjectPaused"), condition("Paused", "True", "GroupPaused"), []),
        ({}, condition("ReferencesResolved", "False", "AccountNotFound"), ["ReferenceNotResolved"]),
        (
            condition("ReferencesResolved", "False", "AccountNotFound"),
            condition("ReferencesResolved", "False", "SecretNotFound"),
            ["ReferenceNotResolved"],
        ),
        ({}, condition("ReferencesResolved", "False", "AccountNotVerified"), []),
        ({}, condition("ReferencesResolved", "False", "LaunchConfigurationNotCreated"), []),
        ({}, condition("Ready", "False", "EndpointUnreachable"), ["EndpointUnreachable"]),
    ],
)
def test_a_condition_with_a_new_reason_is_told_once(
    old: dict[str, Any], new: dict[str, Any], events: list[str]
) -> None:
    """What comes by itself is no Warning."""
    assert [event for event, _ in told(status(**old), status(**new))] == events
    assert told(status(**new), status(**new)) == []


def test_the_rows_name_conditions_and_events_that_exist() -> None:
    """Of at least one kind that has both, with the type that the table of Events says."""
    for (type_, reason), (event, warning) in transitions.OF_CONDITIONS.items():
        kinds = [kind for kind, by_type in REASONS.items() if reason in _reasons(by_type, type_)]
        general = ON_EVERY_KIND.warning if warning else ON_EVERY_KIND.normal
        own = [EVENTS[kind].warning if warning else EVENTS[kind].normal for kind in kinds]
        assert kinds, (type_, reason)
        assert event in general or any(event in events for events in own), event


def _reasons(by_type: Any, type_: str) -> set[str]:
    by_status = by_type.get(ConditionType(type_), {})
    return {str(reason) for each in ConditionStatus for reason in by_status.get(each, ())}


def test_another_current_revision_is_told() -> None:
    """The one that new instances come from."""
    first, second = status(currentRevision=1), status(currentRevision=2)
    assert [n.reason for n in transitions.of_launch(status(), first)] == ["RevisionActivated"]
    assert [n.reason for n in transitions.of_launch(first, second)] == ["RevisionActivated"]
    assert transitions.of_launch(second, second) == ()
