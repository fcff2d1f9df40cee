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
)
VENDOR = Vendor(PROFILE)
