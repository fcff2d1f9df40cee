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
    group_fields=fields.GROUP,
    launch_configuration_fields=fields.LAUNCH_CONFIGURATION,
    policy_fields=fields.POLICY,
    actions=frozenset(InstanceAction),
    features=frozenset({"Standby"}),
)
VENDOR = Vendor(PROFILE)
