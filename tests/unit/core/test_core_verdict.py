"""Conditions: when they move, which exist, and what deployment tools see."""

from __future__ import annotations

from core_samples import (
    NOW,
    SETTLED,
    cloud_group,
    decide_group,
    group_facts,
    later,
    observed,
    scaling_group,
)

from cloudscaling.api.conditions import Condition
from cloudscaling.core import status
from cloudscaling.core.diff import Difference
from cloudscaling.core.facts import Unresolved, Untrusted
from cloudscaling.core.plan import Plan
from cloudscaling.core.verdict import MESSAGE_LIMIT, false, find, settle, true, unknown


def settled(
    old: tuple[Condition, ...], *verdicts: object, at: float = 0.0, generation: int = 3
) -> tuple[Condition, ...]:
    return settle(old, verdicts, generation=generation, now=later(at))  # type: ignore[arg-type]


def test_the_transition_time_moves_only_with_the_status() -> None:
    """Reason and message may change without it."""
    first = settled((), true("Ready", "Available"))
    same = settled(first, true("Ready", "Disabled", "other"), at=60)
    moved = settled(same, false("Ready", "Creating"), at=120)
    times = [next(iter(c)).last_transition_time for c in (first, same, moved)]
    assert times == [NOW, NOW, later(120)]
    assert same[0].reason == "Disabled"


def test_each_condition_has_the_generation_it_was_computed_from() -> None:
    """One that nobody spoke of keeps its own."""
    old = settled((), true("Ready", "Available"), true("Synced", "UpToDate"), generation=1)
    new = settled(old, true("Synced", "UpToDate"), generation=2)
    assert {c.type: c.observed_generation for c in new} == {"Ready": 1, "Synced": 2}


def test_the_last_verdict_of_a_type_wins() -> None:
    """General ones stand in front of special ones."""
    found = settled((), true("Accepted", "Valid"), false("Accepted", "ImmutableValue"))
    assert [(c.type, c.reason) for c in found] == [("Accepted", "ImmutableValue")]


def test_reconciling_and_stalled_exist_only_while_true() -> None:
    """kstatus counts on it."""
    on = settled((), true("Stalled", "Rejected"))
    assert find(on, "Stalled") is not None
    assert settled(on, false("Stalled", "NotApplicable")) == ()


def test_a_message_is_cut() -> None:
    """The schema has a limit."""
    assert len(settled((), true("Ready", "Available", "x" * 9999))[0].message) == MESSAGE_LIMIT


def test_the_always_present_types_are_there_after_the_first_look() -> None:
    """Whatever is known."""
    found = decide_group(group_facts(scaling_group(), account=Unresolved("AccountNotFound", "acme")))
    types = {c.type for c in found.status.conditions}
    assert types >= {"Ready", "Accepted", "ReferencesResolved", "Synced", "ScalingInProgress", "CapacityDrifted"}
    assert not types & {"Throttled", "Paused", "Adopted", "Deleting"}


def test_pending_is_reconciling_and_refused_is_stalled_never_both() -> None:
    """Synced decides, Accepted=False first."""

    def kstatus(synced: object, accepted: object = true("Accepted", "Valid")) -> set[str]:
        plan = Plan(synced=synced, verdicts=(accepted,))  # type: ignore[arg-type]
        found = status.conditions((), plan, true("Ready", "Available"), generation=1, now=NOW)
        return {c.type for c in found} & {"Reconciling", "Stalled"}

    assert kstatus(true("Synced", "UpToDate")) == set()
    assert kstatus(false("Synced", "Updating")) == {"Reconciling"}
    assert kstatus(false("Synced", "Rejected")) == {"Stalled"}
    assert kstatus(false("Synced", "DriftObserved")) == set()
    assert kstatus(false("Synced", "Updating"), false("Accepted", "Unsupported")) == {"Stalled"}
    assert kstatus(unknown("Synced", "ReadUntrusted")) == set()


def test_only_a_long_silence_turns_the_conditions_unknown() -> None:
    """One failed page patches nothing."""
    before = decide_group(group_facts(scaling_group(SETTLED), seen=observed(cloud_group()))).status
    resource = scaling_group(SETTLED).model_copy(update={"status": before})
    short = decide_group(group_facts(resource, seen=Untrusted("timeout", 3.0), now=later(60)))
    assert short.status == before
    long = decide_group(group_facts(resource, seen=Untrusted("timeout", 3.0), now=later(600), blind=True))
    for type_ in ("Ready", "Synced", "ScalingInProgress", "CapacityDrifted"):
        assert long.says(type_) == ("Unknown", "ReadUntrusted")
    assert long.status.desired_capacity == before.desired_capacity


def test_an_account_that_is_gone_keeps_what_was_accepted() -> None:
    """What cannot be judged is not judged anew."""
    refused = decide_group(group_facts(scaling_group(SETTLED, maxSize=999), seen=observed(cloud_group()))).status
    resource = scaling_group(SETTLED, maxSize=999).model_copy(update={"status": refused})
    found = decide_group(group_facts(resource, account=Unresolved("CredentialsInvalid", "refused")))
    assert found.says("Accepted") == ("False", "InvalidValue")
    assert found.says("ReferencesResolved") == ("False", "CredentialsInvalid")


def test_a_paused_account_is_a_reference_and_a_paused_object_is_a_pause() -> None:
    """The pause of the account is a condition of the account only."""
    account = decide_group(group_facts(scaling_group(SETTLED), account=Unresolved("AccountPaused", "acme is paused")))
    assert account.call is None
    assert account.says("ReferencesResolved") == ("False", "AccountPaused")
    assert account.says("Paused") == ("", "")
    own = decide_group(group_facts(scaling_group(SETTLED, paused=True), seen=observed(cloud_group())))
    assert own.says("Paused") == ("True", "ObjectPaused")
    resource = scaling_group(SETTLED).model_copy(update={"status": own.status})
    after = decide_group(group_facts(resource, seen=observed(cloud_group())))
    assert after.says("Paused") == ("False", "NotPaused")


def test_drift_is_short_and_never_longer_than_the_schema() -> None:
    """Twenty entries, a thousand characters each."""
    found = status.drift(Difference(str(n), {"long": "x" * 5000}, None) for n in range(30))
    assert len(found) == 20
    assert all(len(d.desired or "") <= 1024 and d.observed is None for d in found)


def test_the_echo_of_a_requested_reconcile_is_stored() -> None:
    """Whatever the plan."""
    metadata = {"annotations": {"cloudscaling.dev/reconcile-requested-at": "now"}}
    found = decide_group(group_facts(scaling_group(SETTLED, metadata), seen=observed(cloud_group())))
    assert found.status.last_handled_reconcile_at == "now"
