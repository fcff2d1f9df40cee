"""A cloud on a manual clock for tests of the simulator's state, with no I/O."""

from __future__ import annotations

from typing import Any

from cloudsim.huawei.cloud import HuaweiCloud
from cloudsim.settings import Settings
from cloudsim.world import World

TEMPLATE: dict[str, Any] = {
    "flavorRef": "s6.small.1",
    "imageRef": "image-1",
    "disk": [{"size": 40, "volume_type": "SSD", "disk_type": "SYS"}],
    "key_name": "key-1",
}


class Rig:
    """One world with one Huawei cloud, and short ways to use it."""

    def __init__(self, vendor: str = "huawei", **settings: Any) -> None:
        """Build the world; settings are those of a run, options and quotas without the vendor's prefix."""
        for table in ("options", "quotas"):
            settings[table] = {f"{vendor}.{k}": v for k, v in settings.get(table, {}).items()}
        self.world = World(Settings(vendors={vendor: 0}, clock="manual", **settings))
        cloud = self.world.vendors[vendor]
        assert isinstance(cloud, HuaweiCloud)
        self.cloud = cloud

    def do(self, operation: str, body: Any = None, query: dict[str, Any] | None = None, **path: Any) -> Any:
        """Run an operation that must succeed."""
        status, content = self.cloud.call(operation, path, query, body)
        assert status in (200, 204), (operation, status, content)
        return content

    def refused(self, operation: str, body: Any = None, query: dict[str, Any] | None = None, **path: Any) -> str:
        """Run an operation that must fail and return its code."""
        status, content = self.cloud.call(operation, path, query, body)
        assert status >= 400, (operation, status, content)
        return str(content["error"]["code"])

    def later(self, seconds: float = 5.0) -> None:
        """Let time pass; one activity takes five seconds."""
        self.world.advance(seconds)

    def template(self, name: str = "template", **config: Any) -> str:
        """Create a configuration."""
        body = {"scaling_configuration_name": name, "instance_config": {**TEMPLATE, **config}}
        return str(self.do("CreateScalingConfig", body)["scaling_configuration_id"])

    def group_body(self, **fields: Any) -> dict[str, Any]:
        """Return a body that creates a group."""
        body = {"scaling_group_name": "group", "networks": [{"id": "net-1"}], "vpc_id": "vpc-1", **fields}
        body.setdefault("max_instance_number", 10)
        if "scaling_configuration_id" not in body:
            body["scaling_configuration_id"] = self.template()
        return body

    def group(self, enabled: bool = True, settled: bool = True, **fields: Any) -> str:
        """Create a group, enabled and with its desired instances unless said otherwise."""
        group_id = str(self.do("CreateScalingGroup", self.group_body(**fields))["scaling_group_id"])
        if enabled:
            self.do("ActionScalingGroup", {"action": "resume"}, scaling_group_id=group_id)
        if settled:
            self.later()
        return group_id

    def show(self, group_id: str) -> dict[str, Any]:
        """Read a group."""
        content = self.do("ShowScalingGroup", scaling_group_id=group_id)["scaling_group"]
        assert isinstance(content, dict)
        return content

    def update(self, group_id: str, **fields: Any) -> None:
        """Change a group."""
        self.do("UpdateScalingGroup", fields, scaling_group_id=group_id)

    def members(self, group_id: str, **query: Any) -> list[dict[str, Any]]:
        """Read up to 100 members of a group."""
        answer = self.do("ListScalingInstances", query={"limit": 100, **query}, scaling_group_id=group_id)
        return list(answer["scaling_group_instances"])

    def ids(self, group_id: str) -> list[str]:
        """Return the members' ids."""
        return [m["instance_id"] for m in self.members(group_id)]

    def activities(self, group_id: str) -> list[dict[str, Any]]:
        """Read the newest activities."""
        return list(self.do("ListScalingActivityV2Logs", scaling_group_id=group_id)["scaling_activity_log"])

    def batch(self, group_id: str, action: str, *ids: str, **extra: str) -> None:
        """Run a batch action."""
        body = {"action": action, "instances_id": list(ids), **extra}
        self.do("BatchActionScalingInstances", body, scaling_group_id=group_id)

    def batch_refused(self, group_id: str, action: str, *ids: str, **extra: str) -> str:
        """Run a batch action that must fail and return its code."""
        body = {"action": action, "instances_id": list(ids), **extra}
        return self.refused("BatchActionScalingInstances", body, scaling_group_id=group_id)

    def policy(self, group_id: str, kind: str = "ALARM", **fields: Any) -> str:
        """Create a policy in version 2."""
        body = {
            "scaling_policy_name": "policy",
            "scaling_resource_id": group_id,
            "scaling_resource_type": "SCALING_GROUP",
            "scaling_policy_type": kind,
            **({"alarm_id": "al1"} if kind == "ALARM" else {}),
            **fields,
        }
        return str(self.do("CreateScalingV2Policy", body)["scaling_policy_id"])

    def runs(self, policy_id: str) -> list[dict[str, Any]]:
        """Read the runs of a policy, newest first."""
        answer = self.do("ListScalingPolicyExecuteLogs", scaling_policy_id=policy_id)
        return list(answer["scaling_policy_execute_log"])

    def server(self, server_id: str) -> dict[str, Any]:
        """Read the ledger entry of a server."""
        projects = self.cloud.describe()["projects"].values()
        return next(p["servers"][server_id] for p in projects if server_id in p["servers"])
