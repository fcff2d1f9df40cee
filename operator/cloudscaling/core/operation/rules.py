"""What an action asks of an instance before and after it, as tables. Called by core.operation.batch.

Rule: only a list that was read after the group decides; before it there is no judgement at all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum

from cloudscaling.api.v1alpha1.instanceoperation_parts import Action
from cloudscaling.core.facts import Observed
from cloudscaling.core.model import Instance, InstanceAction, InstanceState, PendingAction
from cloudscaling.core.operation.facts import HOOK_ACTIONS, OperationFacts

_JOINING = frozenset({InstanceState.PENDING, InstanceState.PENDING_HOOK, InstanceState.UNKNOWN})
_LEAVING = frozenset({InstanceState.REMOVING, InstanceState.REMOVING_HOOK, InstanceState.UNKNOWN})
_UNCLEAR = frozenset({InstanceState.UNKNOWN})


class Standing(Enum):
    """How an instance stands to the action."""

    DONE = "it is in the wanted state"
    READY = "the action may be called for it"
    MOVING = "it is on the way; nothing to call"
    BARRED = "the action is refused for it"


@dataclass(frozen=True, slots=True)
class Judged:
    standing: Standing
    reason: str = ""  # of a failure, should it end here
    message: str = ""


@dataclass(frozen=True, slots=True)
class ActionRule:
    """One row of the tables 5.1 and 5.2 of the API document."""

    call: InstanceAction
    done: Callable[[Instance | None], bool]
    needs: InstanceState | None  # None: it must not be in the group
    moving: frozenset[InstanceState] = _UNCLEAR
    needs_idle: bool = True
    spares_protected: bool = False


RULES: Mapping[Action, ActionRule] = {
    Action.ADD: ActionRule(
        InstanceAction.ADD, lambda i: i is not None and i.state is InstanceState.IN_SERVICE, None, _JOINING
    ),
    Action.REMOVE: ActionRule(
        InstanceAction.REMOVE, lambda i: i is None, InstanceState.IN_SERVICE, _LEAVING, spares_protected=True
    ),
    Action.DETACH: ActionRule(
        InstanceAction.DETACH, lambda i: i is None, InstanceState.IN_SERVICE, _LEAVING, spares_protected=True
    ),
    Action.PROTECT: ActionRule(
        InstanceAction.PROTECT, lambda i: i is not None and i.protected, InstanceState.IN_SERVICE, needs_idle=False
    ),
    Action.UNPROTECT: ActionRule(
        InstanceAction.UNPROTECT,
        lambda i: i is not None and not i.protected,
        InstanceState.IN_SERVICE,
        needs_idle=False,
    ),
    Action.ENTER_STANDBY: ActionRule(
        InstanceAction.ENTER_STANDBY,
        lambda i: i is not None and i.state is InstanceState.STANDBY,
        InstanceState.IN_SERVICE,
    ),
    Action.EXIT_STANDBY: ActionRule(
        InstanceAction.EXIT_STANDBY,
        lambda i: i is not None and i.state is InstanceState.IN_SERVICE,
        InstanceState.STANDBY,
    ),
}
# Actions whose vendor refuses to leave the bounds of the group.
GROWS, SHRINKS = frozenset({Action.ADD}), frozenset({Action.REMOVE, Action.DETACH})


def needs_idle(action: Action) -> bool:
    """Whether no activity may run when the action is called."""
    if action in HOOK_ACTIONS:
        return False
    return RULES[action].needs_idle if action in RULES else True


@dataclass(frozen=True, slots=True)
class Bench:
    """Judges instances of one fresh read."""

    action: Action
    instances: Mapping[str, Instance]
    held: frozenset[str] = frozenset()  # instances that the hook of the spec holds

    def judge(self, instance_id: str) -> Judged:
        if self.action in HOOK_ACTIONS:
            return self._of_hook(instance_id)
        rule, found = RULES[self.action], self.instances.get(instance_id)
        if rule.done(found):
            return Judged(Standing.DONE)
        if found is None:
            outside = Judged(Standing.BARRED, "InstanceNotInGroup", "it is not in the group")
            return Judged(Standing.READY) if rule.needs is None else outside
        if found.state in rule.moving:
            return Judged(Standing.MOVING, "InstanceNotInService", f"its state is {found.state}")
        if found.state is not rule.needs:
            return Judged(Standing.BARRED, "InstanceNotInService", f"its state is {found.state}")
        if rule.spares_protected and found.protected:
            return Judged(Standing.BARRED, "InstanceProtected", "it is protected from leaving the group")
        return Judged(Standing.READY)

    def _of_hook(self, instance_id: str) -> Judged:
        if is_token(instance_id):
            return Judged(Standing.BARRED, "TokenInvalid", "no instance waits with this token")
        if instance_id in self.held:
            return Judged(Standing.READY)
        if self.action is Action.COMPLETE_LIFECYCLE_ACTION:
            return Judged(Standing.DONE)
        return Judged(Standing.BARRED, "HookNotWaiting", "the hook does not hold it")


def bench(facts: OperationFacts) -> Bench | None:
    """None while there is no list that was read after the group."""
    seen = facts.seen
    if not isinstance(seen, Observed):
        return None
    if facts.action in HOOK_ACTIONS:
        if facts.pending is None or facts.pending.at < seen.at:
            return None
        return Bench(facts.action, {}, frozenset(p.instance_id for p in waiting(facts)))
    if facts.instances is None or facts.instances.at < seen.at:
        return None
    return Bench(facts.action, {i.id: i for i in facts.instances.value})


def waiting(facts: OperationFacts) -> tuple[PendingAction, ...]:
    """Instances that the hook of the spec holds now."""
    wanted = facts.resource.spec.lifecycle_action
    if wanted is None or facts.pending is None:
        return ()
    return tuple(p for p in facts.pending.value if p.hook_name == wanted.hook_name)


def token_label(position: int) -> str:
    """Stands for a token that nothing waits with; tokens themselves are never shown."""
    return f"token:{position}"


def is_token(instance_id: str) -> bool:
    return instance_id.startswith("token:")
