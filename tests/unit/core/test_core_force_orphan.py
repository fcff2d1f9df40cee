"""An object that its user gives up by annotation: no call is made, so nothing is waited for. All kinds."""

from __future__ import annotations

from typing import Any

import pytest
from core_samples import (
    GONE,
    UID,
    decide_group,
    decide_launch,
    decide_policy,
    group_facts,
    launch_configuration,
    launch_facts,
    policy_facts,
    scaling_group,
    scaling_policy,
)

from cloudscaling.core.calls import ReleaseFinalizer
from cloudscaling.core.facts import Unresolved
from cloudscaling.core.policy.facts import GroupTarget

DECIDE: dict[str, Any] = {
    "ScalingGroup": lambda metadata, facts, **spec: decide_group(
        group_facts(scaling_group({"externalId": "g-1"}, metadata, **spec), **facts)
    ),
    "LaunchConfiguration": lambda metadata, facts, **spec: decide_launch(
        launch_facts(launch_configuration({"externalId": "id-1"}, metadata, **spec), **facts)
    ),
    "ScalingPolicy": lambda metadata, facts, **spec: decide_policy(
        policy_facts(scaling_policy({"externalId": "p-1"}, metadata, **spec), **facts)
    ),
}
GIVEN_UP = {**GONE, "annotations": {"cloudscaling.dev/force-orphan": UID}}
ACCOUNT_PAUSED = {"account": Unresolved("AccountPaused", "CloudAccount acme is paused")}


@pytest.mark.parametrize("kind", DECIDE)
@pytest.mark.parametrize(
    ("facts", "spec"),
    [({}, {"paused": True}), (ACCOUNT_PAUSED, {}), ({}, {"deletionProtection": True})],
    ids=["object paused", "account paused", "protected"],
)
def test_an_object_that_is_given_up_goes_however_it_is_held(
    kind: str, facts: dict[str, Any], spec: dict[str, Any]
) -> None:
    """Without the annotation it waits."""
    found = DECIDE[kind](GIVEN_UP, facts, **spec)
    assert (found.call, found.said) == (ReleaseFinalizer(), ["ForceOrphaned"])
    assert DECIDE[kind](GONE, facts, **spec).call is None


def test_a_policy_that_is_given_up_goes_although_its_group_is_paused() -> None:
    """The pause of a group holds its policies."""
    facts = {"target": GroupTarget("g-1", "web", paused=True)}
    assert DECIDE["ScalingPolicy"](GIVEN_UP, facts).call == ReleaseFinalizer()


@pytest.mark.parametrize("kind", DECIDE)
def test_the_annotation_alone_deletes_nothing(kind: str) -> None:
    """It speaks of an object that is being deleted."""
    metadata = {"annotations": GIVEN_UP["annotations"]}
    assert not isinstance(DECIDE[kind](metadata, {}).call, ReleaseFinalizer)


@pytest.mark.parametrize("kind", DECIDE)
def test_an_object_without_our_finalizer_needs_no_release(kind: str) -> None:
    """It is gone as soon as the API server says so."""
    assert DECIDE[kind](GIVEN_UP, {"finalizer_stored": False}).call is None
