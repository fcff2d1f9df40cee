"""What a planner is told. Built by engine.look, read by the planners; frozen, complete, with the time in it.

`Absent` can only be made from trusted reads; a failed, partial or old read is `Untrusted` and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from cloudscaling.api.base import Resource
from cloudscaling.core.capabilities import Capabilities
from cloudscaling.core.model import Fields, Json
from cloudscaling.core.naming import Owner
from cloudscaling.errors import CloudError

T_co = TypeVar("T_co", covariant=True)
R = TypeVar("R", bound=Resource)


@dataclass(frozen=True, slots=True)
class Observed(Generic[T_co]):
    """A trusted read: complete, of the pinned account, newer than our last write to the object."""

    value: T_co
    at: datetime


@dataclass(frozen=True, slots=True)
class Absent:
    """Missing in a complete list and by id, twice, far enough apart."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Untrusted:
    """No basis for any write; `retry_s` says when a better read can be had."""

    why: str
    retry_s: float


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds; the account's polling and the operator's proof of absence."""

    idle_s: float = 60.0
    active_s: float = 10.0
    request_timeout_s: float = 30.0
    absence_confirm_s: float = 30.0
    create_grace_s: float = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Account(Capabilities):
    """The cloud account as far as a planner needs it: who it is, and what its cloud can do for it.

    `features` are those of this very account, `batch_sizes` lowered by what its cloud has refused.
    """

    name: str
    canonical_group: Callable[[Fields], dict[str, Json]] = field(default=dict, repr=False)
    canonical_launch: Callable[[Fields], dict[str, Json]] = field(default=dict, repr=False)
    canonical_policy: Callable[[Fields], dict[str, Json]] = field(default=dict, repr=False)
    canonical_hook: Callable[[Fields], dict[str, Json]] = field(default=dict, repr=False)
    canonical_notification: Callable[[Fields], dict[str, Json]] = field(default=dict, repr=False)
    timing: Timing = Timing()

    def own(self, spec: Any) -> Any:
        """The block of a spec that is this vendor's; None where it is not given."""
        return getattr(spec, self.block, None)


@dataclass(frozen=True, slots=True)
class Unresolved:
    """A reference that does not offer yet what is needed: reason and message of ReferencesResolved=False."""

    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class Setback:
    """The last failure of a step: nothing like it is tried before `until`, unless the spec changes."""

    reason: str
    message: str
    generation: int
    until: datetime
    blocks: str = "BlockedByVendor"  # reason of Deleting while it lasts
    throttled: bool = False
    call: str = ""  # the call that the cloud refuses, by name_of; "": no call at all is made
    error: type[CloudError] | None = None  # what kind of failure it was
    code: str = ""  # the vendor's, for people
    failures: Mapping[str, str] = field(default_factory=dict)  # instance -> why; "": the only one of the batch


@dataclass(frozen=True, slots=True)
class Lookup(Generic[T_co]):
    """A complete list searched for our mark or name."""

    candidates: tuple[T_co, ...]
    taken_at: datetime
    first_miss_at: datetime | None = None  # of an unbroken row of misses since the operation was stored


def is_trusted(*reads: object) -> bool:
    """One of the reads says what the cloud has of the object, or that it has nothing."""
    return any(isinstance(read, (Observed, Absent, Lookup)) for read in reads)


@dataclass(frozen=True, slots=True)
class LaunchTarget:
    """The launch configuration that a group is to use."""

    id: str
    name: str = ""
    revision: int = 0


@dataclass(frozen=True, slots=True)
class ContentSource:
    """Content of a LaunchConfiguration with its Secrets resolved, and its keyed hash."""

    content: Fields = field(repr=False)
    hash: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectFacts(Generic[R]):
    """What decides about an object of any kind; each kind adds what it needs."""

    resource: R
    owner: Owner
    now: datetime
    new_id: str  # for an operation, should one be started
    finalizer_stored: bool
    account: Account | Unresolved
    older_owner: str = ""  # an older object of the kind that manages the same cloud object
    setback: Setback | None = None
    refusals: tuple[Setback, ...] = ()  # of calls about one part of the object, which hold up that part only
    blind: bool = False  # no trusted read for too long
    untouched: bool = False  # known since its beginning, and no call was made for it

    @property
    def setbacks(self) -> tuple[Setback, ...]:
        return (*((self.setback,) if self.setback is not None else ()), *self.refusals)

    @property
    def generation(self) -> int:
        return self.resource.metadata.generation

    @property
    def deleting(self) -> bool:
        return self.resource.metadata.deletion_timestamp is not None
