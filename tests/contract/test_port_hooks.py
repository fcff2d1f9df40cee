"""Lifecycle hooks: made, read back, changed, deleted; instances that they hold, and every answer to them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from contract_bench import Bench

from cloudscaling import errors
from cloudscaling.core.diff import differences
from cloudscaling.core.model import ActivityStatus, Hook, HookResult, InstanceAction, InstanceState
from cloudscaling.ports import Cloud

MISSING = "00000000-0000-0000-0000-000000000000"


def hook(bench: Bench, name: str = "warmup", **changes: object) -> Hook:
    fields = {**bench.subject.hook, **{path.replace("__", "."): value for path, value in changes.items()}}
    return Hook(name, fields)


async def held(bench: Bench, cloud: Cloud, **changes: object) -> tuple[str, str]:
    """A group whose only instance waits in a hook; (group, instance)."""
    group_id = await bench.group(desired=1)
    await cloud.hooks.create(group_id, hook(bench, **changes))
    await cloud.groups.enable(group_id)
    await bench.advance(10)
    return group_id, (await cloud.instances.list(group_id))[0].id


async def test_a_new_hook_is_as_wanted(bench: Bench, cloud: Cloud) -> None:
    """In the list and by its name; the same in both."""
    group_id = await bench.group()
    assert await cloud.hooks.list(group_id) == ()
    await cloud.hooks.create(group_id, hook(bench))
    found = await cloud.hooks.get(group_id, "warmup")
    want = cloud.hooks.canonical(bench.subject.hook)
    assert differences(want, found.fields) == ()
    assert set(want) <= set(found.fields)
    assert await cloud.hooks.list(group_id) == (found,)


async def test_what_is_not_wanted_is_left_to_the_vendor(bench: Bench, cloud: Cloud) -> None:
    """A hook without metadata has none."""
    group_id = await bench.group()
    fields = {path: value for path, value in bench.subject.hook.items() if path != "metadata"}
    await cloud.hooks.create(group_id, Hook("plain", fields))
    assert (await cloud.hooks.get(group_id, "plain")).fields["metadata"] == ""


async def test_every_field_can_be_changed(bench: Bench, cloud: Cloud) -> None:
    """One at a time; nothing else moves."""
    group_id = await bench.group()
    await cloud.hooks.create(group_id, hook(bench))
    want = dict(bench.subject.hook)
    for path, value in bench.subject.hook_update.items():
        want[path] = value
        await cloud.hooks.update(group_id, Hook("warmup", want), frozenset({path}))
        seen = (await cloud.hooks.get(group_id, "warmup")).fields
        assert differences(cloud.hooks.canonical(want), seen) == (), path


async def test_an_update_of_nothing_is_no_call(bench: Bench, cloud: Cloud) -> None:
    """Nothing is written that did not change."""
    await cloud.hooks.update(await bench.group(), hook(bench), frozenset())
    assert await bench.count("update hook") == 0


async def test_a_hook_that_is_there_already_is_no_failure(bench: Bench, cloud: Cloud) -> None:
    """What it is like the next look tells."""
    group_id = await bench.group()
    await cloud.hooks.create(group_id, hook(bench))
    with pytest.raises(errors.NoOp):
        await cloud.hooks.create(group_id, hook(bench, timeoutSeconds=900))
    assert len(await cloud.hooks.list(group_id)) == 1


async def test_a_deleted_hook_is_absent(bench: Bench, cloud: Cloud) -> None:
    """Every call about it says so."""
    group_id = await bench.group()
    await cloud.hooks.create(group_id, hook(bench))
    await cloud.hooks.delete(group_id, "warmup")
    for call in (
        cloud.hooks.get(group_id, "warmup"),
        cloud.hooks.update(group_id, hook(bench), frozenset({"metadata"})),
        cloud.hooks.delete(group_id, "warmup"),
    ):
        with pytest.raises(errors.NotFound):
            await call
    assert await cloud.hooks.list(group_id) == ()


async def test_a_refusal_without_a_code_of_its_own_is_checked_against_the_list(bench: Bench, cloud: Cloud) -> None:
    """No document says which code a missing hook has."""
    group_id = await bench.group()
    await bench.fault("error", "delete hook", status=400, code="AS.7031")
    with pytest.raises(errors.NotFound):
        await cloud.hooks.delete(group_id, "warmup")
    await cloud.hooks.create(group_id, hook(bench))
    await bench.fault("error", "delete hook", status=400, code="AS.7031")
    with pytest.raises(errors.Rejected):
        await cloud.hooks.delete(group_id, "warmup")


async def test_the_hooks_of_a_missing_group_are_missing_too(bench: Bench, cloud: Cloud) -> None:
    """Nothing is left to be done for them."""
    for call in (
        cloud.hooks.list(MISSING),
        cloud.hooks.create(MISSING, hook(bench)),
        cloud.hooks.delete(MISSING, "warmup"),
        cloud.hooks.pending(MISSING),
    ):
        with pytest.raises(errors.NotFound):
            await call


async def test_the_sixth_hook_is_over_the_quota(bench: Bench, cloud: Cloud) -> None:
    """Five per group."""
    group_id = await bench.group()
    for number in range(5):
        await cloud.hooks.create(group_id, hook(bench, f"hook-{number}"))
    with pytest.raises(errors.QuotaExceeded):
        await cloud.hooks.create(group_id, hook(bench, "hook-5"))


async def test_values_that_the_vendor_cannot_hold_are_refused(bench: Bench, cloud: Cloud) -> None:
    """Too short a time by the cloud, a queue before anything is sent."""
    group_id = await bench.group()
    with pytest.raises(errors.Rejected):
        await cloud.hooks.create(group_id, hook(bench, timeoutSeconds=30))
    with pytest.raises(errors.Rejected, match=r"target\.queue"):
        await cloud.hooks.create(group_id, hook(bench, target__queue="q"))


async def test_a_held_instance_is_shown_with_its_deadline(bench: Bench, cloud: Cloud) -> None:
    """Whoever answers needs the token; whoever watches needs the time."""
    group_id, instance = await held(bench, cloud)
    assert (await cloud.instances.list(group_id))[0].state is InstanceState.PENDING_HOOK
    (action,) = await cloud.hooks.pending(group_id)
    assert (action.hook_name, action.instance_id, action.default_result) == ("warmup", instance, "Continue")
    assert action.token
    assert action.deadline is not None


@pytest.mark.parametrize("by_token", [True, False], ids=["by its token", "by hook and instance"])
async def test_an_answered_instance_goes_on(bench: Bench, cloud: Cloud, by_token: bool) -> None:
    """The hook holds it no longer, and a second answer finds nothing."""
    group_id, instance = await held(bench, cloud)
    token = (await cloud.hooks.pending(group_id))[0].token
    who = {"token": token} if by_token else {"instance_id": instance}
    await cloud.hooks.answer(group_id, HookResult.CONTINUE, hook_name="warmup", **who)
    assert await cloud.hooks.pending(group_id) == ()
    await bench.advance()
    assert (await cloud.instances.list(group_id))[0].state is InstanceState.IN_SERVICE
    with pytest.raises(errors.NotFound):
        await cloud.hooks.answer(group_id, HookResult.CONTINUE, hook_name="warmup", **who)


async def test_an_abandoned_launch_is_replaced(bench: Bench, cloud: Cloud) -> None:
    """The activity failed, and another instance starts."""
    group_id, instance = await held(bench, cloud)
    await cloud.hooks.answer(group_id, HookResult.ABANDON, hook_name="warmup", instance_id=instance)
    await bench.advance(10)
    assert instance not in {found.id for found in await cloud.instances.list(group_id)}
    assert ActivityStatus.FAILED in {found.status for found in await cloud.groups.activities(group_id, 10)}


async def test_an_extension_moves_the_deadline(bench: Bench, cloud: Cloud) -> None:
    """By the vendor's own step; the instance stays where it is."""
    group_id, instance = await held(bench, cloud)
    before = (await cloud.hooks.pending(group_id))[0].deadline
    await cloud.hooks.answer(group_id, HookResult.EXTEND, hook_name="warmup", instance_id=instance)
    after = (await cloud.hooks.pending(group_id))[0].deadline
    assert before is not None
    assert after is not None
    assert after - before == timedelta(hours=1)
    await bench.advance(700)
    assert len(await cloud.hooks.pending(group_id)) == 1


