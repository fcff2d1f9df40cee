"""Huawei Cloud Auto Scaling and its siblings, from the vendor's documents. README.md holds the choices."""

from __future__ import annotations

from cloudsim.accounts import Accounts
from cloudsim.clock import Clock
from cloudsim.faults import FaultBook
from cloudsim.huawei import rules
from cloudsim.huawei.cloud import HuaweiCloud
from cloudsim.huawei.profile import PROFILES
from cloudsim.ids import Ids
from cloudsim.settings import Settings


def build(name: str, settings: Settings, accounts: Accounts, ids: Ids, faults: FaultBook, clock: Clock) -> HuaweiCloud:
    """Build the cloud of a profile; an option or quota it does not have is a ValueError."""
    chosen = rules.build(
        PROFILES[name],
        settings.of_vendor(settings.options, name),
        settings.of_vendor(settings.quotas, name),
        settings.activity_seconds,
        settings.strict_references,
    )
    return HuaweiCloud(chosen, accounts, ids, faults, clock)
