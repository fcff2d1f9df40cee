"""Blocks of ScalingPolicy: adjustment, bounds, alarm, target tracking, schedule, vendors.

Used by scalingpolicy only.
"""

from enum import StrEnum
from typing import Annotated, ClassVar

from cloudscaling.api.base import ApiModel, Decimal, Immutable, Rule, Time, atomic, between, one_of, text


class AdjustmentType(StrEnum):
    """What the value of an adjustment means."""

    CHANGE_IN_CAPACITY = "ChangeInCapacity"
    PERCENT_CHANGE_IN_CAPACITY = "PercentChangeInCapacity"
    EXACT_CAPACITY = "ExactCapacity"
    EXACT_PERCENT = "ExactPercent"


class Metric(StrEnum):
    """What an alarm watches."""

    CPU_UTILIZATION = "CPUUtilization"
    MEMORY_UTILIZATION = "MemoryUtilization"
    PRIVATE_NETWORK_IN = "PrivateNetworkIn"
    PRIVATE_NETWORK_OUT = "PrivateNetworkOut"
    PUBLIC_NETWORK_IN = "PublicNetworkIn"
    PUBLIC_NETWORK_OUT = "PublicNetworkOut"
    TCP_CONNECTIONS = "TCPConnections"


class TargetMetric(StrEnum):
    """What target tracking holds at a value: the average over the group."""

    CPU_UTILIZATION = "CPUUtilization"
    PRIVATE_NETWORK_IN = "PrivateNetworkIn"
    PRIVATE_NETWORK_OUT = "PrivateNetworkOut"
    PUBLIC_NETWORK_IN = "PublicNetworkIn"
    PUBLIC_NETWORK_OUT = "PublicNetworkOut"


class Comparison(StrEnum):
    """How an alarm compares."""

    GREATER_THAN = "GreaterThan"
    GREATER_THAN_OR_EQUAL = "GreaterThanOrEqual"
    LESS_THAN = "LessThan"
    LESS_THAN_OR_EQUAL = "LessThanOrEqual"
    EQUAL = "Equal"
    NOT_EQUAL = "NotEqual"


class Statistic(StrEnum):
    """How an alarm sums up a period."""

    AVERAGE = "Average"
    MAXIMUM = "Maximum"
    MINIMUM = "Minimum"


class Adjustment(ApiModel):
    """How the desired capacity is moved."""

    rules: ClassVar = (
        Rule(
            "P7",
            "(self.type == 'ExactCapacity' || self.type == 'ExactPercent') ? self.value >= 0 : "
            "(self.value != 0 && (self.type != 'PercentChangeInCapacity' || self.value >= -100))",
            "exact values are not negative, changes are not zero, percent is at least -100",
        ),
    )

    type: AdjustmentType
    """ChangeInCapacity: by so many instances. PercentChangeInCapacity: by so many percent. ExactCapacity: to
    so many instances. ExactPercent: to so many percent (Huawei, OTC)."""
    value: int
    """Instances or percent; a negative change removes instances."""


class Capacity(ApiModel):
    """Sizes that a schedule sets; at least one member."""

    rules: ClassVar = (
        Rule(
            "P8",
            "(has(self.minSize) || has(self.maxSize) || has(self.desiredCapacity)) && "
            "(!(has(self.minSize) && has(self.maxSize)) || self.minSize <= self.maxSize) && "
            "(!(has(self.minSize) && has(self.desiredCapacity)) || self.minSize <= self.desiredCapacity) && "
            "(!(has(self.maxSize) && has(self.desiredCapacity)) || self.desiredCapacity <= self.maxSize)",
            "capacity needs at least one member, and minSize <= desiredCapacity <= maxSize",
        ),
    )

    min_size: Annotated[int, between(0)] | None = None
    """Fewest instances from then on (Huawei, Tencent)."""
    max_size: Annotated[int, between(0)] | None = None
    """Most instances from then on (Huawei, Tencent)."""
    desired_capacity: Annotated[int, between(0)] | None = None
    """Desired capacity at that time, in instances. Tencent demands it."""


