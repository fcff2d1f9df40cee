"""What is remembered of an object between two looks. Losing it is safe: everything in it is conservative."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from cloudscaling.core.facts import Setback
from cloudscaling.core.holding import Written
from cloudscaling.engine.queue import Key


@dataclass
class Memory:
    """Times are aware UTC."""

    newborn: bool = False  # this process stored the finalizer and no status since: nothing was there before
    setback: Setback | None = None
    refusals: dict[str, Setback] = field(default_factory=dict)  # of calls about one part, by the call's name
    failures: int = 0  # in a row, for the backoff
    written: Written = field(default_factory=Written)
    last_write: datetime | None = None  # end of our last write to the cloud object
    first_miss: datetime | None = None  # of `missed_id`, by list and by id
    missed_id: str = ""
    lookup_miss: datetime | None = None  # of the mark, while a create is in flight
    lookup_for: str = ""  # operation that lookup_miss belongs to
    short_since: datetime | None = None
    executing_since: datetime | None = None
    last_trusted: datetime | None = None
    seeded: int = (
        0  # generation of the spec that a desired capacity was written into, until the store shows a newer one
    )
    details_due: bool = False  # instances and activities are to be read at the next look
    instances_due: bool = False  # one read from the background share
    turn: int = 0  # of what that share reads of the object
    details_at: datetime | None = None

    def trust_credentials(self) -> None:
        """Other credentials, or the same ones accepted again: what these were refused for is forgotten."""
        if self.setback is not None and self.setback.blocks == "BlockedByCredentials":
            self.setback, self.failures = None, 0

    def age(self) -> float:
        """Orders by the last read of details, never read first."""
        return self.details_at.timestamp() if self.details_at is not None else 0.0


@dataclass
class Memories:
    """Memory by key and uid: a re-created object starts anew, but a list from before our last write is still old."""

    _by_key: dict[Key, tuple[str, Memory]] = field(default_factory=dict)
    _last_writes: dict[Key, datetime] = field(default_factory=dict)  # of objects that are gone

    def of(self, key: Key, uid: str) -> Memory:
        known = self._by_key.get(key)
        if known is None or known[0] != uid:
            self.forget(key)
            known = (uid, Memory(last_write=self._last_writes.pop(key, None)))
            self._by_key[key] = known
        return known[1]

    def peek(self, key: Key) -> Memory | None:
        known = self._by_key.get(key)
        return known[1] if known is not None else None

    def forget(self, key: Key) -> None:
        known = self._by_key.pop(key, None)
        if known is not None and known[1].last_write is not None:
            self._last_writes[key] = known[1].last_write
