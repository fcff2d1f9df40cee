"""A request to the cloud as the harness names it: stable between runs, free of ids. Pure."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from typing import Any

Json = dict[str, Any]

_MARK = re.compile(r"-[a-z2-7]{10}(?=$|-r\d+$)")
_TASKS = "scaling-groups/[^/]+/scheduled-tasks"
_ROUTES = tuple(
    (method, re.compile(rf"^/autoscaling-api(?:/v[12])?/[^/]+/{path}$"), operation, plural)
    for method, path, operation, plural in (
        ("POST", "scaling_group", "CreateScalingGroup", "scalinggroups"),
        ("PUT", "scaling_group/(?P<id>[^/]+)", "UpdateScalingGroup", "scalinggroups"),
        ("DELETE", "scaling_group/(?P<id>[^/]+)", "DeleteScalingGroup", "scalinggroups"),
        ("POST", "scaling_group/(?P<id>[^/]+)/action", "ActionScalingGroup", "scalinggroups"),
        ("POST", "scaling_group_tag/(?P<id>[^/]+)/tags/action", "ActionScalingTags", "scalinggroups"),
        ("POST", "scaling_group_instance/(?P<id>[^/]+)/action", "BatchActionScalingInstances", ""),
        ("PUT", "scaling_instance_hook/(?P<id>[^/]+)/callback", "AttachCallbackInstanceLifeCycleHook", ""),
        ("POST", "scaling_lifecycle_hook/(?P<id>[^/]+)", "CreateLifeCycleHook", "scalinggroups"),
        ("PUT", "scaling_lifecycle_hook/(?P<id>[^/]+)/(?P<part>[^/]+)", "UpdateLifeCycleHook", "scalinggroups"),
        ("DELETE", "scaling_lifecycle_hook/(?P<id>[^/]+)/(?P<part>[^/]+)", "DeleteLifeCycleHook", "scalinggroups"),
        ("PUT", "scaling_notification/(?P<id>[^/]+)", "CreateScalingNotification", "scalinggroups"),
        ("DELETE", "scaling_notification/(?P<id>[^/]+)/(?P<part>[^/]+)", "DeleteScalingNotification", "scalinggroups"),
        ("PUT", "scaling-groups/(?P<id>[^/]+)/warm-pool", "PutWarmPool", "scalinggroups"),
        ("DELETE", "scaling-groups/(?P<id>[^/]+)/warm-pool", "CloseWarmPool", "scalinggroups"),
        ("POST", "scaling_configuration", "CreateScalingConfig", "launchconfigurations"),
        ("DELETE", "scaling_configuration/(?P<id>[^/]+)", "DeleteScalingConfig", "launchconfigurations"),
        ("POST", "scaling_configurations", "BatchDeleteScalingConfigs", "launchconfigurations"),
        ("POST", "scaling_policy", "CreateScalingPolicy", "scalingpolicies"),
        ("PUT", "scaling_policy/(?P<id>[^/]+)", "UpdateScalingPolicy", "scalingpolicies"),
        ("POST", "scaling_policy/(?P<id>[^/]+)/action", "ActionScalingPolicy", ""),
        ("DELETE", "scaling_policy/(?P<id>[^/]+)", "DeleteScalingPolicy", "scalingpolicies"),
        ("POST", "scaling_policies/action", "BatchActionScalingPolicies", ""),
        ("POST", f"{_TASKS}", "CreateGroupScheduledTask", "scalingpolicies"),
        ("PUT", f"{_TASKS}/(?P<id>[^/]+)", "UpdateGroupScheduledTask", "scalingpolicies"),
        ("DELETE", f"{_TASKS}/(?P<id>[^/]+)", "DeleteGroupScheduledTask", "scalingpolicies"),
    )
)
# Must have their intent in the status before they leave.
CREATES = frozenset({"CreateScalingGroup", "CreateScalingConfig", "CreateScalingPolicy", "CreateGroupScheduledTask"})


@dataclass(frozen=True, slots=True)
class Write:
    """One request that changes the cloud."""

    operation: str
    plural: str  # kind of the objects whose status write follows; "" when it may be any
    text: str  # operation, object and what is asked, the same in every run
    body: Json = field(default_factory=dict)

    @property
    def sets_capacity(self) -> bool:
        """SetDesiredCapacity: the desired number alone; with bounds it is an absolute update."""
        return self.operation == "UpdateScalingGroup" and [*self.body] == ["desire_instance_number"]

    @property
    def acts_once(self) -> bool:
        """What an InstanceOperation asks for, beside a desired capacity; a deletion drains by batches, too."""
        executes = self.operation == "ActionScalingPolicy" and self.body.get("action") == "execute"
        return executes or self.operation in ("BatchActionScalingInstances", "AttachCallbackInstanceLifeCycleHook")

    @property
    def needs_intent(self) -> bool:
        return self.operation in CREATES or self.sets_capacity or self.acts_once


def plain(name: str) -> str:
    """A cloud name without the owner's mark, which differs from namespace to namespace."""
    return _MARK.sub("", name)


