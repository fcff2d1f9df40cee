"""Values for tests of the planners, and the way from facts to a checked status that all of them take."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from cloudscaling.api.conditions import Condition, ConditionStatus, ConditionType
from cloudscaling.api.reasons import REASONS
from cloudscaling.api.v1alpha1.launchconfiguration import LaunchConfiguration
from cloudscaling.api.v1alpha1.scalinggroup import ScalingGroup
from cloudscaling.api.v1alpha1.scalingpolicy import ScalingPolicy
from cloudscaling.core import model
from cloudscaling.core.facts import Account, ContentSource, LaunchTarget, Lookup, Observed, Setback, Timing
from cloudscaling.core.fields import NOT_IMPLEMENTED, OPERATOR, Mutability, Rule, unsupported
from cloudscaling.core.group import planner as group
from cloudscaling.core.group import status as group_status
from cloudscaling.core.group.facts import GroupFacts
from cloudscaling.core.launch import planner as launch
from cloudscaling.core.launch import status as launch_status
from cloudscaling.core.launch.facts import LaunchFacts
from cloudscaling.core.model import GroupState, Health, InstanceAction, InstanceState
from cloudscaling.core.naming import Owner
from cloudscaling.core.plan import Plan
from cloudscaling.core.policy import planner as policy
from cloudscaling.core.policy import status as policy_status
from cloudscaling.core.policy.facts import GroupTarget, PolicyFacts

NOW = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
UID = "uid-1"
FINALIZER = "cloudscaling.dev/finalizer"

CONTROL = dict.fromkeys(
    ("accountRef", "externalName", "externalId", "managementPolicy", "paused", "deletionPolicy", "deletionProtection"),
    OPERATOR,
)
GROUP_TABLE = CONTROL | {
    **dict.fromkeys(("enabled", "desiredCapacity", "capacityManagement", "launchConfigurationRef"), OPERATOR),
    **dict.fromkeys(("instanceDeletionPolicy", "forceDeleteAfterSeconds"), OPERATOR),
    "minSize": Rule(low=0),
    "maxSize": Rule(low=0),
    "cooldownSeconds": Rule(low=0, high=3600),
    "network.vpcId": Rule(Mutability.NEVER),
    "network.subnetIds": Rule(Mutability.WHEN_EMPTY),
    "network.zones": Rule(Mutability.WHEN_IDLE),
    "tags": Rule(max_items=2),
    "healthCheck.type": Rule(values=frozenset({"Instance", "LoadBalancer"})),
    "lifecycleHooks": NOT_IMPLEMENTED,
    "terminationPolicies": unsupported("choose another vendor"),
}
LAUNCH_TABLE = CONTROL | {
    **dict.fromkeys(("updateStrategy", "revisionHistoryLimit"), OPERATOR),
    "image.id": Rule(Mutability.REVISION),
    "instanceTypes": Rule(Mutability.REVISION, max_items=2, filled_with="huawei.templateInstanceId"),
    "dataDisks": Rule(Mutability.REVISION),
    "userData": Rule(Mutability.REVISION, unread=True),
    "huawei.templateInstanceId": Rule(Mutability.REVISION, unread=True),
    "huawei.files": Rule(Mutability.REVISION, unread=True),
    "instanceName": unsupported(),
}
POLICY_TABLE = CONTROL | {
    **dict.fromkeys(("enabled", "scalingGroupRef", "type"), OPERATOR),
    **dict.fromkeys(("adjustment", "alarm.alarmId", "schedule.at", "schedule.cron"), Rule()),
    **dict.fromkeys(("schedule.timeZone", "schedule.startTime", "schedule.endTime"), Rule()),
    "cooldownSeconds": Rule(low=0, high=3600),
    "huawei.deleteAlarm": OPERATOR,
    "capacity": Rule(),
    "alarm.steps": Rule(needs="StepPolicies"),
    "huawei.description": Rule(),
    "huawei.bandwidth.id": Rule(Mutability.NEVER),
    "huawei.bandwidth.limitMbps": Rule(),
}
ACCOUNT = Account(
    name="acme",
    vendor="Huawei",
    block="huawei",
    group_fields=GROUP_TABLE,
    launch_configuration_fields=LAUNCH_TABLE,
    policy_fields=POLICY_TABLE,
    batch_sizes={InstanceAction.REMOVE: 2, InstanceAction.DETACH: 2, InstanceAction.UNPROTECT: 2},
    max_group_size=300,
    canonical_group=dict,
    canonical_policy=dict,
    features=frozenset({"ScheduledTasks"}),
    timing=Timing(idle_s=60, active_s=10, request_timeout_s=30),
)
GROUP_OWNER = Owner("cluster", "web", "ScalingGroup", "web")
LAUNCH_OWNER = Owner("cluster", "web", "LaunchConfiguration", "lc")
POLICY_OWNER = Owner("cluster", "web", "ScalingPolicy", "night")
MARK = GROUP_OWNER.mark


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def _metadata(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "namespace": "web", "uid": UID, "generation": 3, "finalizers": [FINALIZER], **more}


# --- ScalingGroup ----------------------------------------------------------------------------------------------------

GROUP_SPEC = {
    "accountRef": {"name": "acme"},
    "minSize": 1,
    "maxSize": 10,
    "launchConfigurationRef": {"name": "lc"},
}
SETTLED = {"externalId": "g-1", "externalName": "web", "lastAppliedDesiredCapacity": -1, "lastAppliedEnabled": True}


def scaling_group(
    status: dict[str, Any] | None = None, metadata: dict[str, Any] | None = None, **spec: Any
) -> ScalingGroup:
    """A ScalingGroup; a spec field of None is left out."""
    merged = {k: v for k, v in {**GROUP_SPEC, **spec}.items() if v is not None}
    raw = {"metadata": _metadata("web", **(metadata or {})), "spec": merged, "status": status or {}}
    return ScalingGroup.model_validate(raw)


def cloud_group(**changes: Any) -> model.Group:
    """The cloud group as the operator left it; `fields` are laid over the usual ones."""
    fields = {
        "externalName": GROUP_OWNER.cloud_name,
        "minSize": 1,
        "maxSize": 10,
        "launchConfigurationRef": "lc-1",
        "cooldownSeconds": 300,
        "network.zones": ["a"],
        "network.vpcId": "vpc-a",
        "network.subnetIds": ["net-a"],
        "healthCheck.type": "Instance",
        "tags": {},
        **changes.pop("fields", {}),
    }
    base = model.Group(
        id="g-1",
        name=GROUP_OWNER.cloud_name,
        state=GroupState.ACTIVE,
        vendor_state="INSERVICE",
        min_size=1,
        max_size=10,
        desired=3,
        current=3,
        busy=False,
        fields=fields,
        marker=MARK,
        owner_tag=MARK,
    )
    return replace(base, **changes)


def observed(value: Any, at: datetime = NOW) -> Observed[Any]:
    return Observed(value, at)


def group_facts(resource: ScalingGroup, **changes: Any) -> GroupFacts:
    base = GroupFacts(
        resource=resource,
        owner=GROUP_OWNER,
        now=NOW,
        new_id="op-1",
        finalizer_stored=True,
        account=ACCOUNT,
        launch=LaunchTarget("lc-1", "lc", 1),
    )
    return replace(base, **changes)


def deleted(
    status: dict[str, Any] | None = None, annotations: dict[str, str] | None = None, **spec: Any
) -> ScalingGroup:
    """A ScalingGroup that is being deleted, its start stored."""
    metadata = {"deletionTimestamp": "2026-03-02T05:59:00Z", "annotations": annotations or {}}
    return scaling_group({**SETTLED, **(status or {})}, metadata, **spec)


def instance(name: str, state: InstanceState = InstanceState.IN_SERVICE, **changes: Any) -> model.Instance:
    base = model.Instance(name, name, state, Health.HEALTHY, False, False, "lc-1")
    return replace(base, **changes)


# --- LaunchConfiguration and ScalingPolicy ---------------------------------------------------------------------------

LAUNCH_SPEC = {"accountRef": {"name": "acme"}, "image": {"id": "image-a"}, "instanceTypes": ["s6"]}
POLICY_SPEC = {
    "scalingGroupRef": {"name": "web"},
    "type": "Recurring",
    "adjustment": {"type": "ChangeInCapacity", "value": 1},
    "schedule": {"cron": "0 3 * * *", "timeZone": "Etc/UTC"},
}
GONE = {"deletionTimestamp": "2026-03-02T05:59:00Z"}


def launch_configuration(
    status: dict[str, Any] | None = None, metadata: dict[str, Any] | None = None, **spec: Any
) -> LaunchConfiguration:
    merged = {k: v for k, v in {**LAUNCH_SPEC, **spec}.items() if v is not None}
    raw = {"metadata": _metadata("lc", **(metadata or {})), "spec": merged, "status": status or {}}
    return LaunchConfiguration.model_validate(raw)


def cloud_launch(number: int, **changes: Any) -> model.LaunchConfiguration:
    base = model.LaunchConfiguration(f"id-{number}", LAUNCH_OWNER.revision_name(number), later(number - 100))
    return replace(base, **changes)


def launch_facts(resource: LaunchConfiguration, *rows: model.LaunchConfiguration, **changes: Any) -> LaunchFacts:
    base = LaunchFacts(
        resource=resource,
        owner=LAUNCH_OWNER,
        now=NOW,
        new_id="op-1",
        finalizer_stored=True,
        account=ACCOUNT,
        content=ContentSource({"image": {"id": "image-a"}}, "key:new"),
        lookup=Lookup(rows, NOW),
        used_ids=frozenset(),
        key_id="key",
    )
    return replace(base, **changes)


def scaling_policy(
    status: dict[str, Any] | None = None, metadata: dict[str, Any] | None = None, **spec: Any
) -> ScalingPolicy:
    merged = {k: v for k, v in {**POLICY_SPEC, **spec}.items() if v is not None}
    raw = {"metadata": _metadata("night", **(metadata or {})), "spec": merged, "status": status or {}}
    return ScalingPolicy.model_validate(raw)


def cloud_policy(**changes: Any) -> model.Policy:
    fields = {
        "externalName": POLICY_OWNER.cloud_name,
        "adjustment": {"type": "ChangeInCapacity", "value": 1},
        "schedule.time": "03:00",
        "schedule.recurrence": "Daily",
        "schedule.end": "2027-03-03T06:00Z",
        **changes.pop("fields", {}),
    }
    base = model.Policy("p-1", POLICY_OWNER.cloud_name, "g-1", "Recurring", True, False, "INSERVICE", fields)
    return replace(base, **changes)


def policy_facts(resource: ScalingPolicy, **changes: Any) -> PolicyFacts:
    base = PolicyFacts(
        resource=resource,
        owner=POLICY_OWNER,
        now=NOW,
        new_id="op-1",
        finalizer_stored=True,
        account=ACCOUNT,
        target=GroupTarget("g-1", "web"),
    )
    return replace(base, **changes)


# --- from facts to a checked status ----------------------------------------------------------------------------------


def check(kind: str, conditions: tuple[Condition, ...]) -> None:
    """Every condition that is ever produced stands in the API's table of reasons."""
    for found in conditions:
        allowed = REASONS[kind].get(ConditionType(found.type), {}).get(ConditionStatus(found.status), ())
        assert found.reason in allowed, f"{kind}: {found.type}={found.status}/{found.reason}"


