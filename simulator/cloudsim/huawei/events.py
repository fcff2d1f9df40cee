"""What happens when time passes: due entries, each with its transition. Called by cloud.advance only."""

from __future__ import annotations

from collections.abc import Callable

from cloudsim.huawei import activities, hangings, policy_runs, scaling, tasks, warm_pools
from cloudsim.huawei.scene import Scene


def _of_group(transition: Callable[..., None]) -> Callable[[Scene, str, str], None]:
    def run(scene: Scene, target: str, extra: str) -> None:
        group = scene.tenant.groups.get(target)
        if group is not None:
            transition(scene, group)

    return run


EVENTS: dict[str, Callable[[Scene, str, str], None]] = {
    "settle": activities.settle,
    "balance": _of_group(scaling.balance),
    "purge": _of_group(scaling.purge),
    "audit": _of_group(scaling.audit),
    "policy": policy_runs.on_timer,
    "hook-timeout": hangings.on_timeout,
    "task": tasks.on_timer,
    "warm-pool": _of_group(warm_pools.on_time),
}
