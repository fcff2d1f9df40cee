"""An existing group: one write at a time, only what differs, only what may be written now."""

from __future__ import annotations

from typing import Any

import pytest
from core_samples import MARK, SETTLED, cloud_group, decide_group, group_facts, observed, scaling_group

from cloudscaling.core.calls import EnableGroup, SetDesiredCapacity, SetTags, UpdateGroup
from cloudscaling.core.model import GroupState


def decide(status: dict[str, Any] | None = None, seen: Any = None, metadata: Any = None, **spec: Any) -> Any:
    resource = scaling_group({**SETTLED, **(status or {})}, metadata, **spec)
    return decide_group(group_facts(resource, seen=observed(seen or cloud_group())))


ADOPTED = {"externalId": "g-1"}


def test_a_group_as_wanted_is_left_alone() -> None:
    """A second look after success plans nothing."""
    found = decide()
    assert (found.call, found.plan.record) == (None, {})
    assert found.says("Synced") == ("True", "UpToDate")
    assert found.says("Reconciling") == found.says("Stalled") == ("", "")


def test_only_the_changed_fields_are_sent() -> None:
    """And nothing about the desired capacity."""
    found = decide(cooldownSeconds=60, maxSize=20)
    assert isinstance(found.call, UpdateGroup)
    assert found.call.change.changed == {"cooldownSeconds": 60, "maxSize": 20}
    assert found.call.change.desired is None
    assert found.call.change.marker == MARK
    assert found.says("Synced") == ("False", "Updating")
    assert {d.path for d in found.plan.drift} == {"cooldownSeconds", "maxSize"}


def test_a_field_that_is_not_given_is_neither_compared_nor_written() -> None:
    """Adoption changes nothing by surprise."""
    assert decide(seen=cloud_group(fields={"cooldownSeconds": 77})).call is None


def test_the_order_is_properties_tags_enabled_desired() -> None:
    """One call per look, always the first that is due."""
    status = {"lastAppliedDesiredCapacity": 2, "lastAppliedEnabled": False}
    spec = {"cooldownSeconds": 60, "tags": {"a": "1"}, "desiredCapacity": 5}
    off = {"state": GroupState.DISABLED, "fields": {}}
    assert isinstance(decide(status, cloud_group(**off), **spec).call, UpdateGroup)
    off = {"state": GroupState.DISABLED, "fields": {"cooldownSeconds": 60}}
    assert isinstance(decide(status, cloud_group(**off), **spec).call, SetTags)
    off = {"state": GroupState.DISABLED, "fields": {"cooldownSeconds": 60, "tags": {"a": "1"}}}
    assert isinstance(decide(status, cloud_group(**off), **spec).call, EnableGroup)
    status["lastAppliedEnabled"] = True
    seen = cloud_group(fields={"cooldownSeconds": 60, "tags": {"a": "1"}})
    assert isinstance(decide(status, seen, **spec).call, SetDesiredCapacity)


# --- whose the group is ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("operation", [None, {"id": "o", "type": "SetDesiredCapacity", "from": 3, "target": 5}])
def test_an_adopted_group_that_bears_the_tag_of_another_owner_is_not_written(operation: Any) -> None:
    """The other writes it now; a call that was open is not repeated either."""
    begun = {"state": "Issued", "startedAt": "2026-03-02T05:50:00Z"}
    status = {"lastAppliedDesiredCapacity": 3, "operation": {**operation, **begun} if operation else None}
    found = decide(status, cloud_group(owner_tag="other", marker=""), **ADOPTED, desiredCapacity=5, cooldownSeconds=60)
    assert (found.call, dict(found.plan.record)) == (None, {})
    assert found.says("Adopted") == ("False", "OwnedByOther")
    assert found.says("Synced") == ("False", "NameConflict")


def test_an_adopted_group_whose_other_owner_has_left_is_kept_as_wanted_again() -> None:
    """The tag is gone, and Adopted says so."""
    said = {"type": "Adopted", "status": "False", "reason": "OwnedByOther", "message": ""}
    said["lastTransitionTime"] = "2026-03-02T05:00:00Z"
    found = decide({"conditions": [said]}, cloud_group(owner_tag="", marker=""), **ADOPTED)
    assert found.call.put["cso-owner"] == MARK
    assert found.says("Adopted") == ("True", "AdoptedById")


# --- when a field may be written -------------------------------------------------------------------------------------


def test_mi_fields_wait_for_an_idle_group_and_say_so() -> None:
    """No Warning; the drift names the field."""
    spec = {"network": {"zones": ["b"]}}
    found = decide(seen=cloud_group(busy=True), **spec)
    assert found.call is None
    assert found.says("Synced") == ("False", "WaitingForActivity")
    assert [d.path for d in found.status.drift] == ["network.zones"]
    assert found.plan.wait_s == 10
    assert isinstance(decide(**spec).call, UpdateGroup)


