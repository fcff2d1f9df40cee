"""Every operation of every cloud has a field or command, a method of the port and a test; the page says so."""

from __future__ import annotations

import pytest

from coverage_table import rows, uses
from coverage_table.__main__ import main


def test_the_table_is_whole_and_fresh() -> None:
    """`make generate` writes the page; `make coverage-table` records anew which test exercises what."""
    assert list(rows.problems()) == []
    assert main(["--check"]) == 0


@pytest.mark.parametrize(
    ("use", "said"),
    [
        ("ScalingGroup spec.colour", "has no field 'spec.colour'"),
        ("ScalingGrape spec.minSize", "there is no kind"),
        ("InstanceOperation spec.action=Dance", "cannot be 'Dance'"),
        ("cloudscaling export", "there is no command"),
        ("cloudscaling import --by-colour", "there is no command"),
    ],
)
def test_a_use_that_does_not_exist_is_told(use: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fields, values and commands are looked up where they are defined."""
    monkeypatch.setitem(uses.USES, "CreateScalingGroup", (use,))
    assert any(said in problem for problem in uses.problems())


def test_an_operation_without_a_use_or_a_proof_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A new operation of the documents fails the check until all of it is there."""
    known = rows.documented()
    monkeypatch.setattr(rows, "documented", lambda: (*known, "PaintScalingGroup"))
    told = [problem for problem in rows.problems() if "PaintScalingGroup" in problem]
    assert len(told) == 6  # no use, no method, no proof, at two clouds
