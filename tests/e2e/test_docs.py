"""The manifests in the documentation pass the API server: bounds, patterns and CEL rules."""

from __future__ import annotations

import pytest
from docs_manifests import manifests
from e2e_stage import Release
from kubectl import Kubectl

from cloudscaling.api import meta

pytestmark = pytest.mark.e2e


def test_manifests_of_the_documentation_are_accepted(chart: Release, admin: Kubectl) -> None:
    """One by one, in a dry run; kinds whose CRD is not shipped yet are left out."""
    kubectl = admin.inside("default")
    for where, manifest in manifests():
        if manifest["kind"] in meta.RELEASED_KINDS:
            done = kubectl.run("apply", "--dry-run=server", "-f", "-", given=manifest)
            assert done.returncode == 0, f"{where}: {done.stderr}"
