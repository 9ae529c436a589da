"""A copy of the house in which a how-to page is followed word by word."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = ROOT / "docs" / "how-to"
COPIED = ("chassis", "contracts", "deploy", "docs", "gateway", "services", "tests")
COPIED_FILES = ("conftest.py", "pyproject.toml", "CODEOWNERS")
FENCE = re.compile(r"^ *```(?P<language>\w*)\n(?P<text>.*?)^ *```$", re.MULTILINE | re.DOTALL)


def blocks(page: str) -> Iterator[str]:
    """What a page says to write, in order; commands for a shell are left out."""
    for found in FENCE.finditer((PAGES / page).read_text()):
        if found["language"] != "sh":
            yield found["text"]


class Copy:
    """A copy of the house; its packages are used instead of ours by what is run in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in COPIED:
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
        for name in COPIED_FILES:
            shutil.copy(ROOT / name, folder / name)

    def text(self, path: str) -> str:
        return (self.folder / path).read_text()

    def new(self, path: str, text: str) -> None:
        (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / path).write_text(text)

    def add(self, path: str, text: str) -> None:
        """At the end."""
        self.new(path, f"{self.text(path).rstrip()}\n\n\n{text}")

    def replace(self, path: str, old: str, new: str) -> None:
        """The first place where ``old`` stands."""
        assert old in self.text(path), f"{path} has no {old!r} any more; does the page still say where?"
        self.new(path, self.text(path).replace(old, new, 1))

    def after(self, path: str, anchor: str, text: str) -> None:
        self.replace(path, anchor, anchor + text)

    def before(self, path: str, anchor: str, text: str) -> None:
        self.replace(path, anchor, text + anchor)

    def run(self, *module: str) -> None:
        """``python -m`` with these arguments."""
        projects = [path.parent for path in self.folder.glob("**/pyproject.toml")]
        environment = os.environ | {
            "PYTHONPATH": os.pathsep.join(map(str, projects)),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        }
        command = [sys.executable, "-m", *module]
        done = subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    def check(self, *tests: str) -> None:
        """How a page ends: the formal checks that need no copy of their own caches, and its own tests."""
        self.run("ruff", "format", "--no-cache", "--check", ".")
        self.run("ruff", "check", "--no-cache", ".")
        self.run("guanxi", "contracts", "--check")
        self.run("pytest", "-q", "-p", "no:cacheprovider", *tests)
