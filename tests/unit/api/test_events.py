"""The table of Events, and what the code can post."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

from cloudscaling.api import meta
from cloudscaling.api.events import EVENTS, ON_EVERY_KIND
from cloudscaling.core.transitions import OF_CONDITIONS

PACKAGE = Path(__file__).parents[3] / "operator" / "cloudscaling"
# Promised by the table, and no release posts them yet: what they tell of is not built.
NOT_YET = {
    "Advice",  # a vendor that gives advice
    *("PausedByPolicy", "PausedByFailure", "RolledBack", "Cancelled"),  # InstanceRefresh
}


def promised() -> set[str]:
    tables = (ON_EVERY_KIND, *EVENTS.values())
    return {reason for table in tables for reason in (*table.normal, *table.warning)}


def posted() -> set[str]:
    """Every reason that a Notice is made with: words, tables of words, functions that choose one."""
    found = {event for event, _ in OF_CONDITIONS.values()}
    for path in [*PACKAGE.glob("core/**/*.py"), *PACKAGE.glob("engine/**/*.py")]:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        functions = [node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
        known = _assigned(tree.body) | {function.name: _returned(function) for function in functions}
        for scope in functions:
            defined = known | _assigned(ast.walk(scope))
            calls = [n for n in ast.walk(scope) if isinstance(n, ast.Call) and ast.unparse(n.func) == "Notice"]
            found |= {word for call in calls if call.args for word in _words(call.args[0], defined)}
    return found


def _assigned(nodes: Iterable[ast.AST]) -> dict[str, list[ast.expr]]:
    found: dict[str, list[ast.expr]] = {}
    for node in nodes:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found.setdefault(node.targets[0].id, []).append(node.value)
    return found


def _returned(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.expr]:
    return [node.value for node in ast.walk(function) if isinstance(node, ast.Return) and node.value is not None]


def _words(node: ast.expr, defined: dict[str, list[ast.expr]]) -> Iterator[str]:
    match node:
        case ast.Constant(value=str(word)):
            yield word
        case ast.IfExp(body=body, orelse=otherwise):
            yield from (word for part in (body, otherwise) for word in _words(part, defined))
        case ast.Dict(values=values):
            yield from (word for part in values for word in _words(part, defined))
        case ast.Name(id=name):
            yield from (word for part in defined.get(name, ()) for word in _words(part, defined))
        case ast.Call(func=ast.Attribute(value=table, attr="get"), args=arguments):
            yield from (word for part in (table, *arguments[1:]) for word in _words(part, defined))
        case ast.Call(func=function):
            yield from _words(function, defined)


def test_every_kind_has_its_events() -> None:
    """And none that every kind has anyway."""
    assert EVENTS.keys() == meta.KINDS.keys()
    general = {*ON_EVERY_KIND.normal, *ON_EVERY_KIND.warning}
    for kind, events in EVENTS.items():
        reasons = [*events.normal, *events.warning]
        assert len(set(reasons)) == len(reasons), kind
        assert not general & set(reasons), kind


def test_the_code_posts_no_event_that_the_table_does_not_name() -> None:
    """Who filters Events by their reason can rely on the table."""
    assert posted() - promised() == set()


def test_the_code_can_post_every_event_of_the_table() -> None:
    """What belongs to something that is not built yet is named above."""
    assert promised() - posted() == NOT_YET
