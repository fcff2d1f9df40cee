"""What a handler or an event works on: one project's state at one moment, with the rules of the run."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from typing import Any

from cloudsim.faults import Fault, FaultBook, Kind
from cloudsim.huawei.errors import ApiError
from cloudsim.huawei.rules import Rules
from cloudsim.huawei.state import Configuration, Group, Policy, State, Tenant
from cloudsim.ids import Ids

JsonObject = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Scene:
    """One project at one moment; the only way for transitions to reach time, ids and faults."""

    state: State
    tenant: Tenant
    project_id: str
    now: float
    rules: Rules
    ids: Ids
    faults: FaultBook
    account: str = ""

    def later(self, at: float, kind: str, target: str, extra: str = "") -> None:
        """Have an event happen at a time; events of one time happen in the order of these calls."""
        self.state.due_number += 1
        entry = (at, self.state.due_number, kind, self.project_id, target, extra)
        heapq.heappush(self.state.due, entry)

    def fault(self, kind: Kind, target: str) -> Fault | None:
        """Use up a fault of the cloud itself; its operation `*` or the group id must match."""
        return self.faults.take(self.rules.profile.name, target, frozenset({kind}))

    def group(self, group_id: str, code: str = "2007") -> Group:
        """Return a group or refuse."""
        if group_id not in self.tenant.groups:
            raise ApiError(code, group_id)
        return self.tenant.groups[group_id]

    def configuration(self, configuration_id: str) -> Configuration:
        """Return a configuration or refuse."""
        if configuration_id not in self.tenant.configurations:
            raise ApiError("1004", configuration_id)
        return self.tenant.configurations[configuration_id]

    def policy(self, policy_id: str) -> Policy:
        """Return a policy or refuse."""
        if policy_id not in self.tenant.policies:
            raise ApiError("3020", policy_id)
        return self.tenant.policies[policy_id]

    def known(self, kind: str, reference: str, code: str) -> None:
        """Refuse an unknown reference when references are strict."""
        if self.rules.strict_references and reference not in self.state.references.get(kind, set()):
            raise ApiError(code, reference)


@dataclass(frozen=True, slots=True)
class Call:
    """A request that passed the gateway: what the caller sent, as the service reads it."""

    path: dict[str, str]
    query: dict[str, str] = field(default_factory=dict)
    body: JsonObject = field(default_factory=dict)
    base_url: str = ""
