"""Which reasons a condition of a kind may have: one table.

Read by tests and by the reference; whatever computes a status keeps to it. Says nothing of when a reason
applies.
"""

from collections.abc import Mapping
from types import MappingProxyType

from cloudscaling.api.conditions import ConditionStatus, ConditionType, Reason

Reasons = tuple[Reason, ...]
ByStatus = Mapping[ConditionStatus, Reasons]
ByType = Mapping[ConditionType, ByStatus]


def _words(words: str, but: str = "") -> Reasons:
    return tuple(Reason(word) for word in words.split() if word not in but.split())


def _by_status(true: str = "", false: str = "", unknown: str = "") -> ByStatus:
    given = {ConditionStatus.TRUE: true, ConditionStatus.FALSE: false, ConditionStatus.UNKNOWN: unknown}
    return {status: _words(words) for status, words in given.items() if words}


_NOT_ACCEPTED = (
    "VendorBlockMismatch Unsupported NotImplemented InvalidValue MissingValue ImmutableValue "
    "CapacityOwnershipConflict DuplicateOwner AlreadyExecuted"
)
_ACCOUNT = "AccountNotFound AccountNotVerified CredentialsInvalid AccountPaused"
_SOURCES = "SecretNotFound SecretKeyMissing ConfigMapNotFound"
_GROUP = "ScalingGroupNotFound ScalingGroupNotCreated"
_PENDING = "Creating Updating WaitingForActivity OutcomeUnknown ReferencesNotResolved"
_REFUSED = (
    "NotAccepted Rejected PermissionDenied QuotaExceeded InsufficientCapacity InsufficientBalance "
    "DependencyNotReady NameConflict DuplicateFound UpdateLoop"
)
_PHASES = "DeletingPolicies Draining Detaching DeletingChildren DeletingCloudObject Confirming Forcing Orphaning"
_BLOCKED = (
    "BlockedByActivity BlockedByProtection BlockedByStandby BlockedByInstanceState BlockedByCredentials "
    "BlockedByPause BlockedByDeletionProtection BlockedByVendor"
)
# Why the deletion of any kind with a cloud object may not move.
_ALWAYS_BLOCKED = "BlockedByCredentials BlockedByPause BlockedByDeletionProtection BlockedByVendor"
_CREDENTIALS = "SecretNotFound SecretInvalid AuthenticationFailed PermissionDenied IdentityMismatch AccountSuspended"
_OPERATION_FAILED = (
    "SomeInstancesFailed AllInstancesFailed DeadlineExceeded BackoffLimitExceeded OutcomeUnknown Rejected "
    "GroupDeleted WouldExceedMaxSize WouldFallBelowMinSize Expired"
)
_OPERATION_RUNS = "WaitingForGroup WaitingForActivity RunningBatch Verifying RestoringDesiredCapacity"
_REFRESH_FAILED = "RefreshFailed DeadlineExceeded Rejected OutcomeUnknown GroupDeleted"
_REFRESH_RUNS = "WaitingForGroup WaitingForActivity Refreshing RollingBack Cancelling"

_SYNCED = _by_status("UpToDate", f"{_PENDING} DriftObserved {_REFUSED}", "ReadUntrusted")
_THROTTLED = _by_status("RateLimited", "NotThrottled")
_ADOPTED = _by_status("AdoptedById AdoptedByMarker", "ExternalIdNotFound OwnedByOther")


def _joined(*words: str) -> str:
    return " ".join(dict.fromkeys(" ".join(words).split()))


def _accepted(but: str) -> str:
    return " ".join(_words(_NOT_ACCEPTED, but=but))


def _with_cloud_object(
    not_accepted: str, references: str, ready: ByStatus, deleting: str, paused: str = "ObjectPaused"
) -> ByType:
    """The conditions that every kind with a cloud object has."""
    return {
        ConditionType.READY: ready,
        ConditionType.ACCEPTED: _by_status("Valid", not_accepted),
        ConditionType.REFERENCES_RESOLVED: _by_status("Resolved", references),
        ConditionType.SYNCED: _SYNCED,
        ConditionType.THROTTLED: _THROTTLED,
        ConditionType.PAUSED: _by_status(paused, "NotPaused"),
        ConditionType.ADOPTED: _ADOPTED,
        ConditionType.DELETING: _by_status(_joined(deleting, _ALWAYS_BLOCKED)),
        ConditionType.RECONCILING: _by_status(_PENDING),
        ConditionType.STALLED: _by_status(_joined(not_accepted, _REFUSED)),
    }


def _one_shot(not_accepted: str, references: str, complete: str, failed: str, runs: str, rests: str) -> ByType:
    """The conditions of the kinds that run once."""
    return {
        ConditionType.COMPLETE: _by_status(complete),
        ConditionType.FAILED: _by_status(failed),
        ConditionType.PROGRESSING: _by_status(runs, rests),
        ConditionType.ACCEPTED: _by_status("Valid", not_accepted),
        ConditionType.REFERENCES_RESOLVED: _by_status("Resolved", references),
        ConditionType.THROTTLED: _THROTTLED,
        ConditionType.RECONCILING: _by_status(runs),
        ConditionType.STALLED: _by_status(_joined(not_accepted, failed)),
    }


