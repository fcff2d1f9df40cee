"""The manifests in the documentation are real: no field is misspelt, and the clouds they are for can do what they ask.

Bounds and CEL rules are the API server's, see tests/e2e.
"""

from __future__ import annotations

from typing import Any

import pytest
from docs_manifests import manifests

from cloudscaling.api.v1alpha1 import MODELS
from cloudscaling.core.accept import BLOCKS, check
from cloudscaling.vendors import VENDORS
from mapping import probe, rows
from mapping.samples import SAMPLES

FOUND = list(manifests())


@pytest.mark.parametrize("manifest", [found for _, found in FOUND], ids=[where for where, _ in FOUND])
def test_manifest_has_known_fields_only(manifest: dict[str, Any]) -> None:
    """What the model does not know would not come back from it."""
    resource = MODELS[manifest["kind"]].model_validate(manifest)
    assert resource.spec.model_dump(by_alias=True, exclude_unset=True, mode="json") == manifest["spec"]


@pytest.mark.parametrize("manifest", [found for _, found in FOUND], ids=[where for where, _ in FOUND])
def test_the_cloud_can_do_what_a_manifest_asks(manifest: dict[str, Any]) -> None:
    """In the documentation an account is called as its vendor; a policy without an account must suit every vendor."""
    spec = manifest["spec"]
    account = (spec.get("accountRef") or {}).get("name")
    if manifest["kind"] not in SAMPLES:
        return
    for vendor in VENDORS:
        able = probe.account(vendor, probe.Ear()).capabilities
        if account in (None, able.block) and not ({*BLOCKS} - {able.block}) & spec.keys():
            assert check(spec, rows.table_of(able, manifest["kind"]), vendor=vendor, block=able.block) == ()


def test_there_are_manifests() -> None:
    """Of every kind that has a page."""
    assert {found["kind"] for _, found in FOUND} >= {"CloudAccount", "LaunchConfiguration", "ScalingGroup"}
