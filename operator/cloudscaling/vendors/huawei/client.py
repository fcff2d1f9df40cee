"""One method per endpoint of the AS API, nothing more. Called by the modules of this folder.

Knows paths, versions and operation ids; knows no neutral value. Every list is complete or raises.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import TypeVar
from urllib.parse import quote, urlencode

import httpx
from pydantic import BaseModel

from cloudscaling import errors
from cloudscaling.ports import AccountConfig
from cloudscaling.vendors import _http
from cloudscaling.vendors._http import Exchange, Reply, decoder
from cloudscaling.vendors._paging import PAGE_ROWS, Page, collect
from cloudscaling.vendors._redact import Redactor
from cloudscaling.vendors.huawei import errors as codes
from cloudscaling.vendors.huawei import wire, wire_configurations, wire_policies
from cloudscaling.vendors.huawei.auth import JSON, Login, Scope

T = TypeVar("T")
Row = TypeVar("Row", bound=BaseModel)
Listing = TypeVar("Listing", bound=BaseModel)
Query = Mapping[str, str | int]

_USABLE = frozenset({"CURRENT", "SUPPORTED"})


class Client:
    """The endpoints of one account's project."""

    def __init__(
        self, config: AccountConfig, base_url: str, exchange: Exchange, login: Login, redactor: Redactor
    ) -> None:
        self._base_url = base_url
        self._exchange = exchange
        self._login = login
        self._redactor = redactor
        self._project_id = config.project_id
        self._versions: tuple[wire.Version, ...] | None = None
        self._asking = asyncio.Lock()  # what every call needs to know is asked for once, however many wait for it

    # --- account ------------------------------------------------------------------------------------------------

    async def scope(self) -> Scope:
        found = await self._login.scope()
        self._project_id = found.project_id
        return found

    async def list_api_versions(self) -> tuple[wire.Version, ...]:
        """Asked anew; remembered for `has_v2`."""
        try:
            found = await self._get("ListApiVersions", f"{self._base_url}/", wire.Versions, codes.NOTHING)
            self._versions = tuple(found.versions)
        except (errors.Rejected, errors.PermissionDenied):  # an endpoint without the list offers what v1 offers
            self._versions = ()
        return self._versions

    async def has_v2(self) -> bool:
        async with self._asking:
            known = self._versions if self._versions is not None else await self.list_api_versions()
        return any(version.id == "v2" and version.status.upper() in _USABLE for version in known)

    async def show_resource_quota(self) -> list[wire.QuotaResource]:
        url = await self._url("quotas")
        return (await self._get("ShowResourceQuota", url, wire.Quotas, codes.NOTHING)).quotas.resources

    async def show_policy_and_instance_quota(self, group_id: str) -> list[wire.QuotaResource]:
        url = await self._url("quotas", group_id)
        return (await self._get("ShowPolicyAndInstanceQuota", url, wire.Quotas, codes.GROUP)).quotas.resources

    async def close(self) -> None:
        await self._exchange.close()

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

    async def action_scaling_tags(self, group_id: str, body: wire.TagsBody) -> None:
        url = await self._url("scaling_group_tag", group_id, "tags", "action")
        await self._write("ActionScalingTags", "POST", url, body, codes.GROUP)

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

    # --- policies -----------------------------------------------------------------------------------------------

    async def list_scaling_policies(self, group_id: str) -> tuple[wire_policies.ScalingPolicy, ...]:
        """v1: the policies of one group."""
        url = await self._url("scaling_policy", group_id, "list")
        return await self._policy_pages("ListScalingPolicies", url, codes.GROUP)

    async def list_all_scaling_v2_policies(self) -> tuple[wire_policies.ScalingPolicy, ...]:
        url = await self._url("scaling_policy", version="v2")
        return await self._policy_pages("ListAllScalingV2Policies", url, codes.NOTHING)

    async def show_scaling_policy(self, policy_id: str) -> wire_policies.ScalingPolicy:
        v2 = await self.has_v2()
        url = await self._url("scaling_policy", policy_id, version="v2" if v2 else "v1")
        operation = "ShowScalingV2Policy" if v2 else "ShowScalingPolicy"
        return (await self._get(operation, url, wire_policies.OneScalingPolicy, codes.POLICY)).scaling_policy

    async def create_scaling_policy(self, body: wire_policies.PolicyBody) -> str:
        v2 = await self.has_v2()
        url = await self._url("scaling_policy", version="v2" if v2 else "v1")
        operation = "CreateScalingV2Policy" if v2 else "CreateScalingPolicy"
        made = await self._make(operation, "POST", url, body, wire_policies.PolicyId, codes.NOTHING)
        return made.scaling_policy_id

    async def update_scaling_policy(self, policy_id: str, body: wire_policies.PolicyBody) -> None:
        v2 = await self.has_v2()
        url = await self._url("scaling_policy", policy_id, version="v2" if v2 else "v1")
        operation = "UpdateScalingV2Policy" if v2 else "UpdateScalingPolicy"
        await self._write(operation, "PUT", url, body, codes.POLICY)

    async def action_scaling_policy(self, policy_id: str, action: str) -> None:
        url = await self._url("scaling_policy", policy_id, "action")
        await self._write("ActionScalingPolicy", "POST", url, wire.ActionBody(action=action), codes.POLICY)

    async def delete_scaling_policy(self, policy_id: str) -> None:
        url = await self._url("scaling_policy", policy_id)
        await self._write("DeleteScalingPolicy", "DELETE", url, None, codes.POLICY)

    async def batch_action_scaling_policies(self, body: wire_policies.PoliciesActionBody) -> None:
        url = await self._url("scaling_policies", "action")
        await self._write("BatchActionScalingPolicies", "POST", url, body, codes.POLICY)

    # --- logs ---------------------------------------------------------------------------------------------------

    async def list_activity_logs(self, group_id: str, start: int, limit: int) -> wire_policies.ActivityLogs:
        v2 = await self.has_v2()
        query: Query = {"start_number": start, "limit": limit}
        url = await self._url("scaling_activity_log", group_id, version="v2" if v2 else "v1", query=query)
        operation = "ListScalingActivityV2Logs" if v2 else "ListScalingActivityLogs"
        return await self._get(operation, url, wire_policies.ActivityLogs, codes.GROUP)

    async def list_execute_logs(self, policy_id: str, start: int, limit: int) -> wire_policies.ExecuteLogs:
        query: Query = {"start_number": start, "limit": limit}
        url = await self._url("scaling_policy_execute_log", policy_id, query=query)
        return await self._get("ListScalingPolicyExecuteLogs", url, wire_policies.ExecuteLogs, codes.POLICY)

    # --- the ways to call ---------------------------------------------------------------------------------------

    async def _url(self, *parts: str, version: str = "v1", query: Query | None = None) -> str:
        async with self._asking:
            if not self._project_id:
                await self.scope()
        path = "/".join(quote(part, safe="") for part in (version, self._project_id, *parts))
        return f"{self._base_url}/autoscaling-api/{path}" + (f"?{urlencode(query)}" if query else "")

    async def _policy_pages(
        self, operation: str, url: str, own: frozenset[str]
    ) -> tuple[wire_policies.ScalingPolicy, ...]:
        return await self._pages(
            operation,
            url,
            wire_policies.ScalingPolicies,
            lambda page: Page(page.scaling_policies or (), page.total_number),
            lambda row: row.scaling_policy_id,
            own=own,
        )

    async def _pages(
        self,
        operation: str,
        url: str,
        shape: type[Listing],
        page: Callable[[Listing], Page[Row]],
        identify: Callable[[Row], str],
        own: frozenset[str] = codes.NOTHING,
    ) -> tuple[Row, ...]:
        async def fetch(start: int) -> Page[Row]:
            query = urlencode({"start_number": start, "limit": PAGE_ROWS})
            return page(await self._get(operation, f"{url}?{query}", shape, own))

        return await collect(operation, fetch, identify)

    async def _get(self, operation: str, url: str, shape: type[Listing], own: frozenset[str]) -> Listing:
        return await self._call(operation, "GET", url, b"", own, decoder(shape), write=False)

    async def _make(
        self, operation: str, method: str, url: str, body: wire.Body, shape: type[Listing], own: frozenset[str]
    ) -> Listing:
        """A write whose answer holds the id of what was made."""
        read = decoder(shape, write=True)
        return await self._call(operation, method, url, body.encode(), own, read, write=True)

    async def _write(self, operation: str, method: str, url: str, body: wire.Body | None, own: frozenset[str]) -> None:
        content = body.encode() if body is not None else b""
        await self._call(operation, method, url, content, own, _http.ignore, write=True)

    async def _call(
        self,
        operation: str,
        method: str,
        url: str,
        body: bytes,
        own: frozenset[str],
        read: Callable[[httpx.Response], T],
        *,
        write: bool,
    ) -> T:
        def build(client: httpx.AsyncClient) -> httpx.Request:
            request = client.build_request(method, url, headers=JSON, content=body or None)
            self._login.apply(request, self._project_id)
            return request

        def refusal(reply: Reply) -> errors.CloudError | None:
            return codes.refusal(reply, own, self._redactor)

        used = await self._login.ready()
        try:
            return await self._exchange.send(operation, build, write=write, refusal=refusal, read=read)
        except errors.AuthenticationFailed as failure:
            # A refused proof means that nothing was done, so even a write may be sent again.
            if failure.code not in codes.TOKEN_REFUSED or not await self._login.renew(used):
                raise
        return await self._exchange.send(operation, build, write=write, refusal=refusal, read=read)
