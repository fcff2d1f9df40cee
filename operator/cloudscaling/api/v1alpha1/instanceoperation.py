"""InstanceOperation: one batch of work on the instances of a group, done once.

Read by its reconciler. What a vendor can do and how big a chunk may be is not known here.
"""

from typing import Annotated, ClassVar, Literal

from cloudscaling.api.base import Resource, Rule, Spec, Time, between, unordered
from cloudscaling.api.v1alpha1.common import ONE_VENDOR_BLOCK, NoFields, ScalingGroupRef
from cloudscaling.api.v1alpha1.instanceoperation_parts import (
    Action,
    AlibabaOperationSettings,
    HuaweiOperationSettings,
    InstanceId,
    InstanceSelector,
    LifecycleAction,
    ScalingPolicyRef,
    TencentOperationSettings,
)
from cloudscaling.api.v1alpha1.instanceoperation_status import InstanceOperationStatus


class InstanceOperationSpec(Spec):
    """The work to do. Fixed after creation but for suspend and ttlSecondsAfterFinished."""

    mutable_only: ClassVar = ("suspend", "ttlSecondsAfterFinished")
    immutable_rule: ClassVar = "O9"
    rules: ClassVar = (
        ONE_VENDOR_BLOCK,
        Rule(
            "O1",
            "self.action in "
            "['Remove','Detach','Protect','Unprotect','EnterStandby','ExitStandby','Start','Stop'] ? "
            "has(self.instanceIds) != has(self.instanceSelector) : true",
            "exactly one of instanceIds, instanceSelector",
        ),
        Rule(
            "O2",
            "(self.action != 'Add' || has(self.instanceIds)) && "
            "(!(self.action in ['Add','ExecutePolicy','Rebalance','ScaleOut','ScaleIn']) || "
            "!has(self.instanceSelector)) && "
            "(!(self.action in ['ExecutePolicy','Rebalance','ScaleOut','ScaleIn']) || "
            "!has(self.instanceIds))",
            "Add needs instanceIds; group actions take no instances",
        ),
        Rule(
            "O3",
            "(self.action in ['CompleteLifecycleAction','ExtendLifecycleAction']) == has(self.lifecycleAction)",
            "lifecycleAction belongs to CompleteLifecycleAction and ExtendLifecycleAction",
        ),
        Rule(
            "O4",
            "!has(self.lifecycleAction) || ([has(self.instanceIds), has(self.instanceSelector), "
            "has(self.lifecycleAction.tokens)].filter(b, b).size() == 1 && "
            "(self.action == 'CompleteLifecycleAction') == has(self.lifecycleAction.result))",
            "exactly one of instanceIds, instanceSelector, lifecycleAction.tokens; "
            "result only for CompleteLifecycleAction",
        ),
        Rule(
            "O5",
            "(self.action == 'ExecutePolicy') == has(self.policyRef)",
            "policyRef belongs to ExecutePolicy",
        ),
        Rule(
            "O6",
            "(self.action in ['ScaleOut','ScaleIn']) == has(self.count)",
            "count belongs to ScaleOut and ScaleIn",
        ),
        Rule(
            "O7",
            "!has(self.decrementDesiredCapacity) || self.action in ['Remove','Detach']",
            "decrementDesiredCapacity belongs to Remove and Detach",
        ),
        Rule(
            "O8",
            "(!has(self.huawei) || self.action == 'EnterStandby') && "
            "(!has(self.alibaba) || self.action == 'Remove') && "
            "(!has(self.tencent) || (has(self.tencent.stoppedMode) ? "
            "(self.action == 'Stop' && !has(self.tencent.honorCooldown)) : self.action == 'ExecutePolicy'))",
            "the vendor block does not belong to this action",
        ),
    )

    scaling_group_ref: ScalingGroupRef
    """ScalingGroup of this namespace whose instances are worked on."""
    action: Action
    """What is done. Remove releases instances the group made, Detach keeps all."""
    instance_ids: Annotated[tuple[InstanceId, ...], unordered(1000, min_items=1)] | None = None
    """The instances."""
    instance_selector: InstanceSelector | None = None
    """Chooses the instances, in place of instanceIds."""
    batch_size: Annotated[int, between(1, 100)] | None = None
    """Most instances at a time, where it shall be fewer than the account allows."""
    on_failure: Literal["Continue", "Stop"] = "Continue"
    """Continue, or start no further chunk after an instance failed."""
    decrement_desired_capacity: bool | None = None
    """Lower the desired capacity by what Remove or Detach takes out. Left out: true. false: it is kept, and
    replacements come."""
    lifecycle_action: LifecycleAction | None = None
    """The hook to answer, for the two lifecycle actions."""
    policy_ref: ScalingPolicyRef | None = None
    """The policy to execute; it must belong to the same group."""
    count: Annotated[int, between(1, 2000)] | None = None
    """Instances to add or take away, for ScaleOut and ScaleIn. Refused outside the group's bounds."""
    active_deadline_seconds: Annotated[int, between(60, 86400)] = 3600
    """Seconds the operation may take, waiting included."""
    backoff_limit: Annotated[int, between(0, 10)] = 3
    """Retries of an instance or chunk after errors that may pass."""
    not_after: Time | None = None
    """Do not start after this moment."""
    suspend: bool = False
    """Stop before the next chunk; a running chunk is not undone."""
    ttl_seconds_after_finished: Annotated[int, between(0)] | None = None
    """Seconds after the end when this object deletes itself. Left out: it stays."""
    huawei: HuaweiOperationSettings | None = None
    """Settings that only Huawei has, for EnterStandby."""
    otc: NoFields | None = None
    """No settings; the block only states the vendor."""
    alibaba: AlibabaOperationSettings | None = None
    """Settings that only Alibaba has, for Remove."""
    tencent: TencentOperationSettings | None = None
    """Settings that only Tencent has, for Stop and ExecutePolicy."""


class InstanceOperation(Resource):
    """A batch of work on the instances of a ScalingGroup, done once, with a result that is kept."""

    kind: Literal["InstanceOperation"] = "InstanceOperation"
    """Kind of the object."""
    spec: InstanceOperationSpec
    """The work to do."""
    status: InstanceOperationStatus = InstanceOperationStatus()
    """How far it got."""
