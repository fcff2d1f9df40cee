"""Open Telekom Cloud Auto Scaling: a profile of the huawei folder. Data only; README.md says what differs."""

from cloudscaling.core.model import InstanceAction
from cloudscaling.vendors.huawei.adapter import Vendor
from cloudscaling.vendors.huawei.profile import Profile
from cloudscaling.vendors.otc import fields

PROFILE = Profile(
    vendor="OTC",
    block="otc",
    autoscaling_url="https://as.{region}.otc.t-systems.com",
    iam_url="https://iam.{region}.otc.t-systems.com",
    group_fields=fields.GROUP,
    launch_configuration_fields=fields.LAUNCH_CONFIGURATION,
    policy_fields=fields.POLICY,
    actions=frozenset(InstanceAction) - {InstanceAction.ENTER_STANDBY, InstanceAction.EXIT_STANDBY},
    remove_batch_size=10,
    environment={  # of OpenStack's tools, which this vendor's users have anyway
        "accessKeyId": ("OS_ACCESS_KEY",),
        "secretAccessKey": ("OS_SECRET_KEY",),
        "securityToken": ("OS_SECURITY_TOKEN",),
        "username": ("OS_USERNAME",),
        "password": ("OS_PASSWORD",),
        "domainName": ("OS_DOMAIN_NAME", "OS_USER_DOMAIN_NAME"),
        "region": ("OS_REGION_NAME",),
        "projectId": ("OS_PROJECT_ID",),
        "projectName": ("OS_PROJECT_NAME",),
    },
)
VENDOR = Vendor(PROFILE)
