"""What decides about one InstanceOperation. Built by engine.look, read by the modules beside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from cloudscaling.api.v1alpha1.instanceoperation import InstanceOperation
from cloudscaling.api.v1alpha1.instanceoperation_parts import Action
from cloudscaling.api.v1alpha1.scalingpolicy_parts import Adjustment
from cloudscaling.core.facts import Absent, ObjectFacts, Observed, Unresolved, Untrusted
from cloudscaling.core.model import Activity, Execution, Group, Instance, PendingAction
from cloudscaling.core.verdict import find, is_true

HOOK_ACTIONS = frozenset({Action.COMPLETE_LIFECYCLE_ACTION, Action.EXTEND_LIFECYCLE_ACTION})
GROUP_ACTIONS = frozenset({Action.EXECUTE_POLICY, Action.SCALE_OUT, Action.SCALE_IN})


@dataclass(frozen=True, slots=True)
class OperationTarget:
    """The ScalingGroup that is worked on, as far as an operation needs it; sizes and state come from the cloud."""

    id: str
    name: str
    enforced: bool = False
    paused: bool = False
    observe_only: bool = False
    wanted: int | None = None  # spec.desiredCapacity of the ScalingGroup
    applied: int | None = None  # its status.lastAppliedDesiredCapacity
    launch_configuration_id: str = ""  # of the current revision; "": what the cloud group uses


@dataclass(frozen=True, slots=True)
class PolicyTarget:
    """The ScalingPolicy that ExecutePolicy names."""

    id: str  # "" when it has no object in the cloud
    name: str
    group: str  # name of the ScalingGroup it belongs to
    type: str
    adjustment: Adjustment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationFacts(ObjectFacts[InstanceOperation]):
    """All that decides about one InstanceOperation."""

    group: OperationTarget | Unresolved
    spec_hash: str = ""  # of the spec without suspend and ttlSecondsAfterFinished
    recorded: bool = False  # the group's status.recentOperations holds (name, spec_hash)
    earlier: str = ""  # an unfinished operation of the same group that comes first
    policy: PolicyTarget | Unresolved | None = None  # None: the spec names none
    seen: Observed[Group] | Absent | Untrusted | None = None  # None: not read, as of a paused group
    instances: Observed[tuple[Instance, ...]] | None = None  # read after `seen`
    pending: Observed[tuple[PendingAction, ...]] | None = None  # what hooks hold, read after `seen`
    hooks: frozenset[str] | None = None  # names, read before the choice where none of the spec's name holds anything
    activities: tuple[Activity, ...] | None = None  # of the group, for group actions
    executions: tuple[Execution, ...] | None = None  # of the policy, for ExecutePolicy

    @property
    def action(self) -> Action:
        return self.resource.spec.action

    @property
    def frozen(self) -> bool:
        """The work is chosen and counted."""
        return self.resource.status.total is not None

    @property
    def started(self) -> bool:
        """A call was made, or may have been."""
        return self.resource.status.start_time is not None

    @property
    def group_lost(self) -> str:
        """Why the cloud group of the chosen work is no more, "" while it may be there."""
        if not self.frozen:
            return ""
        if isinstance(self.group, Unresolved):
            return self.group.message
        chosen_on = self.resource.status.scaling_group_id
        if chosen_on in (None, self.group.id):
            return ""
        return f"it began on the cloud group {chosen_on}; ScalingGroup {self.group.name} is {self.group.id} now"

    @property
    def finished(self) -> bool:
        conditions = self.resource.status.conditions
        return is_true(conditions, "Complete") or is_true(conditions, "Failed")

    @property
    def needs_no_read(self) -> bool:
        """Nothing that the cloud shows could matter now: it has ended, or may not begin yet."""
        begun = self.frozen or self.started or self.deleting
        return self.finished or (not begun and (bool(self.earlier) or self.resource.spec.suspend))

    @property
    def already_executed(self) -> bool:
        """The same operation ran before, as an object that is gone."""
        return self.recorded and not self.started and not self.finished

    @property
    def left(self) -> int:
        """Instances without a result."""
        status = self.resource.status
        return (status.total or 0) - (status.succeeded or 0) - (status.skipped or 0) - (status.failed or 0)

    @property
    def stopped(self) -> bool:
        """No further chunk because an instance failed."""
        return self.resource.spec.on_failure == "Stop" and bool(self.resource.status.failed)

    @property
    def deadline(self) -> datetime | None:
        """The clock starts with the object, and again when a suspension ends."""
        since = self.resource.metadata.creation_timestamp
        suspended = find(self.resource.status.conditions, "Suspended")
        if suspended is not None and not self.resource.spec.suspend:
            resumed = self.now if suspended.status == "True" else suspended.last_transition_time
            since = max(since or resumed, resumed)
        return None if since is None else since + timedelta(seconds=self.resource.spec.active_deadline_seconds)

    @property
    def overdue(self) -> bool:
        return self.deadline is not None and self.now >= self.deadline and not self.resource.spec.suspend

    @property
    def expired(self) -> bool:
        """Not started by the moment after which it must not start."""
        last = self.resource.spec.not_after
        return last is not None and not self.started and self.now > last
