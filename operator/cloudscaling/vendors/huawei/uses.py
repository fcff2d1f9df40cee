"""For whose sake every operation of the family is called: fields of the API and commands. Data only.

Read by hack/coverage_table, which fails when an operation is missing here or when a field, a value or a command does
not exist. "+" stands for the vendor's own block; a line of it that a sibling's field table lacks is not its own.
"""

from __future__ import annotations

from collections.abc import Mapping

_IMPORT, _VERIFY = "cloudscaling import", "cloudscaling account verify"

USES: Mapping[str, tuple[str, ...]] = {
    # --- groups ---
    "CreateScalingGroup": ("ScalingGroup spec.minSize", "ScalingGroup spec.maxSize", "ScalingGroup spec.network"),
    "ListScalingGroups": ("ScalingGroup status.state", "ScalingGroup spec.externalId", _IMPORT),
    "ShowScalingGroup": ("ScalingGroup status.desiredCapacity", "ScalingGroup status.deletion"),
    "UpdateScalingGroup": (
        "ScalingGroup spec.desiredCapacity",
        "ScalingGroup spec.cooldownSeconds",
        "ScalingGroup spec.launchConfigurationRef",
        "ScalingGroup spec.loadBalancers.targets",
    ),
    "DeleteScalingGroup": ("ScalingGroup spec.deletionPolicy", "ScalingGroup spec.forceDeleteAfterSeconds"),
    "ActionScalingGroup": ("ScalingGroup spec.enabled",),
    "PutWarmPool": ("ScalingGroup spec.+.warmPool",),
    "CloseWarmPool": ("ScalingGroup spec.+.warmPool",),
    "ShowWarmPool": ("ScalingGroup status.warmPool", _IMPORT),
    "ListWarmPoolInstances": ("ScalingGroup status.warmPool",),
    # --- launch configurations ---
    "CreateScalingConfig": ("LaunchConfiguration spec.image", "LaunchConfiguration spec.instanceTypes"),
    "ListScalingConfigs": ("LaunchConfiguration status.revisions", _IMPORT),
    "ShowScalingConfig": ("LaunchConfiguration spec.externalId",),
    "DeleteScalingConfig": ("LaunchConfiguration spec.revisionHistoryLimit",),
    "BatchDeleteScalingConfigs": ("LaunchConfiguration spec.revisionHistoryLimit",),
    # --- instances ---
    "ListScalingInstances": ("ScalingGroup status.instances", "InstanceOperation spec.instanceSelector"),
    "DeleteScalingInstance": (
        "InstanceOperation spec.action=Remove",
        "InstanceOperation spec.action=Detach",
        "ScalingGroup spec.instanceDeletionPolicy",
    ),
    "BatchActionScalingInstances": (
        "InstanceOperation spec.action=Add",
        "InstanceOperation spec.action=Remove",
        "InstanceOperation spec.action=Detach",
        "InstanceOperation spec.action=Protect",
        "InstanceOperation spec.action=Unprotect",
        "InstanceOperation spec.action=EnterStandby",
        "InstanceOperation spec.action=ExitStandby",
        "ScalingGroup spec.instanceDeletionPolicy",
    ),
    # --- policies ---
    "CreateScalingPolicy": ("ScalingPolicy spec.type", "ScalingPolicy spec.adjustment"),
    "CreateScalingV2Policy": (
        "ScalingPolicy spec.type",
        "ScalingPolicy spec.alarm.steps",
        "ScalingPolicy spec.+.bandwidth",
    ),
    "UpdateScalingPolicy": ("ScalingPolicy spec.adjustment", "ScalingPolicy spec.schedule"),
    "UpdateScalingV2Policy": ("ScalingPolicy spec.adjustment", "ScalingPolicy spec.+.description"),
    "ListScalingPolicies": ("ScalingPolicy status.vendorState", _IMPORT),
    "ListScalingV2Policies": ("ScalingPolicy status.vendorState",),
    "ListAllScalingV2Policies": ("ScalingPolicy status.vendorState", _IMPORT),
    "ShowScalingPolicy": ("ScalingPolicy spec.externalId",),
    "ShowScalingV2Policy": ("ScalingPolicy spec.externalId",),
    "ActionScalingPolicy": ("ScalingPolicy spec.enabled", "InstanceOperation spec.action=ExecutePolicy"),
    "DeleteScalingPolicy": ("ScalingPolicy spec.deletionPolicy",),
    "BatchActionScalingPolicies": ("ScalingPolicy spec.+.deleteAlarm", "ScalingGroup spec.deletionPolicy"),
    "ListScalingPolicyExecuteLogs": ("ScalingPolicy status.recentExecutions",),
    # --- logs and quotas ---
    "ListScalingActivityLogs": ("ScalingGroup status.recentActivities",),
    "ListScalingActivityV2Logs": ("ScalingGroup status.recentActivities",),
    "ShowResourceQuota": ("CloudAccount status.quotas", _VERIFY),
    "ShowPolicyAndInstanceQuota": ("ScalingGroup status.quotas", _VERIFY),
    # --- what hangs on a group ---
    "CreateScalingNotification": ("ScalingGroup spec.notifications",),
    "ListScalingNotifications": ("ScalingGroup spec.notifications", _IMPORT),
    "DeleteScalingNotification": ("ScalingGroup spec.notifications",),
    "CreateLifeCycleHook": ("ScalingGroup spec.lifecycleHooks",),
    "ListLifeCycleHooks": ("ScalingGroup status.lifecycleHooks", _IMPORT),
    "ShowLifeCycleHook": ("ScalingGroup spec.lifecycleHooks",),
    "UpdateLifeCycleHook": ("ScalingGroup spec.lifecycleHooks",),
    "DeleteLifeCycleHook": ("ScalingGroup spec.lifecycleHooks",),
    "AttachCallbackInstanceLifeCycleHook": (
        "InstanceOperation spec.action=CompleteLifecycleAction",
        "InstanceOperation spec.action=ExtendLifecycleAction",
    ),
    "ListHookInstances": ("ScalingGroup status.pendingLifecycleActions",),
    "ListScalingTagInfosByTenantId": (f"{_IMPORT} --by-tag", _VERIFY),
    "ListScalingTagInfosByResourceId": ("ScalingGroup spec.tags",),
    "ActionScalingTags": ("ScalingGroup spec.tags",),
    "ListResourceInstances": (f"{_IMPORT} --by-tag", _VERIFY),
    "CreateGroupScheduledTask": ("ScalingPolicy spec.capacity",),
    "ListGroupScheduledTasks": ("ScalingPolicy spec.capacity", _IMPORT),
    "UpdateGroupScheduledTask": ("ScalingPolicy spec.capacity",),
    "DeleteGroupScheduledTask": ("ScalingPolicy spec.capacity",),
    # --- account ---
    "ListApiVersions": ("CloudAccount status.apiVersions", _VERIFY),
    "ShowApiVersion": ("CloudAccount status.capabilities", _VERIFY),
}