@pytest.mark.parametrize(("result", "serves"), [("Continue", True), ("Abandon", False)], ids=["goes on", "is given up"])
async def test_silence_ends_with_the_default_result(bench: Bench, cloud: Cloud, result: str, serves: bool) -> None:
    """After the hook's time, and not before."""
    group_id, instance = await held(bench, cloud, defaultResult=result, timeoutSeconds=120)
    await bench.advance(100)
    assert len(await cloud.hooks.pending(group_id)) == 1
    await bench.advance(30)
    in_service = [i.id for i in await cloud.instances.list(group_id) if i.state is InstanceState.IN_SERVICE]
    assert (instance in in_service) == serves


async def test_a_leaving_instance_is_held_too(bench: Bench, cloud: Cloud) -> None:
    """It goes once somebody lets it."""
    group_id = await bench.running_group(1)
    instance = (await cloud.instances.list(group_id))[0].id
    await cloud.hooks.create(group_id, hook(bench, "drain", transition="Terminating"))
    await cloud.instances.act(group_id, InstanceAction.REMOVE, [instance])
    await bench.advance(10)
    assert (await cloud.instances.list(group_id))[0].state is InstanceState.REMOVING_HOOK
    await cloud.hooks.answer(group_id, HookResult.CONTINUE, hook_name="drain", instance_id=instance)
    await bench.advance()
    assert await cloud.instances.list(group_id) == ()


