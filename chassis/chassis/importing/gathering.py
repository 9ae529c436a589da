"""Rows that belong together: an order's lines stand below each other, each with the order's own columns again."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from typing import Any

from chassis.importing.columns import Said
from chassis.importing.lines import Fault


@dataclasses.dataclass
class Record:
    """What becomes one row of the API, and the rows of the file that say it."""

    rows: list[int]
    values: dict[str, Any]
    faults: list[Fault]

    def take(self, said: Said, into: str) -> None:
        """One row more. It may leave out what the first one says, but not say otherwise."""
        self.rows.append(said.row)
        self.faults += said.faults
        for name, value in said.values.items():
            if self.values.get(name, value) != value:
                self.faults.append(Fault(said.row, name, f"Row {self.rows[0]} of the same record says otherwise"))
        if said.part:
            self.values.setdefault(into, []).append(dict(said.part))


def alone(rows: Iterable[Said]) -> Iterator[Record]:
    """Each row for itself."""
    for said in rows:
        yield Record([said.row], dict(said.values), list(said.faults))


def gathered(rows: Iterable[Said], key: str, into: str) -> Iterator[Record]:
    """Rows with the same key below each other as one record, their parts as the list ``into``.

    A row whose key cannot be read may belong to its neighbour above or below: it spoils both.
    """
    gathering = _Gathering(key, into)
    for said in rows:
        yield from gathering.take(said)
    yield from gathering.finished()


class _Gathering:
    """The record whose rows come by, and the last row that could not be given to any."""

    def __init__(self, key: str, into: str) -> None:
        self.key, self.into = key, into
        self.record: Record | None = None
        self.damaged = 0

    def take(self, said: Said) -> Iterator[Record]:
        """A row; with it perhaps the record that ended before it."""
        if self.key not in said.values:
            yield from self._spoil(said)
            return
        if self.record is None or self.record.values[self.key] != said.values[self.key]:
            yield from self.finished()
            self.record = self._begin(said)
        self.damaged = 0
        self.record.take(said, self.into)

    def finished(self) -> Iterator[Record]:
        if self.record is not None:
            yield self.record

    def _begin(self, said: Said) -> Record:
        reason = f"Row {self.damaged} cannot be read and may belong here"
        return Record([], dict(said.values), [Fault(said.row, "", reason)] if self.damaged else [])

    def _spoil(self, said: Said) -> Iterator[Record]:
        self.damaged = said.row
        faults = said.faults or [Fault(said.row, self.key, "The row does not say to which record it belongs")]
        if self.record is None:
            yield Record([said.row], {}, faults)
        else:
            self.record.rows.append(said.row)
            self.record.faults += faults


def place_of(pointer: str, rows: list[int], into: str) -> tuple[int, str]:
    """The row and the field that a pointer inside a record leads to: ``/lines/2/unit`` is in its third row."""
    steps = pointer.strip("/").split("/")
    if into and steps[0] == into and len(steps) > 1 and steps[1].isdigit() and int(steps[1]) < len(rows):
        return rows[int(steps[1])], "/".join(steps[2:])
    return rows[0], "/".join(steps)


def told_of(record: Record) -> list[Fault]:
    """The faults of a record, and for each row without one the reason why it goes down with the others."""
    wrong = {fault.row for fault in record.faults}
    beside = [row for row in record.rows if wrong and row not in wrong]
    return record.faults + [Fault(row, "", f"Row {min(wrong)} of the same record is refused") for row in beside]
