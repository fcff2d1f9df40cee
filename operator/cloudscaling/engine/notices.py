"""Events of an object, from what the planners and the transitions say. Used by reconcile and account."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from cloudscaling.core.model import Json
from cloudscaling.core.plan import Notice
from cloudscaling.engine.store import Stored


class Recorder(Protocol):
    """Posts Events and drops repetitions; never raises."""

    async def post(
        self, regarding: Mapping[str, Json], event_type: str, reason: str, message: str, *, action: str = ""
    ) -> bool: ...


@dataclass
class Notices:
    recorder: Recorder

    async def post(self, stored: Stored, notices: Iterable[Notice]) -> None:
        """Post each as an Event of the object."""
        for notice in notices:
            kind = "Warning" if notice.warning else "Normal"
            await self.recorder.post(stored.raw, kind, notice.reason, notice.message)