async def test_a_hook_stays_while_its_group_is_busy(bench: Bench, cloud: Cloud) -> None:
    """Waiting is no error of the user."""
    group_id, _ = await held(bench, cloud)
    with pytest.raises(errors.Busy):
        await cloud.hooks.delete(group_id, "warmup")


async def test_an_answer_needs_to_say_for_whom(bench: Bench, cloud: Cloud) -> None:
    """Nothing is sent."""
    with pytest.raises(errors.Rejected):
        await cloud.hooks.answer(await bench.group(), HookResult.CONTINUE, hook_name="warmup")
    assert await bench.count("answer hook") == 0


WRITES: dict[str, Callable[[Bench, Cloud, str], object]] = {
    "create hook": lambda bench, cloud, group: cloud.hooks.create(group, hook(bench, "second")),
    "update hook": lambda bench, cloud, group: cloud.hooks.update(group, hook(bench), frozenset({"metadata"})),
    "delete hook": lambda bench, cloud, group: cloud.hooks.delete(group, "warmup"),
}


@pytest.mark.parametrize("operation", WRITES)
@pytest.mark.parametrize("kind", ["drop-before-commit", "drop-after-commit"], ids=["not done", "done"])
async def test_a_lost_answer_is_an_unknown_outcome(bench: Bench, cloud: Cloud, operation: str, kind: str) -> None:
    """The list tells what became of it, and asking again is safe."""
    group_id = await bench.group()
    await cloud.hooks.create(group_id, hook(bench))
    await bench.fault(kind, operation)
    write = WRITES[operation]
    with pytest.raises(errors.OutcomeUnknown):
        await write(bench, cloud, group_id)  # type: ignore[misc]  # a coroutine of either kind
    done = kind == "drop-after-commit"
    names = {found.name for found in await cloud.hooks.list(group_id)}
    expected = {
        "create hook": {"warmup", "second"} if done else {"warmup"},
        "update hook": {"warmup"},
        "delete hook": set() if done else {"warmup"},
    }
    assert names == expected[operation]
