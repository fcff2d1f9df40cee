"""Names and marks of cloud objects."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import given

from cloudscaling.core.naming import NAME_LIMIT, Owner, add_mark, split_mark

KUBE_NAMES = st.from_regex(r"[a-z0-9]([-.a-z0-9]{0,60}[a-z0-9])?", fullmatch=True)


@given(KUBE_NAMES)
def test_a_default_name_is_legal_everywhere_and_ends_with_the_mark(name: str) -> None:
    """At most forty characters, letters, digits and dashes."""
    owner = Owner("cluster", "web", "ScalingGroup", name)
    assert len(owner.cloud_name) <= NAME_LIMIT
    assert owner.cloud_name.endswith(f"-{owner.mark}")
    assert "." not in owner.cloud_name
    assert owner.cloud_name[0].isalnum()


@given(KUBE_NAMES, st.integers(1, 999))
def test_a_revision_name_is_legal_everywhere(name: str, revision: int) -> None:
    """Room for three digits of the revision."""
    found = Owner("cluster", "web", "LaunchConfiguration", name).revision_name(revision)
    assert len(found) <= NAME_LIMIT
    assert found.endswith(f"-r{revision}")


@pytest.mark.parametrize("part", ["cluster", "namespace", "kind", "name"])
def test_every_part_of_the_owner_changes_the_mark(part: str) -> None:
    """Two clusters, namespaces, kinds or names never share a mark."""
    parts = {"cluster": "c", "namespace": "n", "kind": "k", "name": "x"}
    assert Owner(**parts).mark != Owner(**{**parts, part: "other"}).mark


def test_the_mark_is_the_documented_one() -> None:
    """First ten characters of base32(sha256(cluster/namespace/kind/name)), lower case."""
    mark = Owner("cluster", "web", "ScalingGroup", "web").mark
    assert len(mark) == 10
    assert mark == mark.lower()
    assert mark == Owner("cluster", "web", "ScalingGroup", "web").mark


def test_an_explicit_name_is_taken_as_it_is_but_for_the_revision() -> None:
    """A revision still needs a name of its own."""
    assert Owner("c", "n", "k", "x").revision_name(4, "mine") == "mine-r4"


@given(st.text(alphabet="abc []:cso", max_size=20))
def test_a_mark_comes_off_as_it_went_on(text: str) -> None:
    """The description that the user gave survives."""
    clean = split_mark(text)[0].rstrip()
    assert split_mark(add_mark(clean, "abcdefgh23")) == (clean, "abcdefgh23")


@pytest.mark.parametrize("text", ["", "plain", "[cso:short]", "[cso:abcdefgh23] in front"])
def test_a_text_without_a_mark_at_its_end_is_left_alone(text: str) -> None:
    """Only the end counts."""
    assert split_mark(text) == (text, "")


def test_no_mark_adds_nothing() -> None:
    """An adopted object keeps its description."""
    assert add_mark("text", "") == "text"
