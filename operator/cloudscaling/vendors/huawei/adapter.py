"""One account of this cloud behind ports.Cloud: wires the modules of this folder together. Built by the engine.

Knows the order of construction and nothing else; the profile says which cloud of the family it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import httpx

from cloudscaling import ports
from cloudscaling.core.model import Identity, Quota
from cloudscaling.ports import AccountConfig, Clock, Gate
from cloudscaling.vendors._http import Exchange
from cloudscaling.vendors._redact import Redactor
from cloudscaling.vendors.huawei import identity
from cloudscaling.vendors.huawei.auth import Means, make_login
from cloudscaling.vendors.huawei.client import Client
from cloudscaling.vendors.huawei.configurations import LaunchConfigurations
from cloudscaling.vendors.huawei.groups import Groups
from cloudscaling.vendors.huawei.hooks import Hooks
from cloudscaling.vendors.huawei.instances import Instances
from cloudscaling.vendors.huawei.lacking import NoNotifications, NoScheduledTasks, NoWarmPools
from cloudscaling.vendors.huawei.notifications import Notifications
from cloudscaling.vendors.huawei.policies import Policies
from cloudscaling.vendors.huawei.profile import Profile
from cloudscaling.vendors.huawei.scheduled_tasks import ScheduledTasks
from cloudscaling.vendors.huawei.warm_pools import WarmPools


class Cloud:
    """One account; every call goes through its gate."""

    def __init__(self, profile: Profile, config: AccountConfig, client: Client, redactor: Redactor) -> None:
        self._client = client
        self.capabilities = profile.capabilities(config)
        self.groups: ports.Groups = Groups(client, profile.block, redactor)
        self.launch_configurations: ports.LaunchConfigurations = LaunchConfigurations(client, profile.block)
        self.policies: ports.Policies = Policies(client, profile.block, redactor)
        self.instances: ports.Instances = Instances(client, profile.actions)
        self.hooks: ports.Hooks = Hooks(client)
        self.notifications: ports.Notifications = NoNotifications()
        self.scheduled_tasks: ports.ScheduledTasks = NoScheduledTasks()
        self.warm_pools: ports.WarmPools = NoWarmPools()
        if "Notifications" in profile.features:
            self.notifications = Notifications(client)
        if "ScheduledTasks" in profile.features:
            self.scheduled_tasks = ScheduledTasks(client, profile.block)
        if "WarmPool" in profile.features:
            self.warm_pools = WarmPools(client)
        self._v2_features = profile.v2_features

    async def verify(self) -> Identity:
        return await identity.verify(self._client, self.capabilities.features, self._v2_features)

    async def quotas(self) -> tuple[Quota, ...]:
        return identity.quota_entries(await self._client.show_resource_quota())

    async def close(self) -> None:
        await self._client.close()


@dataclass(frozen=True, slots=True)
class Vendor:
    """What a cloud of this family exports as VENDOR."""

    profile: Profile

    @property
    def environment(self) -> Mapping[str, tuple[str, ...]]:
        return self.profile.environment

    def endpoint(self, config: AccountConfig) -> str:
        return self.profile.endpoint(config)

    def build(
        self,
        config: AccountConfig,
        gate: Gate,
        clock: Clock,
        clean: Callable[[str], str] = ports.as_it_is,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> ports.Cloud:
        """`transport` replaces the network; nothing is sent before the first call."""
        who = config.credentials
        redactor = Redactor((who.secret_access_key, who.security_token, who.password), clean)
        exchange = Exchange(config, gate, clock, redactor, transport)
        login = make_login(Means(config, self.profile.iam_endpoint(config), exchange, clock, redactor))
        client = Client(config, self.profile.endpoint(config), exchange, login, redactor)
        return Cloud(self.profile, config, client, redactor)
