"""One method per endpoint of the AS API, nothing more. Called by the modules of this folder.

Knows paths, versions and operation ids; knows no neutral value. Every list is complete or raises. Policies, and what
hangs on a group, stand in modules of their own.
"""

from __future__ import annotations

from cloudscaling.vendors._paging import Page
from cloudscaling.vendors.huawei import errors as codes
from cloudscaling.vendors.huawei import wire, wire_configurations
from cloudscaling.vendors.huawei.client_children import ChildCalls
from cloudscaling.vendors.huawei.client_policies import PolicyCalls


class Client(PolicyCalls, ChildCalls):
    """All endpoints of one account's project."""

    # --- account ------------------------------------------------------------------------------------------------

    async def show_resource_quota(self) -> list[wire.QuotaResource]:
        url = await self._url("quotas")
        return (await self._get("ShowResourceQuota", url, wire.Quotas, codes.NOTHING)).quotas.resources

    async def show_policy_and_instance_quota(self, group_id: str) -> list[wire.QuotaResource]:
        url = await self._url("quotas", group_id)
        return (await self._get("ShowPolicyAndInstanceQuota", url, wire.Quotas, codes.GROUP)).quotas.resources

    # --- groups -------------------------------------------------------------------------------------------------

    async def list_scaling_groups(self) -> tuple[wire.ScalingGroup, ...]:
        return await self._pages(
            "ListScalingGroups",
            await self._url("scaling_group"),
            wire.ScalingGroups,
            lambda page: Page(page.scaling_groups or (), page.total_number),
            lambda row: row.scaling_group_id,
        )

    async def show_scaling_group(self, group_id: str) -> wire.ScalingGroup:
        url = await self._url("scaling_group", group_id)
        return (await self._get("ShowScalingGroup", url, wire.OneScalingGroup, codes.GROUP)).scaling_group

    async def create_scaling_group(self, body: wire.GroupBody) -> str:
        url = await self._url("scaling_group")
        made = await self._make("CreateScalingGroup", "POST", url, body, wire.GroupId, codes.NOTHING)
        return made.scaling_group_id

    async def update_scaling_group(self, group_id: str, body: wire.GroupBody) -> None:
        url = await self._url("scaling_group", group_id)
        await self._write("UpdateScalingGroup", "PUT", url, body, codes.GROUP)

    async def delete_scaling_group(self, group_id: str, *, force: bool) -> None:
        url = await self._url("scaling_group", group_id, query={"force_delete": "yes" if force else "no"})
        await self._write("DeleteScalingGroup", "DELETE", url, None, codes.GROUP)

    async def action_scaling_group(self, group_id: str, action: str) -> None:
        url = await self._url("scaling_group", group_id, "action")
        await self._write("ActionScalingGroup", "POST", url, wire.ActionBody(action=action), codes.GROUP)

    # --- launch configurations ----------------------------------------------------------------------------------

    async def list_scaling_configs(self) -> tuple[wire_configurations.ScalingConfiguration, ...]:
        return await self._pages(
            "ListScalingConfigs",
            await self._url("scaling_configuration"),
            wire_configurations.ScalingConfigurations,
            lambda page: Page(page.scaling_configurations or (), page.total_number),
            lambda row: row.scaling_configuration_id,
        )

    async def show_scaling_config(self, configuration_id: str) -> wire_configurations.ScalingConfiguration:
        url = await self._url("scaling_configuration", configuration_id)
        shape = wire_configurations.OneScalingConfiguration
        return (await self._get("ShowScalingConfig", url, shape, codes.CONFIGURATION)).scaling_configuration

    async def create_scaling_config(self, body: wire_configurations.ConfigurationBody) -> str:
        url = await self._url("scaling_configuration")
        shape = wire_configurations.ConfigurationId
        made = await self._make("CreateScalingConfig", "POST", url, body, shape, codes.NOTHING)
        return made.scaling_configuration_id

    async def delete_scaling_config(self, configuration_id: str) -> None:
        url = await self._url("scaling_configuration", configuration_id)
        await self._write("DeleteScalingConfig", "DELETE", url, None, codes.CONFIGURATION)

    async def batch_delete_scaling_configs(self, body: wire_configurations.ConfigurationIdsBody) -> None:
        url = await self._url("scaling_configurations")
        await self._write("BatchDeleteScalingConfigs", "POST", url, body, codes.CONFIGURATION)

    # --- instances ----------------------------------------------------------------------------------------------

    async def list_scaling_instances(self, group_id: str) -> tuple[wire.GroupInstance, ...]:
        return await self._pages(
            "ListScalingInstances",
            await self._url("scaling_group_instance", group_id, "list"),
            wire.GroupInstances,
            lambda page: Page(page.scaling_group_instances or (), page.total_number),
            lambda row: row.instance_id or "",  # an instance that is being made has no id yet
            own=codes.GROUP_OF_INSTANCES,
        )

    async def batch_action_scaling_instances(self, group_id: str, body: wire.InstancesActionBody) -> None:
        url = await self._url("scaling_group_instance", group_id, "action")
        await self._write("BatchActionScalingInstances", "POST", url, body, codes.INSTANCE)

    async def delete_scaling_instance(self, instance_id: str, *, delete: bool) -> None:
        """The path names no group; see instances for when this is safe."""
        query = {"instance_delete": "yes" if delete else "no"}
        url = await self._url("scaling_group_instance", instance_id, query=query)
        await self._write("DeleteScalingInstance", "DELETE", url, None, codes.INSTANCE)
