"""Conditions: the shape, the types and every reason the operator may give.

Used by the status models and by whatever computes a status. Which reason belongs to which condition of which
kind is the table of api/reasons.py.
"""

from enum import StrEnum
from typing import Annotated

from cloudscaling.api.base import ApiModel, Int64, Listing, Time, keyed, one_of, text


class ConditionStatus(StrEnum):
    """Status of a condition."""

    TRUE = "True"
    FALSE = "False"
    UNKNOWN = "Unknown"


class ConditionType(StrEnum):
    """Type of a condition; each kind has some of them."""

    READY = "Ready"
    ACCEPTED = "Accepted"
    REFERENCES_RESOLVED = "ReferencesResolved"
    SYNCED = "Synced"
    THROTTLED = "Throttled"
    PAUSED = "Paused"
    ADOPTED = "Adopted"
    DELETING = "Deleting"
    # The two that kstatus looks for; they exist only while they are True.
    RECONCILING = "Reconciling"
    STALLED = "Stalled"
    # CloudAccount
    CREDENTIALS_VALID = "CredentialsValid"
    QUOTA_AVAILABLE = "QuotaAvailable"
    # ScalingGroup
    SCALING_IN_PROGRESS = "ScalingInProgress"
    CAPACITY_DRIFTED = "CapacityDrifted"
    # InstanceOperation, InstanceRefresh
    COMPLETE = "Complete"
    FAILED = "Failed"
    PROGRESSING = "Progressing"
    SUSPENDED = "Suspended"