class Decided:
    """A plan, the status that goes with it, and short ways to both."""

    def __init__(self, kind: str, plan: Plan, status: Any) -> None:
        self.plan, self.status = plan, status
        check(kind, status.conditions)

    @property
    def call(self) -> Any:
        return self.plan.step.call if self.plan.step is not None else None

    @property
    def events(self) -> list[str]:
        return [notice.reason for notice in self.plan.notices]

    @property
    def said(self) -> list[str]:
        """Reasons of the Events that follow the success of the call."""
        return [notice.reason for notice in self.plan.step.notices] if self.plan.step is not None else []

    def says(self, type_: str) -> tuple[str, str]:
        """(status, reason) of a condition; empty when it does not exist."""
        found = next((c for c in self.status.conditions if c.type == type_), None)
        return ("", "") if found is None else (str(found.status), found.reason)

    def message(self, type_: str) -> str:
        return next((c.message for c in self.status.conditions if c.type == type_), "")


def decide_group(facts: GroupFacts) -> Decided:
    found = group.plan(facts)
    return Decided("ScalingGroup", found, group_status.project(facts, found))


def decide_launch(facts: LaunchFacts) -> Decided:
    found = launch.plan(facts)
    return Decided("LaunchConfiguration", found, launch_status.project(facts, found))


def decide_policy(facts: PolicyFacts) -> Decided:
    found = policy.plan(facts)
    return Decided("ScalingPolicy", found, policy_status.project(facts, found))


def setback(reason: str = "Rejected", generation: int = 3, seconds: float = 600) -> Setback:
    return Setback(reason, "refused by the cloud", generation, later(seconds))
