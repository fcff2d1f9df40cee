"""Cloud objects -> manifests that adopt them without a write: the inverse of what the planners compare. Pure.

Called by importing. A field stands in the manifest exactly if the vendor shows it, the field tables serve it and the
API server takes it; what is left out is noted. Sizes that the cloud moves by itself stay out: desiredCapacity.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from cloudscaling.cli import schedules
from cloudscaling.cli.fitting import Fit, Mold
from cloudscaling.cli.inventory import GroupWithChildren
from cloudscaling.cli.manifest import Found, Note
from cloudscaling.cli.names import label
from cloudscaling.cli.paths import brief, nest, says_something
from cloudscaling.core.model import GroupState, Json, LaunchConfiguration, Policy
from cloudscaling.ports import Cloud

LAUNCH, GROUP, POLICY = "LaunchConfiguration", "ScalingGroup", "ScalingPolicy"
_CONTROL = ("externalName", "launchConfigurationRef", "minSize", "maxSize")
_SCHEDULE = "schedule."
_HIDDEN = "it exists and cannot be read back; put it here before the first apply, or the next revision lacks it"


@dataclass(frozen=True)
class Translator:
    """For one account; `now` decides how a schedule is told in UTC."""

    cloud: Cloud
    account: str
    now: datetime
    features: frozenset[str]  # what the account can do
    molds: Mapping[str, Mold] = field(init=False)

    def __post_init__(self) -> None:
        can = self.cloud.capabilities
        tables = {
            LAUNCH: can.launch_configuration_fields,
            GROUP: can.group_fields,
            POLICY: can.policy_fields,
        }
        molds = {k: Mold(k, can.vendor, can.block, table, self.features, k == LAUNCH) for k, table in tables.items()}
        object.__setattr__(self, "molds", molds)

    def launch(self, configuration: LaunchConfiguration, name: str) -> Found:
        content = {path: value for path, value in configuration.content.items() if says_something(value)}
        spec = {"accountRef": {"name": self.account}, **_adopting(configuration.id), **content}
        fit = self.molds[LAUNCH].fit(spec)
        notes = (*fit.notes, *(Note(path, _HIDDEN) for path in sorted(configuration.hidden)))
        return _found(LAUNCH, name, configuration.id, configuration.name, fit, notes)

    def group(self, whole: GroupWithChildren, name: str, launch: Mapping[str, str] | None) -> Found:
        """`launch` is the launchConfigurationRef."""
        group, mold = whole.group, self.molds[GROUP]
        canonical = self.cloud.groups.canonical
        flat = {p: brief(p, v, canonical) for p, v in group.fields.items() if p not in _CONTROL and says_something(v)}
        spec: dict[str, Json] = {"accountRef": {"name": self.account}, **_adopting(group.id)}
        spec |= {"enabled": False} if group.state is GroupState.DISABLED else {}
        spec |= {"minSize": group.min_size, "maxSize": group.max_size}
        spec |= {"launchConfigurationRef": dict(launch)} if launch else {}
        fit = mold.fit(_merged(spec | _named_targets(nest(flat)), self._children(whole)))
        fit = mold.undo_differences(fit, canonical(mold.managed(fit)), group.fields)
        notes = (*fit.notes, *whole.unread)
        if not launch:
            notes = (*notes, Note("launchConfigurationRef", "the group has none; managementPolicy: Full demands one"))
        detail = f"{group.min_size}..{group.max_size}, desired {group.desired}, {group.state.value}"
        return _found(GROUP, name, group.id, group.name, fit, notes, detail)

    def policy(self, policy: Policy, name: str, owner: Mapping[str, Json]) -> Found:
        """`owner` is the scalingGroupRef or the accountRef."""
        mold, canonical = self.molds[POLICY], self.cloud.policies.canonical
        flat = {p: brief(p, v, canonical) for p, v in policy.fields.items() if says_something(v)}
        plain = {p: v for p, v in flat.items() if p not in _CONTROL and not p.startswith(_SCHEDULE)}
        spec: dict[str, Json] = {**owner, **_adopting(policy.id), "type": policy.type}
        spec |= {} if policy.enabled else {"enabled": False}
        when = schedules.spec(policy.type, policy.fields)
        if isinstance(when, str):
            return Found(POLICY, "", policy.id, policy.name, why=when, detail=policy.type)
        spec |= {"schedule": when} if when else {}
        fit = mold.fit(_merged(spec, nest(plain)))
        if not fit.lacking:
            held = {p: v for p, v in mold.managed(fit).items() if not p.startswith(_SCHEDULE)}
            fit = mold.undo_differences(fit, canonical(held), policy.fields)
        if when and schedules.differs(when, policy.fields, self.now):
            fit = Fit(fit.spec, fit.notes, "schedule: it cannot be told so that it equals what the cloud shows")
        return _found(POLICY, name, policy.id, policy.name, fit, fit.notes, _policy_detail(policy))

    def _children(self, whole: GroupWithChildren) -> dict[str, Json]:
        """What hangs on the group, as it would stand in its spec."""
        pool = whole.warm_pool
        found: dict[str, Json] = {}
        hooks = [{"name": hook.name, **nest(hook.fields)} for hook in whole.hooks]
        found["lifecycleHooks"] = sorted(hooks, key=lambda hook: str(hook["name"]))
        ordered = sorted(whole.notifications, key=lambda entry: entry.id)
        told = [(_topic(entry.id, number), entry) for number, entry in enumerate(ordered)]
        found["notifications"] = [{"name": name, **nest(entry.fields)} for name, entry in told]
        if pool is not None:
            sizes = {"capacity": pool.capacity, "instanceInitWaitSeconds": pool.instance_init_wait_s}
            kept = {name: size for name, size in sizes.items() if size is not None}
            found[self.cloud.capabilities.block] = {"warmPool": kept} if kept else {}
        return {path: value for path, value in found.items() if says_something(value)}


def _policy_detail(policy: Policy) -> str:
    """The type; with what is assumed about a schedule that sets sizes."""
    weekly = policy.fields.get("capacity") and policy.fields.get("schedule.recurrence") == "Weekly"
    return f"{policy.type}, weekdays counted from Sunday: an assumption, check them" if weekly else policy.type


def _adopting(cloud_id: str) -> dict[str, Json]:
    """Adopted by its id, only observed, and kept when the object is deleted."""
    return {"externalId": cloud_id, "managementPolicy": "ObserveOnly", "deletionPolicy": "Orphan"}


def _merged(spec: dict[str, Json], more: Mapping[str, Json]) -> dict[str, Json]:
    """Blocks that both have are put together."""
    found = dict(spec)
    for name, value in more.items():
        both = isinstance(value, dict) and isinstance(found.get(name), dict)
        found[name] = {**found[name], **value} if both else value
    return found


def _named_targets(spec: dict[str, Json]) -> dict[str, Json]:
    """Targets of load balancers have a name here, which the cloud does not know."""
    balancers = spec.get("loadBalancers") or {}
    if "targets" not in balancers:
        return spec
    named = [{"name": f"target-{number}", **target} for number, target in enumerate(balancers["targets"], 1)]
    return {**spec, "loadBalancers": {**balancers, "targets": named}}


def _topic(target: str, number: int) -> str:
    """A name for a notification: the last part of its topic."""
    return label(target.rpartition(":")[2]) + (f"-{number + 1}" if number else "") or f"topic-{number + 1}"


def _found(
    kind: str, name: str, cloud_id: str, cloud_name: str, fit: Fit, notes: tuple[Note, ...], detail: str = ""
) -> Found:
    if fit.lacking:
        return Found(kind, "", cloud_id, cloud_name, None, fit.lacking, detail, notes)
    return Found(kind, name, cloud_id, cloud_name, fit.spec, "", detail, notes)
