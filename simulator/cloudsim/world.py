"""All simulated clouds of one run and the time they share. Used by serve, admin and in-process tests; no I/O."""

from __future__ import annotations

from collections import Counter, deque
from typing import Any

from cloudsim import accounts, clock, faults, ids, registry
from cloudsim.settings import Settings
from cloudsim.vendor import JsonObject, Vendor

LOG_LENGTH = 10_000


class World:
    """The vendors, the clock, the faults and the call counts; time passes in `catch_up` only."""

    def __init__(self, settings: Settings | None = None, time: clock.Clock | None = None) -> None:
        """Build empty clouds; without arguments one Huawei cloud on a manual clock."""
        self.settings = settings or Settings(clock="manual")
        self.clock = time or clock.parse(self.settings.clock)
        self.accounts = accounts.build(self.settings.keys, self.settings.users, self.settings.projects)
        self.faults = faults.FaultBook()
        self.ids = ids.Ids(self.settings.seed)
        self.calls: Counter[tuple[str, str]] = Counter()
        self.log: deque[JsonObject] = deque(maxlen=LOG_LENGTH)
        self.changes = 0
        around = registry.Surroundings(self.settings, self.accounts, self.ids, self.faults, self.clock)
        self.vendors: dict[str, Vendor] = {n: registry.VENDORS[n](around) for n in self.settings.vendors}

    def catch_up(self) -> float:
        """Let everything happen that is due by now, and return now."""
        now = self.clock.now()
        for vendor in self.vendors.values():
            if vendor.advance(now):
                self.changes += 1
        return now

    def advance(self, seconds: float) -> float:
        """Move the clock forward and catch up."""
        self.catch_up()
        self.clock.advance(seconds)
        return self.catch_up()

    def count(self, vendor: str, entry: JsonObject) -> None:
        """Count one call and remember it."""
        self.calls[vendor, entry["operation"]] += 1
        self.log.append({"vendor": vendor, **entry})

    def forget_calls(self) -> None:
        """Start counting calls from nothing."""
        self.calls.clear()
        self.log.clear()

    def reset(self) -> None:
        """Forget all objects, faults and counts; accounts, clock and the id counter stay."""
        for vendor in self.vendors.values():
            vendor.reset()
        self.faults.clear()
        self.forget_calls()
        self.changes += 1

    def describe(self) -> JsonObject:
        """Return every vendor's state, the accounts without secrets and the time."""
        return {
            "now": self.clock.now(),
            "accounts": [
                {
                    "name": name,
                    "id": accounts.account_id(name),
                    "projects": [{"id": p.id, "name": p.name} for p in self.accounts.projects_of(name)],
                }
                for name in self.accounts.names()
            ],
            "vendors": {name: vendor.describe() for name, vendor in self.vendors.items()},
        }

    def dump(self) -> JsonObject:
        """Return what must survive a restart as plain JSON values."""
        return {
            "format": 1,
            "now": self.clock.now(),
            "ids": self.ids.count,
            "vendors": {name: vendor.dump() for name, vendor in self.vendors.items()},
        }

    def load(self, document: dict[str, Any]) -> None:
        """Restore what `dump` returned; the clock is moved up to the saved time if it is behind."""
        if document.get("format") != 1:
            raise ValueError("unknown format of the state file")
        self.ids.count = int(document["ids"])
        self.clock.advance(max(0.0, float(document["now"]) - self.clock.now()))
        for name, saved in document["vendors"].items():
            if name in self.vendors:
                self.vendors[name].load(saved)
