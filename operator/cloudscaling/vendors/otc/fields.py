"""What Open Telekom Cloud allows for every field of the API: Huawei's tables and where they differ. Data only."""

from __future__ import annotations

from dataclasses import replace

from cloudscaling.core.fields import Mutability, Rule, Table, unsupported
from cloudscaling.core.model import Json
from cloudscaling.vendors.huawei import fields as huawei

_BLOCK = "otc"
_IN_TYPE = unsupported("choose a disk type that is fast enough")
_ON_DEMAND = "leave purchaseModel out; instances are on demand"
_PER_INSTANCE = "use Bandwidth or Traffic"
_NO_CHECK = "sourceDestCheck cannot be set here; leave it out"


def _network(primary: Json) -> str:
    return _NO_CHECK if primary.get("sourceDestCheck") is not None else ""


_GROUP: Table = {
    **{path: rule for path, rule in huawei.GROUP.items() if not path.startswith("notifications[]")},
    "network.distribution": replace(
        huawei.GROUP["network.distribution"], lacking={"CostOptimized": "use Priority or Balanced"}
    ),
    "loadBalancers.targets[].ipVersion": unsupported("leave it out; targets are reached by IPv4"),
    "notifications": unsupported("use lifecycleHooks, whose topics get messages, or the Events of the ScalingGroup"),
    "+.primaryNetwork": Rule(Mutability.WHEN_EMPTY, judge=_network),
    "+.secondaryNetworks[].subnetId": Rule(),
    "+.secondaryNetworks[].ipv6Enabled": Rule(),
    "+.secondaryNetworks[].ipv6BandwidthId": Rule(),
    "+.secondaryNetworks[].sourceDestCheck": unsupported("leave it out"),
}
_LAUNCH_CONFIGURATION: Table = {
    **huawei.LAUNCH_CONFIGURATION,
    "instanceTypePolicy": unsupported("instanceTypes are tried in their order"),
    "systemDisk.iops": _IN_TYPE,
    "systemDisk.throughputMiBps": _IN_TYPE,
    "dataDisks[].iops": _IN_TYPE,
    "dataDisks[].throughputMiBps": _IN_TYPE,
    "login.keyPair": Rule(Mutability.REVISION, required=True),
    "login.passwordSecretRef": unsupported("use login.keyPair"),
    "login.inheritFromImage": unsupported("use login.keyPair"),
    "publicIp.bandwidthMbps": Rule(Mutability.REVISION, low=1, high=500),
    "publicIp.chargeMode": Rule(
        Mutability.REVISION, values=frozenset({"Bandwidth", "Traffic"}), lacking={"Shared": _PER_INSTANCE}
    ),
    "publicIp.sharedBandwidthId": unsupported(_PER_INSTANCE),
    "purchaseModel": Rule(Mutability.REVISION, values=frozenset({"OnDemand"}), lacking={"Spot": _ON_DEMAND}),
    "spot": unsupported(_ON_DEMAND),
    "instanceRole": unsupported("give programs their credentials by userData"),
    "placementGroupId": unsupported("spread instances by network.zones of the ScalingGroup"),
}
_POLICY: Table = {
    **huawei.POLICY,
    "capacity": unsupported("use adjustment of type ExactCapacity"),
    "alarm.steps": unsupported("use one Alarm policy with its own alarm rule per step"),
}
_LACKING = frozenset(
    {"+.iamAgencyName", "+.warmPool", "+.tenancy", "+.dedicatedHostId", "+.dedicatedStorageId"}
)  # not in this vendor's block at all


def _own(table: Table) -> Table:
    return huawei.in_block({path: rule for path, rule in table.items() if path not in _LACKING}, _BLOCK)


GROUP: Table = _own(_GROUP)
LAUNCH_CONFIGURATION: Table = _own(_LAUNCH_CONFIGURATION)
POLICY: Table = _own(_POLICY)
