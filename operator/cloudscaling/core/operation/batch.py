"""Chunks of an operation on instances: sort out, form, issue. Called by the planner and the planner.verify.

A chunk is stored as Issued before its call and as Verifying after it; what became of it is for the verification.
"""

from __future__ import annotations

from typing import Any

from cloudscaling.api.v1alpha1.instanceoperation_parts import Action
from cloudscaling.api.v1alpha1.instanceoperation_status import CurrentBatch
from cloudscaling.core.calls import ActOnInstances, AnswerHook, Call
from cloudscaling.core.model import Group, HookResult
from cloudscaling.core.operation.case import Case, Waits, held, progressing
from cloudscaling.core.operation.facts import HOOK_ACTIONS
from cloudscaling.core.operation.progress import Progress, lowered, next_index
from cloudscaling.core.operation.rules import RULES, Bench, Standing, bench, waiting
from cloudscaling.core.plan import Do, Plan


def proceed(case: Case, group: Group) -> Plan:
    """The next chunk: what needs no call gets its result, the first that do are called for."""
    judge = bench(case.facts)
    if judge is None:
        return Waits("RunningBatch", "waiting for a fresh list of instances").plan(1.0)
    before = Progress.of(case.facts.resource.status)
    progress = sort_out(before, judge)
    stopped = case.facts.resource.spec.on_failure == "Stop" and progress.failed > 0
    if not stopped and not progress.pending:
        progress = progress.complete(case.facts.resource.status.total or 0)
    if stopped or not progress.pending:
        return Waits("RunningBatch", "no call is needed any more", progress.record(), progress.notices).plan(0.0)
    chunk = progress.pending[: chunk_size(case, progress)]
    return held(case) or issue(case, group, progress, chunk, index=next_index(progress.batches), attempts=0)


def sort_out(progress: Progress, judge: Bench) -> Progress:
    """Results that need no call: already so, or refused by the rules."""
    judged = {i: judge.judge(i) for i in progress.pending}
    progress = progress.skip([i for i, found in judged.items() if found.standing is Standing.DONE])
    for instance_id, found in judged.items():
        if found.standing in (Standing.BARRED, Standing.MOVING):
            progress = progress.fail(instance_id, found.reason, found.message)
    return progress


def chunk_size(case: Case, progress: Progress) -> int:
    """The account's limit for the action, lowered by the spec and by what the vendor refused."""
    action, wanted = case.facts.action, case.facts.resource.spec.batch_size
    if action in HOOK_ACTIONS:
        return 1
    limit = max(1, case.account.batch_sizes.get(RULES[action].call, 1))
    return lowered(min(limit, wanted) if wanted else limit, progress.batches)


def issue(case: Case, group: Group, progress: Progress, chunk: tuple[str, ...], *, index: int, attempts: int) -> Plan:
    """Intent first, then the call; `refused` leaves it to the list what a refused batch did after all."""
    facts = case.facts
    batch = CurrentBatch(index=index, instance_ids=chunk, state="Issued", started_at=facts.now, attempts=attempts + 1)
    verifying: dict[str, Any] = {"current_batch": batch.model_copy(update={"state": "Verifying"})}
    after = verifying
    if facts.action is Action.EXTEND_LIFECYCLE_ACTION:  # shows no effect: the answer is all there is
        done = progress.succeed(chunk).ended(batch, "Succeeded", facts.now)
        after = {**done.record(), "current_batch": None}
    text = f"chunk {index}: {facts.action} of {count(chunk)}, {len(progress.pending)} left"
    return Plan(
        step=Do(_call(case, group, chunk), after=after, refused=verifying),
        record={
            **progress.record(),
            "current_batch": batch,
            "start_time": facts.resource.status.start_time or facts.now,
        },
        wait_s=1.0,
        verdicts=(progressing("RunningBatch", text),),
        notices=progress.notices,
    )


def _call(case: Case, group: Group, chunk: tuple[str, ...]) -> Call:
    spec = case.facts.resource.spec
    if spec.lifecycle_action is not None:
        wanted = spec.lifecycle_action
        result = HookResult.EXTEND if wanted.result is None else HookResult(wanted.result.value)
        held_here = {p.instance_id: p.token for p in waiting(case.facts)} if wanted.tokens else {}
        return AnswerHook(group.id, result, wanted.hook_name, chunk[0], held_here.get(chunk[0], ""))
    replaces = bool(getattr(case.account.own(spec), "launch_replacements", None))
    return ActOnInstances(group.id, RULES[spec.action].call, chunk, replaces)


def count(ids: tuple[str, ...]) -> str:
    return f"{len(ids)} instance{'' if len(ids) == 1 else 's'}"
