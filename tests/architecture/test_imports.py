"""The layers hold, the core is pure, the operator and the simulator know nothing of each other."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter.application import use_cases
from importlinter.configuration import configure

ROOT = Path(__file__).parents[2]
OPERATOR = ROOT / "operator" / "cloudscaling"
CORE = sorted((OPERATOR / "core").rglob("*.py"))


def test_the_import_contracts_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    """The contracts of pyproject.toml, all of them."""
    monkeypatch.chdir(ROOT)
    monkeypatch.syspath_prepend(str(ROOT / "operator"))
    monkeypatch.syspath_prepend(str(ROOT / "simulator"))
    configure()
    assert use_cases.lint_imports(config_filename=str(ROOT / "pyproject.toml"), cache_dir=None)


@pytest.mark.parametrize("path", CORE, ids=lambda path: path.stem)
def test_a_planner_neither_waits_nor_asks_for_the_time(path: Path) -> None:
    """No await, no clock, no randomness: time and ids come in as values."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        assert not isinstance(node, (ast.Await, ast.AsyncFunctionDef, ast.AsyncFor, ast.AsyncWith)), path
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            assert node.func.attr not in ("now", "utcnow", "today", "uuid4", "monotonic", "getLogger"), path


def kopf_decorators() -> Iterator[tuple[str, str]]:
    """(file, dotted name) of every use of kopf.on or of another decorator of kopf."""
    for path in sorted(OPERATOR.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = ast.unparse(node) if isinstance(node, ast.Attribute) else ""
            if name.startswith("kopf.on.") or name in ("kopf.timer", "kopf.daemon", "kopf.index"):
                yield str(path.relative_to(OPERATOR)), name


def test_kopf_is_used_for_watching_and_for_the_process_only() -> None:
    """Nothing of its handlers, timers, daemons or indexes reconciles anything."""
    used = set(kopf_decorators())
    assert {name for _, name in used} <= {"kopf.on.event", "kopf.on.startup", "kopf.on.cleanup", "kopf.on.login"}
    assert all(path.startswith("handlers/") for path, _ in used)
    assert ("handlers/watch.py", "kopf.on.event") in used


def test_no_vendor_is_named_outside_of_its_folder() -> None:
    """What a vendor can do is data: nothing compares with a vendor's name or reaches for a vendor's block."""
    names = {"Huawei", "OTC", "Alibaba", "Tencent"}
    blocks = {name.lower() for name in names}
    for folder in ("core", "engine"):
        for path in sorted((OPERATOR / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Compare):
                    words = {c.value for c in ast.walk(node) if isinstance(c, ast.Constant)}
                    assert not words & names, f"{path}:{node.lineno}"
                if isinstance(node, ast.Attribute):
                    assert node.attr not in blocks, f"{path}:{node.lineno}"
