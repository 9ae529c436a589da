"""Reads the requests of docs/user-guide.md and repeats them: what a reader types is what is tested."""

from __future__ import annotations

import dataclasses
import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.system import Answer, Person, System, wait_until

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "user-guide.md"
CHAPTER = "## Seven working days"
BLOCK = re.compile(r"^```(sh|json)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINE = re.compile(r"^(?:(?P<name>[A-Z_]+)=\$\((?P<inner>.*)\)|(?P<plain>ask .*))$")
MOMENT_OR_NUMBER = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z|[A-Z]{2}\d{8,}")


@dataclasses.dataclass(frozen=True)
class Typed:
    """One line that a reader types; ``answers`` is what the guide shows below it, if anything."""

    line: str
    answers: Any = None


def sections() -> dict[str, list[Typed]]:
    """The days of the chapter, each with its lines in order."""
    chapter = GUIDE.read_text().partition(f"{CHAPTER}\n")[2].partition("\n## ")[0]
    days = chapter.split("\n### ")[1:]
    return {day.partition("\n")[0]: list(_typed(day)) for day in days}


def _typed(day: str) -> Iterator[Typed]:
    lines: list[Typed] = []
    for kind, text in BLOCK.findall(day):
        if kind == "json":
            lines[-1] = dataclasses.replace(lines[-1], answers=json.loads(text))
        else:
            lines += [Typed(line) for line in text.splitlines() if line]
    yield from lines


class Reader:
    """Types line by line; waits, as a reader does, until services have heard of each other."""

    def __init__(self, guanxi: System) -> None:
        self.guanxi = guanxi
        self.people: dict[str, Person] = {}
        self.known: dict[str, str] = {}

    def type(self, typed: Typed) -> None:
        match = LINE.match(typed.line)
        assert match, f"no reader could type this here: {typed.line}"
        name, inner = match["name"], match["inner"] or match["plain"]
        if name and inner.startswith("token "):
            self.people[name] = self.guanxi.person(inner.removeprefix("token "))
            return
        asked, _, field = inner.partition(" | field ")
        found = wait_until(lambda: self._fitting(asked, typed.answers, field), typed.line)
        if name:
            self.known[name] = str(found.json[field])

    def _fitting(self, asked: str, expected: Any, field: str) -> Answer | None:
        """The answer, if it is what the guide shows: else it is asked again."""
        answer = self._ask(asked)
        if expected is not None:
            return answer if contains(answer.json, expected) else None
        is_there = answer.status < 300 and (not field or answer.json[field] is not None)
        return answer if is_there else None

    def _ask(self, asked: str) -> Answer:
        for name, value in self.known.items():
            asked = re.sub(rf"\${name}\b", value, asked)
        _, who, method, path, *options = shlex.split(asked)
        body = json.loads(options[options.index("-d") + 1]) if "-d" in options else None
        return self.people[who.removeprefix("$")].ask(method, f"/api{path}", body)


def contains(found: Any, shown: Any) -> bool:
    """Whether an answer is what the guide shows of it: fields and rows may be left out, moments and numbers differ."""
    if isinstance(shown, dict):
        return isinstance(found, dict) and all(name in found and contains(found[name], shown[name]) for name in shown)
    if isinstance(shown, list):
        return isinstance(found, list) and all(any(contains(one, wanted) for one in found) for wanted in shown)
    if isinstance(shown, str) and MOMENT_OR_NUMBER.fullmatch(shown):
        return isinstance(found, str) and bool(MOMENT_OR_NUMBER.fullmatch(found))
    return bool(found == shown)
