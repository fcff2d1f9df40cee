"""Random lives of a group: kills, lost replies, edits, moves by others; then it settles, and then it is deleted."""

from __future__ import annotations

import asyncio
import os
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings
from life import OWNER, POLICY_KINDS, Life
from operator_rig import Rig
from sim_transport import Trouble
from virtual_time import run

from cloudscaling.engine.store import ACCOUNTS, GROUPS, LAUNCHES, POLICIES

Steps = list[tuple[float, tuple[Any, ...]]]
TROUBLES = ("drop-before", "drop-after", "drop-after", "throttle", "500", "truncated", "empty", "AS.0001", "AS.2038")


def _topic(name: str, event: str = "ScaleOutFailed") -> dict[str, Any]:
    return {"name": name, "events": [event], "target": {"topic": f"urn:smn:sim-region-1:acme:{name}"}}


def _pool(name: str, weight: int) -> dict[str, Any]:
    return {"name": name, "poolId": f"pool-{name}", "port": 80, "weight": weight}


EDITS: dict[str, st.SearchStrategy[Any]] = {
    "desiredCapacity": st.one_of(st.none(), st.integers(0, 12)),
    "minSize": st.integers(0, 4),
    "maxSize": st.integers(4, 12),
    "enabled": st.booleans(),
    "capacityManagement": st.sampled_from(["OnChange", "Enforced"]),
    "cooldownSeconds": st.sampled_from([0, 60, 900]),
    "tags": st.dictionaries(st.sampled_from("abc"), st.sampled_from("xy"), max_size=3),
    "notifications": st.sampled_from([None, [_topic("a")], [_topic("a", "ScaleInFailed"), _topic("b")]]),
    "loadBalancers": st.sampled_from([None, {"targets": [_pool("a", 1)]}, {"targets": [_pool("a", 2), _pool("b", 1)]}]),
    "externalName": st.sampled_from(["web-old", "web-new"]),
    "paused": st.booleans(),
}
edits = st.sampled_from(sorted(EDITS)).flatmap(lambda name: st.tuples(st.just("edit"), st.just(name), EDITS[name]))
blows = st.one_of(
    st.tuples(st.just("kill"), st.floats(0, 0.2)),
    st.tuples(st.just("kill"), st.floats(0, 8)),
    st.tuples(st.just("trouble"), st.sampled_from(TROUBLES), st.integers(1, 3)),
)
steps = st.one_of(
    edits,
    edits,
    blows,
    blows,
    st.tuples(
        st.just("console"),
        st.sampled_from(
            ["desire", "desire", "pause", "resume", "delete", "untag", "attach", "PROTECT", "ENTER_STANDBY"]
        ),
        st.integers(0, 12),
    ),
    st.tuples(st.just("launch"), st.sampled_from(["image-a", "image-b", "image-c"])),
    st.tuples(st.just("policy"), st.sampled_from(["none", "lost", *POLICY_KINDS])),
    st.tuples(st.just("reapply")),
    st.tuples(st.just("lose")),
)
SETTLED = {"DriftObserved", "NotAccepted", "DuplicateFound", "Rejected", "NameConflict"}


def for_a_while(kind: str, times: int) -> Trouble:
    """Trouble of one kind for the next calls that it fits."""
    left = [times]

    def trouble(operation: str, write: bool) -> str:
        fits = write or kind in ("truncated", "empty", "throttle", "500")
        if left[0] <= 0 or not fits:
            return ""
        left[0] -= 1
        return kind

    return trouble


async def act(life: Life, step: tuple[Any, ...]) -> None:
    """One step of a life."""
    rig = life.rig
    match step:
        case ("edit", name, value):
            life.edit(name, value)
        case ("kill", after):
            await asyncio.sleep(after)
            await rig.kill()
            await rig.start()
        case ("trouble", kind, times):
            rig.simulator.trouble = for_a_while(kind, times)
        case ("console", action, number):
            life.console(action, number)
        case ("launch", image):
            life.edit_launch(image)
        case ("policy", kind):
            life.policy(kind)
        case ("reapply",):
            life.reapply()
        case ("lose",):
            life.lose_status()


