"""Which Events the operator posts on an object of a kind: one table.

Read by tests and by the reference; whatever posts an Event keeps to it. Says nothing of when one is posted.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


class Events(NamedTuple):
    """Reasons of Events by their type."""

    normal: tuple[str, ...]
    warning: tuple[str, ...]


def _events(normal: str = "", warning: str = "") -> Events:
    return Events(tuple(normal.split()), tuple(warning.split()))


ON_EVERY_KIND = _events(
    "Created Updated Deleted Adopted ReconcileRequested Resumed",
    "Rejected UnsupportedField InvalidSpec ReferenceNotResolved QuotaExceeded OutcomeUnknown UpdateLoop "
    "DuplicateFound NameConflict DeletedExternally ForceOrphaned DeletionBlocked",
)

EVENTS: Mapping[str, Events] = MappingProxyType(
    {
        "CloudAccount": _events(
            "CredentialsVerified CredentialsRotated CapabilitiesChanged",
            "CredentialsInvalid Throttled IdentityMismatch EndpointUnreachable QuotaNearLimit InUse",
        ),
        "LaunchConfiguration": _events("RevisionCreated RevisionActivated RevisionDeleted", "RevisionRetained"),
        "ScalingGroup": _events(
            "Enabled Disabled DesiredCapacityApplied ExternallyScaled DesiredClamped BoundsChangedBySchedule "
            "ActivityStarted ActivitySucceeded DeletionPhase",
            "ActivityFailed CapacityNotReached GroupAbnormal DisabledExternally EnabledExternally Advice "
            "LifecycleActionPending ForcedDeletion LeftoverInstances",
        ),
        "ScalingPolicy": _events(
            "Fired ScheduleShifted ScheduleRenewed ScheduleExpired Enabled Disabled",
            "ExecutionFailed CapacityOwnershipConflict",
        ),
        "InstanceOperation": _events(
            "Started BatchSucceeded Completed Suspended",
            "BatchFailed InstanceFailed Failed BatchSizeReduced AlreadyExecuted",
        ),
        "InstanceRefresh": _events(
            "Started BatchSucceeded PausedByPolicy RolledBack Cancelled Completed",
            "BatchFailed PausedByFailure Failed",
        ),
    }
)