class Reason(StrEnum):
    """Reason of a condition, grouped by the condition that brought it in; several are shared."""

    # Accepted
    VALID = "Valid"
    VENDOR_BLOCK_MISMATCH = "VendorBlockMismatch"
    UNSUPPORTED = "Unsupported"
    NOT_IMPLEMENTED = "NotImplemented"
    INVALID_VALUE = "InvalidValue"
    MISSING_VALUE = "MissingValue"
    IMMUTABLE_VALUE = "ImmutableValue"
    CAPACITY_OWNERSHIP_CONFLICT = "CapacityOwnershipConflict"
    DUPLICATE_OWNER = "DuplicateOwner"
    ALREADY_EXECUTED = "AlreadyExecuted"
    # ReferencesResolved
    RESOLVED = "Resolved"
    ACCOUNT_NOT_FOUND = "AccountNotFound"
    ACCOUNT_NOT_VERIFIED = "AccountNotVerified"
    CREDENTIALS_INVALID = "CredentialsInvalid"
    ACCOUNT_PAUSED = "AccountPaused"
    LAUNCH_CONFIGURATION_NOT_FOUND = "LaunchConfigurationNotFound"
    LAUNCH_CONFIGURATION_NOT_CREATED = "LaunchConfigurationNotCreated"
    SCALING_GROUP_NOT_FOUND = "ScalingGroupNotFound"
    SCALING_GROUP_NOT_CREATED = "ScalingGroupNotCreated"
    SCALING_POLICY_NOT_FOUND = "ScalingPolicyNotFound"
    SCALING_POLICY_NOT_CREATED = "ScalingPolicyNotCreated"
    SECRET_NOT_FOUND = "SecretNotFound"  # noqa: S105 - a reason, not a password
    SECRET_KEY_MISSING = "SecretKeyMissing"  # noqa: S105 - a reason, not a password
    CONFIG_MAP_NOT_FOUND = "ConfigMapNotFound"
    # Synced
    UP_TO_DATE = "UpToDate"
    READ_UNTRUSTED = "ReadUntrusted"
    CREATING = "Creating"
    UPDATING = "Updating"
    WAITING_FOR_ACTIVITY = "WaitingForActivity"
    OUTCOME_UNKNOWN = "OutcomeUnknown"
    REFERENCES_NOT_RESOLVED = "ReferencesNotResolved"
    DRIFT_OBSERVED = "DriftObserved"
    NOT_ACCEPTED = "NotAccepted"
    REJECTED = "Rejected"
    PERMISSION_DENIED = "PermissionDenied"
    QUOTA_EXCEEDED = "QuotaExceeded"
    INSUFFICIENT_CAPACITY = "InsufficientCapacity"
    INSUFFICIENT_BALANCE = "InsufficientBalance"
    DEPENDENCY_NOT_READY = "DependencyNotReady"
    NAME_CONFLICT = "NameConflict"
    DUPLICATE_FOUND = "DuplicateFound"
    UPDATE_LOOP = "UpdateLoop"
    # Throttled, Paused, Adopted
    RATE_LIMITED = "RateLimited"
    CIRCUIT_OPEN = "CircuitOpen"
    NOT_THROTTLED = "NotThrottled"
    OBJECT_PAUSED = "ObjectPaused"
    GROUP_PAUSED = "GroupPaused"
    NOT_PAUSED = "NotPaused"
    ADOPTED_BY_ID = "AdoptedById"
    ADOPTED_BY_MARKER = "AdoptedByMarker"
    EXTERNAL_ID_NOT_FOUND = "ExternalIdNotFound"
    OWNED_BY_OTHER = "OwnedByOther"
    # Deleting: phases
    DELETING_POLICIES = "DeletingPolicies"
    DRAINING = "Draining"
    DETACHING = "Detaching"
    DELETING_CHILDREN = "DeletingChildren"
    DELETING_CLOUD_OBJECT = "DeletingCloudObject"
    CONFIRMING = "Confirming"
    FORCING = "Forcing"
    ORPHANING = "Orphaning"
    # Deleting: why it does not move
    BLOCKED_IN_USE = "BlockedInUse"
    BLOCKED_BY_ACTIVITY = "BlockedByActivity"
    BLOCKED_BY_PROTECTION = "BlockedByProtection"
    BLOCKED_BY_STANDBY = "BlockedByStandby"
    BLOCKED_BY_INSTANCE_STATE = "BlockedByInstanceState"
    BLOCKED_BY_CONFIGURATION_IN_USE = "BlockedByConfigurationInUse"
    BLOCKED_BY_CREDENTIALS = "BlockedByCredentials"
    BLOCKED_BY_PAUSE = "BlockedByPause"
    BLOCKED_BY_DELETION_PROTECTION = "BlockedByDeletionProtection"
    BLOCKED_BY_VENDOR = "BlockedByVendor"
    # Ready
    AVAILABLE = "Available"
    VALIDATED = "Validated"
    DISABLED = "Disabled"
    ENABLING = "Enabling"
    REPLACING = "Replacing"
    ABNORMAL = "Abnormal"
    BELOW_MIN_SIZE = "BelowMinSize"
    CAPACITY_NOT_REACHED = "CapacityNotReached"
    GROUP_ABNORMAL = "GroupAbnormal"
    DISABLED_EXTERNALLY = "DisabledExternally"
    ENABLED_EXTERNALLY = "EnabledExternally"
    DELETED_EXTERNALLY = "DeletedExternally"
    DELETING = "Deleting"
    ACTIVE = "Active"
    EMULATED = "Emulated"
    EXPIRED = "Expired"
    DEFERRED_UNTIL_WINDOW = "DeferredUntilWindow"
    # CloudAccount
    VERIFIED = "Verified"
    NOT_VERIFIED = "NotVerified"
    ENDPOINT_UNREACHABLE = "EndpointUnreachable"
    SERVICE_NOT_ACTIVATED = "ServiceNotActivated"
    SECRET_INVALID = "SecretInvalid"  # noqa: S105 - a reason, not a password
    AUTHENTICATION_FAILED = "AuthenticationFailed"
    IDENTITY_MISMATCH = "IdentityMismatch"
    ACCOUNT_SUSPENDED = "AccountSuspended"
    WITHIN_QUOTA = "WithinQuota"
    NEAR_LIMIT = "NearLimit"
    EXHAUSTED = "Exhausted"
    NOT_REPORTED = "NotReported"
    # ScalingInProgress
    SCALING_OUT = "ScalingOut"
    SCALING_IN = "ScalingIn"
    ATTACHING_INSTANCES = "AttachingInstances"
    REMOVING_INSTANCES = "RemovingInstances"
    REPLACING_UNHEALTHY = "ReplacingUnhealthy"
    CHANGING_LOAD_BALANCERS = "ChangingLoadBalancers"
    STANDBY_CHANGE = "StandbyChange"
    STARTING_OR_STOPPING = "StartingOrStopping"
    REFRESHING_INSTANCES = "RefreshingInstances"
    OTHER_ACTIVITY = "OtherActivity"
    IDLE = "Idle"
    # CapacityDrifted
    EXTERNALLY_SCALED = "ExternallyScaled"
    AS_APPLIED = "AsApplied"
    SCALED_BY_POLICY = "ScaledByPolicy"
    BOUNDS_CHANGED_BY_SCHEDULE = "BoundsChangedBySchedule"
    NOT_MANAGED = "NotManaged"
    # Complete, Failed, Progressing, Suspended of the one-shot kinds
    SUCCEEDED = "Succeeded"
    NOTHING_TO_DO = "NothingToDo"
    CANCELLED = "Cancelled"
    ROLLED_BACK = "RolledBack"
    SOME_INSTANCES_FAILED = "SomeInstancesFailed"
    ALL_INSTANCES_FAILED = "AllInstancesFailed"
    DEADLINE_EXCEEDED = "DeadlineExceeded"
    BACKOFF_LIMIT_EXCEEDED = "BackoffLimitExceeded"
    GROUP_DELETED = "GroupDeleted"
    WOULD_EXCEED_MAX_SIZE = "WouldExceedMaxSize"
    WOULD_FALL_BELOW_MIN_SIZE = "WouldFallBelowMinSize"
    REFRESH_FAILED = "RefreshFailed"
    WAITING_FOR_GROUP = "WaitingForGroup"
    RUNNING_BATCH = "RunningBatch"
    VERIFYING = "Verifying"
    RESTORING_DESIRED_CAPACITY = "RestoringDesiredCapacity"
    REFRESHING = "Refreshing"
    ROLLING_BACK = "RollingBack"
    CANCELLING = "Cancelling"
    FINISHED = "Finished"
    SUSPENDED = "Suspended"
    PAUSED_BY_USER = "PausedByUser"
    PAUSED_BY_POLICY = "PausedByPolicy"
    PAUSED_BY_FAILURE = "PausedByFailure"
    SUSPENDED_BY_USER = "SuspendedByUser"
    RESUMED = "Resumed"


class Condition(ApiModel):
    """One aspect of the object's state, shaped like metav1.Condition."""

    type: Annotated[str, text(316)]
    """Which aspect: a CamelCase word such as Ready."""
    status: Annotated[str, one_of(of=ConditionStatus)]
    """True, False, or Unknown while nothing trustworthy is known."""
    observed_generation: Int64 | None = None
    """Generation of the spec this condition was computed from."""
    last_transition_time: Time
    """When `status` last became another one."""
    reason: Annotated[str, text(1024, min_length=1, pattern="^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$")]
    """The cause as one CamelCase word, for programs."""
    message: Annotated[str, text(32768)]
    """The cause in a sentence, for people; never holds secrets."""


Conditions = Annotated[Listing[Condition], keyed(24, "type")]
"""The conditions of an object, one per type."""
