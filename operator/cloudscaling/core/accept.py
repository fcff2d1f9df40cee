"""Can this spec be carried out on this vendor? All that can be said without the cloud. Called by the planners.

Rule: a problem names one path, and only that path is kept from the cloud, unless the problem is fatal.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from cloudscaling.core.diff import leaves
from cloudscaling.core.fields import Rule, Support, Table
from cloudscaling.core.model import Fields, Json

BLOCKS = ("huawei", "otc", "alibaba", "tencent")
Given = tuple[str, Json, Rule | None]
FATAL = frozenset({"VendorBlockMismatch", "DuplicateOwner"})


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a field is not carried out: reason of Accepted=False, the path, and a sentence for people."""

    path: str
    reason: str
    message: str

    @property
    def fatal(self) -> bool:
        """True when nothing of the object may be written."""
        return self.reason in FATAL


def check(
    spec: Fields, table: Table, *, vendor: str, block: str, features: frozenset[str] = frozenset()
) -> tuple[Problem, ...]:
    """Every problem of `spec` with the vendor's table, the gravest first; `features` are what the account can do."""
    mismatch = [
        Problem(other, "VendorBlockMismatch", f"{other}: the account is of vendor {vendor}; use the {block} block")
        for other in BLOCKS
        if other != block and other in spec
    ]
    if mismatch:
        return tuple(mismatch)
    given = list(leaves(spec, table))
    found = [problem for path, value, rule in given for problem in _judge(path, value, rule, table, vendor)]
    found += [*_missing(given, table, vendor), *_too_high(given)]
    found += [
        Problem(path, "Unsupported", f"{path}: the account does not offer {rule.needs}")
        for path, _, rule in given
        if rule is not None and rule.needs and rule.needs not in features
    ]
    paths = {path for path, value, _ in given if value}
    found += [
        Problem(path, "InvalidValue", f"{path}: {vendor} takes it only without {rule.not_with}")
        for path, _, rule in given
        if rule is not None and rule.not_with and path in paths and _given(rule.not_with, paths)
    ]
    return tuple(found)


def _judge(path: str, value: Json, rule: Rule | None, table: Table, vendor: str) -> Iterator[Problem]:
    if rule is None and _has_item_rules(path, table):
        rule = Rule()
    if rule is None or rule.support is Support.NOT_IMPLEMENTED:
        yield Problem(path, "NotImplemented", f"{path}: this release does not serve it for {vendor} yet")
        return
    if rule.support is Support.UNSUPPORTED:
        hint = f"; {rule.hint}" if rule.hint else ""
        yield Problem(path, "Unsupported", f"{path}: {vendor} has no such setting{hint}")
        return
    lacking = [item for item in (value if isinstance(value, list) else [value]) if _lacks(rule, item)]
    if lacking:
        hint = f"; {rule.lacking[lacking[0]]}" if rule.lacking[lacking[0]] else ""
        yield Problem(path, "Unsupported", f"{path}: {vendor} has no {lacking[0]}{hint}")
        return
    if isinstance(value, str) and value in rule.not_yet:
        yield Problem(path, "NotImplemented", f"{path}: this release does not serve {value} for {vendor} yet")
        return
    complaint = _out_of_range(value, rule) or (rule.judge(value) if rule.judge is not None else "")
    if complaint:
        yield Problem(path, "InvalidValue", f"{path}: {complaint}")
    if isinstance(value, list) and _has_item_rules(path, table):
        for index, item in enumerate(value):
            yield from _judge_item(f"{path}[{index}]", f"{path}[]", item, table, vendor)


def _lacks(rule: Rule, item: Json) -> bool:
    return isinstance(item, str) and item in rule.lacking


def _has_item_rules(path: str, table: Table) -> bool:
    return any(known.startswith(f"{path}[].") for known in table)


def _judge_item(shown: str, pattern: str, item: Json, table: Table, vendor: str) -> Iterator[Problem]:
    given = list(leaves(item, table, f"{pattern}."))
    found = [problem for path, value, rule in given for problem in _judge(path, value, rule, table, vendor)]
    own = {path: rule for path, rule in table.items() if path.startswith(f"{pattern}.")}
    for problem in (*found, *_missing(given, own, vendor, within=pattern), *_too_high(given)):
        moved = problem.message.replace(pattern, shown, 1)
        yield Problem(problem.path.replace(pattern, shown, 1), problem.reason, moved)


def _out_of_range(value: Json, rule: Rule) -> str:
    """What is wrong with `value`, "" when nothing is."""
    checks = (
        (
            rule.values is not None and not _all_in(value, rule.values or frozenset()),
            f"must be {_one_of(rule)}",
        ),
        (_is_number(value) and rule.low is not None and value < rule.low, f"{value} is below {rule.low}"),
        (_is_number(value) and rule.high is not None and value > rule.high, f"{value} is above {rule.high}"),
        (
            isinstance(value, (list, dict)) and rule.min_items is not None and len(value) < rule.min_items,
            f"needs at least {rule.min_items} items",
        ),
        (
            isinstance(value, (list, dict)) and rule.max_items is not None and len(value) > rule.max_items,
            f"takes at most {rule.max_items} items",
        ),
        (
            isinstance(value, str) and rule.max_length is not None and len(value) > rule.max_length,
            f"is longer than {rule.max_length} characters",
        ),
    )
    return next((text for wrong, text in checks if wrong), "")


def _is_number(value: Json) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _all_in(value: Json, allowed: frozenset[str | int]) -> bool:
    return all(item in allowed for item in (value if isinstance(value, list) else [value]))


def _one_of(rule: Rule) -> str:
    names = ", ".join(str(value) for value in sorted(rule.values or (), key=str))
    return f"one of {names}"


def _too_high(given: Sequence[Given]) -> Iterator[Problem]:
    """Values whose limit depends on another one."""
    values = {path: value for path, value, _ in given}
    for path, value, rule in given:
        for other, limits in (rule.high_for if rule is not None else {}).items():
            beside = values.get(other)
            high = limits.get(beside) if isinstance(beside, str) else None
            if high is not None and _is_number(value) and value > high:
                yield Problem(path, "InvalidValue", f"{path}: {value} is above {high}, the limit for {beside}")


def _missing(given: Sequence[Given], table: Table, vendor: str, *, within: str = "") -> list[Problem]:
    """What is demanded and not given, of the spec itself or of an item of the list `within`."""
    values = {path: value for path, value, _ in given}
    return [
        Problem(path, "MissingValue", f"{path}: {vendor} demands it")
        for path, rule in table.items()
        if "[]" not in path[len(within) :] and path not in values and _demanded(rule, values)
    ]


def _demanded(rule: Rule, values: Mapping[str, Json]) -> bool:
    if rule.required_unless:
        return not _given(rule.required_unless, values)
    if any(values.get(path) in wanted for path, wanted in rule.required_for.items()):
        return True
    return rule.required or bool(rule.required_with and _given(rule.required_with, values))


def _given(path: str, paths: Iterable[str]) -> bool:
    return any(known == path or known.startswith(f"{path}.") for known in paths)
