"""Every failure the operator knows, named by what is done about it.

CloudScalingError
├── CloudError                    a vendor refused, failed or did not answer
│   ├── NotFound                  the object is gone: absent; success for a delete
│   ├── NoOp                      it is already so: success
│   ├── Busy                      an activity runs: wait, no error
│   ├── InUse                     something still needs the object: wait, deletion names it
│   ├── Bounds                    a size or state rule of the vendor refuses
│   ├── BatchTooLarge             send a smaller chunk
│   ├── QuotaExceeded             until the user or the quota changes
│   ├── InsufficientCapacity      the cloud has no stock
│   ├── InsufficientBalance       the account has no money
│   ├── AccountSuspended          the account is frozen
│   ├── DependencyNotReady        a load balancer, network or image is not there yet
│   ├── AuthenticationFailed      these credentials are refused: stop the whole account
│   ├── PermissionDenied          these credentials may not do this one thing
│   ├── Throttled                 slow down: opens the circuit of the account
│   ├── Transient                 nothing was done, try again
│   ├── OutcomeUnknown            the request left, no answer came: look before doing anything
│   └── Rejected                  any other refusal: until the spec changes
├── ReadUntrusted                 a read is partial, stale or of another account: no basis for a write
├── LeaseLost                     another replica may be writing: stop
└── KubeError                     the Kubernetes API
    ├── Stale                     the object changed under us: look again
    ├── Gone                      the object does not exist any more
    ├── Forbidden                 RBAC refuses
    └── KubeUnavailable           try again

Nobody outside a vendor folder's errors.py sees a status code or a vendor's error code as control flow;
`code` and the text are kept for people.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import ClassVar

MESSAGE_LIMIT = 512


class Retry(StrEnum):
    """When the step that failed may be tried again."""

    DONE = "done"  # it is a result, not a failure
    SOON = "soon"  # at the pace of an active group
    BACKOFF = "backoff"  # exponential, jittered
    SLOW = "slow"  # after half an hour, or at once when the spec changes
    ACCOUNT = "account"  # when the account works again


class CloudScalingError(Exception):
    """Root of the tree."""


class CloudError(CloudScalingError):
    """A vendor refused, failed or did not answer.

    `reason` is the reason of Synced=False, `blocks` the reason of Deleting=True while a deletion meets it. `failures`
    says which instances of a batch were refused and why, by id and in the words of the API; "" is the only one.
    """

    retry: ClassVar[Retry] = Retry.SLOW
    reason: ClassVar[str] = "Rejected"
    blocks: ClassVar[str] = "BlockedByVendor"

    def __init__(
        self,
        message: str,
        *,
        code: str = "",
        retry_after: float | None = None,
        failures: Mapping[str, str] | None = None,
    ) -> None:
        self.code = code
        self.failures = failures or {}
        self.retry_after = retry_after
        self.message = message[:MESSAGE_LIMIT]
        super().__init__(f"{code}: {self.message}" if code else self.message)


class NotFound(CloudError):
    retry = Retry.DONE
    reason = "Updating"


class NoOp(CloudError):
    retry = Retry.DONE
    reason = "UpToDate"


class Busy(CloudError):
    retry = Retry.SOON
    reason = "WaitingForActivity"
    blocks = "BlockedByActivity"


class InUse(CloudError):
    retry = Retry.SOON
    reason = "WaitingForActivity"
    blocks = "BlockedByConfigurationInUse"


class Bounds(CloudError):
    pass


class BatchTooLarge(CloudError):
    retry = Retry.SOON


class QuotaExceeded(CloudError):
    reason = "QuotaExceeded"


class InsufficientCapacity(CloudError):
    reason = "InsufficientCapacity"


class InsufficientBalance(CloudError):
    reason = "InsufficientBalance"


class AccountSuspended(CloudError):
    retry = Retry.ACCOUNT
    reason = "InsufficientBalance"
    blocks = "BlockedByCredentials"


class DependencyNotReady(CloudError):
    retry = Retry.BACKOFF
    reason = "DependencyNotReady"


class AuthenticationFailed(CloudError):
    retry = Retry.ACCOUNT
    reason = "ReferencesNotResolved"
    blocks = "BlockedByCredentials"


class PermissionDenied(CloudError):
    reason = "PermissionDenied"
    blocks = "BlockedByCredentials"


class Throttled(CloudError):
    retry = Retry.BACKOFF
    reason = "Updating"


class Transient(CloudError):
    retry = Retry.BACKOFF
    reason = "OutcomeUnknown"


class OutcomeUnknown(CloudError):
    retry = Retry.BACKOFF
    reason = "OutcomeUnknown"


class Rejected(CloudError):
    pass


class ReadUntrusted(CloudScalingError):
    """A read that is no basis for a write; the message says why."""


class LeaseLost(CloudScalingError):
    """A cloud write could outlive this replica's lease."""


class KubeError(CloudScalingError):
    """The Kubernetes API refused or did not answer."""


class Stale(KubeError):
    """Conflict or failed precondition: a newer version of the object exists."""


class Gone(KubeError):
    """The object does not exist (any more)."""


class Forbidden(KubeError):
    """The ServiceAccount lacks a permission; the message names verb and resource."""


class KubeUnavailable(KubeError):
    """No answer, or an answer of the 5xx family or 429."""
