"""One method per endpoint of policies, scheduled tasks and logs. Part of client; rules as there."""

from __future__ import annotations

from cloudscaling.vendors._paging import Marked, Page
from cloudscaling.vendors.huawei import errors as codes
from cloudscaling.vendors.huawei import wire, wire_policies
from cloudscaling.vendors.huawei.calls import Calls, Query


class PolicyCalls(Calls):
    """Policies in both versions, scheduled tasks, and the two logs."""

    async def list_scaling_policies(self, group_id: str) -> tuple[wire_policies.ScalingPolicy, ...]:
        """v1: the policies of one group."""
        url = await self._url("scaling_policy", group_id, "list")
        return await self._policy_pages("ListScalingPolicies", url, codes.GROUP)

    async def list_scaling_v2_policies(self, resource_id: str) -> tuple[wire_policies.ScalingPolicy, ...]:
        """v2: the policies of one group or bandwidth."""
        url = await self._url("scaling_policy", resource_id, "list", version="v2")
        return await self._policy_pages("ListScalingV2Policies", url, codes.RESOURCE)

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

    # --- scheduled tasks ----------------------------------------------------------------------------------------

    async def list_group_scheduled_tasks(self, group_id: str) -> tuple[wire_policies.ScheduledTask, ...]:
        return await self._marked_pages(
            "ListGroupScheduledTasks",
            await self._task_url(group_id),
            wire_policies.ScheduledTasks,
            lambda page: Marked(page.scheduled_tasks or (), page.marker),
            lambda row: row.task_id,
            own=codes.GROUP,
        )

    async def create_group_scheduled_task(self, group_id: str, body: wire_policies.TaskBody) -> str:
        url = await self._task_url(group_id)
        made = await self._make("CreateGroupScheduledTask", "POST", url, body, wire_policies.TaskId, codes.NOTHING)
        return made.task_id

    async def update_group_scheduled_task(self, group_id: str, task_id: str, body: wire_policies.TaskBody) -> None:
        url = await self._task_url(group_id, task_id)
        await self._write("UpdateGroupScheduledTask", "PUT", url, body, codes.TASK)

    async def delete_group_scheduled_task(self, group_id: str, task_id: str) -> None:
        url = await self._task_url(group_id, task_id)
        await self._write("DeleteGroupScheduledTask", "DELETE", url, None, codes.TASK)

    async def _task_url(self, group_id: str, *task_id: str) -> str:
        return await self._url("scaling-groups", group_id, "scheduled-tasks", *task_id)

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
