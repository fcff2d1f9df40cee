"""The helm binary for the chart's tests."""

import pytest
from chart_rig import Chart

from localplane import binaries


@pytest.fixture(scope="session")
def chart() -> Chart:
    """The chart, with helm from PATH or from the build of the local control plane."""
    return Chart(binaries.helm())
