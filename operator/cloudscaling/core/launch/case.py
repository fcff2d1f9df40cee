"""What a stage of the planner is given. Made by the planner, read by the modules beside it."""

from __future__ import annotations

from dataclasses import dataclass, field

from cloudscaling.core.accept import Problem
from cloudscaling.core.facts import Account, ContentSource
from cloudscaling.core.launch.facts import LaunchFacts


@dataclass(frozen=True, slots=True)
class Case:
    facts: LaunchFacts
    account: Account
    content: ContentSource
    problems: tuple[Problem, ...] = field(default=())
