"""Where operations are called from, read off the source: client method, port method, callers. Called by rows.

Nothing is run: the vendor folder, engine and cli are parsed. A call is followed by its name: `self._client.x`,
`client.x`, a function of a module of the vendor folder, and a method of the same class.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "operator" / "cloudscaling"
FOLDER = PACKAGE / "vendors" / "huawei"
PORTS = {
    "Groups": "groups",
    "LaunchConfigurations": "launch_configurations",
    "Policies": "policies",
    "Instances": "instances",
    "Hooks": "hooks",
    "Notifications": "notifications",
    "ScheduledTasks": "scheduled_tasks",
    "WarmPools": "warm_pools",
    "Cloud": "",
}
_CLIENT = ("client", "calls")  # heads of the names of the modules that hold one method per operation
Function = tuple[str, str, str]  # module, class or "", name


def port_methods(operations: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Operation -> the methods of ports.Cloud through which it is reached, such as `groups.update`."""
    known = frozenset(operations)
    functions = dict(_functions())
    by_name = defaultdict(set)
    for (module, _, name), node in functions.items():
        if module.split("_")[0] in _CLIENT:
            by_name[name] |= _constants(node) & known
    found: dict[str, set[str]] = defaultdict(set)
    for module, owner, name in functions:
        if module.split("_")[0] in _CLIENT or owner not in PORTS or name.startswith("_"):
            continue
        shown = f"{PORTS[owner]}.{name}".strip(".")
        for called in _reached((module, owner, name), functions):
            for operation in by_name.get(called, ()):
                found[operation].add(shown)
    return {operation: tuple(sorted(methods)) for operation, methods in found.items()}


def callers(packages: Iterable[str] = ("engine", "cli")) -> dict[str, frozenset[str]]:
    """Method of ports.Cloud -> packages of the operator that call it."""
    found: dict[str, set[str]] = defaultdict(set)
    parts = frozenset(part for part in PORTS.values() if part)
    for package in packages:
        for path in sorted((PACKAGE / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                for method in _port_call(node, parts):
                    found[method].add(package)
    return {method: frozenset(names) for method, names in found.items()}


def _port_call(node: ast.AST, parts: frozenset[str]) -> Iterator[str]:
    if not isinstance(node, ast.Attribute):
        return
    inner = node.value
    if isinstance(inner, ast.Attribute) and inner.attr in parts:
        yield f"{inner.attr}.{node.attr}"
    elif node.attr in ("verify", "quotas") and ast.unparse(inner).endswith("cloud"):
        yield node.attr


def _functions() -> Iterator[tuple[Function, ast.AST]]:
    for path in sorted(FOLDER.glob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef):
                for inner in node.body:
                    if isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef)):
                        yield (path.stem, node.name, inner.name), inner
            elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                yield (path.stem, "", node.name), node


def _reached(start: Function, functions: dict[Function, ast.AST]) -> set[str]:
    """Names of the client's methods that a function calls, itself or through helpers."""
    found: set[str] = set()
    open_, seen = [start], {start}
    while open_:
        here = open_.pop()
        for node in ast.walk(functions[here]):
            if not isinstance(node, (ast.Attribute, ast.Name)):
                continue
            text = ast.unparse(node)
            head, _, name = text.rpartition(".")
            if head in ("self._client", "client"):
                found.add(name)
                step = [f for f in functions if f[0].split("_")[0] in _CLIENT and f[2] == name]
                found |= {n for f in step for n in _own_calls(functions[f])}
                continue
            module, owner, _ = here
            target = {"self": (module, owner, name), "": (module, "", name)}.get(head, (head, "", name))
            if target in functions and target not in seen:
                seen.add(target)
                open_.append(target)
    return found


def _own_calls(node: ast.AST) -> set[str]:
    """Methods of the client that a method of the client calls."""
    names = {ast.unparse(n) for n in ast.walk(node) if isinstance(n, ast.Attribute)}
    return {name.removeprefix("self.") for name in names if name.startswith("self.") and "." not in name[5:]}


def _constants(node: ast.AST) -> frozenset[str]:
    return frozenset(n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str))
