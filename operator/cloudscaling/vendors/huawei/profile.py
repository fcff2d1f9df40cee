"""What differs between the clouds that speak this API. Written by this folder and by those that reuse it.

Knows no behaviour: the modules of this folder ask the profile instead of the vendor's name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cloudscaling.core.capabilities import Capabilities
from cloudscaling.core.fields import Table
from cloudscaling.core.model import InstanceAction
from cloudscaling.ports import AccountConfig

_REMOVALS = frozenset({InstanceAction.REMOVE, InstanceAction.DETACH})  # may have larger batches


@dataclass(frozen=True, slots=True)
class Profile:
    """One cloud of the family."""

    vendor: str  # value of CloudAccount spec.vendor
    block: str  # name of its block in a spec, the head of its own field paths
    autoscaling_url: str  # public endpoints; {region} is filled in
    iam_url: str
    group_fields: Table = field(repr=False)
    launch_configuration_fields: Table = field(repr=False)
    policy_fields: Table = field(repr=False)
    actions: frozenset[InstanceAction]
    features: frozenset[str] = frozenset()
    v2_features: frozenset[str] = frozenset({"PolicyV2", "ActivityLogV2"})  # only where version 2 is offered
    max_group_size: int = 300
    batch_size: int = 10
    remove_batch_size: int = 50
    environment: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # see ports.Vendor

    def endpoint(self, config: AccountConfig) -> str:
        """Effective endpoint of the scaling service."""
        return (config.autoscaling_endpoint or self.autoscaling_url.format(region=config.region)).rstrip("/")

    def iam_endpoint(self, config: AccountConfig) -> str:
        """Effective endpoint of the identity service."""
        return (config.iam_endpoint or self.iam_url.format(region=config.region)).rstrip("/")

    def capabilities(self, config: AccountConfig) -> Capabilities:
        """Limits raised or lowered for the account included."""
        size = config.instance_batch_size or self.batch_size
        removals = config.instance_remove_batch_size or self.remove_batch_size
        return Capabilities(
            vendor=self.vendor,
            block=self.block,
            group_fields=self.group_fields,
            launch_configuration_fields=self.launch_configuration_fields,
            policy_fields=self.policy_fields,
            features=self.features,
            max_group_size=config.max_group_size or self.max_group_size,
            batch_sizes={a: removals if a in _REMOVALS else size for a in sorted(self.actions)},
        )
