"""A file in parts as large as a batch: laid down when it was read, checked when its turn comes."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import marshmallow as ma

from chassis.bulk import MOST_ROWS, CheckedRows, Refusal, Row
from chassis.events import encode
from chassis.fields import pointers
from chassis.importing.declared import Import
from chassis.importing.lines import Fault
from chassis.importing.reading import Reading

Values = Mapping[str, Any]


@dataclasses.dataclass(frozen=True)
class Found:
    """A file that was read: its good rows in parts as large as a batch, and the faults of the others."""

    parts: Sequence[bytes]
    faults: Sequence[Fault]
    rows: int
    columns: Sequence[Values]


def found_in(reading: Reading) -> Found:
    """Everything in the file, once. Raises Unreadable."""
    parts: list[bytes] = []
    faults: list[Fault] = []
    part: list[tuple[int, Values]] = []
    rows = 0
    for said in reading.rows():
        rows += 1
        faults += said.faults
        if not said.faults:
            part.append((said.row, said.values))
        if len(part) == MOST_ROWS:
            parts.append(encode(part))
            part = []
    columns = [{"header": one.header, "field": one.field.name if one.field else None} for one in reading.placed]
    return Found([*parts, encode(part)] if part else parts, faults, rows, columns)


def checked(declared: Import, said: Iterable[tuple[int, Any]]) -> CheckedRows:
    """Rows as the bulk endpoint checks them; they keep the number that they have in the file."""
    good: list[Row] = []
    refused: list[Refusal] = []
    for row, values in said:
        try:
            good.append(Row(row, declared.check(values)))
        except ma.ValidationError as error:
            found = pointers(error.messages_dict)
            refused += [Refusal(row, f"/rows/{row}{one['pointer']}", one["detail"]) for one in found]
    return CheckedRows(good, refused)
