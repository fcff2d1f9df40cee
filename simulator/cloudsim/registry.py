"""Which vendors exist. A new vendor is one folder and one line here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cloudsim import accounts, clock, faults, huawei, ids, settings
from cloudsim.vendor import Vendor


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What every vendor is built from."""

    settings: settings.Settings
    accounts: accounts.Accounts
    ids: ids.Ids
    faults: faults.FaultBook
    clock: clock.Clock


VENDORS: dict[str, Callable[[Surroundings], Vendor]] = {
    "huawei": lambda s: huawei.build("huawei", s.settings, s.accounts, s.ids, s.faults, s.clock),
    "otc": lambda s: huawei.build("otc", s.settings, s.accounts, s.ids, s.faults, s.clock),
}
