"""Which tests show which faults: read from the marks in the sources, so that no test has to be collected for it."""

from __future__ import annotations

import ast
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def shown_by() -> dict[int, list[str]]:
    """Names of tests (``path::name``) by the number of the fault they are marked with."""
    found: dict[int, list[str]] = defaultdict(list)
    for path in test_files():
        for name, number in marks_in(path.read_text()):
            place = f"{path.relative_to(ROOT)}::{name}"
            if place not in found[number]:
                found[number].append(place)
    return found


def test_files() -> list[Path]:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*test_*.py"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    return [ROOT / name for name in sorted(listed) if (ROOT / name).exists()]


def marks_in(source: str) -> Iterator[tuple[str, int]]:
    """Each test with each number in its decorators, those of its parameters included."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            for decorator in node.decorator_list:
                yield from ((node.name, number) for number in numbers_in(decorator))


def numbers_in(decorator: ast.expr) -> Iterator[int]:
    for node in ast.walk(decorator):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.fault":
            yield from map(int, map(ast.unparse, node.args))