class Names:
    """Remembers the names of cloud objects, so that a write by id can be told from another."""

    def __init__(self) -> None:
        self._by_id: dict[str, str] = {}

    def learn(self, object_id: str, name: str) -> None:
        self._by_id[object_id] = plain(name)

    def of(self, object_id: str) -> str:
        return self._by_id.get(object_id, "?")

    def learn_answer(self, write: Write, answer: bytes) -> None:
        """Take in the id that a create has returned."""
        if write.operation in CREATES:
            given = json.loads(answer or b"{}")
            for name, value in given.items():
                if name.endswith("_id"):
                    self.learn(value, write.text.partition(" ")[2].partition(" ")[0])

    def read(self, method: str, path: str, body: bytes) -> Write | None:
        """The write that a request is, None for anything else."""
        for wanted, pattern, operation, plural in _ROUTES:
            found = pattern.match(path)
            if method == wanted and found is not None:
                given = json.loads(body) if body else {}
                target = self.of(found["id"]) if "id" in found.groupdict() else _name(given)
                part = found.groupdict().get("part") or self._asked(operation, given)
                text = " ".join((operation, target, part))
                write = Write(operation, plural, text, given)
                return replace(write, plural="") if write.sets_capacity else write  # by a group or an operation
        return None

    def _asked(self, operation: str, body: Json) -> str:
        if operation == "UpdateScalingGroup":
            shown = ("min_instance_number", "max_instance_number", "desire_instance_number")
            return ",".join(f"{k}={body[k]}" if k in shown else k for k in sorted(body))
        if operation in ("UpdateScalingPolicy", "UpdateGroupScheduledTask"):
            return ",".join(sorted(body))
        if operation == "ActionScalingTags":
            return f"{body['action']} " + ",".join(sorted(tag["key"] for tag in body["tags"]))
        if operation in ("CreateLifeCycleHook", "CreateScalingNotification", "PutWarmPool"):
            keys = ("lifecycle_hook_name", "topic_urn", "min_capacity")
            return next((str(body[key]) for key in keys if key in body), "")
        if operation == "AttachCallbackInstanceLifeCycleHook":
            return f"{body['lifecycle_hook_name']} {body['lifecycle_action_result']}"
        if operation == "BatchActionScalingInstances":
            return f"{body['action']} {len(body['instances_id'])} delete={body.get('instance_delete', '-')}"
        if operation in ("BatchActionScalingPolicies", "BatchDeleteScalingConfigs"):
            ids = body.get("scaling_policy_id") or body.get("scaling_configuration_id") or []
            return f"{body.get('action', '')} " + ",".join(sorted(self.of(i) for i in ids))
        return str(body.get("action", ""))


def _name(body: Json) -> str:
    return next((plain(v) for k, v in body.items() if (k == "name" or k.endswith("_name")) and isinstance(v, str)), "-")