def quiet(rig: Rig) -> bool:
    """Nothing is left to be done, or the object says why not."""
    for plural in (GROUPS, LAUNCHES, POLICIES):
        for (kind, _, name), raw in rig.kube.objects.items():
            if kind != plural or rig.synced(plural, name):
                continue
            status, reason = rig.kube.condition(plural, name, "Synced")
            current = (raw.get("status") or {}).get("observedGeneration") == raw["metadata"]["generation"]
            if not current or status != "False" or reason not in SETTLED:
                return False
    return True


async def settle(life: Life) -> None:
    """No more bad luck; everything becomes as wanted or says why not, and then stays as it is."""
    rig = life.rig
    rig.simulator.trouble = lambda operation, write: ""
    life.edit("paused", False)
    await rig.until(lambda: quiet(rig), 4 * 3600, 5)
    await asyncio.sleep(120)
    await rig.until(lambda: quiet(rig), 4 * 3600, 5)
    writes = len(rig.simulator.writes)
    await asyncio.sleep(400)
    assert len(rig.simulator.writes) == writes, rig.report()
    assert not life.verdict(), "\n".join(life.verdict()) + "\n" + rig.report()
    if rig.synced(GROUPS, "web"):
        as_wanted(life)
    if rig.kube.exists(POLICIES, "night") and rig.synced(POLICIES, "night"):
        spec = rig.kube.objects[POLICIES, "web", "night"]["spec"]
        is_task = "capacity" in spec
        assert life.timers() == (int(not is_task), int(is_task and spec.get("enabled", True))), rig.report()


def is_scheduled(rig: Rig) -> bool:
    """A policy here sets sizes at times."""
    return rig.kube.exists(POLICIES, "night") and "capacity" in rig.kube.objects[POLICIES, "web", "night"]["spec"]


def as_wanted(life: Life) -> None:
    """Synced=True means that the cloud is as the spec says."""
    rig = life.rig
    spec, status = rig.kube.objects[GROUPS, "web", "web"]["spec"], rig.kube.status(GROUPS, "web")
    group = rig.simulator.groups()[status["externalId"]]
    tags = {t["key"]: t["value"] for t in group["tags"]}
    report = rig.report()
    bounds = {"minSize": group["min_instance_number"], "maxSize": group["max_instance_number"]}
    wished = {"minSize": spec["minSize"], "maxSize": spec["maxSize"]}
    left = is_scheduled(rig) and status.get("lastAppliedBounds") == wished  # a schedule may move them
    assert left or bounds == wished, report
    assert group["scaling_configuration_id"] == rig.kube.status(LAUNCHES, "lc")["externalId"], report
    wanted_tags = {**spec.get("tags", {}), "cso-owner": OWNER.mark}
    assert wanted_tags.items() <= tags.items(), report
    assert life.lost or tags == wanted_tags, report
    listeners = {row["pool_id"]: row["weight"] for row in group["lbaas_listeners"]}
    targets = {row["poolId"]: row["weight"] for row in spec.get("loadBalancers", {}).get("targets", ())}
    topics = rig.simulator.do("ListScalingNotifications", scaling_group_id=status["externalId"])["topics"]
    bound = {row["topic_urn"]: row["topic_scene"] for row in topics}
    wanted = {row["target"]["topic"]: len(row["events"]) for row in spec.get("notifications", ())}
    assert targets.items() <= listeners.items(), report
    assert wanted.keys() <= bound.keys(), report
    assert life.lost or (listeners, bound.keys()) == (targets, wanted.keys()), report
    if "cooldownSeconds" in spec:
        assert group["cool_down_time"] == spec["cooldownSeconds"], report
    if spec.get("capacityManagement") == "Enforced" and not status.get("capacityHeld"):
        clamped = max(spec["minSize"], min(spec["desiredCapacity"], spec["maxSize"]))
        assert group["desire_instance_number"] == clamped, report


