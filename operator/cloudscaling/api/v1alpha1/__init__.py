"""Version v1alpha1 of the API: one model per kind.

`MODELS[obj["kind"]].model_validate(obj)` reads an object of the API server; `model_dump(by_alias=True,
exclude_none=True, mode="json")` of a status writes it.
"""

from types import MappingProxyType

from cloudscaling.api.base import Resource
from cloudscaling.api.v1alpha1.cloudaccount import CloudAccount
from cloudscaling.api.v1alpha1.instanceoperation import InstanceOperation
from cloudscaling.api.v1alpha1.instancerefresh import InstanceRefresh
from cloudscaling.api.v1alpha1.launchconfiguration import LaunchConfiguration
from cloudscaling.api.v1alpha1.scalinggroup import ScalingGroup
from cloudscaling.api.v1alpha1.scalingpolicy import ScalingPolicy

__all__ = [
    "MODELS",
    "CloudAccount",
    "InstanceOperation",
    "InstanceRefresh",
    "LaunchConfiguration",
    "ScalingGroup",
    "ScalingPolicy",
]

_KINDS: tuple[type[Resource], ...] = (
    CloudAccount,
    LaunchConfiguration,
    ScalingGroup,
    ScalingPolicy,
    InstanceOperation,
    InstanceRefresh,
)

MODELS: MappingProxyType[str, type[Resource]] = MappingProxyType({model.__name__: model for model in _KINDS})
