"""The generated API reference."""

from pathlib import Path

from cloudscaling.api import meta, reference

DIRECTORY = Path(__file__).resolve().parents[3] / "docs" / "reference"


def test_checked_in_reference_is_fresh() -> None:
    """If not: python -m cloudscaling.api.reference docs/reference."""
    assert reference.files().differences(DIRECTORY) == []


def test_page_has_a_row_for_every_kind_of_field() -> None:
    """Type, bounds, default, whether it is required and when it is fixed stand beside the description."""
    page = reference.page("ScalingGroup")
    row = "| `{}` | {} | {} | {} | {} | {}"
    assert row.format("minSize", "integer, 0 to 10000", "", "yes", "", "Fewest instances") in page
    assert row.format("enabled", "boolean", "`true`", "", "", "Whether the cloud") in page
    assert "| `accountRef.name` | string, at most 63 characters, `" in page
    assert "| yes | fixed | Name of the CloudAccount. |" in page
    assert "fixed while status.externalId is set" in page
    assert "| `Ready` | Unknown | `ReadUntrusted` |" in page


def test_whole_spec_can_be_fixed() -> None:
    """A kind that runs once has few fields that are not fixed."""
    page = reference.page("InstanceOperation")
    assert "| `suspend` | boolean | `false` |  |  | Stop before" in page
    assert "|  | yes | fixed | Name of the ScalingGroup. |" in page


def test_tables_hold_together() -> None:
    """No cell breaks its row."""
    for kind in meta.KINDS:
        for line in reference.page(kind).splitlines():
            if line.startswith("|"):
                assert line.replace("\\|", "").count("|") in {3, 4, 7}