@pytest.mark.parametrize(
    ("seen", "writes"),
    [
        ({}, False),
        ({"state": GroupState.DISABLED}, False),
        ({"current": 0}, False),
        ({"state": GroupState.DISABLED, "current": 0, "busy": True}, False),
        ({"state": GroupState.DISABLED, "current": 0}, True),
    ],
    ids=["running", "disabled", "empty", "busy", "disabled, empty and idle"],
)
def test_me_fields_need_a_disabled_empty_idle_group(seen: dict[str, Any], writes: bool) -> None:
    """The other writes do not wait for them."""
    found = decide({"lastAppliedEnabled": True}, cloud_group(**seen), network={"subnetIds": ["net-b"]})
    assert isinstance(found.call, UpdateGroup) is writes
    if not writes:
        assert found.says("Synced")[0] == "False"


def test_iv_fields_are_refused_and_named() -> None:
    """Accepted=False/ImmutableValue, the rest goes on."""
    found = decide(network={"vpcId": "vpc-b"})
    assert found.call is None
    assert found.says("Accepted") == ("False", "ImmutableValue")
    assert found.says("Synced") == ("False", "NotAccepted")
    assert found.says("Stalled") == ("True", "ImmutableValue")
    assert [d.path for d in found.status.drift] == ["network.vpcId"]
    both = decide(network={"vpcId": "vpc-b"}, cooldownSeconds=60)
    assert both.call.change.changed == {"cooldownSeconds": 60}
    assert both.says("Accepted") == ("False", "ImmutableValue")


# --- W4 --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        ({"terminationPolicies": ["OldestInstance"]}, "Unsupported"),
        ({"lifecycleHooks": [{"name": "drain", "transition": "Terminating"}]}, "NotImplemented"),
        ({"maxSize": 301}, "InvalidValue"),
    ],
)
def test_w4_a_refused_field_is_not_written_but_all_others_are(spec: dict[str, Any], reason: str) -> None:
    """Sizes included."""
    found = decide({"lastAppliedDesiredCapacity": 3}, desiredCapacity=5, **spec)
    assert found.call == SetDesiredCapacity("g-1", 5, "op-1")
    assert found.says("Accepted") == ("False", reason)
    settled = decide({"lastAppliedDesiredCapacity": 3}, desiredCapacity=3, **spec)
    assert settled.call is None
    assert settled.says("Synced") == ("False", "NotAccepted")


def test_w4_refused_tags_take_no_tag_away() -> None:
    """A field that is refused is not written, so nothing is pruned either."""
    seen = cloud_group(fields={"tags": {"a": "1"}})
    found = decide({"managed": {"tagKeys": ["a"]}}, seen, tags={"a": "1", "b": "2", "c": "3"})
    assert found.says("Accepted") == ("False", "InvalidValue")
    assert found.call is None


def test_a_wrong_vendor_block_forbids_every_write() -> None:
    """Nothing of the object is written, not even its size."""
    found = decide({"lastAppliedDesiredCapacity": 3}, desiredCapacity=5, cooldownSeconds=60, otc={"description": "x"})
    assert (found.call, found.plan.record) == (None, {})
    assert found.says("Accepted") == ("False", "VendorBlockMismatch")


# --- tags ------------------------------------------------------------------------------------------------------------


def test_only_tags_of_ours_are_pruned() -> None:
    """Tags made by others stay."""
    seen = cloud_group(fields={"tags": {"old": "1", "foreign": "2", "a": "0"}})
    found = decide({"managed": {"tagKeys": ["old"]}}, seen, tags={"a": "1"})
    assert found.call == SetTags("g-1", {"a": "1"}, ("old",))


def test_a_key_that_was_pruned_is_ours_no_longer() -> None:
    """Somebody else may use it later."""
    found = decide({"managed": {"tagKeys": ["old"]}}, cloud_group(fields={"tags": {}}))
    assert found.call is None
    assert found.status.managed.tag_keys == ()
    seen = cloud_group(fields={"tags": {"old": "of the console"}})
    assert decide({"managed": {"tagKeys": []}}, seen).call is None


def test_a_missing_ownership_tag_is_put_back() -> None:
    """Even without tags in the spec; a foreign one is left alone."""
    assert decide(seen=cloud_group(owner_tag="")).call == SetTags("g-1", {"cso-owner": MARK})
    assert decide(seen=cloud_group(owner_tag="zzzzzzzzzz")).call is None
