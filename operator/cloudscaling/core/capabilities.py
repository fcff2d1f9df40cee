"""What a vendor can do, as data. Built by the vendor folders; read through ports.Cloud and, as the Account, by core.

Nothing outside a vendor's folder branches on its name: a new ability is a field here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cloudscaling.core.fields import Table
from cloudscaling.core.model import InstanceAction


@dataclass(frozen=True, slots=True)
class Capabilities:
    """Tables, limits and features of one vendor, limits of the account included."""

    vendor: str  # value of CloudAccount spec.vendor
    block: str  # name of the vendor's block in a spec
    group_fields: Table = field(repr=False)
    launch_configuration_fields: Table = field(repr=False)
    policy_fields: Table = field(repr=False)
    features: frozenset[str] = frozenset()  # static values of CloudAccount status.capabilities
    max_group_size: int = 0
    batch_sizes: Mapping[InstanceAction, int] = field(default_factory=dict)
    owner_tag_at_create: bool = False  # False: the ownership tag is a second call
    open_ended_days: int = 366  # how far an endless recurrence is written ahead
    renew_days: int = 30  # how long before its end it is renewed
    cron_native: bool = False  # False: only daily, weekly and monthly patterns can be written
