"""Objects without what is large and of no use here. Called by kube.objects, kube.secrets and handlers.watch.

Field ownership (managedFields) and kubectl's copy of the manifest are more than half of the bytes of an
object.
"""

from __future__ import annotations

from collections.abc import Mapping

from cloudscaling.core.model import Json

_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def whole(found: Mapping[str, Json]) -> dict[str, Json]:
    """A copy of an object; the original stays as it is."""
    return {**found, "metadata": metadata(found["metadata"])}


def metadata(found: Mapping[str, Json]) -> dict[str, Json]:
    """A copy of an object's metadata."""
    kept = {key: value for key, value in found.items() if key != "managedFields"}
    if _LAST_APPLIED in kept.get("annotations", ()):
        kept["annotations"] = {k: v for k, v in kept["annotations"].items() if k != _LAST_APPLIED}
    return kept
