"""ScalingPolicy: when and how the size of a group is moved by the cloud.

Read by the reconcilers of ScalingPolicy and InstanceOperation. How a schedule becomes the vendor's expression
is the core's business.
"""

from enum import StrEnum
from typing import Annotated, ClassVar, Literal

from cloudscaling.api.base import (
    ApiModel,
    Immutable,
    Listing,
    Resource,
    Rule,
    Time,
    atomic,
    between,
    one_of,
    text,
)
from cloudscaling.api.v1alpha1.common import (
    FIXED_EXTERNAL_ID,
    ONE_VENDOR_BLOCK,
    AccountRef,
    CloudObjectStatus,
    ControlledSpec,
    NoFields,
    ScalingGroupRef,
)
from cloudscaling.api.v1alpha1.scalingpolicy_parts import (
    Adjustment,
    Alarm,
    AlibabaPolicySettings,
    Capacity,
    HuaweiPolicySettings,
    Schedule,
    TargetTracking,
)


class PolicyType(StrEnum):
    """What triggers a policy."""

    SIMPLE = "Simple"
    ALARM = "Alarm"
    TARGET_TRACKING = "TargetTracking"
    SCHEDULED = "Scheduled"
    RECURRING = "Recurring"


class CloudObject(StrEnum):
    """What a policy is in the cloud."""

    POLICY = "Policy"
    SCHEDULED_TASK = "ScheduledTask"
    RULE = "Rule"
    RULE_AND_TASK = "RuleAndTask"
    SCHEDULED_ACTION = "ScheduledAction"
    NONE = "None"


class ExecutionTrigger(StrEnum):
    """What made a policy fire."""

    MANUAL = "Manual"
    ALARM = "Alarm"
    SCHEDULED = "Scheduled"
    RECURRING = "Recurring"


class ScalingPolicySpec(ControlledSpec):
    """The policy as it shall be."""

    rules: ClassVar = (
        ONE_VENDOR_BLOCK,
        Rule(
            "P1",
            "has(self.scalingGroupRef) != has(self.accountRef)",
            "exactly one of scalingGroupRef, accountRef",
        ),
        Rule(
            "P2",
            "has(self.accountRef) == ((has(self.huawei) && has(self.huawei.bandwidth)) || "
            "(has(self.otc) && has(self.otc.bandwidth)))",
            "accountRef is for bandwidth policies only, and they need it",
        ),
        Rule(
            "P3",
            "(self.type == 'Alarm') == has(self.alarm) && "
            "(self.type == 'TargetTracking') == has(self.targetTracking) && "
            "(self.type in ['Scheduled','Recurring']) == has(self.schedule)",
            "give exactly the block of spec.type: alarm, targetTracking or schedule",
        ),
        Rule(
            "P4",
            "self.type == 'Alarm' ? (!has(self.capacity) && has(self.adjustment) != has(self.alarm.steps)) : "
            "(self.type == 'Simple' ? (has(self.adjustment) && !has(self.capacity)) : true)",
            "Simple needs adjustment; Alarm exactly one of adjustment, alarm.steps; neither takes capacity",
        ),
        Rule(
            "P5",
            "self.type == 'TargetTracking' ? "
            "(!has(self.adjustment) && !has(self.capacity) && !has(self.cooldownSeconds)) : "
            "(self.type in ['Scheduled','Recurring'] ? has(self.adjustment) != has(self.capacity) : true)",
            "TargetTracking takes no adjustment, capacity, cooldownSeconds; "
            "Scheduled and Recurring exactly one of adjustment, capacity",
        ),
        Rule(
            "P6",
            "!has(self.schedule) || (self.type == 'Scheduled' ? (has(self.schedule.at) && "
            "!has(self.schedule.cron) && !has(self.schedule.startTime) && !has(self.schedule.endTime)) : "
            "(has(self.schedule.cron) && !has(self.schedule.at)))",
            "Scheduled takes schedule.at, Recurring schedule.cron",
        ),
        Rule(
            "P12",
            "!has(self.accountRef) || (self.type in ['Alarm','Scheduled','Recurring'] && "
            "has(self.adjustment) && self.adjustment.type in ['ChangeInCapacity','ExactCapacity'] && "
            "self.adjustment.value >= -300 && self.adjustment.value <= 300)",
            "a bandwidth policy is Alarm, Scheduled or Recurring and changes or sets 1 to 300 Mbit/s",
        ),
    )

    scaling_group_ref: ScalingGroupRef | None = None
    """ScalingGroup of this namespace that the policy belongs to."""
    account_ref: AccountRef | None = None
    """CloudAccount of this namespace, for a bandwidth policy only; other policies inherit their group's."""
    type: Annotated[PolicyType, Immutable()]
    """Simple: fires when asked to. Alarm: on an alarm. TargetTracking: keeps a metric at a value (Tencent).
    Scheduled: once. Recurring: again and again."""
    enabled: bool = True
    """Whether the policy fires."""
    adjustment: Adjustment | None = None
    """How the desired capacity is moved."""
    cooldown_seconds: Annotated[int, between(0, 86400)] | None = None
    """Seconds after an activity in which this policy does not fire, in place of the group's."""
    capacity: Capacity | None = None
    """Sizes that a Scheduled or Recurring policy sets, in place of adjustment."""
    alarm: Alarm | None = None
    """The alarm of an Alarm policy."""
    target_tracking: TargetTracking | None = None
    """What a TargetTracking policy keeps."""
    schedule: Schedule | None = None
    """When a Scheduled or Recurring policy fires."""
    huawei: HuaweiPolicySettings | None = None
    """Settings that only Huawei has."""
    otc: HuaweiPolicySettings | None = None
    """Settings that only OTC has."""
    alibaba: AlibabaPolicySettings | None = None
    """Settings that only Alibaba has."""
    tencent: NoFields | None = None
    """No settings; the block only states the vendor."""