async def end(life: Life, keep: bool, orphan: bool, force: bool, plan: Steps) -> None:
    """Delete everything at once, as a namespace does; nothing of ours is left but what shall be."""
    rig = life.rig
    life.edit("deletionPolicy", "Orphan" if orphan else "Delete")
    life.edit("forceDeleteAfterSeconds", 90 if force else -1)
    life.edit("instanceDeletionPolicy", "Detach" if keep else "Release")
    await asyncio.sleep(5)
    status = rig.kube.status(GROUPS, "web")
    external_id = status.get("externalId")
    running = {m["instance_id"] for m in rig.simulator.members(external_id)} if external_id else set()
    attached = {
        m["instance_id"]
        for m in (rig.simulator.members(external_id) if external_id else ())
        if not m["scaling_configuration_id"]
    }
    life.deleting = True
    for plural, name in ((POLICIES, "night"), (GROUPS, "web"), (LAUNCHES, "lc"), (ACCOUNTS, "acme")):
        rig.kube.remove(plural, name)
    for delay, step in plan:
        await asyncio.sleep(delay)
        await act(life, step)
    rig.simulator.trouble = lambda operation, write: ""
    blocked = 0
    while rig.kube.objects:
        await asyncio.sleep(10)
        blocked += 1
        if blocked == 30 and not force:
            free(life)
        assert blocked < 700, rig.report()
    assert life.timers() == (0, 0), rig.report()
    left = life.ours()
    servers = rig.simulator.servers()
    if orphan:
        assert external_id is None or external_id in left, rig.report()
    else:
        assert len(left) <= life.twins, rig.report()
        kept = {server for server in running if servers.get(server) != "DELETED"}
        assert kept == (running if keep else attached), f"{running} {kept} {attached}\n{rig.report()}"
    if not left:
        assert set(rig.simulator.configurations().values()) <= {"old"}, rig.report()


def free(life: Life) -> None:
    """Take protection and standby off by hand, which is what the blocked deletion asks for."""
    for group_id in life.ours():
        rows = life.rig.simulator.members(group_id)
        standby = [m["instance_id"] for m in rows if m["life_cycle_state"] == "STANDBY"]
        protected = [m["instance_id"] for m in rows if m["protect_from_scaling_down"]]
        for action, ids in (("EXIT_STANDBY", standby), ("UNPROTECT", protected)):
            if ids:
                batch = {"action": action, "instances_id": ids}
                life.rig.simulator.do("BatchActionScalingInstances", batch, scaling_group_id=group_id)


LIVES: dict[str, st.SearchStrategy[Any]] = {
    "seed": st.sampled_from(["none", "none", "ours", "tagged", "foreign", "twins"]),
    "first": st.fixed_dictionaries(
        {},
        optional={
            n: EDITS[n] for n in ("desiredCapacity", "minSize", "maxSize", "enabled", "capacityManagement", "tags")
        },
    ),
    "plan": st.lists(st.tuples(st.floats(0, 40), steps), max_size=12),
    "keep": st.booleans(),
    "orphan": st.sampled_from([False, False, True]),
    "force": st.booleans(),
    "last": st.lists(st.tuples(st.floats(0, 15), blows), max_size=4),
}


async def live(
    seed: str, first: dict[str, Any], plan: Steps, keep: bool, orphan: bool, force: bool, last: Steps
) -> None:
    """A life from the first manifest to the last deletion."""
    rig = Rig()
    life = Life(rig)
    life.seed(seed)
    life.create(first)
    rig.launch()
    rig.account()
    await rig.start()
    for delay, step in plan:
        await asyncio.sleep(delay)
        await act(life, step)
    await settle(life)
    await end(life, keep, orphan, force, last)
    await rig.kill()


@pytest.mark.timeout(1800)
@settings(max_examples=int(os.environ.get("LIVES", "100")), deadline=None, suppress_health_check=list(HealthCheck))
@given(**LIVES)
def test_every_life_settles_and_ends_without_a_trace(**life: Any) -> None:
    """Whatever happens: no duplicate, no unasked size, no leak, no manual step."""
    run(live(**life))
