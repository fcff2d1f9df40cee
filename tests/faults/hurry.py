"""Asks the operator to look at once at what does not move. Used by trial until something was interrupted."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass, field

from tests.faults.cluster import ClusterError
from tests.faults.stage import Stage, View

HURRY_AFTER_S = 1.0
RECONCILE = "cloudscaling.dev/reconcile-requested-at"


@dataclass
class Hurry:
    """Asks for a look at what does not move, by the API's own annotation; never once something was interrupted."""

    stage: Stage
    _known: dict[tuple[str, str], tuple[str, float]] = field(default_factory=dict)

    async def along(self, view: View) -> None:
        now = time.monotonic()
        for key, item in view.objects.items():
            version = item["metadata"]["resourceVersion"]
            before = self._known.get(key)
            if before is None or before[0] != version:
                self._known[key] = (version, now)
            elif now - before[1] >= HURRY_AFTER_S and key[0] != "cloudaccounts" and _slow(view, key):
                with suppress(ClusterError):
                    await self.stage.annotate(*key, RECONCILE, str(time.monotonic_ns()))


def _slow(view: View, key: tuple[str, str]) -> bool:
    unsettled = dict(view.unsettled())
    return key in unsettled or key[0] == "scalinggroups"
