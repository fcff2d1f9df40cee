"""The vocabulary of a vendor's field table. Tables live in vendors/<v>/fields.py; core/accept.py reads them.

A table maps a path of the custom resource to a Rule. A path covers everything below it; a path that no table
knows is not served, so a new field of the API can never be dropped silently.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from cloudscaling.core.model import Json


class Mutability(StrEnum):
    IN_PLACE = "in place"
    WHEN_IDLE = "when the group has no activity"
    WHEN_EMPTY = "when the group is disabled, empty and idle"
    NEVER = "never"
    REVISION = "by a new revision"
    OPERATOR = "not sent"
    CHILD = "by calls of its own"


class Support(StrEnum):
    SERVED = "served"
    UNSUPPORTED = "Unsupported"  # the vendor lacks it
    NOT_IMPLEMENTED = "NotImplemented"  # this release does not serve it yet


@dataclass(frozen=True, slots=True)
class Rule:
    """What a vendor allows for one field; `hint` names the nearest alternative of an unsupported one."""

    mutability: Mutability = Mutability.IN_PLACE
    low: int | None = None
    high: int | None = None
    values: frozenset[str | int] | None = None
    lacking: Mapping[str, str] = field(default_factory=dict)  # values that the API knows and the vendor lacks -> hint
    not_yet: frozenset[str] = frozenset()  # values that this release does not serve
    judge: Callable[[Json], str] | None = None  # what is wrong with a value, "" when nothing is
    required: bool = False
    required_unless: str = ""  # demanded as long as that path is not given
    required_with: str = ""  # demanded as soon as that path, or anything below it, is given
    required_for: Mapping[str, frozenset[str]] = field(default_factory=dict)  # path -> its values that demand this one
    high_for: Mapping[str, Mapping[str, int]] = field(default_factory=dict)  # path -> its value -> `high` beside it
    not_with: str = ""  # refused while that path is given, too
    min_items: int | None = None
    max_items: int | None = None
    max_length: int | None = None
    unread: bool = False  # the vendor does not return its value, or a part of it
    filled_with: str = ""  # the vendor fills it in by itself as soon as that path is given
    shared: bool = False  # a list that others add items to: only ours count, see Change.dropped
    needs: str = ""  # capability that not every account of the vendor has
    support: Support = Support.SERVED
    hint: str = ""


Table = Mapping[str, Rule]

OPERATOR = Rule(Mutability.OPERATOR)
CHILD = Rule(Mutability.CHILD)
NOT_IMPLEMENTED = Rule(support=Support.NOT_IMPLEMENTED)


def unsupported(hint: str = "") -> Rule:
    """A field that the vendor lacks."""
    return Rule(support=Support.UNSUPPORTED, hint=hint)
