"""The generated pages that say where every field goes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cloudscaling.core.fields import Mutability
from cloudscaling.vendors import VENDORS
from mapping import pages, rows
from mapping.samples import SAMPLES

DIRECTORY = Path(__file__).resolve().parents[3] / "docs" / "vendors"
# Served, and what is served is what the cloud does when nothing is sent.
SILENT = {("OTC", "LaunchConfiguration", "purchaseModel")}


def test_checked_in_pages_are_fresh() -> None:
    """If not: make generate."""
    assert pages.files().differences(DIRECTORY) == []


@pytest.mark.parametrize("vendor", VENDORS)
def test_every_served_field_reaches_the_cloud(vendor: str) -> None:
    """A field that changes nothing in what is sent is served in name only, or is missing in the samples."""
    lost = {
        (vendor, kind, row.path)
        for kind in SAMPLES
        for row in rows.of(vendor, kind)
        if not row.places and not row.refused and row.mutability is not Mutability.OPERATOR
    }
    assert lost == {silent for silent in SILENT if silent[0] == vendor}


def test_a_row_says_place_word_and_call() -> None:
    """As found by changing one field at a time."""
    found = {row.path: row for row in rows.of("Huawei", "ScalingGroup")}
    assert [*found["minSize"].places] == [("CreateScalingGroup", "min_instance_number")]
    assert found["healthCheck.type"].words == {"Instance": "NOVA_AUDIT", "LoadBalancer": "ELB_AUDIT"}
    assert [*found["lifecycleHooks[].metadata"].places] == [("CreateLifeCycleHook", "notification_metadata")]


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_hint_does_not_lead_to_a_field_that_is_lacking_too(vendor: str) -> None:
    """The nearest alternative must be one."""
    rows_of_page = [line.strip("| ").split(" | ") for line in pages.page(vendor).splitlines() if line.count(" | ") == 1]
    lacking = {field.strip("`"): hint for field, hint in rows_of_page}
    assert "alarm.metric" in lacking
    for path, hint in lacking.items():
        assert not lacking.keys() & set(re.findall(r"[\w.\[\]]+", hint)), path
