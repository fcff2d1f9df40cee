"""Values for tests of InstanceOperation, and a small cloud in memory with the engine's order of things around it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from core_samples import ACCOUNT, NOW, UID, Decided, cloud_group, instance, observed

from cloudscaling import errors
from cloudscaling.api.v1alpha1.instanceoperation import InstanceOperation
from cloudscaling.core import model
from cloudscaling.core.calls import (
    ActOnInstances,
    AnswerHook,
    DeleteObject,
    ExecutePolicy,
    RecordOperation,
    ReleaseFinalizer,
    SetDesiredCapacity,
)
from cloudscaling.core.facts import Account, Setback, Unresolved
from cloudscaling.core.holding import failed
from cloudscaling.core.model import Instance, InstanceAction, InstanceState
from cloudscaling.core.naming import Owner
from cloudscaling.core.operation import planner as operation
from cloudscaling.core.operation import status as operation_status
from cloudscaling.core.operation.facts import OperationFacts, OperationTarget, PolicyTarget
from cloudscaling.core.plan import Plan
from cloudscaling.core.resource import evolve

OPERATION_OWNER = Owner("cluster", "web", "InstanceOperation", "drop")
LIMITS = {action: 50 if action in ("Remove", "Detach") else 10 for action in InstanceAction}
OPERATOR_ACCOUNT = replace(ACCOUNT, batch_sizes=LIMITS)
TARGET = OperationTarget("g-1", "web", launch_configuration_id="lc-1")
FROZEN = {"total": 2, "succeeded": 0, "skipped": 0, "failed": 0, "instanceIds": ["i-1", "i-2"], "desiredAtStart": 5}
BEGUN = {**FROZEN, "startTime": "2026-03-02T05:59:00Z"}
DONE = {**BEGUN, "succeeded": 2}
BATCH = {"index": 1, "instanceIds": ["i-1", "i-2"], "startedAt": "2026-03-02T05:59:00Z", "attempts": 1}
IN_WORK = {**BEGUN, "currentBatch": {**BATCH, "state": "Verifying"}}
GONE = {"deletionTimestamp": "2026-03-02T05:59:30Z"}
NO_GROUP = Unresolved("ScalingGroupNotFound", "ScalingGroup web does not exist")


def said(type_: str, status: str, reason: str, at: str = "2026-03-02T05:59:00Z") -> dict[str, Any]:
    """A status with one condition."""
    return {
        "conditions": [{"type": type_, "status": status, "reason": reason, "message": "", "lastTransitionTime": at}]
    }


def iop(status: dict[str, Any] | None = None, metadata: dict[str, Any] | None = None, **spec: Any) -> InstanceOperation:
    """An InstanceOperation; Remove of i-1 and i-2 unless the spec says otherwise, a field of None is left out."""
    base: dict[str, Any] = {"scalingGroupRef": {"name": "web"}, "action": "Remove"}
    if "action" not in spec and "instanceSelector" not in spec:
        base["instanceIds"] = ["i-1", "i-2"]
    meta = {"name": "drop", "namespace": "web", "uid": UID, "generation": 1, "creationTimestamp": NOW.isoformat()}
    merged = {k: v for k, v in {**base, **spec}.items() if v is not None}
    raw = {"metadata": {**meta, **(metadata or {})}, "spec": merged, "status": status or {}}
    return InstanceOperation.model_validate(raw)


def instances(count: int, **changes: Any) -> tuple[Instance, ...]:
    """i-1 to i-<count>, in service."""
    return tuple(instance(f"i-{n}", **changes) for n in range(1, count + 1))


def facts(resource: InstanceOperation, *rows: Instance, **changes: Any) -> OperationFacts:
    """An idle group of 1 to 10 instances that holds `rows`."""
    now = changes.get("now", NOW)
    base = OperationFacts(
        resource=resource,
        owner=OPERATION_OWNER,
        now=now,
        new_id="op-1",
        finalizer_stored=True,
        account=OPERATOR_ACCOUNT,
        group=TARGET,
        spec_hash="hash",
        seen=observed(cloud_group(min_size=0, max_size=300, desired=len(rows), current=len(rows)), now),
        instances=observed(rows, now),
        pending=observed((), now),
        activities=(),
        executions=(),
    )
    return replace(base, **changes)


def decide(found: OperationFacts) -> Decided:
    made = operation.plan(found)
    return Decided("InstanceOperation", made, operation_status.project(found, made))


def refusal(error: type[errors.CloudError], now: datetime = NOW, seconds: float = 0, code: str = "AS.1") -> Setback:
    return Setback("x", "said the cloud", 1, now + timedelta(seconds=seconds), error=error, code=code)


class Crash(Exception):
    """The process dies: what is not stored is lost."""


Fault = Callable[["Rig", str], None]


@dataclass
class Rig:
    """One operation, one cloud group, and the order in which the engine does things."""

    resource: InstanceOperation
    rows: dict[str, Instance]
    desired: int = 0
    min_size: int = 0
    max_size: int = 300
    limit: int = 10  # what the vendor takes in one batch
    account: Account = OPERATOR_ACCOUNT
    target: OperationTarget = TARGET
    policy: PolicyTarget | Unresolved | None = None
    decrements: bool = True  # the vendor moves the desired capacity when instances leave or join
    deaf: bool = False  # accepts calls and does nothing
    busy_looks: int = 0
    fault: Fault = lambda rig, where: None
    now: datetime = NOW
    recorded: bool = False
    gone: bool = False
    calls: list[Any] = field(default_factory=list)
    acted: list[tuple[InstanceAction, str]] = field(default_factory=list)
    activities: list[model.Activity] = field(default_factory=list)
    held: list[model.PendingAction] = field(default_factory=list)
    setback: Setback | None = None
    words: list[Any] = field(default_factory=list)
    wasted: list[str] = field(default_factory=list)  # calls that a look at the cloud would have spared
    _busy: int = 0
    _coming: list[tuple[InstanceAction, str]] = field(default_factory=list)  # what the running activity will do

    @property
    def status(self) -> Any:
        return self.resource.status

    def says(self, type_: str) -> tuple[str, str]:
        found = next((c for c in self.status.conditions if c.type == type_), None)
        return ("", "") if found is None else (str(found.status), found.reason)

    def facts(self) -> OperationFacts:
        busy, self._busy = self._busy > 0, max(0, self._busy - 1)
        if not busy:
            self._arrive()
        group = cloud_group(
            min_size=self.min_size, max_size=self.max_size, desired=self.desired, current=len(self.rows), busy=busy
        )
        return facts(
            self.resource,
            *self.rows.values(),
            now=self.now,
            seen=observed(group, self.now),
            account=self.account,
            group=self.target,
            policy=self.policy,
            recorded=self.recorded,
            setback=self.setback,
            activities=tuple(reversed(self.activities)),
            executions=() if isinstance(self.policy, PolicyTarget) else None,
            pending=observed(tuple(self.held), self.now),
        )

    def run(self, looks: int = 2000) -> None:
        """Until the operation has ended; a crash loses the memory and nothing else."""
        for _ in range(looks):
            try:
                wait = self.look()
            except Crash:
                self.setback, wait = None, 40.0
            if self.gone or (self.status.completion_time is not None and wait is None):
                return
            self.now += timedelta(seconds=max(wait or 0.0, 0.5))
        raise AssertionError(f"no end: {self.status}")

    def look(self) -> float | None:
        found = self.facts()
        plan = operation.plan(found)
        decided = Decided("InstanceOperation", plan, operation_status.project(found, plan))
        assert 0 <= (decided.status.remaining or 0) <= (decided.status.total or 0)
        self.words += plan.notices
        self.fault(self, "before the record")
        self._store(decided.status)
        if plan.step is None:
            return plan.wait_s
        self.fault(self, "before the call")
        return self._carry_out(plan)

    def _carry_out(self, plan: Plan) -> float | None:
        step = plan.step
        assert step is not None
        match step.call:
            case ReleaseFinalizer() | DeleteObject():
                self.gone = True
                return None
            case RecordOperation():
                self.recorded = True
                return plan.wait_s
        try:
            self.fault(self, "call")
            self._call(step.call)
            self.fault(self, "answer")
        except errors.CloudError as exc:
            unknown = isinstance(exc, (errors.OutcomeUnknown, errors.Transient))
            self.setback = Setback(
                exc.reason, exc.message, 1, self.now + timedelta(seconds=5), error=type(exc), code=exc.code
            )
            said = Plan(record={} if unknown else step.refused, verdicts=failed(self.setback, deleting=False))
            self._store(operation_status.project(replace(self.facts(), resource=self.resource), said))
            return 5.0
        self.setback = None
        self._store(evolve(self.status, dict(step.after)))
        return plan.wait_s

    def _store(self, status: Any) -> None:
        """Through JSON, as the API server keeps it."""
        raw = self.resource.model_dump(by_alias=True, exclude_none=True, mode="json")
        raw["status"] = status.model_dump(by_alias=True, exclude_none=True, mode="json")
        self.resource = InstanceOperation.model_validate(raw)

    def edit(self, metadata: dict[str, Any] | None = None, **spec: Any) -> None:
        """Somebody changes the object."""
        raw = self.resource.model_dump(by_alias=True, exclude_none=True, mode="json")
        raw["spec"] |= spec
        raw["metadata"] |= metadata or {}
        self.resource = InstanceOperation.model_validate(raw)

    # --- the cloud ------------------------------------------------------------------------------------------------

    def _call(self, call: Any) -> None:
        self.calls.append(call)
        if self.deaf:
            return
        if isinstance(call, ActOnInstances):
            self._act(call.action, call.instance_ids)
        elif isinstance(call, SetDesiredCapacity):
            self.desired = call.desired
            self._activity(model.ActivityType.OTHER)
        elif isinstance(call, ExecutePolicy):
            self._activity(model.ActivityType.OTHER, call.id)
        elif isinstance(call, AnswerHook):
            wanted = (call.hook_name, call.instance_id)
            if call.result is not model.HookResult.EXTEND:
                self.held = [p for p in self.held if (p.hook_name, p.instance_id) != wanted]

    def _act(self, action: InstanceAction, ids: tuple[str, ...]) -> None:
        if len(ids) > self.limit:
            raise errors.BatchTooLarge("too many", code="AS.4043")
        if self._busy and action not in (InstanceAction.PROTECT, InstanceAction.UNPROTECT):
            self.wasted.append("the group was busy")
            raise errors.Busy("an activity runs", code="AS.4038")
        leaves = action in (InstanceAction.REMOVE, InstanceAction.DETACH)
        self.wasted += [i for i in ids if self._is_so(action, i)]
        if leaves and len(self.rows) - len(set(ids) & self.rows.keys()) < self.min_size:
            raise errors.Bounds("too few would be left", code="AS.2052")
        self._coming += [(action, i) for i in ids if (i in self.rows) is (action is not InstanceAction.ADD)]
        self._activity(model.ActivityType.OTHER)
        if not self._busy:
            self._arrive()

    def _is_so(self, action: InstanceAction, instance_id: str) -> bool:
        row = self.rows.get(instance_id)
        if action is InstanceAction.ADD or row is None:
            return (row is not None) is (action is InstanceAction.ADD)
        standby = row.state is InstanceState.STANDBY
        return {"Protect": row.protected, "Unprotect": not row.protected, "EnterStandby": standby}.get(action, False)

    def _arrive(self) -> None:
        coming, self._coming = self._coming, []
        for action, instance_id in coming:
            self._change(action, instance_id)

    def _change(self, action: InstanceAction, instance_id: str) -> None:
        self.acted.append((action, instance_id))
        leaves = action in (InstanceAction.REMOVE, InstanceAction.DETACH)
        step = {InstanceAction.ADD: 1, InstanceAction.REMOVE: -1, InstanceAction.DETACH: -1}.get(action, 0)
        self.desired += step if self.decrements else 0
        if leaves:
            del self.rows[instance_id]
            return
        row = self.rows.get(instance_id, instance(instance_id, attached=True))
        if action in (InstanceAction.PROTECT, InstanceAction.UNPROTECT):
            row = replace(row, protected=action is InstanceAction.PROTECT)
        if action in (InstanceAction.ENTER_STANDBY, InstanceAction.EXIT_STANDBY):
            standby = action is InstanceAction.ENTER_STANDBY
            row = replace(row, state=InstanceState.STANDBY if standby else InstanceState.IN_SERVICE)
        self.rows[instance_id] = row

    def _activity(self, kind: model.ActivityType, policy_id: str = "") -> None:
        self._busy = self.busy_looks
        done = model.ActivityStatus.SUCCEEDED
        self.activities.append(model.Activity(f"a-{len(self.calls)}", kind, done, "", policy_id, self.now))


def rig(count: int, resource: InstanceOperation, **more: Any) -> Rig:
    """A group of `count` instances in service."""
    return Rig(resource, {row.id: row for row in instances(count)}, **{"desired": count, **more})
