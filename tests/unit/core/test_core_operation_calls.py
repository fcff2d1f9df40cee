"""The calls of an operation as the ports see them."""

from __future__ import annotations

from typing import Any

from cloudscaling.core.calls import ActOnInstances, AnswerHook, ExecutePolicy
from cloudscaling.core.model import HookResult, InstanceAction
from cloudscaling.engine.apply import call_cloud


class Listener:
    """Stands for every port and writes down what it is asked."""

    def __init__(self) -> None:
        self.heard: list[tuple[Any, ...]] = []
        self.instances = self.hooks = self.policies = self

    async def act(self, *arguments: Any, replace: bool) -> None:
        self.heard.append((*arguments, replace))

    async def answer(self, group_id: str, result: HookResult, **who: str) -> None:
        self.heard.append((group_id, result, who))

    async def execute(self, policy_id: str, token: str) -> None:
        self.heard.append((policy_id, token))


async def test_each_call_reaches_its_port() -> None:
    """With all that it carries."""
    cloud: Any = Listener()
    await call_cloud(cloud, ActOnInstances("g-1", InstanceAction.ENTER_STANDBY, ("i-1",), True))
    await call_cloud(cloud, AnswerHook("g-1", HookResult.ABANDON, "drain", "i-1", "t"))
    await call_cloud(cloud, ExecutePolicy("p-1", "uid"))
    assert cloud.heard == [
        ("g-1", InstanceAction.ENTER_STANDBY, ("i-1",), True),
        ("g-1", HookResult.ABANDON, {"hook_name": "drain", "instance_id": "i-1", "token": "t"}),
        ("p-1", "uid"),
    ]
