"""What grows is looked at: files under 400 lines, functions under 40 lines of code, no room without a purpose."""

from __future__ import annotations

import ast
import io
import subprocess
import tokenize
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LONGEST_FILE, LONGEST_FUNCTION = 400, 40
NO_ROOMS = {"utils", "helpers", "common", "misc", "manager"}


def python_files() -> list[Path]:
    found = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    paths = [ROOT / name for name in found.stdout.split()]
    return [path for path in paths if path.exists() and "versions" not in path.parts]


FILES = python_files()


def lines_of_code(source: str) -> set[int]:
    """Line numbers that hold code: no comment, no blank line, no docstring."""
    lines = {
        number
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type not in (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT)
        for number in range(token.start[0], token.end[0] + 1)
    }
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            lines -= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return lines


def long_functions(source: str) -> Iterator[str]:
    """Functions with too many lines of code, as ``line name (length)``."""
    code = lines_of_code(source)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = len(code & set(range(node.lineno, (node.end_lineno or node.lineno) + 1)))
            if length > LONGEST_FUNCTION:
                yield f"{node.lineno} {node.name} ({length})"


def test_no_file_is_longer_than_a_reader_can_hold() -> None:
    assert FILES
    long = [f"{p.relative_to(ROOT)}" for p in FILES if p.read_text().count("\n") > LONGEST_FILE]

    assert long == []


def test_no_function_is_longer_than_a_page() -> None:
    found = [f"{path.relative_to(ROOT)}:{long}" for path in FILES for long in long_functions(path.read_text())]

    assert found == []


def test_no_room_is_called_utils() -> None:
    assert [str(path.relative_to(ROOT)) for path in FILES if NO_ROOMS & {path.stem, *path.parts[:-1]}] == []


def test_the_measure_of_functions_bites() -> None:
    body = "    x = 1\n"

    assert list(long_functions("def fits():\n" + body * (LONGEST_FUNCTION - 1))) == []
    assert list(long_functions("def long():\n" + body * LONGEST_FUNCTION)) == [f"1 long ({LONGEST_FUNCTION + 1})"]
