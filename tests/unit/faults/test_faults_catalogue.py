"""Which scenarios the kill harness plays, and where."""

from __future__ import annotations

from collections import Counter

from tests.faults import catalogue
from tests.faults.vendors import HUAWEI, OTC, VENDORS

BOTH = (HUAWEI, OTC)


def test_every_file_of_scenarios_registers_itself_and_names_are_unique() -> None:
    """A name is asked for on the command line and stands in the namespace."""
    names = [scenario.name for scenario in catalogue.SCENARIOS]
    assert {"create", "scale", "policy-create", "delete-release", "launch-delete", "orphan-returns"} <= set(names)
    assert [name for name, count in Counter(names).items() if count > 1] == []
    assert all(len(f"f99999-{vendor}-{name}") <= 63 for name in names for vendor in VENDORS)


def test_every_scenario_is_played_at_every_vendor_that_has_what_it_needs() -> None:
    """What is left out is named with the reason."""
    played = {scenario.label for scenario in catalogue.played(catalogue.SCENARIOS, BOTH, mixed=False)}
    left_out = catalogue.left_out(catalogue.SCENARIOS, BOTH)
    assert {"create@huawei", "create@otc", "force-standby-detach@huawei"} <= played
    assert "force-standby-detach@otc (no standby)" in left_out
    assert len(played) + len(left_out) == 2 * len(catalogue.SCENARIOS)


def test_the_short_form_plays_each_scenario_once_and_both_vendors_alike() -> None:
    """Where one vendor lacks something, the other plays it and the next ones even it out."""
    played = catalogue.played(catalogue.SCENARIOS, BOTH, mixed=True)
    counted = Counter(scenario.vendor.name for scenario in played)
    assert [scenario.name for scenario in played] == [scenario.name for scenario in catalogue.SCENARIOS]
    assert abs(counted["huawei"] - counted["otc"]) <= 1
    assert {s.vendor for s in catalogue.played(catalogue.SCENARIOS, (OTC,), mixed=True)} == {OTC}


def test_words_of_need_are_words_that_some_vendor_lacks() -> None:
    """A misspelt need would leave nothing out."""
    words = {word for vendor in VENDORS.values() for word in vendor.lacks}
    assert {word for scenario in catalogue.SCENARIOS for word in scenario.needs} <= words
