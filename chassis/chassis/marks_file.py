"""The file beside a service's page that says what is personal in all that it hears; ``make contracts`` writes it.

Changes are the same in all events of an aggregate, and most marks speak for several fields: a line is enough for each.
``"crm.customer.contact.created": {"contact=contact_id": "name phone", "text contact=contact_id": "memo"}``.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from chassis.personal import EventMarks, Mark, Marked, Marks

TEXT = "text "
Line = Mapping[str, str]
"""By mark, the names of the fields that have it."""


class Kept(msgspec.Struct):
    """``changes`` by aggregate, ``fields`` by event type; the names of events begin with that of their aggregate."""

    changes: dict[str, dict[str, str]]
    fields: dict[str, dict[str, str]]


def written(marks: Marks) -> str:
    """The file's text."""
    changes = {_aggregate(name): _line(one.changes) for name, one in marks.items()}
    fields = {name: _line(one.fields) for name, one in marks.items()}
    return f'{{"changes": {_lines(changes)},\n"fields": {_lines(fields)}}}\n'


def read_marks(file: Path | None) -> dict[str, EventMarks]:
    """What was written. Raises msgspec.DecodeError; without a file there are no marks."""
    if file is None or not file.exists():
        return {}
    kept = msgspec.json.decode(file.read_bytes(), type=Kept)
    changes = {name: _marked(line) for name, line in kept.changes.items()}
    return {name: EventMarks(_marked(line), changes[_aggregate(name)]) for name, line in kept.fields.items()}


def _aggregate(event_type: str) -> str:
    return ".".join(event_type.split(".")[:3])


def _line(marks: Marked) -> Line:
    names: dict[str, list[str]] = {}
    for name, mark in sorted(marks.items()):
        names.setdefault(_said(mark), []).append(name)
    return {said: " ".join(found) for said, found in names.items()}


def _said(mark: Mark) -> str:
    return (TEXT if mark.is_text else "") + " ".join(f"{kind}={by}" for kind, by in mark.whose.items())


def _marked(line: Line) -> dict[str, Mark]:
    return {name: _mark(said) for said, names in line.items() for name in names.split()}


def _mark(said: str) -> Mark:
    whose = said.removeprefix(TEXT)
    return Mark(dict(part.split("=") for part in whose.split()), whose != said)


def _lines(lines: Mapping[str, Line]) -> str:
    shown = (f"  {_json(name)}: {_json(line)}" for name, line in sorted(lines.items()))
    return "{\n" + ",\n".join(shown) + "\n}"


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
