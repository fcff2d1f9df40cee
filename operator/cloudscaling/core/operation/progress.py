"""How far an operation got, without a table per instance. Used by the modules beside it.

status.instanceIds stands in the order of progress: what has a result, then the current chunk, then the rest. The
counters are the cursor, so one status write moves an instance from one side to the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from cloudscaling.api.v1alpha1.instanceoperation_status import (
    Batch,
    CurrentBatch,
    InstanceFailure,
    InstanceOperationStatus,
)
from cloudscaling.core.plan import Notice

_BATCHES, _FAILURES, _TOLD, _MESSAGE = 20, 50, 5, 512
# How a chunk ended, beside Succeeded, PartiallyFailed and Failed: refused for its size, or tried too often.
TOO_LARGE, EXHAUSTED = "TooLarge", "BackoffLimitExceeded"


@dataclass(frozen=True, slots=True)
class Progress:
    """Counters and lists of a status, and what is to be told of a change."""

    ids: tuple[str, ...]
    succeeded: int = 0
    skipped: int = 0
    failed: int = 0
    failures: tuple[InstanceFailure, ...] = ()
    batches: tuple[Batch, ...] = ()
    notices: tuple[Notice, ...] = ()

    @classmethod
    def of(cls, status: InstanceOperationStatus) -> Progress:
        return cls(
            status.instance_ids,
            status.succeeded or 0,
            status.skipped or 0,
            status.failed or 0,
            status.failures,
            status.batches,
        )

    @property
    def cursor(self) -> int:
        return self.succeeded + self.skipped + self.failed

    @property
    def pending(self) -> tuple[str, ...]:
        """Instances without a result."""
        return tuple(dict.fromkeys(self.ids[self.cursor :]))

    def succeed(self, ids: Sequence[str]) -> Progress:
        return replace(self, ids=self._moved(ids), succeeded=self.succeeded + len(ids))

    def skip(self, ids: Sequence[str]) -> Progress:
        return replace(self, ids=self._moved(ids), skipped=self.skipped + len(ids))

    def fail(self, instance_id: str, reason: str, message: str = "", code: str = "") -> Progress:
        """One instance that could not be done; the first few are told as Events."""
        failure = InstanceFailure(
            instance_id=instance_id, reason=reason, code=code or None, message=message[:_MESSAGE] or None
        )
        told = self.notices
        if self.failed < _TOLD:
            told = (*told, Notice("InstanceFailed", f"{instance_id}: {reason}: {message}", warning=True))
        return replace(
            self,
            ids=self._moved([instance_id]),
            failed=self.failed + 1,
            failures=(*self.failures, failure)[:_FAILURES],
            notices=told,
        )

    def complete(self, total: int) -> Progress:
        """Nothing is pending: what was counted and has no name here has failed, or the work would never end."""
        return replace(self, failed=self.failed + max(0, total - self.cursor))

    def _moved(self, ids: Sequence[str]) -> tuple[str, ...]:
        """The order of progress with `ids` next to the cursor."""
        chosen = set(ids)
        rest = (i for i in self.pending if i not in chosen)
        return (*self.ids[: self.cursor], *ids, *rest)

    def ended(self, batch: CurrentBatch, status: str, now: datetime, *, size: int | None = None) -> Progress:
        """The chunk goes into the history; what teaches the chunk size stays in it."""
        entry = Batch(
            index=batch.index,
            size=len(batch.instance_ids) if size is None else size,
            activity_id=batch.activity_id,
            status=status,
            target=batch.target,
            start_time=batch.started_at,
            end_time=now,
        )
        kept = [*self.batches, entry]
        while len(kept) > _BATCHES:
            kept.remove(next(b for b in kept if b.status != TOO_LARGE))
        return replace(self, batches=tuple(kept))

    def told(self, *notices: Notice) -> Progress:
        return replace(self, notices=(*self.notices, *notices))

    def record(self) -> dict[str, Any]:
        return {
            "instance_ids": self.ids,
            "succeeded": self.succeeded,
            "skipped": self.skipped,
            "failed": self.failed,
            "failures": self.failures,
            "batches": self.batches,
        }


def next_index(batches: Sequence[Batch]) -> int:
    """Chunks are counted from 1."""
    return max((batch.index for batch in batches), default=0) + 1


def lowered(size: int, batches: Sequence[Batch]) -> int:
    """The chunk size after the refusals so far: tens first, then halves."""
    for batch in batches:
        if batch.status == TOO_LARGE and batch.size is not None and batch.size <= size:
            size = 10 if batch.size > 10 else max(1, batch.size // 2)
    return size
