"""One update accepted and one refused for every CEL rule that compares with the old object. Used by test_crds only.

Objects are written as changes (None takes a member out) to the spec of BASE.
"""

import copy
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

_REF: Json = {"scalingGroupRef": {"name": "web"}}
_ACCOUNT: Json = {"accountRef": {"name": "acme"}}
ADD_ONE: Json = {"type": "ChangeInCapacity", "value": 1}

BASE: dict[str, Json] = {
    "CloudAccount": {"vendor": "Huawei", "region": "cn-north-4", "credentials": {"secretRef": {"name": "key"}}},
    "LaunchConfiguration": {**_ACCOUNT, "image": {"id": "img-1"}, "instanceTypes": ["s6.large.2"]},
    "ScalingGroup": {**_ACCOUNT, "minSize": 1, "maxSize": 10, "launchConfigurationRef": {"name": "web"}},
    "ScalingPolicy": {**_REF, "type": "Simple", "adjustment": ADD_ONE},
    "InstanceOperation": {**_REF, "action": "Remove", "instanceIds": ["i-1"]},
    "InstanceRefresh": _REF,
}


@dataclass(frozen=True)
class Case:
    """One rule; with `before`, the rule compares an update with that object."""

    kind: str
    path: str
    rule: str
    good: Json
    bad: Json
    before: Json | None = None
    status: Json = field(default_factory=dict)

    @property
    def id(self) -> str:
        return f"{self.kind}-{self.path}-{self.rule}"


def merged(base: Json, change: Json) -> Json:
    """`base` with `change` laid over it, as a JSON merge patch."""
    result = copy.deepcopy(base)
    for key, value in change.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, dict):
            result[key] = merged(result.get(key, {}), value)
        else:
            result[key] = value
    return result


def bandwidth_policy(vendor: str) -> Json:
    """The change that makes the base policy one for a bandwidth."""
    return {
        "type": "Alarm",
        "scalingGroupRef": None,
        "accountRef": {"name": "acme"},
        "alarm": {"alarmId": "al1"},
        vendor: {"bandwidth": {"id": "bw-1"}},
    }


_IDENTIFIED: Json = {"externalId": "as-1"}

UPDATE = [
    Case("CloudAccount", "spec.vendor", "I:vendor", {"paused": True}, {"vendor": "OTC"}, before={}),
    Case("CloudAccount", "spec.region", "I:region", {"paused": True}, {"region": "cn-east-3"}, before={}),
    Case("CloudAccount", "spec", "A4", {"paused": True}, {"projectId": None}, before={"projectId": "p2"}),
    *[
        Case(
            kind,
            "spec.accountRef.name",
            "I:accountRef.name",
            {"paused": True},
            {"accountRef": {"name": "b"}},
            before={},
        )
        for kind in ("LaunchConfiguration", "ScalingGroup")
    ],
    *[
        Case(kind, "", "V2", {"paused": True}, {"externalId": "as-2"}, before=_IDENTIFIED, status=_IDENTIFIED)
        for kind in ("LaunchConfiguration", "ScalingGroup", "ScalingPolicy")
    ],
    Case(
        "ScalingGroup",
        "spec",
        "G2",
        {"maxSize": 5},
        {"maxSize": 5, "desiredCapacity": 6},
        before={"desiredCapacity": 8},
    ),
    Case(
        "ScalingPolicy",
        "spec.type",
        "I:type",
        {"paused": True},
        {"type": "Scheduled", "schedule": {"at": "2030-01-01T00:00:00Z"}},
        before={},
    ),
    Case(
        "ScalingPolicy",
        "spec",
        "I:scalingGroupRef.name",
        {"paused": True},
        {"scalingGroupRef": {"name": "b"}},
        before={},
    ),
    Case(
        "ScalingPolicy",
        "spec",
        "I:accountRef.name",
        {"paused": True},
        {"accountRef": {"name": "b"}},
        before=bandwidth_policy("otc"),
    ),
    *[
        Case(
            "ScalingPolicy",
            "spec",
            f"I:{vendor}.bandwidth.id",
            {vendor: {"bandwidth": {"limitMbps": 20}}},
            {vendor: {"bandwidth": {"id": "bw-2"}}},
            before=bandwidth_policy(vendor),
        )
        for vendor in ("huawei", "otc")
    ],
    Case(
        "InstanceOperation",
        "spec",
        "O9",
        {"suspend": True, "ttlSecondsAfterFinished": 60},
        {"instanceIds": ["i-2"]},
        before={},
    ),
    Case(
        "InstanceRefresh",
        "spec.desiredState",
        "R2",
        {"onResume": "SkipFailed"},
        {"desiredState": "Running"},
        before={"desiredState": "Cancelled"},
    ),
    Case(
        "InstanceRefresh",
        "spec",
        "R3",
        {"desiredState": "Paused", "onResume": "SkipFailed"},
        {"maxUnavailable": 2},
        before={},
    ),
]
