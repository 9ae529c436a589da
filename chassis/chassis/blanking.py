"""Blanking: what an event says of people who were erased becomes empty, and nothing else in it changes.

Pure, and the same wherever a copy of the event lies: in its producer's log, in a parking place, in the memory of
reporting, or still on its way. Looking for a person's values, to hand them out, goes the same way.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from typing import Any

import msgspec

from chassis.personal import ITSELF, KIND_IN, USER, EventMarks, Mark, Marked, Marks, Subject

Find = Callable[[str], Any]
"""The value of the field that holds an id, or ``UNKNOWN``."""
UNKNOWN = object()
BLANK = ""
SIDES = ("old", "new")


@dataclasses.dataclass(frozen=True)
class Wanted:
    """Whom to look for: ids by kind of subject, and of these the ones whose records' free text counts too."""

    names: Mapping[str, frozenset[str]] = dataclasses.field(default_factory=dict)
    texts: Mapping[str, frozenset[str]] = dataclasses.field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.names)

    def of(self, mark: Mark, find: Find) -> list[str]:
        """Which of them a field belongs to. One of whom nobody can say whose it is belongs to all of the kind."""
        wanted = self.texts if mark.is_text else self.names
        found = []
        for named, by in mark.whose.items():
            kind = str(find(named.removeprefix(KIND_IN))) if named.startswith(KIND_IN) else named
            ids = wanted.get(kind)
            if ids and ((key := find(by)) is UNKNOWN or str(key) in ids):
                found.append(str(Subject(kind, "?" if key is UNKNOWN else str(key))))
        return found


def wanted(subjects: Iterable[tuple[Subject, bool]]) -> Wanted:
    """Each subject with whether the free text about it counts."""
    names: dict[str, set[str]] = {}
    texts: dict[str, set[str]] = {}
    for subject, with_texts in subjects:
        names.setdefault(subject.kind, set()).add(subject.key)
        if with_texts:
            texts.setdefault(subject.kind, set()).add(subject.key)
    return Wanted(
        {kind: frozenset(keys) for kind, keys in names.items()},
        {kind: frozenset(keys) for kind, keys in texts.items()},
    )


@dataclasses.dataclass(frozen=True)
class Hit:
    """A value of somebody who is looked for, where it stands, and whose it is."""

    holder: MutableMapping[str, Any]
    name: str
    subjects: list[str]
    pointer: str

    @property
    def value(self) -> Any:
        return self.holder[self.name]

    def blank(self) -> None:
        """Several texts become as many empty ones."""
        self.holder[self.name] = [BLANK] * len(self.value) if isinstance(self.value, list) else BLANK


@dataclasses.dataclass(frozen=True)
class Blanked:
    """An event without what it said of people who were erased, and which values these were."""

    raw: bytes
    hits: list[tuple[str, Any]] = dataclasses.field(default_factory=list)
    """Subject and former value."""


def blanked(raw: bytes, marks: Marks, erased: Wanted) -> Blanked:
    """The very same bytes when nothing in them is about anybody erased. Raises msgspec.DecodeError."""
    document: dict[str, Any] = msgspec.json.decode(raw, type=dict[str, Any])
    found = list(hits_in(document, marks, erased))
    if not found:
        return Blanked(raw)
    gone = [(subject, hit.value) for hit in found for subject in hit.subjects]
    for hit in found:
        hit.blank()
    document["erased"] = sorted({*document.get("erased", ()), *(subject for subject, _ in gone)})
    return Blanked(msgspec.json.encode(document), gone)


def hits_in(document: dict[str, Any], marks: Marks, whom: Wanted) -> Iterator[Hit]:
    """Every value in an envelope that is about one of them and is not blank yet."""
    acted = {"authname": Mark({USER: "authid"})}
    yield from _hits(document, acted, whom, lambda by: document.get(by, UNKNOWN), "")
    known, data = marks.get(document.get("type", ""), EventMarks()), document.get("data")
    if isinstance(data, dict):
        yield from _hits(data, known.fields, whom, lambda by: data.get(by, UNKNOWN), "/data")
        yield from _hits_in_changes(document, data, known.changes, whom)


def _hits_in_changes(document: dict[str, Any], data: dict[str, Any], marks: Marked, whom: Wanted) -> Iterator[Hit]:
    changes = data.get("changes")
    if not isinstance(changes, dict):
        return
    for name, mark in marks.items():
        change = changes.get(name)
        if not isinstance(change, dict):
            continue
        for side in SIDES:

            def find(by: str, side: str = side) -> Any:
                if by == ITSELF:
                    return document.get("subject", "").partition("/")[2]
                moved = changes.get(by)
                return moved.get(side) if isinstance(moved, dict) else data.get(by, UNKNOWN)

            yield from _hits(change, {side: mark}, whom, find, f"/data/changes/{name}")


def hits_by_name(document: Any, marks: Mapping[str, list[Mark]], whom: Wanted, at: str = "") -> Iterator[Hit]:
    """The same in any JSON of ours: a field is known by its name and by the one beside it that says whose it is."""
    if isinstance(document, dict):
        for name, alternatives in marks.items():
            for mark in alternatives if name in document else ():
                beside = Mark({kind: by for kind, by in mark.whose.items() if by in document}, mark.is_text)
                yield from _hits(document, {name: beside}, whom, document.get, at)
    inner = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    for place, part in inner:
        yield from hits_by_name(part, marks, whom, f"{at}/{place}")


def _hits(holder: dict[str, Any], marks: Marked, whom: Wanted, find: Find, at: str) -> Iterator[Hit]:
    for name, mark in marks.items():
        value = holder.get(name)
        is_there = any(value) if isinstance(value, list) else bool(value)
        if is_there and (subjects := whom.of(mark, find)):
            yield Hit(holder, name, subjects, f"{at}/{name}")


def marks_by_name(marks: Marks) -> dict[str, list[Mark]]:
    """Every way in which events mark a field of this name; and whoever acts is a name beside a user's id."""
    found: dict[str, list[Mark]] = {"name": [Mark({USER: "user_id"}), Mark({USER: "sub"})]}
    for event in marks.values():
        for name, mark in event.fields.items():
            if mark not in found.setdefault(name, []):
                found[name].append(mark)
    return found
