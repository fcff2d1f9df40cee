"""What a ScalingPolicy is in the cloud: a policy, a scheduled task, or nothing. Called by the modules beside it.

The form follows from the spec; status.cloudObject says which one externalId names. All that differs between the forms
stands in the table: the calls, what they can hold, whether they can be disabled in place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from cloudscaling.api.v1alpha1.scalingpolicy import ScalingPolicySpec
from cloudscaling.core.calls import (
    CloudCall,
    CreatePolicy,
    CreateScheduledTask,
    DeletePolicies,
    DeleteScheduledTask,
    UpdatePolicy,
    UpdateScheduledTask,
)
from cloudscaling.core.model import Change, Fields, NewPolicy, Policy


@dataclass(frozen=True, slots=True)
class Form:
    """One kind of cloud object; `lacks` names what it cannot hold, by path with "+" for the vendor's block."""

    cloud_object: str  # value of status.cloudObject
    noun: str
    create: Callable[[NewPolicy, str], CloudCall]
    update: Callable[[Policy, Change], CloudCall]
    delete: Callable[[Policy, bool, bool], CloudCall]  # force, with its alarm
    can_pause: bool = True  # False: disabled means deleted
    lacks: Mapping[str, str] = field(default_factory=dict)  # path -> what to do instead


POLICY = Form(
    "Policy",
    "cloud policy",
    CreatePolicy,
    lambda policy, change: UpdatePolicy(policy.id, change),
    lambda policy, force, with_alarm: DeletePolicies((policy.id,), force, with_alarm),
)
TASK = Form(
    "ScheduledTask",
    "scheduled task",
    CreateScheduledTask,
    lambda policy, change: UpdateScheduledTask(policy.group_id, policy.id, change),
    lambda policy, force, with_alarm: DeleteScheduledTask(policy.group_id, policy.id),
    can_pause=False,
    lacks={
        "cooldownSeconds": "a schedule that sets sizes has no cooldown; leave it out",
        "+.description": "a schedule that sets sizes has no description; leave it out",
    },
)
EMULATED = "None"  # status.cloudObject of what only the operator carries out, when it is asked to
_FORMS = {form.cloud_object: form for form in (POLICY, TASK)}


def wanted(spec: ScalingPolicySpec) -> Form | None:
    """The form that the spec asks for; None: there is no cloud object."""
    if spec.type == "Simple":
        return None
    return TASK if spec.capacity is not None else POLICY


def known(cloud_object: str | None) -> Form:
    """The form of what status.externalId names."""
    return _FORMS.get(cloud_object or "", POLICY)


def of(policy: Policy) -> Form:
    """The form of something seen in the cloud."""
    return TASK if "capacity" in policy.fields else POLICY


def new(form: Form, group_id: str, type_: str, fields: Fields, token: str) -> CloudCall:
    return form.create(NewPolicy(group_id, type_, fields), token)