class AlarmMetric(ApiModel):
    """An alarm that the operator creates (Tencent)."""

    name: Metric
    """What is watched, as a mean over the group."""
    comparison: Comparison
    """How it is compared with the threshold."""
    threshold: Annotated[int, between(1)]
    """Value to compare with: percent, Mbit/s or a count."""
    statistic: Statistic = Statistic.AVERAGE
    """How a period is summed up."""
    period_seconds: Annotated[int, one_of(60, 300)]
    """Length of a period in seconds."""
    evaluation_periods: Annotated[int, between(1, 10)]
    """Periods in a row that must meet the condition."""


class Step(ApiModel):
    """An adjustment for one range of the alarm's value."""

    rules: ClassVar = (
        Rule(
            "P10",
            "(has(self.lowerBound) || has(self.upperBound)) && "
            "(!(has(self.lowerBound) && has(self.upperBound)) || "
            "double(self.lowerBound) < double(self.upperBound))",
            "a step needs a bound, and lowerBound < upperBound",
        ),
    )

    lower_bound: Decimal | None = None
    """Lower end of the range, counted from the alarm's threshold. Left out: no lower end."""
    upper_bound: Decimal | None = None
    """Upper end of the range, counted from the alarm's threshold. Left out: no upper end."""
    adjustment: Adjustment
    """What to do in that range."""


class Alarm(ApiModel):
    """The alarm that triggers; exactly one of alarmId, metric."""

    rules: ClassVar = (Rule("P9", "has(self.alarmId) != has(self.metric)", "exactly one of alarmId, metric"),)

    alarm_id: str | None = None
    """An alarm rule that exists in the cloud (Huawei, OTC). It serves one group only."""
    metric: AlarmMetric | None = None
    """An alarm that the operator creates (Tencent)."""
    steps: Annotated[tuple[Step, ...], atomic(10, min_items=1)] | None = None
    """Adjustments by how far the threshold is passed (Huawei), in place of adjustment. Ranges do not
    overlap."""


class TargetTracking(ApiModel):
    """A value that the cloud keeps a metric at by scaling (Tencent)."""

    rules: ClassVar = (
        Rule("P11", "self.metric != 'CPUUtilization' || self.targetValue <= 99", "a CPU target is 1 to 99"),
    )

    metric: TargetMetric
    """What is kept, as an average over the group."""
    target_value: Annotated[int, between(1)]
    """The value: percent or Mbit/s."""
    warmup_seconds: Annotated[int, between(0, 3600)] | None = None
    """Seconds in which a new instance does not count yet."""
    disable_scale_in: bool | None = None
    """Only ever add instances."""


class Schedule(ApiModel):
    """When the policy fires; minutes are the finest unit of every vendor."""

    at: Time | None = None
    """The moment of a Scheduled policy, with offset, in the future."""
    cron: Annotated[str, text(64)] | None = None
    """Five cron fields of a Recurring policy: minute, hour, day of month, month, day of week (0 is
    Sunday)."""
    time_zone: str = "Etc/UTC"
    """IANA name of the zone that cron is read in; changes of its offset are followed."""
    start_time: Time | None = None
    """First moment of a Recurring policy."""
    end_time: Time | None = None
    """Last moment of a Recurring policy. Left out: for ever."""


class Bandwidth(ApiModel):
    """A bandwidth that the policy changes instead of a group."""

    id: Annotated[str, Immutable()]
    """The bandwidth."""
    limit_mbps: Annotated[int, between(1, 300)] | None = None
    """Largest value in Mbit/s the policy may reach."""


class HuaweiPolicySettings(ApiModel):
    """Settings of Huawei's family of APIs."""

    description: Annotated[str, text(236)] | None = None
    """Description of the policy."""
    delete_alarm: bool = False
    """Delete the alarm rule with the policy."""
    bandwidth: Bandwidth | None = None
    """A bandwidth that the policy changes; with accountRef, without scalingGroupRef."""


class AlibabaPolicySettings(ApiModel):
    """Settings that only Alibaba has."""

    description: Annotated[str, text(200, min_length=2)] | None = None
    """Description of the scheduled task."""
    launch_expiration_seconds: Annotated[int, between(0, 21600)] | None = None
    """Seconds in which a task that failed to fire is tried again."""
