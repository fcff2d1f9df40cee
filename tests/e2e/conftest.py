"""Fixtures of the end-to-end tests: one local control plane for the whole session."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(_ROOT / "hack"), str(_ROOT / "tests" / "unit" / "api")]

from localplane.cluster import ControlPlane  # noqa: E402 - found through the line above


@pytest.fixture(scope="session")
def plane() -> Iterator[ControlPlane]:
    """A running control plane: real etcd, kube-apiserver and kube-controller-manager."""
    with ControlPlane.start() as running:
        yield running