class ScheduleStatus(ApiModel):
    """The schedule in the cloud."""

    cloud_expression: str | None = None
    """The recurrence in the vendor's words."""
    cloud_start_time: str | None = None
    """The start in the vendor's words."""
    cloud_end_time: str | None = None
    """The end in the vendor's words; open-ended schedules get one that is renewed in time."""
    next_time: Time | None = None
    """When the policy fires next."""


class Execution(ApiModel):
    """One time the policy fired."""

    id: str
    """Id in the cloud."""
    trigger: Annotated[str, one_of(of=ExecutionTrigger)] | None = None
    """What made it fire."""
    status: str | None = None
    """How it ended, in the vendor's words."""
    time: Time | None = None
    """When it fired."""
    old_value: int | None = None
    """Value before."""
    new_value: int | None = None
    """Value after."""
    limit_value: int | None = None
    """Value that could not be passed."""
    message: Annotated[str, text(512)] | None = None
    """The vendor's explanation."""


class ScalingPolicyStatus(CloudObjectStatus):
    """The policy as it is in the cloud."""

    cloud_object: Annotated[str, one_of(of=CloudObject)] | None = None
    """What externalId names; None: the operator itself acts when the policy is executed."""
    rule_id: str | None = None
    """Scaling rule (Alibaba)."""
    execution_id: str | None = None
    """Resource name of the scaling rule, to be entered in an alarm task (Alibaba)."""
    vendor_state: str | None = None
    """State in the vendor's words."""
    schedule: ScheduleStatus | None = None
    """The schedule in the cloud."""
    alarms: Annotated[Listing[str], atomic(10)] = ()
    """Alarms that target tracking made (Tencent)."""
    recent_executions: Annotated[Listing[Execution], atomic(5)] = ()
    """Times the policy fired, newest first (Huawei, OTC)."""


class ScalingPolicy(Resource):
    """Moves the size of a ScalingGroup on an alarm, at a time, or when asked to."""

    rules: ClassVar = (FIXED_EXTERNAL_ID,)

    kind: Literal["ScalingPolicy"] = "ScalingPolicy"
    """Kind of the object."""
    spec: ScalingPolicySpec
    """The policy as it shall be."""
    status: ScalingPolicyStatus = ScalingPolicyStatus()
    """The policy as it is."""
