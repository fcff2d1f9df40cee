"""Huawei Cloud Auto Scaling. Start with README.md; adapter puts the parts together."""

from cloudscaling.core.model import InstanceAction
from cloudscaling.vendors.huawei import fields
from cloudscaling.vendors.huawei.adapter import Vendor
from cloudscaling.vendors.huawei.profile import Profile

PROFILE = Profile(
    vendor="Huawei",
    block="huawei",
    autoscaling_url="https://as.{region}.myhuaweicloud.com",
    iam_url="https://iam.{region}.myhuaweicloud.com",
    group_fields=fields.in_block(fields.GROUP, "huawei"),
    launch_configuration_fields=fields.in_block(fields.LAUNCH_CONFIGURATION, "huawei"),
    policy_fields=fields.in_block(fields.POLICY, "huawei"),
    actions=frozenset(InstanceAction),
    features=frozenset({"Standby", "WarmPool", "ScheduledTasks", "Notifications"}),
    v2_features=frozenset({"PolicyV2", "ActivityLogV2", "StepPolicies"}),
    environment={  # of the vendor's Terraform provider, then of its SDKs
        "accessKeyId": ("HW_ACCESS_KEY", "HUAWEICLOUD_SDK_AK"),
        "secretAccessKey": ("HW_SECRET_KEY", "HUAWEICLOUD_SDK_SK"),
        "securityToken": ("HW_SECURITY_TOKEN", "HUAWEICLOUD_SDK_SECURITY_TOKEN"),
        "username": ("HW_USER_NAME",),
        "password": ("HW_USER_PASSWORD",),
        "domainName": ("HW_DOMAIN_NAME",),
        "region": ("HW_REGION_NAME",),
        "projectId": ("HW_PROJECT_ID", "HUAWEICLOUD_SDK_PROJECT_ID"),
        "projectName": ("HW_PROJECT_NAME",),
    },
)
VENDOR = Vendor(PROFILE)