_CLOUD_ACCOUNT: ByType = {
    ConditionType.READY: _by_status(
        "Verified",
        "NotAccepted ReferencesNotResolved CredentialsInvalid EndpointUnreachable ServiceNotActivated Deleting",
        "NotVerified",
    ),
    ConditionType.ACCEPTED: _by_status("Valid", "InvalidValue Unsupported NotImplemented"),
    ConditionType.REFERENCES_RESOLVED: _by_status("Resolved", _SOURCES),
    ConditionType.CREDENTIALS_VALID: _by_status("Verified", _CREDENTIALS, "NotVerified"),
    ConditionType.QUOTA_AVAILABLE: _by_status("WithinQuota", "NearLimit Exhausted", "NotReported"),
    ConditionType.THROTTLED: _by_status("RateLimited CircuitOpen", "NotThrottled"),
    ConditionType.PAUSED: _by_status("AccountPaused", "NotPaused"),
    ConditionType.DELETING: _by_status("BlockedInUse"),
    ConditionType.RECONCILING: _by_status("NotVerified"),
    ConditionType.STALLED: _by_status(_joined("InvalidValue Unsupported NotImplemented", _CREDENTIALS)),
}

_LAUNCH_CONFIGURATION = _with_cloud_object(
    _accepted(but="CapacityOwnershipConflict AlreadyExecuted"),
    f"{_ACCOUNT} {_SOURCES}",
    _by_status(
        "Available Validated",
        "Creating Replacing Abnormal DeletedExternally NotAccepted ReferencesNotResolved Deleting",
        "ReadUntrusted",
    ),
    "DeletingCloudObject Confirming Orphaning BlockedInUse BlockedByConfigurationInUse",
)

_SCALING_GROUP: ByType = {
    **_with_cloud_object(
        _accepted(but="CapacityOwnershipConflict AlreadyExecuted"),
        f"{_ACCOUNT} LaunchConfigurationNotFound LaunchConfigurationNotCreated",
        _by_status(
            "Available Disabled",
            "Creating Enabling BelowMinSize CapacityNotReached GroupAbnormal DisabledExternally "
            "EnabledExternally DeletedExternally NotAccepted ReferencesNotResolved Deleting",
            "ReadUntrusted",
        ),
        f"{_PHASES} {_BLOCKED}",
    ),
    ConditionType.SCALING_IN_PROGRESS: _by_status(
        "ScalingOut ScalingIn AttachingInstances RemovingInstances ReplacingUnhealthy ChangingLoadBalancers "
        "StandbyChange StartingOrStopping RefreshingInstances OtherActivity",
        "Idle",
        "ReadUntrusted",
    ),
    ConditionType.CAPACITY_DRIFTED: _by_status(
        "ExternallyScaled", "AsApplied ScaledByPolicy BoundsChangedBySchedule NotManaged", "ReadUntrusted"
    ),
}

_SCALING_POLICY = _with_cloud_object(
    _accepted(but="AlreadyExecuted"),
    f"{_ACCOUNT} {_GROUP}",
    _by_status(
        "Active Disabled Emulated Expired",
        "Creating Replacing DeferredUntilWindow DeletedExternally NotAccepted ReferencesNotResolved Deleting",
        "ReadUntrusted",
    ),
    "DeletingCloudObject Confirming Orphaning Forcing BlockedByActivity",
    paused="ObjectPaused GroupPaused",
)

_INSTANCE_OPERATION: ByType = {
    **_one_shot(
        _accepted(but="ImmutableValue DuplicateOwner"),
        f"{_ACCOUNT} {_GROUP} ScalingPolicyNotFound ScalingPolicyNotCreated",
        "Succeeded NothingToDo",
        _OPERATION_FAILED,
        _OPERATION_RUNS,
        "Finished Suspended NotAccepted ReferencesNotResolved",
    ),
    ConditionType.SUSPENDED: _by_status("SuspendedByUser", "Resumed"),
}

_INSTANCE_REFRESH = _one_shot(
    "Unsupported NotImplemented InvalidValue MissingValue AlreadyExecuted",
    f"{_ACCOUNT} {_GROUP}",
    "Succeeded NothingToDo Cancelled RolledBack",
    _REFRESH_FAILED,
    _REFRESH_RUNS,
    "PausedByUser PausedByPolicy PausedByFailure Finished NotAccepted ReferencesNotResolved",
)

REASONS: Mapping[str, ByType] = MappingProxyType(
    {
        "CloudAccount": _CLOUD_ACCOUNT,
        "LaunchConfiguration": _LAUNCH_CONFIGURATION,
        "ScalingGroup": _SCALING_GROUP,
        "ScalingPolicy": _SCALING_POLICY,
        "InstanceOperation": _INSTANCE_OPERATION,
        "InstanceRefresh": _INSTANCE_REFRESH,
    }
)
