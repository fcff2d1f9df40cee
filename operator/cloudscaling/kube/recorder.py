"""Which Events are worth posting: each (object, reason, message) once in ten minutes. Used by engine.

Posting is best effort: a failure is logged, the Event may come again, and nothing else happens.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Mapping

from cloudscaling import errors
from cloudscaling.core.model import Json
from cloudscaling.ports import Clock, Kube

logger = logging.getLogger(__name__)

WINDOW_S = 600.0
REMEMBERED = 8192  # about 1 MB; beyond it the oldest are forgotten and could be posted twice

NORMAL = "Normal"
WARNING = "Warning"


class EventRecorder:
    """Deduplicates and posts; `kube` and `clock` are ports."""

    def __init__(self, kube: Kube, clock: Clock, *, window_s: float = WINDOW_S, remembered: int = REMEMBERED) -> None:
        self._kube = kube
        self._clock = clock
        self._window_s = window_s
        self._remembered = remembered
        self._posted: OrderedDict[tuple[str, str, int], float] = OrderedDict()

    async def post(
        self, regarding: Mapping[str, Json], event_type: str, reason: str, message: str, *, action: str = ""
    ) -> bool:
        """Whether it was posted; `regarding` is an object or a reference with its uid."""
        key = (_uid(regarding), reason, hash(message))
        if not self._claim(key):
            return False
        try:
            await self._kube.post_event(
                regarding, event_type=event_type, reason=reason, message=message, action=action or reason
            )
        except errors.KubeError as error:
            self._posted.pop(key, None)
            logger.warning("event %s was not posted: %s", reason, error)
            return False
        return True

    def _claim(self, key: tuple[str, str, int]) -> bool:
        now = self._clock.monotonic()
        last = self._posted.get(key)
        if last is not None and now - last < self._window_s:
            return False
        self._posted[key] = now
        self._posted.move_to_end(key)
        while len(self._posted) > self._remembered:
            self._posted.popitem(last=False)
        return True


def _uid(regarding: Mapping[str, Json]) -> str:
    return str(regarding.get("uid") or regarding.get("metadata", {}).get("uid") or "")
