"""Whether an operation can be carried out at all: vendor, action, who owns the capacity. Called by the planner."""

from __future__ import annotations

from collections.abc import Iterator

from cloudscaling.api.v1alpha1.instanceoperation_parts import Action
from cloudscaling.api.v1alpha1.scalingpolicy import PolicyType
from cloudscaling.core.accept import BLOCKS, Problem
from cloudscaling.core.facts import Account
from cloudscaling.core.operation.facts import GROUP_ACTIONS, HOOK_ACTIONS, OperationFacts, OperationTarget, PolicyTarget
from cloudscaling.core.operation.rules import RULES

# Actions that move the capacity of a group whatever else the spec says.
_MOVES_CAPACITY = GROUP_ACTIONS | {Action.ADD}
_HINTS = {
    Action.REBALANCE: "only groups of Alibaba are balanced by a call",
    Action.START: "instances cannot be stopped inside the group; use EnterStandby where the vendor has it",
    Action.STOP: "use EnterStandby where the vendor has it, or Protect",
    Action.ENTER_STANDBY: "use Protect to keep an instance, or Detach to take it out",
    Action.EXIT_STANDBY: "there is no standby to leave",
}


def problems(facts: OperationFacts, account: Account, target: OperationTarget | None) -> tuple[Problem, ...]:
    """Every reason against it, the gravest first; once the work is chosen nothing new is brought up."""
    if facts.frozen:
        return ()
    return tuple([*_blocks(facts, account), *_repeated(facts), *_action(facts, account), *_ownership(facts, target)])


def _blocks(facts: OperationFacts, account: Account) -> Iterator[Problem]:
    for block in BLOCKS:
        if block != account.block and getattr(facts.resource.spec, block) is not None:
            text = f"{block}: the account is of vendor {account.vendor}; use the {account.block} block"
            yield Problem(block, "VendorBlockMismatch", text)


def _repeated(facts: OperationFacts) -> Iterator[Problem]:
    if facts.already_executed:
        text = "an operation of this name and content has run on the group; create one of another name to run it again"
        yield Problem("metadata.name", "AlreadyExecuted", text)


def _action(facts: OperationFacts, account: Account) -> Iterator[Problem]:
    action, spec = facts.action, facts.resource.spec
    known = action in GROUP_ACTIONS | HOOK_ACTIONS or (action in RULES and RULES[action].call in account.batch_sizes)
    if not known:
        hint = f"; {_HINTS[action]}" if action in _HINTS else ""
        yield Problem("action", "Unsupported", f"action: {account.vendor} has no {action}{hint}")
    if spec.lifecycle_action is not None and spec.lifecycle_action.extend_seconds is not None:
        text = f"lifecycleAction.extendSeconds: {account.vendor} has no such setting; it extends by one hour"
        yield Problem("lifecycleAction.extendSeconds", "Unsupported", text)
    yield from _policy(facts)


def _policy(facts: OperationFacts) -> Iterator[Problem]:
    policy = facts.policy
    if not isinstance(policy, PolicyTarget):
        return
    if policy.group != facts.resource.spec.scaling_group_ref.name:
        text = f"policyRef.name: ScalingPolicy {policy.name} belongs to another group"
        yield Problem("policyRef.name", "InvalidValue", text)
    if policy.type != PolicyType.SIMPLE and not policy.id:
        text = f"policyRef.name: ScalingPolicy {policy.name} is no policy in the cloud that could be executed"
        yield Problem("policyRef.name", "Unsupported", text)


def _ownership(facts: OperationFacts, target: OperationTarget | None) -> Iterator[Problem]:
    if target is None or not target.enforced:
        return
    leaves = facts.action in (Action.REMOVE, Action.DETACH)
    if facts.action in _MOVES_CAPACITY or (leaves and facts.resource.spec.decrement_desired_capacity is not False):
        text = f"ScalingGroup {target.name} enforces its desired capacity; {facts.action} would fight it"
        hint = "; set decrementDesiredCapacity to false to have the instances replaced" if leaves else ""
        yield Problem("action", "CapacityOwnershipConflict", text + hint)
